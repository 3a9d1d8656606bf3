"""Tells what is done while a lock of the app is held: I/O, a wait, a second lock."""

import concurrent.futures
import queue
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest
from busy_machine import in_time

PACKAGE = "vidgen_gui"
LONGEST_S = 1.0
"""A moment, even where several threads compute."""
_SLOW_EVENTS = (
    "open",
    "os.",
    "shutil.",
    "socket.",
    "sqlite3.",
    "subprocess.",
    "tempfile.",
    "time.sleep",
    "urllib.",
)
_make_lock = threading.Lock
_current: "LockWatch | None" = None


class LockWatch:
    """What was seen, as sentences, and how many locks of the app were used."""

    def __init__(self) -> None:
        self.found: set[str] = set()
        self.used: set[str] = set()
        self._here = threading.local()

    @property
    def held(self) -> list[str]:
        """The app's locks that this thread holds, by where they were made."""
        if not hasattr(self._here, "held"):
            self._here.held = []
        held: list[str] = self._here.held
        return held

    def saw(self, what: str) -> None:
        """Note something that is not done under a lock, if this thread holds one."""
        if self.held:
            self.found.add(f"{what} while {self.held[-1]} is held, in {_place(sys._getframe(1))}")


class WatchedLock:
    """A lock of the app; stands in for `threading.Lock`."""

    def __init__(self, watch: LockWatch, made_at: str) -> None:
        self._lock = _make_lock()
        self._watch = watch
        self._made_at = made_at
        self._owner = 0
        self._since_s = 0.0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:  # noqa: FBT001, FBT002 - as inherited
        self._watch.saw(f"{self._made_at} is asked for")
        done = self._lock.acquire(blocking, timeout)
        if done:
            self._owner, self._since_s = threading.get_ident(), time.monotonic()
            self._watch.held.append(self._made_at)
            self._watch.used.add(self._made_at)
        return done

    def release(self) -> None:
        self._watch.held.remove(self._made_at)
        held_s = time.monotonic() - self._since_s
        self._owner = 0
        self._lock.release()
        if not in_time(held_s, LONGEST_S):
            self._watch.found.add(f"{self._made_at} was held for {held_s:.2f} s")

    def locked(self) -> bool:
        return self._lock.locked()

    def _is_owned(self) -> bool:
        return self._owner == threading.get_ident()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


@contextmanager
def watching_locks(monkeypatch: pytest.MonkeyPatch) -> Iterator[LockWatch]:
    """Watch every lock and condition that the app makes inside."""
    global _current  # noqa: PLW0603 - an audit hook cannot be taken back, only told to be silent
    watch = LockWatch()
    make_condition = threading.Condition

    def lock() -> Any:
        at = _maker(sys._getframe(1))
        return _make_lock() if at is None else WatchedLock(watch, at)

    def condition(given: Any = None) -> Any:
        at = _maker(sys._getframe(1))
        return make_condition(given if at is None or given else WatchedLock(watch, at))

    monkeypatch.setattr(threading, "Lock", lock)
    monkeypatch.setattr(threading, "Condition", condition)
    _tell_of(monkeypatch, watch, concurrent.futures.Future, "result")
    _tell_of(monkeypatch, watch, threading.Event, "wait")
    _tell_of(monkeypatch, watch, threading.Thread, "join")
    _tell_of(monkeypatch, watch, queue.Queue, "get")
    if _current is None:
        sys.addaudithook(_on_audit)
    _current = watch
    try:
        yield watch
    finally:
        _current = LockWatch()


def _on_audit(event: str, _: tuple[object, ...]) -> None:
    if _current is not None and event.startswith(_SLOW_EVENTS):
        _current.saw(event)


def _tell_of(monkeypatch: pytest.MonkeyPatch, watch: LockWatch, owner: type, name: str) -> None:
    before = getattr(owner, name)

    def told(*args: Any, **options: Any) -> Any:
        # A thread that is started is waited for until it runs: a moment.
        if sys._getframe(1).f_code.co_name != "start":
            watch.saw(f"{owner.__name__}.{name}")
        return before(*args, **options)

    monkeypatch.setattr(owner, name, told)


def _maker(frame: FrameType) -> str | None:
    """Where the app makes a lock; None when somebody else does."""
    if not frame.f_globals.get("__name__", "").startswith(PACKAGE):
        return None
    return f"{frame.f_globals['__name__']}:{frame.f_lineno}"


def _place(frame: FrameType | None) -> str:
    """The innermost line of the app."""
    while frame is not None:
        at = _maker(frame)
        if at is not None:
            return at
        frame = frame.f_back
    return "the library"
