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
    VoiceInfo,
)
from vidgen_gui.controller.tasks import TaskRunner
from vidgen_gui.controller.view_book import ViewBook
from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import VidgenError
from vidgen_gui.core.job import CaptionStyle, JobSpec
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.quality import Aspect
from vidgen_gui.core.script import Script
from vidgen_gui.core.service import ServiceView
from vidgen_gui.core.settings import Settings
from vidgen_gui.pipeline.doctor import examine
from vidgen_gui.pipeline.language import check_language
from vidgen_gui.pipeline.preflight import needed_bytes
from vidgen_gui.pipeline.previews import Previews
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
        preview = self._preview_script

        def write() -> Script | Message:
            try:
                return preview(spec, cancel)
            except VidgenError as error:
                return error.message

        self._tasks.run(write, lambda answer: self.script_previewed.emit(token, answer))

    def _ask_services(self) -> Callable[[], tuple[ServiceView, ...]]:
        """What asks the services how they are, on a pool thread."""
        return tuple

    def _preview_script(self, spec: JobSpec, cancel: CancelToken) -> Script:
        """Before the store is open, only the built-in writer can be asked."""
        return built_in_script(spec)

    def preview_caption_style(self, style: CaptionStyle, aspect: Aspect, token: int) -> None:
        """Ask for a sample picture with captions; the answer is a PNG's path."""
        self._tasks.run(
            lambda: self._previews.caption_sample(style, aspect),
            lambda path: self.caption_previewed.emit(token, str(path)),
        )

    def speak_sample(self, voice: str) -> None:
        """Ask for a spoken sentence; the answer is the voice and a WAV's path."""
        self._tasks.run(
            lambda: self._previews.voice_sample(voice),
            lambda path: self.sample_ready.emit(voice, str(path)),
        )

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

    def estimate(self, spec: JobSpec) -> Estimate:
        """What making ``spec`` takes on this machine, from what it took before."""
        seconds = self._book.expected_seconds(spec)
        return Estimate(sum(seconds.values()), -(-needed_bytes(spec) // MIB))

    def _on_voices_looked_up(self, voices: list[VoiceInfo]) -> None:
        self.voices = voices
        self.voices_loaded.emit(voices)


def _folder_check(path: Path) -> FolderCheck:
    folder = resolve(str(path))
    if not is_writable_dir(nearest_existing(folder)):
        return FolderCheck(
            folder, problem=Message(MessageId.OUTPUT_UNWRITABLE, {"path": str(folder)})
        )
    return FolderCheck(folder, free_bytes(folder) // MIB)
