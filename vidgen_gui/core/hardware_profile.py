"""Limits and preferences for a machine: what a plan may use, how far it may fall. Values."""

from enum import StrEnum

from vidgen_gui.core.quality import Quality
from vidgen_gui.core.setting_declaration import QualityName, SettingGroup, SettingKind, setting

AUTO_NAME = ""
"""The profile that follows what was detected has no name of its own."""
USUAL_RESERVE_MIB = 512


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


class HardwareProfile(SettingGroup):
    """One machine's limits. The values of a profile that was not changed suit every machine."""

    name: str = setting(AUTO_NAME, SettingKind.TEXT, "Name", "What this profile is called.")
    gpu: str = setting(
        "",
        SettingKind.TEXT,
        "Graphics card",
        "Which card the pictures are made on. Empty: the first one.",
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
    rungs: tuple[str, ...] = setting(
        (),
        SettingKind.TEXT,
        "Ways to make a picture",
        "Tried in this order. Empty: the best first.",
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
