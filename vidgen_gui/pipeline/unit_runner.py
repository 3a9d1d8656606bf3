"""Runs one unit: finds its stored artifact or makes, keeps and records it."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import ProgramError, StorageError
from vidgen_gui.core.events import (
    Event,
    Notice,
    PicturePreviewed,
    Progress,
    ScriptReady,
    ScriptStreamed,
    StageFinished,
    StageProgressed,
    StageStarted,
)
from vidgen_gui.core.job import Job, Speech, StageName
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.script import Script
from vidgen_gui.pipeline import preflight
from vidgen_gui.pipeline.delivery import deliver
from vidgen_gui.pipeline.graph import RENDER, SCRIPT, Unit, inputs_of
from vidgen_gui.pipeline.sidecar import build_sidecar
from vidgen_gui.pipeline.stage import (
    BUILT_IN,
    QUESTIONS,
    REMARK,
    Inputs,
    Stage,
    StageContext,
    StageOutput,
    StoredInput,
    Workers,
    run_to_end,
    way_intent,
)
from vidgen_gui.store.artifacts import StoredArtifact, intent_key
from vidgen_gui.store.store import Store

_logger = logging.getLogger(__name__)

_EDITED_SCRIPT_VERSION = 1
REMEMBERED_NOTICES = 200


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
    intent: Mapping[str, Any]
    version: int
    inputs: Inputs
    cancel: CancelToken
    edited: Script | None

    def key(self, way: str = BUILT_IN) -> str:
        """The key of the artifact when it is made in that way; `BUILT_IN`'s stands for all."""
        return intent_key(self.unit.stage, self.version, way_intent(self.intent, way))


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
        self._lock = threading.Lock()
        self._told: deque[tuple[str, StageName, str]] = deque(maxlen=REMEMBERED_NOTICES)

    def check_before_start(self, job: Job) -> None:
        """Raise `VidgenError` when the video could not be encoded or written, or has no room."""
        self._find_ffmpeg()
        preflight.check_output(job.spec)
        artifacts = self._store.artifacts
        preflight.check_room(job.spec, (artifacts.root, artifacts.temp_root))

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
        for needed in inputs.values():
            if not needed.folder.is_dir():
                # Somebody tidied up; the next try makes it again.
                raise StorageError(MessageId.ARTIFACT_DAMAGED, path=str(needed.folder))
        task = self._task(job, unit, inputs, cancel)
        found = self._find(task)
        artifact = self._make(task) if found is None else found
        if artifact.value.get(REMARK) is not None:
            self._note(task, Message.from_dict(artifact.value[REMARK]))
        elapsed_s = time.monotonic() - started
        how = "made" if found is None else "reused"
        _logger.info("job %s: %s %s as %s in %.1f s", job.id, unit, how, artifact.key, elapsed_s)
        self._store.history.record_stage(
            job.id, unit.stage, unit.scene, elapsed_s, reused=found is not None, rung=artifact.rung
        )
        self._emit(StageFinished(job.id, unit.stage, unit.scene, elapsed_s, found is not None))
        if unit == SCRIPT:
            self._announce_script(job, artifact)
        if unit.stage is StageName.NARRATION and found is None:
            self._learn_speech(job, artifact)
        return _as_input(artifact)

    def _task(self, job: Job, unit: Unit, inputs: Inputs, cancel: CancelToken) -> _Task:
        edited = self._store.jobs.script(job.id) if unit == SCRIPT else None
        if edited is not None:
            intent: Mapping[str, Any] = {"edited": edited.to_dict()}
            return _Task(job, unit, intent, _EDITED_SCRIPT_VERSION, inputs, cancel, edited)
        stage = self._stages[unit.stage]
        intent = stage.intent(job.spec, unit.scene, inputs)
        return _Task(job, unit, intent, stage.version, inputs, cancel, None)

    def _find(self, task: _Task) -> StoredArtifact | None:
        """The job's own artifact, however it was made; else one as good as what would be made."""
        artifacts, job_id, intent = self._store.artifacts, task.job.id, task.key()
        own = artifacts.taken(job_id, intent)
        if own is not None:
            return own
        ways: Sequence[str] = (BUILT_IN,)
        if task.edited is None:
            ways = self._stages[task.unit.stage].ways(task.job.spec, task.cancel)
        found = (artifacts.find(task.key(way), job_id=job_id, intent=intent) for way in ways)
        return next((artifact for artifact in found if artifact is not None), None)

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

    def _learn_speech(self, job: Job, artifact: StoredArtifact) -> None:
        if job.spec.speech is Speech.SPOKEN:
            words, seconds = len(artifact.value["words"]), float(artifact.value["duration_s"])
            self._store.history.record_speech(job.spec.voice, words, seconds)

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
        """Tell the person, and keep it in the job's history; the same is told once a job."""
        unit = task.unit
        what = (task.job.id, unit.stage, repr(message))
        with self._lock:
            if what in self._told:
                return
            self._told.append(what)
        self._store.history.add_line(task.job.id, message, stage=unit.stage, scene=unit.scene)
        self._emit(Notice(task.job.id, message))

    def _attempt(self, task: _Task) -> StoredArtifact:
        with self._store.artifacts.workspace(task.key()) as workdir:
            output = self._edited_or_run(task, workdir)
            task.cancel.raise_if_cancelled()
            return self._store.artifacts.commit(
                task.key(output.way),
                stage=task.unit.stage,
                workdir=workdir,
                files=output.files,
                value=output.value,
                rung=output.rung,
                job_id=task.job.id,
                intent=task.key(),
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
            words_per_s=self._store.history.words_per_s(task.job.spec.voice),
            job_id=task.job.id,
            agreed=self._has_agreed(task),
        )
        steps = self._stages[task.unit.stage].run(context)
        return run_to_end(steps, task.cancel, lambda step: self._report(task, step))

    def _has_agreed(self, task: _Task) -> bool:
        """A job that asked something runs again only when the person let it go on."""
        lines = self._store.history.lines(task.job.id)
        return any(line.message.id in QUESTIONS for line in lines)

    def _report(self, task: _Task, step: Progress) -> None:
        job_id, unit = task.job.id, task.unit
        self._emit(StageProgressed(job_id, unit.stage, unit.scene, step.fraction))
        if step.preview is not None:
            self._emit(PicturePreviewed(job_id, unit.scene, step.preview))
        if step.text is not None:
            self._emit(ScriptStreamed(job_id, step.text))
        if step.notice is not None:
            self._note(task, step.notice)
