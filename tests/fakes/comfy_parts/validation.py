"""What `POST /prompt` refuses, in the words and shapes of ComfyUI 0.3.64 or, newer, 0.12.

Nothing runs here: a graph goes in, the outputs that are good and the errors come out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fakes.comfy_parts.nodes import inputs_of

Graph = dict[str, dict[str, Any]]
Error = dict[str, Any]

LONG_LIST = 20
"""Longer option lists aren't sent back: the error's ``input_config`` is null then."""

_BROKEN = (KeyError, IndexError, TypeError, RecursionError)
_CONVERT = {"INT": int, "FLOAT": float, "STRING": str, "BOOLEAN": bool}


@dataclass
class Verdict:
    """``error`` is set when nothing can run; ``node_errors`` may be there even when it can."""

    error: Error | None = None
    outputs: list[str] = field(default_factory=list)
    node_errors: dict[str, Any] = field(default_factory=dict)


def validate(graph: Any, info: Mapping[str, Any], *, newer: bool = False) -> Verdict:
    """Check a graph as the server does; converts plain values in place (``"20"`` → 20)."""
    try:
        outputs = _outputs(graph, info, newer=newer)
    except _RefusedError as refused:
        return Verdict(error=refused.error)
    checker = _Checker(graph, info, newer=newer)
    verdict = Verdict()
    failures: list[Error] = []
    for output in outputs:
        if checker.accepts(output):
            verdict.outputs.append(output)
            continue
        failures += checker.errors.get(output, [])
        for node, errors in checker.errors.items():
            entry = verdict.node_errors.setdefault(
                node,
                {
                    "errors": errors,
                    "dependent_outputs": [],
                    "class_type": graph[node]["class_type"],
                },
            )
            entry["dependent_outputs"].append(output)
    if not verdict.outputs:
        details = "\n".join(f"{error['message']}: {error['details']}" for error in failures)
        verdict.error = _error(
            "prompt_outputs_failed_validation", "Prompt outputs failed validation", details
        )
    return verdict


class _RefusedError(Exception):
    def __init__(self, error: Error) -> None:
        super().__init__(error["type"])
        self.error = error


def _error(kind: str, message: str, details: str, **extra: Any) -> Error:
    return {"type": kind, "message": message, "details": details, "extra_info": extra}


def _outputs(graph: Any, info: Mapping[str, Any], *, newer: bool) -> list[str]:
    found = []
    for node, content in graph.items():
        kind = content.get("class_type")
        if kind not in info:
            raise _RefusedError(_missing(node, content, kind, newer=newer))
        if info[kind]["output_node"]:
            found.append(node)
    if not found:
        raise _RefusedError(_error("prompt_no_outputs", "Prompt has no outputs", ""))
    return found


def _missing(node: str, content: Any, kind: str | None, *, newer: bool) -> Error:
    where = f"Node ID '#{node}'"
    if not newer:
        words = f"Cannot execute because node {kind} does not exist."
        if kind is None:
            words = "Cannot execute because a node is missing the class_type property."
        return _error("invalid_prompt", words, where)
    title = content.get("_meta", {}).get("title", kind)
    words = f"Node '{title}' not found. The custom node may not be installed."
    if kind is None:
        name = title or f"ID #{node}"
        words = (
            f"Node '{name}' has no class_type. "
            "The workflow may be corrupted or a custom node is missing."
        )
    extra = {"node_id": node, "class_type": kind, "node_title": title}
    return _error("missing_node_type", words, where, **extra)


class _Checker:
    """Walks a graph from its outputs up; each node is judged once."""

    def __init__(self, graph: Graph, info: Mapping[str, Any], *, newer: bool) -> None:
        self._graph = graph
        self._info = info
        self._newer = newer
        self._valid: dict[str, bool] = {}
        self._judging: set[str] = set()
        self.errors: dict[str, list[Error]] = {}

    def accepts(self, output: str) -> bool:
        """Whether an output can be made, with what could not be judged told as its error."""
        try:
            return self._is_valid(output)
        except _BROKEN as error:
            words = "Exception when validating node"
            about = {"exception_type": type(error).__name__, "traceback": []}
            failure = _error("exception_during_validation", words, str(error), **about)
            self.errors.setdefault(output, []).append(failure)
            return False

    def _is_valid(self, node: str) -> bool:
        if node in self._valid:
            return self._valid[node]
        if node in self._judging:
            raise RecursionError("maximum recursion depth exceeded")
        self._judging.add(node)
        errors: list[Error] = []
        valid = True
        content = self._graph[node]
        given = content["inputs"]
        for name, (group, kind, extra) in inputs_of(self._info[content["class_type"]]).items():
            if name not in given:
                if group == "required":
                    words = "Required input is missing"
                    errors.append(_error("required_input_missing", words, name, input_name=name))
                continue
            if isinstance(given[name], list):
                found, upstream = self._check_link(given[name], name, kind, extra)
                valid = valid and upstream
            else:
                found = _check_value(given, name, kind, extra, newer=self._newer)
            errors += found
        if errors:
            self.errors[node] = errors
        self._valid[node] = valid and not errors
        return self._valid[node]

    def _check_link(
        self, link: list[Any], name: str, kind: Any, extra: dict[str, Any]
    ) -> tuple[list[Error], bool]:
        """What is wrong with the link itself, and whether what it leads to is valid."""
        config = [kind, extra]
        if len(link) != 2:
            words = "Bad linked input, must be a length-2 list of [node_id, slot_index]"
            about = {"input_name": name, "input_config": config, "received_value": link}
            return [_error("bad_linked_input", words, name, **about)], True
        source, slot = link
        output = self._info[self._graph[source]["class_type"]]["output"][slot]
        if "*" not in (output, kind) and output != kind:
            details = f"{name}, received_type({output}) mismatch input_type({kind})"
            about = {
                "input_name": name,
                "input_config": config,
                "received_type": output,
                "linked_node": link,
            }
            words = "Return type mismatch between linked nodes"
            return [_error("return_type_mismatch", words, details, **about)], True
        try:
            return [], self._is_valid(source)
        except _BROKEN as error:
            # The server tells it as an error of the node that the link leads to.
            self.errors[source] = [_inner_failure(error, name, config, link)]
            self._valid[source] = False
            return [], False


def _inner_failure(error: Exception, name: str, config: list[Any], link: list[Any]) -> Error:
    about = {
        "input_name": name, "input_config": config, "exception_message": str(error),
        "exception_type": type(error).__name__, "traceback": [], "linked_node": link,
    }  # fmt: skip
    words = "Exception when validating inner node"
    return _error("exception_during_inner_validation", words, str(error), **about)


def _check_value(
    given: dict[str, Any], name: str, kind: Any, extra: dict[str, Any], *, newer: bool
) -> list[Error]:
    value = given[name]
    about = {"input_name": name, "input_config": [kind, extra], "received_value": value}
    convert = _CONVERT.get(kind) if isinstance(kind, str) else None
    if convert:
        try:
            value = convert(value)
        except (ValueError, TypeError, OverflowError) as error:
            words = f"Failed to convert an input value to a {kind} value"
            about["exception_message"] = str(error)
            return [_error("invalid_input_type", words, f"{name}, {value}, {error}", **about)]
        given[name] = about["received_value"] = value
    if "min" in extra and value < extra["min"]:
        words = f"Value {value} smaller than min of {extra['min']}"
        return [_error("value_smaller_than_min", words, name, **about)]
    if "max" in extra and value > extra["max"]:
        words = f"Value {value} bigger than max of {extra['max']}"
        return [_error("value_bigger_than_max", words, name, **about)]
    if extra.get("image_upload"):
        return _check_picture(value, name, kind)
    # Up to 0.3.64 the options of nodes with the newer schema are only checked when they run.
    options = kind if isinstance(kind, list) else extra.get("options") if newer else None
    if options is None or value in options:
        return []
    listed = str(options)
    if len(options) > LONG_LIST:
        about["input_config"] = None
        listed = f"(list of length {len(options)})"
    details = f"{name}: '{value}' not in {listed}"
    return [_error("value_not_in_list", "Value not in list", details, **about)]


def _check_picture(value: Any, name: str, options: list[str]) -> list[Error]:
    """A picture may also lie in a subfolder that the list doesn't show; here all are shown."""
    if value in options:
        return []
    details = f"{name} - Invalid image file: {value}"
    words = "Custom validation failed for node"
    return [_error("custom_validation_failed", words, details, input_name=name)]
