"""What a program's last words mean for a person: one table of wordings, tried in order. Pure.

The wordings are those of llama.cpp (2023 to now), Ollama, ComfyUI, PyTorch, CUDA, Python, the C
library and Windows, seen in their sources and in reports of their users.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vidgen_gui.core.messages import Message, MessageId

LAST_LINES = 40
"""What ends a program stands at the end; further up are failures that it lived with."""

_PORT = r"(?:port[:=]? ?(?P<port>\d{2,5})|[\d.\]']+[:,] ?(?P<port2>\d{2,5})|:(?P<port3>\d{2,5}))"


@dataclass(frozen=True, slots=True)
class _Wording:
    """Patterns in a line; their named groups become the message's parameters."""

    message_id: MessageId
    patterns: tuple[re.Pattern[str], ...]

    def match(self, line: str) -> Message | None:
        for pattern in self.patterns:
            found = pattern.search(line)
            if found is not None:
                return Message(self.message_id, _parameters(found))
        return None


def _said(message_id: MessageId, *patterns: str) -> _Wording:
    return _Wording(message_id, tuple(re.compile(one, re.IGNORECASE) for one in patterns))


# What caused the rest stands first: a model that doesn't fit is also one that "failed to load".
_WORDINGS = (
    _said(
        MessageId.PORT_TAKEN,
        rf"couldn.t bind (?:HTTP|to) server socket.*?{_PORT}",
        rf"bind on address .*?{_PORT}(?!.*cannot assign)",
        rf"listen tcp .*?{_PORT}: bind: (?!permission)",
    ),
    _said(
        MessageId.PORT_TAKEN,
        r"address already in use|only one usage of each socket address|EADDRINUSE",
        r"port \d+ is (?:already )?in use",
    ),
    _said(
        MessageId.GPU_MEMORY_SHORT,
        r"cudaMalloc failed: out of memory|cudaErrorMemoryAllocation|CUDA error: out of memory",
        r"CUDA out of memory|(?:torch|cuda)\.OutOfMemoryError|hipMalloc.*out of memory",
        r"HIP out of memory|MPS backend out of memory|ErrorOutOfDeviceMemory",
        r"unable to allocate (?:CUDA|ROCm|Vulkan|SYCL|Metal)\w* buffer",
        r"Allocation on device|CUDA_ERROR_OUT_OF_MEMORY|Insufficient Memory \(.*IOGPU",
    ),
    _said(
        MessageId.MEMORY_SHORT,
        r"std::bad_alloc|DefaultCPUAllocator: (?:not enough|can't allocate) memory",
        r"^MemoryError|: MemoryError|\[Errno 12\]|^(?!.*mlock).*cannot allocate memory",
        r"requires more system memory|unable to allocate (?:CPU|backend) buffer",
        r"failed to allocate buffer(?: for kv cache)?|failed to allocate compute \w+ buffers",
        r"the paging file is too small|ggml_aligned_malloc: insufficient memory",
    ),
    _said(
        MessageId.GPU_DRIVER_OLD,
        r"NVIDIA driver on your system is too old",
        r"driver version is insufficient for CUDA runtime",
        r"forward compatibility was attempted on non supported HW",
        r"CUDA_ERROR_UNSUPPORTED_PTX_VERSION|provided PTX was compiled with an unsupported",
    ),
    _said(
        MessageId.GPU_UNSUPPORTED,
        r"no kernel image is available for execution|CUDA_ERROR_NO_BINARY_FOR_GPU",
        r"not compatible with the current PyTorch installation",
    ),
    _said(
        MessageId.MODEL_FILE_MISSING,
        r"failed to open GGUF file '(?P<path>[^']*)' \(No such file",
        r"error loading model: failed to open (?P<path>.+?): No such file",
        r"model ['\"]?(?P<path>[^'\" ]+)['\"]? not found, try pulling it",
    ),
    _said(
        MessageId.MODEL_FILE_DAMAGED,
        r"invalid magic (?:characters|number)|bad magic|failed to read magic",
        r"not within the file bounds|model is corrupted or incomplete|tensors expected but",
        r"Error while deserializing header|HeaderTooLarge|MetadataIncompleteBuffer",
        r"invalid GGUF|unsupported GGUF version|failed to read key-value pairs",
        r"unexpectedly reached end of file|PytorchStreamReader failed",
    ),
    _said(
        MessageId.MODEL_UNSUPPORTED,
        r"unknown model architecture: '(?P<kind>[^']*)'",
        r"unknown pre-tokenizer type: '(?P<kind>[^']*)'",
        r"unsupported model architecture:? '?(?P<kind>[\w.-]+)",
    ),
    _said(
        MessageId.CHECKPOINT_NONE,
        r"ckpt_name: '(?P<given>[^']*)' not in \[",
        r"Could not detect model type of: (?P<given>.+)",
    ),
    _said(
        MessageId.FLAG_UNKNOWN,
        r"error: (?:invalid|unknown) argument: (?P<flag>\S+)",
        r"unrecognized arguments: (?P<flag2>\S+)|no such option: (?P<flag3>\S+)",
        r"(?:unknown|unrecognized|invalid) (?:shorthand )?(?:flag|option):? '?(?P<flag>[-\w]+)",
        r"flag provided but not defined: (?P<flag>\S+)",
    ),
    _said(
        MessageId.FLAG_VALUE,
        r'error while handling argument "(?P<flag>[^"]+)"',
        r"error: argument (?P<flag>[-\w/, ]+): (?:invalid|expected)",
    ),
    _said(
        MessageId.PYTHON_MODULE_MISSING,
        r"ModuleNotFoundError: No module named '(?P<module>[^']+)'",
        r"ImportError: No module named '?(?P<module>[\w.]+)",
        r"python[\w.]*(?:\.exe)?: No module named (?P<module>[\w.]+)$",
    ),
    _said(
        MessageId.LIBRARY_MISSING,
        r"error while loading shared libraries: (?P<library>[^:]+):",
        r"ImportError: (?P<library>[\w.+-]+\.so[\w.]*): cannot open shared object",
        r"version `(?P<library3>GLIBC\w*_[\d.]+)' not found|Library not loaded: (?P<library4>\S+)",
        r"DLL load failed while importing (?P<library>[\w.]+)",
    ),
    # llama.cpp goes on without a graphics card, so other reasons come first.
    _said(
        MessageId.GPU_MISSING,
        r"Torch not compiled with CUDA enabled|Found no NVIDIA driver on your system",
        r"no CUDA-capable device is detected|No CUDA GPUs are available",
        r"failed to initialize CUDA|CUDA driver initialization failed|libcuda\.so\.1: cannot open",
        r"NVIDIA-SMI has failed",
    ),
    _said(
        MessageId.ACCESS_DENIED,
        r"PermissionError: \[\w+ \d+\] [^:]*: '(?P<what>[^']+)'",
        r"failed to open GGUF file '(?P<what>[^']*)' \(Permission denied",
        r"(?P<what3>[^\s:'‘]+)['’]?: Permission denied|bind: (?P<what4>permission denied)",
        r"(?P<what>.*(?:PermissionError|Permission denied|Access is denied|EACCES).*)",
    ),
    _said(
        MessageId.COMMAND_NOT_FOUND,
        r"can't open file '(?P<program>[^']+)': \[Errno 2\]",
        r": (?:line )?(?:\d+: )?['‘]?(?P<program>[^:'’]+)['’]?: (?:command )?not found$",
        r"env: ['‘]?(?P<program>[^:'’]+)['’]?: No such file",
    ),
)
# POSIX: a negative code is the signal. Windows: NTSTATUS values as unsigned numbers.
_BY_CODE = {
    -4: MessageId.PROCESSOR_TOO_OLD,
    0xC000001D: MessageId.PROCESSOR_TOO_OLD,
    -9: MessageId.PROGRAM_ENDED_BY_SYSTEM,
    137: MessageId.PROGRAM_ENDED_BY_SYSTEM,
    0xC0000135: MessageId.LIBRARY_MISSING,
    0xC0000017: MessageId.MEMORY_SHORT,
}


def advise(lines: Sequence[str], returncode: int | None) -> Message | None:
    """What went wrong, read from a program's log and exit code; None when nothing is recognised.

    Args:
        lines: its cleaned log, oldest first; only the last `LAST_LINES` count.
        returncode: as `subprocess` gives it; None while it runs.
    """
    last = lines[-LAST_LINES:]
    for wording in _WORDINGS:
        for line in reversed(last):
            message = wording.match(line)
            if message is not None:
                return message
    if returncode is None:
        return None
    by_code = _BY_CODE.get(returncode if returncode >= -64 else returncode % 2**32)
    return None if by_code is None else Message(by_code)


def _parameters(found: re.Match[str]) -> dict[str, str]:
    """Named groups without the digit that tells alternatives of one pattern apart."""
    return {
        name.rstrip("0123456789"): value.strip()
        for name, value in found.groupdict().items()
        if value
    }
