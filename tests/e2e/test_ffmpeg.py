"""FFmpeg found, checked, run and failing in every way, and what media files say of themselves."""

import os
import stat
import sys
import threading
import time
import wave
from collections.abc import Callable
from pathlib import Path

import pytest
from busy_machine import in_time

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, MediaError, ProgramError, StorageError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.minima import MIN_BYTES, FileKind
from vidgen_gui.media.ffmpeg import (
    ProgressReader,
    ffmpeg_error,
    ffmpeg_version,
    find_ffmpeg,
    inspect_ffmpeg,
    run_ffmpeg,
    telling_line,
)
from vidgen_gui.media.probe import checked_duration_s, probe
from vidgen_gui.system.outcome import ProcessOutcome

ENDLESS = ["-re", "-f", "lavfi", "-i", "testsrc2=size=64x64", "-f", "null", "-"]
Script = Callable[[str], Path]


@pytest.fixture(scope="module")
def ffmpeg() -> Path:
    return find_ffmpeg(environ={})


@pytest.fixture
def program(tmp_path: Path) -> Script:
    """Writes a program that is not FFmpeg but sits in its place."""

    def write(body: str) -> Path:
        path = tmp_path / "ffmpeg-of-mine"
        path.write_text(f"#!{sys.executable}\n{body}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return write


@pytest.mark.req("O3")
def test_the_bundled_ffmpeg_is_found_and_can_do_what_is_needed(ffmpeg: Path) -> None:
    build = inspect_ffmpeg(ffmpeg)
    assert "imageio_ffmpeg" in str(build.path)
    assert build.version[0] in "n123456789"
    assert {"libx264", "aac", "h264_nvenc"} <= build.encoders
    assert {"ebur128", "aresample", "scale", "amix"} <= build.filters
    assert not any("=" in name for name in build.encoders)


def test_a_named_ffmpeg_comes_first_and_is_never_replaced(program: Script, tmp_path: Path) -> None:
    mine = program("pass")
    assert find_ffmpeg(str(mine), environ={}) == mine
    assert find_ffmpeg("/not/used", environ={"VIDGEN_FFMPEG": str(mine)}) == mine
    assert find_ffmpeg("", environ={"VIDGEN_FFMPEG": "  "}) == find_ffmpeg("", environ={})
    with pytest.raises(ProgramError) as caught:
        find_ffmpeg(str(tmp_path / "gone"), environ={})
    assert caught.value.message.id is MessageId.FFMPEG_MISSING


@pytest.mark.req("O3")
def test_what_is_no_ffmpeg_or_lacks_an_encoder_is_refused(program: Script) -> None:
    with pytest.raises(ProgramError) as caught:
        inspect_ffmpeg(program("print('hello')"))
    assert caught.value.message.id is MessageId.FFMPEG_FAILED
    poor = program(
        "import sys\n"
        "print('ffmpeg version 4.0 Copyright') if '-version' in sys.argv else None\n"
        "print(' A....D aac  AAC') if '-encoders' in sys.argv else None\n"
        "print(' .S scale V->V Scale') if '-filters' in sys.argv else None\n"
    )
    with pytest.raises(ProgramError) as caught:
        inspect_ffmpeg(poor)
    assert caught.value.message.params["words"] == "4.0 lacks aresample, ebur128, libx264"


def test_a_missing_ffmpeg_has_its_own_words(tmp_path: Path) -> None:
    for work in (ffmpeg_version, lambda path: run_ffmpeg(path, ["x"], deadline_s=5)):
        with pytest.raises(ProgramError) as caught:
            work(tmp_path / "gone")
        assert caught.value.message.id is MessageId.FFMPEG_MISSING


@pytest.mark.req("ERR-6")
def test_progress_is_streamed(ffmpeg: Path) -> None:
    seconds: list[float] = []
    source = ["-f", "lavfi", "-i", "testsrc2=size=320x240:duration=2"]
    run_ffmpeg(ffmpeg, [*source, "-f", "null", "-"], deadline_s=60, on_seconds=seconds.append)
    assert seconds == sorted(seconds)
    assert seconds[-1] == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("out_time_us=1500000", [1.5]),
        ("out_time_us=-20", [0.0]),
        ("out_time_us=N/A", []),
        ("out_time_us", []),
        ("progress=end", []),
        ("frame=12", []),
    ],
)
def test_progress_lines(line: str, seconds: list[float]) -> None:
    heard: list[float] = []
    ProgressReader(heard.append)(line)
    assert heard == seconds


@pytest.mark.req("F3", "ERR-15")
def test_an_error_names_its_cause(ffmpeg: Path, tmp_path: Path) -> None:
    with pytest.raises(ProgramError) as caught:
        run_ffmpeg(ffmpeg, ["-i", "/no/such.wav", str(tmp_path / "a.mp4")], deadline_s=60)
    assert caught.value.message.id is MessageId.FFMPEG_FAILED
    assert "No such file" in caught.value.message.params["words"]
    source = ["-f", "lavfi", "-i", "testsrc2=duration=1", "-c:v", "nothing264"]
    with pytest.raises(ProgramError) as caught:
        run_ffmpeg(ffmpeg, [*source, str(tmp_path / "a.mp4")], deadline_s=60)
    assert "Unknown encoder 'nothing264'" in caught.value.message.params["words"]


@pytest.mark.parametrize(
    ("stderr", "words"),
    [
        ("", ""),
        ("Conversion failed!", "Conversion failed!"),
        (
            "[out#0/mp4 @ 0x55] Error muxing a packet\n[aac @ 0x7f] Input contains NaN",
            "[aac] Input contains NaN",
        ),
        (
            "[aist#0:0/pcm_s16le @ 0x55] Guessed Channel Layout: mono\n[in#0 @ 0x7f] Invalid data",
            "[in#0] Invalid data",
        ),
        (
            "Input #0, wav, from 'a.wav':\n  Duration: 00:05.17\n[in#1 @ 0x7f] Error opening input",
            "[in#1] Error opening input",
        ),
    ],
)
def test_the_line_that_tells_most(stderr: str, words: str) -> None:
    assert telling_line(stderr) == words


def test_a_system_that_gives_no_more_threads_is_named(tmp_path: Path) -> None:
    said = (
        "[aist#0:0/pcm_s16le @ 0x55] Guessed Channel Layout: mono\n"
        "[out#0/null @ 0x56] pthread_create() failed: Resource temporarily unavailable\n"
        "[fc#0 @ 0x56] Error sending frames to consumers: Resource temporarily unavailable"
    )
    error = ffmpeg_error(ProcessOutcome("ffmpeg", 1, said, 0.1), tmp_path / "ffmpeg")
    assert error.message.id is MessageId.SYSTEM_LIMIT
    assert "Resource temporarily unavailable" in error.message.params["words"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux' /dev/full")
def test_a_full_disk_is_told_apart(ffmpeg: Path) -> None:
    source = ["-f", "lavfi", "-i", "testsrc2=duration=1", "-f", "mp4"]
    with pytest.raises(StorageError) as caught:
        run_ffmpeg(ffmpeg, [*source, "/dev/full"], deadline_s=60)
    assert caught.value.message.id is MessageId.DISK_FULL
    assert caught.value.message.params["path"] == "/dev/full"


@pytest.mark.req("A5", "E2")
def test_a_hanging_ffmpeg_is_killed_at_its_deadline(ffmpeg: Path) -> None:
    started = time.monotonic()
    with pytest.raises(ProgramError) as caught:
        run_ffmpeg(ffmpeg, ENDLESS, deadline_s=0.5)
    assert caught.value.message.id is MessageId.PROGRAM_HANGS
    assert caught.value.message.params["program"] == "FFmpeg"
    assert in_time(time.monotonic() - started, 5.0)


@pytest.mark.req("ERR-15", "A3", "E1")
def test_a_cancel_kills_it_and_all_its_children(program: Script) -> None:
    """The stand-in starts a child of its own; the test's fixtures fail if either survives."""
    stubborn = program(
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print('out_time_us=1', flush=True)\n"
        "time.sleep(60)"
    )
    token = CancelToken()
    begun = threading.Event()
    cancelled_at: list[float] = []

    def cancel_once_begun() -> None:
        begun.wait(60)
        cancelled_at.append(time.monotonic())
        token.cancel()

    canceller = threading.Thread(target=cancel_once_begun)
    canceller.start()
    with pytest.raises(Cancelled):
        run_ffmpeg(
            stubborn, [], deadline_s=60, cancel=token, on_seconds=lambda _seconds: begun.set()
        )
    ended_at = time.monotonic()
    canceller.join()
    assert in_time(ended_at - cancelled_at[0], 1.0)


@pytest.mark.req("ERR-6", "E4")
def test_no_pipe_fills_however_much_is_said(program: Script) -> None:
    chatty = program(
        "import sys\n"
        "for n in range(60000):\n"
        "    print(f'line {n} ' + 'x' * 60, file=sys.stderr)\n"
        "    print('frame=1')\n"
        "print('the cause', file=sys.stderr)\n"
        "sys.exit(3)"
    )
    with pytest.raises(ProgramError) as caught:
        run_ffmpeg(chatty, ["out"], deadline_s=60, on_seconds=lambda _seconds: None)
    kept = caught.value.detail.splitlines()
    assert kept[-1] == "the cause"
    assert len(kept) < 100


def silence(path: Path, seconds: float) -> Path:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(22_050)
        out.writeframes(bytes(2 * round(22_050 * seconds)))
    return path


def test_facts_of_a_sound(tmp_path: Path) -> None:
    facts = probe(silence(tmp_path / "a.wav", 1.5), FileKind.SOUND)
    assert facts.duration_s == pytest.approx(1.5, abs=0.001)
    assert facts.audios[0].codec == "pcm"
    assert (facts.audios[0].channels, facts.audios[0].sample_rate_hz) == (1, 22_050)


@pytest.mark.req("BUG-19", "AUD-23", "LBL-12", "K2")
@pytest.mark.parametrize("stated", [None, "", "0", 0, -5, "nan", "inf", "-inf", 9e12, "later"])
def test_lengths_that_cannot_be_are_an_error_of_that_file(stated: object) -> None:
    with pytest.raises(MediaError) as caught:
        checked_duration_s(stated, Path("song.mp3"), FileKind.SOUND)
    assert caught.value.message.id is MessageId.SOUND_INVALID
    assert caught.value.message.params["file"] == "song.mp3"


@pytest.mark.req("T1")
def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    text = tmp_path / "song.mp3"
    text.write_text("no music at all " * 200)
    empty = silence(tmp_path / "empty.wav", 0)
    sound = silence(tmp_path / "sound.wav", 1)
    for path, kind in (
        (tmp_path / "gone.wav", FileKind.SOUND),
        (tmp_path, FileKind.SOUND),
        (text, FileKind.SOUND),
        (empty, FileKind.SOUND),
        (sound, FileKind.VIDEO),
    ):
        with pytest.raises(MediaError) as caught:
            probe(path, kind)
        assert caught.value.message.params["file"] == path.name


@pytest.mark.req("BUG-7", "AUD-4")
@pytest.mark.parametrize("kind", [FileKind.SOUND, FileKind.VIDEO])
def test_a_file_below_its_kind_s_minimum_is_damaged(tmp_path: Path, kind: FileKind) -> None:
    path = silence(tmp_path / "short.wav", 0.001)
    assert path.stat().st_size < MIN_BYTES[kind]
    with pytest.raises(MediaError, match="only 88 bytes"):
        probe(path, kind)


@pytest.mark.req("ERR-14", "AUD-16")
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_probing_waits_for_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(MediaError, match="not a regular file"):
        probe(tmp_path / "pipe.wav", FileKind.SOUND)
    with pytest.raises(MediaError, match="too long"):
        probe(silence(tmp_path / "a.wav", 1), FileKind.SOUND, deadline_s=-1)
