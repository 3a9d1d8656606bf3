"""What the app has to tell a person, as ids with parameters.

The words themselves are made in ``ui.words`` so that they can be translated;
everything below the user interface speaks in these ids.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class MessageId(StrEnum):
    """Every sentence the app can say about a failure, a warning or a notice."""

    # Input
    TOPIC_EMPTY = "topic-empty"
    TOPIC_NO_WORDS = "topic-no-words"
    TOPIC_TOO_LONG = "topic-too-long"
    SCRIPT_TOO_LONG = "script-too-long"
    SCRIPT_EMPTY = "script-empty"
    SCRIPT_FILE_UNREADABLE = "script-file-unreadable"
    VALUE_INVALID = "value-invalid"
    ASPECT_UNKNOWN = "aspect-unknown"
    QUALITY_UNKNOWN = "quality-unknown"
    VOICE_UNKNOWN = "voice-unknown"
    LANGUAGE_NOT_SPOKEN = "language-not-spoken"
    # Storage
    OUTPUT_UNWRITABLE = "output-unwritable"
    OUTPUT_VANISHED = "output-vanished"
    DATA_UNWRITABLE = "data-unwritable"
    DISK_FULL = "disk-full"
    SETTINGS_SET_ASIDE = "settings-set-aside"
    SETTINGS_UNWRITABLE = "settings-unwritable"
    SETTING_INVALID = "setting-invalid"
    SETTING_CLAMPED = "setting-clamped"
    ENVIRONMENT_INVALID = "environment-invalid"
    ENVIRONMENT_CLAMPED = "environment-clamped"
    DATABASE_REBUILT = "database-rebuilt"
    DATABASE_UNUSABLE = "database-unusable"
    DATABASE_TOO_NEW = "database-too-new"
    DATABASE_DAMAGED = "database-damaged"
    DATABASE_BUSY = "database-busy"
    ARTIFACT_DAMAGED = "artifact-damaged"
    # Programs
    FFMPEG_MISSING = "ffmpeg-missing"
    FFMPEG_FAILED = "ffmpeg-failed"
    PROGRAM_MISSING = "program-missing"
    PROGRAM_FAILED = "program-failed"
    PROGRAM_KILLED = "program-killed"
    PROGRAM_HANGS = "program-hangs"
    PROGRAM_UNKILLABLE = "program-unkillable"
    WORKER_LOST = "worker-lost"
    WORKER_FAILED = "worker-failed"
    # Making the video
    VOICE_BROKEN = "voice-broken"
    VIDEO_INVALID = "video-invalid"
    SOUND_INVALID = "sound-invalid"
    PICTURE_INVALID = "picture-invalid"
    RESOURCE_MISSING = "resource-missing"
    # The set-up check
    CHECK_PYTHON = "check-python"
    CHECK_LIBRARIES = "check-libraries"
    CHECK_LIBRARY_BROKEN = "check-library-broken"
    CHECK_FFMPEG = "check-ffmpeg"
    CHECK_VOICE = "check-voice"
    CHECK_FONTS = "check-fonts"
    CHECK_FOLDER = "check-folder"
    CHECK_ROOM = "check-room"
    # Anything else
    UNEXPECTED = "unexpected"


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence to be said: its id and what has to be filled in."""

    id: MessageId
    params: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {"id": self.id.value, "params": dict(self.params)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Message":
        """Rebuild what `to_dict` wrote; an id this version doesn't know becomes UNEXPECTED."""
        try:
            message_id = MessageId(data["id"])
        except (KeyError, ValueError):
            return cls(MessageId.UNEXPECTED, {"detail": str(data.get("id", ""))})
        return cls(message_id, dict(data.get("params", {})))
