"""The played ComfyUI as a program of its own, which can die in the middle of its first picture."""

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fakes.comfyui import FakeComfyUI


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--die-once", type=Path, help="where it notes that it has died")
    given = options.parse_args()
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    with FakeComfyUI(port=given.port, step_s=0.02) as server:
        sys.stdout.write(f"To see the GUI go to: {server.url}\n")
        sys.stdout.flush()
        mark = given.die_once
        while not over.wait(0.02):
            if mark is not None and not mark.exists() and server.prompts:
                server.wait_for_state("running")
                mark.touch()
                os._exit(1)


if __name__ == "__main__":
    main()
