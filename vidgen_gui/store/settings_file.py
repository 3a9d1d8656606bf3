"""The settings file: TOML that people may edit. Comments and unknown keys are kept.

Only what differs from the defaults is written, so that better defaults reach everybody.
"""

import logging
import os
import time
from collections.abc import Mapping, MutableMapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, cast

import tomlkit
from tomlkit.exceptions import TOMLKitError

from vidgen_gui.core.environment import read_environment
from vidgen_gui.core.errors import InputError, StorageError
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.quality import Quality
from vidgen_gui.core.setting_declaration import SettingField, SettingKind
from vidgen_gui.core.settings import (
    Settings,
    invalid_setting,
    normalize,
    setting_fields,
)
from vidgen_gui.store.set_aside import set_aside
from vidgen_gui.store.settings_upgrades import UPGRADES, Upgrade
from vidgen_gui.system.files import atomic_write_text, read_at_most, storage_errors
from vidgen_gui.system.paths import AppPaths, expand_home, resolve

_logger = logging.getLogger(__name__)

FILE_NAME = "settings.toml"
MAX_BYTES = 2**20
"""Nobody writes that much by hand; TOML of 50 MB takes half a minute to read."""
_STALE_TEMP_S = 60.0
_HEADER = "VidGen's settings. What is not here has its default; see Settings in the app."


def load_settings(
    paths: AppPaths,
    environ: Mapping[str, str] = os.environ,
    *,
    upgrades: Sequence[Upgrade] = UPGRADES,
) -> tuple[Settings, tuple[Message, ...]]:
    """The settings in force, the environment's included, and what is to be said about them.

    What cannot be read or is no TOML is set aside; a single bad value is replaced by its default.

    Raises:
        StorageError: what a kill left of an earlier save cannot be removed.
    """
    path = paths.config / FILE_NAME
    _sweep(path)
    document, notices = _read(path, upgrades)
    values, problems = _values(document)
    environment = read_environment(environ)
    values |= environment.values
    settings = Settings(default_output_folder=paths.videos).with_values(values)
    lost = _leading_nowhere(settings)
    for name, field in lost.items():
        params = {"field": field.title, "given": str(values[name])[:80]}
        problems.append(Message(MessageId.SETTING_INVALID, params))
    settings = settings.with_values({name: field.default for name, field in lost.items()})
    return with_full_paths(settings), (*notices, *problems, *environment.notices)


def _leading_nowhere(settings: Settings) -> dict[str, SettingField]:
    """The settings whose paths nothing can be at."""
    found = {}
    for name, field in setting_fields().items():
        try:
            _full_path(field, settings.value(name))
        except InputError as error:
            _logger.info("the setting %s leads nowhere: %s", name, error)
            found[name] = field
    return found


def _full_path(field: SettingField, given: Any) -> Any:
    if field.kind is SettingKind.FOLDER and given:
        return str(resolve(given))
    if field.kind in {SettingKind.FILE, SettingKind.PROGRAM} and given.startswith("~"):
        return str(expand_home(given))
    return given


def with_full_paths(settings: Settings) -> Settings:
    """The same settings with ``~`` and, for folders, links and ``..`` filled in.

    Links to files and programs stay: a virtual environment's Python works by its link's path
    only, and a model's name may be its link's.

    Raises:
        InputError: a path leads nowhere.
    """
    fields = setting_fields().items()
    full = {name: _full_path(field, settings.value(name)) for name, field in fields}
    return settings.with_values(full)


def save_settings(
    paths: AppPaths,
    settings: Settings,
    environ: Mapping[str, str] = os.environ,
    *,
    upgrades: Sequence[Upgrade] = UPGRADES,
) -> None:
    """Write what ``settings`` changes; the rest of the file stays as it is.

    What only the environment says is not written.

    Raises:
        StorageError: SETTINGS_UNWRITABLE or DISK_FULL; the old file is whole then.
    """
    path = paths.config / FILE_NAME
    now, _ = load_settings(paths, environ, upgrades=upgrades)
    document, _ = _read(path, upgrades)
    if not document:
        document.add(tomlkit.comment(_HEADER))
    document.setdefault("version", len(upgrades) + 1)
    for name, field in setting_fields().items():
        value = settings.value(name)
        if value != now.value(name):
            _put(document, name, None if value == field.default else value)
    try:
        atomic_write_text(path, tomlkit.dumps(document), mode=0o600)
    except StorageError as error:
        if error.message.id is MessageId.DISK_FULL:
            raise
        raise StorageError(
            MessageId.SETTINGS_UNWRITABLE, detail=error.detail, path=str(path)
        ) from error


def _read(
    path: Path, upgrades: Sequence[Upgrade]
) -> tuple[tomlkit.TOMLDocument, tuple[Message, ...]]:
    try:
        document = tomlkit.parse(_text(path))
        _upgrade(document, upgrades)
    except FileNotFoundError:
        return tomlkit.document(), ()
    except (OSError, ValueError, TOMLKitError) as error:
        _logger.info("the settings file is damaged: %s", error)
        kept_as = _set_aside(path)
        return tomlkit.document(), (Message(MessageId.SETTINGS_SET_ASIDE, {"path": str(kept_as)}),)
    return document, ()


def _text(path: Path) -> str:
    data = read_at_most(path, MAX_BYTES)
    if len(data) > MAX_BYTES:
        raise ValueError(f"more than {MAX_BYTES} bytes")
    return data.decode("utf-8-sig")


def _set_aside(path: Path) -> Path:
    try:
        return set_aside(path, "broken")
    except StorageError as error:
        # In a folder that nobody can write, it stays where it is.
        _logger.info("the damaged settings file stays: %s", error)
        return path


def _upgrade(document: tomlkit.TOMLDocument, upgrades: Sequence[Upgrade]) -> None:
    """Bring the document to this version; a newer one is read as far as it is understood."""
    version = document.get("version", 1 if document else len(upgrades) + 1)
    if not isinstance(version, int) or not 1 <= version <= len(upgrades):
        return
    for upgrade in upgrades[version - 1 :]:
        upgrade(document)
    document["version"] = len(upgrades) + 1


def _values(document: tomlkit.TOMLDocument) -> tuple[dict[str, object], list[Message]]:
    values: dict[str, object] = {}
    problems = []
    written = document.unwrap()
    for name in setting_fields():
        group, _, key = name.partition(".")
        table = written.get(group, {})
        if not isinstance(table, dict):
            written.pop(group)
            params = {"field": f"[{group}]", "given": str(table)[:80]}
            problems.append(Message(MessageId.SETTING_INVALID, params))
            continue
        if key not in table:
            continue
        result = normalize(name, table[key])
        if result.clamped or result.invalid:
            problems.append(invalid_setting(name, table[key], result))
        values[name] = result.value
    return values, problems


def _put(document: tomlkit.TOMLDocument, name: str, value: object) -> None:
    group, _, key = name.partition(".")
    if not isinstance(document.get(group), MutableMapping):
        if value is None:
            return
        document[group] = tomlkit.table()
    table = cast("MutableMapping[str, Any]", document[group])
    if value is None:
        table.pop(key, None)
    else:
        table[key] = _plain(value)


def _plain(value: object) -> object:
    if isinstance(value, Quality):
        return value.slug
    return value.value if isinstance(value, Enum) else value


def _sweep(path: Path) -> None:
    """Remove what a kill left of an earlier save, once nobody can be writing it any more."""
    for leftover in path.parent.glob(f".{path.name}.*.tmp"):
        with storage_errors(path, MessageId.SETTINGS_UNWRITABLE):
            if time.time() - leftover.stat().st_mtime > _STALE_TEMP_S:
                leftover.unlink(missing_ok=True)
