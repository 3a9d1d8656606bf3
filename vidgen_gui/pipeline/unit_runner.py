"""Runs one unit: finds its stored artifact or makes, keeps and records it."""

import logging
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import ProgramError
from vidgen_gui.core.events import (
    Event,
    Notice,
    Progress,
    ScriptReady,
    StageFinished,
    StageProgressed,
    StageStarted,
)
from vidgen_gui.core.job import Job, StageName
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.script import Script
from vidgen_gui.pipeline import preflight
from vidgen_gui.pipeline.delivery import deliver
from vidgen_gui.pipeline.graph import RENDER, SCRIPT, Unit, inputs_of
from vidgen_gui.pipeline.sidecar import build_sidecar
from vidgen_gui.pipeline.stage import Inputs, Stage, StageContext, StageOutput, StoredInput, Workers
from vidgen_gui.store.artifacts import StoredArtifact, intent_key
from vidgen_gui.store.store import Store

_logger = logging.getLogger(__name__)

_EDITED_SCRIPT_VERSION = 1


def _as_input(artifact: StoredArtifact) -> StoredInput:
    return StoredInput(
        key=artifact.key,
        content_sha256=artifact.content_sha256,
        folder=artifact.folder,
        value=artifact.value,
        rung=artifact.rung,
    )


@dataclass(frozen=True, slots=True)
class _Task:
    """One unit to be made; ``edited`` is the script a person wrote in place of the stage's."""

    job: Job
    unit: Unit
    key: str
    inputs: Inputs
    cancel: CancelToken
    edited: Script | None


class UnitRunner:
    """Turns (job, unit) into a stored artifact."""

    def __init__(
        self,
        store: Store,
        stages: Mapping[StageName, Stage],
        workers: Workers,
        find_ffmpeg: Callable[[], Path],
        emit: Callable[[Event], None],
    ) -> None:
        self._store = store
        self._stages = stages
        self._workers = workers
        self._find_ffmpeg = find_ffmpeg
        self._emit = emit

    def check_before_start(self, job: Job) -> None:
        """Raise `VidgenError` when the video could not be encoded or written, or has no room."""
        self._find_ffmpeg()
        preflight.check_output(job.spec)
        preflight.check_room(job.spec, self._store.artifacts.root)

    def run(
        self,
        job: Job,
        unit: Unit,
        done: Mapping[Unit, StoredInput],
        scene_count: int | None,
        cancel: CancelToken,
    ) -> StoredInput:
        """Find or make the artifact of ``unit``.

        Raises:
            VidgenError: it cannot be made.
            Cancelled: the job was stopped.
        """
        cancel.raise_if_cancelled()
        started = time.monotonic()
        _logger.info("job %s: %s begins", job.id, unit)
        self._emit(StageStarted(job.id, unit.stage, unit.scene))
        inputs = {
            (needed.stage, needed.scene): done[needed] for needed in inputs_of(unit, scene_count)
        }
        edited = self._store.jobs.script(job.id) if unit == SCRIPT else None
        if edited is not None:
            key = intent_key(unit.stage, _EDITED_SCRIPT_VERSION, {"edited": edited.to_dict()})
        else:
            stage = self._stages[unit.stage]
            key = intent_key(unit.stage, stage.version, stage.intent(job.spec, unit.scene, inputs))
        found = self._store.artifacts.find(key, job_id=job.id)
        if found is None:
            artifact = self._make(_Task(job, unit, key, inputs, cancel, edited))
        else:
            artifact = found
        elapsed_s = time.monotonic() - started
        how = "made" if found is None else "reused"
        _logger.info("job %s: %s %s as %s in %.1f s", job.id, unit, how, key, elapsed_s)
        self._store.history.record_stage(
            job.id, unit.stage, unit.scene, elapsed_s, reused=found is not None, rung=artifact.rung
        )
        self._emit(StageFinished(job.id, unit.stage, unit.scene, elapsed_s, found is not None))
        if unit == SCRIPT:
            self._announce_script(job, artifact)
        return _as_input(artifact)

    def deliver(self, job: Job, artifacts: Mapping[Unit, StoredInput], cancel: CancelToken) -> Path:
        """Put the finished video into the person's folder; returns its path.

        Raises:
            StorageError: the folder is gone, not writable or full.
            Cancelled: the job was stopped while the video was copied.
        """
        render = artifacts[RENDER]
        title = str(artifacts[SCRIPT].value["title"])
        sidecar = build_sidecar(job, title, render, artifacts)
        return deliver(job, title, render, sidecar, cancel=cancel)

    def _announce_script(self, job: Job, artifact: StoredArtifact) -> None:
        script = Script.from_dict(dict(artifact.value))
        self._store.jobs.set_title(job.id, script.title)
        self._emit(ScriptReady(job.id, script.title, len(script.scenes)))

    def _make(self, task: _Task) -> StoredArtifact:
        try:
            return self._attempt(task)
        except ProgramError as error:
            if error.message.id is not MessageId.WORKER_LOST:
                raise
            # Somebody killed the worker or the system ran out of memory: once more.
            _logger.warning("job %s: %s again: %s", task.job.id, task.unit, error)
            self._note(task, error.message)
            return self._attempt(task)

    def _note(self, task: _Task, message: Message) -> None:
        """Tell the person, and keep it in the job's history."""
        unit = task.unit
        self._store.history.add_line(task.job.id, message, stage=unit.stage, scene=unit.scene)
        self._emit(Notice(task.job.id, message))

    def _attempt(self, task: _Task) -> StoredArtifact:
        with self._store.artifacts.workspace(task.key) as workdir:
            output = self._edited_or_run(task, workdir)
            task.cancel.raise_if_cancelled()
            return self._store.artifacts.commit(
                task.key,
                stage=task.unit.stage,
                workdir=workdir,
                files=output.files,
                value=output.value,
                rung=output.rung,
                job_id=task.job.id,
            )

    def _edited_or_run(self, task: _Task, workdir: Path) -> StageOutput:
        if task.edited is not None:
            return StageOutput(value=task.edited.to_dict(), rung="edited")
        context = StageContext(
            spec=task.job.spec,
            scene=task.unit.scene,
            inputs=task.inputs,
            workdir=workdir,
            cancel=task.cancel,
            workers=self._workers,
            ffmpeg=self._find_ffmpeg(),
        )
        return self._drive(task, self._stages[task.unit.stage].run(context))

    def _drive(self, task: _Task, steps: Generator[Progress, None, StageOutput]) -> StageOutput:
        job_id, unit = task.job.id, task.unit
        try:
            while True:
                step = next(steps)
                task.cancel.raise_if_cancelled()
                self._emit(StageProgressed(job_id, unit.stage, unit.scene, step.fraction))
                if step.notice is not None:
                    self._note(task, step.notice)
        except StopIteration as stop:
            output: StageOutput = stop.value
            return output
        finally:
            steps.close()
