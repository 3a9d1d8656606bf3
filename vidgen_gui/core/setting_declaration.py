"""How a setting is declared: its kind, its words and its bounds, beside its default.

Values from outside are checked here against a declaration, one by one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
)

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.messages import Message, MessageId
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
    ORDER = "order"
    PROFILE = "profile"


def setting(
    default: object, kind: SettingKind, title: str, help_text: str, *, unit: str = "", **more: Any
) -> Any:
    """Declare a field of a `SettingGroup`.

    Args:
        more: bounds as pydantic's `Field` takes them (``ge``, ``le``, both included).
    """
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


@dataclass(frozen=True, slots=True)
class SettingField:
    """One setting as a dialog shows it. ``low`` and ``high`` bound a number, both included."""

    path: str
    group_title: str
    title: str
    help_text: str
    kind: SettingKind
    default: Any
    unit: str = ""
    low: int | None = None
    high: int | None = None
    choices: tuple[Enum, ...] = ()

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Normalized:
    """What became of a value from outside: ``invalid`` means that it cannot be used at all."""

    value: Any
    clamped: bool = False
    invalid: bool = False


def declared_fields(model: type[SettingGroup], group: str, title: str) -> dict[str, SettingField]:
    """A group's settings by their paths (``"general.workers"``), as declared."""
    found = {}
    for name, info in model.model_fields.items():
        extra: Any = info.json_schema_extra
        kind = SettingKind(extra["kind"])
        found[f"{group}.{name}"] = SettingField(
            path=f"{group}.{name}",
            group_title=title,
            title=str(info.title),
            help_text=str(info.description),
            kind=kind,
            default=info.default,
            unit=str(extra["unit"]),
            low=_bound(info.metadata, "ge"),
            high=_bound(info.metadata, "le"),
            choices=_choices(info.default) if kind is SettingKind.CHOICE else (),
        )
    return found


def _bound(constraints: Iterable[object], name: str) -> int | None:
    found = (getattr(constraint, name, None) for constraint in constraints)
    return next((bound for bound in found if bound is not None), None)


def _choices(default: Enum) -> tuple[Enum, ...]:
    return tuple(type(default))


def normalized(model: type[SettingGroup], field: SettingField, value: object) -> Normalized:
    """Check one value from a file, the environment or an editor; numbers are put into bounds."""
    if isinstance(value, str) and field.kind is not SettingKind.VOICE:
        value = value.strip()
    try:
        return Normalized(getattr(model.model_validate({field.name: value}), field.name))
    except ValidationError as error:
        problem = error.errors()[0]["type"]
    if problem == "greater_than_equal":
        return Normalized(field.low, clamped=True)
    if problem == "less_than_equal":
        return Normalized(field.high, clamped=True)
    return Normalized(field.default, invalid=True)


def invalid_value(field: SettingField, value: object, used: Normalized) -> Message:
    """The sentence about a value that could not be used as it was."""
    given = str(value)[:80]
    if used.clamped:
        params = {"field": field.title, "given": given, "used": used.value}
        return Message(MessageId.SETTING_CLAMPED, params)
    return Message(MessageId.SETTING_INVALID, {"field": field.title, "given": given})
