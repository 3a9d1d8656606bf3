"""A server over real sockets that says byte for byte what a test tells it to.

What a real server would never do (drip, lie about lengths, hang, reset) is an ``act``: a function
that gets the `Peer` of each connection, on a thread of its own.
"""

import contextlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

CRLF = b"\r\n"


@dataclass
class Request:
    """What a client sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Peer:
    """One connection, as the server sees it."""

    sock: socket.socket
    server: "RawServer"
    _buffer: bytes = b""

    def request(self) -> Request | None:
        """Read a whole request; None when the client hangs up."""
        while b"\r\n\r\n" not in self._buffer:
            if not self._more():
                return None
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {k.strip().lower(): v.strip() for k, _, v in (x.partition(":") for x in lines)}
        length = int(headers.get("content-length", "0"))
        while len(self._buffer) < length:
            if not self._more():
                return None
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        method, path, _ = first.split(" ", 2)
        request = Request(method, path, headers, body)
        self.server.requests.append(request)
        self.server.reached.set()
        return request

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def drip(self, data: bytes, every_s: float) -> None:
        """One byte at a time, with a pause before each, until the server stops."""
        for number in range(len(data)):
            if self.server.stopping.wait(every_s):
                return
            self.send(data[number : number + 1])

    def hold(self) -> None:
        """Say nothing more until the client hangs up or the server stops."""
        while self._more():
            self._buffer = b""

    def reset(self) -> None:
        """Break the connection off with a TCP reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def _more(self) -> bool:
        data = self.sock.recv(65536)
        self._buffer += data
        if not data:
            self.server.hung_up.set()
        return bool(data)


Act = Callable[[Peer], None]


@dataclass
class RawServer:
    """Listens until the ``with`` ends; ``url`` is where.

    ``reached`` is set by the first whole request, ``hung_up`` when a client closes.
    """

    act: Act
    host: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    reached: threading.Event = field(default_factory=threading.Event)
    hung_up: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)
    failures: list[BaseException] = field(default_factory=list)

    def __enter__(self) -> Self:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self._listener = socket.create_server((self.host, 0), family=family)
        self.port = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._accept, name="raw-server")]
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        # A blocked accept is woken by a connection, on every platform.
        with contextlib.suppress(OSError), socket.socket(self._listener.family) as waker:
            waker.settimeout(1)
            waker.connect((self.host, self.port))
        with self._lock:
            for sock in self._open:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(60)
        self._listener.close()
        if self.failures:
            raise self.failures[0]

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    def _accept(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            if self.stopping.is_set():
                sock.close()
                return
            self.connections += 1
            with self._lock:
                self._open.add(sock)
            thread = threading.Thread(target=self._serve, args=(sock,), name="raw-server-peer")
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        served = sock
        try:
            if self.tls is not None:
                served = self.tls.wrap_socket(sock, server_side=True)
            self.act(Peer(served, self))
        except OSError:
            pass  # the client went away: that is what many tests are about
        except BaseException as error:  # noqa: BLE001 - raised again where the test sees it
            self.failures.append(error)
        finally:
            with self._lock:
                self._open.discard(sock)
            served.close()
            sock.close()


def head(status: str = "200 OK", headers: Mapping[str, str] | None = None) -> bytes:
    """The head of an answer, its empty line included."""
    lines = [f"HTTP/1.1 {status}", *(f"{k}: {v}" for k, v in (headers or {}).items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def answer(
    body: bytes = b"", status: str = "200 OK", headers: Mapping[str, str] | None = None
) -> bytes:
    """A whole answer of the right length."""
    return head(status, {"Content-Length": str(len(body)), **(headers or {})}) + body


def chunked(*pieces: bytes, end: bool = True) -> bytes:
    """Pieces in chunked encoding."""
    coded = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return coded + (b"0\r\n\r\n" if end else b"")


def always(reply: bytes | Callable[[Request], bytes]) -> Act:
    """Answer every request of a connection with the same bytes, or as a function says."""

    def act(peer: Peer) -> None:
        while (request := peer.request()) is not None:
            peer.send(reply if isinstance(reply, bytes) else reply(request))

    return act


def says_json(value: Any) -> Act:
    """Answer every request with a JSON value."""
    return always(answer(json.dumps(value).encode(), headers={"Content-Type": "application/json"}))


def once(*steps: bytes, then: Callable[[Peer], None] | None = None) -> Act:
    """Take one request, send the bytes, then hang up (or do what ``then`` says)."""

    def act(peer: Peer) -> None:
        if peer.request() is None:
            return
        for step in steps:
            peer.send(step)
        if then is not None:
            then(peer)

    return act


def endless(start: bytes, pieces: Iterable[bytes]) -> Act:
    """Take one request, then send without end."""

    def act(peer: Peer) -> None:
        if peer.request() is None:
            return
        peer.send(start)
        for piece in pieces:
            peer.send(piece)

    return act


@contextlib.contextmanager
def refused_port(host: str = "127.0.0.1") -> Iterator[int]:
    """A port at which nothing listens, and will not while inside."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as bound:
        bound.bind((host, 0))
        yield bound.getsockname()[1]


@contextlib.contextmanager
def black_hole() -> Iterator[int | None]:
    """A port that swallows connections: its queue is full, so that the system drops the packets.

    None where the system answers all the same.
    """
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        for _ in range(8):
            filler = stack.enter_context(socket.socket())
            filler.settimeout(0.2)
            try:
                filler.connect(("127.0.0.1", port))
            except TimeoutError:
                break
        else:
            yield None
            return
        yield port
