"""An amount of memory that is not known exactly: at least, probably, at most."""

import math
from dataclasses import dataclass
from typing import Self

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class MemoryRange:
    """Amounts in MiB, finite, ``0 <= low <= likely <= high``."""

    low_mib: float
    likely_mib: float
    high_mib: float

    def __post_init__(self) -> None:
        figures = (self.low_mib, self.likely_mib, self.high_mib)
        if not all(map(math.isfinite, figures)) or not 0 <= figures[0] <= figures[1] <= figures[2]:
            raise ValueError(f"no range: {figures}")

    @classmethod
    def exact(cls, mib: float) -> Self:
        return cls(mib, mib, mib)

    @classmethod
    def exact_bytes(cls, amount: int) -> Self:
        return cls.exact(amount / MIB)

    def __add__(self, other: "MemoryRange") -> "MemoryRange":
        return MemoryRange(
            self.low_mib + other.low_mib,
            self.likely_mib + other.likely_mib,
            self.high_mib + other.high_mib,
        )


NOTHING = MemoryRange(0.0, 0.0, 0.0)
