"""Finding, checking and running FFmpeg; what it says is turned into the app's own errors.

What the arguments mean for sound, pictures or encoders is decided by those who call.
"""

import contextlib
import importlib.resources
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import ProgramError, StorageError, VidgenError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.system import process
from vidgen_gui.system.process import ProcessOutcome

PROGRAM = "FFmpeg"
OVERRIDE_VARIABLE = "VIDGEN_FFMPEG"
REQUIRED_ENCODERS = frozenset({"libx264", "aac"})
REQUIRED_FILTERS = frozenset({"aresample", "ebur128", "scale"})
INSPECT_DEADLINE_S = 20.0

_VERSION = re.compile(r"^ffmpeg version (\S+)")
_ENCODER = re.compile(r"^ [VAS][.F][.S][.X][.B][.D] ([^=\s]\S*)")
_FILTER = re.compile(r"^ [T.][S.][C.]? *(\S+) +[AVN|]+->[AVN|]+ ")
_DISK_FULL = re.compile(
    r"No space left on device|Disk quota exceeded|File too large|There is not enough space",
    re.IGNORECASE,
)
_NO_MORE = re.compile(r"pthread_create\(\) failed: [^\n]+|Too many open files")
# Lines that only repeat that something went wrong, after the line that says what, or that say
# nothing of the kind.
_ECHO = re.compile(
    r"^(Conversion failed!|Exiting normally|Last message repeated|frame=|size=|video:)"
    r"|Task finished with error|Terminating thread|Nothing was written into output"
    r"|Guessed Channel Layout|^(Input|Output) #\d|^(Stream|Duration|Metadata|encoder)\b"
    r"|Error (submitting a packet|muxing a packet|writing trailer|closing file|sending frames)"
)
_ADDRESS = re.compile(r" @ 0x[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class FfmpegBuild:
    """What one FFmpeg binary says it is and can do."""

    path: Path
    version: str
    encoders: frozenset[str]
    filters: frozenset[str]


@dataclass(frozen=True, slots=True)
class FfmpegRun:
    """A finished run. ``stderr`` holds the last lines only, newest last."""

    stderr: str
    elapsed_s: float


def find_ffmpeg(setting: str = "", environ: Mapping[str, str] = os.environ) -> Path:
    """The FFmpeg to use: ``VIDGEN_FFMPEG``, the setting, the bundled one, the system's.

    One that was named explicitly is never silently replaced by another.

    Raises:
        ProgramError: the named one is not a program, or there is none at all.
    """
    named = environ.get(OVERRIDE_VARIABLE, "").strip() or setting.strip()
    if named:
        found = shutil.which(Path(named).expanduser())
        if found is None:
            raise ProgramError(MessageId.FFMPEG_MISSING, path=named)
        return Path(found).resolve()
    bundled = _bundled()
    if bundled is not None:
        return bundled
    found = shutil.which("ffmpeg")
    if found is None:
        raise ProgramError(MessageId.FFMPEG_MISSING, path="ffmpeg")
    return Path(found).resolve()


def _bundled() -> Path | None:
    # The package's own getter starts programs by itself, without a deadline.
    with contextlib.suppress(ModuleNotFoundError):
        folder = Path(str(importlib.resources.files("imageio_ffmpeg"))) / "binaries"
        for candidate in sorted(folder.glob("ffmpeg-*")):
            if os.access(candidate, os.X_OK) and candidate.is_file():
                return candidate
    return None


def inspect_ffmpeg(path: Path, cancel: CancelToken | None = None) -> FfmpegBuild:
    """Ask a binary for its version, encoders and filters, and check that they suffice.

    Raises:
        ProgramError: it cannot be run, is no FFmpeg, or lacks what a video needs.
    """
    version = ffmpeg_version(path, cancel)
    encoders = _names(_listing(path, "-encoders", cancel), _ENCODER)
    filters = _names(_listing(path, "-filters", cancel), _FILTER)
    missing = sorted((REQUIRED_ENCODERS - encoders) | (REQUIRED_FILTERS - filters))
    if missing:
        words = f"{version} lacks {', '.join(missing)}"
        raise ProgramError(MessageId.FFMPEG_FAILED, words=words, path=str(path))
    return FfmpegBuild(path, version, encoders, filters)


def ffmpeg_version(path: Path, cancel: CancelToken | None = None) -> str:
    """What a binary says its version is.

    Raises:
        ProgramError: it cannot be run, or is no FFmpeg.
    """
    for line in _listing(path, "-version", cancel):
        if match := _VERSION.match(line):
            return match[1]
    raise ProgramError(MessageId.FFMPEG_FAILED, words="not an FFmpeg program", path=str(path))


def _names(lines: list[str], pattern: re.Pattern[str]) -> frozenset[str]:
    return frozenset(match[1] for line in lines if (match := pattern.match(line)))


def _listing(path: Path, option: str, cancel: CancelToken | None) -> list[str]:
    lines: list[str] = []
    with ffmpeg_missing(path):
        outcome = process.run(
            [path, "-hide_banner", option],
            deadline_s=INSPECT_DEADLINE_S,
            cancel=cancel,
            on_stdout_line=lines.append,
        )
    if not outcome.ok:
        raise ffmpeg_error(outcome, path)
    return lines


def ffmpeg_command(
    ffmpeg: Path,
    arguments: Sequence[str | os.PathLike[str]],
    *,
    loglevel: str = "warning",
    progress: bool = True,
) -> list[str]:
    """A command line that never asks.

    Messages go to standard error; with ``progress``, how far it is goes to standard output
    (read it with `ProgressReader`). Output files are overwritten: they lie in a stage's
    private directory.
    """
    quiet = ["-hide_banner", "-nostdin", "-nostats", "-loglevel", loglevel]
    report = ["-progress", "pipe:1"] if progress else []
    return [str(ffmpeg), *quiet, *report, "-y", *(os.fspath(a) for a in arguments)]


class ProgressReader:
    """Reads ``-progress`` lines; calls back with the seconds of output written so far."""

    def __init__(self, on_seconds: Callable[[float], None]) -> None:
        self._on_seconds = on_seconds

    def __call__(self, line: str) -> None:
        key, _, value = line.partition("=")
        if key == "out_time_us" and value.lstrip("-").isdigit():
            self._on_seconds(max(0, int(value)) / 1e6)


def run_ffmpeg(
    ffmpeg: Path,
    arguments: Sequence[str | os.PathLike[str]],
    *,
    deadline_s: float,
    cancel: CancelToken | None = None,
    on_seconds: Callable[[float], None] | None = None,
    loglevel: str = "warning",
    cwd: Path | None = None,
) -> FfmpegRun:
    """Run FFmpeg to its end; blocking.

    Args:
        on_seconds: called on a reader thread with the seconds of output written.
        loglevel: ``info`` where a filter reports its figures in the log.

    Raises:
        ProgramError: FFMPEG_MISSING, FFMPEG_FAILED, PROGRAM_HANGS or PROGRAM_KILLED.
        StorageError: DISK_FULL.
        Cancelled: the process group is dead and reaped.
    """
    reader = ProgressReader(on_seconds) if on_seconds is not None else None
    with ffmpeg_missing(ffmpeg):
        outcome = process.run(
            ffmpeg_command(ffmpeg, arguments, loglevel=loglevel),
            deadline_s=deadline_s,
            cancel=cancel,
            cwd=cwd,
            on_stdout_line=reader,
            low_priority=True,
        )
    if not outcome.ok:
        raise ffmpeg_error(outcome, ffmpeg, output=os.fspath(arguments[-1]))
    return FfmpegRun(outcome.stderr_tail, outcome.elapsed_s)


@contextlib.contextmanager
def ffmpeg_missing(ffmpeg: Path) -> Iterator[None]:
    """Inside, a program that is not there is FFMPEG_MISSING, whose advice is its own."""
    try:
        yield
    except ProgramError as error:
        if error.message.id is not MessageId.PROGRAM_MISSING:
            raise
        raise ProgramError(MessageId.FFMPEG_MISSING, path=str(ffmpeg)) from error


def ffmpeg_error(outcome: ProcessOutcome, ffmpeg: Path, *, output: str = "") -> VidgenError:
    """Why a run failed, in the app's words; the whole tail goes into the detail.

    Args:
        output: the file that was being written, named when its disk is full.
    """
    tail = outcome.stderr_tail
    if outcome.timed_out:
        return ProgramError(
            MessageId.PROGRAM_HANGS, detail=tail, program=PROGRAM, after_s=round(outcome.elapsed_s)
        )
    if _DISK_FULL.search(tail):
        return StorageError(MessageId.DISK_FULL, detail=tail, path=output)
    if no_more := _NO_MORE.search(tail):
        return ProgramError(MessageId.SYSTEM_LIMIT, detail=tail, words=f"{PROGRAM}: {no_more[0]}")
    if outcome.returncode < 0:
        return ProgramError(
            MessageId.PROGRAM_KILLED, detail=tail, program=PROGRAM, signal=-outcome.returncode
        )
    return ProgramError(
        MessageId.FFMPEG_FAILED,
        detail=tail,
        words=telling_line(tail) or f"exit status {outcome.returncode}",
        path=str(ffmpeg),
    )


def telling_line(stderr: str) -> str:
    """The first line that names a cause instead of echoing that there was one."""
    lines = [_ADDRESS.sub("", line.strip()) for line in stderr.splitlines()]
    lines = [line for line in lines if line]
    for line in lines:
        if not _ECHO.search(line):
            return line[:200]
    return lines[0][:200] if lines else ""
