"""How a run is watched for steps that take far too long; what "too long" is, the caller knows."""

from typing import Protocol

from vidgen_gui.services.comfyui.messages import Executing, NodeProgress, ServerMessage


class Pace(Protocol):
    """Told of each step of our prompt. Seconds are monotonic."""

    def begin(self, node: str, now_s: float) -> None:
        """This node is computed from now on."""

    def advance(self, node: str, done: float, now_s: float) -> None:
        """This node, or with an empty name the one under way, has done so many steps."""

    def pause(self) -> None:
        """The server is not heard; what it does meanwhile is not known."""

    def overdue_s(self, now_s: float) -> float | None:
        """How long the step under way takes by now, if it is no use to wait longer for it."""


def keep_pace(pace: Pace, message: ServerMessage | None, prompt_id: str, now_s: float) -> None:
    """Tell what a message says about the steps of our prompt; others' change nothing."""
    if isinstance(message, Executing):
        if message.prompt_id == prompt_id and message.node is not None:
            pace.begin(message.node, now_s)
    elif isinstance(message, NodeProgress) and message.prompt_id in {prompt_id, None}:
        for state in message.states:
            if not state.finished:
                pace.advance(state.node, state.done, now_s)
