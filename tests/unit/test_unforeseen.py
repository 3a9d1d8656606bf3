"""Errors that nobody foresaw: limits of the system are known by name."""

import errno
import sys

import pytest

from vidgen_gui.core.errors import ProgramError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.unforeseen import explained
from vidgen_gui.system import process


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), MessageId.SYSTEM_LIMIT),
        (RuntimeError("can't start new thread"), MessageId.SYSTEM_LIMIT),
        (BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"), MessageId.SYSTEM_LIMIT),
        (OSError(errno.ENFILE, "Too many open files in system"), MessageId.SYSTEM_LIMIT),
        (OSError(errno.EIO, "Input/output error"), MessageId.UNEXPECTED),
        (RuntimeError("Set changed size during iteration"), MessageId.UNEXPECTED),
    ],
)
def test_what_is_told_of_an_error(error: Exception, told: MessageId) -> None:
    message = explained(error)
    assert message.id is told
    [words] = message.params.values()
    assert str(error) in words
    assert words


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_a_program_that_the_system_does_not_let_start_is_told_as_that() -> None:
    import resource

    # What is loaded with the first program is there before.
    assert process.run(["true"], deadline_s=10).ok
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (4, before[1]))
    try:
        with pytest.raises(ProgramError) as caught:
            process.run(["true"], deadline_s=10)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert caught.value.message.id is MessageId.SYSTEM_LIMIT
    assert "open files" in caught.value.message.params["words"]
