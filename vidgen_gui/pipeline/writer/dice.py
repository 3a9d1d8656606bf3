"""Seeded choices that come out the same on every Python version and platform."""

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Every choice the writer makes.

    Uses `random.Random.random` alone: it is the one method whose results Python promises
    to keep for a given seed.
    """

    def __init__(self, *ingredients: object) -> None:
        text = "\x1f".join(str(item) for item in ingredients)
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        self._random = random.Random(int.from_bytes(digest[:8], "big")).random

    def chance(self, probability: float) -> bool:
        return self._random() < probability

    def pick(self, options: Sequence[T]) -> T:
        """Return one of ``options``, which must not be empty."""
        return options[int(self._random() * len(options))]

    def pick_weighted(self, options: Sequence[T], weights: Sequence[float]) -> T:
        """Return one of ``options`` by its weight; the weights' sum must be positive."""
        mark = self._random() * sum(weights)
        for option, weight in zip(options, weights, strict=True):
            mark -= weight
            if mark < 0:
                return option
        return options[-1]

    def shuffled(self, options: Sequence[T]) -> list[T]:
        result = list(options)
        for last in range(len(result) - 1, 0, -1):
            other = int(self._random() * (last + 1))
            result[last], result[other] = result[other], result[last]
        return result

    def pick_in_order(self, options: Sequence[T], count: int) -> list[T]:
        """Return ``count`` of ``options``, still in their order."""
        indexes = sorted(self.shuffled(range(len(options)))[:count])
        return [options[index] for index in indexes]
