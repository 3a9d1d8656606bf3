"""ComfyUI's routes that concern one prompt, each one request; retrying is decided elsewhere.

``deadline_s`` and ``cancel`` are as in `net.http`, and so is what is raised.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.net.http import HttpClient
from vidgen_gui.services.comfyui import untrusted
from vidgen_gui.services.comfyui.errors import NotComfyUI

_MAX_ANSWER_BYTES = 32 << 20
"""The queue and the history repeat whole graphs."""
_MOST_QUEUED = 10_000


@dataclass(frozen=True, slots=True)
class ServerQueue:
    """The prompts at the server, everybody's, by id."""

    running: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()

    def __contains__(self, prompt_id: str) -> bool:
        return prompt_id in self.running or prompt_id in self.pending


def post_prompt(
    http: HttpClient,
    graph: Mapping[str, Any],
    client_id: str,
    prompt_id: str,
    *,
    deadline_s: float,
    cancel: CancelToken,
) -> Mapping[str, Any]:
    """Queue a graph under an id of ours.

    Newer servers send previews when asked by ``extra_data``, older ones by their flags only.

    Raises:
        NotComfyUI: accepted by something that gives no prompt id.
    """
    body = {
        "prompt": dict(graph),
        "client_id": client_id,
        "prompt_id": prompt_id,
        "extra_data": {"preview_method": "latent2rgb"},
    }
    answer = http.post_json("prompt", body, deadline_s=deadline_s, cancel=cancel)
    fields = untrusted.mapping(answer)
    if not untrusted.exact(fields.get("prompt_id")):
        raise NotComfyUI(http.address.url, untrusted.words(str(answer)[:2000]))
    return fields


def read_history(
    http: HttpClient, prompt_id: str, *, deadline_s: float, cancel: CancelToken
) -> Mapping[str, Any] | None:
    """The history entry of a finished prompt; None while there is none."""
    answer = http.get_json(
        f"history/{prompt_id}", deadline_s=deadline_s, cancel=cancel, max_bytes=_MAX_ANSWER_BYTES
    )
    if not isinstance(answer, Mapping):
        raise NotComfyUI(http.address.url, "the history is no object")
    entry = answer.get(prompt_id)
    return entry if isinstance(entry, Mapping) else None


def read_queue(http: HttpClient, *, deadline_s: float, cancel: CancelToken) -> ServerQueue:
    """Who runs and who waits."""
    answer = http.get_json(
        "queue", deadline_s=deadline_s, cancel=cancel, max_bytes=_MAX_ANSWER_BYTES
    )
    if not isinstance(answer, Mapping) or "queue_running" not in answer:
        raise NotComfyUI(http.address.url, "the queue is no queue")
    return ServerQueue(_ids(answer["queue_running"]), _ids(answer.get("queue_pending")))


def delete_waiting(
    http: HttpClient, prompt_id: str, *, deadline_s: float, cancel: CancelToken
) -> None:
    """Take a waiting prompt out of the queue; others and running ones are not touched."""
    http.post_json("queue", {"delete": [prompt_id]}, deadline_s=deadline_s, cancel=cancel)


def interrupt(http: HttpClient, prompt_id: str, *, deadline_s: float, cancel: CancelToken) -> None:
    """Stop a running prompt. Older servers stop whatever runs: look into the queue first."""
    http.post_json("interrupt", {"prompt_id": prompt_id}, deadline_s=deadline_s, cancel=cancel)


def _ids(entries: Any) -> tuple[str, ...]:
    """Entries are ``[number, prompt_id, graph, extra_data, outputs]``."""
    found = (untrusted.items(entry, 2) for entry in untrusted.items(entries, _MOST_QUEUED))
    return tuple(str(pair[1]) for pair in found if len(pair) == 2)
