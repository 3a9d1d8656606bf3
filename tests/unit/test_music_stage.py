"""The music stage: what decides its result, and what it leaves for the render stage."""

import wave
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import pytest

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.events import Progress
from vidgen_gui.core.job import JobSpec, StageName
from vidgen_gui.core.timeline import plan_timeline
from vidgen_gui.pipeline.stage import StageContext, StageOutput, StoredInput
from vidgen_gui.pipeline.stages.music import MUSIC_FILE, MusicStage
from vidgen_gui.pipeline.worker_kinds import handler_factory

Inputs = dict[tuple[StageName, int | None], StoredInput]


class DirectWorkers:
    """Runs a worker's own handler in this process."""

    def __init__(self) -> None:
        self.kinds: list[str] = []

    def call(
        self, kind: str, request: Mapping[str, Any], cancel: CancelToken, *, deadline_s: float
    ) -> Generator[Progress, None, Mapping[str, Any]]:
        assert deadline_s > 10
        self.kinds.append(kind)
        return (yield from handler_factory(kind)()(request))


def spec(tmp_path: Path, **options: object) -> JobSpec:
    return JobSpec.create(topic="A river in the forest", output_dir=tmp_path, **options)


def narrations(*durations_s: float) -> Inputs:
    found: Inputs = {
        (StageName.NARRATION, n): StoredInput(
            f"k{n}", f"c{n}", Path("/nowhere"), {"duration_s": s}, "piper"
        )
        for n, s in enumerate(durations_s)
    }
    found[StageName.SCRIPT, None] = StoredInput("s", "s", Path("/nowhere"), {}, "builtin")
    return found


def run(tmp_path: Path, job: JobSpec, inputs: Inputs, workers: DirectWorkers) -> StageOutput:
    context = StageContext(
        spec=job,
        scene=None,
        inputs=inputs,
        workdir=tmp_path,
        cancel=CancelToken(),
        workers=workers,
        ffmpeg=Path("ffmpeg"),
    )
    steps = MusicStage().run(context)
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


def test_music_is_as_long_as_the_video(tmp_path: Path) -> None:
    output = run(tmp_path, spec(tmp_path), narrations(1.37, 2.2), DirectWorkers())

    duration_s = plan_timeline([1.37, 2.2], 30).duration_s
    assert output.files == (MUSIC_FILE,)
    assert output.value["duration_s"] == pytest.approx(duration_s, abs=0.0006)
    assert output.value["silent"] is False
    assert output.value["mood"] == "nature"
    assert output.value["credit"] is None
    with wave.open(str(tmp_path / MUSIC_FILE)) as file:
        assert file.getnframes() / file.getframerate() == pytest.approx(duration_s, abs=0.0006)


def test_scenes_count_in_their_order_up_to_two_digits(tmp_path: Path) -> None:
    stage = MusicStage()
    durations_s = [0.5 + n / 7 for n in range(12)]
    forwards = narrations(*durations_s)
    backwards = dict(reversed(forwards.items()))
    job = spec(tmp_path)
    assert stage.intent(job, None, forwards) == stage.intent(job, None, backwards)
    expected_ms = round(plan_timeline(durations_s, 30).duration_s * 1000)
    assert stage.intent(job, None, forwards)["duration_ms"] == expected_ms


def test_no_music_wanted_leaves_no_file_and_asks_no_worker(tmp_path: Path) -> None:
    workers = DirectWorkers()

    output = run(tmp_path, spec(tmp_path, music=False), narrations(1.0), workers)

    assert output.files == ()
    assert output.value["silent"] is True
    assert output.value["duration_s"] == pytest.approx(2.533, abs=1e-6)
    assert workers.kinds == []


def test_the_intent_holds_what_is_heard_and_nothing_else(tmp_path: Path) -> None:
    stage = MusicStage()
    inputs = narrations(2.0, 3.0)

    def intent(**options: object) -> Mapping[str, Any]:
        return stage.intent(spec(tmp_path, **options), None, inputs)

    base = intent(seed=1)
    assert base == intent(seed=1, caption_style="clean", quality=2)
    assert base == intent(seed=1, genre="nature"), "the topic is about nature"
    assert base != intent(seed=2)
    assert base != intent(seed=1, genre="tech")
    assert base != intent(seed=1, music=False)
    assert base != stage.intent(spec(tmp_path, seed=1), None, narrations(2.0, 3.1))
