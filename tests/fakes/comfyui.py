"""A ComfyUI over real sockets, in this process: as the recordings have it, and worse on cue.

    with FakeComfyUI(budget_mib=6000, step_s=0.01) as server:
        server.faults.extend(["drop-mid-run", "none", "oom"])   # one a prompt (see faults.py)
        server.route_faults.once("/view", "500")                # one a request of that route
        ... speak to server.url ...
        assert not server.foreign_touched

The parts lie in `comfy_parts`; importable without the app.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from fakes.comfy_parts.app import Routes
from fakes.comfy_parts.faults import Fault, FaultQueue, RouteFaults
from fakes.comfy_parts.memory import Memory, Overflow
from fakes.comfy_parts.server import Server
from fakes.comfy_parts.state import Job, JobState
from fakes.comfy_parts.wire import Listener

T = TypeVar("T")
CALL_S = 60.0
WAIT_S = 60.0


class FakeComfyUI:
    """The server as a test holds it; safe to use from the test's thread.

    ``budget_mib``: what the card has for it, a number or a callable (see `Memory`); a graph that
    needs more fails with an out-of-memory, or as ``overflow`` says.
    ``on_hold``: told how much of the card it holds, in MiB, whenever that changes.
    ``error_factor``: how far ComfyUI's own planning rules are off: a number, or a range from which
    each family and way of making the picture gets its own. ``vae_retries``: whether a plain decode
    that doesn't fit is tried again in tiles, as the real server does; off, the harder case.
    ``step_s``: seconds of a sampling step; ``spilled_step_s``: of any step while memory spills.
    ``sheets``: pictures are blank sheets, of which only the size is followed; they cost no time.
    ``on_cpu``: it says that it has no card; its memory is the computer's.
    ``on_crash``: called when it goes down by itself.
    ``start_delay_s``: how long it refuses at first.
    ``older``: `/interrupt` ignores its prompt id, no `progress_state`, fewer inputs.
    ``own_ids``: prompt ids are the server's own, whatever the client asks for.
    ``newer``: as 0.12, which tells of unknown nodes as `missing_node_type`.
    ``without``: node classes that it lacks.
    """

    def __init__(
        self,
        *,
        budget_mib: float | Callable[[], float] = 24_000,
        error_factor: float | tuple[float, float] = 1.0,
        overflow: Overflow = Overflow.RAISE,
        on_hold: Callable[[float], None] = lambda _: None,
        checkpoints: Sequence[str] = ("sd15.safetensors",),
        upscale_models: Sequence[str] = ("RealESRGAN_x4.pth",),
        step_s: float = 0.0,
        spilled_step_s: float = 0.5,
        sheets: bool = False,
        on_cpu: bool = False,
        start_delay_s: float = 0.0,
        restart_s: float = 0.1,
        previews: bool = False,
        older: bool = False,
        newer: bool = False,
        own_ids: bool = False,
        vae_retries: bool = False,
        without: Sequence[str] = (),
        cue_nodes: bool = False,
        port: int = 0,
        on_crash: Callable[[], None] = lambda: None,
    ) -> None:
        memory = Memory(budget_mib, error_factor, vae_retries=vae_retries)
        memory.overflow, memory.on_hold = overflow, on_hold
        self._options: dict[str, Any] = {
            "memory": memory,
            "checkpoints": tuple(checkpoints),
            "upscalers": tuple(upscale_models),
            "step_s": step_s,
            "spilled_step_s": spilled_step_s,
            "sheets": sheets,
            "on_cpu": on_cpu,
            "restart_s": restart_s,
            "previews": previews,
            "older": older,
            "newer": newer,
            "own_ids": own_ids,
            "without": tuple(without),
            "cue_nodes": cue_nodes,
            "on_change": self._notify,
            "on_crash": on_crash,
        }
        self._start_delay_s = start_delay_s
        self._port = port
        self._changed = threading.Condition()
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None
        self._inner: Server | None = None
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="fake-comfyui")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        if error is None and self.inner.errors:
            raise AssertionError("the fake itself failed") from self.inner.errors[0]

    def start(self) -> None:
        self._thread.start()
        self._ready.wait(CALL_S)
        if self._failure or self._inner is None:
            raise RuntimeError("the fake did not start") from self._failure

    def stop(self) -> None:
        """End it; every socket, thread and file of its own is gone afterwards."""
        if self._loop and self._over and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(CALL_S)

    # What the test reads

    @property
    def inner(self) -> Server:
        assert self._inner, "not started"
        return self._inner

    @property
    def port(self) -> int:
        return self.inner.port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def faults(self) -> FaultQueue:
        return self.inner.faults

    @property
    def route_faults(self) -> RouteFaults:
        return self.inner.route_faults

    @property
    def memory(self) -> Memory:
        return self.inner.memory

    @property
    def prompts(self) -> list[Job]:
        """Every prompt that was posted by clients, refused ones too."""
        return [job for job in self.inner.prompts if not job.foreign]

    @property
    def foreign(self) -> list[Job]:
        return [job for job in self.inner.prompts if job.foreign]

    @property
    def foreign_touched(self) -> bool:
        """Whether a client ever deleted or interrupted somebody else's prompt."""
        return bool(self.inner.touches)

    @property
    def sockets(self) -> int:
        """How many websockets are open now."""
        return len(self.inner.books.sockets)

    @property
    def connections(self) -> int:
        """How many connections are open now, websockets included."""
        listener = self.inner.listener
        return listener.open_connections if listener else 0

    def wait(self, until: Callable[[Self], Any], timeout_s: float = WAIT_S) -> None:
        """Wait for the server to reach a state, without polling it over the network.

        Raises:
            AssertionError: not within the time.
        """
        give_up = time.monotonic() + timeout_s
        with self._changed:
            while not until(self):
                assert time.monotonic() < give_up, "the fake never reached that state"
                self._changed.wait(0.05)

    def wait_for_state(self, state: JobState | str, timeout_s: float = WAIT_S) -> None:
        """Wait until the latest prompt of a client is in this state."""
        self.wait(lambda self: self.prompts and self.prompts[-1].state == state, timeout_s)

    # What the test does to it

    def add_foreign(self, count: int = 1, seconds: float | None = None) -> list[str]:
        """Queue somebody else's prompts; without seconds, each runs until `finish_foreign`."""

        async def add() -> list[str]:
            return [self.inner.add_foreign(seconds=seconds) for _ in range(count)]

        return self._call(add())

    def finish_foreign(self) -> None:
        async def finish() -> None:
            self.inner.finish_foreign()

        self._call(finish())

    def restart(self, *, lose_history: bool = True, down_s: float = 0.0) -> None:
        """Go down, refuse for ``down_s``, come back on the same port."""
        self._call(self.inner.restart(lose_history=lose_history, down_s=down_s), down_s)

    def die(self) -> None:
        """Refuse connections from now on."""
        self._call(self.inner.go_down(lose_history=True))

    def revive(self) -> None:
        self._call(self.inner.come_up())

    def drop_sockets(self) -> None:
        """Cut every websocket without a goodbye."""

        async def drop() -> None:
            for socket in list(self.inner.books.sockets.values()):
                socket.abort()

        self._call(drop())

    def interrupt(self) -> None:
        """As somebody else would, in the browser."""

        async def interrupt() -> None:
            self.inner.books.interrupt.set()

        self._call(interrupt())

    def _call(self, work: Coroutine[Any, Any, T], extra_s: float = 0.0) -> T:
        assert self._loop
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(CALL_S + extra_s)

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:  # noqa: BLE001 - told to the test's thread
            self._failure = error
        finally:
            self._ready.set()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        inner = self._inner = Server(**self._options)
        inner.port = self._port
        routes = Routes(inner)
        try:
            await inner.start(Listener(routes.answer, routes.admit, routes.websocket))
            if self._start_delay_s:
                self._ready.set()
                await asyncio.sleep(self._start_delay_s)
            await inner.come_up()
            self._ready.set()
            await self._over.wait()
        finally:
            await inner.end()


__all__ = ["FakeComfyUI", "Fault", "Job", "JobState", "Overflow"]
