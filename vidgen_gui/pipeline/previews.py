"""Samples for choosing: a picture with captions in a style, a sentence in a voice."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from vidgen_gui import __version__
from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.job import CaptionStyle
from vidgen_gui.core.quality import Aspect, Quality, frame_size
from vidgen_gui.core.script import Genre
from vidgen_gui.core.turn import Turn
from vidgen_gui.core.word_times import NARRATION_SPEED
from vidgen_gui.pipeline.stage import Workers
from vidgen_gui.pipeline.workers import WorkerPool
from vidgen_gui.store.identity import ProcessIdentity
from vidgen_gui.system.files import remove_tree, storage_errors
from vidgen_gui.system.paths import AppPaths

SAMPLE_TEXT = "Small steps still count"
SAMPLE_PROMPT = "a still mountain lake at sunrise, pine forest"
SAMPLE_SENTENCE = "Hello. This is how your next video could sound."
DEADLINE_S = 60.0
_WORKSPACE = "vidgen."


class Previews:
    """Makes samples once and keeps them in the cache folder. Call it from a pool thread.

    They are kept for one version of the app: the next may paint, draw or speak in another way.
    What makes them is given by whoever asks, so that it can be the same that videos are made with;
    without, workers are started for this one sample.
    """

    def __init__(self, paths: AppPaths) -> None:
        self._paths = paths
        self._folder = paths.cache / "previews"
        self._cancel = CancelToken()
        self._drawing = Turn()
        self._speaking = Turn()

    def stop(self) -> None:
        """End what is being made; whoever waits for it gets `Cancelled`."""
        self._cancel.cancel()

    def caption_sample(
        self, style: CaptionStyle, aspect: Aspect, workers: Workers | None = None
    ) -> Path:
        """A PNG of a painted picture with captions in ``style``, Draft size.

        The other styles' samples are made along with it, so that they are there when asked for.

        Raises:
            VidgenError: a worker failed or the disk is full.
            Cancelled: samples are no longer made.
        """
        target = self._caption_file(style, aspect)
        with self._drawing.taken(self._cancel):
            if not target.exists():
                with _or_own(workers) as pool:
                    self._make_caption_samples(aspect, pool)
        return target

    def voice_sample(self, voice: str, workers: Workers | None = None) -> Path:
        """A WAV of a sentence spoken by ``voice``, as fast as in a video.

        Raises:
            VidgenError: the voice is unknown, a worker failed or the disk is full.
            Cancelled: samples are no longer made.
        """
        target = self._kept / f"voice-{voice}.wav"
        with self._speaking.taken(self._cancel):
            if not target.exists():
                with _or_own(workers) as pool:
                    self._make_voice_sample(voice, target, pool)
        return target

    @property
    def _kept(self) -> Path:
        return self._folder / __version__

    def _caption_file(self, style: CaptionStyle, aspect: Aspect) -> Path:
        return self._kept / f"captions-{style.value}-{aspect.value.replace(':', 'x')}.png"

    def _make_caption_samples(self, aspect: Aspect, workers: Workers) -> None:
        size = frame_size(Quality.DRAFT, aspect)
        with self._workspace() as folder:
            background = folder / "picture.png"
            picture = {
                "prompt": SAMPLE_PROMPT,
                "genre": Genre.NATURE.value,
                "seed": 7,
                "width_px": size.width_px,
                "height_px": size.height_px,
                "out_png": str(background),
            }
            self._ask(workers, "painter", picture)
            files = {style: folder / f"{style.value}.png" for style in CaptionStyle}
            captions = {
                "sample_text": SAMPLE_TEXT,
                "aspect": aspect.value,
                "background_png": str(background),
                "out_pngs": {style.value: str(file) for style, file in files.items()},
            }
            self._ask(workers, "captions", captions)
            for style, file in files.items():
                file.replace(self._caption_file(style, aspect))

    def _make_voice_sample(self, voice: str, target: Path, workers: Workers) -> None:
        with self._workspace() as folder:
            result = folder / "voice.wav"
            request = {
                "text": SAMPLE_SENTENCE,
                "voice": voice,
                "speed": NARRATION_SPEED,
                "data_dir": str(self._paths.data),
                "out_wav": str(result),
            }
            self._ask(workers, "voice", request)
            result.replace(target)

    @contextlib.contextmanager
    def _workspace(self) -> Iterator[Path]:
        """A folder that goes with the block, or, after a kill, with the next one's beginning."""
        with storage_errors(self._folder):
            self._kept.mkdir(parents=True, exist_ok=True)
            self._sweep()
            own = ProcessIdentity.own()
            prefix = f"{_WORKSPACE}{own.pid}.{own.mark}."
            with tempfile.TemporaryDirectory(dir=self._folder, prefix=prefix) as name:
                yield Path(name)

    def _sweep(self) -> None:
        """Remove what other versions kept and what killed runs left."""
        for entry in self._folder.iterdir():
            _, pid, mark, _ = f"{entry.name}...".split(".", 3)
            working = entry.name.startswith(_WORKSPACE)
            if working and pid.isdigit() and ProcessIdentity(int(pid), mark).alive:
                continue
            if entry.is_dir() and entry != self._kept:
                remove_tree(entry)

    def _ask(self, workers: Workers, kind: str, request: Mapping[str, Any]) -> None:
        for _ in workers.call(kind, request, self._cancel, deadline_s=DEADLINE_S):
            pass


@contextlib.contextmanager
def _or_own(workers: Workers | None) -> Iterator[Workers]:
    if workers is not None:
        yield workers
        return
    with contextlib.closing(WorkerPool()) as own:
        yield own
