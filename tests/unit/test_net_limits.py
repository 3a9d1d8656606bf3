"""Deadlines, cancelling and leaks of calls to servers that misbehave; real sockets throughout."""

import contextlib
import datetime as dt
import gc
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Generator, Iterator
from itertools import cycle, repeat
from pathlib import Path

import pytest
from busy_machine import in_time
from fakes.raw_server import (
    Act,
    Peer,
    RawServer,
    always,
    answer,
    black_hole,
    chunked,
    endless,
    head,
    once,
    refused_port,
    says_json,
)

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, ServiceError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.net import sockets, transport  # noqa: F401 - loaded before times are taken
from vidgen_gui.net.address import ServerAddress, parse_address
from vidgen_gui.net.endpoints import EndpointSet
from vidgen_gui.net.errors import TooSlow, Unreachable
from vidgen_gui.net.http import HttpClient

MIB = 1024 * 1024
CHUNKED = head(headers={"Transfer-Encoding": "chunked"})
SOON_S = 1.0
"""A cancel takes 0.05 s; a busy machine is given twenty times that."""

DRIPPERS: dict[str, Act] = {
    "head": lambda peer: peer.request() and peer.drip(head() + b"{}" * 1000, 0.05),
    "body": once(head(headers={"Content-Length": "9999"}), then=lambda p: p.drip(b" " * 99, 0.05)),
    "chunks": once(CHUNKED, then=lambda peer: peer.drip(chunked(*[b" "] * 99), 0.05)),
    "silence": once(then=Peer.hold),
    "deaf": lambda peer: peer.server.stopping.wait(20),
    "continue": endless(b"", repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)),
    "packed": once(
        head(headers={"Content-Encoding": "gzip", "Content-Length": "9999"}),
        then=lambda peer: peer.drip(b"\x1f\x8b\x08\x08\0\0\0\0\0\0" + b"n" * 99, 0.05),
    ),
}  # fmt: skip


@pytest.mark.parametrize("act", DRIPPERS.values(), ids=list(DRIPPERS))
@pytest.mark.req("I1")
def test_the_deadline_is_for_the_whole_call(act: Act) -> None:
    with RawServer(act) as server, HttpClient(parse_address(server.url)) as http:
        started = time.monotonic()
        with pytest.raises(TooSlow) as caught:
            http.get_json("/x", deadline_s=0.6)
        assert 0.5 < time.monotonic() - started < 0.6 + SOON_S
    assert caught.value.message.id is MessageId.SERVER_TOO_SLOW
    assert caught.value.message.params["waited_s"] == 0.6


@pytest.mark.req("I1")
def test_the_deadline_is_for_all_redirects_together() -> None:
    def act(peer: Peer) -> None:
        while peer.request() is not None:
            peer.server.stopping.wait(0.25)
            peer.send(answer(b"", "302 Go", {"Location": "/x"}))

    with (
        RawServer(act) as server,
        HttpClient(parse_address(server.url)) as http,
        pytest.raises(TooSlow),
    ):
        http.get_json("/x", deadline_s=0.6)


@pytest.mark.req("BUG-9", "AUD-6")
def test_a_clock_that_is_set_changes_no_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of day jumps a year to and fro at every look at it."""
    jumps = cycle((0.0, 3e7, -3e7))
    monkeypatch.setattr(time, "time", lambda: 1.7e9 + next(jumps))
    with RawServer(says_json(1)) as server:
        endpoints = EndpointSet([parse_address(server.url)], ask)
        for _ in range(3):
            assert endpoints.choose(CancelToken()) == parse_address(server.url)
        assert len(server.requests) == 1
        for _ in range(3):
            endpoints.failed(parse_address(server.url), ServiceError(MessageId.SERVER_BUSY))
        assert 59 < endpoints.views()[0].blocked_s <= 60
    with RawServer(DRIPPERS["body"]) as server, HttpClient(parse_address(server.url)) as http:
        started = time.monotonic()
        with pytest.raises(TooSlow):
            http.get_json("/", deadline_s=0.5)
    assert 0.4 < time.monotonic() - started < 0.5 + SOON_S


def ask(address: ServerAddress, cancel: CancelToken) -> None:
    with HttpClient(address) as http:
        http.get_json("/", deadline_s=5, cancel=cancel)


def test_a_call_without_time_asks_nobody() -> None:
    with RawServer(says_json(1)) as server, HttpClient(parse_address(server.url)) as http:
        with pytest.raises(TooSlow):
            http.get_json("/x", deadline_s=0)
        assert server.connections == 0


# Connecting


@pytest.mark.req("G3", "LBL-14")
def test_an_address_that_swallows_connections_is_given_up_soon(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sockets, "CONNECT_S", 0.4)
    with swallowing() as url, HttpClient(parse_address(url)) as http:
        started = time.monotonic()
        with pytest.raises(Unreachable) as caught:
            http.get_json("/", deadline_s=30)
        assert time.monotonic() - started < 0.4 + SOON_S
        assert caught.value.message.id is MessageId.SERVER_UNREACHABLE
        with pytest.raises(TooSlow):
            http.get_json("/", deadline_s=0.1)


@contextlib.contextmanager
def swallowing() -> Iterator[str]:
    with black_hole() as port:
        if port is None:
            pytest.skip("this system answers where no room is left in the queue")
        yield f"http://127.0.0.1:{port}"


def resolve_to(monkeypatch: pytest.MonkeyPatch, find: Callable[[], list[tuple[str, int]]]) -> None:
    def getaddrinfo(*_: object, **__: object) -> list[object]:
        return [
            (socket.AF_INET6 if ":" in host else socket.AF_INET, 1, 6, "", (host, port))
            for host, port in find()
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.req("G3")
def test_a_dead_address_in_front_of_a_living_one_costs_little(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with (
        swallowing() as dead,
        refused_port("::1") as refused,
        RawServer(says_json("here")) as server,
        HttpClient(parse_address("machine.example")) as http,
    ):
        found = [
            ("127.0.0.1", parse_address(dead).port),
            ("::1", refused),
            ("127.0.0.1", server.port),
        ]
        resolve_to(monkeypatch, lambda: found)
        started = time.monotonic()
        assert http.get_json("/", deadline_s=30) == "here"
        assert time.monotonic() - started < 3 * sockets.STAGGER_S + SOON_S


@pytest.mark.req("G3")
def test_a_name_server_that_does_not_answer_holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    asked: list[int] = []

    def find() -> list[tuple[str, int]]:
        asked.append(1)
        answered.wait(60)
        return []

    resolve_to(monkeypatch, find)
    monkeypatch.setattr(sockets, "CONNECT_S", 0.3)
    try:
        for _ in range(3):
            with HttpClient(parse_address("machine.example")) as http:
                started = time.monotonic()
                with pytest.raises(Unreachable) as caught:
                    http.get_json("/", deadline_s=30)
                assert time.monotonic() - started < 0.3 + SOON_S
        assert caught.value.message.id is MessageId.SERVER_NAME_UNKNOWN
        # Who asks again waits for the same answer: threads don't pile up.
        assert len(asked) == 1
    finally:
        answered.set()


def test_an_unknown_name_is_said_to_be_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> list[tuple[str, int]]:
        raise socket.gaierror(-2, "Name or service not known")

    resolve_to(monkeypatch, unknown)
    with HttpClient(parse_address("no.such.example")) as http, pytest.raises(Unreachable) as caught:
        http.get_json("/", deadline_s=10)
    assert caught.value.message.params["host"] == "no.such.example"


@pytest.mark.req("BUG-4", "AUD-3")
def test_a_name_is_looked_up_anew_for_every_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(once(answer(b"1"))) as first, RawServer(once(answer(b"2"))) as second:
        found = [("127.0.0.1", first.port)]
        resolve_to(monkeypatch, lambda: found)
        with HttpClient(parse_address("machine.example")) as http:
            assert http.get_json("/", deadline_s=10) == 1
            found[:] = [("127.0.0.1", second.port)]
            assert http.get_json("/", deadline_s=10) == 2


def test_a_socket_that_connected_to_itself_is_no_server() -> None:
    with sockets.CallSocket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.bind(("127.0.0.1", 0))
        try:
            sock.connect(sock.getsockname())
        except OSError:
            pytest.skip("this system has no such connections")
        assert sockets._failure(sock) == "connected to itself"


# Cancelling


def cancel_during(
    work: Callable[[CancelToken], object], blocked: threading.Event | None
) -> tuple[float, BaseException | None]:
    """How long ``work`` goes on after a cancel, and how it ended."""
    token, begun = CancelToken(), threading.Event()
    ended: list[tuple[float, BaseException | None]] = []

    def run() -> None:
        begun.set()
        try:
            work(token)
        except BaseException as error:  # noqa: BLE001 - looked at by the test
            ended.append((time.monotonic(), error))
        else:
            ended.append((time.monotonic(), None))

    thread = threading.Thread(target=run)
    thread.start()
    assert (blocked or begun).wait(60)
    thread.join(0.2)  # into the wait itself
    assert thread.is_alive()
    started = time.monotonic()
    token.cancel()
    thread.join(60)
    return ended[0][0] - started, ended[0][1]


@pytest.mark.parametrize("act", DRIPPERS.values(), ids=list(DRIPPERS))
@pytest.mark.req("I1")
def test_a_cancel_ends_a_call_wherever_it_waits(act: Act) -> None:
    with RawServer(act) as server, HttpClient(parse_address(server.url)) as http:
        after_s, error = cancel_during(
            lambda token: http.get_json("/", deadline_s=60, cancel=token), None
        )
    assert isinstance(error, Cancelled)
    assert in_time(after_s, SOON_S)


def test_a_cancel_ends_connecting() -> None:
    with swallowing() as url, HttpClient(parse_address(url)) as http:
        after_s, error = cancel_during(
            lambda token: http.get_json("/", deadline_s=60, cancel=token), None
        )
    assert isinstance(error, Cancelled)
    assert in_time(after_s, SOON_S)


def test_a_cancel_ends_a_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answered = threading.Event(), threading.Event()

    def find() -> list[tuple[str, int]]:
        asked.set()
        answered.wait(60)
        return []

    resolve_to(monkeypatch, find)
    try:
        with HttpClient(parse_address("machine.example")) as http:
            after_s, error = cancel_during(
                lambda token: http.get_json("/", deadline_s=60, cancel=token), asked
            )
    finally:
        answered.set()
    assert isinstance(error, Cancelled)
    assert in_time(after_s, SOON_S)


def test_a_cancel_ends_a_stream_and_the_server_sees_it() -> None:
    act = once(CHUNKED + chunked(b"one\n", end=False), then=Peer.hold)
    with RawServer(act) as server, HttpClient(parse_address(server.url)) as http:
        after_s, error = cancel_during(
            lambda token: list(http.stream_lines("/s", {}, deadline_s=60, idle_s=60, cancel=token)),
            server.reached,
        )
        assert server.hung_up.wait(60)
    assert isinstance(error, Cancelled)
    assert in_time(after_s, SOON_S)


def test_a_cancel_ends_a_download_and_leaves_no_file(tmp_path: Path) -> None:
    act = once(head(headers={"Content-Length": "9999"}) + b"x" * 100, then=Peer.hold)
    with RawServer(act) as server, HttpClient(parse_address(server.url)) as http:
        after_s, error = cancel_during(
            lambda token: http.download(
                "/v", None, tmp_path / "x", deadline_s=60, max_bytes=MIB, cancel=token
            ),
            server.reached,
        )
    assert isinstance(error, Cancelled)
    assert in_time(after_s, SOON_S)
    assert not list(tmp_path.glob("x*"))


def test_a_cancel_ends_an_upload_that_nobody_reads(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(bytes(32 * MIB))

    def upload(http: HttpClient, token: CancelToken | None, deadline_s: float) -> None:
        http.upload(
            "/u", "image", "x.png", tmp_path / "big", {}, deadline_s=deadline_s, cancel=token
        )

    with (
        RawServer(DRIPPERS["deaf"]) as server,
        HttpClient(parse_address(server.url)) as http,
    ):
        after_s, error = cancel_during(lambda token: upload(http, token, 60), None)
        with pytest.raises(TooSlow):
            upload(http, None, 0.5)
    assert isinstance(error, Cancelled)
    assert in_time(after_s, SOON_S)


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1 that nobody vouches for."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test's server")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's owner added the certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


def test_a_certificate_that_nobody_vouches_for_is_refused(tls: ssl.SSLContext) -> None:
    with (
        RawServer(says_json(1), tls=tls) as server,
        HttpClient(parse_address(server.url)) as http,
        pytest.raises(Unreachable) as caught,
    ):
        http.get_json("/", deadline_s=10)
    assert caught.value.message.id is MessageId.SERVER_NOT_TRUSTED
    assert server.requests == []


def test_plain_http_at_a_secure_address_is_said_so() -> None:
    with (
        RawServer(lambda peer: peer.send(answer(b"1"))) as server,
        HttpClient(parse_address(server.url.replace("http", "https"))) as http,
        pytest.raises(Unreachable) as caught,
    ):
        http.get_json("/", deadline_s=10)
    assert caught.value.message.id is MessageId.SERVER_NOT_TRUSTED


@pytest.mark.usefixtures("trusted")
def test_a_trusted_secure_server_works_and_keeps_its_connection(tls: ssl.SSLContext) -> None:
    body = b"[" + b"1," * 300_000 + b"1]"
    with (
        RawServer(always(answer(body)), tls=tls) as server,
        HttpClient(parse_address(server.url)) as http,
    ):
        for _ in range(2):
            assert len(http.get_json("/", deadline_s=20)) == 300_001
        assert server.connections == 1
        assert len(http.post_json("/", ["x" * MIB], deadline_s=20)) == 300_001


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("name", ["head", "body", "silence"])
def test_secure_calls_keep_deadlines_and_can_be_cancelled(name: str, tls: ssl.SSLContext) -> None:
    with (
        RawServer(DRIPPERS[name], tls=tls) as server,
        HttpClient(parse_address(server.url)) as http,
    ):
        with pytest.raises(TooSlow):
            http.get_json("/", deadline_s=0.5)
        after_s, error = cancel_during(
            lambda token: http.get_json("/", deadline_s=60, cancel=token), server.reached
        )
    assert isinstance(error, Cancelled)
    assert in_time(after_s, SOON_S)


def test_a_handshake_that_hangs_keeps_the_deadline_and_can_be_cancelled() -> None:
    with (
        RawServer(DRIPPERS["deaf"]) as server,
        HttpClient(parse_address(server.url.replace("http", "https"))) as http,
    ):
        with pytest.raises(TooSlow):
            http.get_json("/", deadline_s=0.5)
        after_s, error = cancel_during(
            lambda token: http.get_json("/", deadline_s=60, cancel=token), None
        )
    assert isinstance(error, Cancelled)
    assert in_time(after_s, SOON_S)


# Leaks


def descriptors() -> int:
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        pytest.skip("this system doesn't list descriptors")
    return len(list(folder.iterdir()))


@contextlib.contextmanager
def no_collector() -> Generator[None, None, None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


BAD: list[Act] = [
    once(),
    once(then=Peer.reset),
    once(b"220 mail\r\n"),
    once(answer(b"<html>")),
    once(answer(b"{}", "500 Oh")),
    once(answer(b"", "302 Go", {"Location": "http://elsewhere.example/"})),
    once(answer(b"", "302 Go", {"Location": "/y"})),
    once(head(headers={"Content-Length": "9"}) + b"{"),
    once(CHUNKED + chunked(b"{", end=False), then=Peer.reset),
    once(head(headers={"Content-Length": "99999999"}), then=lambda peer: peer.send(b" " * MIB)),
    once(then=Peer.hold),
]


@pytest.mark.parametrize("act", BAD)
@pytest.mark.req("A1", "G3")
def test_no_failure_leaves_a_descriptor_or_a_thread(act: Act, tmp_path: Path) -> None:
    """Counted without the garbage collector: everything is closed, nothing is merely forgotten."""
    with no_collector():
        before = descriptors(), threading.active_count()
        with RawServer(act) as server:
            for _ in range(5):
                with HttpClient(parse_address(server.url)) as http:
                    for call in _calls(http, tmp_path):
                        with contextlib.suppress(ServiceError):
                            call()
        assert (descriptors(), threading.active_count()) == before
    assert not list(tmp_path.glob("*.part"))


def _calls(http: HttpClient, folder: Path) -> list[Callable[[], object]]:
    def part_of_a_stream() -> None:
        stream = http.stream_lines("/s", {}, deadline_s=0.1, idle_s=1)
        with contextlib.suppress(StopIteration):
            next(stream)
        stream.close()

    return [
        lambda: http.get_json("/", deadline_s=0.1),
        lambda: http.post_json("/", {}, deadline_s=0.1, max_bytes=1000),
        lambda: http.download("/", None, folder / "x", deadline_s=0.1, max_bytes=1000),
        part_of_a_stream,
    ]
