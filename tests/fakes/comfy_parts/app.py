"""The fake's routes. What they change lives in `state.py`, what runs in `run.py`."""

import asyncio
import email.parser
import email.policy
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from fakes.comfy_parts import spoil
from fakes.comfy_parts.answers import misbehaved
from fakes.comfy_parts.faults import REFUSALS, Fault
from fakes.comfy_parts.server import Server
from fakes.comfy_parts.shelf import PLACES
from fakes.comfy_parts.state import Job, JobState, now_ms
from fakes.comfy_parts.validation import validate
from fakes.comfy_parts.wire import Hangup, Request, Response, Socket, html_response, json_response

MODEL_FOLDERS = (
    "checkpoints configs loras vae text_encoders diffusion_models clip_vision style_models "
    "embeddings diffusers vae_approx controlnet gligen upscale_models custom_nodes hypernetworks "
    "photomaker classifiers model_patches audio_encoders"
).split()
Route = Callable[[Request, str], Awaitable[Response] | Response]


class Routes:
    """Answers requests for a `Server`."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._routes: dict[tuple[str, str], Route] = {
            ("GET", ""): lambda _request, _rest: html_response(),
            ("GET", "prompt"): lambda _request, _rest: json_response(server.books.exec_info),
            ("POST", "prompt"): self._prompt,
            ("GET", "queue"): self._queue,
            ("POST", "queue"): self._change_queue,
            ("GET", "history"): self._history,
            ("POST", "history"): self._change_history,
            ("POST", "interrupt"): self._interrupt,
            ("POST", "free"): self._free,
            ("GET", "view"): self._view,
            ("POST", "upload"): self._upload,
            ("GET", "system_stats"): lambda _request, _rest: json_response(server.stats()),
            ("GET", "object_info"): self._object_info,
            ("GET", "models"): self._models,
            ("GET", "embeddings"): lambda _request, _rest: json_response([]),
            ("GET", "features"): lambda _request, _rest: json_response(server.features()),
        }

    async def answer(self, request: Request) -> Response:
        """Any request that is no websocket."""
        path = (
            request.path.removeprefix("/api") if request.path.startswith("/api/") else request.path
        )
        route, _, rest = path.strip("/").partition("/")
        self._server.count(f"{request.method} /{route}")
        fault = self._server.route_faults.take(f"/{route}")
        if fault is not Fault.NONE:
            return misbehaved(fault)
        handler = self._routes.get((request.method, route))
        if handler is None:
            return Response(404)
        try:
            answer = handler(request, rest)
            return await answer if isinstance(answer, Awaitable) else answer
        except (Hangup, asyncio.CancelledError):
            raise
        except (json.JSONDecodeError, UnicodeDecodeError, AttributeError, TypeError, KeyError):
            return misbehaved(Fault.ERROR_500)

    async def admit(self, request: Request) -> Response | None:
        """Whether a websocket may come in: None, or the refusal."""
        if request.path not in {"/ws", "/api/ws"}:
            return Response(404)
        self._server.count("GET /ws")
        fault = self._server.route_faults.take("/ws")
        return None if fault is Fault.NONE else misbehaved(fault)

    async def websocket(self, request: Request, socket: Socket) -> None:
        """One client's socket from hello to goodbye; a newer one of the same id takes its place."""
        books = self._server.books
        client_id = request.query.get("clientId") or uuid4().hex
        books.sockets.pop(client_id, None)
        books.sockets[client_id] = socket
        books.tell("status", {"status": books.exec_info, "sid": client_id}, client_id)
        if books.client_id == client_id and books.last_node is not None:
            books.tell("executing", {"node": books.last_node}, client_id)
        self._server.changed()
        try:
            await socket.messages(lambda text: self._said(client_id, socket, text))
        finally:
            if books.sockets.get(client_id) is socket:
                del books.sockets[client_id]
            self._server.changed()

    def _said(self, client_id: str, socket: Socket, text: str) -> None:
        try:
            message = json.loads(text)
        except json.JSONDecodeError:
            return
        if isinstance(message, dict) and message.get("type") == "feature_flags":
            socket.features = dict(message.get("data") or {})
            self._server.books.tell("feature_flags", self._server.features(), client_id)

    def _prompt(self, request: Request, _: str) -> Response:
        server, body = self._server, request.json
        fault = server.faults.take()
        job = Job(
            prompt_id=str(body.get("prompt_id") or uuid4()),
            graph=body.get("prompt") or {},
            client_id=body.get("client_id"),
            fault=fault,
        )
        if server.own_ids:
            job.prompt_id = str(uuid4())
        server.prompts.append(job)
        if fault in REFUSALS - {Fault.MISSING_CHECKPOINT}:
            job.state = JobState.REFUSED
            server.changed()
            return misbehaved(fault)
        answer = self._validated(job, body)
        if fault is Fault.QUEUE_AND_NEVER_ANSWER:
            return Response(silent=True)
        if fault is Fault.QUEUE_AND_CLOSE:
            raise Hangup
        return answer

    def _validated(self, job: Job, body: dict[str, Any]) -> Response:
        server = self._server
        job.number = float(body["number"]) if "number" in body else server.books.next_number()
        if "prompt" not in body:
            job.state = JobState.REFUSED
            words = "No prompt provided"
            error = {"type": "no_prompt", "message": words, "details": words, "extra_info": {}}
            return json_response({"error": error, "node_errors": {}}, 400)
        info = server.info(vanished=job.fault is Fault.MISSING_CHECKPOINT)
        verdict = validate(job.graph, info, newer=server.newer)
        if verdict.error:
            job.state = JobState.REFUSED
            server.changed()
            refusal = {"error": verdict.error, "node_errors": verdict.node_errors}
            return json_response(refusal, 400)
        job.outputs = verdict.outputs
        job.extra_data = dict(body.get("extra_data") or {})
        if job.client_id is not None:
            job.extra_data["client_id"] = job.client_id
        if server.newer:
            job.extra_data["create_time"] = now_ms()
        server.submit(job)
        told = {
            "prompt_id": job.prompt_id, "number": job.number, "node_errors": verdict.node_errors,
        }  # fmt: skip
        return json_response(told)

    def _queue(self, _request: Request, _rest: str) -> Response:
        books = self._server.books
        running = [books.running.queue_item] if books.running else []
        pending = [job.queue_item for job in books.pending]
        return json_response({"queue_running": running, "queue_pending": pending})

    def _change_queue(self, request: Request, _: str) -> Response:
        body, server = request.json, self._server
        if body.get("clear"):
            for job in list(server.books.pending):
                server.touched(job.prompt_id, "cleared from the queue")
                server.books.delete(job.prompt_id)
        for prompt_id in body.get("delete", []):
            server.touched(prompt_id, "deleted from the queue")
            if server.books.delete(prompt_id):
                server.deleted.append(prompt_id)
        return Response()

    def _history(self, request: Request, prompt_id: str) -> Response:
        history = self._server.books.history
        if prompt_id:
            found = history.get(prompt_id)
            return json_response({prompt_id: found} if found else {})
        items = list(history.items())
        if "max_items" in request.query:
            items = items[-int(request.query["max_items"]) :]
        return json_response(dict(items))

    def _change_history(self, request: Request, _: str) -> Response:
        body, server = request.json, self._server
        doomed = list(server.books.history) if body.get("clear") else body.get("delete", [])
        for prompt_id in doomed:
            server.touched(prompt_id, "deleted from the history")
            server.books.history.pop(prompt_id, None)
        return Response()

    def _interrupt(self, request: Request, _: str) -> Response:
        server, running = self._server, self._server.books.running
        try:
            wanted = request.json.get("prompt_id")
        except json.JSONDecodeError:
            wanted = None
        server.interrupts.append(wanted)
        if running and (server.older or not wanted or wanted == running.prompt_id):
            server.touched(running.prompt_id, "interrupted")
            server.books.interrupt.set()
        return Response()

    def _free(self, request: Request, _: str) -> Response:
        self._server.free_later(request.json)
        return Response()

    def _view(self, request: Request, _: str) -> Response:
        shelf, query = self._server.shelf, request.query
        filename, place = query.get("filename", ""), query.get("type", "output")
        path = shelf.aliases.get(filename)
        if path is None:
            if "filename" not in query:
                return Response(404)
            outside = filename.startswith("/") or ".." in filename
            if not filename or outside or place not in PLACES:
                return Response(400)
            if not shelf.is_inside(place, query.get("subfolder", "")):
                return Response(403)
            path = shelf.find(place, query.get("subfolder", ""), filename)
        if path is None:
            return Response(404)
        response = Response(200, path.read_bytes(), "image/png")
        response.headers["Content-Disposition"] = f'filename="{path.name}"'
        return spoil.served(response, shelf.faults.get(path.name, Fault.NONE))

    def _upload(self, request: Request, rest: str) -> Response:
        if rest not in {"image", "mask"}:
            return Response(404)
        kind = request.headers.get("content-type", "")
        parser = email.parser.BytesParser(policy=email.policy.HTTP)
        message = parser.parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + request.body)
        fields: dict[str, str] = {}
        data, name = b"", ""
        for part in message.iter_parts():  # type: ignore[attr-defined]
            field = part.get_param("name", header="content-disposition")
            if field == "image":
                data, name = part.get_payload(decode=True), part.get_filename() or ""
            else:
                fields[str(field)] = part.get_payload(decode=True).decode()
        if not name:
            return Response(400)
        overwrite = fields.get("overwrite", "") in {"true", "1"}
        kept = self._server.shelf.upload(name, data, overwrite=overwrite)
        self._server.uploads.append(kept)
        return json_response({"name": kept, "subfolder": "", "type": "input"})

    def _object_info(self, _: Request, rest: str) -> Response:
        info = self._server.info()
        if not rest:
            return json_response(info)
        return json_response({rest: info[rest]} if rest in info else {})

    def _models(self, _: Request, rest: str) -> Response:
        if not rest:
            return json_response(MODEL_FOLDERS)
        if rest not in MODEL_FOLDERS:
            return Response(404)
        server = self._server
        installed = {"checkpoints": server.checkpoints, "upscale_models": server.upscalers}
        return json_response(list(installed.get(rest, ())))
