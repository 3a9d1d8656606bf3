"""Names of states, stages and choices in the person's language; times and sizes by locale.

No widgets here: the command line uses it as well. Sentences about events are in `words`.
"""

import math
from enum import Enum

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from vidgen_gui.controller.job_view import CheckState, StageState
from vidgen_gui.core.hardware_profile import FreeAfter, PauseScriptWriter, QualityPolicy
from vidgen_gui.core.job import CaptionStyle, JobState, Speech, StageName
from vidgen_gui.core.language import primary_language
from vidgen_gui.core.quality import Aspect, Quality
from vidgen_gui.core.script import Genre, Length
from vidgen_gui.core.settings import LogLevel, Theme
from vidgen_gui.ui.marks import QT_TRANSLATE_NOOP

MAX_ETA_S = 99 * 3600

_STATES = {
    JobState.WAITING: QT_TRANSLATE_NOOP("labels", "Waiting"),
    JobState.RUNNING: QT_TRANSLATE_NOOP("labels", "Being made"),
    JobState.PAUSED: QT_TRANSLATE_NOOP("labels", "Paused"),
    JobState.SCRIPT_READY: QT_TRANSLATE_NOOP("labels", "Waits for your OK"),
    JobState.DONE: QT_TRANSLATE_NOOP("labels", "Done"),
    JobState.FAILED: QT_TRANSLATE_NOOP("labels", "Failed"),
    JobState.CANCELLED: QT_TRANSLATE_NOOP("labels", "Cancelled"),
}
_STAGES = {
    StageName.SCRIPT: QT_TRANSLATE_NOOP("labels", "Script"),
    StageName.NARRATION: QT_TRANSLATE_NOOP("labels", "Voice"),
    StageName.MUSIC: QT_TRANSLATE_NOOP("labels", "Music"),
    StageName.IMAGE: QT_TRANSLATE_NOOP("labels", "Pictures"),
    StageName.RENDER: QT_TRANSLATE_NOOP("labels", "Video"),
}
_STAGE_STATES = {
    StageState.WAITING: QT_TRANSLATE_NOOP("labels", "waiting"),
    StageState.RUNNING: QT_TRANSLATE_NOOP("labels", "running"),
    StageState.DONE: QT_TRANSLATE_NOOP("labels", "done"),
    StageState.REUSED: QT_TRANSLATE_NOOP("labels", "done before"),
    StageState.FAILED: QT_TRANSLATE_NOOP("labels", "failed"),
}
_QUALITIES = {
    Quality.DRAFT: QT_TRANSLATE_NOOP("labels", "Draft"),
    Quality.STANDARD: QT_TRANSLATE_NOOP("labels", "Standard"),
    Quality.HIGH: QT_TRANSLATE_NOOP("labels", "High"),
    Quality.ULTRA_LITE: QT_TRANSLATE_NOOP("labels", "Ultra-lite"),
    Quality.ULTRA: QT_TRANSLATE_NOOP("labels", "Ultra"),
}
_ASPECTS = {
    Aspect.PORTRAIT: QT_TRANSLATE_NOOP("labels", "Portrait"),
    Aspect.LANDSCAPE: QT_TRANSLATE_NOOP("labels", "Landscape"),
    Aspect.SQUARE: QT_TRANSLATE_NOOP("labels", "Square"),
    Aspect.TALL: QT_TRANSLATE_NOOP("labels", "Tall"),
}
_GENRES = {
    Genre.MOTIVATIONAL: QT_TRANSLATE_NOOP("labels", "Motivational"),
    Genre.EMOTIONAL: QT_TRANSLATE_NOOP("labels", "Emotional"),
    Genre.TECH: QT_TRANSLATE_NOOP("labels", "Tech"),
    Genre.NATURE: QT_TRANSLATE_NOOP("labels", "Nature"),
    Genre.CUSTOM: QT_TRANSLATE_NOOP("labels", "By the topic"),
}
_LENGTHS = {
    Length.SHORT: QT_TRANSLATE_NOOP("labels", "Short"),
    Length.MEDIUM: QT_TRANSLATE_NOOP("labels", "Medium"),
    Length.LONG: QT_TRANSLATE_NOOP("labels", "Long"),
}
_CAPTION_STYLES = {
    CaptionStyle.BOLD: QT_TRANSLATE_NOOP("labels", "Bold"),
    CaptionStyle.BOXED: QT_TRANSLATE_NOOP("labels", "Boxed"),
    CaptionStyle.CLEAN: QT_TRANSLATE_NOOP("labels", "Clean"),
}
_OTHERS: dict[Enum, str] = {
    Speech.SPOKEN: QT_TRANSLATE_NOOP("labels", "Spoken"),
    Speech.CAPTIONS_ONLY: QT_TRANSLATE_NOOP("labels", "Captions only, no voice"),
    Theme.SYSTEM: QT_TRANSLATE_NOOP("labels", "As the system is set"),
    Theme.LIGHT: QT_TRANSLATE_NOOP("labels", "Light"),
    Theme.DARK: QT_TRANSLATE_NOOP("labels", "Dark"),
    PauseScriptWriter.YES: QT_TRANSLATE_NOOP("labels", "Yes"),
    PauseScriptWriter.NO: QT_TRANSLATE_NOOP("labels", "No"),
    PauseScriptWriter.ASK: QT_TRANSLATE_NOOP("labels", "Ask me first"),
    QualityPolicy.LOWER: QT_TRANSLATE_NOOP("labels", "Draw less detail and enlarge it"),
    QualityPolicy.KEEP: QT_TRANSLATE_NOOP("labels", "Let the built-in painter paint"),
    FreeAfter.AS_SET: QT_TRANSLATE_NOOP("labels", "As set under Image maker"),
    LogLevel.DEBUG: QT_TRANSLATE_NOOP("labels", "Everything"),
    LogLevel.INFO: QT_TRANSLATE_NOOP("labels", "Normal"),
    LogLevel.WARNING: QT_TRANSLATE_NOOP("labels", "Warnings and errors"),
    LogLevel.ERROR: QT_TRANSLATE_NOOP("labels", "Errors only"),
}
_CHECKS = {
    "python": QT_TRANSLATE_NOOP("labels", "Python"),
    "libraries": QT_TRANSLATE_NOOP("labels", "Libraries"),
    "ffmpeg": QT_TRANSLATE_NOOP("labels", "FFmpeg"),
    "voice": QT_TRANSLATE_NOOP("labels", "Voice"),
    "fonts": QT_TRANSLATE_NOOP("labels", "Fonts"),
    "data folder": QT_TRANSLATE_NOOP("labels", "VidGen's own folder"),
    "output folder": QT_TRANSLATE_NOOP("labels", "Output folder"),
    "room": QT_TRANSLATE_NOOP("labels", "Room on the disk"),
    "script-writer": QT_TRANSLATE_NOOP("labels", "Script writer"),
    "image-maker": QT_TRANSLATE_NOOP("labels", "Image maker"),
}
_DOCTOR_STATES = {
    CheckState.GOOD: QT_TRANSLATE_NOOP("labels", "Good"),
    CheckState.WARNING: QT_TRANSLATE_NOOP("labels", "Look at this"),
    CheckState.BAD: QT_TRANSLATE_NOOP("labels", "Needs mending"),
}


def _tr(text: str) -> str:
    return QCoreApplication.translate("labels", text)


def state_name(state: JobState) -> str:
    return _tr(_STATES[state])


def stage_name(stage: StageName) -> str:
    return _tr(_STAGES[stage])


def stage_state_name(state: StageState) -> str:
    return _tr(_STAGE_STATES[state])


def quality_name(quality: Quality) -> str:
    return _tr(_QUALITIES[quality])


def aspect_name(aspect: Aspect) -> str:
    return _tr(_ASPECTS[aspect])


def genre_name(genre: Genre) -> str:
    return _tr(_GENRES[genre])


def length_name(length: Length) -> str:
    return _tr(_LENGTHS[length])


def caption_style_name(style: CaptionStyle) -> str:
    return _tr(_CAPTION_STYLES[style])


def doctor_state_name(state: CheckState) -> str:
    return _tr(_DOCTOR_STATES[state])


def choice_name(value: Enum) -> str:
    """The name of one value of any choice in the settings."""
    for table in (_QUALITIES, _GENRES, _LENGTHS, _CAPTION_STYLES, _OTHERS):
        if value in table:
            return _tr(table[value])  # type: ignore[index]
    if isinstance(value, Aspect):
        return f"{aspect_name(value)} · {value.value}"
    return str(value.value)


def check_name(name: str) -> str:
    """The name of one of the doctor's checks; an unknown one stays as it is."""
    return _tr(_CHECKS.get(name, name))


def language_name(code: str) -> str:
    """A language by name ("Spanish"), or the code when it is not known."""
    language = QLocale.codeToLanguage(primary_language(code))
    if language is QLocale.Language.AnyLanguage:
        return code
    return QLocale.languageToString(language)


def duration(seconds: float | None) -> str:
    """A span for people: ``42 s``, ``1 min 10 s``, ``2 h 5 min``; empty when it isn't known."""
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return ""
    whole = min(round(seconds), MAX_ETA_S)
    if whole < 60:
        return _tr("{s} s").format(s=whole)
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        if rest == 0 or minutes >= 10:
            return _tr("{min} min").format(min=minutes)
        return _tr("{min} min {s} s").format(min=minutes, s=rest)
    hours, rest = divmod(whole, 3600)
    return _tr("{h} h {min} min").format(h=hours, min=rest // 60)


def time_left(seconds: float) -> str:
    return _tr("{time} left").format(time=duration(seconds))


def made_in(seconds: float) -> str:
    return _tr("made in {time}").format(time=duration(seconds))


def clock(seconds: float) -> str:
    """A place in a video: ``0:07``, ``1:02:03``."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, second = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{second:02}" if hours else f"{minutes}:{second:02}"


def milliseconds(seconds: float) -> str:
    """A short span: ``38 ms``, from one second on ``1.2 s``; empty when it isn't known."""
    if not math.isfinite(seconds) or seconds < 0:
        return ""
    if seconds < 1:
        return _tr("{ms} ms").format(ms=QLocale().toString(round(1000 * seconds)))
    return _tr("{s} s").format(s=QLocale().toString(min(seconds, MAX_ETA_S), "f", 1))


def percent(fraction: float) -> str:
    """``62 %`` in the person's number format, never past 0…100."""
    whole = round(100 * min(1.0, max(0.0, fraction)))
    return _tr("{percent} %").format(percent=QLocale().toString(whole))


def size_mib(mib: float) -> str:
    """A size from mebibytes, in the person's format: ``640 MB``, ``2.1 GB``."""
    return QLocale().formattedDataSize(
        round(mib * 2**20),
        1 if mib >= 1024 else 0,
        QLocale.DataSizeFormat.DataSizeTraditionalFormat,
    )


def moment(unix_s: float) -> str:
    """When something happened: the time today, else date and time, by locale."""
    when = QDateTime.fromSecsSinceEpoch(int(unix_s))
    short = QLocale.FormatType.ShortFormat
    if when.date() == QDateTime.currentDateTime().date():
        return QLocale().toString(when.time(), short)
    return QLocale().toString(when, short)
