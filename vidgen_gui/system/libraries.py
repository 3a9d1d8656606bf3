"""Says in one sentence which libraries of the system are missing when Qt cannot be loaded.

The words are made here and not in `ui`, as those words need Qt.
"""

import ctypes
import re
from collections.abc import Iterator
from pathlib import Path

from vidgen_gui.system.resources import resource

_MISSING = re.compile(r"(lib\S+): cannot open shared object file")


def missing_library_advice(error: ImportError, table: Path | None = None) -> str | None:
    """What to tell a person whose Linux lacks a library; None if ``error`` is about another thing.

    ``table`` names libraries and their packages, one pair a line; without it the shipped one.
    """
    match = _MISSING.search(str(error))
    if match is None:
        return None
    packages = missing_packages(table)
    advice = f" On Debian and Ubuntu: sudo apt-get install {' '.join(packages)}" if packages else ""
    return f"VidGen needs the system library {match[1]}, which is not installed.{advice}"


def missing_packages(table: Path | None = None) -> list[str]:
    """Debian's packages of the libraries that Qt needs and this system lacks, in order."""
    return sorted(set(_missing_packages(table or resource("system_libraries.txt"))))


def _missing_packages(table: Path) -> Iterator[str]:
    for line in table.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            library, package = line.split()
            try:
                ctypes.CDLL(library)
            except OSError:
                yield package
