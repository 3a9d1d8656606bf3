"""The played ComfyUI as a program of its own, which can die in the middle of its work."""

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fakes.comfyui import FakeComfyUI, Overflow


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--die-once", type=Path, help="where it notes that it has died")
    options.add_argument("--budget-mib", type=float, default=24_000.0)
    options.add_argument(
        "--killed-at-overflow", action="store_true", help="no error: SIGKILL, as the system sends"
    )
    given = options.parse_args()
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    overflow = Overflow.DIE if given.killed_at_overflow else Overflow.RAISE
    with FakeComfyUI(
        port=given.port,
        step_s=0.02,
        budget_mib=given.budget_mib,
        overflow=overflow,
        on_crash=lambda: os.kill(os.getpid(), signal.SIGKILL),
    ) as server:
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
