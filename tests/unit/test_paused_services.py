"""What is written down about a pause: found again after a crash, and only then."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from vidgen_gui.core.service import ServiceName
from vidgen_gui.pipeline.paused_services import PausedProgram, PausedServices
from vidgen_gui.services.managed.launch import LaunchSpec

WRITER = ServiceName.SCRIPT_WRITER
THEIRS = PausedProgram(
    "qwen.gguf",
    LaunchSpec(
        "llama-server",
        ("/opt/llama-server", "-m", "théir model.gguf", "--api-key", "secret"),
        cwd=Path("/srv/their folder"),
        env={"CUDA_VISIBLE_DEVICES": "1", "KEY": "value\nwith lines"},
        port=8080,
    ),
)


def left_by_a_dead_app(folder: Path, paused: PausedProgram) -> Path:
    """A record whose app has ended."""
    PausedServices(folder).note(WRITER, paused)
    (path,) = folder.glob("*.json")
    record = json.loads(path.read_text(encoding="utf-8"))
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait(60)
    record["owner_pid"] = dead.pid
    path.unlink()
    moved = folder / f"{WRITER.value}-{dead.pid}.json"
    moved.write_text(json.dumps(record), encoding="utf-8")
    moved.chmod(0o600)
    return moved


@pytest.mark.req("BUG-43")
@pytest.mark.parametrize(
    "paused",
    [
        THEIRS,
        PausedProgram(),
        PausedProgram("llama3:8b", unloaded=True),
        PausedProgram("small.gguf", comes_back=False),
    ],
)
def test_what_a_dead_app_left_is_taken_over_once(tmp_path: Path, paused: PausedProgram) -> None:
    old = left_by_a_dead_app(tmp_path, paused)
    mine = PausedServices(tmp_path)
    assert mine.take_over() == {WRITER: paused}
    assert not old.exists()
    # It is this app's now: no other one takes it, and a crash of this one leaves it again.
    assert PausedServices(tmp_path).take_over() == {}
    assert len(list(tmp_path.glob("*.json"))) == 1
    mine.forget(WRITER)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_nobody_else_can_read_it_or_put_a_command_there(tmp_path: Path) -> None:
    PausedServices(tmp_path).note(WRITER, THEIRS)
    (path,) = tmp_path.glob("*.json")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.unlink()
    left_by_a_dead_app(tmp_path, THEIRS).chmod(0o622)
    assert PausedServices(tmp_path).take_over() == {}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"\xff\xfe", b'{"version": 1}', b"[" * 100_000, b"x" * (2 << 20)],
)
def test_what_is_no_record_is_dropped(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "script-writer-1.json"
    path.write_bytes(content)
    path.chmod(0o600)
    assert PausedServices(tmp_path).take_over() == {}
    assert not path.exists()


def test_without_a_folder_there_is_nothing(tmp_path: Path) -> None:
    paused = PausedServices(tmp_path / "nowhere")
    assert paused.take_over() == {}
    paused.forget(WRITER)
    assert list(tmp_path.iterdir()) == []
