"""How far a job is and how long it will still take. Pure; clocks are handed in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vidgen_gui.core.job import JobSpec, StageName
from vidgen_gui.core.quality import PRESETS, Quality
from vidgen_gui.pipeline.graph import Unit

DEFAULT_STAGE_SECONDS: Mapping[StageName, float] = {
    StageName.SCRIPT: 0.3,
    StageName.NARRATION: 3.0,
    StageName.MUSIC: 2.0,
    StageName.IMAGE: 5.0,
    StageName.RENDER: 14.0,
}
"""What each stage takes of a Standard video on two cores, until this machine was measured."""
EXPECTED_SCENES = 5
LONGEST_ETA_S = 86_400.0
_CHARS_A_SCENE = 120
_PER_SCENE = frozenset({StageName.NARRATION, StageName.IMAGE})


def expected_scenes(spec: JobSpec) -> int:
    """About how many scenes the video will have."""
    if spec.script_text is None:
        return EXPECTED_SCENES
    return max(1, len(spec.script_text) // _CHARS_A_SCENE)


def estimated_stage_seconds(
    spec: JobSpec, unit_seconds: Mapping[StageName, float]
) -> dict[StageName, float]:
    """Expected seconds of whole stages.

    Args:
        unit_seconds: what one run of each stage took here at this quality; what is missing is
            scaled from the defaults by the frame's pixels.
    """
    size, standard = spec.frame_size, PRESETS[Quality.STANDARD].portrait
    pixels = size.width_px * size.height_px / (standard.width_px * standard.height_px)
    scenes = expected_scenes(spec)
    # What was measured is of videos as they mostly are; a long script's takes that much longer.
    longer = max(1.0, scenes / EXPECTED_SCENES)
    seconds = {}
    for stage, default_s in DEFAULT_STAGE_SECONDS.items():
        if stage in unit_seconds:
            whole = longer if stage is StageName.RENDER else 1.0
            seconds[stage] = unit_seconds[stage] * (scenes if stage in _PER_SCENE else whole)
        else:
            grows = stage in {StageName.IMAGE, StageName.RENDER}
            seconds[stage] = default_s * scenes / EXPECTED_SCENES * (pixels if grows else 1.0)
    return seconds


@dataclass
class JobProgress:
    """The progress of one job in weighted units.

    ``stage_seconds`` are expected seconds of whole stages; only their proportions matter for
    `fraction`, and `eta_s` corrects them by what the job has really taken so far.
    """

    stage_seconds: Mapping[StageName, float] = field(
        default_factory=lambda: dict(DEFAULT_STAGE_SECONDS)
    )
    scene_count: int | None = None
    _fractions: dict[StageName, dict[int | None, float]] = field(default_factory=dict)
    _worked_s: float = 0.0
    _worked_fraction: float = 0.0

    def update(self, unit: Unit, fraction: float) -> None:
        """Note that ``unit`` is so far; it never goes back, and is kept within 0…1."""
        bounded = min(1.0, max(0.0, fraction)) if fraction == fraction else 0.0  # noqa: PLR0124
        of_stage = self._fractions.setdefault(unit.stage, {})
        of_stage[unit.scene] = max(of_stage.get(unit.scene, 0.0), bounded)

    def stage_fraction(self, stage: StageName) -> float:
        """How much of one stage is done, 0…1."""
        count = (self.scene_count or EXPECTED_SCENES) if stage in _PER_SCENE else 1
        so_far = self._fractions.get(stage, {}).items()
        return sum(fraction for scene, fraction in so_far if (scene or 0) < count) / count

    @property
    def fraction(self) -> float:
        """How much of the whole job is done, 0…1."""
        total = sum(self.stage_seconds.values())
        if total <= 0:
            return 0.0
        done = sum(
            seconds * self.stage_fraction(stage) for stage, seconds in self.stage_seconds.items()
        )
        return done / total

    def tick(self, elapsed_s: float) -> None:
        """Note that ``elapsed_s`` more seconds of work went by."""
        if elapsed_s <= 0:
            return
        self._worked_s += elapsed_s
        self._worked_fraction = self.fraction

    @property
    def eta_s(self) -> float | None:
        """Seconds still to go: the expected time, blended with the measured speed.

        None when nothing is left or nothing sensible can be said.
        """
        remaining = 1.0 - self.fraction
        if remaining <= 0:
            return None
        expected = remaining * sum(self.stage_seconds.values())
        if self._worked_fraction > 0 and self._worked_s > 0:
            # The further the job is, the more its own speed counts.
            measured = remaining * self._worked_s / self._worked_fraction
            trust = min(1.0, self._worked_fraction * 2)
            expected = trust * measured + (1 - trust) * expected
        return min(max(0.0, expected), LONGEST_ETA_S)
