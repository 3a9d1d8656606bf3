"""The fake's inside: its books, its worker, its memory; restarts and deaths. One event loop."""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from fakes.comfy_parts.faults import Fault, FaultQueue, RouteFaults
from fakes.comfy_parts.memory import MIB, Memory
from fakes.comfy_parts.nodes import object_info
from fakes.comfy_parts.run import Run
from fakes.comfy_parts.shelf import Shelf
from fakes.comfy_parts.state import Books, Job, JobState, new_id
from fakes.comfy_parts.wire import Listener

OTHER_CLIENT = "somebody-else"
RAM_BYTES = 16 << 30


@dataclass
class Server:
    """Everything but sockets and threads; `fakes.comfyui.FakeComfyUI` wraps it."""

    memory: Memory
    checkpoints: tuple[str, ...]
    upscalers: tuple[str, ...] = ()
    step_s: float = 0.0
    spilled_step_s: float = 0.0
    sheets: bool = False
    on_cpu: bool = False
    restart_s: float = 0.1
    previews: bool = False
    older: bool = False
    newer: bool = False
    own_ids: bool = False
    without: tuple[str, ...] = ()
    cue_nodes: bool = False
    on_change: Callable[[], None] = lambda: None
    on_crash: Callable[[], None] = lambda: None
    faults: FaultQueue = field(default_factory=FaultQueue)
    route_faults: RouteFaults = field(default_factory=RouteFaults)
    prompts: list[Job] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    interrupts: list[str | None] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)
    frees: list[dict[str, Any]] = field(default_factory=list)
    touches: list[str] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)
    errors: list[BaseException] = field(default_factory=list)
    run_number: int = 0

    def __post_init__(self) -> None:
        self.shelf = Shelf()
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="fake-comfyui-pixels")
        self.pool.submit(lambda: None).result()
        self.books = Books(self.changed)
        self.listener: Listener | None = None
        self.port = 0
        self._wake = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._restarting: asyncio.Task[None] | None = None
        self._switching = asyncio.Lock()
        self._placeholder: socket.socket | None = None

    def changed(self) -> None:
        self.on_change()

    def count(self, what: str) -> None:
        self.requests[what] += 1

    def info(self, *, vanished: bool = False) -> dict[str, Any]:
        return object_info(
            checkpoints=("another.safetensors",) if vanished else self.checkpoints,
            upscalers=self.upscalers,
            pictures=self.shelf.uploaded(),
            older=self.older,
            cue_nodes=self.cue_nodes,
            without=self.without,
        )

    # The queue

    def submit(self, job: Job) -> None:
        around = job.fault is Fault.FOREIGN_AROUND
        if around:
            self.add_foreign(seconds=0.0)
        self.books.add(job)
        if around:
            self.add_foreign(seconds=0.0)
        if job.fault is Fault.DELETED:
            self.books.delete(job.prompt_id)
        self._wake.set()

    def add_foreign(self, *, seconds: float | None) -> str:
        """Somebody else's prompt; with None for seconds it runs until `finish_foreign`."""
        graph = foreign_graph(
            next(iter(self.checkpoints), ""), self.run_number + len(self.books.pending)
        )
        job = Job(new_id(), graph, OTHER_CLIENT, foreign=True, seconds=seconds, outputs=["6"])
        job.number = self.books.next_number()
        job.extra_data = {"client_id": OTHER_CLIENT}
        self.prompts.append(job)
        self.books.add(job)
        self._wake.set()
        return job.prompt_id

    def finish_foreign(self) -> None:
        for job in [*self.books.pending, self.books.running]:
            if job and job.foreign:
                job.seconds = 0.0
                job.over.set()

    def touched(self, prompt_id: str, how: str) -> None:
        """Note it if this was somebody else's prompt."""
        if any(job.foreign and job.prompt_id == prompt_id for job in self.prompts):
            self.touches.append(f"{prompt_id} {how}")

    def free_later(self, wanted: dict[str, Any]) -> None:
        self.frees.append(wanted)
        self.books.free |= {name: bool(value) for name, value in wanted.items()}
        self._wake.set()

    def _free_now(self) -> None:
        wanted, self.books.free = self.books.free, {}
        if wanted.get("unload_models", wanted.get("free_memory")):
            self.memory.unload()
        if wanted.get("free_memory"):
            self.books.cache.clear()
        self.changed()

    async def _work(self) -> None:
        """The one thread of the real server that runs prompts, one after another."""
        while True:
            self._free_now()
            if not self.books.pending:
                self._wake.clear()
                await self._wake.wait()
                continue
            job = self.books.take()
            self.run_number += 1
            # A real run never starts within the request that queued it.
            await asyncio.sleep(0)
            try:
                await Run(self, job).go()
            except asyncio.CancelledError:
                raise
            except Exception as error:
                self.errors.append(error)
                raise

    # Coming up and going down

    async def start(self, listener: Listener) -> None:
        self.listener = listener
        self._placeholder = self._bound()
        self.port = self._placeholder.getsockname()[1]

    def _bound(self) -> socket.socket:
        """The port is bound even while nothing listens: nobody else takes it, and it refuses."""
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", self.port))
        return sock

    async def come_up(self) -> None:
        assert self.listener
        async with self._switching:
            if self._worker is not None:
                return
            assert self._placeholder
            await self.listener.listen(self._placeholder)
            self._placeholder = None
            self._worker = asyncio.create_task(self._work())
        self.changed()

    @property
    def is_up(self) -> bool:
        return self._worker is not None

    async def go_down(self, *, lose_history: bool) -> None:
        """As a killed process: nothing of what was queued or loaded is left."""
        assert self.listener
        async with self._switching:
            worker, self._worker = self._worker, None
            if worker is None:
                return
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)
            await self.listener.close()
            self._placeholder = self._bound()
            history = {} if lose_history else self.books.history
            for job in (*self.books.pending, self.books.running):
                if job:
                    job.state = JobState.LOST
            self.books = Books(self.changed)
            self.books.history = history
            self.memory.reset()
        self.changed()

    async def restart(self, *, lose_history: bool, down_s: float) -> None:
        await self.go_down(lose_history=lose_history)
        await asyncio.sleep(down_s)
        await self.come_up()

    def crash(self, fault: Fault) -> None:
        """Go down by itself, mid-run; `restart` comes back."""
        self.on_crash()
        if fault is Fault.DIE:
            self._restarting = asyncio.create_task(self.go_down(lose_history=True))
        else:
            again = self.restart(lose_history=True, down_s=self.restart_s)
            self._restarting = asyncio.create_task(again)

    def drop_socket(self, client_id: str | None) -> None:
        if dropped := self.books.socket(client_id):
            dropped.abort()

    async def end(self) -> None:
        if self._restarting:
            self._restarting.cancel()
            await asyncio.gather(self._restarting, return_exceptions=True)
        await self.go_down(lose_history=True)
        if self._placeholder:
            self._placeholder.close()
        self.pool.shutdown()
        self.shelf.close()

    # What it says of itself

    @property
    def version(self) -> str:
        if self.older:
            return "0.3.27"
        return "0.12.1" if self.newer else "0.3.64"

    def features(self) -> dict[str, Any]:
        return {"supports_preview_metadata": True, "max_upload_size": 104857600}

    def stats(self) -> dict[str, Any]:
        return {
            "system": {
                "os": "posix",
                "ram_total": RAM_BYTES,
                "ram_free": RAM_BYTES * 2 // 3,
                "comfyui_version": self.version,
                "required_frontend_version": "1.27.10",
                "installed_templates_version": "0.1.95",
                "required_templates_version": "0.1.95",
                "python_version": "3.11.7 (main, May  9 2026, 07:35:25) [GCC 12.2.0]",
                "pytorch_version": "2.14.1+cu130",
                "embedded_python": False,
                "argv": ["main.py", "--port", str(self.port), *(["--cpu"] if self.on_cpu else [])],
            },
            "devices": [self._processor() if self.on_cpu else self._card()],
        }

    def _processor(self) -> dict[str, Any]:
        free = int(self.memory.free_mib * MIB)
        return {
            "name": "cpu", "type": "cpu", "index": None, "vram_total": RAM_BYTES,
            "vram_free": free, "torch_vram_total": RAM_BYTES, "torch_vram_free": free,
        }  # fmt: skip

    def _card(self) -> dict[str, Any]:
        memory = self.memory
        return {
            "name": "cuda:0 NVIDIA RTX A2000 12GB : cudaMallocAsync",
            "type": "cuda",
            "index": 0,
            "vram_total": int(memory.total_mib * MIB),
            "vram_free": int(memory.free_mib * MIB),
            "torch_vram_total": int(memory.torch_mib * MIB),
            "torch_vram_free": 0,
        }


def foreign_graph(checkpoint: str, seed: int) -> dict[str, Any]:
    """Somebody else's small picture."""
    return {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": checkpoint}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a cat", "clip": ["1", 1]}},
        "3": {
            "class_type": "EmptyLatentImage",
            "inputs": {"width": 64, "height": 64, "batch_size": 1},
        },
        "4": {
            "class_type": "KSampler",
            "inputs": {
                "model": ["1", 0], "seed": seed, "steps": 2, "cfg": 7.0, "sampler_name": "euler",
                "scheduler": "normal", "positive": ["2", 0], "negative": ["2", 0],
                "latent_image": ["3", 0], "denoise": 1.0,
            },
        },
        "5": {"class_type": "VAEDecode", "inputs": {"samples": ["4", 0], "vae": ["1", 2]}},
        "6": {
            "class_type": "SaveImage",
            "inputs": {"images": ["5", 0], "filename_prefix": "theirs"},
        },
    }  # fmt: skip
