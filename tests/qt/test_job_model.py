"""The job list's model: order, coalescing, moving, dropping."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from vidgen_gui.controller.job_model import MANY_CHANGES, MIME_TYPE, VIEW_ROLE, JobModel
from vidgen_gui.controller.job_view import JobView
from vidgen_gui.core.job import JobState

MakeJob = Callable[..., JobView]


@pytest.fixture
def model(make_job: MakeJob) -> JobModel:
    made = JobModel()
    made.load([make_job(number) for number in (3, 1, 2)])
    QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal, made)
    return made


def ids(model: JobModel) -> list[str]:
    return [model.index(row).data(VIEW_ROLE).id for row in range(model.rowCount())]


def test_rows_are_in_queue_order(model: JobModel, make_job: MakeJob) -> None:
    assert ids(model) == ["job-1", "job-2", "job-3"]
    model.add([make_job(9), make_job(4, position=1.5)])
    assert ids(model) == ["job-1", "job-4", "job-2", "job-3", "job-9"]
    assert [model.row(job_id) for job_id in ids(model)] == [0, 1, 2, 3, 4]


@pytest.mark.req("L5")
def test_many_updates_reach_the_view_as_one(qtbot: QtBot, model: JobModel) -> None:
    seen: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: seen.append((first.row(), last.row())))
    for step in range(500):
        for job_id in ("job-1", "job-2"):
            view = model.view(job_id)
            assert view is not None
            model.update(replace(view, fraction=step / 500))
    assert not seen
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [(0, 1)]
    assert model.index(0).data(VIEW_ROLE).fraction == 499 / 500


def test_view_gives_the_newest_before_it_is_flushed(model: JobModel, make_job: MakeJob) -> None:
    model.update(make_job(2, state=JobState.RUNNING))
    newest = model.view("job-2")
    assert newest is not None
    assert newest.state is JobState.RUNNING
    assert model.index(1).data(VIEW_ROLE).state is JobState.WAITING


def test_a_new_position_moves_the_row(model: JobModel, make_job: MakeJob) -> None:
    model.update(make_job(1, position=2.5))
    model.flush()
    assert ids(model) == ["job-2", "job-1", "job-3"]
    model.update(make_job(3, position=0.5))
    model.flush()
    assert ids(model) == ["job-3", "job-2", "job-1"]
    assert model.row("job-1") == 2


def test_removing_takes_pending_changes_along(model: JobModel, make_job: MakeJob) -> None:
    model.update(make_job(2, state=JobState.RUNNING))
    model.remove(["job-2", "job-1", "no such job"])
    model.flush()
    assert ids(model) == ["job-3"]
    assert model.view("job-2") is None


@pytest.mark.req("L5")
def test_a_row_of_ten_thousand_costs_what_one_of_a_thousand_does(make_job: MakeJob) -> None:
    template = make_job(1)

    def seconds_for(count: int) -> float:
        views = [replace(template, id=f"job-{n}", position=float(n)) for n in range(count)]
        model = JobModel()
        started = time.thread_time()
        model.load(views)
        # Every second row: the worst case for anything that works row by row.
        model.remove([view.id for view in views[::2]])
        for view in views[1::2]:
            model.update(replace(view, position=-view.position))
        model.flush()
        took_s = time.thread_time() - started
        assert model.rowCount() == count // 2 > MANY_CHANGES
        assert ids(model)[0] == f"job-{count - 1}"
        return took_s

    small_s = min(seconds_for(1000) for _ in range(3))
    # Row by row it took a hundred times as long.
    assert seconds_for(10_000) < 30 * small_s


def test_dropping_asks_and_changes_nothing_itself(qtbot: QtBot, model: JobModel) -> None:
    dragged = model.mimeData([model.index(2), model.index(1)])
    assert dragged.hasFormat(MIME_TYPE)
    with qtbot.waitSignal(model.reorder_requested) as asked:
        accepted = model.dropMimeData(dragged, Qt.DropAction.MoveAction, 0, 0, QModelIndex())
    assert asked.args == [["job-2", "job-3"], "job-1"]
    assert not accepted
    assert ids(model) == ["job-1", "job-2", "job-3"]


def test_dropping_past_the_end_means_last(qtbot: QtBot, model: JobModel) -> None:
    dragged = model.mimeData([model.index(0)])
    with qtbot.waitSignal(model.reorder_requested) as asked:
        model.dropMimeData(dragged, Qt.DropAction.MoveAction, -1, -1, QModelIndex())
    assert asked.args == [["job-1"], None]
