"""The database's schema as numbered steps; the number reached is SQLite's ``user_version``.

A step that was released is never changed; a new one is added to the end of `MIGRATIONS`.
"""

import sqlite3
from collections.abc import Callable
from typing import TypeAlias

from vidgen_gui.store.migrations import v001_first, v002_services, v003_pictures

Migration: TypeAlias = Callable[[sqlite3.Connection], None]

MIGRATIONS: tuple[Migration, ...] = (
    v001_first.apply,
    v002_services.apply,
    v003_pictures.apply,
)
