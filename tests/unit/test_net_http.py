"""What the HTTP client makes of answers, good and bad; every server is a real socket."""

import gzip
import json
import threading
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path

import pytest
from fakes.raw_server import (
    Act,
    Peer,
    RawServer,
    Request,
    always,
    answer,
    chunked,
    endless,
    head,
    once,
    says_json,
)
from hypothesis import given
from hypothesis import strategies as st

from vidgen_gui.core.errors import InputError, StorageError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.net.address import parse_address
from vidgen_gui.net.answers import failure_words, redirect_target, retry_after_s
from vidgen_gui.net.errors import (
    Garbled,
    HttpFailure,
    NetError,
    RedirectRefused,
    TooSlow,
    Unreachable,
)
from vidgen_gui.net.http import MAX_LINE_BYTES, HttpClient
from vidgen_gui.ui import words

MIB = 1024 * 1024
CHUNKED = head(headers={"Transfer-Encoding": "chunked"})
PACKED = {"Content-Encoding": "gzip"}


def client(server: RawServer, path: str = "", api_key: str | None = None) -> HttpClient:
    return HttpClient(parse_address(server.url + path), api_key=api_key)


def get(act: Act, *, deadline_s: float = 10, max_bytes: int = 8 * MIB) -> object:
    with RawServer(act) as server, client(server) as http:
        return http.get_json("/x", deadline_s=deadline_s, max_bytes=max_bytes)


def echo(request: Request) -> bytes:
    told = {"path": request.path, "body": request.body.decode(), "headers": request.headers}
    return answer(json.dumps(told).encode())


def test_json_goes_there_and_back() -> None:
    with RawServer(always(echo)) as server, client(server, "/base/v1") as http:
        got = http.get_json("/view", deadline_s=10, params={"name": "a b/ü", "n": 2})
        assert got["path"] == "/base/view?name=a+b%2F%C3%BC&n=2"
        posted = http.post_json("/prompt", {"text": "ü\n"}, deadline_s=10)
        assert json.loads(posted["body"]) == {"text": "ü\n"}
        assert posted["headers"]["content-type"] == "application/json"
        assert posted["headers"]["user-agent"].startswith("VidGen/")
        assert "authorization" not in posted["headers"]
        assert "cookie" not in posted["headers"]


def test_the_key_goes_with_every_call_and_an_impossible_one_is_refused() -> None:
    with RawServer(always(echo)) as server, client(server, api_key=" k-1 ") as http:
        assert http.get_json("/", deadline_s=10)["headers"]["authorization"] == "Bearer k-1"
    for key in ("two\nlines", "schlüssel", "\x00"):
        with pytest.raises(InputError) as caught:
            HttpClient(parse_address("host"), api_key=key)
        assert caught.value.message.id is MessageId.API_KEY_INVALID
        assert key not in str(caught.value)


def test_cookies_are_not_kept() -> None:
    def act(request: Request) -> bytes:
        return answer(json.dumps(request.headers).encode(), headers={"Set-Cookie": "a=b"})

    with RawServer(always(act)) as server, client(server) as http:
        for _ in range(2):
            assert "cookie" not in http.get_json("/", deadline_s=10)


def test_the_environment_s_proxy_plays_no_part(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert get(says_json([1])) == [1]


@pytest.mark.req("T5")
def test_a_long_address_reaches_the_server_whole() -> None:
    path = "/" + "/".join(["long"] * 700)
    with RawServer(always(echo)) as server, client(server, path) as http:
        assert http.get_json("/end", deadline_s=10)["path"] == f"{path}/end"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.req("G3")
def test_localhost_is_found_on_either_address(host: str) -> None:
    with RawServer(says_json("here"), host) as server:
        with HttpClient(parse_address(f"localhost:{server.port}")) as http:
            assert http.get_json("/", deadline_s=10) == "here"
        with client(server) as http:
            assert http.get_json("/", deadline_s=10) == "here"


def test_an_empty_answer_is_none_for_a_post_and_no_json_for_a_get() -> None:
    with RawServer(always(answer(b" \n"))) as server, client(server) as http:
        assert http.post_json("/free", {}, deadline_s=10) is None
        with pytest.raises(Garbled):
            http.get_json("/", deadline_s=10)


@pytest.mark.parametrize(
    "reply",
    [
        answer(b"<html><h1>It works!</h1></html>", headers={"Content-Type": "text/html"}),
        answer(b"{"),
        answer(b"\xff\xfe\x00"),
        answer(b"[" * 200_000),
        answer(b"9" * 100_000),
        answer(b'{"packed": "not"}', headers=PACKED),
        answer(gzip.compress(b"{}"), headers={"Content-Encoding": "br"}),
        answer(gzip.compress(gzip.compress(b"{}")), headers={"Content-Encoding": "gzip, gzip"}),
        b"220 mail.example ESMTP\r\n",
        b"\x00" * 100,
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(500)) + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
    ],
    ids=lambda reply: repr(reply[:40]),
)
def test_what_is_no_json_is_garbled(reply: bytes) -> None:
    with pytest.raises(Garbled) as caught:
        get(once(reply))
    assert caught.value.message.id is MessageId.SERVER_GARBLED
    assert caught.value.url.endswith("/x")


@pytest.mark.parametrize(
    "act",
    [
        once(head(headers={"Content-Length": "100"}) + b'{"a": 1}'),
        once(CHUNKED + chunked(b'{"a": 1}', end=False)),
        once(CHUNKED + b"ffffff\r\n{}"),
        once(CHUNKED + b"nonsense\r\n{}"),
        once(head(headers={"Content-Length": "100"}) + b"{", then=Peer.reset),
    ],
)
def test_an_answer_that_breaks_off_is_noticed(act: Act) -> None:
    with pytest.raises(Garbled) as caught:
        get(act)
    assert caught.value.message.id is MessageId.SERVER_ANSWER_CUT


def test_a_length_that_is_too_short_spoils_no_later_call() -> None:
    reply = head(headers={"Content-Length": "2"}) + b'{}{"smuggled": 1}'
    with RawServer(always(reply)) as server, client(server) as http:
        for _ in range(3):
            assert http.get_json("/", deadline_s=10) == {}


@pytest.mark.parametrize("act", [once(), once(then=Peer.reset)])
def test_a_server_that_hangs_up_is_unreachable(act: Act) -> None:
    with pytest.raises(Unreachable) as caught:
        get(act)
    assert caught.value.message.id is MessageId.SERVER_HUNG_UP


def _bomb(size_mib: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(MIB)
    return b"".join([packer.compress(zeros) for _ in range(size_mib)]) + packer.flush()


@pytest.mark.parametrize(
    "act",
    [
        endless(CHUNKED, repeat(chunked(b" " * 100_000, end=False))),
        endless(head(), repeat(b" " * 100_000)),
        endless(head(headers={"Content-Length": str(10**12)}), repeat(b" " * 100_000)),
        once(answer(_bomb(300), headers=PACKED)),
        once(answer(zlib.compress(bytes(100 * MIB)), headers={"Content-Encoding": "deflate"})),
    ],
    ids=["chunks", "unannounced", "announced", "gzip-bomb", "deflate-bomb"],
)
def test_an_answer_without_end_is_bounded(act: Act) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(Garbled) as caught:
            get(act, max_bytes=4 * MIB)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.message.id is MessageId.SERVER_ANSWER_TOO_LARGE
    assert peak < 16 * MIB


def test_a_packed_answer_is_unpacked() -> None:
    packed = gzip.compress(json.dumps(["x"] * 10_000).encode())
    assert get(once(answer(packed, headers=PACKED))) == ["x"] * 10_000


@pytest.mark.parametrize(
    ("status", "body", "message_id", "said"),
    [
        ("404 Not Found", b"", MessageId.SERVER_LACKS_ROUTE, "HTTP 404"),
        ("401 Unauthorized", b"{}", MessageId.SERVER_WANTS_KEY, "key"),
        ("403 Forbidden", b"no", MessageId.SERVER_WANTS_KEY, "key"),
        ("400 Bad Request", b'{"error": {"message": "too <b>long</b>"}}',
         MessageId.SERVER_REFUSED, "too <b>long</b>"),
        ("500 Oh no", b"<html>Traceback", MessageId.SERVER_FAILED, "fault of its own"),
        ("502 Bad Gateway", b"\xff\x00 bad\n gateway", MessageId.SERVER_FAILED, "bad gateway"),
        ("503 Loading", b'{"error":{"message":"Loading model"}}',
         MessageId.SERVER_BUSY, "Loading model"),
        ("304 Not Modified", b"", MessageId.SERVER_REFUSED, "HTTP 304"),
        ("418 Teapot", b'{"error": []}', MessageId.SERVER_REFUSED, "HTTP 418"),
        ("999 What", b"[1]", MessageId.SERVER_FAILED, "HTTP 999"),
    ],
)  # fmt: skip
@pytest.mark.req("F3")
def test_a_refusal_is_told_in_the_server_s_words(
    status: str, body: bytes, message_id: MessageId, said: str
) -> None:
    with pytest.raises(HttpFailure) as caught:
        get(once(answer(body, status)))
    failure = caught.value
    assert failure.status == int(status[:3])
    assert failure.message.id is message_id
    assert said in words.reason(failure.message)
    assert failure.retry_after_s is None


def test_a_refusal_s_json_can_be_read_by_the_caller() -> None:
    body = {"error": {"type": "exceed_context_size_error", "n_ctx": 512}}
    with pytest.raises(HttpFailure) as caught:
        get(once(answer(json.dumps(body).encode(), "400 Bad Request")))
    assert caught.value.body == body


@pytest.mark.parametrize(
    "act",
    [
        endless(head("500 Oh"), repeat(b"word " * 10_000)),
        once(head("500 Oh", {"Content-Length": "1000"}) + b"word ", then=Peer.hold),
        once(head("500 Oh", {"Content-Length": "1000"}) + b"word "),
    ],
)
def test_a_refusal_without_end_is_still_a_refusal(act: Act) -> None:
    with pytest.raises(HttpFailure) as caught:
        get(act, deadline_s=0.5)
    assert caught.value.status == 500
    assert str(caught.value.body).startswith("word")
    assert len(caught.value.body) <= 64 * 1024


def test_how_long_a_busy_server_asks_to_wait() -> None:
    with pytest.raises(HttpFailure) as caught:
        get(once(answer(b"", "429 Slow down", {"Retry-After": "7"})))
    assert caught.value.message.id is MessageId.SERVER_BUSY
    assert caught.value.retry_after_s == 7


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", None),
        ("soon", None),
        ("0", 0.0),
        (" 12.5 ", 12.5),
        ("-3", 0.0),
        ("nan", None),
        ("inf", 86_400.0),
        ("1e99", 86_400.0),
        ("Wed, 01 May 2024 12:00:30 GMT", 30.0),
        ("Wed, 01 May 2024 12:00:30 -0000", 30.0),
        ("Wed, 01 May 2024 11:00:00 GMT", 0.0),
        ("Wed, 01 May 99999999999999999999 11:00:00 GMT", None),
    ],
)
def test_retry_after_in_its_spellings(header: str, seconds: float | None) -> None:
    assert retry_after_s(header, datetime(2024, 5, 1, 12, tzinfo=UTC)) == seconds


@given(header=st.one_of(st.text(max_size=60), st.from_regex(r"\w{3}, \d+ \w{3} \d+ [\d:]+ .*")))
def test_retry_after_survives_anything(header: str) -> None:
    wait_s = retry_after_s(header)
    assert wait_s is None or 0 <= wait_s <= 86_400


@given(
    value=st.recursive(
        st.none() | st.text() | st.floats(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["error", "message"]), inner)
        ),
    )
)
def test_words_of_a_refusal_survive_anything(value: object) -> None:
    said = failure_words(value)
    assert "\n" not in said
    assert len(said) <= 3000


# Redirects


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:{other}/x",
        "//127.0.0.1:{other}/x",
        "http://localhost:{own}/x",
        "https://127.0.0.1:{own}/x",
        "http://me@127.0.0.1:{own}/x",
        "http://127.0.0.1:{own}@127.0.0.1:{other}/",
        "\\\\127.0.0.1:{other}/",
        "file:///x",
        "http://[bad/x",
        "http://127.0.0.1:99999/x",
    ],
)
def test_a_redirect_to_another_server_is_refused(location: str) -> None:
    with RawServer(says_json("stolen")) as other:

        def act(peer: Peer) -> None:
            target = location.format(own=peer.server.port, other=other.port)
            always(answer(b"", "307 Go", {"Location": target}))(peer)

        with (
            RawServer(act) as server,
            client(server, api_key="secret") as http,
            pytest.raises(RedirectRefused) as caught,
        ):
            http.post_json("/x", {"script": "mine"}, deadline_s=10)
        assert other.connections == 0
        assert len(server.requests) == 1
    assert "another place" in words.reason(caught.value.message)


def test_a_redirect_on_the_same_server_is_followed() -> None:
    def act(request: Request) -> bytes:
        if request.path == "/x":
            where = "/gr%C3%BC%C3%9Fe/ü?a=%26b".encode().decode("latin-1")
            return answer(b"", "308 Go", {"Location": where})
        return echo(request)

    with RawServer(always(act)) as server, client(server) as http:
        told = http.post_json("/x", {"kept": True}, deadline_s=10)
        assert told["path"].startswith("/gr%C3%BC%C3%9Fe/")
        assert told["path"].endswith("?a=%26b")
        assert json.loads(told["body"]) == {"kept": True}
        assert [request.method for request in server.requests] == ["POST", "POST"]


def test_see_other_is_fetched_without_the_body() -> None:
    def act(request: Request) -> bytes:
        if request.path == "/x":
            return answer(b"", "303 See", {"Location": "y"})
        return echo(request)

    with RawServer(always(act)) as server, client(server) as http:
        assert http.post_json("/x", {"kept": False}, deadline_s=10)["path"] == "/y"
        assert [request.method for request in server.requests] == ["POST", "GET"]
        assert server.requests[1].body == b""


def test_the_body_of_a_redirect_is_not_read() -> None:
    begun = head("302 Go", {"Location": "/y"})

    def send_forever(peer: Peer) -> None:
        request = peer.request()
        if request is None:
            return
        if request.path == "/y":
            peer.send(answer(b"1"))
            return
        peer.send(begun)
        for piece in repeat(b" " * 100_000):
            peer.send(piece)

    assert get(send_forever, deadline_s=5) == 1


def test_redirects_in_a_circle_end() -> None:
    with (
        RawServer(always(answer(b"", "302 Go", {"Location": "/x"}))) as server,
        client(server) as http,
    ):
        with pytest.raises(RedirectRefused):
            http.get_json("/x", deadline_s=10)
        assert len(server.requests) == 4


@given(location=st.one_of(st.text(max_size=40), st.text("/\\:@.#?h127localt%[] \t", max_size=40)))
def test_no_location_leads_elsewhere(location: str) -> None:
    address = parse_address("http://127.0.0.1:8188")
    target = redirect_target(address, "http://127.0.0.1:8188/x", location)
    assert target is None or target.startswith("http://127.0.0.1:8188/")
    assert target is None or (target.isascii() and target.isprintable())


# Streams of lines


def lines(act: Act, *, deadline_s: float = 10, idle_s: float = 10) -> list[str]:
    with RawServer(act) as server, client(server) as http:
        return list(http.stream_lines("/s", {}, deadline_s=deadline_s, idle_s=idle_s))


@pytest.mark.parametrize(
    "act",
    [
        once(CHUNKED + chunked(b"da", b"ta: \xc3", b"\xbc\r\n\nla", b"st")),
        once(answer("data: ü\n\nlast\n".encode())),
        once(head() + "data: ü\n\nlast".encode()),
    ],
)
def test_lines_are_put_together_however_they_come(act: Act) -> None:
    assert lines(act) == ["data: ü", "", "last"]


def test_a_line_is_handed_on_as_soon_as_it_is_there() -> None:
    seen = threading.Event()

    def act(peer: Peer) -> None:
        peer.request()
        peer.send(CHUNKED + chunked(b"one\n", end=False))
        assert seen.wait(60)
        peer.send(chunked(b"two\n"))

    with RawServer(act) as server, client(server) as http:
        stream = http.stream_lines("/s", {}, deadline_s=10, idle_s=10)
        assert next(stream) == "one"
        seen.set()
        assert list(stream) == ["two"]


def test_closing_a_stream_hangs_up() -> None:
    with RawServer(once(CHUNKED + chunked(b"one\n", end=False), then=Peer.hold)) as server:
        http = client(server)
        stream = http.stream_lines("/s", {}, deadline_s=60, idle_s=60)
        assert next(stream) == "one"
        stream.close()
        assert server.hung_up.wait(60)
        http.close()


def test_a_stream_that_is_cut_gives_what_came_first() -> None:
    with (
        RawServer(once(CHUNKED + chunked(b"one\ntwo", end=False))) as server,
        client(server) as http,
    ):
        stream = http.stream_lines("/s", {}, deadline_s=10, idle_s=10)
        assert next(stream) == "one"
        with pytest.raises(Garbled) as caught:
            next(stream)
    assert caught.value.message.id is MessageId.SERVER_ANSWER_CUT


def test_a_line_without_end_is_refused() -> None:
    with pytest.raises(Garbled) as caught:
        lines(endless(CHUNKED, repeat(chunked(b"x" * 65_536, end=False))))
    assert caught.value.message.id is MessageId.SERVER_ANSWER_TOO_LARGE
    assert lines(once(answer(b"x" * MAX_LINE_BYTES))) == ["x" * MAX_LINE_BYTES]


def test_a_stream_that_stands_still_is_given_up_but_not_before_it_began() -> None:
    def act(peer: Peer) -> None:
        peer.request()
        peer.send(CHUNKED)
        peer.server.stopping.wait(0.8)  # reading a long prompt takes longer than a pause may
        peer.send(chunked(b"one\n", end=False))
        peer.hold()

    with RawServer(act) as server, client(server) as http:
        stream = http.stream_lines("/s", {}, deadline_s=30, idle_s=0.4)
        assert next(stream) == "one"
        with pytest.raises(TooSlow) as caught:
            next(stream)
    assert caught.value.message.id is MessageId.SERVER_STALLED


def test_a_refused_stream_raises_before_the_first_line() -> None:
    with pytest.raises(HttpFailure):
        lines(once(answer(b"{}", "400 Bad")))


# Files


def fetch(act: Act, target: Path, max_bytes: int = MIB) -> tuple[int, list[tuple[int, int | None]]]:
    told: list[tuple[int, int | None]] = []
    with RawServer(act) as server, client(server) as http:
        size = http.download(
            "/view",
            {"filename": "x.png"},
            target,
            deadline_s=10,
            max_bytes=max_bytes,
            on_progress=lambda done, total: told.append((done, total)),
        )
    return size, told


@pytest.mark.req("K3", "H1")
def test_a_file_is_streamed_to_disk(tmp_path: Path) -> None:
    data = bytes(range(256)) * 2000
    size, told = fetch(once(answer(data)), tmp_path / "x.png")
    assert (tmp_path / "x.png").read_bytes() == data
    assert size == len(data)
    assert told[-1] == (len(data), len(data))
    assert fetch(once(CHUNKED + chunked(data)), tmp_path / "y.png")[1][-1] == (len(data), None)
    assert sorted(path.name for path in tmp_path.glob("?.png*")) == ["x.png", "y.png"]


@pytest.mark.parametrize(
    ("act", "message_id"),
    [
        (once(head(headers={"Content-Length": "100"}) + b"x" * 99), MessageId.SERVER_ANSWER_CUT),
        (once(CHUNKED + chunked(b"x" * 99, end=False)), MessageId.SERVER_ANSWER_CUT),
        (once(answer(b"")), MessageId.SERVER_ANSWER_CUT),
        (once(head(headers={"Content-Length": str(2 * MIB)}), then=Peer.hold),
         MessageId.SERVER_ANSWER_TOO_LARGE),
        (endless(CHUNKED, repeat(chunked(b"x" * 65_536, end=False))),
         MessageId.SERVER_ANSWER_TOO_LARGE),
        (once(answer(b"gone", "404 Not Found")), MessageId.SERVER_LACKS_ROUTE),
    ],
)  # fmt: skip
@pytest.mark.req("K3", "H1")
def test_a_file_that_is_not_whole_leaves_nothing(
    act: Act, message_id: MessageId, tmp_path: Path
) -> None:
    (tmp_path / "x.png").write_bytes(b"old")
    with pytest.raises(NetError) as caught:
        fetch(act, tmp_path / "x.png")
    assert caught.value.message.id is message_id
    assert (tmp_path / "x.png").read_bytes() == b"old"
    assert list(tmp_path.glob("*.part")) == []


def test_a_folder_that_is_gone_is_a_fault_of_the_disk(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        fetch(once(answer(b"data")), tmp_path / "gone" / "x.png")


def test_a_file_is_uploaded_as_a_form(tmp_path: Path) -> None:
    (tmp_path / "mine.png").write_bytes(b"\x89PNG\r\n--x\r\n\x00")
    with RawServer(says_json({"name": "a.png"})) as server, client(server) as http:
        got = http.upload(
            "/upload/image",
            "image",
            "a.png",
            tmp_path / "mine.png",
            {"overwrite": "true"},
            deadline_s=10,
        )
        assert got == {"name": "a.png"}
        body = server.requests[0].body
        assert b'name="image"; filename="a.png"' in body
        assert b"\x89PNG\r\n--x\r\n\x00" in body
        assert b'name="overwrite"\r\n\r\ntrue' in body
    with pytest.raises(StorageError), client(server) as http:
        http.upload("/u", "image", "a.png", tmp_path / "gone.png", {}, deadline_s=10)


# Connections


def test_a_connection_is_kept_between_calls_but_not_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with RawServer(says_json(1)) as server, client(server) as http:
        for _ in range(3):
            http.get_json("/", deadline_s=10)
        assert server.connections == 1
        monkeypatch.setattr("vidgen_gui.net.transport.KEEP_S", 0.0)
        for _ in range(2):
            http.get_json("/", deadline_s=10)
        assert server.connections == 3


def test_a_connection_that_the_server_closed_is_not_used_again() -> None:
    with RawServer(once(answer(b"1"))) as server, client(server) as http:
        for number in range(5):
            assert http.get_json("/", deadline_s=10) == 1
            assert server.connections == number + 1


def test_what_changes_something_is_sent_once_on_a_connection_of_its_own() -> None:
    def act(peer: Peer) -> None:
        while (request := peer.request()) is not None and request.method == "GET":
            peer.send(answer(b"1"))

    with RawServer(act) as server, client(server) as http:
        assert http.get_json("/", deadline_s=10) == 1
        with pytest.raises(Unreachable):
            http.post_json("/prompt", {}, deadline_s=10)
        assert [request.method for request in server.requests] == ["GET", "POST"]
        assert server.connections == 2


def test_a_closed_client_opens_anew() -> None:
    with RawServer(says_json(1)) as server:
        http = client(server)
        for _ in range(2):
            assert http.get_json("/", deadline_s=10) == 1
            http.close()


def test_threads_share_a_client() -> None:
    answers: list[object] = []

    def ask(http: HttpClient, number: int) -> Callable[[], None]:
        def work() -> None:
            for _ in range(20):
                told = http.post_json("/", [number], deadline_s=30)
                answers.append(json.loads(told["body"]) == [number])

        return work

    with RawServer(always(echo)) as server, client(server) as http:
        threads = [threading.Thread(target=ask(http, number)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert answers == [True] * 160
