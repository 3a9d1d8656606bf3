"""One picture from graph to file: subscribe, post, watch, fetch, verify; or leave no trace."""

import logging
import uuid
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.events import Progress
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.quality import FrameSize
from vidgen_gui.net.errors import HttpFailure, NetError, TooSlow, Unreachable
from vidgen_gui.net.http import HttpClient
from vidgen_gui.services.comfyui.budget import Budget
from vidgen_gui.services.comfyui.errors import (
    ComfyError,
    DeadlinePassed,
    PictureUnusable,
    ServerGone,
)
from vidgen_gui.services.comfyui.messages import ServerFile
from vidgen_gui.services.comfyui.pace import Pace
from vidgen_gui.services.comfyui.posting import PASSING_STATUSES, Posting, pause_s
from vidgen_gui.services.comfyui.state import PromptState
from vidgen_gui.services.comfyui.watch import DRAWN_PART, Watch
from vidgen_gui.system.patience import patient

_logger = logging.getLogger(__name__)

_FETCH_ATTEMPTS = 3
_FETCH_S = 60.0
_FETCH_PART = 0.5
"""Of the time left: where one download stands still, another may not."""
_UNFETCHED: Mapping[MessageId, str] = MappingProxyType(
    {
        MessageId.SERVER_ANSWER_TOO_LARGE: "it is larger than a picture can be",
        MessageId.SERVER_REDIRECTS: "the server points elsewhere for it",
    }
)
"""Why a picture can't be had, where asking again can't help."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """A verified picture.

    Attributes:
        path: the eight-bit RGB PNG.
        seconds: from the first connection to the verified file.
        cached: the server had every node's result and computed nothing.
        previews: how many the server sent.
        file: as the server names its own copy; only good for asking that server.
    """

    path: Path
    size: FrameSize
    seconds: float
    cached: bool
    previews: int
    file: ServerFile


class PromptRun:
    """One prompt's whole state, owned by the thread that iterates `steps`.

    Args:
        deadline_s: for everything: waiting, retrying, fetching, withdrawing.
        client_id: a new one for each run, so that two runs never take each other's socket.
        pace: judges how long steps take; without it only the deadline does.
    """

    def __init__(
        self,
        http: HttpClient,
        graph: Mapping[str, Any],
        target: Path,
        *,
        size: FrameSize | None,
        deadline_s: float,
        cancel: CancelToken,
        client_id: str | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._http = http
        self._graph = graph
        self._target = target
        self._size = size
        self._cancel = cancel
        self._budget = Budget(deadline_s)
        client_id = client_id or str(uuid.uuid4())
        self._watch = Watch(http, client_id, self._budget, cancel, pace)
        self._posting = Posting(
            http,
            graph,
            client_id=client_id,
            prompt_id=str(uuid.uuid4()),
            budget=self._budget,
            cancel=cancel,
        )

    def steps(self) -> Generator[Progress, None, RunResult]:
        """Run; raises as `ComfyClient.run` tells."""
        over = False
        try:
            self._cancel.raise_if_cancelled()
            self._watch.subscribe()
            self._posting.post()
            yield Progress(0.0)
            state = PromptState(self._posting.prompt_id, self._graph)
            yield from self._watch.follow(state)
            over = True
            if state.failure is not None:
                raise state.failure
            file = state.file
            if file is None:
                raise PictureUnusable("the workflow saved no picture")
            yield Progress(DRAWN_PART)
            size = self._fetch(file)
        except TooSlow as error:
            if not self._budget.over:
                raise
            raise self._too_late(error) from error
        except ServerGone:
            over = True
            raise
        finally:
            if not over:
                self._posting.withdraw()
            self._watch.close()
        return RunResult(
            self._target, size, self._budget.spent_s, state.cached, state.previews, file
        )

    def _fetch(self, file: ServerFile) -> FrameSize:
        """Download and verify the picture, again where that can help."""
        part = self._target.with_name(f".{self._target.name}.{uuid.uuid4().hex[:8]}")
        for attempt in range(1, _FETCH_ATTEMPTS + 1):
            try:
                return self._fetch_once(file, part)
            except PictureUnusable as error:
                if not error.damaged or attempt == _FETCH_ATTEMPTS or self._budget.over:
                    raise
                wait_s = pause_s(attempt)
            except NetError as error:
                if self._budget.over:
                    raise self._too_late(error) from error
                wait_s = pause_s(attempt, error)
                last = attempt == _FETCH_ATTEMPTS or wait_s >= self._budget.work_s()
                if last or not _may_pass(error):
                    raise self._unfetched(error) from error
                _logger.info("fetching the picture failed, trying again: %s", error)
            self._cancel.wait(wait_s)
        raise AssertionError("the last attempt returns or raises")

    def _fetch_once(self, file: ServerFile, part: Path) -> FrameSize:
        # Loads OpenCV, which a window whose pictures the built-in painter makes never needs.
        from vidgen_gui.services.comfyui.pictures import (  # noqa: PLC0415
            accept_picture,
            most_bytes,
        )

        try:
            self._http.download(
                "view",
                file.query(),
                part,
                deadline_s=min(patient(_FETCH_S), self._budget.work_s() * _FETCH_PART),
                cancel=self._cancel,
                max_bytes=most_bytes(self._size),
            )
            return accept_picture(part, self._target, self._size)
        finally:
            part.unlink(missing_ok=True)

    def _unfetched(self, error: NetError) -> ComfyError:
        """A picture that was made but can't be had."""
        if isinstance(error, Unreachable):
            return ServerGone(self._http.address.url, detail=str(error))
        words = _UNFETCHED.get(error.message.id, "it comes cut short")
        if isinstance(error, HttpFailure):
            words = f"the server doesn't hand it out (status {error.status})"
        return PictureUnusable(words, detail=str(error))

    def _too_late(self, error: Exception) -> DeadlinePassed:
        return DeadlinePassed(self._http.address.url, self._budget.deadline_s, detail=str(error))


def _may_pass(error: NetError) -> bool:
    if isinstance(error, HttpFailure):
        return error.status in PASSING_STATUSES
    return error.message.id not in _UNFETCHED
