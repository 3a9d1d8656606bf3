"""Reads what a server says about its node classes (``/object_info``), trusting none of it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

MOST_CHOICES = 20_000
MOST_NAME_CHARS = 1_000
LIST_TYPE = "COMBO"
ANY_TYPE = "*"


@dataclass(frozen=True, slots=True)
class InputSpec:
    """One input of a node class.

    ``kind`` is the server's type name (``INT``, ``IMAGE``, ``COMBO`` for a list, or several
    parted by commas). ``choices`` is None where any value of the kind will do.
    """

    kind: str
    required: bool
    choices: tuple[object, ...] | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """One node class: its inputs by name, its outputs' types, and whether it ends a graph."""

    inputs: Mapping[str, InputSpec]
    outputs: tuple[str, ...]
    is_output: bool


def node_spec(object_info: Mapping[str, Any], class_type: str) -> NodeSpec | None:
    """What the server says about a class, or None where that cannot be made sense of.

    Formats by running 0.3.64 and reading newer ones: an input is ``[type]`` or
    ``[type, options]``; a list is ``[[choices], options]`` or, newer,
    ``["COMBO", {"options": choices}]``.
    """
    entry = object_info.get(class_type)
    if not isinstance(entry, Mapping):
        return None
    groups = entry.get("input")
    outputs = entry.get("output", [])
    if not isinstance(groups, Mapping) or not isinstance(outputs, list | tuple):
        return None
    inputs: dict[str, InputSpec] = {}
    for group in ("required", "optional"):
        named = groups.get(group, {})
        if not isinstance(named, Mapping):
            return None
        for name, told in named.items():
            read = _input(told, required=group == "required")
            if read is None or not isinstance(name, str):
                return None
            inputs[name] = read
    kinds = tuple(kind if isinstance(kind, str) else LIST_TYPE for kind in outputs)
    return NodeSpec(MappingProxyType(inputs), kinds, entry.get("output_node") is True)


def _input(told: object, *, required: bool) -> InputSpec | None:
    if not isinstance(told, list | tuple) or not told:
        return None
    kind, options = told[0], told[1] if len(told) > 1 else {}
    if not isinstance(options, Mapping):
        return None
    if isinstance(kind, list | tuple):
        choices: object = kind
        kind = LIST_TYPE
    elif kind == LIST_TYPE:
        choices = options.get("options")
    else:
        choices = None
    if not isinstance(kind, str) or (choices is not None and not isinstance(choices, list | tuple)):
        return None
    if any(str(key).endswith("_upload") and value for key, value in options.items()):
        # Uploaded files may lie in folders that the list leaves out; the server looks itself.
        choices = None
    kept = None if choices is None else tuple(choices[:MOST_CHOICES])
    return InputSpec(kind, required, kept, _bound(options, "min"), _bound(options, "max"))


def _bound(options: Mapping[str, Any], name: str) -> float | None:
    bound = options.get(name)
    if isinstance(bound, bool) or not isinstance(bound, int | float):
        return None
    return None if isinstance(bound, float) and math.isnan(bound) else bound
