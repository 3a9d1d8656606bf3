"""How scenes follow each other in time: the one plan that sound, pictures and captions share."""

from dataclasses import dataclass

LEAD_IN_S = 0.35
"""Quiet before the first word, so that the first picture is seen."""
SCENE_GAP_S = 0.35
"""Breath between two scenes; the crossfade lies around it."""
TAIL_S = 1.2
"""What stays after the last word, while the music fades."""
CROSSFADE_S = 0.5


@dataclass(frozen=True, slots=True)
class SceneSpan:
    """One scene's place, in frames (half-open) and seconds.

    Neighbouring spans overlap by the crossfade; ``voice_start_s`` is where its WAV begins.
    """

    first_frame: int
    end_frame: int
    voice_start_s: float
    voice_end_s: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole video: ``frame_count`` frames at ``fps``, scenes in order."""

    fps: int
    frame_count: int
    crossfade_frames: int
    scenes: tuple[SceneSpan, ...]

    @property
    def duration_s(self) -> float:
        return self.frame_count / self.fps


def plan_timeline(voice_durations_s: list[float], fps: int) -> Timeline:
    """Lay the scenes' voices end to end with a breath between them.

    Args:
        voice_durations_s: length of each scene's WAV; at least one, each positive.

    Raises:
        ValueError: nothing to lay out, or a duration that is not a positive number.
    """
    if not voice_durations_s or not all(0 < d < 86_400 for d in voice_durations_s):
        raise ValueError(f"durations must be positive seconds: {voice_durations_s!r}")
    fade = round(CROSSFADE_S * fps)
    starts: list[float] = []
    clock = LEAD_IN_S
    for duration in voice_durations_s:
        starts.append(clock)
        clock += duration + SCENE_GAP_S
    total = round((clock - SCENE_GAP_S + TAIL_S) * fps)
    cuts = [0]
    for start in starts[1:]:
        # The fade is centred on the breath before the scene's first word.
        cuts.append(max(cuts[-1] + 1, round((start - SCENE_GAP_S / 2) * fps)))
    cuts.append(total)
    spans = []
    for index, (start, duration) in enumerate(zip(starts, voice_durations_s, strict=True)):
        first = max(0, cuts[index] - fade // 2) if index else 0
        last = index == len(starts) - 1
        end = total if last else min(total, cuts[index + 1] - fade // 2 + fade)
        spans.append(SceneSpan(first, end, start, start + duration))
    return Timeline(fps, total, fade, tuple(spans))
