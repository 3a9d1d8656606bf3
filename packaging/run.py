"""What ``make run`` does: the window, or without a display the sample video."""

import os
import sys
from pathlib import Path

from vidgen_gui.__main__ import main

SAMPLE_TOPIC = "The quiet power of morning walks"


def has_display() -> bool:
    """Whether a window can be shown here."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


if __name__ == "__main__":
    if has_display():
        sys.exit(main([]))
    print("No display here, so the sample video is made without a window.", flush=True)
    sys.exit(main(["make", "--topic", SAMPLE_TOPIC, "--out", str(Path("out").resolve())]))
