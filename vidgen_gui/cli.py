"""VidGen without a window: ``make``, ``plan`` and ``doctor``. Loads no widget."""

import argparse
import contextlib
import io
import json
import logging
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vidgen_gui.cli_arguments import job_specs, parse
from vidgen_gui.cli_bench import run_bench
from vidgen_gui.cli_plan import plan_report
from vidgen_gui.core.errors import InputError, VidgenError
from vidgen_gui.core.events import (
    Event,
    JobFailed,
    JobFinished,
    JobStateChanged,
    Notice,
    ScriptReady,
    StageFinished,
    StageProgressed,
)
from vidgen_gui.core.hardware_profile import HardwareProfile
from vidgen_gui.core.job import JobSpec, JobState, Speech
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.settings import Settings
from vidgen_gui.core.unforeseen import explained
from vidgen_gui.pipeline.doctor import CheckState, examine
from vidgen_gui.pipeline.graph import Unit
from vidgen_gui.pipeline.language import check_language
from vidgen_gui.pipeline.progress import JobProgress
from vidgen_gui.pipeline.service_hub import NoRecords, ServiceHub
from vidgen_gui.pipeline.session import Session
from vidgen_gui.pipeline.stage import QUESTIONS
from vidgen_gui.services.piper.voices import languages_spoken, voices_for
from vidgen_gui.store.profiles import profile_in_force
from vidgen_gui.store.settings_file import load_settings
from vidgen_gui.system.logs import set_log_level, set_up_logging, shut_down_logging
from vidgen_gui.system.paths import AppPaths
from vidgen_gui.ui.qt_start import silence_asides
from vidgen_gui.ui.words import advice, reason, sentence

_logger = logging.getLogger(__name__)

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130
BAR_WIDTH = 30
CLEAR_LINE = "\r\x1b[K"
POLL_S = 0.2


def main(argv: Sequence[str]) -> int:
    """Run one command; returns the exit status (0 done, 1 failed, 2 wrong request, 130 stopped)."""
    # What is logged before there is a log file is not for the terminal.
    logging.getLogger("vidgen_gui").addHandler(logging.NullHandler())
    try:
        arguments = parse(argv)
    except InputError as error:
        _say_failure(error.message, as_json="--json" in argv)
        return EXIT_USAGE
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A pipe may speak an encoding that lacks the letters of a video's name.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        status = _run_command(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
    except VidgenError as error:
        _logger.warning("%s", error)
        _say_failure(error.message, as_json=arguments.json)
        return EXIT_USAGE if isinstance(error, InputError) else EXIT_FAILED
    except BrokenPipeError:
        # Whoever read has seen enough.
        _discard_output()
        return EXIT_FAILED
    except Exception as error:
        # The outermost frame: a person at a terminal can do nothing with a traceback.
        _logger.exception("%s failed unexpectedly", arguments.command)
        _say_failure(explained(error), as_json=arguments.json)
        return EXIT_FAILED
    else:
        return status
    finally:
        shut_down_logging()


def _discard_output() -> None:
    """What is still to be written goes nowhere, in silence."""
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _tell(text: str, end: str = "\n") -> None:
    """Say something beside the result; where nobody can hear it, the work goes on."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            print(text, end=end, file=sys.stderr, flush=True)


def _run_command(arguments: argparse.Namespace) -> int:
    paths = AppPaths.find()
    paths.create()
    set_up_logging(paths.log_file)
    settings, notices = load_settings(paths)
    set_log_level(settings.advanced.log_level.value)
    for notice in notices:
        _tell(sentence(notice))
    match arguments.command:
        case "doctor":
            return _doctor(arguments, paths, settings)
        case "bench":
            return run_bench(arguments)
        case "plan":
            print(plan_report(arguments, paths, settings, lambda one: _tell(sentence(one))))
            return EXIT_OK
        case _:
            return _make(arguments, paths, settings)


def _say_failure(message: Message, *, as_json: bool) -> None:
    if not as_json:
        _tell(sentence(message))
        return
    try:
        print(json.dumps({"videos": [], "failed": [_told(message)]}), flush=True)
    except OSError:
        _discard_output()


def _doctor(arguments: argparse.Namespace, paths: AppPaths, settings: Settings) -> int:
    silence_asides()
    with contextlib.closing(ServiceHub(settings, NoRecords())) as services:
        checks = list(examine(paths, settings, services.examine()))
    if arguments.json:
        rows = [
            {"check": check.name, "state": check.state.value, "message": sentence(check.message)}
            for check in checks
        ]
        print(json.dumps(rows))
    else:
        marks = {CheckState.GOOD: "ok  ", CheckState.WARNING: "note", CheckState.BAD: "BAD "}
        for check in checks:
            print(f"{marks[check.state]}  {sentence(check.message)}")
    bad = any(check.state is CheckState.BAD for check in checks)
    return EXIT_FAILED if bad else EXIT_OK


def _bar_signs() -> tuple[str, str]:
    """What the bar is drawn with: a terminal may speak an encoding that lacks blocks."""
    try:
        "█░".encode(sys.stderr.encoding)
    except UnicodeEncodeError:
        return "#", "-"
    return "█", "░"


@dataclass
class _Batch:
    """What became of the jobs of one ``make``."""

    on_terminal: bool
    progress: dict[str, JobProgress] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    finished: dict[str, str] = field(default_factory=dict)
    failed: dict[str, Message] = field(default_factory=dict)
    told: dict[str, list[Message]] = field(default_factory=dict)
    drawn_s: float = 0.0

    def take(self, event: Event) -> None:
        """Note what happened and show it."""
        progress = self.progress.setdefault(event.job_id, JobProgress())
        match event:
            case ScriptReady(title=title, scene_count=count):
                progress.scene_count = count
                self.titles[event.job_id] = title
            case StageProgressed(stage=stage, scene=scene, fraction=fraction):
                progress.update(Unit(stage, scene), fraction)
            case StageFinished(stage=stage, scene=scene):
                progress.update(Unit(stage, scene), 1.0)
            case JobFinished(video_path=path):
                self.finished[event.job_id] = path
            case JobFailed(reason=message):
                self.failed[event.job_id] = message
                self._line(sentence(message))
            case JobStateChanged(state=state) if state.is_final or state is JobState.PAUSED:
                self._stopped(event.job_id)
            case Notice(message=message):
                if message.id in QUESTIONS:
                    # It waits, paused, for somebody who isn't here.
                    self.failed[event.job_id] = message
                else:
                    self.told.setdefault(event.job_id, []).append(message)
                self._line(sentence(message))
        self._draw()

    def _stopped(self, job_id: str) -> None:
        """A job ended without a result: its question was told before, or another app did it."""
        if job_id not in self.failed:
            self.failed[job_id] = Message(MessageId.JOB_STOPPED)
            self._line(sentence(self.failed[job_id]))

    @property
    def ended(self) -> int:
        return len(self.finished) + len(self.failed)

    def _line(self, text: str) -> None:
        self.clear_bar()
        _tell(text)

    def clear_bar(self) -> None:
        """Take the bar away: what is said next begins its own line."""
        if self.on_terminal:
            _tell(CLEAR_LINE, end="")

    def _draw(self) -> None:
        now = time.monotonic()
        if not self.on_terminal or now - self.drawn_s < 0.1:
            return
        self.drawn_s = now
        ended = set(self.finished) | set(self.failed)
        running = [job_id for job_id in self.progress if job_id not in ended]
        if not running:
            return
        job_id = running[0]
        fraction = self.progress[job_id].fraction
        full, empty = _bar_signs()
        bar = (full * round(fraction * BAR_WIDTH)).ljust(BAR_WIDTH, empty)
        title = self.titles.get(job_id, "")
        _tell(f"{CLEAR_LINE}{bar} {fraction:4.0%}  {title}", end="")


def _make(arguments: argparse.Namespace, paths: AppPaths, settings: Settings) -> int:
    specs = job_specs(arguments, settings)
    specs = _in_language(specs, paths) if arguments.language else _in_its_language(specs, paths)
    limits = profile_in_force(paths, settings, os.environ, {"vram_limit_mib": arguments.max_vram})
    batch = _Batch(on_terminal=sys.stderr is not None and sys.stderr.isatty())
    with _interruptible() as interrupted:
        _run(paths, settings, specs, batch, interrupted, profile=limits.profile)
    batch.clear_bar()
    if arguments.json:
        print(json.dumps(_report(batch)))
    else:
        for path in batch.finished.values():
            print(path)
    if interrupted.is_set():
        return EXIT_INTERRUPTED
    return EXIT_FAILED if batch.failed else EXIT_OK


@contextlib.contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """Ctrl-C, SIGTERM and a closed terminal set the event instead of ending the process."""
    interrupted = threading.Event()
    numbers = [signal.SIGINT, signal.SIGTERM]
    if sys.platform != "win32":
        numbers.append(signal.SIGHUP)
    previous = {number: signal.signal(number, lambda *_: interrupted.set()) for number in numbers}
    try:
        yield interrupted
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _run(
    paths: AppPaths,
    settings: Settings,
    specs: Sequence[JobSpec],
    batch: _Batch,
    interrupted: threading.Event,
    *,
    profile: HardwareProfile,
) -> None:
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    with ThreadPoolExecutor(settings.general.workers, "vidgen-job") as pool:
        session = Session(paths, settings, submit=pool.submit, emit=events.put, profile=profile)
        try:
            for notice in session.notices:
                _tell(sentence(notice))
            jobs = session.submit(specs)
            while batch.ended < len(jobs) and not interrupted.is_set():
                with contextlib.suppress(queue.Empty):
                    batch.take(events.get(timeout=POLL_S))
            if interrupted.is_set():
                session.end([job.id for job in jobs], JobState.CANCELLED)
        finally:
            session.close()
    with contextlib.suppress(queue.Empty):
        # What ended while the rest was being stopped counts, too.
        while True:
            event = events.get_nowait()
            if not isinstance(event, JobStateChanged):
                batch.take(event)


def _in_language(specs: Sequence[JobSpec], paths: AppPaths) -> Sequence[JobSpec]:
    """With a voice that speaks the language that was asked for, unless none is wanted.

    Raises:
        InputError: no voice here speaks it.
    """
    spec = specs[0]
    if spec.speech is Speech.CAPTIONS_ONLY:
        return specs
    names = [voice.name for voice in voices_for(spec.language, paths.data)]
    if not names:
        raise InputError(MessageId.LANGUAGE_NOT_SPOKEN, language=spec.language)
    voice = spec.voice if spec.voice in names else names[0]
    return [one.model_copy(update={"voice": voice}) for one in specs]


def _in_its_language(specs: Sequence[JobSpec], paths: AppPaths) -> Sequence[JobSpec]:
    """With captions only, in the topic's language; else say before starting if no voice does."""
    spec = specs[0]
    check = check_language(spec.topic, spec.script_text, languages_spoken(paths.data))
    if spec.speech is Speech.CAPTIONS_ONLY:
        language = check.recognised.language or spec.language
        return [one.model_copy(update={"language": language}) for one in specs]
    if check.message is not None:
        _tell(sentence(check.message))
    return specs


def _report(batch: _Batch) -> dict[str, Any]:
    failed = [
        {"title": batch.titles.get(job_id, ""), **_told(message)}
        for job_id, message in batch.failed.items()
    ]
    videos = []
    for job_id, path in batch.finished.items():
        video = Path(path)
        videos.append(
            {
                "path": path,
                "title": batch.titles.get(job_id, video.stem),
                "remarks": [_told(message) for message in batch.told.get(job_id, [])],
            }
        )
    return {"videos": videos, "failed": failed}


def _told(message: Message) -> dict[str, Any]:
    return {"id": message.id.value, "message": reason(message), "advice": advice(message)}
