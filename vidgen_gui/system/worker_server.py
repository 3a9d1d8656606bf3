"""The inside of a worker process: reads requests, runs the handler, writes what happened."""

import json
import logging
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import IO, Any

from vidgen_gui.core.errors import VidgenError
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.system.worker_protocol import Handler, HandlerFactory

_logger = logging.getLogger(__name__)


def _private_stdout() -> IO[str]:
    """Keep the protocol's pipe to ourselves: stray prints of libraries go to stderr."""
    fd = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return os.fdopen(fd, "w", encoding="utf-8", newline="\n")


def serve(kind: str, find_factory: Callable[[str], HandlerFactory]) -> int:
    """Answer requests from standard input until it closes; returns the exit status.

    The kind's module is imported here, once its prints can no longer reach the protocol.
    """
    out = _private_stdout()
    with out:
        handler = find_factory(kind)()
        _send(out, {"ready": True})
        for line in sys.stdin.buffer:
            request = json.loads(line)["request"]
            _send(out, _answer(kind, handler, request, out))
    return 0


def _answer(
    kind: str, handler: Handler, request: Mapping[str, Any], out: IO[str]
) -> dict[str, Any]:
    try:
        steps = handler(request)
        while True:
            try:
                step = next(steps)
            except StopIteration as stop:
                return {"result": dict(stop.value or {})}
            notice = step.notice.to_dict() if step.notice else None
            _send(out, {"progress": step.fraction, "notice": notice})
    except VidgenError as error:
        return {"error": error.message.to_dict() | {"detail": error.detail, "type": _type(error)}}
    except Exception as error:
        # The worker is the boundary of what may go wrong here: the app gets it as a message.
        _logger.exception("%s worker failed", kind)
        message = Message(MessageId.WORKER_FAILED, {"kind": kind, "words": str(error)[:200]})
        detail = traceback.format_exc()
        return {"error": message.to_dict() | {"detail": detail, "type": "ProgramError"}}


def _type(error: VidgenError) -> str:
    return type(error).__name__


def _send(out: IO[str], message: Mapping[str, Any]) -> None:
    out.write(json.dumps(message, ensure_ascii=False, separators=(",", ":")) + "\n")
    out.flush()
