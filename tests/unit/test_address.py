"""Addresses as people write and paste them, and the one form that they get."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.net.address import ServerAddress, parse_address

LOCAL = ServerAddress("http", "127.0.0.1", 8080)


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1:8080",
        "http://127.0.0.1:8080",
        "HTTP://127.0.0.1:8080/",
        "http://127.0.0.1:8080/v1",
        "http://127.0.0.1:8080/v1/",
        "http://127.0.0.1:8080/v1/chat/completions",
        "http://127.0.0.1:8080/V1/Chat/Completions/",
        "127.0.0.1:8080/v1/chat/completions?stream=true#x",
        "http://127.0.0.1:8080/api",
        "http://127.0.0.1:8080/api/prompt",
        "http://127.0.0.1:8080/prompt",
        "http://127.0.0.1:8080/api/generate",
        "http://127.0.0.1:8080//x/../v1",
        "//127.0.0.1:8080",
        "127.0.0.1:8080\\v1",
        "  \u200bhttp://127.0.0.1:8080\x00 \n",
        '"http://127.0.0.1:8080"',
        "<http://127.0.0.1:8080/#workflow>",
        "http://0.0.0.0:8080",
        "http://[::ffff:127.0.0.1]:8080",
        "127.0.0.1:08080",
        "１２７.0.0.1:8080",  # noqa: RUF001 - digits of an East Asian keyboard
    ],
)
@pytest.mark.req("ERR-FALLBACK", "C4")
def test_many_spellings_mean_one_server(text: str) -> None:
    assert parse_address(text) == LOCAL


@pytest.mark.parametrize(
    ("text", "default_port", "url"),
    [
        ("localhost", None, "http://localhost"),
        ("localhost", 8188, "http://localhost:8188"),
        ("http://localhost", 8188, "http://localhost"),
        ("https://gpu.example", 8188, "https://gpu.example"),
        ("https://gpu.example:443", None, "https://gpu.example"),
        ("https://gpu.example:80", None, "https://gpu.example:80"),
        ("GPU.Example.", 8188, "http://gpu.example:8188"),
        ("[::1]", 8188, "http://[::1]:8188"),
        ("::1", 8188, "http://[::1]:8188"),
        ("[0:0:0:0:0:0:0:1]:99", 8188, "http://[::1]:99"),
        ("[::]:99", 8188, "http://[::1]:99"),
        ("my_box:1", None, "http://my_box:1"),
        ("bücher.example", None, "http://xn--bcher-kva.example"),
        ("https://a.example/comfy/", None, "https://a.example/comfy"),
        ("https://a.example/comfy/api/prompt", None, "https://a.example/comfy"),
        ("https://a.example/llm/v1/chat/completions", None, "https://a.example/llm"),
        ("https://a.example/api/v1", None, "https://a.example/api/v1"),
        ("https://a.example/llm/api/v1/models/", None, "https://a.example/llm/api/v1"),
        ("https://a.example/v1/api", None, "https://a.example"),
        ("https://a.example/grüße/%zz/%41", None, "https://a.example/gr%C3%BC%C3%9Fe/%25zz/%41"),
    ],
)
@pytest.mark.req("C4")
def test_the_form_an_address_gets(text: str, default_port: int | None, url: str) -> None:
    assert parse_address(text, default_port).url == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "http://",
        "http:///x",
        ":8080",
        "ftp://host",
        "ws://host",
        "file:///etc/passwd",
        "javascript://host",
        "host:0",
        "host:65536",
        "host:",
        "host:80a",
        "host:-1",
        "host:८०८०",
        "http:host:80",
        "ho st",
        "http://host/a b",
        "a..b",
        "-host",
        "host!",
        "8080",
        "127.1",
        "0x7f000001",
        "256.0.0.1",
        "1.2.3.4.5",
        "[::1",
        "[::1]8080",
        "[127.0.0.1]",
        "[fe80::1%eth0]",
        "::g",
        "1:2:3",
        "x" * 64 + ".example",
        "x." * 127 + "toolong",
        "http://host/" + "x" * 70_000,
    ],
)
@pytest.mark.req("C4")
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_address(text)
    assert caught.value.message.id is MessageId.ADDRESS_INVALID
    assert len(caught.value.message.params["given"]) <= 120


@pytest.mark.parametrize("text", ["http://me:secret@host", "me@host:80", "http://127.0.0.1@evil"])
def test_a_password_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_address(text)
    assert caught.value.message.id is MessageId.ADDRESS_HAS_PASSWORD
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("localhost", True),
        ("comfy.localhost", True),
        ("127.8.9.1:80", True),
        ("[::1]", True),
        ("0.0.0.0:8188", True),
        ("[::ffff:127.0.0.1]", True),
        ("192.168.1.5", False),
        ("localhost.example", False),
        ("[fe80::1]", False),
    ],
)
def test_which_servers_are_on_this_machine(text: str, *, local: bool) -> None:
    assert parse_address(text).is_local is local


def test_routes_are_quoted_and_joined() -> None:
    address = parse_address("https://a.example/comfy")
    assert address.join("/view", {"filename": "a b&c.png", "n": 1}) == (
        "https://a.example/comfy/view?filename=a+b%26c.png&n=1"
    )
    assert address.join("models/a?b#c%d") == "https://a.example/comfy/models/a%3Fb%23c%25d"
    assert address.websocket_url("/ws", {"clientId": "x"}) == (
        "wss://a.example/comfy/ws?clientId=x"
    )
    assert parse_address("[::1]:8188").websocket_url("/ws") == "ws://[::1]:8188/ws"
    below_api = parse_address("https://a.example/api/v1")
    assert below_api.join("/v1/models") == "https://a.example/api/v1/models"


@pytest.mark.req("T5")
def test_long_addresses_are_kept_whole() -> None:
    path = "/" + "/".join(["p" * 100] * 30)
    address = parse_address(f"http://host:81{path}")
    assert len(address.url) > 2048
    assert address.base_path == path
    assert address.join("/x").endswith("p/x")


_hosts = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(lambda address: f"[{address}]"),
    st.from_regex(r"[a-zA-Z0-9_-]{1,20}(\.[a-zA-Z0-9-]{1,10}){0,3}\.?", fullmatch=True),
    st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12),
)
_written = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "http://", "https://", "HTTP://", "//", " "]),
        _hosts,
        st.one_of(st.just(""), st.integers(0, 70_000).map(lambda port: f":{port}")),
        st.lists(
            st.one_of(
                st.sampled_from(["v1", "api", "chat", "completions", "..", ".", "", "prompt"]),
                st.text(max_size=6),
            ),
            max_size=6,
        ).map(lambda segments: "".join(f"/{segment}" for segment in segments)),
    ),
)


@given(text=st.one_of(_written, st.text(max_size=40)), port=st.sampled_from([None, 8188]))
@pytest.mark.req("C4")
def test_parsing_what_was_parsed_changes_nothing(text: str, port: int | None) -> None:
    try:
        address = parse_address(text, port)
    except InputError:
        return
    assert address.url.isascii()
    assert address.url.isprintable()
    assert " " not in address.url
    for other_port in (None, 8188):
        assert parse_address(address.url, other_port) == address
