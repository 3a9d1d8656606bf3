"""Following one prompt from the queue to its end: by websocket, and by asking where that fails.

The socket is believed for progress and for failures; an end that it only hints at, and everything
that may have been missed, is settled by the server's history and queue.
"""

import logging
import time
from collections.abc import Generator

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.events import Progress
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.net.errors import Garbled, HttpFailure, NetError, TooSlow, Unreachable
from vidgen_gui.net.http import HttpClient
from vidgen_gui.services.comfyui import api
from vidgen_gui.services.comfyui.budget import Budget
from vidgen_gui.services.comfyui.errors import (
    DeadlinePassed,
    NotComfyUI,
    PictureUnusable,
    ServerGone,
    StepTooSlow,
)
from vidgen_gui.services.comfyui.failures import removed_by_other
from vidgen_gui.services.comfyui.listener import Listener, SocketLost
from vidgen_gui.services.comfyui.messages import Greeting, ServerMessage, parse
from vidgen_gui.services.comfyui.pace import Pace, keep_pace
from vidgen_gui.services.comfyui.posting import ASK_S
from vidgen_gui.services.comfyui.state import PromptState
from vidgen_gui.system.patience import patient

_logger = logging.getLogger(__name__)

DRAWN_PART = 0.97
"""The fraction at which the picture is drawn; fetching and checking it is the rest."""
_GREET_S = 2.0
_SUBSCRIBE_ATTEMPTS = 3
_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 5.0
_LOOK_AFTER_SILENCE_S = 5.0
_LONGEST_SILENCE_S = 30.0
_LOOK_WHEN_DEAF_S = 1.0
_LOOK_AT_END_S = 0.1
_HISTORY_WITHIN_S = 10.0
"""How long after its end a prompt may be missing in the history, which is written later."""
_GONE_AFTER_LOCAL_S = 3.0
_GONE_AFTER_REMOTE_S = 15.0
"""A refused connection means that the process ended, and all it knew; a network may heal."""
_SICK_AFTER_S = 60.0
_HUNG_AFTER_S = 300.0
"""Without a frame and without an answer: loading a model from a slow disk takes less."""
_TOLD_AFTER_S = 60.0
"""A silence that a person would wonder about."""
_SMALLEST_STEP = 0.001
_PREVIEW_EVERY_S = 0.2


class Watch:
    """One prompt under observation. Owned by the run's thread; `close` it."""

    def __init__(
        self,
        http: HttpClient,
        client_id: str,
        budget: Budget,
        cancel: CancelToken,
        pace: Pace | None = None,
    ) -> None:
        self._http = http
        self._pace = pace
        self._budget = budget
        self._cancel = cancel
        self._listener = Listener(http.address, client_id, http.authorization)
        self._lost_contact = False
        self._next_connect = 0.0
        self._connect_pause_s = _FIRST_PAUSE_S
        self._next_look = 0.0
        self._silence_s = _LOOK_AFTER_SILENCE_S
        self._trouble_since: float | None = None
        self._silence_told = False
        self._ended_since: float | None = None
        self._shown = 0.0
        self._last_preview = 0.0

    def subscribe(self) -> None:
        """Open the socket and hear the server's greeting, so that no message can be missed.

        A server that has no websocket (behind some proxies) is asked instead of heard.

        Raises:
            Unreachable, TooSlow: nobody answers.
            RedirectRefused: the address points elsewhere.
        """
        for attempt in range(1, _SUBSCRIBE_ATTEMPTS + 1):
            try:
                self._connect()
                self._hear_greeting()
            except (Unreachable, SocketLost) as error:
                if attempt == _SUBSCRIBE_ATTEMPTS and isinstance(error, Unreachable):
                    raise
                self._cancel.wait(patient(_FIRST_PAUSE_S * attempt))
            except (HttpFailure, Garbled) as error:
                _logger.info("no websocket, asking instead: %s", error)
                self._put_off_connecting()
                return
            else:
                return

    def follow(self, state: PromptState) -> Generator[Progress, None, None]:
        """Yield progress and previews until the prompt is `decided`.

        Raises:
            DeadlinePassed: not in time.
            ServerGone: the server ended, or came back without our prompt.
            InterruptedByOther: somebody removed it.
            PictureUnusable: it went well without saving a picture.
            StepTooSlow: by the pace that was given.
        """
        self._next_look = time.monotonic() + patient(self._silence_s)
        while not state.decided:
            if self._budget.over:
                raise DeadlinePassed(self._http.address.url, self._budget.deadline_s)
            message = self._hear()
            preview = state.take(message)
            self._keep_pace(message, state)
            if preview is not None or getattr(message, "prompt_id", None) == state.prompt_id:
                self._mark_life()
            elif isinstance(message, Greeting) and message.waiting == 0:
                # Nothing waits or runs there: ours was done or removed, and we weren't told.
                self._look_within(_LOOK_AT_END_S)
            self._watch_end(state)
            if not state.decided and time.monotonic() >= self._next_look:
                self._look(state)
            progress = self._progress(state, preview)
            if progress is not None:
                yield progress
            if self._is_silent_for_long:
                self._silence_told = True
                told = {"address": self._http.address.url, "minutes": round(_HUNG_AFTER_S / 60)}
                yield Progress(self._shown, Message(MessageId.IMAGE_SERVER_SILENT, told))

    @property
    def _is_silent_for_long(self) -> bool:
        """Whether it is time to tell, once, that nothing is heard of the server."""
        since = self._trouble_since
        if since is None or self._silence_told:
            return False
        return time.monotonic() - since >= patient(_TOLD_AFTER_S)

    def close(self) -> None:
        self._listener.close()

    def _keep_pace(self, message: ServerMessage | None, state: PromptState) -> None:
        if self._pace is None:
            return
        now = time.monotonic()
        if state.running:
            keep_pace(self._pace, message, state.prompt_id, now)
        if not self._listener.connected or state.ended:
            self._pace.pause()
        elif (overdue_s := self._pace.overdue_s(now)) is not None:
            raise StepTooSlow(overdue_s)

    def _connect(self) -> None:
        self._listener.connect(self._budget.work_s(), self._cancel)

    def _hear_greeting(self) -> None:
        give_up = time.monotonic() + self._budget.work_s(patient(_GREET_S))
        while (left_s := give_up - time.monotonic()) > 0:
            frame = self._listener.receive(left_s, self._cancel)
            if frame is not None and isinstance(parse(frame), Greeting):
                return

    def _hear(self) -> ServerMessage | None:
        """Wait for the next message, or until something else is due."""
        if not self._listener.connected:
            self._reconnect()
            return None
        left_s = max(0.0, self._next_look - time.monotonic())
        try:
            frame = self._listener.receive(self._budget.work_s(left_s), self._cancel)
        except SocketLost as error:
            _logger.info("the websocket was lost: %s", error)
            self._lost_contact = True
            self._next_connect = time.monotonic()
            self._look_within(0.0)
            return None
        if frame is None:
            return None
        self._trouble_since = None
        self._connect_pause_s = _FIRST_PAUSE_S
        return parse(frame)

    def _reconnect(self) -> None:
        due = min(self._next_connect, self._next_look)
        self._cancel.wait(self._budget.work_s(max(0.0, due - time.monotonic())))
        if time.monotonic() < self._next_connect:
            return
        try:
            self._connect()
        except NetError as error:
            self._put_off_connecting()
            self._note_trouble(error)
            self._look_within(_LOOK_WHEN_DEAF_S)
        else:
            # What was told meanwhile went nowhere.
            self._look_within(0.0)

    def _put_off_connecting(self) -> None:
        self._next_connect = time.monotonic() + patient(self._connect_pause_s)
        self._connect_pause_s = min(_LONGEST_PAUSE_S, 2 * self._connect_pause_s)

    def _look_within(self, pause_s: float) -> None:
        self._next_look = min(self._next_look, time.monotonic() + patient(pause_s))

    def _mark_life(self) -> None:
        """Our prompt was heard of: no need to ask for a while."""
        self._silence_s = _LOOK_AFTER_SILENCE_S
        self._trouble_since = None
        if self._ended_since is None:
            self._next_look = time.monotonic() + patient(self._silence_s)

    def _watch_end(self, state: PromptState) -> None:
        """An end without a verdict, or without the picture's name: the history has them."""
        if state.ended and self._ended_since is None and not state.decided:
            self._ended_since = time.monotonic()
            self._look_within(0.0)

    def _look(self, state: PromptState) -> None:
        """Ask history and queue, and say when to ask again."""
        try:
            known = self._ask(state)
        except (NetError, NotComfyUI) as error:
            self._note_trouble(error)
            self._plan_next_look()
            return
        self._trouble_since = None
        if not known:
            self._judge_absence(state)
        self._plan_next_look()

    def _plan_next_look(self) -> None:
        if self._ended_since is not None:
            pause_s = _LOOK_AT_END_S
        elif not self._listener.connected:
            pause_s = _LOOK_WHEN_DEAF_S
        else:
            pause_s = self._silence_s
            self._silence_s = min(_LONGEST_SILENCE_S, 2 * self._silence_s)
        self._next_look = time.monotonic() + patient(pause_s)

    def _ask(self, state: PromptState) -> bool:
        """Whether the server knows the prompt; what its history says is taken in.

        Asked in this order, as a prompt moves from the queue to the history at once: missing
        in all three, it is nowhere.
        """
        if self._ask_history(state):
            return True
        queue = api.read_queue(
            self._http, deadline_s=self._budget.work_s(patient(ASK_S)), cancel=self._cancel
        )
        return state.prompt_id in queue or self._ask_history(state)

    def _ask_history(self, state: PromptState) -> bool:
        entry = api.read_history(
            self._http,
            state.prompt_id,
            deadline_s=self._budget.work_s(patient(ASK_S)),
            cancel=self._cancel,
        )
        if entry is None:
            return False
        if state.take_history(entry) and state.succeeded and state.file is None:
            raise PictureUnusable("the workflow saved no picture")
        return True

    def _judge_absence(self, state: PromptState) -> None:
        if self._ended_since is not None:
            if time.monotonic() - self._ended_since < patient(_HISTORY_WITHIN_S):
                return
            if state.succeeded:
                raise PictureUnusable("the workflow saved no picture")
        elif not self._lost_contact:
            raise removed_by_other()
        raise ServerGone(self._http.address.url, detail="it doesn't know our prompt any more")

    def _note_trouble(self, error: ServiceError) -> None:
        """Bear with a server that fails, for a while; longest with one that hangs."""
        _logger.info("the server fails us: %s", error)
        if self._trouble_since is None:
            self._trouble_since = time.monotonic()
        limit_s = _HUNG_AFTER_S if isinstance(error, TooSlow) else _SICK_AFTER_S
        if isinstance(error, Unreachable):
            self._lost_contact = True
            local = self._http.address.is_local
            limit_s = _GONE_AFTER_LOCAL_S if local else _GONE_AFTER_REMOTE_S
        if time.monotonic() - self._trouble_since >= patient(limit_s):
            raise ServerGone(self._http.address.url, detail=str(error)) from error

    def _progress(self, state: PromptState, preview: bytes | None) -> Progress | None:
        fraction = DRAWN_PART * state.fraction
        now = time.monotonic()
        if preview is not None and now - self._last_preview < _PREVIEW_EVERY_S:
            preview = None
        if preview is None and fraction - self._shown < _SMALLEST_STEP:
            return None
        self._shown = max(self._shown, fraction)
        if preview is not None:
            self._last_preview = now
        return Progress(self._shown, preview=preview)
