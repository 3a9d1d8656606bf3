"""Samples for choosing: a picture with captions in a style, a sentence in a voice."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.job import CaptionStyle
from vidgen_gui.core.quality import Aspect, Quality, frame_size
from vidgen_gui.core.script import Genre
from vidgen_gui.pipeline.workers import WorkerPool
from vidgen_gui.system.files import storage_errors
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

    def caption_sample(self, style: CaptionStyle, aspect: Aspect) -> Path:
        """A PNG of a painted picture with captions in ``style``, Draft size.

        Raises:
            VidgenError: a worker failed or the disk is full.
        """
        target = self._target(f"captions-{style.value}-{aspect.value.replace(':', 'x')}.png")
        if target.exists():
            return target
        size = frame_size(Quality.DRAFT, aspect)
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            folder = Path(name)
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
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            result = Path(name) / "voice.wav"
            request = {"text": SAMPLE_SENTENCE, "voice": voice, "out_wav": str(result)}
            self._ask("voice", request | {"data_dir": str(self._paths.data)})
            result.replace(target)
        return target

    def _target(self, name: str) -> Path:
        with storage_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / name

    @staticmethod
    def _ask(kind: str, request: Mapping[str, Any]) -> None:
        workers = WorkerPool()
        try:
            for _ in workers.call(kind, request, CancelToken(), deadline_s=DEADLINE_S):
                pass
        finally:
            workers.close()
