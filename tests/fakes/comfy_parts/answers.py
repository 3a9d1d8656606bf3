"""What a route answers when it is told to misbehave."""

from collections.abc import Callable

from fakes.comfy_parts.faults import Fault
from fakes.comfy_parts.wire import Hangup, Response, html_response, json_response

ELSEWHERE = "http://127.0.0.2:9/elsewhere"
TROUBLE = b"500 Internal Server Error\n\nServer got itself in trouble"
HUGE_BYTES = 80 << 20


JSON = "application/json; charset=utf-8"
_ANSWERS: dict[Fault, Callable[[], Response]] = {
    Fault.NEVER_ANSWER: lambda: Response(silent=True),
    Fault.HTML: html_response,
    Fault.GARBLED: lambda: Response(200, b'{"prompt_id": "1234', JSON),
    Fault.EMPTY: Response,
    Fault.HUGE_BODY: lambda: Response(200, b'"' + b"x" * HUGE_BYTES + b'"', JSON),
    Fault.CUT_BODY: lambda: Response(200, b'{"cut": "', JSON, declared_bytes=4096),
    Fault.DRIP: lambda: Response(200, b" ", JSON, declared_bytes=1 << 20, drip=True),
    Fault.REDIRECT: lambda: Response(302, headers={"Location": ELSEWHERE}),
    Fault.BUSY_429: lambda: _busy(429),
    Fault.BUSY_503: lambda: _busy(503),
    Fault.ERROR_500: lambda: Response(500, TROUBLE, "text/plain; charset=utf-8"),
}


def misbehaved(fault: Fault) -> Response:
    """The answer that the fault asks for.

    Raises:
        Hangup: the fault is to hang up.
    """
    if fault is Fault.CLOSE:
        raise Hangup
    return _ANSWERS[fault]()


def _busy(status: int) -> Response:
    answer = json_response({"error": "busy"}, status)
    answer.headers["Retry-After"] = "1"
    return answer
