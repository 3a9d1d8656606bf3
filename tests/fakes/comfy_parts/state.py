"""The server's own books: queue, history, sockets, caches. Lives in the fake's loop only."""

import asyncio
import json
import struct
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from fakes.comfy_parts.faults import Fault
from fakes.comfy_parts.wire import Socket

MAX_HISTORY = 200
PREVIEW = 1
PREVIEW_WITH_METADATA = 4
JPEG = 1


class JobState(StrEnum):
    REFUSED = "refused"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    DELETED = "deleted"
    LOST = "lost"


@dataclass
class Job:
    """One prompt as the server saw it. ``peak_mib`` is what it took of the card."""

    prompt_id: str
    graph: dict[str, Any]
    client_id: str | None
    number: float = 0
    extra_data: dict[str, Any] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)
    fault: Fault = Fault.NONE
    foreign: bool = False
    seconds: float | None = 0.0
    state: JobState = JobState.WAITING
    messages: list[list[Any]] = field(default_factory=list)
    results: dict[str, Any] = field(default_factory=dict)
    peak_mib: float = 0.0
    cached: list[str] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    @property
    def queue_item(self) -> list[Any]:
        return [self.number, self.prompt_id, self.graph, self.extra_data, self.outputs]


def now_ms() -> int:
    return int(time.time() * 1000)


class Books:
    """What a restart loses."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self.pending: list[Job] = []
        self.running: Job | None = None
        self.history: dict[str, dict[str, Any]] = {}
        self.sockets: dict[str, Socket] = {}
        self.cache: dict[str, Any] = {}
        self.client_id: str | None = None
        self.last_node: str | None = None
        self.interrupt = asyncio.Event()
        self.free: dict[str, bool] = {}
        self._number = 0

    def next_number(self) -> int:
        self._number += 1
        return self._number - 1

    @property
    def remaining(self) -> int:
        return len(self.pending) + (self.running is not None)

    @property
    def exec_info(self) -> dict[str, Any]:
        return {"exec_info": {"queue_remaining": self.remaining}}

    def add(self, job: Job) -> None:
        self.pending.append(job)
        self.pending.sort(key=lambda job: job.number)
        self.queue_changed()

    def take(self) -> Job:
        job = self.running = self.pending.pop(0)
        job.state = JobState.RUNNING
        self.queue_changed()
        return job

    def delete(self, prompt_id: str) -> Job | None:
        for job in self.pending:
            if job.prompt_id == prompt_id:
                self.pending.remove(job)
                job.state = JobState.DELETED
                self.queue_changed()
                return job
        return None

    def finish(self, job: Job, status: str) -> None:
        """Write the history entry; the running place is free again."""
        self.running = None
        nodes = {
            node: {
                "node_id": node, "display_node": node, "parent_node": None, "real_node_id": node,
            }
            for node in job.results
        }  # fmt: skip
        self.history[job.prompt_id] = {
            "prompt": job.queue_item,
            "outputs": job.results,
            "status": {
                "status_str": status,
                "completed": status == "success",
                "messages": job.messages,
            },
            "meta": nodes,
        }
        while len(self.history) > MAX_HISTORY:
            del self.history[next(iter(self.history))]
        self.queue_changed()

    def queue_changed(self) -> None:
        self.tell("status", {"status": self.exec_info}, None)
        self._changed()

    def tell(self, kind: str, data: Any, client_id: str | None) -> None:
        """To one client, or with None to all."""
        text = json.dumps({"type": kind, "data": data})
        for name, socket in list(self.sockets.items()):
            if client_id in {None, name}:
                socket.send(text)

    def socket(self, client_id: str | None) -> Socket | None:
        return self.sockets.get(client_id) if client_id else None


def preview_frame(picture: bytes) -> bytes:
    return struct.pack(">II", PREVIEW, JPEG) + picture


def preview_frame_with_metadata(picture: bytes, metadata: dict[str, Any]) -> bytes:
    about = json.dumps(metadata | {"image_type": "image/jpeg"}).encode()
    return struct.pack(">II", PREVIEW_WITH_METADATA, len(about)) + about + picture


class Messenger:
    """Sends a run's messages to its client, as the job's fault has it."""

    def __init__(self, books: Books, job: Job) -> None:
        self._books = books
        self._job = job
        self._held: str | bytes | None = None

    def event(self, kind: str, data: dict[str, Any], *, kept: bool = False) -> None:
        """One message; ``kept`` ones stay in the history and carry a timestamp."""
        data = data | {"prompt_id": self._job.prompt_id}
        if kept:
            data["timestamp"] = now_ms()
            self._job.messages.append([kind, data])
        self.raw(json.dumps({"type": kind, "data": data}))

    def raw(self, message: str | bytes) -> None:
        fault = self._job.fault
        if fault is Fault.SILENT:
            return
        if fault is Fault.OUT_OF_ORDER:
            if self._held is None:
                self._held = message
                return
            self._send(message)
            message, self._held = self._held, None
        self._send(message)
        if fault is Fault.DUPLICATE:
            self._send(message)

    def flush(self) -> None:
        if self._held is not None:
            self._send(self._held)
            self._held = None

    @property
    def client_knows_metadata(self) -> bool:
        """Whether the client said that it knows the newer preview frame."""
        socket = self._books.socket(self._job.client_id)
        return bool(socket and socket.features.get("supports_preview_metadata"))

    def preview_with_metadata(self, picture: bytes, node: str) -> None:
        about = {
            "node_id": node,
            "prompt_id": self._job.prompt_id,
            "display_node_id": node,
            "parent_node_id": None,
            "real_node_id": node,
        }
        self.raw(preview_frame_with_metadata(picture, about))

    def _send(self, message: str | bytes) -> None:
        # No client id: the real server tells everybody who listens.
        for name, socket in list(self._books.sockets.items()):
            if self._job.client_id in {None, name}:
                socket.send(message)


def new_id() -> str:
    return str(uuid.uuid4())
