"""Getting one prompt into the server's queue, and out of it again."""

import logging
import time
from collections.abc import Mapping
from typing import Any

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.net.errors import Garbled, HttpFailure, RedirectRefused, TooSlow, Unreachable
from vidgen_gui.net.http import HttpClient
from vidgen_gui.services.comfyui import api
from vidgen_gui.services.comfyui.budget import Budget
from vidgen_gui.services.comfyui.errors import NotComfyUI
from vidgen_gui.services.comfyui.failures import dropped_outputs, refusal
from vidgen_gui.services.comfyui.state import output_nodes
from vidgen_gui.system.patience import patient

_logger = logging.getLogger(__name__)

PASSING_STATUSES = frozenset({429, 500, 502, 503, 504})
"""A server or proxy that fails like this may do better a moment later."""
_ATTEMPTS = 4
_FIRST_PAUSE_S = 0.25
_POST_S = 20.0
_POST_PART = 0.3
"""Of the time left: an answer that doesn't come may have been lost, with the prompt queued."""
ASK_S = 10.0
_LOOK_AGAIN_S = 0.2
_TIDY_PART = 0.4
_INTERRUPTS = 2
"""One that comes just before the first node is forgotten by the server; a step may take longer
than it is worth waiting for the effect."""


def pause_s(attempt: int, error: Exception | None = None) -> float:
    """How long to wait before try ``attempt`` + 1; what the server asks for counts."""
    asked = error.retry_after_s if isinstance(error, HttpFailure) else None
    return asked if asked is not None else patient(_FIRST_PAUSE_S * 2 ** (attempt - 1))


class Posting:
    """One prompt's place in the queue. Owned by the run's thread.

    Attributes:
        prompt_id: ours; the server's where it doesn't let clients choose.
    """

    def __init__(
        self,
        http: HttpClient,
        graph: Mapping[str, Any],
        *,
        client_id: str,
        prompt_id: str,
        budget: Budget,
        cancel: CancelToken,
    ) -> None:
        self.prompt_id = prompt_id
        self._http = http
        self._graph = graph
        self._client_id = client_id
        self._budget = budget
        self._cancel = cancel
        self._maybe_there = False
        self._surely_there = False
        self._interrupts = 0

    def post(self) -> None:
        """Queue the graph; an answer that got lost is made up for by looking into the queue.

        Raises:
            ComfyError: the server refuses the graph, or drops our output from it.
            NetError: the server failed, several times where that may pass.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._post_once()
            except (Unreachable, TooSlow, Garbled, NotComfyUI, HttpFailure) as error:
                refused = _refused(error)
                if refused is not None:
                    raise refused from error
                wait_s = pause_s(attempt, error)
                if not _may_pass(error) or attempt == _ATTEMPTS or wait_s >= self._budget.work_s():
                    raise
                _logger.info("posting a prompt failed, trying again: %s", error)
                self._cancel.wait(wait_s)
                if self._maybe_there and self._is_there():
                    self._surely_there = True
                    return
            else:
                return

    def withdraw(self) -> None:
        """Take our prompt, and no other, out of the server's queue and hands; as far as it answers.

        For use on the way out, cancelled or not: has a token and a little time of its own.
        """
        if not self._maybe_there:
            return
        token = CancelToken()
        give_up = time.monotonic() + self._budget.tidy_s()
        while True:
            try:
                if self._withdrawn(give_up, token):
                    return
            except ServiceError as error:
                _logger.info("prompt %s could not be withdrawn: %s", self.prompt_id, error)
                if error.message.id is MessageId.SERVER_UNREACHABLE:
                    return
            left_s = give_up - time.monotonic()
            if left_s <= 0:
                return
            token.wait(min(left_s, patient(_LOOK_AGAIN_S)))

    def _post_once(self) -> None:
        self._maybe_there = True
        try:
            answer = api.post_prompt(
                self._http,
                self._graph,
                self._client_id,
                self.prompt_id,
                deadline_s=min(patient(_POST_S), self._budget.work_s() * _POST_PART),
                cancel=self._cancel,
            )
        except RedirectRefused:
            self._maybe_there = False
            raise
        except HttpFailure as error:
            # A refusal is sure; behind a 5xx it may be a proxy that lost the answer.
            self._maybe_there = error.status >= 500
            raise
        self._surely_there = True
        self.prompt_id = str(answer["prompt_id"])
        dropped = dropped_outputs(answer, output_nodes(self._graph))
        if dropped is not None:
            raise dropped

    def _is_there(self) -> bool:
        """Whether the server knows the prompt; when it can't be asked, that it doesn't."""
        left_s = self._budget.work_s(patient(ASK_S))
        try:
            queue = api.read_queue(self._http, deadline_s=left_s, cancel=self._cancel)
            return self.prompt_id in queue or bool(
                api.read_history(self._http, self.prompt_id, deadline_s=left_s, cancel=self._cancel)
            )
        except ServiceError as error:
            _logger.info("the queue could not be read: %s", error)
            return False

    def _withdrawn(self, give_up: float, token: CancelToken) -> bool:
        """One round; True when nothing of ours is left there.

        Where the answer to our posting was lost, it may turn up in the queue only now.
        """

        def left_s() -> float:
            # One answer that doesn't come must not cost the others their time.
            return max(0.01, _TIDY_PART * (give_up - time.monotonic()))

        queue = api.read_queue(self._http, deadline_s=left_s(), cancel=token)
        self._surely_there |= self.prompt_id in queue
        if self.prompt_id in queue.pending:
            api.delete_waiting(self._http, self.prompt_id, deadline_s=left_s(), cancel=token)
            # It may have begun in between.
            queue = api.read_queue(self._http, deadline_s=left_s(), cancel=token)
        running = self.prompt_id in queue.running
        if running:
            api.interrupt(self._http, self.prompt_id, deadline_s=left_s(), cancel=token)
            self._interrupts += 1
        if not self._surely_there:
            self._surely_there = bool(
                api.read_history(self._http, self.prompt_id, deadline_s=left_s(), cancel=token)
            )
        done = self.prompt_id not in queue.pending and (
            not running or self._interrupts >= _INTERRUPTS
        )
        return self._surely_there and done


def _may_pass(error: Exception) -> bool:
    return not isinstance(error, HttpFailure) or error.status in PASSING_STATUSES


def _refused(error: ServiceError) -> ServiceError | None:
    """The refusal of the graph, if that is what the failure is."""
    if isinstance(error, HttpFailure) and error.status not in PASSING_STATUSES:
        body = error.body
        if isinstance(body, Mapping) and ("error" in body or "node_errors" in body):
            return refusal(body)
    return None
