"""What the compositor is asked for: which picture when, moving how, into which file.

Shared by the stage that asks and the worker that does it; no picture library is loaded here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.quality import FrameSize
from vidgen_gui.media.motion import Motion, Pose


@dataclass(frozen=True, slots=True)
class ScenePicture:
    """One scene: its picture, the frames that show it (half-open), and the way over it."""

    picture: Path
    first_frame: int
    end_frame: int
    motion: Motion

    def fraction(self, frame_number: int) -> float:
        """How much of the scene's time is over at a frame, 0…1."""
        return (frame_number - self.first_frame) / max(1, self.end_frame - 1 - self.first_frame)


@dataclass(frozen=True, slots=True)
class Composition:
    """A whole video without its sound.

    Neighbouring scenes overlap; the later one fades in over ``crossfade_frames``. The last
    ``dim_frames`` grow dark. ``sound`` is ready-made AAC; ``captions`` is a caption index.
    """

    size: FrameSize
    fps: int
    frame_count: int
    crossfade_frames: int
    dim_frames: int
    scenes: tuple[ScenePicture, ...]
    captions: Path | None = None
    sound: Path | None = None

    def __post_init__(self) -> None:
        reached = 0
        for scene in self.scenes:
            if scene.first_frame > reached:
                raise ValueError(f"no picture for frame {reached}")
            reached = max(reached, scene.end_frame)
        if reached < self.frame_count or self.frame_count < 1:
            raise ValueError(f"pictures end at frame {reached} of {self.frame_count}")

    def fade_in(self, scene: ScenePicture, frame_number: int) -> float:
        """How much a scene covers those before it, 0…1."""
        if scene.first_frame == 0 or self.crossfade_frames == 0:
            return 1.0
        passed = (frame_number - scene.first_frame + 0.5) / self.crossfade_frames
        passed = min(1.0, max(0.0, passed))
        return passed * passed * (3 - 2 * passed)

    def light(self, frame_number: int) -> float:
        """The brightness of a frame: 1, but less at the very end."""
        left = self.frame_count - frame_number
        if left > self.dim_frames:
            return 1.0
        return DIM_TO + (1 - DIM_TO) * (left - 1) / max(1, self.dim_frames)

    def to_request(self) -> dict[str, Any]:
        """As JSON values; `from_request` is the way back."""
        return {
            "width_px": self.size.width_px,
            "height_px": self.size.height_px,
            "fps": self.fps,
            "frame_count": self.frame_count,
            "crossfade_frames": self.crossfade_frames,
            "dim_frames": self.dim_frames,
            "captions": str(self.captions) if self.captions else None,
            "sound": str(self.sound) if self.sound else None,
            "scenes": [
                {
                    "picture": str(scene.picture),
                    "first_frame": scene.first_frame,
                    "end_frame": scene.end_frame,
                    "start": _pose_values(scene.motion.start),
                    "end": _pose_values(scene.motion.end),
                }
                for scene in self.scenes
            ],
        }

    @classmethod
    def from_request(cls, data: Mapping[str, Any]) -> "Composition":
        """Rebuild what `to_request` wrote; KeyError, TypeError or ValueError otherwise."""
        size = FrameSize(int(data["width_px"]), int(data["height_px"]))
        picture = picture_size(size)
        scenes = tuple(
            ScenePicture(
                Path(scene["picture"]),
                int(scene["first_frame"]),
                int(scene["end_frame"]),
                Motion(size, picture, Pose(*scene["start"]), Pose(*scene["end"])),
            )
            for scene in data["scenes"]
        )
        captions, sound = data.get("captions"), data.get("sound")
        return cls(
            size=size,
            fps=int(data["fps"]),
            frame_count=int(data["frame_count"]),
            crossfade_frames=int(data["crossfade_frames"]),
            dim_frames=int(data["dim_frames"]),
            scenes=scenes,
            captions=Path(captions) if captions else None,
            sound=Path(sound) if sound else None,
        )


DIM_TO = 0.25
"""How bright the very last frame is."""


def _pose_values(pose: Pose) -> list[float]:
    return [pose.scale, pose.across, pose.down]
