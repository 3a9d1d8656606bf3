"""What stages ask of whoever keeps the graphics card: measure, make room, watch."""

from collections.abc import Generator
from contextlib import AbstractContextManager
from typing import Protocol

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.events import Progress
from vidgen_gui.core.hardware_profile import HardwareProfile
from vidgen_gui.core.plan import CardMemory


class PeakWatch(Protocol):
    """Memory sampled at least every 50 ms from the watch's begin."""

    @property
    def peak_mib(self) -> float | None:
        """The most that was used on the card by all programs; None: not known."""


class WriterKeeper(Protocol):
    """The card as the script writer needs it. Used by pool threads."""

    def writing(self, cancel: CancelToken) -> AbstractContextManager[None]:
        """While inside, a script is written: the script writer is not paused.

        Raises:
            Cancelled: the token was set while it waited for its turn.
        """

    def starting(self, cancel: CancelToken) -> AbstractContextManager[None]:
        """While inside, the script writer comes into memory, for which room is made first.

        Raises:
            Cancelled: the token was set while a picture was waited for.
        """


class GpuKeeper(Protocol):
    """The card that pictures are made on. Used by pool threads."""

    @property
    def profile(self) -> HardwareProfile:
        """The limits in force, environment included."""

    @property
    def machine(self) -> tuple[str, str]:
        """Card and driver that measurements belong to; empty texts where not known."""

    def memory(self, cancel: CancelToken) -> CardMemory:
        """The card's memory, asked now. Never raises `ServiceError`."""

    def make_room(
        self, need_mib: float, *, pause_script_writer: bool, cancel: CancelToken
    ) -> Generator[Progress, None, float | None]:
        """Have ``need_mib`` free for the image server, and see to it that they are.

        The script writer is paused only when that is allowed and it doesn't fit beside. Notices
        tell what was done and who still holds memory.

        Returns:
            What is available then, in MiB; None when nobody knows.

        Raises:
            Cancelled: the token was set; what was paused comes back all the same.
        """

    def watch(self) -> AbstractContextManager[PeakWatch]:
        """Sample the card's memory while inside."""

    def note_drawing(self, mib: float) -> AbstractContextManager[None]:
        """While inside, a picture of about so many MiB is drawn: simulated cards follow it."""


class CardKeeper(GpuKeeper, WriterKeeper, Protocol):
    """Both of it."""
