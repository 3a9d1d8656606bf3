"""The wizard's samples: real pictures and sounds from real workers, made once."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from voice_tools import read_wav

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, InputError, MediaError
from vidgen_gui.core.job import CaptionStyle
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.quality import Aspect, Quality, frame_size
from vidgen_gui.core.safe_zone import safe_box
from vidgen_gui.pipeline.previews import Previews
from vidgen_gui.pipeline.workers import WorkerPool
from vidgen_gui.services.piper.voices import BUNDLED_VOICE
from vidgen_gui.system.paths import AppPaths
from vidgen_gui.system.worker import WorkerProcess

ACCENTS = {
    CaptionStyle.BOLD: (255, 214, 10),
    CaptionStyle.BOXED: (94, 80, 242),
    CaptionStyle.CLEAN: (255, 221, 102),
}


@pytest.fixture
def previews() -> Iterator[Previews]:
    made = Previews(AppPaths.find())
    yield made
    made.stop()


def read_rgb(path: Path) -> np.ndarray:
    picture = cv2.imread(str(path))
    assert picture is not None
    return picture[..., ::-1].astype(int)


@pytest.mark.parametrize("aspect", [Aspect.PORTRAIT, Aspect.LANDSCAPE])
def test_each_style_is_shown_over_the_same_picture(previews: Previews, aspect: Aspect) -> None:
    size = frame_size(Quality.DRAFT, aspect)
    samples = {style: read_rgb(previews.caption_sample(style, aspect)) for style in CaptionStyle}
    zone = safe_box(size, aspect)
    outside = np.ones((size.height_px, size.width_px), bool)
    outside[zone.top_px : zone.bottom_px, zone.left_px : zone.right_px] = False
    first = samples[CaptionStyle.BOLD]
    for style, sample in samples.items():
        assert sample.shape == (size.height_px, size.width_px, 3)
        assert np.array_equal(sample[outside], first[outside])
        accent = np.abs(sample - ACCENTS[style]).max(axis=2) < 6
        assert accent.sum() > 100
        # The second word is lit: in its line, white letters come before.
        white = sample.min(axis=2) > 250
        lit_row = np.flatnonzero(accent.any(axis=1))
        letters = np.flatnonzero(white[lit_row[0] : lit_row[-1] + 1].any(axis=0))
        lit = np.flatnonzero(accent.any(axis=0))
        assert letters[0] < lit[0] - 20


@pytest.mark.req("U10")
def test_samples_are_made_once_and_for_all_styles(previews: Previews) -> None:
    paths = {style: previews.caption_sample(style, Aspect.SQUARE) for style in CaptionStyle}
    stamps = {path: path.stat().st_mtime_ns for path in paths.values()}
    again = Previews(AppPaths.find())
    for style, path in paths.items():
        assert again.caption_sample(style, Aspect.SQUARE) == path
        assert path.stat().st_mtime_ns == stamps[path]
    folder = next(iter(stamps)).parent
    assert sorted(entry.name for entry in folder.parent.iterdir()) == [folder.name]
    assert len(list(folder.iterdir())) == len(CaptionStyle)


def test_samples_are_made_by_the_workers_that_are_there(previews: Previews) -> None:
    with contextlib.closing(WorkerPool()) as workers:
        previews.caption_sample(CaptionStyle.BOLD, Aspect.SQUARE, workers)
        assert not workers.has_idle()
        assert workers.has_idle(older_than_s=0.0)
        first = {kind: [one.pid for _, one in idle] for kind, idle in workers._idle.items()}
        assert set(first) == {"painter", "captions"}
        previews.caption_sample(CaptionStyle.BOLD, Aspect.PORTRAIT, workers)
        again = {kind: [one.pid for _, one in idle] for kind, idle in workers._idle.items()}
        assert again == first
        workers.close_idle(older_than_s=0.0)
        assert not workers.has_idle(older_than_s=0.0)


def test_what_another_version_kept_is_removed(previews: Previews) -> None:
    old = AppPaths.find().cache / "previews" / "0.0.1"
    old.mkdir(parents=True)
    (old / "captions-bold-9x16.png").write_bytes(b"old")
    assert previews.caption_sample(CaptionStyle.BOLD, Aspect.SQUARE).is_file()
    assert not old.exists()


def test_a_voice_speaks_once(previews: Previews) -> None:
    path = previews.voice_sample(BUNDLED_VOICE)
    samples, rate_hz = read_wav(path)
    assert 2 < samples.size / rate_hz < 6
    assert np.abs(samples).max() > 0.2
    stamp = path.stat().st_mtime_ns
    assert previews.voice_sample(BUNDLED_VOICE).stat().st_mtime_ns == stamp


def test_an_unknown_voice_leaves_nothing(previews: Previews) -> None:
    with pytest.raises(InputError):
        previews.voice_sample("nobody")
    assert not list((AppPaths.find().cache / "previews").rglob("*.wav"))


@pytest.mark.req("E1")
def test_stopping_ends_what_is_being_made(previews: Previews) -> None:
    raised: list[type[BaseException]] = []

    def ask() -> None:
        try:
            previews.caption_sample(CaptionStyle.BOLD, Aspect.PORTRAIT)
        except Cancelled:
            raised.append(Cancelled)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    previews.stop()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert raised == [Cancelled, Cancelled]
    folder = AppPaths.find().cache / "previews"
    assert not list(folder.glob("vidgen.*"))


def test_a_damaged_background_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "picture.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    worker = WorkerProcess("captions")
    request = {
        "sample_text": "Hello there",
        "aspect": "9:16",
        "background_png": str(broken),
        "out_pngs": {"bold": str(tmp_path / "out.png")},
    }
    try:
        with pytest.raises(MediaError) as caught:
            list(worker.call(request, CancelToken(), deadline_s=30))
    finally:
        worker.close()
    assert caught.value.message.id is MessageId.PICTURE_INVALID
    assert not (tmp_path / "out.png").exists()
