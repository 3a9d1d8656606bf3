"""Limits and preferences for a machine: what a plan may use, how far it may fall. Values."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Annotated

from pydantic import BeforeValidator

from vidgen_gui.core.quality import Quality
from vidgen_gui.core.setting_declaration import (
    QualityName,
    SettingField,
    SettingGroup,
    SettingKind,
    declared_fields,
    setting,
)
from vidgen_gui.core.text import clean_text, truncate

AUTO_NAME = ""
"""The profile that follows what was detected has no name of its own."""
USUAL_RESERVE_MIB = 512
LONGEST_NAME = 60
"""What a reader sees as characters."""
MOST_RUNGS = 64
_RUNG = re.compile(r"[a-z0-9][a-z0-9/-]{0,63}")


def profile_name(text: str) -> str:
    """A profile's name as it is used: one line of plain text, not too long."""
    return truncate(clean_text(text, keep_lines=False), LONGEST_NAME)


def free_name(name: str, taken: Iterable[str]) -> str:
    """``name``, numbered where another one is called so already, capitals aside."""
    used = {one.casefold() for one in taken}
    free, number = name, 1
    while free.casefold() in used:
        number += 1
        free = f"{truncate(name, LONGEST_NAME - 4)} {number}"
    return free


def _name(value: object) -> object:
    return profile_name(value) if isinstance(value, str) else value


def _rungs(value: object) -> object:
    """Names of this version and of others: each once, and nothing that cannot be one."""
    if not isinstance(value, list | tuple) or len(value) > MOST_RUNGS:
        raise ValueError("a list of names is expected")
    names = [one.strip().lower() if isinstance(one, str) else "" for one in value]
    if not all(_RUNG.fullmatch(name) for name in names):
        raise ValueError("no names of ways")
    return tuple(dict.fromkeys(names))


class PauseScriptWriter(StrEnum):
    """Whether a language model is stopped while pictures need its memory."""

    YES = "yes"
    NO = "no"
    ASK = "ask"


class QualityPolicy(StrEnum):
    """What to do when a quality's own ways of making a picture don't fit.

    The delivered size stays in any case. KEEP: the built-in painter paints instead. LOWER: pictures
    with a lower quality's detail are enlarged. ASK: the job waits for the person.
    """

    KEEP = "keep"
    LOWER = "lower"
    ASK = "ask"


class FreeAfter(StrEnum):
    """Whether the image server unloads its models after a batch's last picture."""

    AS_SET = "as-set"
    YES = "yes"
    NO = "no"


class HardwareProfile(SettingGroup):
    """One machine's limits. The values of a profile that was not changed suit every machine."""

    name: Annotated[str, BeforeValidator(_name)] = setting(
        AUTO_NAME, SettingKind.TEXT, "Name", "What this profile is called."
    )
    gpu: str = setting(
        "",
        SettingKind.TEXT,
        "Graphics card",
        "Which card the pictures are made on.",
    )
    vram_limit_mib: int = setting(
        0,
        SettingKind.NUMBER,
        "Memory limit",
        "At most so much of the card is used. 0: all of it.",
        unit="MiB",
        ge=0,
        le=1_048_576,
    )
    reserve_mib: int = setting(
        USUAL_RESERVE_MIB,
        SettingKind.NUMBER,
        "Left free",
        "So much of the card is left to the desktop and to other programs.",
        unit="MiB",
        ge=0,
        le=65_536,
    )
    pause_script_writer: PauseScriptWriter = setting(
        PauseScriptWriter.YES,
        SettingKind.CHOICE,
        "Pause the script writer for pictures",
        "Ends the language model while pictures need its memory, and starts it again afterwards.",
    )
    stop_found_programs: bool = setting(
        False,
        SettingKind.SWITCH,
        "Also pause a language model that VidGen did not start",
        "It is started again in the same way afterwards.",
    )
    rungs: Annotated[tuple[str, ...], BeforeValidator(_rungs)] = setting(
        (),
        SettingKind.ORDER,
        "Ways to make a picture",
        "Tried in this order; what is left out is never tried.",
    )
    quality_policy: QualityPolicy = setting(
        QualityPolicy.LOWER,
        SettingKind.CHOICE,
        "When a quality does not fit",
        "The video's size stays the same in any case.",
    )
    lowest_quality: QualityName = setting(
        Quality.DRAFT,
        SettingKind.CHOICE,
        "Lowest quality of pictures",
        "Detail is not lowered further than this.",
    )
    cpu_allowed: bool = setting(
        False,
        SettingKind.SWITCH,
        "Pictures on the processor",
        "Lets ComfyUI draw without the graphics card when nothing else fits. This takes many "
        "minutes a picture.",
    )
    free_after: FreeAfter = setting(
        FreeAfter.AS_SET,
        SettingKind.CHOICE,
        "Free graphics memory after the pictures",
        "Asks ComfyUI to unload its models when a batch's last picture is made.",
    )
    workers: int = setting(
        0,
        SettingKind.NUMBER,
        "Steps at the same time",
        "0: as set under General.",
        ge=0,
        le=4,
    )
    ram_limit_mib: int = setting(
        0,
        SettingKind.NUMBER,
        "Main memory limit",
        "Less is begun at once when more than this is in use. 0: nine tenths of what there is.",
        unit="MiB",
        ge=0,
        le=16_777_216,
    )
    comfyui_flags: str = setting(
        "",
        SettingKind.COMMAND,
        "Options for ComfyUI",
        "Added when VidGen starts ComfyUI, such as --lowvram or --reserve-vram 1.",
    )


@cache
def profile_fields() -> Mapping[str, SettingField]:
    """Everything that a profile holds, by its name, in the order in which a dialog shows it."""
    fields = declared_fields(HardwareProfile, "profile", "Hardware profiles")
    return MappingProxyType({field.name: field for field in fields.values()})
