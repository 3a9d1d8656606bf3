"""What the window asks without changing anything: each question is answered by a signal.

Tokens are the asker's own numbers and come back with the answer, so that a late answer to an
old question can be told apart.
"""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QThreadPool, Signal

from vidgen_gui.controller.job_view import (
    Estimate,
    FolderCheck,
    LanguageCheck,
    PlanBoard,
    VoiceInfo,
)
from vidgen_gui.controller.tasks import TaskRunner
from vidgen_gui.controller.view_book import ViewBook
from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.job import CaptionStyle, JobSpec
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.plan import PAINTER, Plan, Rung
from vidgen_gui.core.quality import Aspect
from vidgen_gui.core.script import Script
from vidgen_gui.core.service import ServiceView
from vidgen_gui.core.settings import Settings
from vidgen_gui.pipeline.doctor import examine
from vidgen_gui.pipeline.language import check_language
from vidgen_gui.pipeline.preflight import needed_bytes
from vidgen_gui.pipeline.previews import Previews
from vidgen_gui.pipeline.stage import Workers
from vidgen_gui.pipeline.stages.script import built_in_script
from vidgen_gui.services.piper.voices import languages_spoken, present_voices
from vidgen_gui.system.files import free_bytes, is_writable_dir, nearest_existing
from vidgen_gui.system.paths import AppPaths, resolve

IO_THREADS = 2
MIB = 2**20


class Questions(QObject):
    """Asks on the I/O pool; the answers arrive on the GUI thread.

    An error that no answer can carry comes as `notice`.
    """

    notice = Signal(object)
    language_checked = Signal(int, object)
    script_previewed = Signal(int, object)
    caption_previewed = Signal(int, str)
    sample_ready = Signal(str, str)
    doctor_finished = Signal(list)
    folder_checked = Signal(int, object)
    plans_made = Signal(int, object)
    """A token, and a `PlanBoard`, or a `Message` that says why there is none."""
    voices_loaded = Signal(list)

    def __init__(self, paths: AppPaths, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.paths = paths
        self.settings = settings
        self.voices: list[VoiceInfo] = []
        self._io_pool = QThreadPool(self)
        self._io_pool.setMaxThreadCount(IO_THREADS)
        self._tasks = TaskRunner(self._io_pool, self.notice.emit, self)
        self._previews = Previews(paths)
        self._script_cancel = CancelToken()
        self._plan_cancel = CancelToken()
        self._book = ViewBook()

    def check_language(self, text: str, token: int) -> None:
        """Ask which language ``text`` is in and whether a voice here speaks it."""
        data_dir = self.paths.data

        def ask() -> LanguageCheck:
            found = check_language(text, None, languages_spoken(data_dir))
            language = found.recognised.language or "en"
            return LanguageCheck(language, spoken=found.speakable)

        self._tasks.run(ask, lambda answer: self.language_checked.emit(token, answer))

    def write_script_preview(self, spec: JobSpec, token: int) -> None:
        """Ask for the script that ``spec`` would get; the answer is a Script or a Message.

        A newer question ends an older one.
        """
        self._script_cancel.cancel()
        cancel = self._script_cancel = CancelToken()

        def tell(answer: Script | Message) -> None:
            self.script_previewed.emit(token, answer)

        self._preview_script(spec, cancel, tell)

    def make_plans(self, aspect: Aspect, checkpoint: str, token: int) -> None:
        """Ask how each quality would be made now; `plans_made` follows.

        A newer question ends an older one, and so does `cancel_plans`.

        Args:
            checkpoint: the model to draw with; "" for the one of the settings.
        """
        self.cancel_plans()
        cancel = self._plan_cancel = CancelToken()

        def tell(answer: PlanBoard | Message) -> None:
            self.plans_made.emit(token, answer)

        self._make_plans(aspect, checkpoint, cancel, tell)

    def cancel_plans(self) -> None:
        """Nobody waits for plans any more."""
        self._plan_cancel.cancel()

    def _make_plans(
        self,
        aspect: Aspect,
        checkpoint: str,
        cancel: CancelToken,
        tell: Callable[[PlanBoard | Message], None],
    ) -> None:
        """Before the store is open, nothing is known."""
        tell(PlanBoard())

    def _ask_services(self) -> Callable[[], tuple[ServiceView, ...]]:
        """What asks the services how they are, on a pool thread."""
        return tuple

    def _preview_script(
        self, spec: JobSpec, cancel: CancelToken, tell: Callable[[Script | Message], None]
    ) -> None:
        """Before the store is open, only the built-in writer can be asked."""
        self._tasks.run(lambda: built_in_script(spec), tell, tell)

    def preview_caption_style(self, style: CaptionStyle, aspect: Aspect, token: int) -> None:
        """Ask for a sample picture with captions; the answer is a PNG's path."""
        self._make_sample(
            lambda workers: self._previews.caption_sample(style, aspect, workers),
            lambda path: self.caption_previewed.emit(token, str(path)),
        )

    def speak_sample(self, voice: str) -> None:
        """Ask for a spoken sentence; the answer is the voice and a WAV's path."""
        self._make_sample(
            lambda workers: self._previews.voice_sample(voice, workers),
            lambda path: self.sample_ready.emit(voice, str(path)),
        )

    def _make_sample(
        self, make: Callable[[Workers | None], Path], on_made: Callable[[Path], None]
    ) -> None:
        """Before the store is open, there are no workers but a sample's own."""
        self._tasks.run(lambda: make(None), on_made)

    def run_doctor(self) -> None:
        """Run the set-up check."""
        paths, settings = self.paths, self.settings
        ask_services = self._ask_services()
        self._tasks.run(
            lambda: list(examine(paths, settings, ask_services())),
            self.doctor_finished.emit,
        )

    def check_folder(self, path: Path, token: int) -> None:
        """Ask whether videos can be put into ``path`` and how much room is there."""
        self._tasks.run(
            lambda: _folder_check(path), lambda answer: self.folder_checked.emit(token, answer)
        )

    def load_voices(self) -> None:
        """Look which voices are there; `voices` is filled when the answer comes."""
        data_dir = self.paths.data

        def look() -> list[VoiceInfo]:
            return [
                VoiceInfo(voice.name, voice.display_name, (voice.language.replace("_", "-"),))
                for voice in present_voices(data_dir)
            ]

        self._tasks.run(look, self._on_voices_looked_up)

    def estimate(self, spec: JobSpec, plan: Plan | None = None) -> Estimate:
        """What making ``spec`` takes on this machine, from what it took before.

        Args:
            plan: how its pictures will be made. The time is unknown when ComfyUI draws them in a
                way that was not timed yet.
        """
        disk_mib = -(-needed_bytes(spec) // MIB)
        if plan is None or plan.first.name == PAINTER:
            return Estimate(sum(self._book.expected_seconds(spec).values()), disk_mib)
        picture_s = _picture_s(spec, plan.first)
        if picture_s is None:
            return Estimate(None, disk_mib)
        return Estimate(sum(self._book.expected_seconds(spec, picture_s).values()), disk_mib)

    def _on_voices_looked_up(self, voices: list[VoiceInfo]) -> None:
        self.voices = voices
        self.voices_loaded.emit(voices)


def _picture_s(spec: JobSpec, rung: Rung) -> float | None:
    """A picture's time, with the steps that the person wants: they are nearly all of it."""
    if rung.seconds is None or rung.picture is None or spec.picture.steps is None:
        return rung.seconds
    return rung.seconds * spec.picture.steps / rung.picture.steps


def _folder_check(path: Path) -> FolderCheck:
    folder = resolve(str(path))
    if not is_writable_dir(nearest_existing(folder)):
        return FolderCheck(
            folder, problem=Message(MessageId.OUTPUT_UNWRITABLE, {"path": str(folder)})
        )
    return FolderCheck(folder, free_bytes(folder) // MIB)
