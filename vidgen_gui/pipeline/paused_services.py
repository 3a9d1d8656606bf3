"""What was paused so that pictures have its memory, written down until it is back.

A crash in between leaves the record: the next start of the app brings the program back. How a
program is ended and started is known to `service_program`.
"""

import logging
import os
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vidgen_gui.core.errors import StorageError
from vidgen_gui.core.service import ServiceName
from vidgen_gui.services.managed.launch import LaunchSpec
from vidgen_gui.store.identity import ProcessIdentity
from vidgen_gui.system.files import atomic_write_text

_logger = logging.getLogger(__name__)

VERSION = 1
MOST_BYTES = 1 << 20
_MOST_WORDS = 4096


@dataclass(frozen=True, slots=True)
class PausedProgram:
    """A program that gave its memory away for a while.

    Args:
        model: what it served.
        launch: the command line of one that the person had started; None: ours, which is started
            as the settings say.
        unloaded: the program goes on, only its model was put out of memory.
        comes_back: it ran before the work began for which it was paused.
    """

    model: str = ""
    launch: LaunchSpec | None = None
    unloaded: bool = False
    comes_back: bool = True


class PauseRecords(Protocol):
    """Where a pause is written down for as long as it lasts."""

    def note(self, name: ServiceName, paused: PausedProgram) -> None:
        """Write it down; raises `StorageError`."""

    def forget(self, name: ServiceName) -> None:
        """It is back, or nobody wants it back."""


class UnrecordedPauses:
    """For services that the app only looks at."""

    def note(self, name: ServiceName, paused: PausedProgram) -> None:
        """Nothing is paused."""

    def forget(self, name: ServiceName) -> None:
        """Nothing was paused."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int = Field(ge=VERSION, le=VERSION)
    service: ServiceName
    owner_pid: int = Field(gt=0)
    owner_mark: str = Field(max_length=100)
    model: str = Field(max_length=_MOST_WORDS)
    unloaded: bool
    comes_back: bool
    name: str = Field(default="", max_length=200)
    argv: tuple[str, ...] = Field(default=(), max_length=_MOST_WORDS)
    cwd: Path | None = None
    env: Mapping[str, str] = Field(default={}, max_length=_MOST_WORDS)
    port: int | None = Field(default=None, ge=1, le=65_535)


class PausedServices:
    """One file for each pause of this app; the files of other running apps are left alone.

    They hold the environment of programs that the person started, and are readable for that
    person only, as the environment of a process is.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._owner = ProcessIdentity.own()

    def note(self, name: ServiceName, paused: PausedProgram) -> None:
        """Write a pause down.

        Raises:
            StorageError: the disk is full or the folder not writable.
        """
        launch = paused.launch
        given = (
            {}
            if launch is None
            else {
                "name": launch.name,
                "argv": launch.argv,
                "cwd": launch.cwd,
                "env": dict(launch.env),
                "port": launch.port,
            }
        )
        record = _Record.model_validate(
            {
                "version": VERSION,
                "service": name,
                "owner_pid": self._owner.pid,
                "owner_mark": self._owner.mark,
                "model": paused.model,
                "unloaded": paused.unloaded,
                "comes_back": paused.comes_back,
                **given,
            }
        )
        atomic_write_text(self._path(name), record.model_dump_json(), mode=0o600)

    def forget(self, name: ServiceName) -> None:
        """Drop what this app wrote about a service."""
        self._path(name).unlink(missing_ok=True)

    def take_over(self) -> dict[ServiceName, PausedProgram]:
        """What apps that are gone left paused; from now on it is this app's to bring back."""
        found: dict[ServiceName, PausedProgram] = {}
        for path in sorted(self._folder.glob("*.json")):
            record = _read(path)
            if record is None:
                path.unlink(missing_ok=True)
                continue
            if ProcessIdentity(record.owner_pid, record.owner_mark).alive:
                continue
            found[record.service] = _paused(record)
            try:
                self.note(record.service, found[record.service])
            except StorageError as error:
                # The old record stays, for the start after this one.
                _logger.warning("a pause cannot be taken over: %s", error)
                continue
            if path != self._path(record.service):
                path.unlink(missing_ok=True)
        return found

    def _path(self, name: ServiceName) -> Path:
        return self._folder / f"{name.value}-{self._owner.pid}.json"


def _read(path: Path) -> _Record | None:
    """A record of ours; None when it is none, or others could have written it."""
    try:
        with path.open("rb") as file:
            # Of the open file: another one could take its name in between.
            state = os.fstat(file.fileno())
            if state.st_size <= MOST_BYTES and _is_private(state):
                return _Record.model_validate_json(file.read(MOST_BYTES))
        _logger.info("%s could have been written by others", path)
    except (OSError, ValidationError) as error:
        _logger.info("%s says nothing of use: %s", path, error)
    return None


def _is_private(state: os.stat_result) -> bool:
    """It names a program to start: nobody else may have had a hand in it."""
    if sys.platform == "win32":
        return True
    writable = stat.S_IWGRP | stat.S_IWOTH
    return state.st_uid == os.getuid() and not state.st_mode & writable


def _paused(record: _Record) -> PausedProgram:
    launch = None
    if record.argv:
        launch = LaunchSpec(
            record.name, record.argv, cwd=record.cwd, env=record.env, port=record.port
        )
    return PausedProgram(record.model, launch, record.unloaded, record.comes_back)
