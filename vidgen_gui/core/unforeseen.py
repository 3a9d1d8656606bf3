"""What a person is told of an error that nobody foresaw, where it would end a command or a job."""

import errno

from vidgen_gui.core.messages import Message, MessageId

SYSTEM_LIMITS = frozenset({errno.EAGAIN, errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""Numbers of system errors that say: no more processes, files or memory for you."""
_NO_THREAD = "can't start new thread"


def explained(error: Exception) -> Message:
    """The message about ``error``: limits of the system by name, the rest as unexpected."""
    if _is_a_limit(error):
        return Message(MessageId.SYSTEM_LIMIT, {"words": str(error)[:200] or "MemoryError"})
    detail = f"{type(error).__name__}: {error}"[:200]
    return Message(MessageId.UNEXPECTED, {"detail": detail})


def _is_a_limit(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno in SYSTEM_LIMITS
    return isinstance(error, MemoryError) or str(error) == _NO_THREAD
