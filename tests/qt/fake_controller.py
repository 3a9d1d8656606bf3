"""A controller for widget tests: the real one's signals and methods, answers at once or on cue."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from fake_gpu import FakeGpu
from fake_profiles import FakeProfiles
from fake_services import FakeServices
from PySide6.QtCore import QObject, QTimer, Signal

from vidgen_gui.controller.job_model import JobModel
from vidgen_gui.controller.job_view import (
    Check,
    CheckState,
    Estimate,
    FolderCheck,
    HistoryLine,
    JobView,
    LanguageCheck,
    PlanBoard,
    QueueStatus,
    VoiceInfo,
)
from vidgen_gui.controller.profile_controller import NO_CHANGES, ProfileChanges
from vidgen_gui.core.job import CaptionStyle, JobSpec, JobState, StageName
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.plan import PAINTER, Plan
from vidgen_gui.core.quality import Aspect, Quality
from vidgen_gui.core.script import Scene, Script
from vidgen_gui.core.settings import Settings
from vidgen_gui.system.paths import AppPaths

NOW = 1_790_000_000.0
WORK_S = {
    Quality.DRAFT: 18.0,
    Quality.STANDARD: 26.0,
    Quality.HIGH: 54.0,
    Quality.ULTRA_LITE: 94.0,
    Quality.ULTRA: 170.0,
}
SCRIPT = Script(
    "The quiet power of morning walks",
    (
        Scene(
            "Nobody warns you how loud the world gets before nine. So leave before it starts.",
            "empty street at dawn, long shadows, soft gold light",
        ),
        Scene(
            "Ten minutes. No headphones. Just your feet and whatever the birds are arguing about.",
            "park path under old trees, mist between the trunks",
        ),
        Scene(
            "By the second corner your thoughts stop shouting and start standing in line.",
            "wide river at sunrise, one small figure walking",
        ),
        Scene(
            "You come home with the same problems and a different pair of shoulders. "
            "Try it tomorrow. The street will be there.",
            "open front door, warm light falling on the steps",
        ),
    ),
)


def make_view(spec: JobSpec, number: int, **more: object) -> JobView:
    values: dict[str, object] = {
        "id": f"job-{number}",
        "spec": spec,
        "title": spec.topic,
        "state": JobState.WAITING,
        "position": float(number),
        "created_at": NOW + number,
    }
    return JobView(**{**values, **more})  # type: ignore[arg-type]


class FakeController(QObject):
    """Holds jobs in memory. ``calls`` is what was asked; ``spoken`` the languages it can speak."""

    notice = Signal(object)
    language_checked = Signal(int, object)
    script_previewed = Signal(int, object)
    caption_previewed = Signal(int, str)
    sample_ready = Signal(str, str)
    doctor_finished = Signal(list)
    folder_checked = Signal(int, object)
    voices_loaded = Signal(list)
    plans_made = Signal(int, object)
    jobs_loaded = Signal(list)
    job_added = Signal(list)
    job_changed = Signal(object)
    job_removed = Signal(list)
    queue_changed = Signal(object)
    store_failed = Signal(object)
    settings_changed = Signal(object)
    script_loaded = Signal(str, object)
    history_loaded = Signal(str, list)
    picture_previewed = Signal(str, object, bytes)
    script_streamed = Signal(str, str)
    closed = Signal()

    def __init__(self, home: Path) -> None:
        super().__init__()
        self.paths = AppPaths(
            home / "config", home / "data", home / "cache", home / "state", home / "videos"
        )
        self.settings = Settings(default_output_folder=self.paths.videos)
        self.voices = [
            VoiceInfo("en_US-joe-medium", "Joe", ("en-US",)),
            VoiceInfo("en_US-amy-medium", "Amy", ("en-US",)),
        ]
        self.job_model = JobModel(self)
        self.services = FakeServices(self)
        self.gpu = FakeGpu(self)
        self.profiles = FakeProfiles(self)
        self.languages: dict[str, str] = {}
        self.caption_sample: Path | None = None
        self.folder_problem: Message | None = None
        self.answers_languages = True
        self.board: PlanBoard | Message = PlanBoard()
        self.answers_plans = True
        self.script: Script | None = SCRIPT
        self.calls: list[tuple[object, ...]] = []
        self._removed: list[JobView] = []
        self._number = 0

    def load(self, views: Sequence[JobView]) -> None:
        self._number = len(views)
        self.job_model.load(views)
        self.jobs_loaded.emit(list(views))

    def show(self, view: JobView) -> None:
        self.job_model.update(view)
        self.job_model.flush()
        self.job_changed.emit(view)

    def called(self, name: str) -> list[tuple[object, ...]]:
        return [call[1:] for call in self.calls if call[0] == name]

    def start(self) -> None:
        self.load([])

    def close(self) -> None:
        self.closed.emit()

    def submit(self, specs: Sequence[JobSpec]) -> None:
        self.calls.append(("submit", list(specs)))
        views = []
        for spec in specs:
            self._number += 1
            views.append(make_view(spec, self._number))
        self.job_model.add(views)
        self.job_added.emit(views)

    def cancel(self, job_ids: Sequence[str]) -> None:
        self._set_state("cancel", job_ids, JobState.CANCELLED)

    def pause(self, job_ids: Sequence[str]) -> None:
        self._set_state("pause", job_ids, JobState.PAUSED)

    def resume(self, job_ids: Sequence[str]) -> None:
        self._set_state("resume", job_ids, JobState.WAITING)

    def retry(self, job_ids: Sequence[str]) -> None:
        self._set_state("retry", job_ids, JobState.WAITING)

    def remove(self, job_ids: Sequence[str]) -> None:
        self.calls.append(("remove", list(job_ids)))
        found = [self.job_model.view(job_id) for job_id in job_ids]
        self._removed = [view for view in found if view is not None]
        self.job_model.remove(job_ids)
        self.job_removed.emit(list(job_ids))

    def undo_remove(self) -> None:
        self.calls.append(("undo_remove",))
        self.job_model.add(self._removed)
        self.job_added.emit(self._removed)

    def move(self, job_ids: Sequence[str], before_id: str | None) -> None:
        self.calls.append(("move", list(job_ids), before_id))
        views = [view for view in self.job_model.views() if view.id not in job_ids]
        moved = [view for view in self.job_model.views() if view.id in job_ids]
        ids = [view.id for view in views]
        at = ids.index(before_id) if before_id in ids else len(ids)
        views[at:at] = moved
        for position, view in enumerate(views):
            self.job_model.update(replace(view, position=float(position)))
        self.job_model.flush()

    def start_queue(self) -> None:
        self.calls.append(("start_queue",))
        self.queue_changed.emit(QueueStatus(paused=False))

    def pause_queue(self) -> None:
        self.calls.append(("pause_queue",))
        self.queue_changed.emit(QueueStatus(paused=True))

    def request_script(self, job_id: str) -> None:
        self.calls.append(("request_script", job_id))
        self.script_loaded.emit(job_id, self.script)

    def save_script(self, job_id: str, script: Script) -> None:
        self.calls.append(("save_script", job_id, script))

    def approve_script(self, job_id: str) -> None:
        self.calls.append(("approve_script", job_id))

    def request_details(self, job_id: str) -> None:
        self.calls.append(("request_details", job_id))

    def request_history(self, job_id: str) -> None:
        self.calls.append(("request_history", job_id))
        lines = [HistoryLine(NOW, Message(MessageId.ARTIFACT_DAMAGED), StageName.IMAGE, 2)]
        self.history_loaded.emit(job_id, lines)

    def save_settings(self, settings: Settings, profiles: ProfileChanges = NO_CHANGES) -> None:
        self.calls.append(("save_settings", settings))
        if profiles.put or profiles.removed:
            self.calls.append(("save_profiles", profiles))
        self.settings = settings
        self.settings_changed.emit(settings)

    def check_language(self, text: str, token: int) -> None:
        self.calls.append(("check_language", text, token))
        if self.answers_languages:
            QTimer.singleShot(0, self, lambda: self.answer_language(text, token))

    def answer_language(self, text: str, token: int) -> None:
        language = self.languages.get(text, "en")
        self.language_checked.emit(token, LanguageCheck(language, language == "en"))

    def write_script_preview(self, spec: JobSpec, token: int) -> None:
        self.calls.append(("write_script_preview", spec, token))
        self.script_previewed.emit(token, self.script or Message(MessageId.SCRIPT_EMPTY))

    def preview_caption_style(self, style: CaptionStyle, aspect: Aspect, token: int) -> None:
        self.calls.append(("preview_caption_style", style, aspect, token))
        if self.caption_sample is not None:
            self.caption_previewed.emit(token, str(self.caption_sample))

    def speak_sample(self, voice: str) -> None:
        self.calls.append(("speak_sample", voice))

    def run_doctor(self) -> None:
        self.calls.append(("run_doctor",))
        gone = Message(MessageId.FFMPEG_MISSING, {"path": "/opt/ffmpeg"})
        room = Message(MessageId.OUTPUT_UNWRITABLE, {"path": "/mnt/films"})
        self.doctor_finished.emit(
            [
                Check("ffmpeg", CheckState.BAD, gone),
                Check("output folder", CheckState.WARNING, room),
            ]
        )

    def check_folder(self, path: Path, token: int) -> None:
        self.calls.append(("check_folder", path, token))
        self.folder_checked.emit(token, FolderCheck(path, 218_000, self.folder_problem))

    def load_voices(self) -> None:
        self.voices_loaded.emit(self.voices)

    def make_plans(self, aspect: Aspect, checkpoint: str, token: int) -> None:
        self.calls.append(("make_plans", aspect, checkpoint, token))
        if self.answers_plans:
            self.plans_made.emit(token, self.board)

    def cancel_plans(self) -> None:
        self.calls.append(("cancel_plans",))

    def estimate(self, spec: JobSpec, plan: Plan | None = None) -> Estimate:
        if plan is None or plan.first.name == PAINTER:
            return Estimate(WORK_S[spec.quality], 900)
        picture_s = plan.first.seconds
        return Estimate(None if picture_s is None else 20.0 + 5 * picture_s, 900)

    def _set_state(self, name: str, job_ids: Sequence[str], state: JobState) -> None:
        self.calls.append((name, list(job_ids)))
        for job_id in job_ids:
            view = self.job_model.view(job_id)
            if view is not None:
                self.show(replace(view, state=state, failure=None))
