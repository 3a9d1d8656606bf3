"""The person's settings: what there is, with words, bounds and defaults.

Where they are kept is the store's business; what the environment overrides is in `environment`.
Titles, helps and units are English source text; the window translates and shows them.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.job import CaptionStyle, Speech
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.quality import Aspect, Quality
from vidgen_gui.core.script import Genre, Length
from vidgen_gui.core.service_settings import (
    ImageMakerSettings,
    NetworkSettings,
    ScriptWriterSettings,
)
from vidgen_gui.core.setting_declaration import (
    Normalized,
    QualityName,
    SettingField,
    SettingGroup,
    SettingKind,
    declared_fields,
    invalid_value,
    normalized,
    setting,
)

GIB = 1024**3


class Theme(StrEnum):
    """The window's colours."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class LogLevel(StrEnum):
    """How much is written into the log file."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class GeneralSettings(SettingGroup):
    output_folder: str = setting(
        "",
        SettingKind.FOLDER,
        "Output folder",
        "Where finished videos are saved. Empty: the folder VidGen among your videos.",
    )
    theme: Theme = setting(
        Theme.SYSTEM, SettingKind.CHOICE, "Appearance", "Light, dark, or as the system is set."
    )
    workers: int = setting(
        2,
        SettingKind.NUMBER,
        "Steps at the same time",
        "How many steps of jobs are worked on at once. More is faster on many cores, "
        "but needs more memory.",
        ge=1,
        le=4,
    )
    resume_at_start: bool = setting(
        True,
        SettingKind.SWITCH,
        "Continue unfinished videos",
        "Go on with what was being made when VidGen was closed. Otherwise it waits, paused.",
    )


class ScriptSettings(SettingGroup):
    genre: Genre = setting(
        Genre.CUSTOM, SettingKind.CHOICE, "Genre", "The tone of a new video's script."
    )
    length: Length = setting(
        Length.MEDIUM, SettingKind.CHOICE, "Length", "How many words a new script has."
    )
    wait_for_script_ok: bool = setting(
        False,
        SettingKind.SWITCH,
        "Let me read each script first",
        "Each video waits until you have read its script and said yes.",
    )


class VoiceSettings(SettingGroup):
    voice: str = setting(
        "en_US-joe-medium", SettingKind.VOICE, "Voice", "Who speaks in a new video.", min_length=1
    )
    speech: Speech = setting(
        Speech.SPOKEN,
        SettingKind.CHOICE,
        "Narration",
        "Whether the script is spoken, or only shown as captions.",
    )
    music: bool = setting(
        True, SettingKind.SWITCH, "Music", "Put music made for the video under the voice."
    )


class CaptionSettings(SettingGroup):
    shown: bool = setting(
        True,
        SettingKind.SWITCH,
        "Captions",
        "Show the spoken words in the picture, each lit up as it is heard.",
    )
    style: CaptionStyle = setting(
        CaptionStyle.BOLD, SettingKind.CHOICE, "Caption style", "How captions look."
    )


class VideoSettings(SettingGroup):
    quality: QualityName = setting(
        Quality.STANDARD,
        SettingKind.CHOICE,
        "Quality",
        "Size and care of a new video. Higher takes longer.",
    )
    aspect: Aspect = setting(
        Aspect.PORTRAIT, SettingKind.CHOICE, "Shape", "Width to height of a new video."
    )
    high_frame_rate: bool = setting(
        False,
        SettingKind.SWITCH,
        "60 frames a second in Ultra",
        "Smoother motion. Rendering takes twice as long.",
    )


class HardwareSettings(SettingGroup):
    profile: str = setting(
        "",
        SettingKind.PROFILE,
        "Hardware profile",
        "The limits and preferences for this machine. Empty: they follow what it has.",
    )


class AdvancedSettings(SettingGroup):
    cache_limit_gib: int = setting(
        3,
        SettingKind.NUMBER,
        "Room for finished parts",
        "Voices, pictures and music are kept up to this size, so that they are not made twice.",
        unit="GiB",
        ge=1,
        le=1000,
    )
    temp_folder: str = setting(
        "",
        SettingKind.FOLDER,
        "Folder for unfinished parts",
        "Empty: beside the finished ones, which is fastest.",
    )
    clean_leftovers: bool = setting(
        True,
        SettingKind.SWITCH,
        "Clean up after a crash",
        "At start, end programs and remove unfinished files that a crashed run of VidGen left.",
    )
    ffmpeg_path: str = setting(
        "", SettingKind.PROGRAM, "FFmpeg", "The FFmpeg to use. Empty: the one that comes with it."
    )
    log_level: LogLevel = setting(
        LogLevel.INFO, SettingKind.CHOICE, "Log detail", "How much is written into the log file."
    )


class Settings(BaseModel):
    """All settings in force. Immutable: changed settings are a new value, see `with_values`.

    ``default_output_folder`` is the platform's and is not saved.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    general: GeneralSettings = Field(GeneralSettings(), title="General")
    script: ScriptSettings = Field(ScriptSettings(), title="Script")
    voice: VoiceSettings = Field(VoiceSettings(), title="Voice and music")
    captions: CaptionSettings = Field(CaptionSettings(), title="Captions")
    video: VideoSettings = Field(VideoSettings(), title="Video")
    script_writer: ScriptWriterSettings = Field(ScriptWriterSettings(), title="Script writer")
    image_maker: ImageMakerSettings = Field(ImageMakerSettings(), title="Image maker")
    network: NetworkSettings = Field(NetworkSettings(), title="Network")
    hardware: HardwareSettings = Field(HardwareSettings(), title="Hardware profiles")
    advanced: AdvancedSettings = Field(AdvancedSettings(), title="Advanced")
    default_output_folder: Path = Field(Path("VidGen"), exclude=True)

    @property
    def output_folder(self) -> Path:
        """Where finished videos go."""
        chosen = self.general.output_folder
        return Path(chosen) if chosen else self.default_output_folder

    @property
    def cache_limit_bytes(self) -> int:
        return self.advanced.cache_limit_gib * GIB

    def job_options(self) -> dict[str, Any]:
        """What `JobSpec.create` takes for a new job besides its topic."""
        return {
            "genre": self.script.genre,
            "length": self.script.length,
            "wait_for_script_ok": self.script.wait_for_script_ok,
            "voice": self.voice.voice,
            "speech": self.voice.speech,
            "music": self.voice.music,
            "captions": self.captions.shown,
            "caption_style": self.captions.style,
            "quality": self.video.quality,
            "aspect": self.video.aspect,
            "high_frame_rate": self.video.high_frame_rate,
            "output_dir": self.output_folder,
        }

    def value(self, path: str) -> Any:
        """The value at ``"general.workers"``, say."""
        group, _, name = path.partition(".")
        return getattr(getattr(self, group), name)

    def with_values(self, values: Mapping[str, object]) -> "Settings":
        """Changed settings: ``{"general.workers": 3}``.

        Raises:
            InputError: a value is not possible.
        """
        changed = {path: _exact(path, value) for path, value in values.items()}
        groups: dict[str, dict[str, object]] = {}
        for path, value in changed.items():
            group, _, name = path.partition(".")
            groups.setdefault(group, {})[name] = value
        update = {
            group: getattr(self, group).model_copy(update=names) for group, names in groups.items()
        }
        return self.model_copy(update=update)


@cache
def setting_fields() -> Mapping[str, SettingField]:
    """Every setting by its path, in the order in which a dialog shows them."""
    found: dict[str, SettingField] = {}
    for group, info in Settings.model_fields.items():
        if isinstance(info.default, SettingGroup):
            found |= declared_fields(type(info.default), group, str(info.title))
    return MappingProxyType(found)


def normalize(path: str, value: object) -> Normalized:
    """Check one value from a file, the environment or a field; numbers are put into bounds."""
    group = path.partition(".")[0]
    return normalized(type(getattr(Settings(), group)), setting_fields()[path], value)


def invalid_setting(path: str, value: object, used: Normalized) -> Message:
    """The sentence about a value that could not be used as it was."""
    return invalid_value(setting_fields()[path], value, used)


def _exact(path: str, value: object) -> object:
    result = normalize(path, value)
    if result.clamped or result.invalid:
        title = setting_fields()[path].title
        raise InputError(MessageId.VALUE_INVALID, field=title, given=str(value)[:80])
    return result.value
