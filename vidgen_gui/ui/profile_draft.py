"""What a person is doing to the hardware profiles, before it is saved. No widgets.

Nothing on the disk changes until the draft's changes are handed over.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.hardware_profile import (
    AUTO_NAME,
    HardwareProfile,
    free_name,
    profile_fields,
    profile_name,
)
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.setting_declaration import normalized

AUTO = 0
"""The number of the profile that follows this machine; the person's own come after it."""


@dataclass
class _Entry:
    """One profile of the person's; ``saved`` is how it is on the disk, None for a new one."""

    profile: HardwareProfile
    saved: HardwareProfile | None = None


class ProfileDraft:
    """The profiles as edited, one of them chosen: the one to be used.

    Args:
        active: the name of the profile in use; an unknown one is taken for this machine's own.
    """

    def __init__(self, profiles: Sequence[HardwareProfile], active: str) -> None:
        self._entries = [_Entry(profile, profile) for profile in profiles]
        self._removed: list[str] = []
        names = [AUTO_NAME, *(profile.name for profile in profiles)]
        self.number = names.index(active) if active in names else AUTO

    @property
    def names(self) -> list[str]:
        """The person's own, in order."""
        return [entry.profile.name for entry in self._entries]

    @property
    def is_auto(self) -> bool:
        """Whether the profile that follows this machine is chosen; it cannot be changed."""
        return self.number == AUTO

    @property
    def profile(self) -> HardwareProfile:
        """The chosen profile as edited."""
        return HardwareProfile() if self.is_auto else self._entry.profile

    @property
    def put(self) -> tuple[tuple[str, HardwareProfile], ...]:
        """What is to be written: the name on the disk ("" for a new one), and the values."""
        return tuple(
            (entry.saved.name if entry.saved else "", entry.profile)
            for entry in self._entries
            if entry.profile != entry.saved
        )

    @property
    def removed(self) -> tuple[str, ...]:
        """Names on the disk that are to go."""
        return tuple(self._removed)

    def choose(self, number: int) -> None:
        """Use another one; 0 is this machine's own."""
        self.number = min(max(AUTO, number), len(self._entries))

    def add(self, profile: HardwareProfile) -> None:
        """Put one to the others and choose it; its name is numbered where it is taken."""
        name = free_name(profile.name, self.names)
        self._entries.append(_Entry(profile.model_copy(update={"name": name})))
        self.number = len(self._entries)

    def remove(self) -> None:
        """Take the chosen one away; the one before it is chosen then."""
        if self.is_auto:
            return
        entry = self._entries.pop(self.number - 1)
        if entry.saved is not None:
            self._removed.append(entry.saved.name)
        self.choose(min(self.number, len(self._entries)))

    def change(self, name: str, value: object) -> None:
        """Change a value of the chosen one.

        Raises:
            InputError: VALUE_INVALID; it stays as it was.
        """
        if self.is_auto:
            return
        if name == "name":
            value = profile_name(str(value))
        field = profile_fields()[name]
        result = normalized(HardwareProfile, field, value)
        if result.clamped or result.invalid:
            raise InputError(MessageId.VALUE_INVALID, field=field.title, given=str(value)[:80])
        entry = self._entry
        entry.profile = entry.profile.model_copy(update={name: result.value})

    def reset(self) -> None:
        """Back to the defaults, but for the name."""
        if not self.is_auto:
            self._entry.profile = HardwareProfile(name=self._entry.profile.name)

    def name_problem(self) -> Message | None:
        """What is wrong with the chosen one's name."""
        return None if self.is_auto else self._name_problem(self.number - 1)

    @property
    def is_possible(self) -> bool:
        """Whether every name is one, and no two are the same."""
        return not any(self._name_problem(number) for number in range(len(self._entries)))

    @property
    def _entry(self) -> _Entry:
        return self._entries[self.number - 1]

    def _name_problem(self, number: int) -> Message | None:
        name = self._entries[number].profile.name
        if not name:
            return Message(MessageId.PROFILE_NAME_EMPTY)
        others = [one.casefold() for at, one in enumerate(self.names) if at != number]
        if name.casefold() in others:
            return Message(MessageId.PROFILE_NAME_TAKEN, {"name": name})
        return None
