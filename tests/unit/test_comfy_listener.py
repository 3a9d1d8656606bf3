"""The websocket to ComfyUI, where its server falls silent."""

import base64
import hashlib
import re
import socket
import threading

import pytest

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.net.address import parse_address
from vidgen_gui.services.comfyui import listener as module
from vidgen_gui.services.comfyui.listener import Listener, SocketLost

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def _shake_hands_then_say_nothing(server: socket.socket, over: threading.Event) -> None:
    connection, _ = server.accept()
    with connection:
        request = b""
        while b"\r\n\r\n" not in request:
            request += connection.recv(4096)
        found = re.search(rb"(?i)sec-websocket-key: (\S+)", request)
        assert found is not None
        digest = hashlib.sha1(found[1] + _GUID.encode(), usedforsecurity=False).digest()
        connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n"
        )
        over.wait(90)


def test_a_server_that_answers_no_ping_is_lost_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "_PING_EVERY_S", 0.3)
    monkeypatch.setattr(module, "_PONG_WITHIN_S", 0.7)
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_shake_hands_then_say_nothing, args=(server, over))
        thread.start()
        port = server.getsockname()[1]
        heard = Listener(parse_address(f"http://127.0.0.1:{port}"), "me")
        try:
            heard.connect(10.0, CancelToken())
            with pytest.raises(SocketLost):
                heard.receive(60.0, CancelToken())
        finally:
            heard.close()
            over.set()
            thread.join()
    assert caplog.text == ""
