"""Speaks to a ComfyUI plainly, and reduces what was said to what must agree between two servers.

Used on the fake and, by hand, on a real server. It is no client of the app's.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from websockets.sync.client import connect

WAIT_S = 120.0
NOT_COMPARED = {"tooltip", "description", "display_name", "output_tooltips", "traceback"}
"""Words for people, which the fake doesn't copy."""


@dataclass
class Exchange:
    """One prompt's request, answer, messages, history and picture."""

    status: int = 0
    body: Any = None
    ws: list[dict[str, Any]] = field(default_factory=list)
    history: Any = None
    view: dict[str, Any] | None = None


def replay(url: str, request: Mapping[str, Any], *, interrupt_at: int | None = None) -> Exchange:
    """Post the recorded prompt as it was posted; listen until it is over."""
    body = request["body"]
    done = Exchange()
    prompt_id = body.get("prompt_id")
    address = f"{url.replace('http', 'ws', 1)}/ws?clientId={body.get('client_id', 'listener')}"
    with connect(address, max_size=None) as socket:
        done.ws.append({"json": json.loads(socket.recv(timeout=WAIT_S))})
        answer = requests.post(url + request["path"], json=body, timeout=WAIT_S)
        done.status, done.body = answer.status_code, answer.json()
        if answer.status_code != 200:
            return done
        while not _is_over(done.ws[-1], prompt_id):
            message = socket.recv(timeout=WAIT_S)
            if isinstance(message, bytes):
                done.ws.append({"binary": {"event": int.from_bytes(message[:4])}})
                continue
            said = json.loads(message)
            done.ws.append({"json": said})
            if said["type"] == "progress" and said["data"]["value"] == interrupt_at:
                requests.post(f"{url}/interrupt", json={"prompt_id": prompt_id}, timeout=WAIT_S)
    done.history = requests.get(f"{url}/history/{prompt_id}", timeout=WAIT_S).json()
    pictures = [
        picture
        for output in done.history[prompt_id]["outputs"].values()
        for picture in output["images"]
    ]
    if pictures:
        served = requests.get(f"{url}/view", params=pictures[0], timeout=WAIT_S)
        done.view = {
            "params": pictures[0],
            "status": served.status_code,
            "content_type": served.headers["Content-Type"],
            "bytes": len(served.content),
        }
    return done


def _is_over(message: Mapping[str, Any], prompt_id: str | None) -> bool:
    said = message.get("json", {})
    return (
        said.get("type") == "executing"
        and said["data"]["node"] is None
        and said["data"].get("prompt_id") == prompt_id
    )


def story(ws: list[dict[str, Any]]) -> list[Any]:
    """The messages in order, with what of their content must be the same."""
    return [_line(message) for message in ws if "http" not in message]


def _line(message: Mapping[str, Any]) -> Any:
    if "binary" in message:
        return ("binary", message["binary"]["event"])
    kind, data = message["json"]["type"], message["json"]["data"]
    if kind == "progress_state":
        nodes = data["nodes"]
        return (kind, {node: (at["value"], at["max"], at["state"]) for node, at in nodes.items()})
    told = {"node", "value", "max", "nodes", "node_id", "node_type", "executed", "exception_type"}
    return (kind, {key: value for key, value in data.items() if key in told})


def shape(value: Any) -> Any:
    """Names and types; ints and floats are one, words for people are left out."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items() if key not in NOT_COMPARED}
    if isinstance(value, list | tuple):
        kinds = [shape(part) for part in value]
        return [kind for index, kind in enumerate(kinds) if kind not in kinds[:index]]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number"
    return type(value).__name__


def facts(value: Any) -> Any:
    """The value itself without words for people."""
    if isinstance(value, dict):
        return {key: facts(part) for key, part in value.items() if key not in NOT_COMPARED}
    if isinstance(value, list | tuple):
        return [facts(part) for part in value]
    return value


def differences(ours: Any, theirs: Any, where: str = "") -> list[str]:
    """Where two shapes differ; a null on either side stands for any one type."""
    if "NoneType" in (ours, theirs):
        return []
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = [f"{where}: only here: {key}" for key in ours if key not in theirs]
        found += [f"{where}: only there: {key}" for key in theirs if key not in ours]
        for key in ours.keys() & theirs.keys():
            found += differences(ours[key], theirs[key], f"{where}.{key}")
        return found
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        found = []
        for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            found += differences(one, other, f"{where}[{index}]")
        return found
    return [] if ours == theirs else [f"{where}: {ours} here, {theirs} there"]
