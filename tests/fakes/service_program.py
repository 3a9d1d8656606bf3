"""A server program that does as it is told: is late, silent, stubborn, detached, talks, crashes.

It answers ``GET /health`` with 200 once it is ready and 503 before, and ``GET /crash`` by ending.
Started as a program of its own; imports nothing of the app.
"""

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TextIO

MARKER = "service is ready"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('deaf', flush=True); time.sleep(300)"
)


def say(line: str, stream: TextIO) -> None:
    stream.write(line + "\n")
    stream.flush()


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--listen", default="127.0.0.1")
    parser.add_argument("--load-until", type=Path, help="is loading until this file exists")
    parser.add_argument("--listen-late", action="store_true", help="opens its port after loading")
    parser.add_argument("--answer-early", action="store_true", help="is healthy while it loads")
    parser.add_argument("--never-answer", action="store_true", help="says ready, then 503 for ever")
    parser.add_argument("--crashes", type=Path, help="a file with how often it still crashes")
    parser.add_argument("--ignore-term", action="store_true")
    parser.add_argument("--child", type=Path, help="starts a stubborn child, whose pid goes there")
    parser.add_argument("--flood-mib", type=int, default=0, help="prints that much first")
    parser.add_argument("--say", action="append", default=[], help="prints a line on stderr")
    parser.add_argument("--exit", type=int, help="ends with this code instead of serving")
    parser.add_argument("--background", choices=["session", "group"])
    parser.add_argument("--forget-environment", action="store_true")
    parser.add_argument("--pid-file", type=Path)
    parser.add_argument("--api-key", default="")
    return parser.parse_args()


def go_into_background(*, own_session: bool) -> None:
    """As ``nohup program &`` (the script's session and pipes), or as a daemon does (neither)."""
    if os.fork():
        os._exit(0)
    if not own_session:
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)


def forget_environment() -> None:
    """What a service manager does: the server inherits nothing of who asked for it."""
    dropped = ("--forget-environment", "--background=")
    arguments = [one for one in sys.argv if not one.startswith(dropped)]
    kept = {"PATH": os.environ.get("PATH", "")}
    os.execve(sys.executable, [sys.executable, *arguments], kept)  # noqa: S606 - no shell wanted


def write_pid(file: Path, pid: int) -> None:
    """All at once: who waits for the file never reads half of it."""
    part = file.with_suffix(".part")
    part.write_text(str(pid), encoding="utf-8")
    part.replace(file)


def start_child(pid_file: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE)
    if child.stdout is not None:
        child.stdout.readline()
    write_pid(pid_file, child.pid)


class Handler(BaseHTTPRequestHandler):
    healthy = threading.Event()

    def do_GET(self) -> None:
        if self.path == "/crash":
            say("the sky is falling", sys.stderr)
            os._exit(7)
        self.send_response(200 if self.healthy.is_set() else 503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Its requests are of no interest."""


def crash_as_told(counter: Path) -> None:
    left = int(counter.read_text(encoding="utf-8"))
    if left > 0:
        counter.write_text(str(left - 1), encoding="utf-8")
        say(f"crashing, {left - 1} more to come", sys.stderr)
        os._exit(5)


def load(given: argparse.Namespace) -> None:
    for _ in range(given.flood_mib):
        sys.stdout.write(("\x1b[31mlayer\x1b[0m " + "x" * 1010 + "\n") * 1024)
    for line in given.say:
        say(line, sys.stderr)
    if given.crashes:
        crash_as_told(given.crashes)
    if given.exit is not None:
        os._exit(given.exit)
    while given.load_until is not None and not given.load_until.exists():
        time.sleep(0.02)


def prepare(given: argparse.Namespace) -> None:
    if given.background:
        go_into_background(own_session=given.background == "session")
    if given.forget_environment:
        forget_environment()
    if given.ignore_term:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if given.pid_file:
        write_pid(given.pid_file, os.getpid())
    if given.child:
        start_child(given.child)
    if given.api_key:
        say(f"the key is {given.api_key}", sys.stdout)


def main() -> None:
    given = options()
    prepare(given)
    if given.answer_early:
        Handler.healthy.set()
    if given.listen_late:
        load(given)
    server = ThreadingHTTPServer((given.listen, given.port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    if not given.listen_late:
        load(given)
    say(MARKER, sys.stdout)
    if not given.never_answer:
        Handler.healthy.set()
    threading.Event().wait()


if __name__ == "__main__":
    main()
