"""What a failing node says, in the server's own words."""

from collections.abc import Mapping
from typing import Any

from fakes.comfy_parts.faults import Fault

GPU_TIPS = (
    "\nThis error means you ran out of memory on your GPU.\n\nTIPS: If the workflow worked before "
    "you might have accidentally set the batch_size to a large number."
)
ALLOCATION = (
    "Allocation on device 0 would exceed allowed memory. (out of memory)\n"
    "Currently allocated     : 5.12 GiB\nRequested               : 1.27 GiB\n"
    "Device limit            : 11.99 GiB\nFree (according to CUDA): 18.50 MiB"
)
RAM = (
    "[enforce fail at alloc_cpu.cpp:121] data. DefaultCPUAllocator: not enough memory: "
    "you tried to allocate 8589934592 bytes.\n"
)
_CUES = {
    Fault.OOM: ("torch.OutOfMemoryError", ALLOCATION + GPU_TIPS),
    Fault.OOM_OLD: (
        "torch.cuda.OutOfMemoryError",
        "Allocation on device 0 would exceed allowed memory. (out of memory)" + GPU_TIPS,
    ),
    Fault.OOM_ACCELERATOR: (
        "torch.AcceleratorError",
        (
            "CUDA error: out of memory\nSearch for `cudaErrorMemoryAllocation' in "
            "https://docs.nvidia.com/cuda/cuda-runtime-api/group__CUDART__TYPES.html"
        ),
    ),
    Fault.OOM_HIP: (
        "torch.OutOfMemoryError",
        "HIP out of memory. Tried to allocate 1.27 GiB. GPU 0 has a total capacity of 11.98 GiB "
        "of which 18.50 MiB is free." + GPU_TIPS,
    ),
    Fault.OOM_MPS: (
        "RuntimeError",
        (
            "MPS backend out of memory (MPS allocated: 8.89 GB, other allocations: 384.00 KB, max "
            "allowed: 9.07 GB). Tried to allocate 256.00 MB on private pool."
        ),
    ),
    Fault.OOM_RAM: ("RuntimeError", RAM),
    Fault.EXECUTION_ERROR: (
        "RuntimeError",
        "mat1 and mat2 shapes cannot be multiplied (77x2048 and 768x320)",
    ),
}


class NodeFailure(Exception):
    """A node raised: ``kind`` and ``words`` are the exception's."""

    def __init__(self, node: str, node_type: str, kind: str, words: str) -> None:
        super().__init__(words)
        self.node = node
        self._node_type = node_type
        self._kind = kind
        self._words = words

    def message(self, executed: list[str], graph: Mapping[str, Any]) -> dict[str, Any]:
        """The data of `execution_error`."""
        return {
            "node_id": self.node,
            "node_type": self._node_type,
            "executed": list(executed),
            "exception_message": self._words,
            "exception_type": self._kind,
            "traceback": ['  File "ComfyUI/execution.py", line 496, in execute\n    …\n'],
            "current_inputs": {
                name: ["tensor([[[[ -75.3997, …]]]])"] for name in graph[self.node]["inputs"]
            },
            "current_outputs": list(graph),
        }


def out_of_memory(node: str, node_type: str, words: str) -> NodeFailure:
    return NodeFailure(node, node_type, "torch.OutOfMemoryError", words + GPU_TIPS)


def on_cue(fault: Fault, node: str, node_type: str) -> None:
    """Raise what the fault asks for: in the first sampler, or in a node made for it.

    Raises:
        NodeFailure: this node fails.
    """
    if node_type == "OomOnCue":
        raise out_of_memory(node, node_type, ALLOCATION)
    if node_type == "RaiseOnCue":
        raise NodeFailure(node, node_type, "RuntimeError", RAM)
    if node_type == "KSampler" and fault in _CUES:
        raise NodeFailure(node, node_type, *_CUES[fault])
