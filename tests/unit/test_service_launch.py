"""Command lines for llama-server and ComfyUI, and the person's own commands split up."""

import os
import stat
import sys
from pathlib import Path

import pytest

from vidgen_gui.core.errors import InputError, ServiceError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.services.managed.launch import (
    COMFYUI_READY,
    LLAMA_READY,
    ComfyOptions,
    LlamaOptions,
    comfyui_folder,
    comfyui_launch,
    find_llama_server,
    llama_server_launch,
    model_of,
)
from vidgen_gui.services.managed.own_commands import runnable, split_command

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="files are made runnable on POSIX")


def executable(path: Path, text: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "my models" / "qwen.gguf"
    path.parent.mkdir()
    path.write_bytes(b"GGUF\x03\0\0\0")
    return path


def llama(model: Path, *flags: str) -> LlamaOptions:
    return LlamaOptions(Path("llama-server"), model, 8192, 99, 8080, threads=3, extra_flags=flags)


@pytest.mark.req("BUG-41")
def test_llama_server_is_started_as_its_maker_says(model: Path) -> None:
    spec = llama_server_launch(llama(model, "--flash-attn", "on"))
    assert spec.argv == (
        *("llama-server", "-m", str(model), "-c", "8192", "-ngl", "99"),
        *("-t", "3"),
        *("--host", "127.0.0.1", "--port", "8080", "--flash-attn", "on"),
    )
    assert spec.port == 8080
    assert spec.ready_marker is LLAMA_READY
    assert model_of(spec.argv) == str(model)


@pytest.mark.parametrize(
    ("line", "ready"),
    [
        ("0.00.781.989 I srv llama_server: listening on http://127.0.0.1:18081", True),
        ("main: server is listening on http://127.0.0.1:8080 - starting the main loop", True),
        ("main: model loaded", True),
        ("srv update_slots: all slots are idle", True),
        ("main: HTTP server is listening, hostname: 127.0.0.1, port: 8080, http threads: 3", False),
        ("srv load_model: loading model '/m.gguf'", False),
    ],
)
def test_llama_servers_of_all_ages_say_when_they_are_ready(line: str, ready: bool) -> None:  # noqa: FBT001 - a table's column
    assert bool(LLAMA_READY.search(line)) is ready


def test_comfyui_says_when_it_is_ready() -> None:
    assert COMFYUI_READY.search("To see the GUI go to: http://127.0.0.1:8188")
    assert not COMFYUI_READY.search("Starting server")


def test_options_that_change_what_we_rely_on_are_heeded(model: Path) -> None:
    assert llama_server_launch(llama(model, "--log-disable")).ready_marker is None
    assert llama_server_launch(llama(model, "-lv", "0")).ready_marker is None
    assert llama_server_launch(llama(model, "--port", "9", "--port=9090")).port == 9090
    assert llama_server_launch(llama(model, "--port", "nonsense")).port == 8080
    assert llama_server_launch(llama(model, "--port")).port == 8080


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, MessageId.MODEL_FILE_MISSING),
        (b"", MessageId.MODEL_FILE_DAMAGED),
        (b"PK\x03\x04", MessageId.MODEL_FILE_DAMAGED),
        (b"<!DOCTYPE html>", MessageId.MODEL_FILE_DAMAGED),
    ],
)
def test_what_is_no_model_is_said_before_anything_starts(
    tmp_path: Path, content: bytes | None, expected: MessageId
) -> None:
    path = tmp_path / "model.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ServiceError) as caught:
        llama_server_launch(llama(path))
    assert caught.value.message.id is expected
    assert caught.value.message.params["path"] == str(path)


def test_a_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ServiceError) as caught:
        llama_server_launch(llama(tmp_path))
    assert caught.value.message.id is MessageId.MODEL_FILE_MISSING


@POSIX
def test_llama_server_is_looked_for_on_path_and_in_usual_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path / "scripts"))
    assert find_llama_server() is None
    built = executable(tmp_path / "llama.cpp" / "build" / "bin" / "llama-server")
    assert find_llama_server() == built
    on_path = executable(tmp_path / "bin" / "llama-server")
    assert find_llama_server() == on_path


def comfy(folder: Path, *flags: str, python: Path | None = None) -> ComfyOptions:
    return ComfyOptions(folder, 8188, python, flags)


@pytest.fixture
def comfyui(tmp_path: Path) -> Path:
    folder = tmp_path / "ComfyUI"
    folder.mkdir()
    (folder / "main.py").touch()
    return folder


@POSIX
@pytest.mark.req("BUG-41")
@pytest.mark.parametrize("venv", ["ComfyUI/venv", "ComfyUI/.venv", "venv", ".venv"])
def test_comfyui_runs_with_the_python_it_was_installed_with(
    comfyui: Path, tmp_path: Path, venv: str
) -> None:
    python = executable(tmp_path / venv / "bin" / "python")
    spec = comfyui_launch(comfy(comfyui, "--cpu"))
    assert spec.argv == (
        *(str(python), str(comfyui / "main.py"), "--listen", "127.0.0.1"),
        *("--port", "8188", "--disable-auto-launch", "--cpu"),
    )
    assert spec.cwd == comfyui
    assert spec.ready_marker is COMFYUI_READY
    assert spec.env["PYTHONUNBUFFERED"] == "1"


def test_the_chosen_python_comes_first(comfyui: Path, tmp_path: Path) -> None:
    executable(comfyui / "venv" / "bin" / "python")
    chosen = tmp_path / "miniconda" / "python"
    assert comfyui_launch(comfy(comfyui, python=chosen)).argv[0] == str(chosen)


@POSIX
def test_without_an_environment_the_systems_python_is_used(
    comfyui: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(ServiceError) as caught:
        comfyui_launch(comfy(comfyui))
    assert caught.value.message.id is MessageId.COMFYUI_PYTHON_MISSING
    python = executable(tmp_path / "bin" / "python3")
    assert comfyui_launch(comfy(comfyui)).argv[0] == str(python)


@pytest.mark.parametrize("given", [".", "ComfyUI"])
def test_the_portable_build_for_windows(comfyui: Path, tmp_path: Path, given: str) -> None:
    python = executable(tmp_path / "python_embeded" / "python.exe")
    spec = comfyui_launch(comfy(tmp_path / given))
    assert spec.argv[:3] == (str(python), "-s", str(comfyui / "main.py"))
    assert "--windows-standalone-build" in spec.argv
    assert spec.cwd == comfyui


def test_a_folder_without_comfyui(tmp_path: Path) -> None:
    with pytest.raises(ServiceError) as caught:
        comfyui_folder(tmp_path)
    assert caught.value.message.id is MessageId.COMFYUI_FOLDER_WRONG


def test_a_silenced_comfyui_is_ready_by_its_answer_alone(comfyui: Path, tmp_path: Path) -> None:
    python = tmp_path / "python"
    silenced = comfyui_launch(comfy(comfyui, "--verbose", "ERROR", python=python))
    talking = comfyui_launch(comfy(comfyui, "--verbose", "DEBUG", python=python))
    assert silenced.ready_marker is None
    assert talking.ready_marker is COMFYUI_READY
    assert comfyui_launch(comfy(comfyui, "--port", "8189", python=python)).port == 8189


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("start_qwen.sh", ("start_qwen.sh",)),
        ("  a   b\tc\n", ("a", "b", "c")),
        ("'my script.sh' --name \"two words\"", ("my script.sh", "--name", "two words")),
        (r"my\ script.sh", ("my script.sh",)),
        ("say 'a & b; c > d'", ("say", "a & b; c > d")),
        ("run --range 1-2 a=b x|y".replace("|", ":"), ("run", "--range", "1-2", "a=b", "x:y")),
        ("GPU=0 llama-server -c 1", ("env", "GPU=0", "llama-server", "-c", "1")),
        ("server --url=http://x/?a=b", ("server", "--url=http://x/?a=b")),
        ("日本語 --ünï", ("日本語", "--ünï")),
    ],
)
def test_commands_are_split_as_a_shell_does(text: str, parts: tuple[str, ...]) -> None:
    assert split_command(text, windows=False) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (r"C:\AI\start.bat --port 1", (r"C:\AI\start.bat", "--port", "1")),
        (r'"C:\My Files\start.bat" "two words"', (r"C:\My Files\start.bat", "two words")),
        (r'run --dir="C:\My Files\x" y', ("run", r"--dir=C:\My Files\x", "y")),
        ("it's fine", ("it's", "fine")),
        (r"\\server\share\run.exe", (r"\\server\share\run.exe",)),
        ('run ""', ("run", "")),
    ],
)
def test_commands_on_windows_keep_their_backslashes(text: str, parts: tuple[str, ...]) -> None:
    assert split_command(text, windows=True) == parts


@POSIX
def test_home_and_variables_are_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/mia")
    monkeypatch.setenv("MODELS", "/data/my models")
    command = "~/bin/run.sh -m $MODELS/q.gguf --home ~ a~b $NOT_SET_ANYWHERE"
    assert split_command(command, windows=False) == (
        *("/home/mia/bin/run.sh", "-m", "/data/my models/q.gguf"),
        *("--home", "/home/mia", "a~b", "$NOT_SET_ANYWHERE"),
    )


@pytest.mark.parametrize("windows", [True, False])
@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("run && other", "&&"),
        ("run &", "&"),
        ("run | tee log", "|"),
        ("run > log.txt", ">"),
        ("run `date`", "`"),
        ("run $(date)", "$("),
    ],
)
def test_what_only_a_shell_understands_is_refused(
    text: str,
    sign: str,
    windows: bool,  # noqa: FBT001 - a table's column
) -> None:
    with pytest.raises(InputError) as caught:
        split_command(text, windows=windows)
    assert caught.value.message.id is MessageId.COMMAND_NEEDS_SHELL
    assert caught.value.message.params["sign"] == sign


@pytest.mark.parametrize("windows", [True, False])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", MessageId.COMMAND_EMPTY),
        (" \n ", MessageId.COMMAND_EMPTY),
        ('run "half', MessageId.COMMAND_QUOTES),
    ],
)
def test_what_is_no_command_is_said(
    text: str,
    expected: MessageId,
    windows: bool,  # noqa: FBT001 - a table's column
) -> None:
    with pytest.raises(InputError) as caught:
        split_command(text, windows=windows)
    assert caught.value.message.id is expected


@POSIX
def test_a_program_is_found_from_its_folder_or_on_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = executable(tmp_path / "work" / "start.sh")
    there = executable(tmp_path / "bin" / "start.sh")
    monkeypatch.setenv("PATH", f"{there.parent}{os.pathsep}{os.environ['PATH']}")
    assert runnable(("start.sh", "x"), None) == (str(there), "x")
    assert runnable(("start.sh",), here.parent) == (str(here),)
    assert Path(runnable(("./start.sh",), here.parent)[0]) == here
    assert runnable((sys.executable, "-V"), None) == (sys.executable, "-V")
    for missing in ("no-such-program", "./start.sh", str(tmp_path)):
        with pytest.raises(ServiceError) as caught:
            runnable((missing,), tmp_path)
        assert caught.value.message.id is MessageId.COMMAND_NOT_FOUND


@POSIX
def test_scripts_that_the_system_would_not_run_are_explained(tmp_path: Path) -> None:
    no_line = executable(tmp_path / "no_line.sh", "echo hello\n")
    not_allowed = tmp_path / "not_allowed.sh"
    not_allowed.write_text("#!/bin/sh\n", encoding="utf-8")
    for path, expected in (
        (no_line, MessageId.COMMAND_NO_FIRST_LINE),
        (not_allowed, MessageId.COMMAND_NOT_RUNNABLE),
    ):
        with pytest.raises(ServiceError) as caught:
            runnable((str(path),), None)
        assert caught.value.message.id is expected
        assert caught.value.message.params["path"] == str(path)
