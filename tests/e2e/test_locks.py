"""What the app does while it holds a lock: nothing that takes time, and nothing of anybody else."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fakes.comfyui import FakeComfyUI
from lock_watch import LockWatch, WatchedLock, watching_locks
from residency_kit import WRITER, card_of, make_room, pid_of, started_by_us, told_by_app
from service_kit import free_port
from session_kit import a_job, open_app, settings_with

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.job import CaptionStyle
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.quality import Aspect
from vidgen_gui.pipeline.previews import Previews
from vidgen_gui.system.paths import AppPaths


def test_the_watch_sees_a_second_lock_and_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with watching_locks(monkeypatch) as watch:
        assert not _tried(watch, tmp_path)
        with WatchedLock(watch, "first"):
            seen = _tried(watch, tmp_path)
        assert any("second is asked for while first is held" in one for one in seen)
        assert any(one.startswith("open while first is held") for one in seen)


def _tried(watch: LockWatch, folder: Path) -> set[str]:
    with WatchedLock(watch, "second"):
        pass
    (folder / "file").write_text("x", "utf-8")
    return watch.found


@pytest.mark.slow
@pytest.mark.req("BUG-33", "AUD-18", "AUD-37", "I4")
@pytest.mark.parametrize("simulated", ["", "A card:12288"])
def test_no_lock_is_held_during_io_a_wait_or_another_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, simulated: str
) -> None:
    monkeypatch.setenv("VIDGEN_FAKE_GPU", simulated)
    writer = started_by_us(tmp_path, free_port())
    with watching_locks(monkeypatch) as watch, FakeComfyUI() as server, card_of(12_288) as card:
        settings = settings_with(script_writer=writer, image_maker={"url": server.url})
        previews = Previews(AppPaths.find())
        with open_app(settings) as app, ThreadPoolExecutor(2) as pool:
            card.tenants.append(lambda: (pid_of(app, WRITER), 5400.0))
            session = app.session
            session.services.start(WRITER)
            samples = [
                pool.submit(previews.caption_sample, style, Aspect.SQUARE, session.workers)
                for style in (CaptionStyle.BOLD, CaptionStyle.CLEAN)
            ]
            app.make(a_job(tmp_path))
            make_room(app, 12_000)
            session.keeper.pictures_over(freed=True)
            app.wait_for(lambda: MessageId.SCRIPT_WRITER_BACK in told_by_app(app))
            assert all(sample.result().is_file() for sample in samples)
            session.services.examine()
            session.plans(Aspect.SQUARE, CancelToken())
            session.use_settings(settings.with_values({"general.workers": 1}))
            session.workers.close_idle(older_than_s=0.0)
    assert len(watch.used) > 15
    assert not watch.found
