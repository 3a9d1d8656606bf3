import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from vidgen_gui.controller.garbage_collector import (
    SETTLING_TURNS,
    GarbageCollector,
    collecting_on_this_thread,
)


class Knot(QObject):
    """A Qt object that only a garbage collection can end."""

    def __init__(self) -> None:
        super().__init__()
        self.itself = self


@pytest.fixture
def collector() -> Iterator[GarbageCollector]:
    gc.enable()
    collector = GarbageCollector()
    for _ in range(SETTLING_TURNS):
        collector.collect()
    yield collector
    collector.stop()
    gc.disable()


def where_ended() -> list[str]:
    """Drops a knot; the name of the thread that ends it is added."""
    ended: list[str] = []
    weakref.finalize(Knot(), lambda: ended.append(threading.current_thread().name))
    return ended


def allocate() -> list[list[int]]:
    """So much lives on that a collection is due."""
    return [[number] for number in range(100_000)]


def allocate_on_a_thread() -> list[list[int]]:
    made: list[list[int]] = []
    thread = threading.Thread(target=lambda: made.extend(allocate()), name="allocating")
    thread.start()
    thread.join()
    return made


def test_left_to_itself_it_would_end_qt_objects_on_another_thread() -> None:
    gc.collect()
    gc.enable()
    ended = where_ended()
    made = allocate_on_a_thread()
    gc.disable()
    assert made
    # Whichever allocates next: the one made here, or a pool's that an earlier test left at work.
    assert ended
    assert ended != [threading.main_thread().name]


def test_qt_objects_end_on_the_gui_thread(collector: GarbageCollector) -> None:
    ended = where_ended()
    made = allocate_on_a_thread()
    assert made
    assert not ended
    collector.collect()
    assert ended == [threading.main_thread().name]


@pytest.mark.usefixtures("collector")
def test_collects_by_itself(qtbot: QtBot) -> None:
    ended = where_ended()
    made = allocate()
    qtbot.waitUntil(lambda: bool(ended))
    assert made


def test_what_the_start_made_is_not_looked_through_again() -> None:
    gc.enable()
    with collecting_on_this_thread():
        kept = gc.get_freeze_count()
        assert kept > 10_000
    gc.disable()


def test_what_is_loaded_beside_the_window_is_kept_too() -> None:
    gc.enable()
    collector = GarbageCollector()
    loaded = [[number] for number in range(1000)]
    before = gc.get_freeze_count()
    collector.collect()
    assert gc.get_freeze_count() >= before + len(loaded)
    collector.stop()
    gc.disable()


def test_afterwards_python_collects_again() -> None:
    gc.enable()
    with collecting_on_this_thread():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    gc.disable()
