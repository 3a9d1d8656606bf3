"""How a settings file of an older version becomes one of this version."""

from collections.abc import Callable
from typing import TypeAlias

from tomlkit import TOMLDocument

Upgrade: TypeAlias = Callable[[TOMLDocument], None]

UPGRADES: tuple[Upgrade, ...] = ()
"""The first leads from version 1 to 2, the next to 3… A released one is never changed."""
