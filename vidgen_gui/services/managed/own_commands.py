"""The person's own start and stop commands: split into arguments, and what is wrong explained.

No shell is involved: what only a shell understands is refused with a word on how to do it.
"""

import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from vidgen_gui.core.errors import InputError, ServiceError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.text import clean_text
from vidgen_gui.services.managed.redaction import hide, secrets_in

_SHELL_SIGN = re.compile(r"[&|;<>]+|\d?>{1,2}.*|<.*")
_SUBSTITUTION = re.compile(r"`|\$\(")
_VARIABLE = re.compile(r"[A-Za-z_]\w*=.*")
_LOOKS_LIKE_SCRIPT = {".sh", ".bash", ".zsh", ".py", ".pl", ".rb", ""}
# ELF, Mach-O (both word sizes and byte orders, and fat), and a script that names its interpreter.
_RUNNABLE = (
    *(b"\x7fELF", b"#!"),
    *(b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"),
    b"\xca\xfe\xba\xbe",
)


def split_command(text: str, *, windows: bool = sys.platform == "win32") -> tuple[str, ...]:
    """A command line as typed, split by the platform's rules.

    ``~/`` and variables (``$HOME``, on Windows ``%USERPROFILE%``) are filled in, and
    ``NAME=value program`` works as in a shell.

    Raises:
        InputError: it is empty, its quotes don't match, or it needs a shell.
    """
    text = clean_text(text, keep_lines=False)
    if not text:
        raise InputError(MessageId.COMMAND_EMPTY)
    try:
        parts = list(_windows_parts(text)) if windows else shlex.split(text)
        signs = [] if windows else list(_unquoted(text))
    except ValueError as error:
        shown = hide(text, secrets_in(text.split(), {}))
        raise InputError(MessageId.COMMAND_QUOTES, command=shown) from error
    sign = next((part for part in signs or parts if _SHELL_SIGN.fullmatch(part)), None)
    substitution = _SUBSTITUTION.search(text)
    if sign is not None or substitution is not None:
        shown = sign or (substitution[0] if substitution else "")
        raise InputError(MessageId.COMMAND_NEEDS_SHELL, sign=shown)
    if not windows and _VARIABLE.fullmatch(parts[0]):
        parts.insert(0, "env")
    return tuple(_filled_in(part) for part in parts)


def _unquoted(text: str) -> Iterator[str]:
    """The words and signs outside quotes, so that a quoted ``&`` is an ordinary character."""
    lexer = shlex.shlex(text, posix=False, punctuation_chars=True)
    lexer.whitespace_split = True
    yield from lexer


def _windows_parts(text: str) -> Iterator[str]:
    """Arguments where backslashes belong to paths and only double quotes group words."""
    for match in re.finditer(r'(?:[^\s"]|"[^"]*("|$))+', text):
        if match[0].count('"') % 2:
            raise ValueError("no closing quotation")
        yield match[0].replace('"', "")


def _filled_in(part: str) -> str:
    if part[:1] == "~" and part[1:2] in {"", "/", "\\"}:
        part = str(Path(part).expanduser())
    return os.path.expandvars(part)


def runnable(argv: Sequence[str], cwd: Path | None) -> tuple[str, ...]:
    """The same command with its program found: on PATH, or as a path seen from ``cwd``.

    Raises:
        ServiceError: there is no such program, or the system would not run it.
    """
    program = argv[0]
    is_path = os.sep in program or (os.altsep is not None and os.altsep in program)
    path = (cwd or Path.cwd()) / program if is_path else None
    if path is None and cwd is not None and (cwd / program).is_file():
        path = cwd / program
    if path is None:
        found = shutil.which(program)
        if found is None:
            raise ServiceError(MessageId.COMMAND_NOT_FOUND, program=program)
        path = Path(found)
    _check_runnable(path)
    return (str(path), *argv[1:])


def _check_runnable(path: Path) -> None:
    if path.is_dir() or not path.exists():
        raise ServiceError(MessageId.COMMAND_NOT_FOUND, program=str(path))
    if sys.platform == "win32":
        if shutil.which(str(path)) is None:
            raise ServiceError(MessageId.COMMAND_NOT_RUNNABLE, path=str(path))
        return
    if not os.access(path, os.X_OK):
        raise ServiceError(MessageId.COMMAND_NOT_RUNNABLE, path=str(path))
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except PermissionError:
        # A program that may be run but not read is no script: those have to be read.
        return
    if path.suffix.lower() in _LOOKS_LIKE_SCRIPT and not start.startswith(_RUNNABLE):
        raise ServiceError(MessageId.COMMAND_NO_FIRST_LINE, path=str(path))
