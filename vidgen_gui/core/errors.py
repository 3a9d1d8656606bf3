"""The exceptions the app raises on purpose.

::

    BaseException
    ├── Cancelled            the person said stop: no failure, nothing is shown
    └── Exception
        └── VidgenError      carries a Message; the cause is chained
            ├── InputError       what was typed, pasted or given on the command line
            ├── StorageError     folders, disks, the database, settings
            ├── ProgramError     a program of ours or FFmpeg is missing, failed, hung or died
            ├── ServiceError     a language model or image server doesn't answer as it should
            └── MediaError       what was made is not what was planned
"""

from typing import Any

from vidgen_gui.core.messages import Message, MessageId


class Cancelled(BaseException):
    """Work was stopped because a person asked for it.

    Not an `Exception`, so that no retry and no clean-up handler takes it for a failure.
    """


class VidgenError(Exception):
    """A failure that can be explained to a person.

    Args:
        message_id: which sentence explains it.
        detail: text for the log only (a program's stderr, say).
        params: what the sentence mentions.
    """

    def __init__(self, message_id: MessageId, /, *, detail: str = "", **params: Any) -> None:
        super().__init__(message_id, detail, params)
        self.message = Message(message_id, params)
        self.detail = detail

    def __str__(self) -> str:
        shown = ", ".join(f"{key}={value!r}" for key, value in self.message.params.items())
        text = f"{self.message.id.value}({shown})"
        return f"{text}: {self.detail}" if self.detail else text


class InputError(VidgenError):
    """What the person gave cannot be used as it is."""


class StorageError(VidgenError):
    """A folder, a disk, the database or the settings file does not do its part."""


class ProgramError(VidgenError):
    """A program is missing, failed, hung or died."""


class ServiceError(VidgenError):
    """A server cannot be reached, refuses, or answers with something else than it should."""


class MediaError(VidgenError):
    """A sound, picture or video is not what was planned."""
