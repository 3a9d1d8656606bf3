"""A finished video gets a name of its own in the person's folder, whole or not at all."""

import errno
import json
import os
import stat
import tempfile
import threading
from datetime import date
from pathlib import Path

import pytest

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, StorageError
from vidgen_gui.core.job import Job, JobSpec, JobState, StageName
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.script import Scene, Script
from vidgen_gui.pipeline import delivery
from vidgen_gui.pipeline.delivery import deliver, sidecar_path, subtitles_path, thumbnail_path
from vidgen_gui.pipeline.graph import MUSIC, RENDER, SCRIPT, Unit
from vidgen_gui.pipeline.sidecar import build_sidecar
from vidgen_gui.pipeline.stage import StoredInput
from vidgen_gui.system.lock import FileLock
from vidgen_gui.system.paths import AppPaths

DAY = date(2025, 3, 1)
VIDEO = b"video " * 1000
MEMORY_DISK = Path("/dev/shm")  # noqa: S108 - a second file system is what is wanted


@pytest.fixture
def output(tmp_path: Path) -> Path:
    folder = tmp_path / "Vidéos"
    folder.mkdir()
    return folder


@pytest.fixture
def render(tmp_path: Path) -> StoredInput:
    folder = tmp_path / "artifact"
    folder.mkdir()
    (folder / "video.mp4").write_bytes(VIDEO)
    (folder / "thumbnail.jpg").write_bytes(b"jpeg")
    value = {"duration_s": 21.5, "fps": 30, "scene_starts_s": [0.0, 9.5], "ffmpeg": "9.0"}
    return StoredInput("render-key", "sha", folder, value, "x264")


def job(output: Path, number: int = 1, **options: object) -> Job:
    spec = JobSpec.create(topic="Quiet", output_dir=output, seed=77, **options)
    return Job(f"job{number}", spec, JobState.RUNNING, 1.0, 0.0)


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_video_and_companions_get_their_places(output: Path, render: StoredInput) -> None:
    video = deliver(job(output), "A Quiet: Morning?", render, {"duration_s": 21.5}, today=DAY)
    assert video == output / "2025-03-01 a-quiet-morning.mp4"
    assert video.read_bytes() == VIDEO
    assert thumbnail_path(video).read_bytes() == b"jpeg"
    sidecar = json.loads(sidecar_path(video).read_text("utf-8"))
    assert sidecar == {"duration_s": 21.5, "job_id": "job1", "render_key": "render-key"}
    assert everything(output) == [
        ".vidgen/2025-03-01 a-quiet-morning.jpg",
        ".vidgen/2025-03-01 a-quiet-morning.json",
        "2025-03-01 a-quiet-morning.mp4",
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows gives a folder its parent's rights by itself")
@pytest.mark.parametrize("mode", [0o2775, 0o700, 0o1777])
def test_who_may_save_in_a_folder_may_into_its_hidden_one(
    output: Path, render: StoredInput, mode: int
) -> None:
    output.chmod(mode)
    video = deliver(job(output), "Dawn", render, {}, today=DAY)
    assert stat.S_IMODE(sidecar_path(video).parent.stat().st_mode) == mode
    # What the person chose later stays.
    sidecar_path(video).parent.chmod(0o750)
    deliver(job(output, 2), "Dawn", render, {}, today=DAY)
    assert stat.S_IMODE(sidecar_path(video).parent.stat().st_mode) == 0o750


def test_subtitles_come_along_when_there_are_some(output: Path, render: StoredInput) -> None:
    render.file("captions.srt").write_text("1\n")
    video = deliver(job(output), "Dawn", render, {}, today=DAY)
    assert subtitles_path(video).read_text() == "1\n"


def test_names_that_are_taken_get_a_number(output: Path, render: StoredInput) -> None:
    (output / "2025-03-01 dawn.mp4").write_bytes(b"somebody else's")
    names = [deliver(job(output, n), "Dawn", render, {}, today=DAY).name for n in range(3)]
    assert names == [f"2025-03-01 dawn {n}.mp4" for n in (2, 3, 4)]
    assert (output / "2025-03-01 dawn.mp4").read_bytes() == b"somebody else's"


@pytest.mark.parametrize("title", ["日本語の朝", "../../etc/passwd", "CON", "👍" * 200, "x" * 500])
def test_any_title_makes_a_name(output: Path, render: StoredInput, title: str) -> None:
    video = deliver(job(output), title, render, {}, today=DAY)
    assert video.parent == output
    assert len(video.name.encode()) < 120
    assert video.is_file()


def test_many_at_once_never_share_a_name(output: Path, render: StoredInput) -> None:
    start = threading.Barrier(8)
    videos: list[Path] = []

    def one(number: int) -> None:
        start.wait()
        content = {"number": number}
        videos.append(deliver(job(output, number), "Dawn", render, content, today=DAY))

    threads = [threading.Thread(target=one, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(videos)) == 8
    numbers = {json.loads(sidecar_path(video).read_text())["number"] for video in videos}
    assert numbers == set(range(8))
    assert len(everything(output)) == 24


def test_a_name_taken_meanwhile_by_another_program_is_left_alone(
    output: Path, render: StoredInput, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = delivery._rename_into_free

    def meanwhile(part: Path, video: Path) -> None:
        if video.name == "2025-03-01 dawn.mp4":
            video.write_bytes(b"quicker")
        place(part, video)

    monkeypatch.setattr(delivery, "_rename_into_free", meanwhile)
    video = deliver(job(output), "Dawn", render, {}, today=DAY)
    assert video.name == "2025-03-01 dawn 2.mp4"
    assert (output / "2025-03-01 dawn.mp4").read_bytes() == b"quicker"
    assert len(everything(output)) == 4


def test_file_systems_without_links_work_too(
    output: Path, render: StoredInput, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", no_links)
    videos = [deliver(job(output, n), "Dawn", render, {}, today=DAY) for n in range(2)]
    assert [video.read_bytes() for video in videos] == [VIDEO, VIDEO]
    assert len(everything(output)) == 6


@pytest.mark.skipif(not MEMORY_DISK.is_dir(), reason="needs a second file system")
def test_another_file_system_is_no_obstacle(render: StoredInput) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY_DISK) as name:
        folder = Path(name)
        if folder.stat().st_dev == render.folder.stat().st_dev:
            pytest.skip("temporary files are on the same file system")
        video = deliver(job(folder), "Dawn", render, {}, today=DAY)
        assert video.read_bytes() == VIDEO


def test_what_was_delivered_before_a_kill_is_not_delivered_twice(
    output: Path, render: StoredInput
) -> None:
    first = deliver(job(output), "Dawn", render, {}, today=DAY)
    again = deliver(job(output), "Dawn", render, {}, today=date(2025, 3, 2))
    assert again == first
    assert len(everything(output)) == 3
    first.unlink()
    assert deliver(job(output), "Dawn", render, {}, today=DAY) == first


def test_a_copy_that_a_kill_interrupted_is_taken_up_or_removed(
    output: Path, render: StoredInput
) -> None:
    hidden = output / ".vidgen"
    hidden.mkdir()
    (hidden / ".job1.part").write_bytes(b"half")
    old = hidden / ".job9.part"
    old.write_bytes(b"half")
    os.utime(old, (1, 1))
    deliver(job(output), "Dawn", render, {}, today=DAY)
    assert [name for name in everything(output) if name.endswith(".part")] == []


@pytest.mark.parametrize("killed_after", ["copy", "sidecar", "companions", "placeholder", "link"])
@pytest.mark.req("H1")
def test_a_kill_anywhere_in_a_delivery_leaves_one_whole_video(
    output: Path, render: StoredInput, killed_after: str
) -> None:
    hidden = output / ".vidgen"
    hidden.mkdir()
    (hidden / ".job1.mp4.part").write_bytes(VIDEO)
    yesterday = "2025-02-28 dawn"
    if killed_after == "sidecar":
        (hidden / ".job1.json.part").write_text("{")
    if killed_after in {"companions", "placeholder", "link"}:
        told = json.dumps({"job_id": "job1", "render_key": "render-key"})
        (hidden / f"{yesterday}.json").write_text(told)
        (hidden / f"{yesterday}.jpg").write_bytes(b"jpeg")
    if killed_after == "placeholder":
        (output / f"{yesterday}.mp4").touch()
    if killed_after == "link":
        os.link(hidden / ".job1.mp4.part", output / f"{yesterday}.mp4")
    video = deliver(job(output), "Dawn", render, {}, today=DAY)
    name = yesterday if killed_after == "link" else "2025-03-01 dawn"
    assert video.name == f"{name}.mp4"
    assert video.read_bytes() == VIDEO
    assert everything(output) == [f".vidgen/{name}.jpg", f".vidgen/{name}.json", f"{name}.mp4"]


def test_what_lies_there_under_like_names_is_no_obstacle(output: Path, render: StoredInput) -> None:
    hidden = output / ".vidgen"
    (hidden / "2020-01-01 dawn.json").mkdir(parents=True)
    (hidden / "2020-01-02 dawn.json").write_bytes(b"\xff\x00")
    (hidden / "2020-01-03 dawn.json").write_text("[" * 100_000)
    (hidden / "2020-01-04 dawn.json").symlink_to(hidden / "nowhere")
    assert deliver(job(output), "Dawn", render, {}, today=DAY).read_bytes() == VIDEO


def test_a_cancel_while_copying_leaves_nothing(output: Path, render: StoredInput) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        deliver(job(output), "Dawn", render, {}, cancel=cancel, today=DAY)
    assert everything(output) == []


def test_another_vidgen_that_stands_still_is_told(
    output: Path, render: StoredInput, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDGEN_PATIENCE", "0.02")
    with FileLock(AppPaths.find().data / "delivery.lock").held(0):
        with pytest.raises(StorageError) as caught:
            deliver(job(output), "Dawn", render, {}, today=DAY)
        assert caught.value.message.id is MessageId.OUTPUT_BUSY
        assert everything(output) == []


def test_waiting_for_another_vidgen_can_be_cancelled(output: Path, render: StoredInput) -> None:
    cancel = CancelToken()
    with FileLock(AppPaths.find().data / "delivery.lock").held(0):
        timer = threading.Timer(0.2, cancel.cancel)
        timer.start()
        with pytest.raises(Cancelled):
            deliver(job(output), "Dawn", render, {}, cancel=cancel, today=DAY)
        timer.join()
    assert everything(output) == []


def test_a_folder_that_vanished_is_not_made_again(output: Path, render: StoredInput) -> None:
    output.rmdir()
    with pytest.raises(StorageError) as caught:
        deliver(job(output), "Dawn", render, {}, today=DAY)
    assert caught.value.message.id is MessageId.OUTPUT_VANISHED
    assert not output.exists()


def test_a_folder_that_takes_nothing_is_named(output: Path, render: StoredInput) -> None:
    # Root may write everywhere: what stands in the way is a file where the folder should be.
    (output / ".vidgen").write_bytes(b"")
    with pytest.raises(StorageError) as caught:
        deliver(job(output), "Dawn", render, {}, today=DAY)
    assert caught.value.message.id is MessageId.OUTPUT_UNWRITABLE
    assert caught.value.message.params["path"] == str(output)
    assert everything(output) == [".vidgen"]


@pytest.mark.req("H1")
@pytest.mark.skipif(os.name == "nt", reason="needs a limit on file sizes")
def test_a_full_disk_leaves_nothing_behind(output: Path, render: StoredInput) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(StorageError) as caught:
            deliver(job(output), "Dawn", render, {}, today=DAY)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.message.id is MessageId.DISK_FULL
    assert everything(output) == []


def test_a_render_that_is_gone_is_not_blamed_on_the_folder(
    output: Path, render: StoredInput
) -> None:
    render.file("video.mp4").unlink()
    with pytest.raises(StorageError) as caught:
        deliver(job(output), "Dawn", render, {}, today=DAY)
    assert caught.value.message.id is MessageId.ARTIFACT_DAMAGED
    assert everything(output) == []


def test_the_sidecar_says_all_that_is_needed_to_make_it_again(
    output: Path, render: StoredInput, tmp_path: Path
) -> None:
    scenes = (Scene("Walk early.", "a path"), Scene("Breathe.", "a lake"))
    script = Script("Quiet", scenes, ("#walk",))
    credit = {"artist": "Broke For Free", "title": "Night Owl", "licence": "CC BY 3.0"}

    def stored(key: str, value: dict[str, object]) -> StoredInput:
        return StoredInput(key, f"sha-{key}", tmp_path, value, "builtin")

    artifacts = {
        SCRIPT: stored("s", script.to_dict()),
        Unit(StageName.IMAGE, 0): stored("i0", {}),
        MUSIC: stored("m", {"credit": credit}),
        RENDER: render,
    }
    original = job(output, voice="en_US-joe-medium", music=True)
    sidecar = json.loads(json.dumps(build_sidecar(original, "Quiet", render, artifacts)))
    again = JobSpec.model_validate(sidecar["request"] | {"output_dir": output})
    assert again == original.spec
    assert again.seed == 77
    assert [scene["narration"] for scene in sidecar["scenes"]] == ["Walk early.", "Breathe."]
    assert [scene["start_s"] for scene in sidecar["scenes"]] == [0.0, 9.5]
    assert sidecar["duration_s"] == 21.5
    assert sidecar["fps"] == 30
    assert sidecar["quality"] == "standard"
    assert sidecar["made_with"]["ffmpeg"] == "9.0"
    assert sidecar["made_with"]["vidgen"]
    assert sidecar["credits"] == [credit]
    assert [(a["stage"], a["scene"], a["key"]) for a in sidecar["artifacts"]] == [
        ("script", None, "s"),
        ("image", 0, "i0"),
        ("music", None, "m"),
        ("render", None, "render-key"),
    ]
    assert str(output) not in json.dumps(sidecar)
