"""``vidgen-gui make`` from the outside: what it prints, leaves and answers."""

import json
import os
import pty
import re
import signal
import sys
import threading
from datetime import date
from pathlib import Path

import pytest
from kit import RUN_LIMIT_S, App, Run, boxes, loudness, sidecar, streams, wait_until

from vidgen_gui.core.minima import FileKind
from vidgen_gui.media.probe import probe

SECONDS = 30.0
"""For what takes one or two when the machine does nothing else."""
TOPIC = "The quiet power of morning walks"


@pytest.mark.slow
@pytest.mark.req("N2", "H1", "K3")
def test_a_topic_becomes_a_finished_video(fresh_app: App) -> None:
    app = fresh_app
    ended = app.make("--topic", TOPIC, "--length", "short", "--seed", "42")
    assert (ended.code, ended.stderr) == (0, "")
    assert ended.failures == []
    [video] = ended.videos
    title = ended.report["videos"][0]["title"]
    assert re.fullmatch(rf"{date.today()} [a-z0-9][a-z0-9-]*\.mp4", video.name)  # noqa: DTZ011
    assert video.parent == app.out
    assert boxes(video).index("moov") < boxes(video).index("mdat")
    told = streams(video)
    for wanted in ("h264 (High)", "yuv420p(tv, bt709", "512x768", "30 fps", "aac (LC)", "48000 Hz"):
        assert wanted in told
    kept = sidecar(video)
    assert kept["title"] == title
    facts = probe(video, FileKind.VIDEO)
    assert abs(facts.duration_s - kept["duration_s"]) < 0.1
    assert abs(facts.audios[0].duration_s - kept["duration_s"]) < 0.1
    integrated, peak = loudness(video)
    assert abs(integrated + 14) <= 0.5
    assert peak <= -1.0
    hidden = sorted(path.suffix for path in (app.out / ".vidgen").iterdir())
    assert hidden == [".jpg", ".json", ".srt"]
    assert (app.out / ".vidgen" / f"{video.stem}.jpg").read_bytes()[:2] == b"\xff\xd8"
    assert kept["request"]["topic"] == TOPIC
    assert 45 <= len(" ".join(scene["narration"] for scene in kept["scenes"]).split()) <= 120
    app.assert_nothing_left()


@pytest.mark.slow
def test_a_batch_gives_videos_that_differ_and_a_seed_gives_the_same_again(app: App) -> None:
    def scripts(*arguments: str) -> list[list[str]]:
        ended = app.make("--topic", TOPIC, "--length", "short", "--captions-only", *arguments)
        assert ended.code == 0
        return [[s["narration"] for s in sidecar(v)["scenes"]] for v in ended.videos]

    first, second = scripts("--count", "2", "--seed", "41")
    assert first != second
    [again] = scripts("--seed", "42")
    assert again == second
    names = sorted(path.name for path in app.out.glob("*.mp4"))
    assert len(names) == 3


@pytest.mark.slow
def test_captions_without_a_voice_are_in_the_topics_language(app: App) -> None:
    topic = "Warum Bienen tanzen und was sie sich erzählen"
    ended = app.make("--topic", topic, "--length", "short", "--captions-only", "--no-music")
    assert ended.code == 0
    assert "writes English around the topic" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert sidecar(ended.videos[0])["request"]["language"] == "de"


@pytest.mark.slow
def test_a_language_can_be_chosen_if_a_voice_speaks_it(app: App) -> None:
    refused = app.make("--topic", TOPIC, "--language", "de")
    assert refused.code == 2
    assert [one["message"] for one in refused.report["failed"]] == ["No voice here speaks German."]
    silent = app.make_short("--language", "de", "--captions-only", "--no-music")
    assert sidecar(silent.videos[0])["request"]["language"] == "de"
    odd = app.make("--topic", TOPIC, "--language", "../x")
    assert odd.code == 2
    assert odd.failures == ["value-invalid"]


@pytest.mark.slow
def test_a_script_of_ones_own_without_voice_and_music(app: App) -> None:
    ended = app.make_short("--captions-only", "--no-music")
    assert ended.code == 0
    kept = sidecar(ended.videos[0])
    texts = [scene["narration"] for scene in kept["scenes"]]
    assert " ".join(texts).split() == app.script.read_text().split()
    assert kept["loudness_lufs"] is None
    integrated, _ = loudness(ended.videos[0])
    assert integrated <= -69
    assert kept["request"]["seed"] == 7


@pytest.mark.slow
def test_what_captions_cannot_show_is_told_once(app: App) -> None:
    app.script.write_text("Old signs 𓀀 𓀁 𓀂.\n\nMore signs 𓀀 𓀃 𓀄 and 𓀅.\n", encoding="utf-8")
    ended = app.make_short("--captions-only", "--no-music")
    assert ended.code == 0
    [video] = ended.report["videos"]
    [remark] = video["remarks"]
    assert remark["id"] == "caption-characters-missing"
    assert remark["message"].startswith(
        "The captions cannot show “𓀀” (U+13000), “𓀁” (U+13001), “𓀂” (U+13002), “𓀃” (U+13003), "
        "“𓀄” (U+13004) and 1 more: "
    )
    assert ended.stderr.splitlines() == [f"{remark['message']} {remark['advice']}"]
    bare = app.make_short("--captions-only", "--no-music", "--no-captions")
    assert (bare.code, bare.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.req("BUG-22", "LBL-16")
@pytest.mark.parametrize(
    ("aspect", "size"), [("16:9", (768, 512)), ("1x1", (512, 512)), ("4/5", (512, 640))]
)
def test_every_shape(app: App, aspect: str, size: tuple[int, int]) -> None:
    ended = app.make_short("--aspect", aspect, "--captions-only")
    assert ended.code == 0
    [stream] = probe(ended.videos[0], FileKind.VIDEO).videos
    assert (stream.width_px, stream.height_px) == size
    integrated, peak = loudness(ended.videos[0])
    assert abs(integrated + 14) <= 0.5
    assert peak <= -1.0


@pytest.mark.slow
def test_without_json_the_paths_are_all_that_is_printed(app: App) -> None:
    arguments = ["--script", str(app.script), "--quality", "draft", "--captions-only"]
    ended = app.start("make", *arguments, "--out", str(app.out)).wait().clean()
    assert (ended.code, ended.stderr) == (0, "")
    assert ended.stdout == f"{next(app.out.glob('*.mp4'))}\n"


@pytest.mark.slow
@pytest.mark.parametrize(("encoding", "sign"), [("utf-8", "█"), ("ascii", "#")])
def test_a_terminal_gets_a_bar_and_the_pipe_does_not(app: App, encoding: str, sign: str) -> None:
    app.env["PYTHONIOENCODING"] = encoding
    controller, terminal = pty.openpty()
    arguments = ["--topic", "Sea", "--script", str(app.script), "--quality", "draft"]
    command = [*arguments, "--captions-only", "--no-music", "--out", str(app.out)]
    with app.on_terminal("make", *command, terminal=terminal) as run:
        os.close(terminal)
        shown = b""
        while chunk := _read(controller):
            shown += chunk
        stdout, _ = run.process.communicate(timeout=RUN_LIMIT_S)
    os.close(controller)
    assert run.process.returncode == 0
    fractions = [int(found) for found in re.findall(rb"(\d+)%", shown)]
    assert fractions == sorted(fractions)
    assert len(fractions) > 3
    assert sign.encode() in shown
    assert b"\\u" not in shown
    # The result begins a line of its own.
    assert shown.endswith(b"\r\x1b[K")
    assert stdout == f"{next(app.out.glob('*.mp4'))}\n"


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:
        # Linux says EIO once the last process on the terminal is gone.
        return b""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--topic", "sea", "--quality", "superb"), "quality-unknown"),
        (("--topic", "sea", "--aspect", "3:7"), "aspect-unknown"),
        (("--topic", "sea", "--count", "0"), "count-invalid"),
        (("--topic", "sea", "--voice", "nobody"), "voice-unknown"),
        (("--script", "/nonexistent/script.txt"), "script-file-unreadable"),
        (("--topic", ""), "topic-empty"),
    ],
)
@pytest.mark.req("LBL-15")
def test_a_wrong_request_is_exit_two(app: App, arguments: tuple[str, ...], told: str) -> None:
    ended = app.make(*arguments)
    assert ended.code == 2
    assert ended.failures == [told]
    # Each sentence names what was wrong.
    assert "—" not in str(ended.report["failed"][0])
    assert "\\u2014" not in ended.stdout
    assert ended.report["videos"] == []
    assert not app.out.exists()
    app.assert_nothing_left()


def test_a_wrong_word_is_exit_two_and_one_line(app: App) -> None:
    ended = app.start("make", "--topic", "sea", "--colour", "red").wait()
    assert ended.code == 2
    assert ended.stdout == ""
    [line] = ended.stderr.splitlines()
    assert "--colour" in line
    assert "--help" in line


def has_begun_to_import(run: Run) -> bool:
    """Whether the app's own code runs: before, Python itself answers an interrupt."""
    assert run.process.poll() is None, "it ended before"
    return "pydantic_core" in Path(f"/proc/{run.process.pid}/maps").read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_interrupt_while_it_starts_is_no_crash(app: App) -> None:
    ends = []
    for step in range(12):
        run = app.start_make("--topic", TOPIC)
        wait_until(lambda run=run: has_begun_to_import(run))
        # A random moment of the imports, not a wait for anything.
        threading.Event().wait(step * 0.07)
        run.signal(signal.SIGINT)
        ended = run.wait().clean()
        assert "Fatal" not in ended.stderr
        ends.append(ended.code)
    assert set(ends) <= {-signal.SIGINT, 130}
    app.assert_nothing_left()


@pytest.mark.slow
@pytest.mark.req("I3", "J3", "S9")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("moment", ["image 0 begins", "render begins"])
def test_a_signal_ends_it_in_seconds_and_leaves_nothing(
    app: App, number: signal.Signals, moment: str
) -> None:
    run = app.start_make("--topic", TOPIC, "--length", "short")
    wait_until(lambda: moment in app.log)
    run.signal(number)
    ended = run.wait(SECONDS).clean()
    assert ended.code == 130
    assert ended.report == {"videos": [], "failed": []}
    app.assert_nothing_left(1.0)
    assert list(app.out.rglob("*.mp4")) == []
    # What was stopped on purpose is not taken up by the next start.
    [state] = app.job_states()
    assert state == "cancelled"


def test_files_in_the_current_folder_are_not_taken_for_modules(app: App) -> None:
    for name in ("numpy", "queue", "vidgen_gui", "json"):
        (app.folder / f"{name}.py").write_text("raise SystemExit('not me')")
    ended = app.make_short("--captions-only", "--no-music")
    assert ended.code == 0
    assert json.loads(ended.stdout)["failed"] == []


@pytest.mark.slow
def test_a_pipe_that_lacks_the_letters_of_a_name(app: App) -> None:
    app.script.write_text("朝の散歩 🌅. Walk.\n", encoding="utf-8")
    env = {"PYTHONIOENCODING": "ascii"}
    base = ["--script", str(app.script), "--topic", "朝の散歩 🌅", "--quality", "draft"]
    ended = app.start("make", *base, "--captions-only", "--out", str(app.out), env=env).wait()
    assert ended.clean().code == 0
    assert "\\u671d" in ended.stdout
    ended = app.make(*base, "--captions-only", env=env)
    assert "朝の散歩" in ended.videos[0].name


@pytest.mark.slow
@pytest.mark.req("F2", "D2")
def test_two_at_once_on_one_queue_do_not_disturb_each_other(app: App) -> None:
    silent = ("--captions-only", "--no-music")
    runs = [app.start_short(*silent) for _ in range(3)]
    ended = [run.wait().clean() for run in runs]
    assert [end.code for end in ended] == [0, 0, 0]
    videos = {video for end in ended for video in end.videos}
    assert len(videos) == 3
    assert {sidecar(video)["title"] for video in videos} == {"The sea at dawn"}
    assert app.job_states() == ["done"] * 3
    app.assert_nothing_left()


def test_a_relative_folder_is_where_one_stands(app: App) -> None:
    ended = app.make_short("--captions-only", "--no-music", "--out", "here/there")
    assert ended.videos[0].parent == Path(app.folder / "here" / "there").resolve()
