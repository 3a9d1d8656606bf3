"""Whose memory it is: asked of the driver about real programs, on one card and on several."""

import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from fakes.comfyui import FakeComfyUI
from fakes.nvml_driver import MIB, NOT_AVAILABLE, FakeCard, FakeDriver, installed
from residency_kit import DRAWER, QWEN_MIB, WRITER, card_of, started_by_us
from service_kit import free_port
from session_kit import OpenApp, open_app, settings_with

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.hardware_profile import HardwareProfile
from vidgen_gui.core.plan import CardMemory

NEVER = CancelToken()


def a_card(uuid: str = "GPU-aaaa", used_mib: float = 6_000) -> FakeCard:
    return FakeCard(uuid, f"Card {uuid}", used_mib=used_mib, reserved_mib=0, processes=[])


def memory(app: OpenApp) -> CardMemory:
    return app.session.keeper.memory(NEVER)


@contextlib.contextmanager
def writer_on(folder: Path, *cards: FakeCard) -> Iterator[tuple[OpenApp, int]]:
    """An opened app whose script writer runs, and its pid."""
    settings = settings_with(script_writer=started_by_us(folder, free_port()))
    with installed(FakeDriver(*cards)), open_app(settings) as app:
        app.session.services.start(WRITER)
        view = next(view for view in app.session.services.views() if view.name is WRITER)
        assert view.pid is not None
        yield app, view.pid


@pytest.mark.req("BUG-32", "AUD-40")
def test_what_the_driver_says_of_the_program_counts(tmp_path: Path) -> None:
    card = a_card()
    with writer_on(tmp_path, card) as (app, pid):
        card.processes = [(pid, 5_555 * MIB), (psutil.Process().pid, 400 * MIB)]
        found = memory(app)
        assert found.writer_mib == 5_555
        assert found.writer_can_pause
        assert found.free_mib == 12_288 - 6_000
        assert app.session.keeper.machine == ("Card GPU-aaaa", "550.163.01")
        (other,) = app.session.keeper.reader.read(NEVER).shares.others
        assert (other.pid, other.mib) == (psutil.Process().pid, 400)


def test_whose_the_memory_is_is_found_once_a_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = a_card()
    me, thread = psutil.Process().pid, threading.get_ident()
    asked: list[int] = []
    ask = psutil.pid_exists

    def counted(pid: int) -> bool:
        # The monitor's own thread goes on reading meanwhile.
        if threading.get_ident() == thread:
            asked.append(pid)
        return ask(pid)

    with writer_on(tmp_path, card) as (app, pid):
        card.processes = [(pid, 5_555 * MIB), (me, 400 * MIB)]
        monkeypatch.setattr(psutil, "pid_exists", counted)
        shares = app.session.keeper.reader.read(NEVER).shares
        assert asked.count(me) == 1
        assert (shares.script_writer_mib, shares.others[0].mib) == (5_555, 400)


def test_a_model_in_a_child_counts_for_its_parent(tmp_path: Path) -> None:
    card = a_card()
    with (
        writer_on(tmp_path, card) as (app, _),
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child,
    ):
        me = psutil.Process().pid
        card.processes = [(child.pid, 900 * MIB)]
        families = app.session.keeper.reader._family(me)
        assert {me, child.pid} <= families
        child.kill()


@pytest.mark.parametrize("said", [NOT_AVAILABLE, None])
def test_where_the_driver_does_not_say_the_model_file_does(
    tmp_path: Path, said: int | None
) -> None:
    """Windows names programs without amounts; in a container pids are another system's."""
    card = a_card()
    with writer_on(tmp_path, card) as (app, pid):
        stranger = max(psutil.pids()) + 1_000_000
        card.processes = [(pid, said)] if said is not None else [(stranger, 5_555 * MIB)]
        assert memory(app).writer_mib == pytest.approx(QWEN_MIB, abs=2)
        card.used_mib = 1_000
        # It cannot be more than what is used at all.
        assert memory(app).writer_mib == 1_000


@pytest.mark.req("AUD-40")
def test_a_language_model_on_another_card_holds_nothing_of_this_one(tmp_path: Path) -> None:
    first, second = a_card("GPU-aaaa", 500), a_card("GPU-bbbb", 6_000)
    with writer_on(tmp_path, first, second) as (app, pid):
        second.processes = [(pid, 5_555 * MIB)]
        found = memory(app)
        assert (found.name, found.writer_mib) == ("Card GPU-aaaa", 0)
        app.session.use_profile(HardwareProfile(gpu="GPU-bbbb"))
        found = memory(app)
        assert (found.name, found.writer_mib) == ("Card GPU-bbbb", 5_555)


def test_pictures_are_planned_for_the_card_that_comfyui_is_on() -> None:
    first, second = a_card("GPU-aaaa", 500), a_card("GPU-bbbb", 6_000)
    with contextlib.ExitStack() as stack:
        comfy = stack.enter_context(FakeComfyUI())
        stack.enter_context(installed(FakeDriver(first, second)))
        app = stack.enter_context(open_app(settings_with(image_maker={"url": comfy.url})))
        app.session.services.check()
        pid = app.view(DRAWER).pid
        assert pid is not None
        second.processes = [(pid, 2_222 * MIB)]
        found = memory(app)
        assert (found.name, found.drawer_mib) == ("Card GPU-bbbb", 2_222)


@pytest.mark.req("AUD-35")
def test_no_card_and_no_driver_are_unknown_not_guessed(tmp_path: Path) -> None:
    with open_app(settings_with(script_writer=started_by_us(tmp_path, free_port()))) as app:
        found = memory(app)
        assert (found.total_mib, found.free_mib, found.writer_mib) == (None, None, 0)
        steps = app.session.keeper.make_room(1e6, pause_script_writer=True, cancel=NEVER)
        assert returned(steps.__next__) is None


def returned(step: Callable[[], object]) -> object:
    try:
        step()
    except StopIteration as end:
        return end.value
    raise AssertionError("it had something to tell")


def test_a_simulated_machine_without_a_card_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDGEN_FAKE_GPU", "none")
    with open_app(settings_with()) as app:
        found = memory(app)
        assert (found.total_mib, found.free_mib) == (0, 0)


@pytest.mark.req("B2", "AUD-46")
def test_what_was_measured_once_is_known_the_next_time(tmp_path: Path) -> None:
    settings = settings_with(script_writer=started_by_us(tmp_path, free_port()))
    with card_of(12_288) as card, open_app(settings) as app:
        card.tenants.append(lambda: (app.view(WRITER).pid, 5_900.0))
        card.strangers.append((psutil.Process().pid, 1_000.0))
        # Nobody is named: what is added while it starts is what it takes.
        card.is_mute = True
        accounts = app.session.keeper._accounts
        before = accounts.writer_need()
        assert before is not None
        assert before.mib.likely_mib == pytest.approx(QWEN_MIB, abs=2)
        app.session.services.start(WRITER)
        assert memory(app).writer_mib == pytest.approx(5_900)
        app.session.services.stop(WRITER)
        after = accounts.writer_need()
        assert after is not None
        assert after.mib.likely_mib == pytest.approx(5_900)
        assert after.mib.low_mib < 5_900 < after.mib.high_mib
    with card_of(12_288), open_app(settings) as app:
        app.session.keeper.memory(NEVER)
        kept = app.session.keeper._accounts.writer_need()
        assert kept == after
