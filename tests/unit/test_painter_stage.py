"""The image stage, the painter's handler and the check of what was written."""

import os
import zlib
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import MediaError, StorageError
from vidgen_gui.core.events import Progress
from vidgen_gui.core.job import JobSpec, StageName
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.plan import PAINTER
from vidgen_gui.core.quality import Aspect, FrameSize, Quality
from vidgen_gui.core.script import Genre, Scene, Script
from vidgen_gui.media.painter.compose import paint
from vidgen_gui.media.painter.scheme import VideoPart
from vidgen_gui.media.painter.worker import make_handler
from vidgen_gui.media.png_check import check_png
from vidgen_gui.pipeline.stage import StageContext, StageOutput, StoredInput
from vidgen_gui.pipeline.stages.image import PICTURE_NAME, ImageStage

SIZE = FrameSize(120, 160)


class InProcess:
    """Runs the painter's handler here instead of in a worker process."""

    def __init__(self, spoil: str = "") -> None:
        self.requests: list[Mapping[str, Any]] = []
        self._spoil = spoil

    def call(
        self, kind: str, request: Mapping[str, Any], cancel: CancelToken, *, deadline_s: float
    ) -> Generator[Progress, None, Mapping[str, Any]]:
        assert kind == "painter"
        assert deadline_s > 10
        self.requests.append(request)
        result = yield from make_handler()(request)
        spoil_picture(Path(request["out_png"]), self._spoil)
        return result


def spoil_picture(path: Path, how: str) -> None:
    if how == "cut":
        os.truncate(path, path.stat().st_size // 2)
    elif how == "flipped":
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0xFF
        path.write_bytes(data)
    elif how == "small":
        cv2.imwrite(str(path), cv2.resize(cv2.imread(str(path)), (64, 64)))
    elif how in {"black", "white"}:
        picture = cv2.imread(str(path))
        picture[:] = 0 if how == "black" else 255
        cv2.imwrite(str(path), picture)
    elif how == "gone":
        path.unlink()


def stored(script: Script) -> dict[tuple[StageName, int | None], StoredInput]:
    value = script.to_dict()
    made = StoredInput("key", "sha", Path(), value, "builtin")
    return {(StageName.SCRIPT, None): made}


def script_of(*prompts: str, narration: str = "Words.") -> Script:
    return Script("Title", tuple(Scene(narration, prompt) for prompt in prompts))


def spec_of(**options: Any) -> JobSpec:
    options = {"quality": Quality.DRAFT, "genre": Genre.NATURE, "output_dir": Path()} | options
    return JobSpec.create(topic="The secret life of trees", **options)


def test_a_scene_is_painted_in_the_colours_of_its_video(tmp_path: Path) -> None:
    run_stage(tmp_path, InProcess(), scene=1)
    size = picture_size(spec_of().frame_size)
    part = VideoPart("The secret life of trees", 0, 1)
    wanted = paint(
        "a still lake at dusk", Genre.NATURE, 1, size.width_px, size.height_px, video=part
    )  # fmt: skip
    picture = cv2.imread(str(tmp_path / PICTURE_NAME))
    assert np.array_equal(picture[:, :, ::-1], wanted)


def run_stage(tmp_path: Path, workers: InProcess, scene: int = 0) -> StageOutput:
    context = StageContext(
        spec=spec_of(),
        scene=scene,
        inputs=stored(script_of("a forest at dawn", "a still lake at dusk")),
        workdir=tmp_path,
        cancel=CancelToken(),
        workers=workers,
        ffmpeg=Path("ffmpeg"),
    )
    work = ImageStage().run(context)
    fractions = []
    while True:
        try:
            fractions.append(next(work).fraction)
        except StopIteration as done:
            assert fractions == sorted(fractions)
            assert len(fractions) >= 4
            output: StageOutput = done.value
            return output


def test_a_scene_becomes_a_picture_with_the_margin_that_motion_needs(tmp_path: Path) -> None:
    workers = InProcess()
    output = run_stage(tmp_path, workers, scene=1)
    assert output.files == (PICTURE_NAME,)
    assert output.rung == PAINTER
    assert output.value["motif"] == "lake"
    picture = cv2.imread(str(tmp_path / PICTURE_NAME), cv2.IMREAD_UNCHANGED)
    wanted = picture_size(spec_of().frame_size)
    assert picture.shape == (wanted.height_px, wanted.width_px, 3)
    assert wanted.width_px >= 1.12 * 512
    assert wanted.width_px % 2 == wanted.height_px % 2 == 0
    assert workers.requests[0]["prompt"] == "a still lake at dusk"
    assert workers.requests[0]["video"] == {
        "about": "The secret life of trees", "seed": 0, "scene": 1,
    }  # fmt: skip


@pytest.mark.req("K3", "V7")
@pytest.mark.parametrize("how", ["cut", "flipped", "small", "black", "white"])
def test_a_damaged_or_blank_picture_never_passes(tmp_path: Path, how: str) -> None:
    with pytest.raises(MediaError) as caught:
        run_stage(tmp_path, InProcess(how))
    assert caught.value.message.id is MessageId.PICTURE_INVALID


def test_a_picture_that_vanished_is_a_storage_fault(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        run_stage(tmp_path, InProcess("gone"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said_in_those_words() -> None:
    request = {
        "prompt": "a forest", "genre": "nature", "seed": 1, "width_px": 120, "height_px": 160,
        "out_png": "/dev/full",
    }  # fmt: skip
    with pytest.raises(StorageError) as caught:
        list(make_handler()(request))
    assert caught.value.message.id is MessageId.DISK_FULL


def test_the_intent_follows_what_is_seen_and_nothing_else() -> None:
    stage = ImageStage()
    script = stored(script_of("a forest", "a forest"))
    plain = stage.intent(spec_of(), 0, script)
    assert stage.intent(spec_of(), 0, stored(script_of("a forest", narration="Other."))) == plain
    assert stage.intent(spec_of(voice="en_US-other-medium"), 0, script) == plain
    others = [
        stage.intent(spec_of(), 1, script),
        stage.intent(spec_of(), 0, stored(script_of("a lake"))),
        stage.intent(spec_of(seed=1000), 0, script),
        stage.intent(spec_of(genre=Genre.TECH), 0, script),
        stage.intent(spec_of(quality=Quality.ULTRA), 0, script),
        stage.intent(spec_of(aspect=Aspect.SQUARE), 0, script),
    ]
    assert all(other != plain for other in others)


def test_the_intent_says_whose_colours_a_picture_has() -> None:
    stage = ImageStage()
    script = stored(script_of("a forest", "a forest"))
    pasted = JobSpec.create(
        topic="", script_text="One. Two.", genre=Genre.NATURE, output_dir=Path(), seed=5
    )  # fmt: skip
    assert stage.intent(pasted, 1, script)["video"] == {"about": "Title", "seed": 5, "scene": 1}
    plain = stage.intent(spec_of(), 0, script)
    other = JobSpec.create(
        topic="Rivers", quality=Quality.DRAFT, genre=Genre.NATURE, output_dir=Path()
    )  # fmt: skip
    assert stage.intent(other, 0, script) != plain
    longer = stored(script_of("a forest", "a forest", "a lake"))
    assert stage.intent(spec_of(), 0, longer) == plain, "a scene more leaves the others be"
    assert plain["painter"] >= 2


def test_a_scene_without_a_prompt_is_painted_from_the_topic() -> None:
    intent = ImageStage().intent(spec_of(), 0, stored(script_of("")))
    assert intent["prompt"] == "The secret life of trees"


def test_the_check_accepts_what_other_writers_of_png_make(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    for name, shape in (("grey", (160, 120)), ("rgb", (160, 120, 3)), ("rgba", (160, 120, 4))):
        path = tmp_path / f"{name}.png"
        cv2.imwrite(str(path), rng.integers(0, 255, shape).astype(np.uint8))
        check_png(path, SIZE)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x89PNG\r\n\x1a\n", b"<html>not found</html>" * 50, b"\x89PNG\r\n\x1a\n" + bytes(64)],
)
def test_the_check_refuses_what_is_no_picture(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(data)
    with pytest.raises(MediaError):
        check_png(path, SIZE)


def test_the_check_refuses_pixels_that_go_on_too_long(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    cv2.imwrite(str(path), np.zeros((160, 120, 3), np.uint8))
    data = path.read_bytes()
    start = data.index(b"IDAT") - 4
    body = zlib.compress(os.urandom(200_000))
    length = len(body).to_bytes(4, "big")
    checksum = zlib.crc32(b"IDAT" + body).to_bytes(4, "big")
    path.write_bytes(data[:start] + length + b"IDAT" + body + checksum + data[-12:])
    with pytest.raises(MediaError):
        check_png(path, SIZE)
