"""Where the shipped files are: fonts, icons, themes, script grammars."""

import functools
import sys
from pathlib import Path

from vidgen_gui.core.errors import StorageError
from vidgen_gui.core.messages import MessageId


@functools.cache
def resources_dir() -> Path:
    """The folder of shipped files, in a checkout, an installed wheel or the frozen app.

    Raises:
        StorageError: the installation is incomplete.
    """
    package = Path(__file__).resolve().parent.parent
    candidates = [package / "_resources", package.parent / "resources"]
    if getattr(sys, "frozen", False):
        candidates.insert(0, Path(getattr(sys, "_MEIPASS", package.parent)) / "resources")
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise StorageError(MessageId.RESOURCE_MISSING, name="resources")


def resource(name: str) -> Path:
    """The path of one shipped file or folder, ``name`` relative with forward slashes.

    Raises:
        StorageError: it is not there.
    """
    path = resources_dir().joinpath(*name.split("/"))
    if not path.exists():
        raise StorageError(MessageId.RESOURCE_MISSING, name=name)
    return path
