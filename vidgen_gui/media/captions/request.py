"""What the captions worker is asked, as a value that travels as JSON."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidgen_gui.core.job import CaptionStyle
from vidgen_gui.core.quality import Aspect, FrameSize
from vidgen_gui.core.script import WordTiming


@dataclass(frozen=True, slots=True)
class CaptionRequest:
    """What to draw.

    ``scenes``: each scene's words, in video time. ``scene_end_frames``: where each scene's
    captions have to be gone, None for the end of the video. ``out_dir`` exists; ``srt``, when
    given, is written as well. ``language``: of the words, if it is known.
    """

    scenes: Sequence[Sequence[WordTiming]]
    scene_end_frames: Sequence[int] | None
    fps: float
    frame_count: int
    size: FrameSize
    aspect: Aspect
    style: CaptionStyle
    out_dir: Path
    srt: Path | None = None
    language: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {
            "words": [[[w.text, w.start_s, w.end_s] for w in scene] for scene in self.scenes],
            "scene_end_frames": self.scene_end_frames and list(self.scene_end_frames),
            "fps": self.fps,
            "frame_count": self.frame_count,
            "width_px": self.size.width_px,
            "height_px": self.size.height_px,
            "aspect": self.aspect.value,
            "style": self.style.value,
            "out_dir": str(self.out_dir),
            "srt": str(self.srt) if self.srt else None,
            "language": self.language,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "CaptionRequest":
        """Rebuild what `to_dict` made; KeyError, TypeError or ValueError for anything else."""
        srt = data.get("srt")
        request = cls(
            scenes=[
                [WordTiming(str(text), float(start), float(end)) for text, start, end in scene]
                for scene in data["words"]
            ],
            scene_end_frames=data.get("scene_end_frames"),
            fps=float(data["fps"]),
            frame_count=int(data["frame_count"]),
            size=FrameSize(int(data["width_px"]), int(data["height_px"])),
            aspect=Aspect(data["aspect"]),
            style=CaptionStyle(data["style"]),
            out_dir=Path(data["out_dir"]),
            srt=Path(srt) if srt else None,
            language=str(data.get("language") or ""),
        )
        times = [t for scene in request.scenes for w in scene for t in (w.start_s, w.end_s)]
        if not all(map(math.isfinite, times)) or request.fps <= 0:
            raise ValueError("times and rate must be finite, the rate positive")
        return request
