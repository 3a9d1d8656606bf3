"""The set-up check: whether everything a video needs is here, one line each."""

import importlib
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from vidgen_gui.core.errors import VidgenError
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.service import ServiceName, ServiceState, ServiceView
from vidgen_gui.core.service_settings import ImageMakerSettings, ScriptWriterSettings
from vidgen_gui.core.settings import Settings
from vidgen_gui.media.ffmpeg import find_ffmpeg, inspect_ffmpeg
from vidgen_gui.services.piper.voices import BUNDLED_VOICE, check_bundled_voice
from vidgen_gui.system.files import free_bytes, is_writable_dir, nearest_existing
from vidgen_gui.system.paths import AppPaths
from vidgen_gui.system.resources import resource

BATCH_ROOM_BYTES = 10 * 2**30
VIDEO_ROOM_BYTES = 3 * 2**30
NEEDED_MODULES = MappingProxyType(
    {
        "cv2": "cv2",
        "numpy": "numpy",
        # By itself it would report to its maker.
        "onnxruntime": "vidgen_gui.services.piper.runtime",
        "PySide6.QtGui": "PySide6.QtGui",
        "PySide6.QtMultimedia": "PySide6.QtMultimedia",
    }
)
"""What people know a library as, and what is imported to see whether it loads."""


class CheckState(StrEnum):
    """How a check came out."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the set-up check."""

    name: str
    state: CheckState
    message: Message


def examine(
    paths: AppPaths, settings: Settings, services: Iterable[ServiceView] = ()
) -> Iterator[Check]:
    """Run every check, one after the other; none raises.

    Args:
        services: how they stand, asked a moment ago.
    """
    yield _good("python", MessageId.CHECK_PYTHON, version=sys.version.split()[0])
    yield _guarded("libraries", _check_libraries)
    yield _guarded("ffmpeg", lambda: _check_ffmpeg(settings))
    yield _guarded("voice", _check_voice)
    yield _guarded("fonts", _check_fonts)
    yield _guarded("data folder", lambda: _check_data_folder(paths))
    yield _guarded("output folder", lambda: _check_output_folder(settings))
    yield _guarded("room", lambda: _check_room(settings))
    for view in services:
        yield _check_service(view, _settings_of(settings, view.name))


def _good(name: str, message_id: MessageId, **params: object) -> Check:
    return Check(name, CheckState.GOOD, Message(message_id, params))


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except VidgenError as error:
        return Check(name, CheckState.BAD, error.message)


def _check_libraries() -> Check:
    for name, module in NEEDED_MODULES.items():
        try:
            importlib.import_module(module)
        except ImportError as error:
            message = Message(MessageId.CHECK_LIBRARY_BROKEN, {"name": name, "words": str(error)})
            return Check("libraries", CheckState.BAD, message)
    return _good("libraries", MessageId.CHECK_LIBRARIES)


def _check_ffmpeg(settings: Settings) -> Check:
    build = inspect_ffmpeg(find_ffmpeg(settings.advanced.ffmpeg_path))
    return _good("ffmpeg", MessageId.CHECK_FFMPEG, version=build.version, path=str(build.path))


def _check_voice() -> Check:
    check_bundled_voice()
    return _good("voice", MessageId.CHECK_VOICE, voice=BUNDLED_VOICE)


def _check_fonts() -> Check:
    count = sum(1 for _ in resource("fonts").glob("*.[to]tf"))
    if not count:
        message = Message(MessageId.RESOURCE_MISSING, {"name": "fonts"})
        return Check("fonts", CheckState.BAD, message)
    return _good("fonts", MessageId.CHECK_FONTS, count=count)


def _check_data_folder(paths: AppPaths) -> Check:
    if is_writable_dir(paths.data):
        return _good("data folder", MessageId.CHECK_FOLDER, path=str(paths.data))
    message = Message(MessageId.DATA_UNWRITABLE, {"path": str(paths.data)})
    return Check("data folder", CheckState.BAD, message)


def _check_output_folder(settings: Settings) -> Check:
    folder = settings.output_folder
    if is_writable_dir(nearest_existing(folder)):
        return _good("output folder", MessageId.CHECK_FOLDER, path=str(folder))
    message = Message(MessageId.OUTPUT_UNWRITABLE, {"path": str(folder)})
    return Check("output folder", CheckState.BAD, message)


def _check_room(settings: Settings) -> Check:
    free = free_bytes(settings.output_folder)
    message = Message(MessageId.CHECK_ROOM, {"free_gib": round(free / 2**30, 1)})
    if free < VIDEO_ROOM_BYTES:
        return Check("room", CheckState.BAD, message)
    state = CheckState.GOOD if free >= BATCH_ROOM_BYTES else CheckState.WARNING
    return Check("room", state, message)


def _settings_of(
    settings: Settings, name: ServiceName
) -> ScriptWriterSettings | ImageMakerSettings:
    writer = name is ServiceName.SCRIPT_WRITER
    return settings.script_writer if writer else settings.image_maker


def _check_service(view: ServiceView, settings: ScriptWriterSettings | ImageMakerSettings) -> Check:
    """Nobody needs a service: only one that was set up and doesn't work is worth a warning."""
    program, stand_in = _PROGRAMS[view.name]
    working = view.state in {ServiceState.READY, ServiceState.BUSY, ServiceState.PAUSED}
    if working and view.detail is None:
        params = {"program": program, "url": view.url, "model": view.model or view.version}
        return Check(view.name.value, CheckState.GOOD, Message(MessageId.CHECK_SERVICE, params))
    if view.state is ServiceState.UNHEALTHY or (working and view.detail is not None):
        detail = view.detail or Message(MessageId.SERVICE_SILENT)
        return Check(view.name.value, CheckState.WARNING, detail)
    params = {"program": program, "stand_in": stand_in}
    if not settings.enabled:
        message = Message(MessageId.CHECK_SERVICE_OFF, params)
    elif not view.can_start:
        message = Message(MessageId.CHECK_SERVICE_STANDS_IN, params)
    elif settings.autostart:
        command = shlex.join(view.command)
        message = Message(MessageId.CHECK_SERVICE_STARTS, {**params, "command": command})
    else:
        message = Message(MessageId.CHECK_SERVICE_RESTS, params)
    return Check(view.name.value, CheckState.GOOD, message)


_PROGRAMS = {
    ServiceName.SCRIPT_WRITER: ("a language model", "the built-in writer"),
    ServiceName.IMAGE_MAKER: ("ComfyUI", "the built-in painter"),
}
