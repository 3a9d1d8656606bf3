"""One opened app without a window: store, workers and engine, and what can be done to jobs.

The window's controller calls these from pool threads, the command line from its own. Every
method may wait for the disk.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, VidgenError
from vidgen_gui.core.events import Notice
from vidgen_gui.core.hardware_profile import HardwareProfile
from vidgen_gui.core.job import Job, JobSpec, JobState, Speech, StageName
from vidgen_gui.core.messages import Message
from vidgen_gui.core.picture_overrides import PictureOverrides
from vidgen_gui.core.plan import Plan
from vidgen_gui.core.quality import Aspect, Quality
from vidgen_gui.core.script import Script
from vidgen_gui.core.settings import Settings
from vidgen_gui.gpu.history import Shares
from vidgen_gui.gpu.monitor import GpuMonitor, default_sources
from vidgen_gui.gpu.readings import GpuReading
from vidgen_gui.media.ffmpeg import find_ffmpeg
from vidgen_gui.pipeline.card_reader import card_environment
from vidgen_gui.pipeline.elsewhere import Elsewhere
from vidgen_gui.pipeline.engine import Emit, Engine, Submit
from vidgen_gui.pipeline.paused_services import PausedServices
from vidgen_gui.pipeline.picture_records import PictureRecords
from vidgen_gui.pipeline.residency import GpuResidency
from vidgen_gui.pipeline.script_preview import preview_script
from vidgen_gui.pipeline.service_hub import ServiceHub
from vidgen_gui.pipeline.service_plans import MachineOptions
from vidgen_gui.pipeline.stage_table import make_stages
from vidgen_gui.pipeline.stages.image import PICTURE_NAME
from vidgen_gui.pipeline.stages.narration import preload
from vidgen_gui.pipeline.stages.script import ScriptStage
from vidgen_gui.pipeline.teller import Teller
from vidgen_gui.pipeline.workers import WorkerPool
from vidgen_gui.services.piper.voices import find_voice
from vidgen_gui.store.profiles import profile_in_force
from vidgen_gui.store.store import open_store
from vidgen_gui.system.paths import AppPaths

_logger = logging.getLogger(__name__)

STOP_TIMEOUT_S = 10.0
_RESTARTABLE = frozenset({JobState.FAILED, JobState.CANCELLED, JobState.PAUSED})


class Session:
    """Open it, add jobs, close it.

    Args:
        submit: runs a callable on a pool thread.
        emit: takes events from any thread; must be quick. What it raises is logged, no more.
        on_services: called from any thread when a service would look different.
        profile: the limits in force; None for those of the chosen profile and the environment.

    Raises:
        InputError: the environment asks for a simulated card that cannot be.
        StorageError: the app's folders or its database cannot be used at all.
        TypeError: ``emit`` takes no event.
    """

    def __init__(
        self,
        paths: AppPaths,
        settings: Settings,
        *,
        submit: Submit,
        emit: Emit,
        on_services: Callable[[], None] = lambda: None,
        profile: HardwareProfile | None = None,
    ) -> None:
        self.paths = paths
        emit = Teller(emit)
        limits = profile_in_force(paths, settings, os.environ)
        self._settings = settings = limits.settings
        self._profile = profile or limits.profile
        self._profile_notices = limits.notices
        self.monitor = GpuMonitor(
            default_sources(os.environ, self._ask_image_server), shares=self._shares_of
        )
        self.store = open_store(
            paths,
            limit_bytes=settings.cache_limit_bytes,
            temp_root=Path(folder) if (folder := settings.advanced.temp_folder) else None,
            clean_leftovers=settings.advanced.clean_leftovers,
            resume=settings.general.resume_at_start,
        )
        with ExitStack() as on_failure:
            on_failure.callback(self.store.close)
            self.workers = WorkerPool(self.store.processes)
            self._preload_token = CancelToken()
            self._preloading: threading.Thread | None = None
            self._on_services = on_services
            self.services = self._open_services(PausedServices(paths.state / "paused"), emit)
            self._stages = make_stages(self.services)
            self._elsewhere = Elsewhere(self.store.jobs, emit, self._take_back, self._end_here)
            self.engine = Engine(
                store=self.store,
                stages=self._stages,
                workers=self.workers,
                find_ffmpeg=lambda: find_ffmpeg(self.settings.advanced.ffmpeg_path),
                submit=submit,
                emit=emit,
                slots=settings.general.workers,
                on_pictures_done=self._on_pictures_done,
                conditions=self.keeper.conditions,
                on_begun=self._elsewhere.watch_own,
                on_taken=self._elsewhere.watch,
            )
            self.monitor.start()
            on_failure.pop_all()

    def _open_services(self, paused: PausedServices, emit: Emit) -> ServiceHub:
        """Both services, and who keeps the card between them."""
        services = ServiceHub(
            self.settings,
            self.store.processes,
            self._on_services_changed,
            paused,
        )
        services.image_maker.records = PictureRecords(self.store.calibrations)
        self.keeper = GpuResidency(
            self.monitor,
            services,
            lambda: self._profile,
            lambda message: emit(Notice("", message)),
        )
        services.use_keeper(self.keeper)
        # Only now: which card the profile names is asked of the monitor, which asks the keeper.
        services.configure_image_maker(self.settings, self._machine_options())
        services.take_over(paused.take_over())
        return services

    def _ask_image_server(self, cancel: CancelToken) -> Mapping[str, Any]:
        return self.keeper.reader.ask_server(cancel)

    def _shares_of(self, cards: Sequence[GpuReading]) -> Sequence[Shares]:
        return self.keeper.reader.shares(cards)

    def _machine_options(self) -> MachineOptions:
        """How ComfyUI is started by the profile; asks the driver when that names a card."""
        profile = self._profile
        env = card_environment(self.monitor, profile.gpu) if profile.gpu.strip() else {}
        return MachineOptions(profile.comfyui_flags, env)

    def _on_services_changed(self) -> None:
        self.keeper.on_services_changed()
        self._on_services()

    def _on_pictures_done(self) -> None:
        self.services.free_after_pictures(self.settings)
        self.keeper.pictures_over(freed=self.settings.image_maker.free_after)

    @property
    def settings(self) -> Settings:
        return self._settings

    def use_settings(self, settings: Settings) -> None:
        """Work with changed settings and profiles from now on; looks for programs on the disk."""
        limits = profile_in_force(self.paths, settings, os.environ)
        self._settings = limits.settings
        self._profile = limits.profile
        self.services.configure(limits.settings, self._machine_options())

    @property
    def profile(self) -> HardwareProfile:
        """The limits in force."""
        return self._profile

    def use_profile(self, profile: HardwareProfile) -> None:
        """Keep to other limits from now on; looks for programs on the disk."""
        self._profile = profile
        self.services.configure(self._settings, self._machine_options())

    @property
    def notices(self) -> Sequence[Message]:
        """What opening has to tell: a rebuilt database, say."""
        return (*self.store.notices, *self._profile_notices)

    def load(self) -> Sequence[Job]:
        """All jobs; those that a crash interrupted wait again (or are paused, by the settings)."""
        return self.store.jobs.list()

    def start(self, jobs: Iterable[Job]) -> None:
        """Let the engine work on those of ``jobs`` that wait; hear of those that others run."""
        jobs = list(jobs)
        for job in jobs:
            if job.state is JobState.RUNNING:
                self._elsewhere.watch(job.id)
        waiting = [job for job in jobs if job.state is JobState.WAITING]
        self._preload_voice(waiting)
        self.engine.add(waiting)
        if not waiting:
            # What a crash left paused has nothing to wait for.
            self.keeper.pictures_over(freed=False)

    def _take_back(self, job: Job) -> None:
        """Go on with a job whose process is gone, and clean up what that left."""
        if self.settings.advanced.clean_leftovers:
            self.store.artifacts.sweep()
        self.engine.add([job])

    def _end_here(self, job_id: str, outcome: JobState) -> None:
        self.engine.end_job(job_id, outcome, recorded=True)

    def submit(self, specs: Sequence[JobSpec]) -> Sequence[Job]:
        """Add jobs to the end of the queue and start what fits.

        Raises:
            InputError: a voice is not here; no job was added then.
            StorageError: the queue cannot be written.
        """
        for spec in specs:
            if spec.speech is Speech.SPOKEN:
                find_voice(spec.voice, self.paths.data)
        jobs = self.store.jobs.add_many(specs)
        self._preload_voice(jobs)
        self.engine.add(jobs)
        return jobs

    def _preload_voice(self, jobs: Sequence[Job]) -> None:
        """Load the first job's voice while its script is written; its narration waits for it."""
        spoken = [job.spec.voice for job in jobs if job.spec.speech is Speech.SPOKEN]
        if not spoken or self._preloading is not None:
            return
        self._preloading = threading.Thread(
            target=self._preload, args=(spoken[0],), name="vidgen-preload"
        )
        self._preloading.start()

    def _preload(self, voice: str) -> None:
        try:
            for _ in preload(self.workers, voice, self._preload_token):
                pass
        except Cancelled:
            return
        except (VidgenError, OSError, RuntimeError) as error:
            # The job that needs the voice will say it to the person, also that there is no thread.
            _logger.info("the voice could not be loaded ahead: %s", error)

    def retry(self, job_ids: Iterable[str], *, approved: bool = False) -> Sequence[Job]:
        """Let stopped or failed jobs wait again; finished stages are not made again."""
        jobs = []
        for job_id in job_ids:
            job = self.store.jobs.get(job_id)
            waits = job is not None and job.state is JobState.SCRIPT_READY and approved
            if job is not None and (job.state in _RESTARTABLE or waits):
                self.store.jobs.set_state(job_id, JobState.WAITING)
                jobs.append(self.store.jobs.get(job_id) or job)
        self.engine.add(jobs, approved=approved)
        return jobs

    def end(self, job_ids: Iterable[str], outcome: JobState) -> Sequence[Job]:
        """Cancel or pause jobs, running or not; returns those that only waited."""
        changed = []
        for job_id in job_ids:
            job = self.store.jobs.get(job_id)
            if job is None or job.state.is_final:
                continue
            if not self.engine.end_job(job_id, outcome):
                self.store.jobs.set_state(job_id, outcome)
                changed.append(self.store.jobs.get(job_id) or job)
        return changed

    def remove(self, job_ids: Sequence[str]) -> None:
        """Take jobs out of the list (`undo_remove` brings them back); their videos stay."""
        self.end(job_ids, JobState.CANCELLED)
        self.store.jobs.remove(job_ids)

    def undo_remove(self, job_ids: Sequence[str]) -> Sequence[Job]:
        """Bring removed jobs back, as they are now."""
        self.store.jobs.undo_remove(job_ids)
        found = (self.store.jobs.get(job_id) for job_id in job_ids)
        return [job for job in found if job is not None]

    def move(self, job_ids: Sequence[str], before: str | None) -> Sequence[Job]:
        """Reorder the queue; returns all jobs with their new positions."""
        self.store.jobs.move(job_ids, before)
        jobs = self.store.jobs.list()
        self.engine.reorder(jobs)
        return jobs

    def script(self, job_id: str) -> Script | None:
        """A job's script: as edited, else as written; None while there is none."""
        edited = self.store.jobs.script(job_id)
        if edited is not None:
            return edited
        artifact = self.store.artifacts.latest(job_id, StageName.SCRIPT)
        return None if artifact is None else Script.from_dict(dict(artifact.value))

    def preview_script(self, spec: JobSpec, cancel: CancelToken) -> Script:
        """The script that a job with this request gets; kept for that job.

        Raises:
            VidgenError: it cannot be written.
            Cancelled: the token was set.
        """
        stage = ScriptStage(self.services.script_writer)
        return preview_script(spec, stage, self.store, self.workers, cancel)

    def plans(
        self,
        aspect: Aspect,
        cancel: CancelToken,
        *,
        checkpoint: str = "",
        profile: HardwareProfile | None = None,
    ) -> Mapping[Quality, Plan]:
        """How pictures of each quality would be made now; starts no program.

        Args:
            checkpoint: the model to draw with; "" for the one of the settings.
            profile: the limits to plan with; None for those in force.

        Raises:
            Cancelled: the token was set.
        """
        overrides = PictureOverrides(checkpoint=checkpoint)
        return self.services.image_maker.plans(aspect, cancel, overrides=overrides, profile=profile)

    def picture(self, key: str) -> Path | None:
        """The picture of an image artifact; None when it is not kept any more."""
        artifact = self.store.artifacts.find(key) if key else None
        return artifact.folder / PICTURE_NAME if artifact is not None else None

    def typical_seconds(self) -> Mapping[Quality, Mapping[StageName, float]]:
        """What one run of each stage took here lately, by quality."""
        return {quality: self.store.history.typical_seconds(quality) for quality in Quality}

    def save_script(self, job_id: str, script: Script) -> None:
        """Keep the person's version; what was made from the old text is made again on retry."""
        self.store.jobs.set_script(job_id, script)
        self.store.jobs.set_title(job_id, script.title)

    def approve_script(self, job_id: str) -> Sequence[Job]:
        """Go on with a job that waited at "script ready"."""
        return self.retry([job_id], approved=True)

    def close(self, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """Stop everything; running jobs are taken up again at the next start."""
        self._preload_token.cancel()
        self._elsewhere.close()
        stopped = self.engine.stop(timeout_s)
        self.keeper.close()
        self.services.close()
        self.monitor.stop()
        self.workers.close()
        if self._preloading is not None:
            self._preloading.join(timeout_s)
        if not stopped:
            names = [thread.name for thread in threading.enumerate()]
            _logger.error("work did not stop within %s s; threads: %s", timeout_s, names)
        self.store.close()
