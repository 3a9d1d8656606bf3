"""What is said of a video whose pictures were made otherwise than asked for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from vidgen_gui.core.job import JobSpec, StageName
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.quality import Quality
from vidgen_gui.pipeline.delivered import Delivered, delivered, read_delivered
from vidgen_gui.store.database import Database
from vidgen_gui.store.history import HistoryStore
from vidgen_gui.store.jobs import JobStore
from vidgen_gui.store.journal import Journal

FELL = Message(
    MessageId.RUNG_FELL, {"picture": 2, "before_way": "hires-full", "after_way": "hires-tiles"}
)
SPILLED = Message(
    MessageId.RUNG_SPILLED, {"picture": 3, "before_way": "hires-tiles", "after_way": "upscale"}
)
GONE = Message(MessageId.SERVER_UNREACHABLE, {"address": "http://127.0.0.1:8188"})
STANDS_IN = Message(MessageId.PAINTER_STANDS_IN)
SAMPLER = Message(MessageId.SAMPLER_NOT_USED, {"sampler": "tea"})


@pytest.mark.parametrize(
    ("rungs", "told", "said"),
    [
        ([], [], None),
        (["hires-full"] * 3, [], None),
        (["hires-full"] * 3, [SAMPLER], None),
        (["workflow"], [], None),
        # Where nothing but the painter is there, it is the usual way.
        (["painter"] * 3, [], None),
        (["painter"] * 3, [GONE, STANDS_IN], Delivered("painter", None, 3, 3, GONE)),
        (
            ["hires-full", "painter"],
            [SAMPLER, GONE, STANDS_IN],
            Delivered("painter", None, 1, 2, GONE),
        ),
        (
            ["hires-full", "hires-tiles", "hires-tiles"],
            [FELL],
            Delivered("hires-tiles", Quality.ULTRA, 2, 3, FELL),
        ),
        (
            ["hires-full", "high/hires-full", "hires-full"],
            [FELL, SPILLED],
            Delivered("high/hires-full", Quality.HIGH, 1, 3, SPILLED),
        ),
        # The plan began there: nothing was told, but the quality's own detail is not there.
        (["standard/upscale"], [], Delivered("standard/upscale", Quality.STANDARD, 1, 1, None)),
        (
            ["high/plain", "draft/plain", "painter"],
            [FELL],
            Delivered("painter", None, 1, 3, FELL),
        ),
        (["someday/plain"], [], None),
    ],
)
@pytest.mark.req("B3", "F1")
def test_what_is_said(rungs: list[str], told: list[Message], said: Delivered | None) -> None:
    assert delivered(Quality.ULTRA, rungs, told) == said


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "jobs.db", tmp_path / "backups") as opened:
        yield opened


@pytest.mark.req("ERR-11")
def test_the_store_tells_each_job_by_its_own_history(database: Database, tmp_path: Path) -> None:
    jobs = JobStore(database, Journal(tmp_path / "journal.jsonl"))
    history = HistoryStore(database)
    spec = JobSpec.create(topic="sea", output_dir=tmp_path, quality=Quality.ULTRA)
    lowered, plain, gone = jobs.add_many([spec, spec, spec])
    for job, rungs in ((lowered, ["hires-full", "high/plain"]), (plain, ["hires-full"] * 2)):
        for scene in (1, 0):
            history.record_stage(
                job.id, StageName.IMAGE, scene, 1.0, reused=False, rung=rungs[scene]
            )
        history.record_stage(job.id, StageName.RENDER, None, 1.0, reused=False, rung="builtin")
    history.add_line(lowered.id, FELL, stage=StageName.IMAGE, scene=1)
    history.add_line(plain.id, FELL, stage=StageName.RENDER)
    history.record_stage(gone.id, StageName.IMAGE, 0, 1.0, reused=False, rung="high/plain")
    jobs.remove([gone.id])
    asked = {job.id: job.spec.quality for job in (lowered, plain, gone)}
    assert history.rungs(StageName.IMAGE, lowered.id) == {lowered.id: ["hires-full", "high/plain"]}
    said = Delivered("high/plain", Quality.HIGH, 1, 2, FELL)
    assert read_delivered(history, asked) == {lowered.id: said}
    assert read_delivered(history, asked, plain.id) == {}
    assert read_delivered(history, {}, None) == {}
    # The next job is asked for what it was asked for.
    assert {job.spec.quality for job in jobs.list()} == {Quality.ULTRA}
