"""How a setting is declared: its kind, its words and its bounds, beside its default."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.quality import Quality


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


def _quality(value: object) -> object:
    if isinstance(value, str):
        try:
            return Quality.parse(value)
        except InputError as error:
            raise ValueError(str(error)) from error
    return value


QualityName = Annotated[
    Quality, BeforeValidator(_quality), PlainSerializer(lambda quality: quality.slug)
]
"""A quality that files and the environment spell by its name."""
