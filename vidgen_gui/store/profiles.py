"""Hardware profiles: one TOML file each, which people may edit, copy and hand on.

Only what differs from the defaults is written, so that better defaults reach everybody; a file
made to be handed on has everything, with a word on each value. Comments and unknown keys stay.
The name in the file counts, not the file's.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from vidgen_gui.core.effective_profile import NOTHING, EffectiveProfile, effective_profile
from vidgen_gui.core.errors import InputError, StorageError
from vidgen_gui.core.hardware_profile import (
    HardwareProfile,
    free_name,
    profile_fields,
    profile_name,
)
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.quality import Quality
from vidgen_gui.core.setting_declaration import SettingKind, normalized
from vidgen_gui.core.settings import Settings
from vidgen_gui.core.text import slug
from vidgen_gui.store.set_aside import set_aside
from vidgen_gui.system.files import atomic_write_text, fsync_dir, storage_errors
from vidgen_gui.system.paths import AppPaths

_logger = logging.getLogger(__name__)

FOLDER = "profiles"
SUFFIX = ".toml"
VERSION = 1
MOST_PROFILES = 200
MOST_BYTES = 1 << 16
_HEADER = "A hardware profile of VidGen. What is not here has its default; see Settings in the app."
_EXPORT_HEADER = "A hardware profile of VidGen: Settings, Hardware profiles, Import."


@dataclass(frozen=True, slots=True)
class LoadedProfiles:
    """The person's profiles by name, and what is to be said about their files."""

    profiles: tuple[HardwareProfile, ...]
    notices: tuple[Message, ...]

    def named(self, name: str) -> HardwareProfile | None:
        """The profile of this name; None when there is none."""
        return next((one for one in self.profiles if one.name == name), None)


def load_profiles(paths: AppPaths) -> LoadedProfiles:
    """All profiles. A damaged file is set aside, a bad value costs only itself; both are told."""
    files, notices = _files(paths)
    profiles = sorted((profile for profile, _ in files), key=lambda one: one.name.casefold())
    return LoadedProfiles(tuple(profiles), notices)


def profile_in_force(
    paths: AppPaths,
    settings: Settings,
    environ: Mapping[str, str],
    arguments: Mapping[str, object] = NOTHING,
) -> EffectiveProfile:
    """The limits in force: the chosen profile, and what the environment and arguments override.

    A profile that is not there any more is told, and this machine's own values are used.

    Raises:
        InputError: VALUE_INVALID, an argument cannot be used.
    """
    loaded = load_profiles(paths)
    wanted = settings.hardware.profile
    found = loaded.named(wanted) if wanted else HardwareProfile()
    missing = () if found else (Message(MessageId.PROFILE_MISSING, {"name": wanted}),)
    effective = effective_profile(found or HardwareProfile(), settings, environ, arguments)
    notices = (*loaded.notices, *missing, *effective.notices)
    return EffectiveProfile(effective.profile, effective.settings, effective.variables, notices)


def change_profiles(
    paths: AppPaths,
    put: Sequence[tuple[str, HardwareProfile]] = (),
    removed: Sequence[str] = (),
) -> None:
    """Write changed profiles and remove others; each file is old or new, never half.

    Args:
        put: the name that a profile has on the disk ("" for a new one), and its new values.
        removed: names on the disk.

    Raises:
        InputError: PROFILE_NAME_EMPTY or PROFILE_NAME_TAKEN; nothing was changed then.
        StorageError: PROFILES_UNWRITABLE or DISK_FULL.
    """
    files, _ = _files(paths)
    at = {profile.name: path for profile, path in files}
    _check_names({*at} - {*removed} - {old for old, _ in put}, [profile for _, profile in put])
    folder = paths.config / FOLDER
    for name in removed:
        _remove(at.get(name), folder)
    for old, profile in put:
        before = at.get(old) if old not in removed else None
        keeps_name = before is not None and old == profile.name
        path = before if before and keeps_name else _free_path(folder, profile.name)
        _write(path, _changed(before, profile))
        if before is not None and not keeps_name:
            _remove(before, folder)


def import_profile(path: Path) -> tuple[HardwareProfile, tuple[Message, ...]]:
    """Read a profile that was handed on; it is not kept until it is put among the others.

    Raises:
        InputError: PROFILE_UNREADABLE, it is no profile or cannot be read.
    """
    try:
        values = _parsed(path).unwrap()
    except (OSError, ValueError, TOMLKitError, RecursionError) as error:
        raise InputError(MessageId.PROFILE_UNREADABLE, detail=str(error), path=str(path)) from error
    if not set(values) & set(profile_fields()):
        raise InputError(MessageId.PROFILE_UNREADABLE, detail="no known key", path=str(path))
    return _profile(values, path)


def export_profile(profile: HardwareProfile, path: Path) -> None:
    """Write a profile to be handed on, with every value and a word on each.

    Raises:
        StorageError: DATA_UNWRITABLE or DISK_FULL; an older file there is whole then.
    """
    document = tomlkit.document()
    document.add(tomlkit.comment(_EXPORT_HEADER))
    document.add("version", tomlkit.item(VERSION))
    for name, field in profile_fields().items():
        document.add(tomlkit.nl())
        unit = f" ({field.unit})" if field.unit else ""
        document.add(tomlkit.comment(f"{field.title}{unit}. {field.help_text}"))
        if field.kind is SettingKind.ORDER:
            document.add(tomlkit.comment("Empty: all, the best first."))
        if field.choices:
            values = ", ".join(str(_plain(choice)) for choice in field.choices)
            document.add(tomlkit.comment(f"One of: {values}"))
        document.add(name, tomlkit.item(_plain(getattr(profile, name))))
    atomic_write_text(path, tomlkit.dumps(document))


def _files(
    paths: AppPaths,
) -> tuple[list[tuple[HardwareProfile, Path]], tuple[Message, ...]]:
    folder = paths.config / FOLDER
    found: list[tuple[HardwareProfile, Path]] = []
    notices: list[Message] = []
    try:
        names = sorted(path for path in folder.glob(f"*{SUFFIX}") if path.name[0] != ".")
    except OSError as error:
        _logger.info("the hardware profiles cannot be read: %s", error)
        return [], (Message(MessageId.PROFILES_UNWRITABLE, {"path": str(folder)}),)
    for path in names[:MOST_PROFILES]:
        try:
            profile, problems = _profile(_parsed(path).unwrap(), path)
        except OSError as error:
            _logger.info("a hardware profile cannot be read: %s", error)
            notices.append(Message(MessageId.PROFILE_UNREADABLE, {"path": str(path)}))
        except (ValueError, TOMLKitError, RecursionError) as error:
            _logger.info("a hardware profile is damaged: %s", error)
            notices.append(_set_aside(path))
        else:
            taken = [one.name for one, _ in found]
            name = free_name(profile.name, taken)
            found.append((profile.model_copy(update={"name": name}), path))
            notices += problems
    return found, tuple(notices)


def _parsed(path: Path) -> tomlkit.TOMLDocument:
    if not path.is_file():
        raise FileNotFoundError(str(path))
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError(f"{path.name} is too large for a profile")
    return tomlkit.parse(data.decode("utf-8-sig"))


def _set_aside(path: Path) -> Message:
    try:
        kept_as = set_aside(path, "broken")
    except StorageError as error:
        # In a folder that nobody can write, it stays where it is.
        _logger.info("the damaged profile stays: %s", error)
        kept_as = path
    return Message(MessageId.PROFILE_SET_ASIDE, {"path": str(kept_as)})


def _profile(
    written: Mapping[str, object], path: Path
) -> tuple[HardwareProfile, tuple[Message, ...]]:
    given_name = written.get("name")
    name = profile_name(given_name) if isinstance(given_name, str) else ""
    name = name or profile_name(path.stem) or FOLDER
    values: dict[str, object] = {}
    problems: list[Message] = []
    for key, field in profile_fields().items():
        if key not in written or key == "name":
            continue
        result = normalized(HardwareProfile, field, written[key])
        values[key] = result.value
        params = {"profile": name, "field": field.title, "given": str(written[key])[:80]}
        if result.clamped:
            params["used"] = str(result.value)
            problems.append(Message(MessageId.PROFILE_VALUE_CLAMPED, params))
        elif result.invalid:
            problems.append(Message(MessageId.PROFILE_VALUE_INVALID, params))
    return HardwareProfile().model_copy(update={**values, "name": name}), tuple(problems)


def _check_names(others: set[str], put: Sequence[HardwareProfile]) -> None:
    taken = {name.casefold() for name in others}
    for profile in put:
        if not profile.name:
            raise InputError(MessageId.PROFILE_NAME_EMPTY)
        if profile.name.casefold() in taken:
            raise InputError(MessageId.PROFILE_NAME_TAKEN, name=profile.name)
        taken.add(profile.name.casefold())


def _free_path(folder: Path, name: str) -> Path:
    """A file that is not there yet, in any spelling that some system takes for the same."""
    stem = slug(name, max_bytes=60)
    path, number = folder / f"{stem}{SUFFIX}", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}{SUFFIX}"
    return path


def _changed(path: Path | None, profile: HardwareProfile) -> str:
    """The file's text with these values; what else stands in it stays."""
    document = tomlkit.document()
    if path is not None:
        with storage_errors(path, MessageId.PROFILES_UNWRITABLE):
            document = _parsed(path)
    if not document:
        document.add(tomlkit.comment(_HEADER))
        document.add("version", tomlkit.item(VERSION))
    for name, field in profile_fields().items():
        value = getattr(profile, name)
        if value == field.default:
            document.pop(name, None)
        elif name not in document or document[name] != _plain(value):
            document[name] = _plain(value)
    return tomlkit.dumps(document)


def _plain(value: object) -> object:
    if isinstance(value, Quality):
        return value.slug
    if isinstance(value, tuple):
        return list(value)
    return value.value if isinstance(value, Enum) else value


def _write(path: Path, text: str) -> None:
    try:
        atomic_write_text(path, text, mode=0o600)
    except StorageError as error:
        if error.message.id is MessageId.DISK_FULL:
            raise
        raise StorageError(
            MessageId.PROFILES_UNWRITABLE, detail=error.detail, path=str(path.parent)
        ) from error


def _remove(path: Path | None, folder: Path) -> None:
    if path is None:
        return
    with storage_errors(folder, MessageId.PROFILES_UNWRITABLE):
        path.unlink(missing_ok=True)
        fsync_dir(folder)
