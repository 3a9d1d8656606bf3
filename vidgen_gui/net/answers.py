"""What a server's answer means: its JSON, its refusal in words, its redirects. Pure."""

import json
import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.text import clean_text, truncate
from vidgen_gui.net.address import ServerAddress, parse_address

MAX_RETRY_AFTER_S = 86_400.0
WORDS_CHARS = 300
QUOTED = "/%:@!$&'()*+,;=~-._"
"""What stands in a quoted path: quoting it again changes nothing."""

_BY_STATUS = {
    401: MessageId.SERVER_WANTS_KEY,
    403: MessageId.SERVER_WANTS_KEY,
    404: MessageId.SERVER_LACKS_ROUTE,
    405: MessageId.SERVER_LACKS_ROUTE,
    429: MessageId.SERVER_BUSY,
    501: MessageId.SERVER_LACKS_ROUTE,
    503: MessageId.SERVER_BUSY,
}


def parse_json(data: bytes) -> Any:
    """The value in ``data``, whatever it is.

    Raises:
        ValueError: no JSON, not in Unicode, or nested too deeply.
    """
    try:
        return json.loads(data)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def failure_body(data: bytes) -> Any:
    """The body of a failure: parsed JSON, or else its text, cleaned."""
    try:
        return parse_json(data)
    except ValueError:
        return clean_text(data.decode("utf-8", errors="replace"))


def failure_id(status: int) -> MessageId:
    """The sentence for a status."""
    known = _BY_STATUS.get(status)
    if known is not None:
        return known
    return MessageId.SERVER_FAILED if status >= 500 else MessageId.SERVER_REFUSED


def failure_words(body: Any) -> str:
    """What the server says about its refusal, shortened; empty when it says nothing readable."""
    for _ in range(3):
        if isinstance(body, dict):
            body = body.get("error") or body.get("message") or body.get("detail")
    if not isinstance(body, str) or body.lstrip().startswith("<"):
        return ""
    return truncate(clean_text(body, keep_lines=False), WORDS_CHARS)


def retry_after_s(header: str, now: datetime | None = None) -> float | None:
    """Seconds to wait by a Retry-After header (RFC 9110: seconds or a date), 0…86400, or None."""
    header = header.strip()
    try:
        wait_s = float(header)
    except ValueError:
        try:
            until = parsedate_to_datetime(header)
        except (ValueError, OverflowError):
            return None
        if until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        wait_s = (until - (now or datetime.now(UTC))).total_seconds()
    if math.isnan(wait_s):
        return None
    return min(MAX_RETRY_AFTER_S, max(0.0, wait_s))


def redirect_target(address: ServerAddress, url: str, location: str) -> str | None:
    """Where a redirect leads on the same server, or None when it leads to another.

    The same scheme, host and port: a service is where the person said it is, and what we send
    it (a key, a script) is for nobody else.
    """
    try:
        target = urljoin(url, location.strip().replace("\\", "/"))  # as browsers read it
        other = parse_address(target)
        parts = urlsplit(target)
    except (InputError, ValueError):
        return None
    if (other.scheme, other.host, other.port) != (address.scheme, address.host, address.port):
        return None
    origin = ServerAddress(address.scheme, address.host, address.port).url
    path, query = quote(parts.path or "/", safe=QUOTED), quote(parts.query, safe=f"{QUOTED}?")
    return f"{origin}{path}?{query}" if query else f"{origin}{path}"
