"""Reading loudness and true peak (EBU R 128 / ITU-R BS.1770) from FFmpeg's ``ebur128`` filter."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import regex

TARGET_LUFS = -14.0
TOLERANCE_LU = 0.5
MAX_TRUE_PEAK_DBTP = -1.0
SILENCE_LUFS = -69.5
"""The meter's absolute gate lies at −70; what reads lower than this has no loudness."""

_SUMMARY = regex.compile(r"\[(?:\w+@)?(\S+) @ \S+\] Summary:")
_FIGURE = regex.compile(r"^\s*(I|Peak):\s+(\S+) (?:LUFS|dBFS)$")


@dataclass(frozen=True, slots=True)
class Loudness:
    """Integrated loudness and, where it was measured, the true peak; −inf is silence."""

    integrated_lufs: float = -math.inf
    true_peak_dbtp: float = -math.inf

    @property
    def is_silence(self) -> bool:
        return self.integrated_lufs <= SILENCE_LUFS

    @property
    def is_right(self) -> bool:
        """Whether this is what a finished video has to sound like."""
        return (
            abs(self.integrated_lufs - TARGET_LUFS) <= TOLERANCE_LU
            and self.true_peak_dbtp <= MAX_TRUE_PEAK_DBTP
        )


def meter(name: str, *, true_peak: bool = False) -> str:
    """The filter that measures what passes through it; ``name`` finds it in the log."""
    return f"ebur128@{name}=framelog=quiet" + (":peak=true" if true_peak else "")


def read_summaries(log: str) -> Mapping[str, Loudness]:
    """What each `meter` of a finished run wrote at its end (log level info), by name."""
    figures: dict[str, dict[str, float]] = {}
    current: dict[str, float] = {}
    for line in log.splitlines():
        if header := _SUMMARY.match(line):
            current = figures.setdefault(header[1], {})
        elif figure := _FIGURE.match(line):
            value = float(figure[2])
            current[figure[1]] = -math.inf if math.isnan(value) else value
    return {
        name: Loudness(found.get("I", -math.inf), found.get("Peak", -math.inf))
        for name, found in figures.items()
    }
