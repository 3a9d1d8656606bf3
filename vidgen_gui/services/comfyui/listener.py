"""The websocket on which a server tells about our prompt: opening it, reading it, losing it.

Every wait keeps a deadline and ends with the cancel token. What the frames mean is not known here.
"""

import contextlib
import json
import logging
import socket
import ssl
import time
from collections.abc import Mapping

from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidMessage,
    InvalidStatus,
    WebSocketException,
)
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as open_websocket

import vidgen_gui
from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.messages import MessageId
from vidgen_gui.net.address import ServerAddress
from vidgen_gui.net.call import Call
from vidgen_gui.net.errors import Garbled, HttpFailure, RedirectRefused, TooSlow, Unreachable
from vidgen_gui.net.sockets import connect as open_socket
from vidgen_gui.services.comfyui import untrusted
from vidgen_gui.system.patience import patient

MAX_FRAME_BYTES = 32 << 20
"""A larger frame closes the connection; previews at the largest sizes stay under 4 MiB."""
_MAX_QUEUED_FRAMES = 4
"""Read ahead; beyond that the server has to wait, so that nothing piles up here."""
_MOST_DRAINED = 256
_SLICE_S = 0.1
_OPEN_S = 10.0
_CLOSE_S = 0.25
"""For the goodbye, which is a courtesy."""
_PING_EVERY_S = 20.0
_PONG_WITHIN_S = 90.0
"""A server that loads a model holds its interpreter for long stretches and answers no ping."""
_FEATURES = json.dumps({"type": "feature_flags", "data": {"supports_preview_metadata": True}})

# The library writes a traceback for a connection that is lost; here that is `SocketLost`.
_library_logger = logging.getLogger(f"{__name__}.library")
_library_logger.setLevel(logging.CRITICAL)


class SocketLost(Exception):
    """The connection ended; what was told meanwhile has to be asked for."""


class Listener:
    """One client id's websocket; used by one thread, closed by `close`.

    Args:
        headers: sent with the handshake (a reverse proxy may want a key).
    """

    def __init__(
        self, address: ServerAddress, client_id: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self._address = address
        self._client_id = client_id
        self._headers = dict(headers or {})
        self._open: contextlib.ExitStack | None = None
        self._connection: ClientConnection | None = None

    @property
    def connected(self) -> bool:
        return self._connection is not None

    def connect(self, deadline_s: float, cancel: CancelToken) -> None:
        """Open the connection; a former one is closed.

        Raises:
            Unreachable: nobody there, or the connection is not to be trusted.
            TooSlow: the handshake is not answered, within ten seconds at most.
            HttpFailure, Garbled: what answers has no websocket here.
            RedirectRefused: it points elsewhere; websockets are never redirected.
            Cancelled: the token was set.
        """
        self.close()
        deadline_s = min(deadline_s, patient(_OPEN_S))
        call = Call(self._address, self._address.websocket_url("ws"), deadline_s, cancel)
        plain = _blocking(open_socket(self._address.host, self._address.port, call))
        stack = contextlib.ExitStack()
        try:
            with cancel.closing(lambda: _shut(plain)):
                self._connection = stack.enter_context(self._shake_hands(plain, call))
                self._connection.send(_FEATURES)
        except (OSError, WebSocketException, EOFError, ValueError) as error:
            stack.close()
            self._connection = None
            cancel.raise_if_cancelled()
            raise _explained(error, call) from error
        except BaseException:
            stack.close()
            self._connection = None
            raise
        finally:
            if self._connection is None:
                plain.close()
        self._open = stack

    def receive(self, timeout_s: float, cancel: CancelToken) -> str | bytes | None:
        """The next frame, or None when none comes in time.

        Raises:
            SocketLost: the connection ended; it is closed.
            Cancelled: the token was set.
        """
        give_up = time.monotonic() + timeout_s
        while self._connection is not None:
            cancel.raise_if_cancelled()
            left_s = give_up - time.monotonic()
            try:
                return self._connection.recv(min(_SLICE_S, max(0.0, left_s)))
            except TimeoutError:
                if left_s <= 0:
                    return None
            except ConnectionClosed as error:
                self.close()
                raise SocketLost(str(error)) from error
        raise SocketLost("not connected")

    def close(self) -> None:
        """Close the connection, at once even if the server doesn't take part."""
        stack, connection = self._open, self._connection
        self._open = self._connection = None
        if stack is None or connection is None:
            return
        # While read-ahead frames wait to be taken, websockets reads no further, and would not see
        # the server's goodbye.
        with contextlib.suppress(TimeoutError, ConnectionClosed):
            for _ in range(_MOST_DRAINED):
                connection.recv(0)
        stack.close()

    def _shake_hands(self, plain: socket.socket, call: Call) -> ClientConnection:
        secure = self._address.scheme == "https"
        return open_websocket(
            self._address.websocket_url("ws", {"clientId": self._client_id}),
            sock=plain,
            proxy=None,
            ssl=ssl.create_default_context() if secure else None,
            compression=None,
            additional_headers=self._headers,
            user_agent_header=f"VidGen/{vidgen_gui.__version__}",
            open_timeout=max(0.01, call.left_s()),
            ping_interval=patient(_PING_EVERY_S),
            ping_timeout=patient(_PONG_WITHIN_S),
            close_timeout=_CLOSE_S,
            max_size=MAX_FRAME_BYTES,
            max_queue=_MAX_QUEUED_FRAMES,
            logger=_library_logger,
        )


def _blocking(sock: socket.socket) -> socket.socket:
    """The same connection without the call's way of reading: it outlives the call."""
    plain = socket.socket(sock.family, sock.type, fileno=sock.detach())
    plain.settimeout(None)
    return plain


def _shut(plain: socket.socket) -> None:
    # Once TLS has taken the descriptor over, the handshake's own time-out has to do.
    with contextlib.suppress(OSError):
        plain.shutdown(socket.SHUT_RDWR)


def _explained(error: Exception, call: Call) -> Exception:
    """What a failed handshake means, in the words of `net.errors`."""
    status = _status(error)
    if status is not None and 300 <= status.response.status_code < 400:
        target = untrusted.words(status.response.headers.get("Location", ""))
        return RedirectRefused(
            MessageId.SERVER_REDIRECTS, call.address, call.url, target=target, detail=str(error)
        )
    if status is not None:
        code = status.response.status_code
        return HttpFailure(
            MessageId.SERVER_REFUSED,
            call.address,
            call.url,
            status=code,
            body="",
            retry_after_s=None,
        )
    if isinstance(error, TimeoutError):
        return TooSlow(MessageId.SERVER_TOO_SLOW, call.address, call.url, waited_s=call.deadline_s)
    if isinstance(error, ssl.SSLError):
        message_id = MessageId.SERVER_NOT_TRUSTED
    elif isinstance(error, InvalidHandshake) and not _cut_off(error):
        return Garbled(MessageId.SERVER_GARBLED, call.address, call.url, detail=str(error))
    else:
        message_id = MessageId.SERVER_HUNG_UP
    return Unreachable(message_id, call.address, call.url, detail=str(error))


def _status(error: Exception) -> InvalidStatus | None:
    """The refusal behind ``error``: a redirect comes as the reason why it can't be followed."""
    for cause in (error, error.__cause__, error.__context__):
        if isinstance(cause, InvalidStatus):
            return cause
    return None


def _cut_off(error: InvalidHandshake) -> bool:
    return isinstance(error, InvalidMessage) and isinstance(error.__cause__, EOFError)
