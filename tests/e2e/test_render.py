"""The render stage with its real workers and FFmpeg: what it makes, and how it fails."""

import contextlib
import itertools
import re
import stat
import sys
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import psutil
import pytest
from busy_machine import in_time
from render_kit import make_context, write_picture

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, MediaError, ProgramError, StorageError
from vidgen_gui.core.events import Progress
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.minima import SUSPECT_VIDEO_BYTES, FileKind
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.quality import PRESETS, Aspect, FrameSize, Quality
from vidgen_gui.media.compositor import feed
from vidgen_gui.media.compositor.plan import Composition, ScenePicture
from vidgen_gui.media.compositor.worker import make_handler
from vidgen_gui.media.encoders import x264
from vidgen_gui.media.ffmpeg import find_ffmpeg, run_ffmpeg
from vidgen_gui.media.motion import plan_motions
from vidgen_gui.media.probe import MediaFacts, probe
from vidgen_gui.media.verify import ExpectedVideo, verify_video
from vidgen_gui.pipeline.stage import StageContext, StageOutput
from vidgen_gui.pipeline.stages.render import RenderStage
from vidgen_gui.pipeline.workers import WorkerPool

Rgb = npt.NDArray[np.float64]


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    workers = WorkerPool()
    yield workers
    workers.close()


@dataclass(frozen=True)
class Made:
    """A render that came out well."""

    context: StageContext
    output: StageOutput
    steps: list[float]

    @property
    def video(self) -> Path:
        return self.context.workdir / "video.mp4"

    @property
    def expected(self) -> ExpectedVideo:
        return ExpectedVideo(self.context.spec.frame_size, 30, self.output.value["frame_count"])

    def verify(self, video: Path) -> MediaFacts:
        return verify_video(video, self.expected, self.context.ffmpeg, CancelToken())


def make(context: StageContext) -> Made:
    steps: list[float] = []
    stage = RenderStage().run(context)
    while True:
        try:
            steps.append(next(stage).fraction)
        except StopIteration as stop:
            return Made(context, stop.value, steps)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    workers = WorkerPool()
    with contextlib.closing(workers):
        return make(make_context(tmp_path_factory.mktemp("render"), workers))


def frame_as_rgb(video: Path, number: int, size: FrameSize, folder: Path) -> Rgb:
    """A decoded frame by the BT.709 limited-range equations, written out here once more."""
    raw = folder / "frame.yuv"
    only = f"select=eq(n\\,{number})"
    arguments = ["-i", str(video), "-vf", only, "-frames:v", "1", "-f", "rawvideo", str(raw)]
    run_ffmpeg(find_ffmpeg(), arguments, deadline_s=60)
    data = np.fromfile(raw, np.uint8).astype(np.float64)
    luma, quarter = size.width_px * size.height_px, size.width_px * size.height_px // 4
    y = (data[:luma].reshape(size.height_px, size.width_px) - 16) / 219
    u, v = (
        plane.reshape(size.height_px // 2, -1).repeat(2, 0).repeat(2, 1)
        for plane in ((data[luma:].reshape(2, quarter) - 128) / 224)
    )
    red, blue = y + 1.5748 * v, y + 1.8556 * u
    green = (y - 0.2126 * red - 0.0722 * blue) / 0.7152
    return np.stack([red, green, blue], axis=-1) * 255


def test_the_video_is_what_was_planned(made: Made) -> None:
    facts = probe(made.video, FileKind.VIDEO)
    (video,), (audio,) = facts.videos, facts.audios
    assert (video.codec, video.profile[:4]) == ("h264", "High")
    assert (video.width_px, video.height_px, video.fps) == (512, 768, 30)
    assert (video.chroma, video.bit_depth) == ("4:2:0", 8)
    assert {video.primaries, video.transfer, video.matrix} == {"BT.709"}
    assert video.colour_range == "Limited"
    assert (audio.codec, audio.channels, audio.sample_rate_hz) == ("aac", 2, 48_000)
    planned_s = made.output.value["duration_s"]
    assert planned_s == pytest.approx(0.35 + 2 * 1.6 + 0.35 + 1.2, abs=1 / 30)
    assert facts.duration_s == pytest.approx(planned_s, abs=0.1)
    assert audio.duration_s == pytest.approx(planned_s, abs=0.1)
    assert video.frame_count == made.output.value["frame_count"]
    head = made.video.read_bytes()[:4096]
    assert b"moov" in head


def test_scenes_begin_with_a_key_frame_inside_their_crossfade(made: Made) -> None:
    seen = ["-i", str(made.video), "-vf", "select=key,showinfo", "-an", "-f", "null", "-"]
    log = run_ffmpeg(made.context.ffmpeg, seen, deadline_s=60, loglevel="info").stderr
    times_s = [float(time_s) for time_s in re.findall(r"pts_time:([\d.]+)", log)]
    second = made.output.value["scene_starts_s"][1]
    # The encoder may add one where the end grows dark.
    assert times_s[:2] == pytest.approx([0, second + 7 / 30], abs=0.001)


def test_files_value_and_progress_are_told(made: Made) -> None:
    assert made.output.files == ("video.mp4", "thumbnail.jpg", "captions.srt")
    assert made.output.value["loudness_lufs"] == pytest.approx(-14, abs=0.5)
    assert made.output.value["true_peak_dbtp"] <= -1
    assert made.output.value["scene_starts_s"][0] == 0
    assert made.steps == sorted(made.steps)
    assert made.steps[-1] == 1
    assert "Walk before" in (made.context.workdir / "captions.srt").read_text("utf-8")


def test_colours_come_out_as_they_were_painted(made: Made, tmp_path: Path) -> None:
    size = made.context.spec.frame_size
    for number, bgr in (
        (2, (180, 120, 60)),
        (made.output.value["frame_count"] - 30, (60, 90, 200)),
    ):
        rgb = frame_as_rgb(made.video, number, size, tmp_path)[60:160, 60:-60]
        assert np.abs(rgb - np.array(bgr[::-1])).max() <= 3


def test_the_thumbnail_shows_the_first_scene(made: Made) -> None:
    data = np.fromfile(made.context.workdir / "thumbnail.jpg", np.uint8)
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (768, 512, 3)
    assert np.abs(picture[60:160, 60:-60].astype(int) - (180, 120, 60)).max() <= 6


def test_captions_light_up_on_the_frame_of_their_word(made: Made, tmp_path: Path) -> None:
    size = made.context.spec.frame_size
    first = round((0.35 + 0.0) * 30)
    before, after = (
        frame_as_rgb(made.video, number, size, tmp_path) for number in (first - 2, first + 2)
    )
    changed = np.abs(after - before).max(axis=2) > 60
    rows = np.flatnonzero(changed.any(axis=1))
    assert rows.size > 10
    assert rows.min() > 0.14 * size.height_px
    assert rows.max() < 0.78 * size.height_px


@pytest.mark.req("K3")
def test_a_file_that_was_cut_short_or_damaged_is_refused(made: Made, tmp_path: Path) -> None:
    assert made.verify(made.video).duration_s > 0
    data = made.video.read_bytes()
    hole = bytearray(data)
    hole[len(data) * 2 // 3 :] = bytes(len(data) - len(data) * 2 // 3)
    copy = tmp_path / "video.mp4"
    for content in (data[:-1], data[: len(data) // 2], data[:100], b"", bytes(hole)):
        copy.write_bytes(content)
        with pytest.raises(MediaError) as caught:
            made.verify(copy)
        assert caught.value.message.id is MessageId.VIDEO_INVALID


def test_a_video_that_differs_from_its_plan_is_refused(made: Made, tmp_path: Path) -> None:
    ffmpeg, video = made.context.ffmpeg, str(made.video)
    copy = tmp_path / "video.mp4"
    faults = {
        "sound streams": ["-map", "0:v"],
        "2 sound streams": ["-map", "0", "-map", "0:a"],
        "its index comes last": ["-map", "0", "-movflags", "-faststart"],
        "sound's length": ["-map", "0:v", "-map", "0:a", "-t", "3"],
    }
    for words, options in faults.items():
        fast = [] if "-movflags" in options else ["-movflags", "+faststart"]
        copying = ["-i", video, *options, "-c", "copy", *fast, str(copy)]
        run_ffmpeg(ffmpeg, copying, deadline_s=60)
        with pytest.raises(MediaError) as caught:
            made.verify(copy)
        assert words in caught.value.message.params["words"]
    longer = replace(made.expected, frame_count=made.expected.frame_count + 6)
    with pytest.raises(MediaError, match="frames"):
        verify_video(made.video, longer, ffmpeg, CancelToken())


@pytest.mark.req("BUG-7", "AUD-4")
def test_a_suspiciously_small_video_is_decoded_whole(made: Made, tmp_path: Path) -> None:
    """Damage between the places that are looked at is found in a small file."""
    data = bytearray(made.video.read_bytes())
    assert len(data) < SUSPECT_VIDEO_BYTES
    at = len(data) * 3 // 4
    data[at : at + 3000] = bytes(3000)
    copy = tmp_path / "video.mp4"
    copy.write_bytes(data)
    with pytest.raises(MediaError, match="played"):
        made.verify(copy)


@pytest.mark.parametrize("aspect", [Aspect.LANDSCAPE, Aspect.SQUARE])
def test_no_captions_no_music_other_shapes(
    tmp_path: Path, pool: WorkerPool, aspect: Aspect
) -> None:
    options = {"captions": False, "music": False, "aspect": aspect}
    result = make(make_context(tmp_path, pool, scenes=1, voice_s=1.2, **options))
    assert result.output.files == ("video.mp4", "thumbnail.jpg")
    assert not (result.context.workdir / "captions").exists()
    size = result.context.spec.frame_size
    video = probe(result.video, FileKind.VIDEO).videos[0]
    assert (video.width_px, video.height_px) == (size.width_px, size.height_px)


def test_the_key_follows_what_is_seen_and_heard(tmp_path: Path, pool: WorkerPool) -> None:
    context = make_context(tmp_path, pool)
    spec, inputs = context.spec, dict(context.inputs)
    stage = RenderStage()
    key = stage.intent(spec, None, inputs)
    assert stage.intent(spec.model_copy(update={"topic": "Other words"}), None, inputs) == key
    for change in ({"seed": 9}, {"quality": Quality.HIGH}, {"captions": False}):
        assert stage.intent(spec.model_copy(update=change), None, inputs) != key
    for unit, stored in inputs.items():
        changed = replace(stored, content_sha256="other")
        differs = stage.intent(spec, None, {**inputs, unit: changed}) != key
        assert differs is (unit[0].value != "script")


def encoder_process() -> psutil.Process:
    """The FFmpeg that a worker of ours feeds."""
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if child.name().startswith("ffmpeg") and "rawvideo" in child.cmdline():
                return child
    raise AssertionError("no encoder is running")


def started(
    tmp_path: Path, pool: WorkerPool
) -> tuple[StageContext, Generator[Progress, None, StageOutput], psutil.Process]:
    """A render in the middle of its frames."""
    context = make_context(
        tmp_path, pool, quality=Quality.HIGH, scenes=1, voice_s=8, captions=False
    )
    stage = RenderStage().run(context)
    for step in stage:
        if step.fraction > 0.25:
            return context, stage, encoder_process()
    raise AssertionError("it never got to its frames")


def wait_gone(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.wait(60)


@pytest.mark.req("ERR-15", "F3")
def test_a_killed_encoder_is_one_clear_error(tmp_path: Path, pool: WorkerPool) -> None:
    _, stage, encoder = started(tmp_path, pool)
    encoder.kill()
    with pytest.raises(ProgramError) as caught:
        list(stage)
    assert caught.value.message.id is MessageId.PROGRAM_KILLED
    assert caught.value.message.params == {"program": "FFmpeg", "signal": 9}


@pytest.mark.req("A3", "E4")
def test_the_encoder_dies_with_its_worker(tmp_path: Path, pool: WorkerPool) -> None:
    _, stage, encoder = started(tmp_path, pool)
    worker = encoder.parent()
    assert worker is not None
    worker.kill()
    with pytest.raises(ProgramError) as caught:
        list(stage)
    assert caught.value.message.id is MessageId.WORKER_LOST
    wait_gone(encoder)
    assert not encoder.is_running()


@pytest.mark.req("E1", "A5")
def test_a_cancel_takes_effect_within_a_second(tmp_path: Path, pool: WorkerPool) -> None:
    context, stage, encoder = started(tmp_path, pool)
    cancelled_at = time.monotonic()
    context.cancel.cancel()
    with pytest.raises(Cancelled):
        list(stage)
    assert in_time(time.monotonic() - cancelled_at, 1.0)
    wait_gone(encoder)
    assert not encoder.is_running()


def request(folder: Path, ffmpeg: Path, output: Path, frames: int = 60) -> dict[str, object]:
    """A small composition for the worker's handler, which runs in this process here."""
    size = FrameSize(256, 384)
    picture = write_picture(folder / "picture.png", picture_size(size), (90, 120, 60))
    motion = plan_motions(size, picture_size(size), [frames / 30], seed=1)[0]
    plan = Composition(size, 30, frames, 15, 5, (ScenePicture(picture, 0, frames, motion),))
    arguments = list(x264(PRESETS[Quality.DRAFT], 30).arguments)
    return plan.to_request() | {
        "ffmpeg": str(ffmpeg),
        "output": str(output),
        "encoder": arguments,
    }


@pytest.fixture
def stand_in(tmp_path: Path) -> Callable[[str], Path]:
    def write(body: str) -> Path:
        path = tmp_path / "ffmpeg-stand-in"
        path.write_text(f"#!{sys.executable}\nimport sys, time\n{body}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return write


@pytest.mark.req("E2", "ERR-6")
@pytest.mark.parametrize("body", ["time.sleep(600)", "sys.stdin.buffer.read(); time.sleep(600)"])
def test_an_encoder_that_hangs_is_given_up(
    tmp_path: Path,
    stand_in: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
    body: str,
) -> None:
    monkeypatch.setattr(feed, "STALL_S", 0.6)
    monkeypatch.setattr(feed, "FINISH_S", 0.6)
    with pytest.raises(ProgramError) as caught:
        list(make_handler()(request(tmp_path, stand_in(body), tmp_path / "out.mp4")))
    assert caught.value.message.id is MessageId.PROGRAM_HANGS
    assert caught.value.message.params["program"] == "FFmpeg"


def test_an_encoder_that_leaves_early_is_an_error(
    tmp_path: Path, stand_in: Callable[[str], Path]
) -> None:
    body = "sys.stdin.buffer.read(1000); print('out of ideas', file=sys.stderr); sys.exit(4)"
    with pytest.raises(ProgramError) as caught:
        list(make_handler()(request(tmp_path, stand_in(body), tmp_path / "out.mp4")))
    assert caught.value.message.id is MessageId.FFMPEG_FAILED
    assert caught.value.message.params["words"] == "out of ideas"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux' /dev/full")
def test_a_disk_that_fills_up_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        list(make_handler()(request(tmp_path, find_ffmpeg(), Path("/dev/full"))))
    assert caught.value.message.id is MessageId.DISK_FULL


def test_a_missing_encoder_has_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(ProgramError) as caught:
        list(make_handler()(request(tmp_path, tmp_path / "gone", tmp_path / "out.mp4")))
    assert caught.value.message.id is MessageId.FFMPEG_MISSING


def test_a_missing_picture_ends_the_encoder_too(tmp_path: Path) -> None:
    asked = request(tmp_path, find_ffmpeg(), tmp_path / "out.mp4")
    (tmp_path / "picture.png").unlink()
    with pytest.raises(MediaError) as caught:
        list(make_handler()(asked))
    assert caught.value.message.id is MessageId.PICTURE_INVALID


def test_the_same_plan_gives_the_same_frames(tmp_path: Path) -> None:
    ffmpeg = find_ffmpeg()
    hashes = []
    for name in ("a", "b"):
        video = tmp_path / f"{name}.mp4"
        list(make_handler()(request(tmp_path, ffmpeg, video)))
        digest = tmp_path / f"{name}.md5"
        run_ffmpeg(ffmpeg, ["-i", str(video), "-f", "md5", str(digest)], deadline_s=60)
        hashes.append(digest.read_text())
    assert hashes[0] == hashes[1]


@pytest.mark.slow
@pytest.mark.req("N1", "P9")
def test_memory_at_ultra(tmp_path: Path, pool: WorkerPool) -> None:
    """Ours stays below 600 MB, FFmpeg below 750, the length of the video notwithstanding."""
    context = make_context(tmp_path, pool, quality=Quality.ULTRA, scenes=2, voice_s=2.5)
    ours, encoders = [0], [0]
    for _step in RenderStage().run(context):
        for child in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                kind = encoders if "rawvideo" in child.cmdline() else ours
                kind.append(child.memory_info().rss)
    assert 0 < max(ours) < 600e6
    assert 0 < max(encoders) < 750e6


def test_pictures_are_cut_where_the_timeline_says(made: Made, tmp_path: Path) -> None:
    """Half-way between two scenes both are seen; beyond the fade only one is."""
    size = made.context.spec.frame_size
    start = round(made.output.value["scene_starts_s"][1] * 30)
    colours = [
        frame_as_rgb(made.video, number, size, tmp_path)[60:160, 60:-60].mean(axis=(0, 1))
        for number in (start - 1, start + 7, start + 15)
    ]
    first, second = np.array((60, 120, 180)), np.array((200, 90, 60))
    assert np.abs(colours[0] - first).max() <= 3
    assert np.abs(colours[2] - second).max() <= 3
    share = (colours[1] - first) / (second - first)
    assert all(0.3 < part < 0.7 for part in share)
    assert all(abs(a - b) < 0.1 for a, b in itertools.pairwise(share))
