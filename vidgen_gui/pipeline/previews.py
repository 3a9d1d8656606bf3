"""Samples for choosing: a picture with captions in a style, a sentence in a voice."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.job import CaptionStyle
from vidgen_gui.core.quality import Aspect, Quality, frame_size
from vidgen_gui.core.script import Genre
from vidgen_gui.pipeline.workers import WorkerPool
from vidgen_gui.store.identity import ProcessIdentity
from vidgen_gui.system.files import remove_tree, storage_errors
from vidgen_gui.system.paths import AppPaths

SAMPLE_TEXT = "Small steps still count"
SAMPLE_PROMPT = "a quiet path through morning hills, first sunlight, a person walking"
SAMPLE_SENTENCE = "Hello. This is how your next video could sound."
DEADLINE_S = 60.0


class Previews:
    """Makes samples once and keeps them in the cache folder. Call it from a pool thread."""

    def __init__(self, paths: AppPaths) -> None:
        self._paths = paths
        self._folder = paths.cache / "previews"
        self._cancel = CancelToken()

    def stop(self) -> None:
        """End what is being made; whoever waits for it gets `Cancelled`."""
        self._cancel.cancel()

    def caption_sample(self, style: CaptionStyle, aspect: Aspect) -> Path:
        """A PNG of a painted picture with captions in ``style``, Draft size.

        Raises:
            VidgenError: a worker failed or the disk is full.
        """
        target = self._target(f"captions-{style.value}-{aspect.value.replace(':', 'x')}.png")
        if target.exists():
            return target
        size = frame_size(Quality.DRAFT, aspect)
        with self._workspace() as folder:
            background = folder / "picture.png"
            self._ask(
                "painter",
                {
                    "prompt": SAMPLE_PROMPT,
                    "genre": Genre.MOTIVATIONAL.value,
                    "seed": 7,
                    "width_px": size.width_px,
                    "height_px": size.height_px,
                    "out_png": str(background),
                },
            )
            result = folder / "sample.png"
            self._ask(
                "captions",
                {
                    "sample_text": SAMPLE_TEXT,
                    "style": style.value,
                    "aspect": aspect.value,
                    "background_png": str(background),
                    "out_png": str(result),
                },
            )
            result.replace(target)
        return target

    def voice_sample(self, voice: str) -> Path:
        """A WAV of a sentence spoken by ``voice``.

        Raises:
            VidgenError: the voice is unknown or a worker failed.
        """
        target = self._target("voice.wav")
        with self._workspace() as folder:
            result = folder / "voice.wav"
            request = {"text": SAMPLE_SENTENCE, "voice": voice, "out_wav": str(result)}
            self._ask("voice", request | {"data_dir": str(self._paths.data)})
            result.replace(target)
        return target

    def _target(self, name: str) -> Path:
        with storage_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / name

    @contextlib.contextmanager
    def _workspace(self) -> Iterator[Path]:
        """A folder that goes with the block, or, after a kill, with the next one's beginning."""
        with storage_errors(self._folder):
            for leftover in self._folder.glob("vidgen.*"):
                _, pid, mark, _ = f"{leftover.name}...".split(".", 3)
                if not (pid.isdigit() and ProcessIdentity(int(pid), mark).alive):
                    remove_tree(leftover)
            own = ProcessIdentity.own()
            prefix = f"vidgen.{own.pid}.{own.mark}."
            with tempfile.TemporaryDirectory(dir=self._folder, prefix=prefix) as name:
                yield Path(name)

    def _ask(self, kind: str, request: Mapping[str, Any]) -> None:
        workers = WorkerPool()
        try:
            for _ in workers.call(kind, request, self._cancel, deadline_s=DEADLINE_S):
                pass
        finally:
            workers.close()
