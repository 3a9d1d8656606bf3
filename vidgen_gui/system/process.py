"""The one place that starts programs: argument lists, own group, dies with us, always reaped.

Every child gets its own session (Windows: a job object) and a parent-death kill; only programs
that are not ours go on without the app (`start_released`).
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Self, TypeAlias

import psutil

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import ProgramError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.unforeseen import SYSTEM_LIMITS
from vidgen_gui.system.outcome import ProcessOutcome
from vidgen_gui.system.patience import patient
from vidgen_gui.system.spawn import guarded, self_command, start

__all__ = [
    "ManagedProcess",
    "ProcessOutcome",
    "find_program",
    "run",
    "self_command",
    "start_released",
]

LineCallback: TypeAlias = Callable[[str], None]

MAX_LINE_BYTES = 1024 * 1024
TAIL_LINES = 60
STOP_GRACE_S = 2.0
KILL_GRACE_S = 5.0
READER_GRACE_S = 2.0
BELOW_NORMAL_NICE = 5
_CREATE_NEW_PROCESS_GROUP = 0x200
_DETACHED_PROCESS = 0x8
_CREATE_NO_WINDOW = 0x08000000


def find_program(name: str | os.PathLike[str]) -> Path:
    """The full path of a program.

    Raises:
        ProgramError: it is not installed.
    """
    found = shutil.which(name)
    if found is None:
        raise ProgramError(MessageId.PROGRAM_MISSING, program=str(name))
    return Path(found)


class ManagedProcess:
    """A running child. Use it as a context manager: leaving kills and reaps it.

    Args:
        argv: program and arguments; the program is looked up on PATH.
        on_stdout_line: called on a reader thread for each line; without it, ``stdout`` is
            raw when ``pipe_stdout``, else discarded.
        on_stderr_line: called on a reader thread for each line; a tail is kept anyway.
        low_priority: run below the window's priority.

    Raises:
        ProgramError: the program is missing or cannot be started.
    """

    def __init__(
        self,
        argv: Sequence[str | os.PathLike[str]],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        pipe_stdin: bool = False,
        pipe_stdout: bool = False,
        on_stdout_line: LineCallback | None = None,
        on_stderr_line: LineCallback | None = None,
        low_priority: bool = False,
    ) -> None:
        program = find_program(argv[0])
        self.program = program.stem
        self._started = time.monotonic()
        self._tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._on_stderr_line = on_stderr_line
        command = guarded([str(program), *(os.fspath(part) for part in argv[1:])])
        read_stdout = pipe_stdout or on_stdout_line is not None
        flags = _CREATE_NEW_PROCESS_GROUP | _CREATE_NO_WINDOW if sys.platform == "win32" else 0

        def make() -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                command,
                cwd=cwd,
                env=dict(env) if env is not None else None,
                stdin=subprocess.PIPE if pipe_stdin else subprocess.DEVNULL,
                stdout=subprocess.PIPE if read_stdout else subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
                creationflags=flags,
            )

        try:
            self._popen = start(make)
        except OSError as error:
            raise _not_started(self.program, error) from error
        if low_priority:
            self._lower_priority()
        self._readers = [self._reader(self._popen.stderr, self._keep_stderr_line, "stderr")]
        if on_stdout_line is not None:
            self._readers.append(self._reader(self._popen.stdout, on_stdout_line, "stdout"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def stdin(self) -> IO[bytes]:
        if self._popen.stdin is None:
            raise ValueError("started without pipe_stdin")
        return self._popen.stdin

    @property
    def stdout(self) -> IO[bytes]:
        if self._popen.stdout is None:
            raise ValueError("started without pipe_stdout")
        return self._popen.stdout

    @property
    def running(self) -> bool:
        return self._popen.poll() is None

    @property
    def returncode(self) -> int | None:
        """How it ended, without waiting for what others still write into its pipes."""
        return self._popen.poll()

    @property
    def stderr_tail(self) -> str:
        return "\n".join(self._tail)

    def wait(self, timeout_s: float | None = None) -> ProcessOutcome:
        """Wait for the end and reap.

        Raises:
            TimeoutError: still running after ``timeout_s``; nothing is killed.
        """
        try:
            returncode = self._popen.wait(timeout_s)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"{self.program} is still running") from error
        self._join_readers()
        return ProcessOutcome(
            self.program, returncode, self.stderr_tail, time.monotonic() - self._started
        )

    def terminate(self) -> None:
        """Ask the whole group to end, and return at once."""
        if self._popen.poll() is None:
            self._signal_group(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the whole group at once; `wait` or `close` reaps. Safe from any thread."""
        if self._popen.poll() is None:
            self._signal_group(getattr(signal, "SIGKILL", signal.SIGTERM))

    def stop(self, grace_s: float = STOP_GRACE_S) -> ProcessOutcome:
        """Terminate, wait, kill, wait.

        Raises:
            ProgramError: the process cannot be killed (stuck in the kernel).
        """
        if self.running:
            self.terminate()
            try:
                return self.wait(grace_s)
            except TimeoutError:
                self.kill()
        try:
            return self.wait(KILL_GRACE_S)
        except TimeoutError as error:
            raise ProgramError(
                MessageId.PROGRAM_UNKILLABLE, program=self.program, pid=self.pid
            ) from error

    def close(self) -> None:
        """Kill if still running, reap, and close every pipe.

        Raises:
            ProgramError: the process cannot be killed.
        """
        self.kill()
        try:
            self.wait(KILL_GRACE_S)
        except TimeoutError as error:
            raise ProgramError(
                MessageId.PROGRAM_UNKILLABLE, program=self.program, pid=self.pid
            ) from error
        finally:
            for pipe in (self._popen.stdin, self._popen.stdout):
                if pipe is not None:
                    # What is still buffered for a dead program has nowhere to go.
                    with contextlib.suppress(BrokenPipeError):
                        pipe.close()

    def _signal_group(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            if sys.platform == "win32":
                self._kill_tree_windows()
            else:
                os.killpg(self._popen.pid, number)

    def _kill_tree_windows(self) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.pid).children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.kill()
        self._popen.kill()

    def _lower_priority(self) -> None:
        with contextlib.suppress(psutil.Error):
            # psutil names the class on Windows only.
            nice = getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", BELOW_NORMAL_NICE)
            psutil.Process(self.pid).nice(nice)

    def _reader(
        self, pipe: IO[bytes] | None, callback: LineCallback, name: str
    ) -> threading.Thread:
        if pipe is None:
            raise ValueError(f"{name} is not piped")

        def read() -> None:
            with pipe:
                for line in _lines(pipe):
                    callback(line)

        thread = threading.Thread(target=read, name=f"{self.program}-{name}", daemon=True)
        thread.start()
        return thread

    def _keep_stderr_line(self, line: str) -> None:
        self._tail.append(line)
        if self._on_stderr_line is not None:
            self._on_stderr_line(line)

    def _join_readers(self) -> None:
        # A grandchild that inherited the pipe could hold it open; its output is not ours.
        for reader in self._readers:
            if reader is not threading.current_thread():
                reader.join(READER_GRACE_S)


def _lines(pipe: IO[bytes]) -> Iterator[str]:
    """Lines ended by newline or carriage return, cut at `MAX_LINE_BYTES`, as text."""
    pending = b""
    while chunk := pipe.read1(8192):  # type: ignore[attr-defined]
        pending += chunk.replace(b"\r", b"\n")
        *lines, pending = pending.split(b"\n")
        for line in lines:
            if line:
                yield line[:MAX_LINE_BYTES].decode("utf-8", "replace")
        pending = pending[:MAX_LINE_BYTES]
    if pending:
        yield pending.decode("utf-8", "replace")


_released: set[int] = set()
"""What was started for others and may have ended meanwhile: it is still ours to reap."""


def start_released(
    argv: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> int:
    """Start a program that belongs to the person: it outlives the app. Returns its pid.

    For what the person had started and let us end for a while. What it prints goes nowhere.

    Raises:
        ProgramError: it is missing or cannot be started.
    """
    program = find_program(argv[0])
    flags = _CREATE_NEW_PROCESS_GROUP | _DETACHED_PROCESS if sys.platform == "win32" else 0
    _reap_released()
    try:
        process = subprocess.Popen(
            [str(program), *argv[1:]],
            cwd=cwd,
            env=dict(env) if env is not None else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            creationflags=flags,
        )
    except OSError as error:
        raise _not_started(program.stem, error) from error
    _released.add(process.pid)
    # Nobody here waits for it: that is no oversight to be warned of.
    process.returncode = 0
    return process.pid


def _reap_released() -> None:
    if sys.platform == "win32":
        return
    for pid in list(_released):
        try:
            ended, _ = os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            ended = pid
        if ended:
            _released.discard(pid)


def _not_started(program: str, error: OSError) -> ProgramError:
    if error.errno in SYSTEM_LIMITS:
        return ProgramError(
            MessageId.SYSTEM_LIMIT, detail=str(error), words=f"{program}: {error.strerror}"
        )
    return ProgramError(
        MessageId.PROGRAM_FAILED,
        detail=str(error),
        program=program,
        code=error.errno or 0,
        words=error.strerror or "",
    )


def run(
    argv: Sequence[str | os.PathLike[str]],
    *,
    deadline_s: float,
    cancel: CancelToken | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    on_stdout_line: LineCallback | None = None,
    on_stderr_line: LineCallback | None = None,
    low_priority: bool = False,
) -> ProcessOutcome:
    """Run a program to its end, or kill it at the deadline or on cancel.

    Raises:
        ProgramError: the program is missing or cannot be started or killed.
        Cancelled: ``cancel`` was set; the process group is dead and reaped.
    """
    token = cancel or CancelToken()
    token.raise_if_cancelled()
    with ManagedProcess(
        argv,
        cwd=cwd,
        env=env,
        on_stdout_line=on_stdout_line,
        on_stderr_line=on_stderr_line,
        low_priority=low_priority,
    ) as process:
        with token.closing(process.kill):
            try:
                outcome = process.wait(patient(deadline_s))
            except TimeoutError:
                process.kill()
                killed = process.wait(KILL_GRACE_S)
                outcome = ProcessOutcome(
                    killed.program,
                    killed.returncode,
                    killed.stderr_tail,
                    killed.elapsed_s,
                    timed_out=True,
                )
        token.raise_if_cancelled()
        return outcome
