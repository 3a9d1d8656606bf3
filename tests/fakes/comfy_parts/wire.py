"""HTTP/1.1 and websockets on one port, just enough for the fakes, and able to misbehave.

Knows nothing of ComfyUI: a request goes to a handler, which answers or takes the connection over.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidState
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.server import ServerProtocol

MAX_HEAD_BYTES = 64 << 10
MAX_BODY_BYTES = 100 << 20


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""
    head: bytes = b""

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def wants_websocket(self) -> bool:
        return self.headers.get("upgrade", "").lower() == "websocket"


@dataclass
class Response:
    """``declared_bytes`` can lie about the body; ``drip`` sends it again and again, slowly.
    ``silent`` says nothing at all until the client gives up.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    declared_bytes: int | None = None
    drip: bool = False
    silent: bool = False


class Hangup(Exception):
    """Close the connection without an answer."""


def json_response(value: Any, status: int = 200) -> Response:
    return Response(status, json.dumps(value).encode(), "application/json; charset=utf-8")


def html_response(status: int = 200) -> Response:
    page = b"<!doctype html><html><body><h1>It works!</h1><script>alert(1)</script></body></html>"
    return Response(status, page, "text/html; charset=utf-8")


Handler = Callable[[Request], Awaitable[Response]]
SocketHandler = Callable[[Request, "Socket"], Awaitable[None]]
Admission = Callable[[Request], Awaitable[Response | None]]


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection; None when the client is done with it."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return None
    lines = head.decode("latin-1").split("\r\n")
    method, target, _ = lines[0].split(" ", 2)
    pairs = (line.split(":", 1) for line in lines[1:] if ":" in line)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    parts = urlsplit(target)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    request = Request(method, unquote(parts.path), query, headers, head=head)
    if headers.get("transfer-encoding", "").lower() == "chunked":
        request.body = await _read_chunks(reader)
    else:
        length = int(headers.get("content-length", "0"))
        request.body = await reader.readexactly(min(length, MAX_BODY_BYTES))
    return request


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while size := int((await reader.readline()).split(b";")[0], 16):
        parts.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(parts)


def _head(response: Response, *, keep: bool) -> bytes:
    declared = len(response.body) if response.declared_bytes is None else response.declared_bytes
    headers: Mapping[str, str] = {
        "Content-Length": str(declared),
        "Date": formatdate(usegmt=True),
        "Server": "Python/3.11 aiohttp/3.13",
        "Connection": "keep-alive" if keep else "close",
        **({"Content-Type": response.content_type} if response.content_type else {}),
        **response.headers,
    }
    lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


class Socket:
    """One websocket: messages out, messages in, and an abrupt end on demand."""

    def __init__(
        self, protocol: ServerProtocol, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._protocol = protocol
        self._reader = reader
        self._writer = writer
        self.features: dict[str, Any] = {}

    @property
    def is_open(self) -> bool:
        return not self._writer.is_closing() and self._protocol.state.name == "OPEN"

    def send(self, message: str | bytes) -> None:
        """Queue a message; to a closed socket nothing is sent, as by the real server."""
        if not self.is_open:
            return
        with contextlib.suppress(InvalidState, ConnectionClosed):
            if isinstance(message, str):
                self._protocol.send_text(message.encode())
            else:
                self._protocol.send_binary(message)
        self._flush()

    def abort(self) -> None:
        """End it without a closing handshake."""
        self._writer.transport.abort()

    async def messages(self, handle: Callable[[str], None]) -> None:
        """Take what the client sends until it goes."""
        parts: list[bytes] = []
        while self.is_open:
            data = await self._reader.read(1 << 16)
            if not data:
                self._protocol.receive_eof()
                return
            self._protocol.receive_data(data)
            for event in self._protocol.events_received():
                if not isinstance(event, Frame):
                    continue
                if event.opcode in {Opcode.TEXT, Opcode.BINARY, Opcode.CONT}:
                    parts.append(bytes(event.data))
                    if event.fin:
                        handle(b"".join(parts).decode("utf-8", "replace"))
                        parts.clear()
            self._flush()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._writer.write(data)
            elif self._writer.can_write_eof():
                self._writer.write_eof()


class Listener:
    """The port: keeps it reserved while nothing listens, and forgets no connection."""

    def __init__(self, handler: Handler, admit: Admission, sockets: SocketHandler) -> None:
        self._handler = handler
        self._admit = admit
        self._sockets = sockets
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def open_connections(self) -> int:
        return len(self._writers)

    async def listen(self, sock: Any) -> None:
        self._server = await asyncio.start_server(self._connected, sock=sock, limit=MAX_HEAD_BYTES)

    async def close(self) -> None:
        """Stop listening and cut every connection."""
        if self._server:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        me = asyncio.current_task()
        others = [task for task in self._tasks if task is not me]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        if self._server and me not in self._tasks:
            await self._server.wait_closed()
        self._server = None

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            await self._serve(reader, writer)
        except (Hangup, OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()
            self._writers.discard(writer)
            self._tasks.discard(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await read_request(reader):
            if request.wants_websocket:
                refusal = await self._admit(request)
                if refusal is None:
                    await self._upgrade(request, reader, writer)
                    return
                response = refusal
            else:
                response = await self._handler(request)
            if response.silent:
                await reader.read()
                return
            keep = request.headers.get("connection", "").lower() != "close"
            keep = keep and response.declared_bytes is None and not response.drip
            writer.write(_head(response, keep=keep))
            if response.drip:
                await _drip(response.body, writer)
            if request.method != "HEAD":
                writer.write(response.body)
            await writer.drain()
            if not keep:
                return

    async def _upgrade(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        protocol = ServerProtocol(
            extensions=[ServerPerMessageDeflateFactory()], max_size=MAX_BODY_BYTES
        )
        protocol.receive_data(request.head)
        handshakes = list(protocol.events_received())
        if not handshakes:
            raise Hangup
        with contextlib.suppress(InvalidHandshake):
            protocol.send_response(protocol.accept(handshakes[0]))  # type: ignore[arg-type]
        for data in protocol.data_to_send():
            writer.write(data)
        await self._sockets(request, Socket(protocol, reader, writer))


async def _drip(body: bytes, writer: asyncio.StreamWriter) -> None:
    """Send a byte at a time for as long as the client stands it."""
    while True:
        for at in range(len(body)):
            writer.write(body[at : at + 1])
            await writer.drain()
            await asyncio.sleep(0.05)
