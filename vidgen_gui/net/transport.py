"""Requests to one server through a pooled session; its failures in the words of `net.errors`.

The one module that knows requests and urllib3. It costs 0.15 s to import: `net.http` does so
with the first call.
"""

import http.client
import ssl
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NoReturn

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.ssl_ import create_urllib3_context

import vidgen_gui
from vidgen_gui.core.messages import MessageId
from vidgen_gui.net.address import ServerAddress
from vidgen_gui.net.call import SLICE_S, Call, current_call
from vidgen_gui.net.errors import Garbled, NetError, Unreachable
from vidgen_gui.net.sockets import connect, tls_context, use_for

PIECE_BYTES = 64 * 1024
KEEP_S = 2.0
"""A connection idle for longer is not used again: llama-server closes its own after 5 s."""
CONNECTIONS = 4
PACKINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
"""The content encodings that are unpacked here, a piece at a time."""

_NETWORK_FAILURES = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
)


class _Connection(HTTPConnection):
    def _new_conn(self) -> Any:
        return connect(self.host, self.port, current_call.get())


class _TlsConnection(HTTPSConnection):
    def _new_conn(self) -> Any:
        return connect(self.host, self.port, current_call.get())


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection

    def _get_conn(self, timeout: float | None = None) -> Any:
        return _renewed(super()._get_conn(timeout))


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection

    def _get_conn(self, timeout: float | None = None) -> Any:
        return _renewed(super()._get_conn(timeout))


def _renewed(conn: Any) -> Any:
    if conn.sock is not None and not use_for(conn.sock, current_call.get(), KEEP_S):
        conn.close()
    return conn


class _Adapter(HTTPAdapter):
    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._context = context
        super().__init__(pool_connections=1, pool_maxsize=CONNECTIONS, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        if self._context is not None:
            kwargs["ssl_context"] = self._context
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None: told not to follow, a session still prepares to, and reads the body whole."""
        return None


class Answer:
    """A response whose head has come; close it on every path."""

    def __init__(self, response: requests.Response, call: Call) -> None:
        self._response = response
        self._call = call
        self.status = response.status_code

    @property
    def announced_bytes(self) -> int | None:
        """How long the body is said to be."""
        length: int | None = self._response.raw.length_remaining
        return length

    def header(self, name: str) -> str:
        return self._response.headers.get(name, "")

    def pieces(self, max_bytes: int) -> Iterator[bytes]:
        """The body as it arrives, unpacked.

        Raises:
            Garbled: larger than ``max_bytes`` (unpacked), cut short, or not unpackable.
            Cancelled, TooSlow: by the call.
        """
        packing = self.header("Content-Encoding").strip().lower()
        if packing not in PACKINGS:
            raise self.garbled(MessageId.SERVER_GARBLED, detail=f"packed as {packing[:40]!r}")
        total = 0
        while piece := self._piece():
            total += len(piece)
            if total > max_bytes:
                raise self.garbled(MessageId.SERVER_ANSWER_TOO_LARGE, limit_mib=max_bytes / 2**20)
            yield piece

    def read(self, max_bytes: int) -> bytes:
        """The whole body; raises as `pieces`."""
        data = bytearray()
        for piece in self.pieces(max_bytes):
            data += piece
        return bytes(data)

    def garbled(self, message_id: MessageId, *, detail: str = "", **params: Any) -> Garbled:
        return Garbled(message_id, self._call.address, self._call.url, detail=detail, **params)

    def close(self) -> None:
        """Give the connection back when the body was read to its end, else close it."""
        self._response.close()

    def _piece(self) -> bytes:
        self._call.check()
        try:
            piece: bytes = self._response.raw.read1(PIECE_BYTES, decode_content=True)
        except urllib3.exceptions.DecodeError as error:
            raise self.garbled(MessageId.SERVER_GARBLED, detail=str(error)) from error
        except _NETWORK_FAILURES as error:
            raise self.garbled(MessageId.SERVER_ANSWER_CUT, detail=str(error)) from error
        return piece


class Transport:
    """A session with one server; several calls at a time are fine."""

    def __init__(self, address: ServerAddress, api_key: str | None) -> None:
        self._session = _Session()
        self._session.trust_env = False
        self._session.headers["User-Agent"] = f"VidGen/{vidgen_gui.__version__}"
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        if api_key:
            self._session.headers["Authorization"] = f"Bearer {api_key}"
        adapters = dict.fromkeys(self._session.adapters)
        self._adapter = _Adapter(_trusting() if address.scheme == "https" else None)
        for prefix in adapters:
            self._session.mount(prefix, self._adapter)

    @contextmanager
    def request(
        self,
        call: Call,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        files: Mapping[str, Any] | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> Generator[Answer, None, None]:
        """Send a request and wait for the head of its answer; redirects are not followed.

        A request that is sent into a connection while the server closes it is lost. So only a
        GET uses an earlier call's connection, and is sent once more if that was gone; whatever
        changes something is sent exactly once, on a connection of its own.

        Raises:
            Unreachable, Garbled: no answer, or none in HTTP.
            Cancelled, TooSlow: by the call.
        """
        data = body if body is not None else fields
        request = partial(self._send, call, method, url, data=data, files=files, headers=headers)
        call.may_reuse, call.reused = method == "GET", False
        try:
            response = request()
        except Unreachable:
            if not call.reused:
                raise
            call.may_reuse = False
            response = request()
        answer = Answer(response, call)
        try:
            yield answer
        finally:
            answer.close()

    def close(self) -> None:
        """Close the kept connections; one that is in use is closed when its call ends."""
        # The session's own way lets the collector close them: after a failure, some time later.
        pools = self._adapter.poolmanager.pools
        for key in pools.keys():  # noqa: SIM118 - it has no iterator, on purpose
            pool = pools.get(key)
            if pool is not None:
                pool.close()
        self._session.close()

    def _send(self, call: Call, method: str, url: str, **request: Any) -> requests.Response:
        mark = current_call.set(call)
        try:
            call.check()
            return self._session.request(
                method, url, timeout=SLICE_S, allow_redirects=False, stream=True, **request
            )
        except _NETWORK_FAILURES as error:
            _explain(error, call)
        finally:
            current_call.reset(mark)


def _trusting() -> ssl.SSLContext:
    """Certificates of the usual authorities and of those that this machine's owner added."""
    context = create_urllib3_context()
    context.load_default_certs()
    return tls_context(context)


def _explain(error: BaseException, call: Call) -> NoReturn:
    """Raise what a failure before the head of an answer means."""
    kind: type[NetError] = Garbled
    message_id = MessageId.SERVER_GARBLED
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLError | requests.exceptions.SSLError):
            kind, message_id = Unreachable, MessageId.SERVER_NOT_TRUSTED
            break
        # RemoteDisconnected is a ConnectionResetError: closed without a byte.
        if isinstance(cause, ConnectionError | TimeoutError):
            kind, message_id = Unreachable, MessageId.SERVER_HUNG_UP
            break
    raise kind(message_id, call.address, call.url, detail=str(error)) from error


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what libraries wrapped in it."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        one = waiting.pop(0)
        if any(one is other for other in seen):
            continue
        seen.append(one)
        yield one
        inner = [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
        waiting += [part for part in inner if isinstance(part, BaseException)]
