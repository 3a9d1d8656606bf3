"""Who holds the card: a script writer that makes room for pictures, and is back when it is due."""

import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from fakes.comfyui import FakeComfyUI
from fakes.llm import FakeLlm, Mode
from kit import wait_until
from residency_kit import (
    DRAWER,
    QWEN_MIB,
    WRITER,
    card_of,
    ids,
    make_room,
    pid_of,
    records,
    started_by_us,
    told_by_app,
    writer_command,
)
from service_kit import ask, free_port, runs, stranger
from session_kit import OpenApp, a_job, open_app, settings_with

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled
from vidgen_gui.core.hardware_profile import HardwareProfile, PauseScriptWriter
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.service import Ownership, ServiceState
from vidgen_gui.services.managed.adopt import find_listener

SOON_S = 120.0
BY_PATH = (
    "import runpy, sys; sys.path.insert(0, {paths!r}); sys.argv.pop(0);"
    "runpy.run_path(sys.argv[0], run_name='__main__')"
)


@pytest.fixture
def port() -> int:
    return free_port()


def memory(app: OpenApp) -> tuple[float, float, bool]:
    found = app.session.keeper.memory(CancelToken())
    assert found.free_mib is not None
    return found.free_mib, found.writer_mib, found.writer_can_pause


def end(pid: int | None) -> None:
    """End a program that outlives the app, as the person would."""
    if pid is not None and psutil.pid_exists(pid):
        process = psutil.Process(pid)
        process.kill()
        process.wait(60)


@pytest.mark.req("BUG-42", "BUG-44", "AUD-40")
def test_one_of_ours_is_paused_for_pictures_and_comes_back_for_the_next_script(
    tmp_path: Path, port: int
) -> None:
    settings = settings_with(script_writer=started_by_us(tmp_path, port))
    with card_of(12_288) as card, open_app(settings) as app:
        card.tenants.append(lambda: (pid_of(app, WRITER), 5_400.0))
        app.session.services.start(WRITER)
        first = pid_of(app, WRITER)
        assert first is not None
        assert memory(app) == (12_288 - 5_400, 5_400, True)
        available, told = make_room(app, 9_000)
        assert available == pytest.approx(12_288 - 512)
        (paused,) = told
        assert paused.id is MessageId.SCRIPT_WRITER_PAUSED
        assert paused.params["mib"] == 5_400
        assert 0 < paused.params["seconds"] < 60
        assert not runs(first)
        view = app.view(WRITER)
        assert view.state is ServiceState.PAUSED
        assert view.detail is not None
        assert view.detail.id is MessageId.SERVICE_LENDS_MEMORY
        assert view.can_start
        assert len(records(app)) == 1
        # Nothing is paused twice, and a picture beside it changes nothing.
        assert make_room(app, 9_000) == (available, [])
        spec = a_job(tmp_path, wait_for_script_ok=True)
        job = app.submit(spec)
        app.wait_for_script(job)
        assert MessageId.SCRIPT_WRITER_BACK in app.told(job)
        assert MessageId.SCRIPT_BY_MODEL in app.told(job)
        assert app.view(WRITER).state is ServiceState.READY
        assert pid_of(app, WRITER) not in (None, first)
        assert records(app) == []
        (swap,) = app.session.keeper.swaps
        assert swap.mib == 5_400


@pytest.mark.req("BUG-44")
def test_both_fit_and_nobody_is_touched(tmp_path: Path, port: int) -> None:
    settings = settings_with(script_writer=started_by_us(tmp_path, port))
    with card_of(24_576) as card, open_app(settings) as app:
        card.tenants.append(lambda: (pid_of(app, WRITER), 5_400.0))
        app.session.services.start(WRITER)
        before = pid_of(app, WRITER)
        available, told = make_room(app, 9_000)
        assert available == pytest.approx(24_576 - 5_400 - 512)
        assert told == []
        assert pid_of(app, WRITER) == before
        assert app.session.keeper.swaps == ()
        assert not app.session.keeper.conditions().takes_turns


def test_it_is_not_paused_where_the_profile_or_the_plan_says_so(tmp_path: Path, port: int) -> None:
    settings = settings_with(script_writer=started_by_us(tmp_path, port))
    with card_of(12_288) as card, open_app(settings) as app:
        card.tenants.append(lambda: (pid_of(app, WRITER), 5_400.0))
        app.session.services.start(WRITER)
        before = pid_of(app, WRITER)
        assert make_room(app, 9_000, pause=False)[1] == []
        app.session.use_profile(HardwareProfile(pause_script_writer=PauseScriptWriter.NO))
        _, told = make_room(app, 9_000)
        assert ids(told) == [MessageId.MEMORY_HELD_BY]
        assert told[0].params["pid"] == str(before)
        assert pid_of(app, WRITER) == before


@pytest.mark.req("BUG-42", "AUD-40")
def test_one_that_was_found_is_left_alone_until_the_person_allows_it(
    tmp_path: Path, port: int
) -> None:
    settings = settings_with(script_writer={"url": f"http://127.0.0.1:{port}"})
    command = writer_command(tmp_path, port)
    back: int | None = None
    try:
        with stranger(command, port) as theirs, card_of(12_288) as card, open_app(settings) as app:
            card.tenants.append(lambda: (pid_of(app, WRITER), 5_400.0))
            app.session.services.check()
            assert app.view(WRITER).ownership is Ownership.ADOPTED
            assert memory(app) == (12_288 - 5_400, 5_400, False)
            _, told = make_room(app, 9_000)
            assert ids(told) == [MessageId.MEMORY_HELD_BY]
            assert theirs.poll() is None
            app.session.use_profile(HardwareProfile(stop_found_programs=True))
            assert memory(app)[2]
            available, told = make_room(app, 9_000)
            assert ids(told) == [MessageId.SCRIPT_WRITER_PAUSED]
            assert available == pytest.approx(12_288 - 512)
            assert theirs.wait(60) is not None
            app.session.keeper.pictures_over(freed=True)
            app.wait_for(lambda: MessageId.SCRIPT_WRITER_BACK in told_by_app(app), SOON_S)
            found = find_listener(port)
            assert found is not None
            back = found.pid
            assert list(found.argv) == command
            assert found.cwd == Path.cwd()
            view = app.view(WRITER)
            assert (view.state, view.ownership) == (ServiceState.READY, Ownership.ADOPTED)
            assert records(app) == []
        # It is theirs: it goes on without the app.
        assert back is not None
        assert ask(port) == 200
        assert runs(back)
    finally:
        end(back)


def test_one_that_was_found_is_started_again_when_the_app_ends_first(
    tmp_path: Path, port: int
) -> None:
    settings = settings_with(script_writer={"url": f"http://127.0.0.1:{port}"})
    back: int | None = None
    try:
        with (
            stranger(writer_command(tmp_path, port), port) as theirs,
            card_of(12_288) as card,
        ):
            with open_app(settings) as app:
                card.tenants.append(lambda: (pid_of(app, WRITER), 5_400.0))
                app.session.use_profile(HardwareProfile(stop_found_programs=True))
                make_room(app, 9_000)
                assert theirs.wait(60) is not None
                assert len(records(app)) == 1
            assert records(app) == []
            wait_until(lambda: ask(port) == 200)
            found = find_listener(port)
            assert found is not None
            back = found.pid
    finally:
        end(back)


@pytest.mark.req("BUG-42")
def test_ollama_is_asked_to_unload_and_to_load_again() -> None:
    with (
        FakeLlm(Mode.OLLAMA, models=["llama3:8b"]) as ollama,
        card_of(12_288) as card,
        open_app(settings_with(script_writer={"url": ollama.url})) as app,
    ):
        app.session.services.check()
        app.session.services.start(WRITER)
        assert ollama.running
        # The played server lives in this very process.
        card.tenants.append(lambda: (psutil.Process().pid, 5_400.0 if ollama.running else 0.0))
        assert memory(app) == (12_288 - 5_400, 5_400, True)
        available, told = make_room(app, 9_000)
        assert ids(told) == [MessageId.SCRIPT_WRITER_PAUSED]
        assert available == pytest.approx(12_288 - 512)
        assert not ollama.running
        assert app.view(WRITER).state is ServiceState.PAUSED
        app.session.keeper.pictures_over(freed=True)
        app.wait_for(lambda: MessageId.SCRIPT_WRITER_BACK in told_by_app(app), SOON_S)
        assert ollama.running
        assert app.view(WRITER).state is ServiceState.READY
        assert records(app) == []


@pytest.mark.req("BUG-44")
def test_memory_that_does_not_come_back_has_its_holder_named(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDGEN_PATIENCE", "0.2")
    settings = settings_with(script_writer=started_by_us(tmp_path, port))
    sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
    with (
        subprocess.Popen(sleeper) as other,
        card_of(12_288) as card,
        open_app(settings) as app,
    ):
        card.tenants.append(lambda: (pid_of(app, WRITER), 2_000.0))
        card.strangers.append((other.pid, 4_000.0))
        app.session.services.start(WRITER)
        begun_s = time.monotonic()
        available, told = make_room(app, 11_000)
        assert ids(told) == [MessageId.SCRIPT_WRITER_PAUSED, MessageId.MEMORY_HELD_BY]
        held = told[1].params
        assert held["pid"] == str(other.pid)
        assert held["program"] == psutil.Process(other.pid).name()
        assert held["mib"] == 4_000
        assert available == pytest.approx(12_288 - 4_000 - 512)
        assert time.monotonic() - begun_s < SOON_S
        other.kill()


@pytest.mark.req("BUG-43")
def test_nothing_is_stopped_in_the_middle_of_a_script(tmp_path: Path, port: int) -> None:
    settings = settings_with(script_writer=started_by_us(tmp_path, port))
    with card_of(12_288) as card, open_app(settings) as app:
        card.tenants.append(lambda: (pid_of(app, WRITER), 5_400.0))
        app.session.services.start(WRITER)
        before, given_up = pid_of(app, WRITER), CancelToken()
        with app.session.keeper.writing(CancelToken()):
            steps = app.session.keeper.make_room(9_000, pause_script_writer=True, cancel=given_up)
            with ThreadPoolExecutor(1) as pool:
                waiting = pool.submit(list, steps)
                with pytest.raises(TimeoutError):
                    waiting.result(1)
                given_up.cancel()
                with pytest.raises(Cancelled):
                    waiting.result(60)
            assert pid_of(app, WRITER) == before
        assert ids(make_room(app, 9_000)[1]) == [MessageId.SCRIPT_WRITER_PAUSED]


@pytest.mark.req("ERR-12", "BUG-44")
def test_an_image_maker_that_keeps_memory_is_ended_for_the_script_writer_and_comes_back(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDGEN_PATIENCE", "0.3")
    comfy_port = free_port()
    program = Path(__file__).parents[1] / "fakes" / "comfy_program.py"
    command = shlex.join([sys.executable, str(program), "--port", str(comfy_port)])
    settings = settings_with(
        script_writer=started_by_us(tmp_path, port),
        image_maker={"start_command": command, "port": comfy_port},
    )
    with card_of(7_000) as card, open_app(settings) as app:
        card.tenants.append(lambda: (pid_of(app, WRITER), 5_400.0))
        card.tenants.append(lambda: (pid_of(app, DRAWER), 3_000.0))
        app.session.services.start(DRAWER)
        before = pid_of(app, DRAWER)
        app.session.services.start(WRITER)
        assert app.view(WRITER).state is ServiceState.READY
        assert app.view(DRAWER).state is ServiceState.PAUSED
        assert told_by_app(app) == [MessageId.IMAGE_MAKER_FREED]
        (swap,) = app.session.keeper.swaps
        assert swap.mib == 3_000
        # The next picture has it again, whatever the settings say about starting.
        address = app.session.services.image_maker.core.reach(CancelToken())
        assert address.port == comfy_port
        assert pid_of(app, DRAWER) not in (None, before)


def test_an_image_maker_is_left_alone_where_the_script_writer_fits_beside(
    tmp_path: Path, port: int
) -> None:
    settings = settings_with(script_writer=started_by_us(tmp_path, port))
    with (
        FakeComfyUI() as comfy,
        card_of(12_288) as card,
        open_app(
            settings.with_values({"image_maker.url": comfy.url}),
        ) as app,
    ):
        card.tenants.append(lambda: (pid_of(app, WRITER), 5_400.0))
        card.strangers.append((psutil.Process().pid, 3_000.0))
        app.session.services.start(WRITER)
        assert app.session.keeper.swaps == ()
        assert told_by_app(app) == []


def test_the_next_pictures_do_not_wait_for_a_model_that_is_on_its_way_back(
    tmp_path: Path, port: int
) -> None:
    loaded = tmp_path / "loaded"
    loaded.touch()
    writer = started_by_us(tmp_path, port, "--load-until", loaded)
    with card_of(12_288) as card, open_app(settings_with(script_writer=writer)) as app:
        card.tenants.append(lambda: (pid_of(app, WRITER), 5_400.0))
        app.session.services.start(WRITER)
        make_room(app, 9_000)
        loaded.unlink()
        app.session.keeper.pictures_over(freed=True)
        app.wait_for(lambda: app.view(WRITER).state is ServiceState.STARTING, SOON_S)
        coming = pid_of(app, WRITER)
        available, told = make_room(app, 9_000)
        assert available == pytest.approx(12_288 - 512)
        assert told == []
        assert app.view(WRITER).state is ServiceState.PAUSED
        assert coming is None or not runs(coming)
        assert len(records(app)) == 1
        loaded.touch()
        app.session.keeper.pictures_over(freed=True)
        app.wait_for(lambda: MessageId.SCRIPT_WRITER_BACK in told_by_app(app), SOON_S)
        assert app.view(WRITER).state is ServiceState.READY


@pytest.mark.req("Q9")
def test_what_does_not_come_back_is_told(tmp_path: Path, port: int) -> None:
    settings = settings_with(script_writer={"url": f"http://127.0.0.1:{port}"})
    command = writer_command(tmp_path, port)
    model = tmp_path / "program.py"
    model.write_text((Path(command[1])).read_text(encoding="utf-8"), encoding="utf-8")
    paths = str(Path(command[1]).parents[1])
    moved = [command[0], str(model), *command[2:]]
    with (
        stranger([moved[0], "-c", BY_PATH.format(paths=paths), *moved[1:]], port),
        card_of(12_288) as card,
        open_app(settings) as app,
    ):
        card.tenants.append(lambda: (pid_of(app, WRITER), 5_400.0))
        app.session.use_profile(HardwareProfile(stop_found_programs=True))
        make_room(app, 9_000)
        # Somebody took the program away meanwhile.
        model.unlink()
        app.session.keeper.pictures_over(freed=True)
        app.wait_for(lambda: MessageId.ADOPTED_NOT_BACK in told_by_app(app), SOON_S)
        assert told_by_app(app) == [
            MessageId.SCRIPT_WRITER_NOT_BACK,
            MessageId.ADOPTED_NOT_BACK,
        ]
        assert app.view(WRITER).state is ServiceState.PAUSED
        # The person can still have it started, once the reason is gone.
        assert app.view(WRITER).can_start


@pytest.fixture
def small_card(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A card on which a picture doesn't fit beside a language model of 5.4 GiB."""
    monkeypatch.setenv("VIDGEN_FAKE_GPU", "A small card:7000")
    return


@pytest.mark.slow
@pytest.mark.usefixtures("small_card")
@pytest.mark.req("BUG-43", "BUG-44")
def test_a_batch_changes_hands_as_seldom_as_it_can_and_ends_as_it_began(
    tmp_path: Path, port: int
) -> None:
    with FakeComfyUI(budget_mib=5_000) as comfy:
        settings = settings_with(
            script_writer=started_by_us(tmp_path, port), image_maker={"url": comfy.url}
        )
        with open_app(settings) as app:
            app.session.services.start(WRITER)
            free, writer, _ = memory(app)
            assert writer == pytest.approx(QWEN_MIB, abs=2)
            assert free == pytest.approx(7_000 - QWEN_MIB, abs=2)
            jobs = [app.submit(a_job(tmp_path, topic=topic)) for topic in ("The sea", "Old trees")]
            for job in jobs:
                app.finish(job)
                assert MessageId.SCRIPT_BY_MODEL in app.told(job)
                assert MessageId.PAINTER_STANDS_IN not in app.told(job)
            app.wait_for(lambda: MessageId.SCRIPT_WRITER_BACK in told_by_app(app), SOON_S)
            swaps = [swap.what for swap in app.session.keeper.swaps]
            assert swaps == [MessageId.SCRIPT_WRITER_PAUSED]
            assert app.view(WRITER).state is ServiceState.READY
            assert memory(app)[1] == pytest.approx(QWEN_MIB, abs=2)
            assert app.view(DRAWER).state is ServiceState.READY


@pytest.mark.slow
@pytest.mark.usefixtures("small_card")
def test_what_was_started_for_a_batch_alone_does_not_come_back_after_it(
    tmp_path: Path, port: int
) -> None:
    with FakeComfyUI(budget_mib=5_000) as comfy:
        settings = settings_with(
            script_writer=started_by_us(tmp_path, port), image_maker={"url": comfy.url}
        )
        with open_app(settings) as app:
            job = app.submit(a_job(tmp_path))
            app.finish(job)
            assert MessageId.SCRIPT_WRITER_PAUSED in app.told(job)
            app.wait_for(lambda: not records(app), SOON_S)
            assert app.view(WRITER).state is not ServiceState.PAUSED
            assert pid_of(app, WRITER) is None
            assert MessageId.SCRIPT_WRITER_BACK not in told_by_app(app)
