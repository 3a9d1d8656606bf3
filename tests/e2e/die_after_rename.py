"""The window, which kills itself once an artifact has been renamed into place but not recorded."""

import os
import signal
import sys
from pathlib import Path

from vidgen_gui import __main__
from vidgen_gui.store import artifacts

_place = artifacts._place


def _place_and_die(ready: Path, target: Path) -> bool:
    placed = _place(ready, target)
    if placed:
        os.kill(os.getpid(), signal.SIGKILL)
    return placed


if __name__ == "__main__":
    artifacts._place = _place_and_die
    sys.exit(__main__.main([]))
