"""HTTP/1.1 with streamed answers on a real port, in one thread; knows when a client hangs up."""

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from fakes.comfy_parts.wire import Request, read_request

START_S = STOP_S = 60.0


class GoneError(Exception):
    """The client hung up, or we do."""


class Exchange:
    """One request and its answer."""

    def __init__(self, request: Request, writer: asyncio.StreamWriter, gone: asyncio.Event) -> None:
        self.request = request
        self.gone = gone
        self._writer = writer
        self._streams = False

    @property
    def body(self) -> Any:
        """The request's JSON, None when it is none."""
        try:
            return json.loads(self.request.body)
        except ValueError:
            return None

    async def json(self, value: Any, status: int = 200, **headers: str) -> None:
        await self.send(
            json.dumps(value).encode(), "application/json; charset=utf-8", status, headers
        )

    async def send(
        self, data: bytes, kind: str, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        length = {"Content-Type": kind, "Content-Length": str(len(data))}
        await self._write(_head(status, {**length, **(headers or {})}) + data)

    async def begin(self, kind: str) -> None:
        self._streams = True
        await self._write(_head(200, {"Content-Type": kind, "Transfer-Encoding": "chunked"}))

    async def piece(self, data: bytes) -> None:
        await self._write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    async def end(self) -> None:
        await self._write(b"0\r\n\r\n")

    async def pause(self, seconds: float) -> None:
        """Wait, but no longer than the client does."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.gone.wait(), seconds)
        if self.gone.is_set():
            raise GoneError

    async def silence(self) -> None:
        await self.gone.wait()
        raise GoneError

    def abort(self) -> None:
        """Reset the connection."""
        raw = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self._writer.transport.abort()
        raise GoneError

    async def _write(self, data: bytes) -> None:
        if self.gone.is_set():
            raise GoneError
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError as error:
            raise GoneError from error


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", "Server: llama.cpp"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


class _Protocol(asyncio.StreamReaderProtocol):
    """Says at once when the client hangs up, without reading what it may send next."""

    def __init__(self, connected: Callable[..., Awaitable[None]]) -> None:
        super().__init__(asyncio.StreamReader(), connected)
        self.gone = asyncio.Event()

    def eof_received(self) -> bool:
        self.gone.set()
        return bool(super().eof_received())

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set()
        super().connection_lost(exc)


class Web:
    """Answers requests with ``handle`` until it is stopped; a port stays its own in between."""

    def __init__(
        self, handle: Callable[[Exchange], Awaitable[None]], host: str, port: int = 0
    ) -> None:
        self._handle = handle
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((host, port))
        self.port: int = self._socket.getsockname()[1]
        self._ready = threading.Event()
        self._stop: Callable[[], None] = lambda: None
        self._connections: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="fake-llm", daemon=True)
        self.failures: list[BaseException] = []

    @property
    def open_connections(self) -> int:
        return len(self._connections)

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(START_S)

    def stop(self) -> None:
        self._stop()
        self._thread.join(STOP_S)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        self._stop = lambda: loop.call_soon_threadsafe(over.set)
        server = await loop.create_server(lambda: _Protocol(self._connected), sock=self._socket)
        self._ready.set()
        await over.wait()
        server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._connections.add(task)
        try:
            await self._converse(reader, writer)
        except (GoneError, OSError, asyncio.CancelledError, asyncio.IncompleteReadError):
            writer.transport.abort()
        except BaseException as error:
            self.failures.append(error)
            writer.transport.abort()
            raise
        finally:
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()
            self._connections.discard(task)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        protocol = writer.transport.get_protocol()
        assert isinstance(protocol, _Protocol)
        while request := await read_request(reader):
            await self._handle(Exchange(request, writer, protocol.gone))
