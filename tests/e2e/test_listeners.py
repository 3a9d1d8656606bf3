"""Who listens to jobs may fail as it likes: it is in the log, and the video is made."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from session_kit import JOB_S, a_job, settings_with

from vidgen_gui.core.events import Event, JobFinished, StageProgressed
from vidgen_gui.core.job import JobState
from vidgen_gui.pipeline.session import Session
from vidgen_gui.system.paths import AppPaths


@pytest.mark.slow
@pytest.mark.expected_log
@pytest.mark.req("ERR-9")
def test_a_listener_that_fails_at_every_event_costs_no_job(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    heard: Counter[type[Event]] = Counter()

    def fail(event: Event) -> None:
        heard[type(event)] += 1
        raise ZeroDivisionError(type(event).__name__)

    paths = AppPaths.find()
    paths.create()
    with ThreadPoolExecutor(2) as pool:
        session = Session(paths, settings_with(), submit=pool.submit, emit=fail)
        try:
            (job,) = session.submit([a_job(tmp_path)])
            assert session.engine.wait_idle(JOB_S)
            done = session.store.jobs.get(job.id)
        finally:
            session.close()
    assert done is not None
    assert done.state is JobState.DONE, done.failure
    assert done.video_path is not None
    assert done.video_path.is_file()
    assert heard[JobFinished] == 1
    assert heard[StageProgressed] > 10
    told = [record.getMessage() for record in caplog.records if record.exc_info]
    assert len(told) == len(heard)
    assert sum("StageProgressed" in one for one in told) == 1


@pytest.mark.req("A7", "F5")
def test_a_listener_that_takes_no_event_is_refused_when_it_is_connected() -> None:
    with pytest.raises(TypeError):
        Session(
            AppPaths.find(),
            settings_with(),
            submit=lambda _: None,
            emit=lambda: None,  # type: ignore[misc, arg-type]
        )
