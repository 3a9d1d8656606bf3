"""What a refusal or a failure at the server means; pure.

Wordings: PyTorch's allocators (CUDA, HIP, MPS, XPU, CPU), ComfyUI ``model_management.py`` and
``execution.py``, torch-directml, NumPy, and Windows' page file error 1455.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import regex

from vidgen_gui.services.comfyui import untrusted
from vidgen_gui.services.comfyui.errors import (
    ComfyError,
    ExecutionFailed,
    InterruptedByOther,
    MissingCheckpoint,
    MissingNode,
    NodeProblem,
    OutOfGpuMemory,
    OutOfRam,
    ValidationFailed,
)
from vidgen_gui.services.comfyui.messages import Failed

_MOST_PROBLEMS = 64
_MOST_ALLOWED = 200
_NOT_IN_LIST = "value_not_in_list"
_CHECKPOINT_INPUT = "ckpt_name"


class FailureKind(StrEnum):
    """Why a node raised, as far as it matters for what is tried next."""

    GPU_MEMORY = "gpu-memory"
    RAM = "ram"
    OTHER = "other"


_RAM = regex.compile(
    r"CPUAllocator|alloc_cpu\.cpp|cannot allocate memory|unable to allocate|errno 12\b"
    r"|os error (?:12|1455)\b|winerror 1455\b|paging file is too small|page file is too small"
    r"|out of (?:system|host) memory|CUDA error: out of host memory",
    regex.IGNORECASE,
)
_GPU = regex.compile(
    r"out of memory|not enough (?:GPU |video )*memory|allocation on device"
    r"|cudaErrorMemoryAllocation|hipErrorOutOfMemory|CU(?:BLAS|DNN|SOLVER)_STATUS_ALLOC_FAILED"
    r"|OUT_OF_(?:DEVICE_|HOST_)?MEMORY|_ERROR_OUT_OF_RESOURCES|outofmemory"
    r"|insufficient (?:GPU|video|device) memory",
    regex.IGNORECASE,
)
_GPU_TYPES = ("OutOfMemoryError",)
_RAM_TYPES = ("MemoryError", "_ArrayMemoryError")


def classify_failure(exception_type: str, message: str) -> FailureKind:
    """Tell a want of memory, and of which, from every other failure of a node.

    Args:
        exception_type: as the server writes it (``torch.OutOfMemoryError``, ``RuntimeError``).
        message: the exception's text.
    """
    kind = exception_type.strip().rpartition(".")[2]
    if kind in _RAM_TYPES or _RAM.search(message):
        return FailureKind.RAM
    if kind in _GPU_TYPES or _GPU.search(message):
        return FailureKind.GPU_MEMORY
    return FailureKind.OTHER


def execution_failure(failed: Failed) -> ExecutionFailed:
    """The error that an ``execution_error`` stands for."""
    error_type: type[ExecutionFailed] = {
        FailureKind.GPU_MEMORY: OutOfGpuMemory,
        FailureKind.RAM: OutOfRam,
        FailureKind.OTHER: ExecutionFailed,
    }[classify_failure(failed.exception_type, failed.words)]
    words = untrusted.words(failed.words) or failed.exception_type or "—"
    detail = f"{failed.exception_type}: {failed.words} [{failed.trace}]"
    return error_type(failed.node, failed.node_type, words, detail=detail)


def refusal(body: Any) -> ComfyError:
    """The error behind the answer to a refused ``POST /prompt`` (400 and its body)."""
    answer = untrusted.mapping(body)
    error = answer.get("error")
    fields = untrusted.mapping(error)
    words = untrusted.words(error) or untrusted.words(fields.get("message"))
    details = untrusted.words(fields.get("details"))
    missing = _missing_node(fields, words, details)
    if missing is not None:
        return missing
    problems = node_problems(answer.get("node_errors"))
    said = " ".join(part for part in (words, details) if part) or untrusted.words(body) or "—"
    return _validation(problems, said)


def dropped_outputs(body: Any, wanted: Iterable[str]) -> ValidationFailed | None:
    """The error behind an accepted prompt of which a ``wanted`` output node was left out.

    ``POST /prompt`` answers 200 with ``node_errors`` when some outputs are valid and some not.
    """
    problems = node_problems(untrusted.mapping(body).get("node_errors"))
    ours = set(wanted)
    hit = tuple(
        problem
        for problem in problems
        if not problem.outputs or not ours or ours.intersection(problem.outputs)
    )
    return _validation(hit, "") if hit else None


def node_problems(node_errors: Any) -> tuple[NodeProblem, ...]:
    """Read ``node_errors``: an object by node id; an empty list where there are none."""
    problems: list[NodeProblem] = []
    for node, entry in untrusted.mapping(node_errors).items():
        fields = untrusted.mapping(entry)
        outputs = untrusted.items(fields.get("dependent_outputs"), _MOST_PROBLEMS)
        known = tuple(name for name in map(untrusted.node_id, outputs) if name is not None)
        node_type = untrusted.words(fields.get("class_type"))
        for reason in untrusted.items(fields.get("errors"), _MOST_PROBLEMS):
            problems.append(
                _problem(untrusted.words(node), node_type, untrusted.mapping(reason), known)
            )
            if len(problems) >= _MOST_PROBLEMS:
                return tuple(problems)
    return tuple(problems)


def removed_by_other() -> InterruptedByOther:
    """Our prompt is neither waiting, running nor finished at a server that never went away."""
    return InterruptedByOther()


def _validation(problems: tuple[NodeProblem, ...], words: str) -> ValidationFailed:
    detail = "; ".join(
        f"{problem.node_type} {problem.node_id}: {problem.words}" for problem in problems
    )
    for place, problem in enumerate(problems):
        if problem.kind == _NOT_IN_LIST and problem.input == _CHECKPOINT_INPUT:
            # Nothing else can be right before there is a model: it comes first.
            rest = problems[:place] + problems[place + 1 :]
            return MissingCheckpoint((problem, *rest), words, detail=detail)
    return ValidationFailed(problems, words, detail=detail)


def _problem(
    node: str, node_type: str, reason: Mapping[str, Any], outputs: tuple[str, ...]
) -> NodeProblem:
    extra = untrusted.mapping(reason.get("extra_info"))
    message = untrusted.words(reason.get("message"))
    details = untrusted.words(reason.get("details"))
    kind = untrusted.words(reason.get("type"))
    # The details of a refused choice repeat the whole list, which `allowed` has.
    said = message if kind == _NOT_IN_LIST or not details else f"{message}: {details}"
    return NodeProblem(
        node_id=node,
        node_type=node_type,
        kind=kind,
        input=untrusted.words(extra.get("input_name")),
        given=untrusted.words(extra.get("received_value")),
        allowed=_allowed(extra.get("input_config")),
        words=said or kind or "—",
        outputs=outputs,
    )


def _allowed(input_config: Any) -> tuple[str, ...]:
    """The choices of a list input (old or new spelling), or the bounds of a number."""
    config = untrusted.items(input_config, 2)
    if not config:
        return ()
    options = untrusted.mapping(config[1]) if len(config) > 1 else {}
    choices = config[0] if isinstance(config[0], list) else options.get("options")
    if isinstance(choices, list):
        shown = (untrusted.words(choice) for choice in choices[:_MOST_ALLOWED])
        return tuple(choice for choice in shown if choice)
    lowest, highest = (untrusted.words(options.get(key)) for key in ("min", "max"))
    return (f"{lowest} … {highest}".strip(),) if lowest or highest else ()


_OLD_MISSING_NODE = regex.compile(r"node (?P<name>.{1,200}?) does not exist")
_NEW_MISSING_NODE = regex.compile(r"Node '(?P<name>[^']{1,200})' not found")
_NODE_NUMBER = regex.compile(r"#(?P<id>[^'\s]{1,100})")


def _missing_node(fields: Mapping[str, Any], words: str, details: str) -> MissingNode | None:
    """Older servers say it in words only, newer ones by ``missing_node_type``."""
    extra = untrusted.mapping(fields.get("extra_info"))
    told = _OLD_MISSING_NODE.search(words) or _NEW_MISSING_NODE.search(words)
    if told is None and fields.get("type") != "missing_node_type":
        return None
    number = _NODE_NUMBER.search(details)
    node = untrusted.words(extra.get("node_id")) or (number["id"] if number else "")
    class_type = untrusted.words(extra.get("class_type")) or (told["name"] if told else "—")
    return MissingNode(class_type, node, words=f"{words} {details}")
