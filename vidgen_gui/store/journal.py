"""The append-only journal of what people asked for: JSON lines, each synced before it counts.

Every entry has a number, and the database remembers the last one that it contains. So whatever
state of the database is found or restored, exactly the entries after it are done again.
"""

import io
import json
import logging
import os
import sqlite3
from pathlib import Path
from typing import Any

from vidgen_gui.store.entries import Entry, apply_entry
from vidgen_gui.system.files import atomic_write_bytes, fsync_dir, storage_errors

_logger = logging.getLogger(__name__)

_SEQUENCE = "journal_sequence"
_LAST_NUMBER = 2**53
"""Beyond anybody's lifetime: such a number is damage, and SQLite must be able to count on."""
_MALFORMED = (
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
    sqlite3.IntegrityError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
)


def sequence_of(connection: sqlite3.Connection) -> int:
    """The number of the last journal entry that this database contains."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (_SEQUENCE,)).fetchone()
    return int(row[0]) if row else 0


def _set_sequence(connection: sqlite3.Connection, number: int) -> None:
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_SEQUENCE, number))


class Journal:
    """Used on the database's lane only, inside its writing transactions.

    Their lock keeps other processes of ours from the file meanwhile.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last_append: tuple[int, int] | None = None

    @property
    def size_bytes(self) -> int:
        try:
            return self._path.stat().st_size
        except FileNotFoundError:
            return 0

    def record(self, connection: sqlite3.Connection, entry: Entry) -> None:
        """Write ``entry`` down, then do it.

        Raises:
            StorageError: the journal cannot be written; nothing was kept of the entry.
        """
        number = sequence_of(connection) + 1
        self._append({"seq": number} | dict(entry))
        apply_entry(connection, entry)
        _set_sequence(connection, number)

    def settle(self) -> None:
        """Another transaction begins: what was recorded before it stays, whatever comes."""
        self._last_append = None

    def retract(self) -> None:
        """Take back what was recorded since `settle`, as its transaction failed."""
        if self._last_append is None:
            return
        start, end = self._last_append
        self._last_append = None
        with storage_errors(self._path), self._path.open("r+b") as file:
            if file.seek(0, 2) == end:
                file.truncate(start)

    def replay(self, connection: sqlite3.Connection) -> int:
        """Do again what the database doesn't contain; returns how many entries that were."""
        self._sweep()
        known = sequence_of(connection)
        entries = self._entries()
        missing = sorted(number for number in entries if number > known)
        for number in missing:
            try:
                apply_entry(connection, entries[number])
            except _MALFORMED:
                _logger.exception("journal entry %d cannot be done again", number)
        if missing:
            _set_sequence(connection, missing[-1])
        return len(missing)

    def compact(self, up_to: int) -> None:
        """Drop the entries up to number ``up_to``, which two backups contain."""
        self._sweep()
        entries = self._entries()
        kept = [entries[number] for number in sorted(entries) if number > up_to]
        if len(kept) < len(entries):
            atomic_write_bytes(self._path, b"".join(_line(e) for e in kept), mode=0o600)

    def _append(self, entry: dict[str, Any]) -> None:
        with storage_errors(self._path):
            is_new = not self._path.exists()
            # Unbuffered: what a full disk refused must not be tried again by closing.
            with self._path.open("a+b", buffering=0) as file:
                start = file.seek(0, 2)
                try:
                    _write_all(file, _missing_line_end(file, start) + _line(entry))
                    os.fsync(file.fileno())
                except OSError:
                    file.truncate(start)
                    raise
                self._last_append = (start, file.tell())
            if is_new:
                self._path.chmod(0o600)
                fsync_dir(self._path.parent)

    def _entries(self) -> dict[int, dict[str, Any]]:
        """By number. A number written twice was not kept the first time: the last one counts."""
        found: dict[int, dict[str, Any]] = {}
        with storage_errors(self._path):
            try:
                lines = self._path.read_bytes().split(b"\n")
            except FileNotFoundError:
                return {}
        for line in lines:
            entry = _read(line)
            if entry is not None:
                found[entry["seq"]] = entry
            elif line:
                # A line is cut short when the power fails while it is written.
                _logger.info("a journal line is unreadable: %r", line[:80])
        return found

    def _sweep(self) -> None:
        """Remove what a kill left of an earlier rewriting; the caller holds the lock."""
        for leftover in self._path.parent.glob(f".{self._path.name}.*.tmp"):
            leftover.unlink(missing_ok=True)


def _read(line: bytes) -> dict[str, Any] | None:
    """The entry in a line; None where there is none."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    number = entry.get("seq") if isinstance(entry, dict) else None
    return entry if isinstance(number, int) and 0 < number <= _LAST_NUMBER else None


def _line(entry: Entry) -> bytes:
    return json.dumps(entry, separators=(",", ":")).encode() + b"\n"


def _missing_line_end(file: io.FileIO, size: int) -> bytes:
    if not size:
        return b""
    file.seek(size - 1)
    return b"" if file.read(1) == b"\n" else b"\n"


def _write_all(file: io.FileIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]
