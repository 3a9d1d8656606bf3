"""What the script writer takes of a card: computed from its model's file, corrected by measuring.

Blocking: reads command lines and the headers of model files.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from vidgen_gui.core.errors import VidgenError
from vidgen_gui.core.memory_range import MemoryRange
from vidgen_gui.gpu.calibration import Key, Outcome
from vidgen_gui.gpu.gguf_model import read_model
from vidgen_gui.gpu.llm_command import read_command
from vidgen_gui.gpu.llm_memory import LlmSettings, estimate
from vidgen_gui.pipeline.picture_records import PictureRecords
from vidgen_gui.pipeline.service_core import ServiceCore

_logger = logging.getLogger(__name__)

RUNG = "llama-server"


@dataclass(frozen=True, slots=True)
class WriterNeed:
    """What the program takes. ``card`` is the card's number, None for none; ``key`` names it."""

    mib: MemoryRange
    card: int | None
    key: Key


@dataclass(frozen=True, slots=True)
class _Start:
    """How the program is, or would be, started."""

    argv: tuple[str, ...]
    cwd: Path | None
    env: Mapping[str, str]


class WriterMemory:
    """Answers for one script writer; used by any thread.

    Args:
        core: the script writer.
        records: where measurements are kept.
    """

    def __init__(self, core: ServiceCore, records: Callable[[], PictureRecords]) -> None:
        self._core = core
        self._records = records
        self._lock = threading.Lock()
        self._estimates: dict[Key, MemoryRange] = {}

    def need(self, machine: tuple[str, str]) -> WriterNeed | None:
        """What it takes, running or not; None where nothing tells.

        Args:
            machine: card and driver that measurements belong to.
        """
        start = self._start()
        command = read_command(start.argv, start.env) if start is not None else None
        if start is None or command is None:
            return None
        file = Path(command.model_file)
        if not file.is_absolute() and start.cwd is not None:
            file = start.cwd / file
        try:
            state = file.stat()
            key = Key(
                str(file),
                f"{state.st_size}-{state.st_mtime_ns}",
                repr(command.settings)[:300],
                RUNG,
            )
            estimated = self._estimate(key, file, command.settings)
        except (OSError, VidgenError) as error:
            _logger.info("%s says nothing about its memory: %s", file, error)
            return None
        learned = self._records().calibration(machine)
        return WriterNeed(learned.corrected(key, estimated), command.card, key)

    def learn(self, machine: tuple[str, str], need: WriterNeed, mib: float) -> None:
        """It was measured to take so much of this card, with this driver."""
        with self._lock:
            estimated = self._estimates[need.key]
        self._records().observe(machine, need.key, Outcome.EXACT, mib, estimated)

    def _start(self) -> _Start | None:
        """Of the process that runs, else as it would be started."""
        pid = self._core.view().pid
        if pid is not None:
            try:
                process = psutil.Process(pid)
                argv = tuple(process.cmdline())
                if argv:
                    return _Start(argv, Path(process.cwd()), process.environ())
            except psutil.Error:
                # It just ended, or is another user's: the settings are what is left.
                _logger.info("process %d does not tell how it was started", pid)
        launch = self._core.launch
        return None if launch is None else _Start(launch.argv, launch.cwd, launch.env)

    def _estimate(self, key: Key, file: Path, settings: LlmSettings) -> MemoryRange:
        with self._lock:
            known = self._estimates.get(key)
        if known is None:
            known = estimate(read_model(file), settings).device
            with self._lock:
                self._estimates[key] = known
        return known
