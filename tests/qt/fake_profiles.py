"""Hardware profiles for widget tests: the real controller's signals, kept in memory.

Plans are real ones, for a card that the test sets.
"""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from vidgen_gui.controller.profile_controller import (
    CardView,
    ImportedProfile,
    MachineView,
    ProfilePlan,
    ProfilesView,
)
from vidgen_gui.core.hardware_profile import HardwareProfile
from vidgen_gui.core.messages import Message
from vidgen_gui.core.plan import CardMemory
from vidgen_gui.core.quality import Aspect, Quality
from vidgen_gui.core.settings import Settings
from vidgen_gui.pipeline.profile_trial import assumed_plan

CARD = CardMemory(
    "NVIDIA RTX A2000 12GB",
    total_mib=12_288.0,
    free_mib=6_144.0,
    writer_mib=5_530.0,
    writer_can_pause=True,
)


class FakeProfiles(QObject):
    """``calls`` is what was asked; ``profiles`` what is on the disk."""

    profiles_loaded = Signal(object)
    plan_made = Signal(int, object)
    profile_imported = Signal(object)
    profile_exported = Signal(str, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.profiles: tuple[HardwareProfile, ...] = ()
        self.notices: tuple[Message, ...] = ()
        self.card: CardMemory | None = CARD
        self.is_assumed = False
        self.answers = True
        self.imported: ImportedProfile | Message | None = None
        self.calls: list[tuple[object, ...]] = []

    def called(self, name: str) -> list[tuple[object, ...]]:
        return [call[1:] for call in self.calls if call[0] == name]

    @property
    def machine(self) -> MachineView:
        card = self.card
        if card is None:
            return MachineView(ram_mib=16_000.0)
        view = CardView(card.name, card.name, card.total_mib, card.free_mib, card.simulated)
        return MachineView((view,), 16_000.0)

    def load(self) -> None:
        self.calls.append(("load",))
        self.profiles_loaded.emit(ProfilesView(self.profiles, self.notices, self.machine))

    def make_plan(
        self, profile: HardwareProfile, settings: Settings, aspect: Aspect, token: int
    ) -> None:
        self.calls.append(("make_plan", profile, aspect, token))
        if self.answers:
            self.answer(profile, token)

    def answer(self, profile: HardwareProfile, token: int) -> None:
        card = self.card or CardMemory(total_mib=0.0, free_mib=0.0)
        plan = assumed_plan(profile, card, Quality.ULTRA, Aspect.PORTRAIT)
        self.plan_made.emit(token, ProfilePlan(plan, card, is_assumed=self.is_assumed))

    def cancel_plan(self) -> None:
        self.calls.append(("cancel_plan",))

    def import_file(self, path: str) -> None:
        self.calls.append(("import_file", path))
        if self.imported is not None:
            self.profile_imported.emit(self.imported)

    def export_file(self, profile: HardwareProfile, path: str) -> None:
        self.calls.append(("export_file", profile, path))
        self.profile_exported.emit(path, None)

    def with_card(self, name: str, total_mib: float, free_mib: float, writer_mib: float) -> None:
        """Another simulated card, with a language model on it or not."""
        self.card = replace(
            CARD,
            name=name,
            total_mib=total_mib,
            free_mib=free_mib,
            writer_mib=writer_mib,
            simulated=True,
        )
