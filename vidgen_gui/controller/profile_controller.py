"""What the page of hardware profiles talks to: reads, hands on and tries profiles.

Lives on the GUI thread and never waits there. Profiles are saved with the settings, by the
pipeline's controller; what is in force is decided in `core.effective_profile`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from PySide6.QtCore import QObject, Signal

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled
from vidgen_gui.core.hardware_profile import HardwareProfile
from vidgen_gui.core.messages import Message
from vidgen_gui.core.plan import CardMemory, Plan
from vidgen_gui.core.quality import Aspect, Quality
from vidgen_gui.core.settings import Settings
from vidgen_gui.store.profiles import export_profile, import_profile, load_profiles
from vidgen_gui.system.paths import AppPaths

if TYPE_CHECKING:
    from vidgen_gui.pipeline.session import Session

TRIED_QUALITY = Quality.ULTRA
Run: TypeAlias = (
    "Callable[[Callable[[Session | None], object], Callable[[Any], None], "
    "Callable[[Message], None]], None]"
)


@dataclass(frozen=True, slots=True)
class CardView:
    """A card of this machine. ``key`` names it in a profile; None is not known."""

    key: str
    name: str
    total_mib: float | None
    free_mib: float | None
    is_simulated: bool = False


@dataclass(frozen=True, slots=True)
class MachineView:
    """What was detected."""

    cards: tuple[CardView, ...] = ()
    ram_mib: float | None = None


@dataclass(frozen=True, slots=True)
class ProfilesView:
    """The person's profiles, what is wrong with their files, and this machine."""

    profiles: tuple[HardwareProfile, ...]
    notices: tuple[Message, ...]
    machine: MachineView


@dataclass(frozen=True, slots=True)
class ProfilePlan:
    """How a profile would have pictures made; ``is_assumed``: with an image server not there."""

    plan: Plan
    card: CardMemory
    is_assumed: bool = False

    @property
    def is_without_card(self) -> bool:
        """Whether it is certain that there is none."""
        return self.card.total_mib == 0


@dataclass(frozen=True, slots=True)
class ImportedProfile:
    """A profile from a file, and what could not be used of it."""

    profile: HardwareProfile
    notices: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class ProfileChanges:
    """What is to be saved: names on the disk ("" for new ones) with values, and names to go."""

    put: Sequence[tuple[str, HardwareProfile]] = ()
    removed: Sequence[str] = ()


NO_CHANGES = ProfileChanges()


class ProfileController(QObject):
    """Its questions are worked on elsewhere; the answers arrive on the GUI thread.

    Args:
        run: works on a pool thread with the open session, or with None while there is none; then
            calls one of the two others on the GUI thread.
    """

    profiles_loaded = Signal(object)
    """A `ProfilesView`."""
    plan_made = Signal(int, object)
    """A token, and a `ProfilePlan` or a `Message` that says why there is none."""
    profile_imported = Signal(object)
    """An `ImportedProfile`, or a `Message`."""
    profile_exported = Signal(str, object)
    """A path, and a `Message` or None."""

    def __init__(self, paths: AppPaths, run: Run, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._paths = paths
        self._run = run
        self._plan_cancel = CancelToken()

    def load(self) -> None:
        """Read the profiles and look at the machine; `profiles_loaded` follows."""

        def read(session: "Session | None") -> ProfilesView:
            loaded = load_profiles(self._paths)
            machine = _machine(session) if session is not None else MachineView()
            return ProfilesView(loaded.profiles, loaded.notices, machine)

        self._run(read, self.profiles_loaded.emit, self._on_load_failed)

    def make_plan(
        self, profile: HardwareProfile, settings: Settings, aspect: Aspect, token: int
    ) -> None:
        """Ask how Ultra would be made with a profile; `plan_made` follows.

        A newer question ends an older one, and so does `cancel_plan`; then nothing follows.
        """
        self.cancel_plan()
        cancel = self._plan_cancel = CancelToken()

        def plan(session: "Session | None") -> ProfilePlan | None:
            # On a pool thread: this import takes as long as painting the window.
            from vidgen_gui.pipeline.profile_trial import try_profile  # noqa: PLC0415

            try:
                trial = try_profile(
                    profile,
                    settings,
                    session,
                    quality=TRIED_QUALITY,
                    aspect=aspect,
                    cancel=cancel,
                )
            except Cancelled:
                return None
            return ProfilePlan(trial.plan, trial.card, trial.is_assumed)

        def on_made(answer: ProfilePlan | None) -> None:
            if answer is not None:
                self.plan_made.emit(token, answer)

        self._run(plan, on_made, lambda message: self.plan_made.emit(token, message))

    def cancel_plan(self) -> None:
        """Nobody waits for a plan any more."""
        self._plan_cancel.cancel()

    def import_file(self, path: str) -> None:
        """Read a profile that was handed on; `profile_imported` follows."""
        self._run(
            lambda _: ImportedProfile(*import_profile(Path(path))),
            self.profile_imported.emit,
            self.profile_imported.emit,
        )

    def export_file(self, profile: HardwareProfile, path: str) -> None:
        """Write a profile to be handed on; `profile_exported` follows."""
        self._run(
            lambda _: export_profile(profile, Path(path)),
            lambda _: self.profile_exported.emit(path, None),
            lambda message: self.profile_exported.emit(path, message),
        )

    def _on_load_failed(self, message: Message) -> None:
        self.profiles_loaded.emit(ProfilesView((), (message,), MachineView()))


def _machine(session: "Session") -> MachineView:
    state = session.monitor.state()
    names = [card.name for card in state.cards]
    cards = tuple(
        CardView(
            card.name if names.count(card.name) == 1 else card.uuid,
            card.name,
            card.total_mib,
            card.free_mib,
            card.simulated,
        )
        for card in state.cards
    )
    return MachineView(cards, state.ram.total_mib if state.ram is not None else None)
