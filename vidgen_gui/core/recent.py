"""A mapping that stays small: what was put in longest ago is forgotten."""

from collections import OrderedDict
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(OrderedDict[K, V]):
    """Holds at most ``most`` entries; `touch` makes one the newest again. Not thread-safe."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: K, value: V) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        while len(self) > self._most:
            self.popitem(last=False)

    def touch(self, key: K) -> V | None:
        """The value of ``key``, which is not forgotten soon; None when there is none."""
        if key in self:
            self.move_to_end(key)
        return self.get(key)
