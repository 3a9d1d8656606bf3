"""How a setting is declared: its kind, its words and its bounds, beside its default."""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class SettingKind(StrEnum):
    """What a setting is edited with."""

    SWITCH = "switch"
    CHOICE = "choice"
    NUMBER = "number"
    VOICE = "voice"
    FOLDER = "folder"
    PROGRAM = "program"
    FILE = "file"
    TEXT = "text"
    COMMAND = "command"
    ADDRESS = "address"
    ADDRESSES = "addresses"


def setting(
    default: object, kind: SettingKind, title: str, help_text: str, *, unit: str = "", **more: Any
) -> Any:
    return Field(
        default,
        title=title,
        description=help_text,
        json_schema_extra={"kind": kind.value, "unit": unit},
        **more,
    )


class SettingGroup(BaseModel):
    """A section of the settings. Frozen; keys from newer versions are left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")
