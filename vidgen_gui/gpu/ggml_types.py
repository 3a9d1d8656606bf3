"""The number types of ggml and what a block of each takes; figures only, nothing is decoded."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class GgmlType:
    """``block_elements`` numbers are stored together in ``block_bytes``."""

    name: str
    block_elements: int
    block_bytes: int

    def size_bytes(self, elements: int) -> int:
        """Bytes of so many numbers, which must fill whole blocks."""
        return elements // self.block_elements * self.block_bytes

    @property
    def quantised(self) -> bool:
        return self.block_elements > 1


_TABLE = (
    (0, "F32", 1, 4),
    (1, "F16", 1, 2),
    (2, "Q4_0", 32, 18),
    (3, "Q4_1", 32, 20),
    (6, "Q5_0", 32, 22),
    (7, "Q5_1", 32, 24),
    (8, "Q8_0", 32, 34),
    (9, "Q8_1", 32, 40),
    (10, "Q2_K", 256, 84),
    (11, "Q3_K", 256, 110),
    (12, "Q4_K", 256, 144),
    (13, "Q5_K", 256, 176),
    (14, "Q6_K", 256, 210),
    (15, "Q8_K", 256, 292),
    (16, "IQ2_XXS", 256, 66),
    (17, "IQ2_XS", 256, 74),
    (18, "IQ3_XXS", 256, 98),
    (19, "IQ1_S", 256, 50),
    (20, "IQ4_NL", 32, 18),
    (21, "IQ3_S", 256, 110),
    (22, "IQ2_S", 256, 82),
    (23, "IQ4_XS", 256, 136),
    (24, "I8", 1, 1),
    (25, "I16", 1, 2),
    (26, "I32", 1, 4),
    (27, "I64", 1, 8),
    (28, "F64", 1, 8),
    (29, "IQ1_M", 256, 56),
    (30, "BF16", 1, 2),
    (31, "Q4_0_4_4", 32, 18),
    (32, "Q4_0_4_8", 32, 18),
    (33, "Q4_0_8_8", 32, 18),
    (34, "TQ1_0", 256, 54),
    (35, "TQ2_0", 256, 66),
    (36, "IQ4_NL_4_4", 32, 18),
    (37, "IQ4_NL_4_8", 32, 18),
    (38, "IQ4_NL_8_8", 32, 18),
    (39, "MXFP4", 32, 17),
    (40, "NVFP4", 64, 36),
    (41, "Q1_0", 128, 18),
)

GGML_TYPES: Mapping[int, GgmlType] = MappingProxyType(
    {number: GgmlType(name, elements, size) for number, name, elements, size in _TABLE}
)
"""By the number in the file: ``enum ggml_type`` of ggml.h and the block layouts of ggml-common.h.

4 and 5 were withdrawn before GGUF existed; 31–33 and 36–38 are older spellings that repack others.
"""

TYPE_NUMBERS: Mapping[str, int] = MappingProxyType(
    {kind.name: number for number, kind in GGML_TYPES.items()}
)
"""The other way round."""


def named(name: str) -> GgmlType:
    """The type called ``name``, as in ``Q8_0``.

    Raises:
        KeyError: there is none.
    """
    return GGML_TYPES[TYPE_NUMBERS[name]]
