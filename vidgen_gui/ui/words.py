"""The sentences behind message ids: what happened and what to do, translatable, without widgets.

Used by the window and by the command line alike; names of states and choices are in `labels`.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import QCoreApplication, QLocale

from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.ui.bench_words import BENCH_WORDS
from vidgen_gui.ui.caption_words import CAPTION_WORDS, FULLER_CAPTION_WORDS, named_characters
from vidgen_gui.ui.comfy_words import COMFY_WORDS
from vidgen_gui.ui.drawing_words import DRAWING_WORDS, FULLER_DRAWING_WORDS, way_name
from vidgen_gui.ui.forecast_words import FORECAST_WORDS
from vidgen_gui.ui.gpu_words import GPU_WORDS
from vidgen_gui.ui.graph_words import GRAPH_WORDS
from vidgen_gui.ui.labels import language_name, size_mib
from vidgen_gui.ui.llm_words import LLM_WORDS
from vidgen_gui.ui.managed_words import MANAGED_WORDS
from vidgen_gui.ui.marks import QT_TRANSLATE_NOOP
from vidgen_gui.ui.plan_words import FULLER_PLAN_WORDS, PLAN_WORDS
from vidgen_gui.ui.profile_words import PROFILE_WORDS
from vidgen_gui.ui.quality_words import QUALITY_WORDS
from vidgen_gui.ui.residency_words import RESIDENCY_WORDS
from vidgen_gui.ui.server_words import FULLER_SERVER_WORDS, SERVER_WORDS
from vidgen_gui.ui.service_words import SERVICE_WORDS
from vidgen_gui.ui.start_words import START_WORDS
from vidgen_gui.ui.storage_words import STORAGE_WORDS

_CONTEXT = "words"

_WORDS: Mapping[MessageId, tuple[str, str]] = MappingProxyType(
    {
        MessageId.TOPIC_EMPTY: (
            QT_TRANSLATE_NOOP("words", "There is no topic."),
            QT_TRANSLATE_NOOP("words", "Type what the video is to be about, then press Enter."),
        ),
        MessageId.TOPIC_NO_WORDS: (
            QT_TRANSLATE_NOOP("words", "The topic “{topic}” has no words to speak."),
            QT_TRANSLATE_NOOP("words", "Add at least one word or number."),
        ),
        MessageId.TOPIC_TOO_LONG: (
            QT_TRANSLATE_NOOP("words", "The topic has {given} characters; at most {limit} fit."),
            QT_TRANSLATE_NOOP(
                "words", "Shorten it, or paste the text as your own script in “New video”."
            ),
        ),
        MessageId.SCRIPT_TOO_LONG: (
            QT_TRANSLATE_NOOP("words", "The script has {given} characters; at most {limit} fit."),
            QT_TRANSLATE_NOOP("words", "Shorten it or make several videos of it."),
        ),
        MessageId.SCRIPT_EMPTY: (
            QT_TRANSLATE_NOOP("words", "The script has no words to speak."),
            QT_TRANSLATE_NOOP("words", "Write at least one sentence, or give a topic instead."),
        ),
        MessageId.SCRIPT_FILE_UNREADABLE: (
            QT_TRANSLATE_NOOP("words", "The script file {path} cannot be read."),
            QT_TRANSLATE_NOOP(
                "words", "Check that it is there, is plain text (UTF-8), and that you may open it."
            ),
        ),
        MessageId.VALUE_INVALID: (
            QT_TRANSLATE_NOOP("words", "“{given}” is not possible for {field}."),
            QT_TRANSLATE_NOOP("words", "Choose another value."),
        ),
        MessageId.ASPECT_UNKNOWN: (
            QT_TRANSLATE_NOOP("words", "“{given}” is not a video shape that can be made."),
            QT_TRANSLATE_NOOP("words", "Use one of: {known}."),
        ),
        MessageId.QUALITY_UNKNOWN: (
            QT_TRANSLATE_NOOP("words", "There is no quality called “{given}”."),
            QT_TRANSLATE_NOOP("words", "Use one of: {known}."),
        ),
        MessageId.VOICE_UNKNOWN: (
            QT_TRANSLATE_NOOP("words", "The voice “{given}” is not here."),
            QT_TRANSLATE_NOOP("words", "Choose one of these: {known}."),
        ),
        MessageId.LANGUAGE_NOT_SPOKEN: (
            QT_TRANSLATE_NOOP("words", "No voice here speaks {language}."),
            QT_TRANSLATE_NOOP(
                "words", "Make the video in English about this topic, or with captions only."
            ),
        ),
        MessageId.FFMPEG_MISSING: (
            QT_TRANSLATE_NOOP("words", "FFmpeg, which makes the video file, is not at {path}."),
            QT_TRANSLATE_NOOP(
                "words", "Install VidGen again, or name your own FFmpeg in Settings."
            ),
        ),
        MessageId.FFMPEG_FAILED: (
            QT_TRANSLATE_NOOP("words", "FFmpeg could not make the file: {words}"),
            QT_TRANSLATE_NOOP("words", "Try again. If it fails again, try a lower quality."),
        ),
        MessageId.PROGRAM_MISSING: (
            QT_TRANSLATE_NOOP("words", "The program {program} is not installed."),
            QT_TRANSLATE_NOOP("words", "Install VidGen again."),
        ),
        MessageId.PROGRAM_FAILED: (
            QT_TRANSLATE_NOOP("words", "The program {program} failed: {words}"),
            QT_TRANSLATE_NOOP("words", "Try again. If it fails again, open the Doctor."),
        ),
        MessageId.PROGRAM_KILLED: (
            QT_TRANSLATE_NOOP("words", "The program {program} was stopped from outside."),
            QT_TRANSLATE_NOOP(
                "words", "Perhaps memory ran out: close other programs, then try again."
            ),
        ),
        MessageId.PROGRAM_HANGS: (
            QT_TRANSLATE_NOOP(
                "words", "The program {program} gave no answer for {after_s} s and was stopped."
            ),
            QT_TRANSLATE_NOOP("words", "Try again when the computer is less busy."),
        ),
        MessageId.PROGRAM_UNKILLABLE: (
            QT_TRANSLATE_NOOP("words", "The program {program} (process {pid}) cannot be stopped."),
            QT_TRANSLATE_NOOP("words", "Restart the computer when you can."),
        ),
        MessageId.WORKER_LOST: (
            QT_TRANSLATE_NOOP("words", "A helper program of VidGen ({kind}) ended suddenly."),
            QT_TRANSLATE_NOOP(
                "words", "Perhaps memory ran out: close other programs, then try again."
            ),
        ),
        MessageId.WORKER_FAILED: (
            QT_TRANSLATE_NOOP(
                "words", "A helper program of VidGen ({kind}) made a mistake: {words}"
            ),
            QT_TRANSLATE_NOOP("words", "Try again. If it fails again, open the Doctor."),
        ),
        MessageId.JOB_STOPPED: (
            QT_TRANSLATE_NOOP("words", "Another window of VidGen stopped this video."),
            QT_TRANSLATE_NOOP("words", "Start it again there, or give the command again."),
        ),
        MessageId.VOICE_BROKEN: (
            QT_TRANSLATE_NOOP("words", "The voice {voice} cannot be used."),
            QT_TRANSLATE_NOOP(
                "words", "Choose another voice in Settings, or install VidGen again."
            ),
        ),
        MessageId.TEXT_NOT_SAID: (
            QT_TRANSLATE_NOOP(
                "words",
                "The voice {voice} cannot read a part of the script, which is shown silently.",
            ),
            QT_TRANSLATE_NOOP(
                "words", "Write that part in the voice's language, or choose captions only."
            ),
        ),
        MessageId.VIDEO_INVALID: (
            QT_TRANSLATE_NOOP("words", "The finished video {file} did not pass its check: {words}"),
            QT_TRANSLATE_NOOP("words", "Try again. If it fails again, try a lower quality."),
        ),
        MessageId.SOUND_INVALID: (
            QT_TRANSLATE_NOOP("words", "The sound {file} did not pass its check: {words}"),
            QT_TRANSLATE_NOOP("words", "Try again. If it fails again, open the Doctor."),
        ),
        MessageId.PICTURE_INVALID: (
            QT_TRANSLATE_NOOP("words", "The picture {file} cannot be read."),
            QT_TRANSLATE_NOOP("words", "Try again. If it fails again, open the Doctor."),
        ),
        MessageId.RESOURCE_MISSING: (
            QT_TRANSLATE_NOOP("words", "A part of VidGen is missing: {name}."),
            QT_TRANSLATE_NOOP("words", "Install VidGen again."),
        ),
        MessageId.CHECK_PYTHON: (
            QT_TRANSLATE_NOOP("words", "Python {version} runs VidGen."),
            "",
        ),
        MessageId.CHECK_LIBRARIES: (
            QT_TRANSLATE_NOOP("words", "All libraries load."),
            "",
        ),
        MessageId.CHECK_LIBRARY_BROKEN: (
            QT_TRANSLATE_NOOP("words", "The library {name} does not load: {words}"),
            QT_TRANSLATE_NOOP(
                "words",
                "Install VidGen again; on Linux, also what its README names for your system.",
            ),
        ),
        MessageId.CHECK_FFMPEG: (
            QT_TRANSLATE_NOOP("words", "FFmpeg {version} makes the video files: {path}"),
            "",
        ),
        MessageId.CHECK_VOICE: (
            QT_TRANSLATE_NOOP("words", "The voice {voice} is in place."),
            "",
        ),
        MessageId.CHECK_FONTS: (
            QT_TRANSLATE_NOOP("words", "The fonts for captions are in place: {count}."),
            "",
        ),
        MessageId.CHECK_FOLDER: (
            QT_TRANSLATE_NOOP("words", "VidGen can write into {path}."),
            "",
        ),
        MessageId.CHECK_ROOM: (
            QT_TRANSLATE_NOOP("words", "Where videos are saved, {free_gib} GiB are free."),
            QT_TRANSLATE_NOOP("words", "A video wants 3 GiB while it is made, a long list 10 GiB."),
        ),
        **BENCH_WORDS,
        **CAPTION_WORDS,
        **COMFY_WORDS,
        **DRAWING_WORDS,
        **LLM_WORDS,
        **GPU_WORDS,
        **PLAN_WORDS,
        **FORECAST_WORDS,
        **PROFILE_WORDS,
        **GRAPH_WORDS,
        **QUALITY_WORDS,
        **RESIDENCY_WORDS,
        **SERVICE_WORDS,
        **MANAGED_WORDS,
        MessageId.UNEXPECTED: (
            QT_TRANSLATE_NOOP("words", "Something unexpected happened: {detail}"),
            QT_TRANSLATE_NOOP("words", "Try again. The log has the details."),
        ),
        **SERVER_WORDS,
        **START_WORDS,
        **STORAGE_WORDS,
    }
)

_FULLER: Mapping[MessageId, str] = MappingProxyType(
    {
        MessageId.DISK_FULL: QT_TRANSLATE_NOOP(
            "words",
            "The disk that holds {path} has {free_mib} free; {needed_mib} are needed.",
        ),
        **FULLER_CAPTION_WORDS,
        **FULLER_SERVER_WORDS,
        **FULLER_DRAWING_WORDS,
        **FULLER_PLAN_WORDS,
    }
)
"""Said instead of the reason when everything it mentions is known."""


_NAMED: Mapping[str, Callable[[Any], str]] = MappingProxyType(
    {
        "language": language_name,
        "before_way": way_name,
        "after_way": way_name,
        "characters": named_characters,
    }
)
"""Parameters that come as a code, and what names them."""
_SIZES = frozenset({"available", "need"})
"""Sizes in MiB whose names don't end so."""


class _Shown(dict[str, str]):
    """Parameters as text, in the person's number format; a dash for what is not known."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        super().__init__(_texts(params))

    def __missing__(self, key: str) -> str:
        return "—"


def _texts(params: Mapping[str, Any]) -> dict[str, str]:
    """Parameters as text; what comes as a code (a language, a way of drawing) by its name."""
    return {name: _text(name, value) for name, value in params.items()}


def _text(name: str, value: Any) -> str:
    if isinstance(value, int | float) and (name.endswith("mib") or name in _SIZES):
        return size_mib(value)
    return _NAMED.get(name, _shown)(value)


def _shown(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return QLocale().toString(value)
    if isinstance(value, float):
        return QLocale().toString(value, "f", 1)
    if isinstance(value, Sequence) and not isinstance(value, str):
        plain = all(isinstance(one, str) for one in value)
        return ", ".join(value) if plain else " ".join(_attempt(one) for one in value)
    return str(value)


def _attempt(attempt: object) -> str:
    """Why one address cannot be used; the address first, where the sentence doesn't name it."""
    if not isinstance(attempt, Mapping):
        return str(attempt)
    address, why = str(attempt.get("address", "")), reason(Message.from_dict(attempt))
    return _ended(why if address in why else f"{address}: {why}")


def _ended(text: str) -> str:
    """With a stop, where the text ends in somebody else's words."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _fill(template: str, params: Mapping[str, Any]) -> str:
    return QCoreApplication.translate(_CONTEXT, template).format_map(_Shown(params))


def has_words(message_id: MessageId) -> bool:
    """Whether there is a sentence and an advice for this id."""
    return message_id in _WORDS


def reason(message: Message) -> str:
    """What happened and why, in one sentence. Plain text: it may quote what a person typed."""
    fuller = _FULLER.get(message.id)
    if fuller is not None:
        try:
            return QCoreApplication.translate(_CONTEXT, fuller).format_map(_texts(message.params))
        except KeyError:
            return _fill(_WORDS[message.id][0], message.params)
    return _fill(_WORDS[message.id][0], message.params)


def advice(message: Message) -> str | None:
    """What the person can do about it, or None when there is nothing to do."""
    return _fill(_WORDS[message.id][1], message.params) or None


def sentence(message: Message) -> str:
    """Reason and advice together."""
    why, what_to_do = reason(message), advice(message)
    return f"{_ended(why)} {what_to_do}" if what_to_do else why
