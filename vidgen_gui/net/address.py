"""Addresses of servers as people write them, made into one form. Pure: nothing is looked up."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.text import clean_text, truncate

MAX_CHARS = 65_536
"""Far more than any address needs; long ones (2048 and more) are fine."""
DEFAULT_PORTS = {"http": 80, "https": 443}
SHOWN_CHARS = 120

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?")
# What programs that read addresses take for a number, and so for an IPv4 address.
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# Not the comma and the quotes, which stand between and around addresses.
_PATH_SAFE = "/%:@!$&()*+=~-._"
_ANY_HOST = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not bound
# Routes of the servers we speak to: an address that ends in one means the server before it.
_ROUTES = frozenset(
    """
    api v1 v1/chat v1/chat/completions v1/completions v1/models v1/embeddings chat/completions
    completion completions api/chat api/generate api/tags api/show api/ps api/version
    props slots tokenize health metrics
    prompt queue history view ws free interrupt object_info system_stats upload/image
    """.split()
)
_LONGEST_ROUTE = 3
# OpenAI's routes may stand below it (OpenRouter); alone it is a route of ComfyUI and Ollama.
_ROUTE_OR_PREFIX = "api"


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a server is: as parsed by `parse_address`, always in the same form.

    ``host`` is lower-case ASCII, an IPv6 address without brackets. ``base_path`` is what a
    reverse proxy puts before the server's routes: empty, or ``/prefix`` without a final slash.
    """

    scheme: str
    host: str
    port: int
    base_path: str = ""

    def __str__(self) -> str:
        return self.url

    @property
    def url(self) -> str:
        """The address as people write it, without a final slash.

        Below ``/api`` it ends in ``/v1``: without, that would be read as a server's own route.
        """
        named = self.base_path.rpartition("/")[2].lower() == _ROUTE_OR_PREFIX
        return f"{self._root}/v1" if named else self._root

    @property
    def is_local(self) -> bool:
        """Whether the server is on this machine."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def join(self, path: str, params: Mapping[str, str | int] | None = None) -> str:
        """The URL of a route; ``path`` and ``params`` are plain text and get quoted here."""
        query = f"?{urlencode(params)}" if params else ""
        return f"{self._root}/{quote(path.lstrip('/'), safe=_PATH_SAFE.replace('%', ''))}{query}"

    def websocket_url(self, path: str, params: Mapping[str, str | int] | None = None) -> str:
        """As `join`, for a websocket: ws or wss as the server speaks http or https."""
        return f"ws{self.join(path, params).removeprefix('http')}"

    @property
    def _root(self) -> str:
        return f"{self.scheme}://{self._authority}{self.base_path}"

    @property
    def _authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def parse_address(text: str, default_port: int | None = None) -> ServerAddress:
    """Read an address as a person writes or pastes it.

    A bare host, host and port, IPv6 (in brackets, or bare without a port) or an http(s) URL. The
    server's own routes at the end (``/v1``, ``/v1/chat/completions``, ``/api``, ``/prompt``…),
    a query and a fragment are left away: they mean the same server. Of ``/api/v1`` the ``/api``
    stays, as servers of OpenAI's routes have it (OpenRouter). ``0.0.0.0``, which servers print for
    "listening everywhere", becomes the loopback address.

    Args:
        default_port: the port where neither scheme nor port is given; else 80.

    Raises:
        InputError: no address, another scheme than http and https, or one with a password.
    """
    given = clean_text(text, keep_lines=False).strip("\"'<> ")
    if not given or len(given) > MAX_CHARS:
        raise _invalid(given)
    scheme, rest = _split_scheme(given)
    authority, path = _split_path(rest)
    if "@" in authority:
        raise InputError(MessageId.ADDRESS_HAS_PASSWORD)
    host_text, port_text = _split_port(authority, given)
    host = _host(host_text, given)
    port = _port(port_text, given)
    if port is None:
        port = DEFAULT_PORTS[scheme] if scheme else default_port or DEFAULT_PORTS["http"]
    return ServerAddress(scheme or "http", host, port, _base_path(path, given))


def _invalid(given: str) -> InputError:
    return InputError(MessageId.ADDRESS_INVALID, given=truncate(given, SHOWN_CHARS))


def _split_scheme(given: str) -> tuple[str, str]:
    match = _SCHEME.match(given)
    if match is None:
        return "", given.removeprefix("//")
    scheme = match[1].lower()
    if scheme not in DEFAULT_PORTS:
        raise _invalid(given)
    return scheme, given[match.end() :]


def _split_path(rest: str) -> tuple[str, str]:
    # Browsers read a backslash as a slash: the host must not differ between them and us.
    rest = re.split(r"[?#]", rest, maxsplit=1)[0].replace("\\", "/")
    authority, slash, path = rest.partition("/")
    return authority, slash + path


def _split_port(authority: str, given: str) -> tuple[str, str | None]:
    """The host, brackets kept away from an IPv6 one, and the port's text if there is one."""
    if authority.startswith("["):
        host, bracket, after = authority[1:].partition("]")
        if not bracket or ":" not in host or (after and not after.startswith(":")):
            raise _invalid(given)
        return host, after[1:] if after else None
    if authority.count(":") > 1:
        return authority, None
    host, colon, port = authority.partition(":")
    return host, port if colon else None


def _host(text: str, given: str) -> str:
    host = text.lower()
    if ":" in host:
        return _ip(host, ipaddress.IPv6Address, given)
    try:
        host = host.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise _invalid(given) from None
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _invalid(given)
    if _NUMBER.fullmatch(labels[-1]):
        return _ip(host, ipaddress.IPv4Address, given)
    return host


def _ip(
    text: str, kind: type[ipaddress.IPv4Address] | type[ipaddress.IPv6Address], given: str
) -> str:
    try:
        address = kind(text)
    except ValueError:
        raise _invalid(given) from None
    # A zone names an interface of one machine only, and URLs of servers don't carry it.
    if getattr(address, "scope_id", None):
        raise _invalid(given)
    plain = str(getattr(address, "ipv4_mapped", None) or address)
    return _ANY_HOST.get(plain, plain)


def _port(text: str | None, given: str) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 5 or not 1 <= int(text) <= 65_535:
        raise _invalid(given)
    return int(text)


def _base_path(path: str, given: str) -> str:
    if re.search(r"\s", path):
        raise _invalid(given)
    segments: list[str] = []
    for segment in _BARE_PERCENT.sub("%25", path).split("/"):
        if segment == "..":
            segments = segments[:-1]
        elif segment not in {"", "."}:
            segments.append(quote(segment, safe=_PATH_SAFE))
    while stripped := _route_length(segments):
        is_openai = segments[-stripped].lower() == "v1"
        segments = segments[:-stripped]
        if is_openai and segments and segments[-1].lower() == _ROUTE_OR_PREFIX:
            break
    return "".join(f"/{segment}" for segment in segments)


def _route_length(segments: list[str]) -> int:
    """How many segments at the end are a server's own route; the longest that is known."""
    for count in range(min(_LONGEST_ROUTE, len(segments)), 0, -1):
        if "/".join(segments[-count:]).lower() in _ROUTES:
            return count
    return 0
