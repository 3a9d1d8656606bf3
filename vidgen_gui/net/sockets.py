"""Sockets that keep a call's deadline and can be cancelled while they connect, send or wait."""

from __future__ import annotations

import os
import selectors
import socket
import ssl
import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

from vidgen_gui.core.messages import MessageId
from vidgen_gui.net.call import SLICE_S, Call, current_call
from vidgen_gui.net.errors import Unreachable
from vidgen_gui.net.lookup import Target, look_up
from vidgen_gui.system.patience import patient

if TYPE_CHECKING:
    from typing_extensions import Buffer

CONNECT_S = 2.5
"""The longest that connecting may take, look-up included; a lost packet is repeated after 1 s."""
STAGGER_S = 0.2
"""How long one address of a host may take before the next is tried beside it (RFC 8305)."""
SEND_BYTES = 64 * 1024


class CallSocket(socket.socket):
    """A plain connection; its time-out is `SLICE_S`, its limits are the call's."""

    call: Call

    def recv_into(self, buffer: Buffer, nbytes: int = 0, flags: int = 0) -> int:
        receive = super().recv_into
        return self.call.insist(partial(receive, buffer, nbytes, flags))

    def sendall(self, data: Buffer, flags: int = 0) -> None:
        send = super().send
        rest = memoryview(data).cast("B")
        while rest:
            piece = rest[:SEND_BYTES]
            rest = rest[self.call.insist(partial(send, piece, flags)) :]


class CallTlsSocket(ssl.SSLSocket):
    """The same for a TLS connection."""

    call: Call

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - as inherited
        self.call = current_call.get()
        shake_hands = super().do_handshake
        try:
            self.call.insist(partial(shake_hands, block))
        except BaseException:
            # The class we inherit from closes itself after an OSError only.
            self.close()
            raise

    def recv_into(self, buffer: Buffer, nbytes: int | None = None, flags: int = 0) -> int:
        receive = super().recv_into
        return self.call.insist(partial(receive, buffer, nbytes, flags))

    def sendall(self, data: Buffer, flags: int = 0) -> None:
        send = super().send
        rest = memoryview(data).cast("B")
        while rest:
            piece = rest[:SEND_BYTES]
            rest = rest[self.call.insist(partial(send, piece, flags)) :]


def connect(host: str, port: int, call: Call) -> CallSocket:
    """Connect to the first of the host's addresses that answers, trying them side by side.

    So "localhost" works at once whether a server listens on 127.0.0.1 or on ::1, and a dead
    address in front of a living one costs `STAGGER_S`.

    Raises:
        Unreachable: none answered within `CONNECT_S`.
        Cancelled, TooSlow: by the call.
    """
    give_up = time.monotonic() + patient(CONNECT_S)
    try:
        targets = look_up(host, port, call, give_up)
    except OSError as error:
        raise Unreachable(
            MessageId.SERVER_NAME_UNKNOWN, call.address, call.url, detail=str(error), host=host
        ) from error
    race = _Race(targets)
    try:
        while not race.over and time.monotonic() < give_up:
            call.check()
            winner = race.run_for(SLICE_S)
            if winner is not None:
                return _ready(winner, call)
    finally:
        race.close()
    raise Unreachable(
        MessageId.SERVER_UNREACHABLE,
        call.address,
        call.url,
        detail="; ".join(race.failures) or "no answer in time",
    )


def _ready(sock: CallSocket, call: Call) -> CallSocket:
    sock.call = call
    try:
        sock.settimeout(SLICE_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError:
        # Some systems refuse that for a connection which its other end has closed already.
        sock.close()
        raise
    return sock


class _Race:
    """Connections that are being made to the addresses of one host."""

    def __init__(self, targets: tuple[Target, ...]) -> None:
        self._waiting = deque(targets)
        self._selector = selectors.DefaultSelector()
        self._under_way: set[CallSocket] = set()
        self._next_start = 0.0
        self.failures: list[str] = []

    @property
    def over(self) -> bool:
        """Whether every address failed."""
        return not self._waiting and not self._under_way

    def run_for(self, slice_s: float) -> CallSocket | None:
        """Start what is due and wait a little; the first that is connected, if one is."""
        now = time.monotonic()
        if self._waiting and (now >= self._next_start or not self._under_way):
            self._start(self._waiting.popleft())
            self._next_start = now + STAGGER_S
        if not self._under_way:
            return None
        for key, _ in self._selector.select(slice_s):
            sock = key.fileobj
            assert isinstance(sock, CallSocket)  # noqa: S101 - for the type checker
            self._selector.unregister(sock)
            self._under_way.remove(sock)
            failure = _failure(sock)
            if not failure:
                return sock
            self._lost(sock, failure)
        return None

    def close(self) -> None:
        """Give up what is still under way."""
        for sock in self._under_way:
            sock.close()
        self._selector.close()

    def _start(self, target: Target) -> None:
        try:
            sock = CallSocket(target.family, socket.SOCK_STREAM)
        except OSError as error:  # a machine without IPv6, say
            self.failures.append(f"{target.address[0]}: {error}")
            return
        sock.setblocking(False)
        try:
            sock.connect(target.address)
        except BlockingIOError:
            pass
        except OSError as error:
            self._lost(sock, str(error))
            return
        self._under_way.add(sock)
        self._selector.register(sock, selectors.EVENT_WRITE)

    def _lost(self, sock: CallSocket, failure: str) -> None:
        self.failures.append(failure)
        self._next_start = 0.0
        sock.close()


def _failure(sock: CallSocket) -> str:
    """Why the connection was not made; empty when it was."""
    code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        return os.strerror(code)
    try:
        # A closed port of the range that connections are made from can be drawn for our own
        # end: then TCP connects the socket to itself.
        return "connected to itself" if sock.getsockname() == sock.getpeername() else ""
    except OSError as error:
        return str(error)


def tls_context(context: ssl.SSLContext) -> ssl.SSLContext:
    """Let a context make sockets of ours."""
    context.sslsocket_class = CallTlsSocket
    return context


def use_for(sock: Any, call: Call, keep_s: float) -> bool:
    """Hand a kept connection to its next call; False where that wants a new one.

    Args:
        keep_s: how long a connection may have been idle.
    """
    if not call.may_reuse or not isinstance(sock, CallSocket | CallTlsSocket):
        return False
    if time.monotonic() - sock.call.last_heard > keep_s:
        return False
    sock.call = call
    call.reused = True
    return True
