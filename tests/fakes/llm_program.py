"""The played language model server as a program of its own, for who starts and stops it."""

import argparse
import signal
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fakes.llm import FakeLlm


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--reply", type=Path, help="what it writes, whatever is asked")
    options.add_argument("--load-until", type=Path, help="is loading until this file exists")
    # A real one's other options say what it takes of a card.
    given, _ = options.parse_known_args()
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    reply = given.reply.read_text(encoding="utf-8") if given.reply else None
    while given.load_until is not None and not given.load_until.exists():
        if over.wait(0.02):
            return
    with FakeLlm(port=given.port, write=None if reply is None else lambda _: reply):
        over.wait()


if __name__ == "__main__":
    main()
