"""One prompt run from its first message to its last, with what goes wrong on cue."""

import asyncio
import json
import struct
from concurrent.futures import Executor
from typing import Any, Protocol

from fakes.comfy_parts import demands, failures, pixels, sheets, spoil
from fakes.comfy_parts.faults import Fault
from fakes.comfy_parts.memory import Memory, OutOfMemoryOnDeviceError, Overflow
from fakes.comfy_parts.order import Order, is_link, signature
from fakes.comfy_parts.shelf import OutsideError, Shelf
from fakes.comfy_parts.state import Books, Job, JobState, Messenger, preview_frame

HUGE_BYTES = 33 << 20
FEW_MESSAGES = 4
"""So many steps a node are told of when pictures are blank sheets."""
LATE_HISTORY_S = 0.3


class Host(Protocol):
    """What a run needs of its server."""

    books: Books
    memory: Memory
    shelf: Shelf
    step_s: float
    spilled_step_s: float
    sheets: bool
    previews: bool
    older: bool
    upscalers: tuple[str, ...]
    pool: Executor
    run_number: int

    def crash(self, fault: Fault) -> None: ...
    def drop_socket(self, client_id: str | None) -> None: ...


class InterruptedRun(Exception):
    """Somebody asked for the end of the run."""


class Run:
    """``await Run(host, job).go()`` plays one prompt to its end."""

    def __init__(self, host: Host, job: Job) -> None:
        self._host = host
        self._books = host.books
        self._job = job
        self._say = Messenger(host.books, job)
        self._progress: dict[str, dict[str, Any]] = {}
        self._values: dict[str, tuple[Any, ...]] = {}
        self._executed: list[str] = []
        self._way = demands.way_of(job.graph)

    async def go(self) -> None:
        job, books = self._job, self._books
        books.client_id = job.client_id
        books.interrupt.clear()
        if job.fault is Fault.DROP_BEFORE_START:
            self._host.drop_socket(job.client_id)
        self._disturb()
        self._say.event("execution_start", {}, kept=True)
        try:
            await self._nodes()
            job.state = JobState.DONE
            self._say.event("execution_success", {}, kept=True)
        except InterruptedRun:
            job.state = JobState.INTERRUPTED
        except failures.NodeFailure as failure:
            job.state = JobState.FAILED
            about = failure.message(self._executed, job.graph)
            self._say.event("execution_error", about, kept=True)
        finally:
            self._host.memory.release()
        if job.fault is Fault.LATE_HISTORY:
            await asyncio.sleep(LATE_HISTORY_S)
        books.last_node = None
        books.finish(job, "success" if job.state is JobState.DONE else "error")
        self._say.event("executing", {"node": None})
        self._say.flush()
        books.client_id = None

    async def _nodes(self) -> None:
        graph, books = self._job.graph, self._books
        files = self._host.shelf.input_digests()
        signatures = {node: signature(graph, node, files) for node in graph}
        wanted = set(signatures.values())
        books.cache = {key: value for key, value in books.cache.items() if key in wanted}
        cached = {node for node in graph if signatures[node] in books.cache}
        self._job.cached = [node for node in graph if node in cached]
        self._say.event("execution_cached", {"nodes": self._job.cached}, kept=True)
        order = Order(graph, self._job.outputs, cached)
        while (node := order.next()) is not None:
            if node in cached:
                self._repeat(node, books.cache[signatures[node]])
            else:
                await self._node(node, signatures)
            order.done(node)

    def _repeat(self, node: str, remembered: tuple[Any, ...]) -> None:
        """A cached output says again what it said the first time."""
        ui = remembered[1]
        self._say.event("executed", {"node": node, "display_node": node, "output": ui})
        if ui:
            self._job.results[node] = ui
        self._state(node, 1, 1, "finished")

    async def _node(self, node: str, signatures: dict[str, str]) -> None:
        kind = self._job.graph[node]["class_type"]
        self._state(node, 0.0, 1.0, "running")
        self._books.last_node = node
        self._say.event("executing", {"node": node, "display_node": node})
        values = self._inputs(node, signatures)
        try:
            outputs, ui = await self._work(node, kind, values)
        except InterruptedRun:
            about = {"node_id": node, "node_type": kind, "executed": self._executed}
            self._say.event("execution_interrupted", about, kept=True)
            raise
        except OutOfMemoryOnDeviceError as error:
            if self._host.memory.overflow is Overflow.DIE:
                self._host.crash(Fault.RESTART)
                await asyncio.Event().wait()
            self._host.memory.unload()
            raise failures.out_of_memory(node, kind, error.message) from error
        except (ValueError, FileNotFoundError, OutsideError) as error:
            # The real server raises a plain Exception for a place outside its folder.
            name = "Exception" if isinstance(error, OutsideError) else type(error).__name__
            raise failures.NodeFailure(node, kind, name, str(error)) from error
        self._books.cache[signatures[node]] = (outputs, ui)
        self._executed.append(node)
        if ui:
            self._job.results[node] = ui
            self._say.event("executed", {"node": node, "display_node": node, "output": ui})
        steps = self._progress[node]
        self._state(node, steps["max"], steps["max"], "finished")

    def _inputs(self, node: str, signatures: dict[str, str]) -> dict[str, Any]:
        values = {}
        for name, value in self._job.graph[node].get("inputs", {}).items():
            if is_link(value):
                values[name] = self._books.cache[signatures[value[0]]][0][value[1]]
            else:
                values[name] = value
        return values

    async def _work(
        self, node: str, kind: str, values: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any] | None]:
        self._check_interrupt()
        failures.on_cue(self._job.fault, node, kind)
        memory = self._host.memory
        peak = demands.claim(memory, kind, values, self._way, self._host.run_number)
        if peak is not None:
            memory.peaks.append((self._job.prompt_id, kind, peak))
            del memory.peaks[:-1000]
            self._job.peak_mib = max(self._job.peak_mib, peak)
        await self._steps(node, kind, values)
        if self._host.sheets:
            return self._on_sheets(kind, values)
        loop = asyncio.get_running_loop()
        if kind in {"SaveImage", "PreviewImage"}:
            ui = await loop.run_in_executor(self._host.pool, self._save, kind, values)
            memory.release()
            return (), ui
        work = pixels.NODES[kind]
        shop = pixels.Workshop(self._host.shelf.folder("input"), self._host.upscalers)
        outputs = await loop.run_in_executor(self._host.pool, work, values, shop)
        memory.release()
        return outputs, None

    def _on_sheets(
        self, kind: str, values: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any] | None]:
        if kind not in {"SaveImage", "PreviewImage"}:
            outputs = sheets.work(kind, values, self._host.upscalers)
            self._host.memory.release()
            return outputs, None
        shelf, prefix = self._host.shelf, values.get("filename_prefix", "ComfyUI_temp_abcde")
        place = "output" if kind == "SaveImage" else "temp"
        kept = [shelf.keep(sheets.png(each), prefix, place) for each in values["images"]]
        self._host.memory.release()
        return (), {"images": kept}

    def _save(self, kind: str, values: dict[str, Any]) -> dict[str, Any]:
        fault, shelf, notes = self._job.fault, self._host.shelf, {"prompt": self._job.graph}
        place = "output" if kind == "SaveImage" else "temp"
        prefix = values.get("filename_prefix", "ComfyUI_temp_abcde")
        if fault is Fault.NO_OUTPUTS:
            return {"images": []}
        told = []
        for each in values["images"]:
            data = spoil.file(pixels.png(spoil.picture(each, fault), notes), fault)
            told.append(spoil.told(shelf, shelf.keep(data, prefix, place), fault))
        return {"images": told}

    async def _steps(self, node: str, kind: str, values: dict[str, Any]) -> None:
        total, spilled = demands.steps_of(kind, values), self._host.memory.spilled
        middle = max(1, total // 2)
        stride = max(1, total // FEW_MESSAGES) if self._host.sheets else 1
        step_s = self._host.step_s if kind == "KSampler" else 0.0
        if spilled:
            step_s = self._host.spilled_step_s
        if not total and spilled:
            await self._pause(step_s)
        for step in range(stride, total + 1, stride):
            await self._pause(step_s)
            picture = self._preview(kind, values, step / total)
            self._state(node, step, total, "running")
            if picture and self._say.client_knows_metadata:
                self._say.preview_with_metadata(picture, node)
            self._say.event("progress", {"value": step, "max": total, "node": node})
            if picture and not self._say.client_knows_metadata:
                self._say.raw(preview_frame(picture))
            if kind == "KSampler" and step - stride < middle <= step:
                await self._mid_run(node)
        if kind == "KSampler" and self._job.foreign:
            await self._linger()

    async def _pause(self, seconds: float) -> None:
        """A step's time; an interrupt is noticed at its end, as the real server does."""
        await asyncio.sleep(seconds)
        self._check_interrupt()

    def _preview(self, kind: str, values: dict[str, Any], share: float) -> bytes | None:
        if not self._host.previews or kind != "KSampler":
            return None
        start = values["latent_image"][0]
        return pixels.jpeg(pixels.decoded(pixels.drawn(start, values["seed"], share, "preview")))

    async def _mid_run(self, node: str) -> None:
        fault = self._job.fault
        if fault is Fault.DROP_MID_RUN:
            self._host.drop_socket(self._job.client_id)
        elif fault in {Fault.RESTART, Fault.DIE}:
            self._host.crash(fault)
            await asyncio.Event().wait()
        elif fault is Fault.INTERRUPTED:
            self._books.interrupt.set()
            self._check_interrupt()
        elif fault is Fault.HANG_HARD:
            await asyncio.Event().wait()
        elif fault is Fault.HANG:
            await self._books.interrupt.wait()
            self._check_interrupt()
        elif fault is Fault.FOREIGN_MESSAGES:
            self._foreign_messages(node)

    async def _linger(self) -> None:
        """A foreign prompt runs for its time, or until the test ends it."""
        ends = [
            asyncio.create_task(event.wait()) for event in (self._books.interrupt, self._job.over)
        ]
        await asyncio.wait(ends, timeout=self._job.seconds, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()
        self._check_interrupt()

    def _check_interrupt(self) -> None:
        if self._books.interrupt.is_set():
            self._books.interrupt.clear()
            raise InterruptedRun

    def _state(self, node: str, value: float, maximum: float, state: str) -> None:
        self._progress[node] = {
            "value": value, "max": maximum, "state": state, "node_id": node,
            "prompt_id": self._job.prompt_id, "display_node_id": node, "parent_node_id": None,
            "real_node_id": node,
        }  # fmt: skip
        if not self._host.older:
            self._say.event("progress_state", {"nodes": dict(self._progress)})

    def _disturb(self) -> None:
        """Messages that a client has to live with."""
        fault, raw = self._job.fault, self._say.raw
        if fault is Fault.HUGE_MESSAGE:
            raw(json.dumps({"type": "logs", "data": {"entries": "x" * HUGE_BYTES}}))
        elif fault is Fault.HUGE_PREVIEW:
            raw(struct.pack(">II", 1, 1) + b"\xff" * HUGE_BYTES)
        elif fault is Fault.UNKNOWN_MESSAGES:
            self._unknown_messages()
        elif fault is Fault.GARBAGE_MESSAGES:
            for text in (
                "",
                "null",
                "[]",
                '"text"',
                "{",
                "{}",
                '{"type": 5, "data": "x"}',
                "\ufffd",
            ):
                raw(text)
            for data in (b"", b"\0", b"\0\0\0\1", struct.pack(">II", 4, 1 << 30), b"\xff" * 64):
                raw(data)

    def _unknown_messages(self) -> None:
        event, raw = self._say.event, self._say.raw
        event("crystools.monitor", {"cpu_utilization": 12.5, "gpus": []})
        event("progress", {"value": None, "max": "many", "node": 3})
        event("progress", {"value": 5, "max": 0, "node": "3"})
        event("executing", {"node": {"deep": [1, 2, 3]}})
        event("execution_cached", {"nodes": None})
        event("executed", {"node": "3", "output": None})
        event("progress_state", {"nodes": [1, 2]})
        raw(json.dumps({"type": "progress_text", "nested": "[" * 50}))
        raw(struct.pack(">I", 99) + b"future")
        raw(struct.pack(">II", 3, 1) + b"3half a minute left")
        raw(struct.pack(">II", 1, 77) + b"no such image type")

    def _foreign_messages(self, node: str) -> None:
        other = {"prompt_id": "11111111-1111-4111-8111-111111111111", "node": node}
        kinds: list[tuple[str, dict[str, Any]]] = [
            ("execution_start", {}),
            ("progress", {"value": 9, "max": 10}),
            ("execution_error", {"exception_type": "ValueError", "exception_message": "not yours"}),
            ("execution_interrupted", {}),
            ("executed", {"output": {"images": [{"filename": "x.png"}]}}),
            ("execution_success", {}),
            ("executing", {"node": None}),
        ]
        for kind, data in kinds:
            self._say.raw(json.dumps({"type": kind, "data": other | data}))
