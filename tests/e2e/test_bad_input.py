"""What a person may type, name, break or fill up: one clear sentence each, nothing left behind."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from kit import App, sidecar, wait_until

from vidgen_gui.system.spawn import self_command

PASSWD = Path("/etc/passwd")
MARKUP = r"{\an8}<b>Bold</b> & ':=,;[]% \N \\ \"quoted\" %(x)s ${HOME} $(id) `id`"


@contextlib.contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    """A small memory disk at ``folder``; skips the test where that takes more rights."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("mounting a small disk takes root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, leave_bytes: int = 0) -> Path:
    """Take the room of the disk that holds ``folder``."""
    ballast = folder / "ballast"
    room = shutil.disk_usage(folder).free - leave_bytes
    block = bytes(64 * 1024)
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        for _ in range(max(0, room) // len(block) + (0 if leave_bytes else 2)):
            file.write(block)
    return ballast


def on_streams(app: App, *arguments: str, streams: str) -> subprocess.CompletedProcess[str]:
    """The app with its streams as the shell is told (``>&-``)."""
    return subprocess.run(
        ["sh", "-c", f'exec "$0" "$@" {streams}', *self_command(), *arguments],
        env=app.env,
        cwd=app.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def quick(app: App, *arguments: str, env: dict[str, str] | None = None) -> list[str]:
    """A video without voice and music from the short script; returns what failed."""
    ended = app.make_short("--captions-only", "--no-music", *arguments, env=env)
    assert ended.code == (1 if ended.failures else 0)
    return ended.failures


@pytest.mark.parametrize(
    ("topic", "told"),
    [
        ("", "topic-empty"),
        (" \t\n\u3000\u200b ", "topic-empty"),
        ("walk " * 4000, "topic-too-long"),
        ("🎉👨‍👩‍👧🇩🇪👍🏽", "topic-no-words"),
        ("?!… — «»", "topic-no-words"),
    ],
)
@pytest.mark.req("T3", "K5")
def test_a_topic_that_is_none(app: App, topic: str, told: str) -> None:
    ended = app.make("--topic", topic)
    assert (ended.code, ended.failures) == (2, [told])
    app.assert_nothing_left()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "script-empty"),
        (b" \n\r\n\t ", "script-empty"),
        ("🎉\n".encode(), "script-empty"),
        (b"word " * 4001, "script-too-long"),
        (b"\xff\xfe\x80 not text", "script-file-unreadable"),
    ],
)
def test_a_script_that_is_none(app: App, text: bytes, told: str) -> None:
    app.script.write_bytes(text)
    ended = app.make("--script", str(app.script))
    assert (ended.code, ended.failures) == (2, [told])


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/proc/self/mem", "/proc"])
def test_a_script_file_without_an_end_or_a_text(app: App, path: str) -> None:
    ended = app.make("--script", path)
    told = {"/dev/zero": "script-too-long", "/dev/null": "script-empty"}
    assert (ended.code, ended.failures) == (2, [told.get(path, "script-file-unreadable")])


@pytest.mark.slow
@pytest.mark.req("T6")
@pytest.mark.parametrize("topic", ["../../etc/passwd", MARKUP, "-rf /", "CON", "x" * 500])
def test_a_topic_that_means_harm_is_only_a_topic(app: App, topic: str) -> None:
    before = PASSWD.read_bytes()
    ended = app.make(f"--topic={topic}", "--captions-only", "--no-music", "--length", "short")
    assert (ended.code, ended.failures) == (0, [])
    [video] = ended.videos
    assert video.parent == app.out
    assert not set(video.name) & set("/\\<>:\"|?*$`{}%'")
    assert sidecar(video)["request"]["topic"] == topic
    assert PASSWD.read_bytes() == before
    app.assert_nothing_left()


@pytest.mark.slow
@pytest.mark.req("S10", "BUG-17", "AUD-21", "K4")
def test_a_script_full_of_syntax_is_read_as_it_is_written(app: App) -> None:
    app.script.write_bytes(f"{MARKUP}\x00\x07\r\nSecond\u2028line\x1b[31m.\r\n".encode())
    ended = app.make("--script", str(app.script), "--no-music", "--captions-only")
    assert (ended.code, ended.failures) == (0, [])
    [video] = ended.videos
    said = " ".join(scene["narration"] for scene in sidecar(video)["scenes"])
    assert said.split() == f"{MARKUP} Second line[31m.".split()
    subtitles = (app.out / ".vidgen" / f"{video.stem}.srt").read_text(encoding="utf-8")
    # Invisible joiners keep players from taking the text for markup.
    assert "<b>" not in subtitles
    assert r"{\an8}" not in subtitles
    subtitles = subtitles.replace("\u2060", "")
    for word in (r"{\an8}<b>Bold</b>", "':=,;[]%", "$(id)"):
        assert word in subtitles
    app.assert_nothing_left()


def test_a_pipe_that_nobody_fills_is_not_waited_for(app: App) -> None:
    pipe = app.folder / "pipe"
    os.mkfifo(pipe)
    ended = app.make("--script", str(pipe))
    assert (ended.code, ended.failures) == (2, ["script-empty"])


@pytest.mark.parametrize("streams", [">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full", "2>/dev/full"])
def test_streams_that_take_nothing_cause_no_traceback(app: App, streams: str) -> None:
    for arguments in (("make", "--topic", ""), ("make", "--topic", "", "--json"), ("doctor",)):
        ended = on_streams(app, *arguments, streams=streams)
        assert ended.returncode in ({0, 1} if arguments == ("doctor",) else {2})
        assert "Traceback" not in ended.stderr
        assert "Error" not in ended.stderr.replace("OSError: [Errno 28]", "")


@pytest.mark.slow
def test_the_video_is_made_though_nobody_hears_of_it(app: App) -> None:
    arguments = ("--script", str(app.script), "--captions-only", "--no-music", "--quality", "draft")
    # Something is said before the work, too.
    app.env["MAX_WORKERS"] = "none"
    for streams in ("2>/dev/full", ">&- 2>&-"):
        on_streams(app, "make", *arguments, "--out", str(app.out), streams=streams)
    assert len(list(app.out.glob("*.mp4"))) == 2
    app.assert_nothing_left()


@pytest.mark.req("LBL-18")
@pytest.mark.parametrize("given_by", ["--out", "VIDEO_DIR", "VIDGEN_HOME"])
@pytest.mark.parametrize("place", ["~nobody-of-that-name/x", "circle/x"])
def test_a_folder_that_leads_nowhere(app: App, given_by: str, place: str) -> None:
    if place == "circle/x":
        (app.folder / "circle").symlink_to(app.folder / "circle")
        place = str(app.folder / place)
    if given_by == "--out":
        ended = app.make("--topic", "sea", "--out", place)
    else:
        ended = app.make("--topic", "sea", env={given_by: place})
    # Newer Pythons find the circle only when they are to make the folder.
    assert ended.failures in (["folder-unknown"], ["output-unwritable"], ["data-unwritable"])
    assert "Error" not in ended.stderr
    app.assert_nothing_left()


@pytest.mark.req("O1")
@pytest.mark.parametrize("place", ["file", "under-file", "proc", "read-only"])
def test_an_output_folder_that_takes_nothing(app: App, place: str) -> None:
    with contextlib.ExitStack() as stack:
        match place:
            case "file":
                folder = app.folder / "in-the-way"
                folder.write_text("a file")
            case "under-file":
                (app.folder / "in-the-way").write_text("a file")
                folder = app.folder / "in-the-way" / "videos"
            case "proc":
                folder = Path("/proc/vidgen")
            case _:
                folder = stack.enter_context(mounted(app.folder / "ro", "size=1m,ro"))
        assert quick(app, "--out", str(folder)) == ["output-unwritable"]
    assert "script begins" not in app.log
    app.assert_nothing_left()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_takes_nothing(app: App) -> None:
    app.out.mkdir(mode=0o500)
    assert quick(app) == ["output-unwritable"]
    app.assert_nothing_left()


@pytest.mark.slow
def test_an_output_folder_that_vanishes_while_rendering(app: App) -> None:
    run = app.start_short("--captions-only", "--no-music")
    wait_until(lambda: "render begins" in app.log)
    shutil.rmtree(app.out)
    ended = run.wait().clean()
    assert (ended.code, ended.failures) == (1, ["output-vanished"])
    assert not app.out.exists()
    app.assert_nothing_left()
    # Only the delivery is left to do once the folder is back.
    assert quick(app) == []
    assert app.log.count("render made") == 1


@pytest.mark.slow
@pytest.mark.req("ERR-13", "G4", "O15")
def test_a_disk_that_is_too_small_is_said_before_any_work(app: App) -> None:
    with mounted(app.folder / "small", "size=20m") as small:
        ended = app.make_short("--out", str(small))
        assert (ended.code, ended.failures) == (1, ["disk-full"])
        [failure] = ended.report["failed"]
        assert "20" in failure["message"]
        assert "script begins" not in app.log
        assert list(small.iterdir()) == []
    app.assert_nothing_left()


@pytest.mark.slow
def test_a_temp_folder_on_a_disk_that_is_too_small(app: App) -> None:
    with mounted(app.folder / "small", "size=20m") as small:
        ended = app.make_short(env={"TMPDIR": str(small)})
        assert (ended.code, ended.failures) == (1, ["disk-full"])
        assert str(small) in ended.report["failed"][0]["message"]
        assert "script begins" not in app.log
    app.assert_nothing_left()


@pytest.mark.slow
def test_an_output_disk_that_fills_up_while_rendering(app: App) -> None:
    with mounted(app.folder / "small", "size=400m") as small:
        arguments = ("--captions-only", "--no-music", "--out", str(small))
        run = app.start_short(*arguments)
        wait_until(lambda: "render begins" in app.log)
        ballast = fill(small)
        ended = run.wait().clean()
        assert (ended.code, ended.failures) == (1, ["disk-full"])
        assert [path.name for path in small.rglob("*") if path.is_file()] == [ballast.name]
        app.assert_nothing_left()
        ballast.unlink()
        assert quick(app, "--out", str(small)) == []
    assert app.log.count("render made") == 1


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["script", "narration 0", "image 0", "render"])
def test_a_data_disk_that_fills_up_at_any_time(app: App, voice: Path, moment: str) -> None:
    shutil.rmtree(app.home)
    with mounted(app.home, "size=400m") as home:
        shutil.copytree(voice, home / "data" / "voices" / "patched")
        # Unfinished parts lie on that disk, too.
        env = {"TMPDIR": ""}
        run = app.start_short(env=env)
        wait_until(lambda: f" {moment} begins" in app.log)
        ballast = fill(home)
        ended = run.wait().clean()
        assert (ended.code, ended.failures) == (1, ["disk-full"])
        assert list(app.out.glob("*.mp4")) == []
        app.assert_nothing_left()
        ballast.unlink()
        again = app.make_short(env=env)
        assert (again.code, again.stderr) == (0, "")
        app.assert_nothing_left()


@pytest.mark.slow
def test_a_data_disk_without_any_room(app: App) -> None:
    shutil.rmtree(app.home)
    with mounted(app.home, "size=64k") as home:
        fill(home)
        ended = app.make_short()
        assert ended.code == 1
        assert ended.failures == ["disk-full"]
    app.assert_nothing_left()


@pytest.mark.parametrize("place", ["/proc/vidgen", "file"])
def test_a_home_that_takes_nothing(app: App, place: str) -> None:
    if place == "file":
        place = str(app.script)
    ended = app.make("--topic", "sea", env={"VIDGEN_HOME": place})
    assert (ended.code, ended.failures) == (1, ["data-unwritable"])
    assert ended.stderr == ""


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="taking rights away takes setpriv")
@pytest.mark.parametrize("name", ["config", "data", "cache", "state"])
def test_a_closed_folder_of_our_own_is_named(app: App, name: str) -> None:
    folder = app.home / name
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0)
    try:
        # Root without its rights is a user like any other.
        plain = ["setpriv", "--inh-caps=-all", "--bounding-set=-all", *self_command()]
        ended = app.start("make", "--topic", "sea", "--json", program=plain).wait()
    finally:
        folder.chmod(0o700)
    assert (ended.code, ended.failures, ended.stderr) == (1, ["data-unwritable"], "")
    assert str(folder) in ended.report["failed"][0]["message"]


@pytest.mark.slow
@pytest.mark.req("LBL-13")
@pytest.mark.parametrize(
    "damage",
    [b"\x00\xff\xfe garbage", b"[general\nworkers = ", b"general = 3\n[video]\nquality=9\n"],
)
def test_a_damaged_settings_file(app: App, damage: bytes) -> None:
    path = app.home / "config" / "settings.toml"
    path.parent.mkdir(parents=True)
    path.write_bytes(damage)
    ended = app.make_short("--captions-only", "--no-music")
    assert (ended.code, ended.failures) == (0, [])
    assert "setting" in ended.stderr.lower()
    kept = [p.read_bytes() for p in path.parent.iterdir()]
    assert damage in kept


@pytest.mark.slow
@pytest.mark.req("F2")
@pytest.mark.parametrize("damage", ["garbage", "truncated", "empty", "gone", "directory"])
def test_a_damaged_database(app: App, damage: str) -> None:
    assert quick(app) == []
    path = app.home / "data" / "jobs.db"
    data = path.read_bytes()
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    match damage:
        case "garbage":
            path.write_bytes(os.urandom(len(data)))
        case "truncated":
            path.write_bytes(data[: len(data) // 2 + 100])
        case "empty":
            path.touch()
        case "directory":
            path.mkdir()
    ended = app.make_short("--captions-only", "--no-music")
    if damage == "directory":
        assert (ended.code, ended.failures) == (1, ["database-unusable"])
        return
    assert (ended.code, ended.failures) == (0, [])
    assert ended.stderr.startswith("The list of videos was damaged and has been rebuilt.")
    assert app.job_states() == ["done", "done"]
    assert app.log.count("render made") == 1
    app.assert_nothing_left()


@pytest.mark.slow
@pytest.mark.req("BUG-6", "AUD-2", "H1", "H3")
def test_damaged_parts_are_made_again(app: App) -> None:
    assert quick(app) == []
    [first] = app.out.glob("*.mp4")
    stored = app.home / "cache" / "artifacts"
    damaged = 0
    for path in [p for p in stored.glob("??/*/*") if p.is_file()]:
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0xFF
        path.write_bytes(data)
        damaged += 1
    assert damaged > 8
    ended = app.make_short("--captions-only", "--no-music")
    assert (ended.code, ended.failures) == (0, [])
    for unit in ("script", "narration 0", "narration 1", "image 0", "image 1", "music", "render"):
        assert app.log.count(f" {unit} made") == 2
    assert abs(ended.videos[0].stat().st_size - first.stat().st_size) < 2000
    app.assert_nothing_left()


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["flipped", "truncated", "record", "folder"])
def test_a_damaged_voice_is_made_again(app: App, damage: str) -> None:
    folder = app.home / "data" / "voices" / "patched"
    model = next(folder.glob("*.onnx"))
    whole = model.read_bytes()
    # The file is a link into other tests' voice: a copy takes its place.
    model.unlink()
    match damage:
        case "flipped":
            model.write_bytes(whole[:1000] + bytes([whole[1000] ^ 1]) + whole[1001:])
        case "truncated":
            model.write_bytes(whole[: len(whole) // 3])
        case "record":
            model.write_bytes(whole)
            (record := folder / f"{model.stem}.json").unlink()
            record.write_text("{broken")
        case "folder":
            shutil.rmtree(folder)
    ended = app.make_short("--no-music")
    assert (ended.code, ended.failures, ended.stderr) == (0, [], "")
    assert model.read_bytes() == whole
    app.assert_nothing_left()
