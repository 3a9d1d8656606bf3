"""Who shares a card, as real processes: a script writer, and a card that follows whoever runs."""

import json
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gguf_kit
from fakes.nvml_driver import MIB, FakeCard, FakeDriver, installed
from session_kit import OpenApp

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.events import Notice
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.service import ServiceName
from vidgen_gui.store.identity import ProcessIdentity

WRITER, DRAWER = ServiceName.SCRIPT_WRITER, ServiceName.IMAGE_MAKER
PROGRAM = Path(__file__).parent / "fakes" / "llm_program.py"
QWEN_MIB = 5354
"""What Qwen2.5-7B-Instruct Q4_K_M takes of a card at 8192 tokens, as `gpu.llm_memory` reckons."""
SENTENCES = (
    "Before the town wakes, the sea is already hard at work.",
    "A thin grey line of light opens between the water and the sky.",
    "Gulls argue over the catch while the nets on the pier still drip.",
    "Someone lights a stove, and the smell of coffee crosses the whole harbour.",
    "Stay here a minute longer, and the rest of the day will feel wider.",
)


def writer_command(folder: Path, port: int) -> list[str]:
    """The command line of a language model server with a model of 5.4 GiB, and its reply."""
    model, reply = folder / "qwen.gguf", folder / "reply.json"
    if not model.exists():
        model.write_bytes(gguf_kit.qwen_7b("Q4_K_M").to_bytes())
        scenes = [{"narration": one, "image_prompt": f"harbour, {one}"} for one in SENTENCES]
        told = {"scenes": scenes, "title": "What the harbour knows", "hashtags": ["sea"]}
        reply.write_text(json.dumps(told), encoding="utf-8")
    server = [sys.executable, str(PROGRAM), "--port", str(port), "--reply", str(reply)]
    return [*server, "-m", str(model), "-c", "8192", "-ngl", "99"]


def started_by_us(folder: Path, port: int, *options: object) -> dict[str, Any]:
    """Settings of a script writer that the app starts itself."""
    command = [*writer_command(folder, port), *map(str, options)]
    return {"start_command": shlex.join(command), "port": port}


class SharedCard(FakeCard):
    """A card that is used by programs for as long as they run.

    ``tenants`` say which program it is now, if any, and what it takes; ``strangers`` hold
    memory whatever happens. ``is_mute``: it names no program.
    """

    def __init__(self, total_mib: float) -> None:
        super().__init__(total_mib=total_mib, reserved_mib=0, processes=[])
        self.tenants: list[Callable[[], tuple[int | None, float]]] = []
        self.is_mute = False
        self.strangers: list[tuple[int, float]] = []

    def __getattribute__(self, name: str) -> Any:
        if name == "used_mib":
            return sum(mib for _, mib in self._held())
        if name == "processes":
            return [] if self.is_mute else [(pid, int(mib * MIB)) for pid, mib in self._held()]
        return super().__getattribute__(name)

    def _held(self) -> list[tuple[int, float]]:
        asked = (tenant() for tenant in self.tenants)
        alive = [(pid, mib) for pid, mib in asked if pid is not None and ProcessIdentity.of(pid)]
        return [*alive, *self.strangers]


@contextmanager
def card_of(total_mib: float) -> Iterator[SharedCard]:
    """While inside, the driver has this one card."""
    card = SharedCard(total_mib)
    with installed(FakeDriver(card)):
        yield card


def pid_of(app: OpenApp, name: ServiceName) -> int | None:
    return app.view(name).pid


def make_room(app: OpenApp, need_mib: float, *, pause: bool = True) -> tuple[Any, list[Message]]:
    """What was available then, and what was told on the way."""
    steps = app.session.keeper.make_room(need_mib, pause_script_writer=pause, cancel=CancelToken())
    told: list[Message] = []
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            return end.value, told
        if step.notice is not None:
            told.append(step.notice)


def ids(messages: list[Message]) -> list[MessageId]:
    return [message.id for message in messages]


def told_by_app(app: OpenApp) -> list[MessageId]:
    """What was told without a job."""
    return [event.message.id for event in app.events(Notice) if not event.job_id]


def records(app: OpenApp) -> list[Path]:
    """What is written down as paused."""
    return sorted((app.session.paths.state / "paused").glob("*.json"))
