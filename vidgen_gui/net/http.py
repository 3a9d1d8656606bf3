"""The HTTP client for a person's own servers: JSON, streams of lines, files; no retries in here.

What a call may cost is bounded in every direction: time (one deadline for all of it), bytes
(unpacked), redirects (to the same server only).
"""

import json
import mimetypes
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import InputError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.text import clean_text, truncate
from vidgen_gui.net.address import SHOWN_CHARS, ServerAddress
from vidgen_gui.net.answers import (
    failure_body,
    failure_id,
    failure_words,
    parse_json,
    redirect_target,
    retry_after_s,
)
from vidgen_gui.net.call import Call
from vidgen_gui.net.errors import Garbled, HttpFailure, RedirectRefused, TooSlow
from vidgen_gui.system.files import storage_errors

if TYPE_CHECKING:
    from vidgen_gui.net.transport import Answer, Transport

MIB = 1024 * 1024
MAX_JSON_BYTES = 8 * MIB
MAX_LINE_BYTES = MIB
MAX_STREAM_BYTES = 64 * MIB
MAX_FAILURE_BYTES = 64 * 1024
MAX_UPLOAD_BYTES = 256 * MIB
MAX_REDIRECTS = 3

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PLAIN = {"Accept-Encoding": "identity"}
_JSON = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate"}
_JSON_BODY = {"Content-Type": "application/json"}


class HttpClient:
    """Speaks to the server at ``address``. Close it, or use it in a ``with``.

    Calls may be made from any thread, several at a time; `close` waits for none of them. Only a
    GET uses a kept connection; what changes something is sent exactly once, on one of its own.
    Environment proxies, netrc and cookies play no part.

    Every call raises `Cancelled` within 0.1 s of its token's cancel, and of `net.errors`
    `Unreachable`, `TooSlow`, `HttpFailure`, `Garbled` and `RedirectRefused`. ``deadline_s`` is
    for the whole call, even if the server sends a byte a second.

    Raises:
        InputError: the key can't stand in a header.
    """

    def __init__(self, address: ServerAddress, *, api_key: str | None = None) -> None:
        key = (api_key or "").strip()
        if not (key.isascii() and key.isprintable()):
            raise InputError(MessageId.API_KEY_INVALID)
        self.address = address
        self._api_key = key
        self._transport: Transport | None = None
        self._opening = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def authorization(self) -> dict[str, str]:
        """The header that carries the key, for a connection that is made beside this client."""
        return {"Authorization": f"Bearer {self._api_key}"} if self._api_key else {}

    def close(self) -> None:
        """Close the kept connections; a later call opens new ones."""
        with self._opening:
            transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()

    def get_json(
        self,
        path: str,
        *,
        deadline_s: float,
        cancel: CancelToken | None = None,
        params: Mapping[str, str | int] | None = None,
        max_bytes: int = MAX_JSON_BYTES,
    ) -> Any:
        """The JSON value at ``path``; unchecked but for being JSON."""
        call = self._call(path, deadline_s, cancel)
        with self._success(call, "GET", self.address.join(path, params), headers=_JSON) as answer:
            return _json(answer, answer.read(max_bytes))

    def post_json(
        self,
        path: str,
        body: Any,
        *,
        deadline_s: float,
        cancel: CancelToken | None = None,
        max_bytes: int = MAX_JSON_BYTES,
    ) -> Any:
        """Post ``body`` as JSON; the JSON value of the answer, None for an empty one."""
        call = self._call(path, deadline_s, cancel)
        with self._success(
            call,
            "POST",
            self.address.join(path),
            headers=_JSON | _JSON_BODY,
            body=json.dumps(body, allow_nan=False).encode(),
        ) as answer:
            data = answer.read(max_bytes)
            return _json(answer, data) if data.strip() else None

    def stream_lines(
        self,
        path: str,
        body: Any,
        *,
        deadline_s: float,
        idle_s: float,
        cancel: CancelToken | None = None,
        max_bytes: int = MAX_STREAM_BYTES,
    ) -> Generator[str, None, None]:
        """Post ``body`` as JSON and yield the answer's lines as they come, without their ends.

        Nothing is sent before the first `next`; closing the iterator closes the connection.

        Args:
            idle_s: the longest silence once the answer has begun to flow. Before its first byte,
                while a model reads a long prompt, only the deadline counts.

        Raises:
            Garbled: as ever, and when a line is longer than 1 MiB. Bytes that are no UTF-8 come
                as U+FFFD: one bad character is no reason to lose a script.
        """
        call = self._call(path, deadline_s, cancel)
        with self._success(
            call,
            "POST",
            self.address.join(path),
            headers=_PLAIN | _JSON_BODY,
            body=json.dumps(body, allow_nan=False).encode(),
        ) as answer:
            yield from _lines(call, answer, idle_s, max_bytes)

    def download(
        self,
        path: str,
        params: Mapping[str, str | int] | None,
        target: Path,
        *,
        deadline_s: float,
        cancel: CancelToken | None = None,
        max_bytes: int,
        on_progress: Callable[[int, int | None], None] | None = None,
    ) -> int:
        """Stream a file to ``target``, which appears only when it is whole; its size in bytes.

        Args:
            on_progress: called with the bytes so far and the announced size, if there is one.

        Raises:
            Garbled: empty, larger than ``max_bytes``, or not of the announced length.
            StorageError: ``target`` can't be written.
        """
        call = self._call(path, deadline_s, cancel)
        part = target.with_name(f"{target.name}.part")
        with self._success(call, "GET", self.address.join(path, params), headers=_PLAIN) as answer:
            announced = answer.announced_bytes
            if announced is not None and announced > max_bytes:
                raise answer.garbled(MessageId.SERVER_ANSWER_TOO_LARGE, limit_mib=max_bytes / MIB)
            with storage_errors(target):
                try:
                    done = 0
                    with part.open("wb") as file:
                        for piece in answer.pieces(max_bytes):
                            file.write(piece)
                            done += len(piece)
                            if on_progress is not None:
                                on_progress(done, announced)
                    if not done:
                        raise answer.garbled(MessageId.SERVER_ANSWER_CUT, detail="no bytes")
                    part.replace(target)
                finally:
                    part.unlink(missing_ok=True)
        return done

    def upload(
        self,
        path: str,
        field: str,
        filename: str,
        data: Path,
        fields: Mapping[str, str],
        *,
        deadline_s: float,
        cancel: CancelToken | None = None,
    ) -> Any:
        """Post a file of at most 256 MiB as a form's ``field``, with its other ``fields``.

        Returns:
            The JSON value of the answer, None for an empty one.

        Raises:
            StorageError: ``data`` can't be read.
        """
        with storage_errors(data):
            if data.stat().st_size > MAX_UPLOAD_BYTES:
                raise ValueError(f"{data} is larger than an upload may be")
            content = data.read_bytes()
        mime = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        call = self._call(path, deadline_s, cancel)
        with self._success(
            call,
            "POST",
            self.address.join(path),
            headers=_JSON,
            files={field: (filename, content, mime)},
            fields=dict(fields),
        ) as answer:
            received = answer.read(MAX_JSON_BYTES)
            return _json(answer, received) if received.strip() else None

    def _call(self, path: str, deadline_s: float, cancel: CancelToken | None) -> Call:
        self._open()  # before the time runs
        return Call(self.address, self.address.join(path), deadline_s, cancel)

    def _open(self) -> "Transport":
        # requests takes 0.15 s to import, which the window's start need not wait for.
        from vidgen_gui.net.transport import Transport  # noqa: PLC0415

        with self._opening:
            if self._transport is None:
                self._transport = Transport(self.address, self._api_key)
            return self._transport

    @contextmanager
    def _success(
        self, call: Call, method: str, url: str, **request: Any
    ) -> Generator["Answer", None, None]:
        """The answer to a request, redirects within the server followed, failures raised."""
        transport = self._open()
        with ExitStack() as stack:
            for _ in range(MAX_REDIRECTS + 1):
                answer = stack.enter_context(transport.request(call, method, url, **request))
                location = answer.header("Location")
                if answer.status not in _REDIRECTS or not location:
                    break
                url = self._follow(call, url, location)
                if answer.status == 303:
                    method, request = "GET", {"headers": request["headers"]}
                stack.pop_all().close()
            else:
                raise self._refused(call, url)
            if not 200 <= answer.status < 300:
                raise _failure(call, answer)
            yield answer

    def _follow(self, call: Call, url: str, location: str) -> str:
        target = redirect_target(self.address, url, location)
        if target is None:
            raise self._refused(call, location)
        return target

    def _refused(self, call: Call, target: str) -> RedirectRefused:
        shown = truncate(clean_text(target, keep_lines=False), SHOWN_CHARS)
        return RedirectRefused(MessageId.SERVER_REDIRECTS, self.address, call.url, target=shown)


def _lines(call: Call, answer: "Answer", idle_s: float, max_bytes: int) -> Iterator[str]:
    begun = bytearray()
    for piece in answer.pieces(max_bytes):
        call.expect_more_within(idle_s)
        first, *others = piece.split(b"\n")
        begun += first
        for other in others:
            yield _line(begun)
            begun[:] = other
        if len(begun) > MAX_LINE_BYTES:
            raise answer.garbled(MessageId.SERVER_ANSWER_TOO_LARGE, limit_mib=MAX_LINE_BYTES / MIB)
    if begun:
        yield _line(begun)


def _line(data: bytearray) -> str:
    return data.decode("utf-8", errors="replace").removesuffix("\r")


def _json(answer: "Answer", data: bytes) -> Any:
    try:
        return parse_json(data)
    except ValueError as error:
        raise answer.garbled(MessageId.SERVER_GARBLED, detail=str(error)) from error


def _failure(call: Call, answer: "Answer") -> HttpFailure:
    """The failure that an answer means; what it says about it is taken as far as it comes."""
    data = b""
    try:
        for piece in answer.pieces(MAX_FAILURE_BYTES):
            data += piece
    except (Garbled, TooSlow):
        # The status is known, and says more than that its explanation was too long or slow.
        data = data[:MAX_FAILURE_BYTES]
    body = failure_body(data)
    words = failure_words(body)
    return HttpFailure(
        failure_id(answer.status),
        call.address,
        call.url,
        status=answer.status,
        body=body,
        retry_after_s=retry_after_s(answer.header("Retry-After")),
        **({"words": words} if words else {}),
    )
