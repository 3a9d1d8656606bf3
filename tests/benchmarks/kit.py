"""What the benchmarks share: how a window is started for them, and how a result is printed."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

SCREENS = Path(__file__).parents[1] / "qt" / "screen.json"


def window_environment(home: Path) -> dict[str, str]:
    """The environment of a window that nobody sees, on a person's desk, with a home of its own."""
    # Qt's own offscreen screen has no room for the window as people have it.
    screen = f"offscreen:configfile={SCREENS}"
    environment = os.environ | {"QT_QPA_PLATFORM": screen, "VIDGEN_HOME": str(home)}
    # On a person's machine modules are compiled once, not at each start.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def print_result(
    result: dict[str, Any], show: Callable[[dict[str, Any]], None], *, as_json: bool
) -> None:
    """Print one line of JSON, or what ``show`` makes of it."""
    if as_json:
        sys.stdout.write(json.dumps(result) + "\n")
    else:
        show(result)
