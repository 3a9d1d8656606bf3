"""A person's own ComfyUI workflow: read once with all its faults named, filled in for each picture.

The file is ComfyUI's API format (node ids to ``class_type`` and ``inputs``) with placeholders such
as ``{{prompt}}`` in its texts. Nothing is read from disk here, and nothing in the file is run.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NoReturn

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.job import fold_seed
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.text import clean_text
from vidgen_gui.services.comfy_graph.build import Graph
from vidgen_gui.services.comfy_graph.check import shown

MOST_BYTES = 2 * 1024 * 1024
MOST_DEPTH = 32
MOST_NODES = 5_000
PLACEHOLDERS = ("prompt", "negative", "seed", "width", "height", "steps", "cfg")

_MARK = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)
_SAVES = re.compile(r"save.*image|image.*save|preview.*image")
_NO_FILE = re.compile(r"websocket|webp|anim")


@dataclass(frozen=True, slots=True)
class UserWorkflow:
    """A workflow that passed every check.

    Args:
        placeholders: which of `PLACEHOLDERS` it uses.
        output_ids: its nodes that put out a picture, the ones that save it first.
    """

    nodes: Mapping[str, Any]
    placeholders: frozenset[str]
    output_ids: tuple[str, ...]

    def fill(
        self,
        prompt: str,
        negative: str,
        *,
        seed: int,
        width: int,
        height: int,
        steps: int,
        cfg: float,
    ) -> Graph:
        """The graph for one picture; the workflow itself stays as it is.

        A text that is nothing but a placeholder becomes the value itself, so ``"{{width}}"`` is
        a number. What is filled in is never searched for placeholders again. ``width`` and
        ``height`` are in pixels; any ``seed`` is folded into 0…2⁶⁴−1.
        """
        values: dict[str, Any] = {
            "prompt": clean_text(prompt),
            "negative": clean_text(negative),
            "seed": fold_seed(seed),
            "width": width,
            "height": height,
            "steps": steps,
            "cfg": cfg,
        }
        return {
            node_id: {
                "class_type": node["class_type"],
                "inputs": _filled(node["inputs"], values),
            }
            for node_id, node in self.nodes.items()
        }


def load_workflow(text: str) -> UserWorkflow:
    """Read and check a workflow file's text.

    Raises:
        InputError: it is too large or too deep, no JSON, saved in the format of ComfyUI's editor,
            not a graph, without a picture to put out, without ``{{prompt}}``, or with a
            placeholder that doesn't exist.
    """
    if len(text) > MOST_BYTES or len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise InputError(MessageId.WORKFLOW_TOO_LARGE, limit_mib=MOST_BYTES // 2**20)
    nodes = _nodes(_parsed(text.removeprefix("\ufeff")))
    used: set[str] = set()
    for node_id, node in nodes.items():
        _check_node(node_id, node, nodes)
        used.update(_marks(node["inputs"]))
    outputs = _outputs(nodes)
    if not outputs:
        raise InputError(MessageId.WORKFLOW_NO_OUTPUT)
    unknown = sorted(used.difference(PLACEHOLDERS))
    if unknown:
        raise InputError(
            MessageId.WORKFLOW_UNKNOWN_PLACEHOLDER, given=_braced(shown(unknown[0])), known=_known()
        )
    if "prompt" not in used:
        raise InputError(MessageId.WORKFLOW_NO_PROMPT, placeholder=_braced("prompt"))
    return UserWorkflow(MappingProxyType(nodes), frozenset(used), outputs)


def _parsed(text: str) -> Any:
    depth = 0
    for token in _TOKEN.finditer(text):
        if token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
        if depth > MOST_DEPTH:
            raise InputError(MessageId.WORKFLOW_TOO_DEEP, limit=MOST_DEPTH)
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise InputError(
            MessageId.WORKFLOW_NOT_JSON, line=error.lineno, placeholder=_braced("seed")
        ) from error
    except ValueError as error:
        raise InputError(MessageId.WORKFLOW_BAD_NUMBER) from error


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse(digits)


def _nodes(parsed: object) -> dict[str, Any]:
    if isinstance(parsed, dict) and isinstance(parsed.get("nodes"), list):
        raise InputError(MessageId.WORKFLOW_UI_FORMAT)
    # What is posted to a server wraps the graph; people save that too.
    if isinstance(parsed, dict) and isinstance(parsed.get("prompt"), dict):
        parsed = parsed["prompt"]
    if not isinstance(parsed, dict) or not parsed or len(parsed) > MOST_NODES:
        raise InputError(MessageId.WORKFLOW_NOT_A_GRAPH)
    return parsed


def _check_node(node_id: str, node: object, nodes: Mapping[str, Any]) -> None:
    if not isinstance(node, dict) or not isinstance(node.get("class_type"), str):
        raise InputError(MessageId.WORKFLOW_NOT_A_GRAPH)
    inputs = node.get("inputs")
    if not isinstance(inputs, dict):
        raise InputError(MessageId.WORKFLOW_NOT_A_GRAPH)
    for name, value in inputs.items():
        is_link = isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)
        if is_link and value[0] not in nodes:
            raise InputError(
                MessageId.WORKFLOW_BROKEN_LINK,
                node=shown(node["class_type"]),
                node_id=shown(node_id),
                input=shown(name),
            )


def _outputs(nodes: Mapping[str, Any]) -> tuple[str, ...]:
    """Nodes that leave a picture behind, by name: the file doesn't say which nodes put out."""
    found = []
    for node_id, node in nodes.items():
        name = node["class_type"].lower()
        linked = any(isinstance(value, list) for value in node["inputs"].values())
        if linked and _SAVES.search(name) and not _NO_FILE.search(name):
            found.append(("preview" in name, node_id))
    return tuple(node_id for _, node_id in sorted(found, key=lambda one: one[0]))


def _marks(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from (found[1] for found in _MARK.finditer(value))
    elif isinstance(value, dict):
        for one in value.values():
            yield from _marks(one)
    elif isinstance(value, list):
        for one in value:
            yield from _marks(one)


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(one, values) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, values) for one in value]
    if not isinstance(value, str):
        return value
    whole = _MARK.fullmatch(value.strip())
    if whole:
        return values[whole[1]]
    return _MARK.sub(lambda found: str(values[found[1]]), value)


def _braced(name: str) -> str:
    return f"{{{{{name}}}}}"


def _known() -> str:
    return ", ".join(map(_braced, PLACEHOLDERS))
