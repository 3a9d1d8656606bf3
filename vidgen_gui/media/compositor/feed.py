"""Hands finished frames to FFmpeg's standard input while the next ones are being drawn."""

import contextlib
import os
import queue
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from vidgen_gui.core.errors import ProgramError, VidgenError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.quality import FrameSize
from vidgen_gui.media.compositor.planes import Frame
from vidgen_gui.media.ffmpeg import PROGRAM, ffmpeg_error
from vidgen_gui.system.patience import patient
from vidgen_gui.system.process import ManagedProcess, ProcessOutcome

FRAMES_IN_FLIGHT = 3
STALL_S = 60.0
"""An encoder that takes no frame for this long hangs."""
FINISH_S = 180.0
"""From the last frame to FFmpeg's end: what it had not encoded yet, and moving the index."""
_DEATH_S = 5.0
_PIPE_BYTES = 1024 * 1024


class FrameFeed:
    """Three frames go round: one being drawn, one waiting, one being written.

    Use `opened`; leaving it kills a program that is still running and ends the thread.
    """

    def __init__(
        self, process: ManagedProcess, ffmpeg: Path, output: Path, size: FrameSize
    ) -> None:
        self._process = process
        self._ffmpeg = ffmpeg
        self._output = output
        self._free: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()
        self._drawn: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()
        for _ in range(FRAMES_IN_FLIGHT):
            self._free.put(Frame(size))
        self._thread = threading.Thread(target=self._write_all, name="frame-writer")
        self._thread.start()

    @classmethod
    @contextlib.contextmanager
    def opened(
        cls, command: list[str], ffmpeg: Path, output: Path, size: FrameSize
    ) -> Iterator["FrameFeed"]:
        """Start FFmpeg and the thread that writes to it."""
        with ManagedProcess(command, pipe_stdin=True) as process:
            _enlarge(process.stdin.fileno())
            feed = cls(process, ffmpeg, output, size)
            try:
                yield feed
            finally:
                # The thread must be out of its write before the pipe's number is given back.
                process.kill()
                feed._drawn.put(None)
                feed._thread.join()

    def next_frame(self) -> Frame:
        """A frame to draw into.

        Raises:
            VidgenError: FFmpeg ended or takes no more frames.
        """
        try:
            frame = self._free.get(timeout=patient(STALL_S))
        except queue.Empty:
            raise self._hangs(patient(STALL_S)) from None
        if frame is None:
            raise self._early_end()
        return frame

    def submit(self, frame: Frame) -> None:
        """Hand over a drawn frame; it comes back through `next_frame`."""
        self._drawn.put(frame)

    def finish(self) -> ProcessOutcome:
        """Write what is left and wait for FFmpeg's end.

        Raises:
            VidgenError: FFmpeg failed, hung or died.
        """
        self._drawn.put(None)
        self._thread.join(patient(STALL_S))
        if self._thread.is_alive():
            raise self._hangs(patient(STALL_S))
        try:
            outcome = self._process.wait(patient(FINISH_S))
        except TimeoutError:
            raise self._hangs(patient(FINISH_S)) from None
        if not outcome.ok:
            raise ffmpeg_error(outcome, self._ffmpeg, output=str(self._output))
        return outcome

    def _write_all(self) -> None:
        # FFmpeg ending early is noticed and explained by the thread that draws.
        descriptor = self._process.stdin.fileno()
        try:
            while (frame := self._drawn.get()) is not None:
                view = memoryview(frame.block.data)
                while view:
                    view = view[os.write(descriptor, view) :]
                self._free.put(frame)
            self._process.stdin.close()
        except OSError:
            self._free.put(None)

    def _early_end(self) -> VidgenError:
        try:
            outcome = self._process.wait(_DEATH_S)
        except TimeoutError:
            return self._hangs(_DEATH_S)
        return ffmpeg_error(outcome, self._ffmpeg, output=str(self._output))

    def _hangs(self, after_s: float) -> ProgramError:
        return ProgramError(
            MessageId.PROGRAM_HANGS,
            detail=self._process.stderr_tail,
            program=PROGRAM,
            after_s=round(after_s),
        )


def _enlarge(descriptor: int) -> None:
    """Let the pipe hold more, so that the two sides wait for each other less often."""
    if sys.platform == "linux":
        import fcntl  # noqa: PLC0415 - not on every platform

        # The user's quota of pipe memory may be used up; the pipe works as it is, too.
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
