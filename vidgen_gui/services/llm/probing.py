"""Asks a server which routes it has, within one deadline."""

import time
from collections.abc import Mapping
from typing import Any

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.net.errors import Garbled, HttpFailure, NetError, RedirectRefused
from vidgen_gui.net.http import HttpClient
from vidgen_gui.services.llm.errors import LlmError, ModelLoading, NotLlmServer

MAX_ANSWER_BYTES = 4 * 1024 * 1024
_WANTS_KEY = frozenset({401, 403})
_LOADING = "loading"


class Prober:
    """Asks for one thing after the other; ``deadline_s`` is for all of them together."""

    def __init__(self, http: HttpClient, cancel: CancelToken, deadline_s: float) -> None:
        self._http = http
        self._cancel = cancel
        self._until = time.monotonic() + deadline_s
        self._refusal: NetError | None = None

    def get(self, path: str) -> Any:
        """The JSON value at ``path``, or None when the server doesn't have the route.

        Raises:
            ModelLoading: the server is up, its model isn't yet.
            HttpFailure: a key is wanted.
            Unreachable, TooSlow: as any call.
        """
        return self._ask(path, None)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """As `get`, for a route that has to be told something."""
        return self._ask(path, body)

    def unknown(self) -> LlmError | NetError:
        """What to raise when no route told which server this is."""
        refusal = self._refusal
        if isinstance(refusal, HttpFailure) and refusal.status >= 500:
            return refusal
        return NotLlmServer(self._http.address.url, detail=str(refusal or ""))

    def _ask(self, path: str, body: Mapping[str, Any] | None) -> Any:
        left_s = max(0.0, self._until - time.monotonic())
        try:
            if body is None:
                return self._http.get_json(
                    path, deadline_s=left_s, cancel=self._cancel, max_bytes=MAX_ANSWER_BYTES
                )
            return self._http.post_json(
                path, body, deadline_s=left_s, cancel=self._cancel, max_bytes=MAX_ANSWER_BYTES
            )
        except HttpFailure as failure:
            if is_loading(failure):
                raise loading(failure) from failure
            if failure.status in _WANTS_KEY:
                raise
            self._refusal = failure
        except (Garbled, RedirectRefused) as error:
            self._refusal = error
        return None


def is_loading(failure: HttpFailure) -> bool:
    """Whether a failure is llama-server's "Loading model" (503 on every route until it is up)."""
    return (
        failure.status == 503 and _LOADING in str(failure.message.params.get("words", "")).lower()
    )


def loading(failure: HttpFailure) -> ModelLoading:
    """The failure, as what it means."""
    return ModelLoading(str(failure.message.params["address"]), retry_after_s=failure.retry_after_s)
