"""What a program's last words mean, and what of them is shown."""

import pytest

from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.services.managed.advice import LAST_LINES, advise
from vidgen_gui.services.managed.log_ring import MAX_LINE_CHARS, MAX_LINES, LogRing, clean_line
from vidgen_gui.services.managed.redaction import hide, secrets_in, shown_command
from vidgen_gui.services.managed.restarts import MOST_RESTARTS, WINDOW_S, RestartPolicy

LLAMA_TAIL = (
    "llama_model_load_from_file_impl: failed to load model",
    "cmn common_init_: failed to load model '/models/qwen.gguf'",
    "srv load_model: failed to load model, '/models/qwen.gguf'",
    "srv operator(): operator(): cleaning up before exit...",
    "srv llama_server: exiting due to model loading error",
)
FOLD = "common_fit_params: encountered an error while trying to fit params to free device memory: "

WORDINGS = [
    # llama-server, as it was seen to say it
    (
        "srv start: couldn't bind HTTP server socket, hostname: 127.0.0.1, port: 8080",
        Message(MessageId.PORT_TAKEN, {"port": "8080"}),
    ),
    (
        "couldn't bind to server socket: hostname=127.0.0.1 port=8080",
        Message(MessageId.PORT_TAKEN, {"port": "8080"}),
    ),
    (
        (
            "E gguf_init_from_file: failed to open GGUF file '/no/such model.gguf' "
            "(No such file or directory)"
        ),
        Message(MessageId.MODEL_FILE_MISSING, {"path": "/no/such model.gguf"}),
    ),
    (
        "gguf_init_from_reader: invalid magic characters: 'junk', expected 'GGUF'",
        Message(MessageId.MODEL_FILE_DAMAGED),
    ),
    ("gguf_init_from_file: invalid magic number 00029880", Message(MessageId.MODEL_FILE_DAMAGED)),
    ("gguf_init_from_reader: failed to read magic", Message(MessageId.MODEL_FILE_DAMAGED)),
    (
        (
            "llama_model_load: error loading model: tensor 'token_embd.weight' data is not within "
            "the file bounds, model is corrupted or incomplete"
        ),
        Message(MessageId.MODEL_FILE_DAMAGED),
    ),
    (
        (
            "llama_model_load: error loading model: error loading model architecture: unknown "
            "model architecture: 'qwen4'"
        ),
        Message(MessageId.MODEL_UNSUPPORTED, {"kind": "qwen4"}),
    ),
    ("error: invalid argument: --foo", Message(MessageId.FLAG_UNKNOWN, {"flag": "--foo"})),
    ('error while handling argument "-c": stoi', Message(MessageId.FLAG_VALUE, {"flag": "-c"})),
    (
        (
            "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 4155.99 MiB on device 0: "
            "cudaMalloc failed: out of memory"
        ),
        Message(MessageId.GPU_MEMORY_SHORT),
    ),
    (
        "llama_model_load: error loading model: unable to allocate CUDA0 buffer",
        Message(MessageId.GPU_MEMORY_SHORT),
    ),
    ("llama_model_load: error loading model: std::bad_alloc", Message(MessageId.MEMORY_SHORT)),
    ("llama_kv_cache: failed to allocate buffer for kv cache", Message(MessageId.MEMORY_SHORT)),
    (
        (
            "ggml_cuda_init: failed to initialize CUDA: CUDA driver version is insufficient for "
            "CUDA runtime version"
        ),
        Message(MessageId.GPU_DRIVER_OLD),
    ),
    (
        "ggml_cuda_init: failed to initialize CUDA: no CUDA-capable device is detected",
        Message(MessageId.GPU_MISSING),
    ),
    # ComfyUI, PyTorch, Python
    (
        (
            "OSError: [Errno 98] error while attempting to bind on address ('127.0.0.1', 8188): "
            "address already in use"
        ),
        Message(MessageId.PORT_TAKEN, {"port": "8188"}),
    ),
    (
        (
            "OSError: [Errno 10048] error while attempting to bind on address ('127.0.0.1', 8188): "
            "通常每个套接字地址(协议/网络地址/端口)只允许使用一次。"
        ),
        Message(MessageId.PORT_TAKEN, {"port": "8188"}),
    ),
    (
        (
            "OSError: [Errno 48] error while attempting to bind on address ('::', 8188, 0, 0): "
            "address already in use"
        ),
        Message(MessageId.PORT_TAKEN, {"port": "8188"}),
    ),
    ("AssertionError: Torch not compiled with CUDA enabled", Message(MessageId.GPU_MISSING)),
    (
        (
            "RuntimeError: Found no NVIDIA driver on your system. Please check that you have an "
            "NVIDIA GPU and installed a driver from http://www.nvidia.com/Download/index.aspx"
        ),
        Message(MessageId.GPU_MISSING),
    ),
    (
        (
            "RuntimeError: The NVIDIA driver on your system is too old (found version 11040). "
            "Please update your GPU driver"
        ),
        Message(MessageId.GPU_DRIVER_OLD),
    ),
    (
        "RuntimeError: CUDA error: no kernel image is available for execution on the device",
        Message(MessageId.GPU_UNSUPPORTED),
    ),
    (
        "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB",
        Message(MessageId.GPU_MEMORY_SHORT),
    ),
    (
        (
            "RuntimeError: [enforce fail at alloc_cpu.cpp:114] data. DefaultCPUAllocator: not "
            "enough memory: you tried to allocate 5242880000 bytes."
        ),
        Message(MessageId.MEMORY_SHORT),
    ),
    (
        "ModuleNotFoundError: No module named 'torch'",
        Message(MessageId.PYTHON_MODULE_MISSING, {"module": "torch"}),
    ),
    (
        "/usr/bin/python3: No module named comfy",
        Message(MessageId.PYTHON_MODULE_MISSING, {"module": "comfy"}),
    ),
    (
        "main.py: error: unrecognized arguments: --vram-headroom 2",
        Message(MessageId.FLAG_UNKNOWN, {"flag": "--vram-headroom"}),
    ),
    (
        "main.py: error: argument --port: invalid int value: 'x'",
        Message(MessageId.FLAG_VALUE, {"flag": "--port"}),
    ),
    (
        "python: can't open file '/home/me/ComfyUI/main.py': [Errno 2] No such file or directory",
        Message(MessageId.COMMAND_NOT_FOUND, {"program": "/home/me/ComfyUI/main.py"}),
    ),
    (
        "- Value not in list: ckpt_name: 'v1-5.safetensors' not in []",
        Message(MessageId.CHECKPOINT_NONE, {"given": "v1-5.safetensors"}),
    ),
    (
        "safetensors_rust.SafetensorError: Error while deserializing header: HeaderTooLarge",
        Message(MessageId.MODEL_FILE_DAMAGED),
    ),
    (
        "PermissionError: [Errno 13] Permission denied: '/srv/ComfyUI/output'",
        Message(MessageId.ACCESS_DENIED, {"what": "/srv/ComfyUI/output"}),
    ),
    # Ollama
    (
        "Error: listen tcp 127.0.0.1:11434: bind: address already in use",
        Message(MessageId.PORT_TAKEN, {"port": "11434"}),
    ),
    (
        (
            "Error: listen tcp 0.0.0.0:11434: bind: Only one usage of each socket address "
            "(protocol/network address/port) is normally permitted."
        ),
        Message(MessageId.PORT_TAKEN, {"port": "11434"}),
    ),
    (
        "Error: model requires more system memory (5.6 GiB) than is available (3.1 GiB)",
        Message(MessageId.MEMORY_SHORT),
    ),
    (
        'Error: model "qwen2.5:7b" not found, try pulling it first',
        Message(MessageId.MODEL_FILE_MISSING, {"path": "qwen2.5:7b"}),
    ),
    (
        "Error: llama runner process has terminated: CUDA error: out of memory",
        Message(MessageId.GPU_MEMORY_SHORT),
    ),
    # The system
    (
        (
            "llama-server: error while loading shared libraries: libcudart.so.12: cannot open "
            "shared object file: No such file or directory"
        ),
        Message(MessageId.LIBRARY_MISSING, {"library": "libcudart.so.12"}),
    ),
    (
        (
            "llama-server: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found "
            "(required by llama-server)"
        ),
        Message(MessageId.LIBRARY_MISSING, {"library": "GLIBC_2.38"}),
    ),
    (
        "./start_qwen.sh: 3: llama-server: not found",
        Message(MessageId.COMMAND_NOT_FOUND, {"program": "llama-server"}),
    ),
    (
        "start_qwen.sh: line 3: llama-server: command not found",
        Message(MessageId.COMMAND_NOT_FOUND, {"program": "llama-server"}),
    ),
    (
        "./start_qwen.sh: 2: /opt/models/run: Permission denied",
        Message(MessageId.ACCESS_DENIED, {"what": "/opt/models/run"}),
    ),
    (
        "/usr/bin/env: ‘python’: No such file or directory",
        Message(MessageId.COMMAND_NOT_FOUND, {"program": "python"}),
    ),
]


@pytest.mark.parametrize(("line", "message"), WORDINGS, ids=range(len(WORDINGS)))
@pytest.mark.req("F3", "O7")
def test_what_programs_say_when_they_fail(line: str, message: Message) -> None:
    before = ("llama_server: initializing ...", "Total VRAM 11918 MB, total RAM 15900 MB")
    assert advise((*before, line, "Traceback ends", "bye"), 1) == message


def test_the_cause_counts_and_not_what_follows_from_it() -> None:
    missing = "gguf_init_from_file: failed to open GGUF file '/m.gguf' (No such file or directory)"
    lines = (
        "ggml_cuda_init: failed to initialize CUDA: no CUDA-capable device is detected",
        missing,
        FOLD + "failed to load model",
        missing,
        *LLAMA_TAIL,
    )
    advice = advise(lines, 1)
    assert advice == Message(MessageId.MODEL_FILE_MISSING, {"path": "/m.gguf"})


def test_what_a_program_lived_with_is_not_blamed() -> None:
    lived_with = "ModuleNotFoundError: No module named 'insightface'"
    assert advise((lived_with, *["step"] * LAST_LINES), 1) is None
    warned = "warning: failed to mlock 827228160-byte buffer: Cannot allocate memory"
    assert advise((warned,), 1) is None


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (None, None),
        (0, None),
        (1, None),
        (-15, None),
        (-9, MessageId.PROGRAM_ENDED_BY_SYSTEM),
        (137, MessageId.PROGRAM_ENDED_BY_SYSTEM),
        (-4, MessageId.PROCESSOR_TOO_OLD),
        (0xC000001D, MessageId.PROCESSOR_TOO_OLD),
        (0xC000001D - 2**32, MessageId.PROCESSOR_TOO_OLD),
        (0xC0000135, MessageId.LIBRARY_MISSING),
    ],
)
def test_without_words_the_exit_code_speaks(code: int | None, expected: MessageId | None) -> None:
    advice = advise(("some line",), code)
    assert (advice.id if advice else None) is expected


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[38;5;214mhot\x1b[0m and \x1b[2Kcold", "hot and cold"),
        ("\x1b]0;a title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("bell\x07 null\x00 back\x08space", "bell null backspace"),
        ("\u202eright to left", "right to left"),
        ("  spread \t out  ", "spread out"),
        ("<b>markup</b>", "<b>markup</b>"),
        ("broken \ufffd bytes", "broken \ufffd bytes"),
        ("cut off \x1b[", "cut off"),
    ],
)
def test_a_line_is_shown_plain(raw: str, shown: str) -> None:
    assert clean_line(raw) == shown


@pytest.mark.req("N4")
def test_the_log_is_bounded_in_lines_and_in_their_length() -> None:
    ring = LogRing()
    for number in range(3 * MAX_LINES):
        ring.add(f"{number} " + "x" * 10_000)
    lines = ring.tail(10**9)
    assert len(lines) == MAX_LINES
    assert {len(line) for line in lines} == {MAX_LINE_CHARS}
    assert lines[-1].startswith(f"{3 * MAX_LINES - 1} ")
    assert ring.tail(0) == ring.tail(-1) == ()


def test_blank_lines_are_dropped_and_a_mark_tells_what_came_after() -> None:
    ring = LogRing()
    ring.add("one")
    mark = ring.position
    assert ring.add("\x1b[0m   ") == ""
    ring.add("two")
    ring.add("three")
    assert ring.since(mark) == ("two", "three")
    assert ring.since(0) == ring.tail() == ("one", "two", "three")
    assert ring.since(ring.position) == ()
    for number in range(MAX_LINES + 5):
        ring.add(str(number))
    assert len(ring.since(mark)) == MAX_LINES


KEY = "correct-horse-battery-staple"


@pytest.mark.parametrize(
    ("argv", "shown"),
    [
        (("s", "--api-key", KEY, "-c", "1"), ("s", "--api-key", "•••", "-c", "1")),
        (("s", f"--api-key={KEY}"), ("s", "--api-key=•••")),
        (("s", "--hf-token", KEY), ("s", "--hf-token", "•••")),
        (("s", "-hft", KEY), ("s", "-hft", "•••")),
        (("s", "--api-key"), ("s", "--api-key")),
        (("s", "--api-key-file", "/etc/key"), ("s", "--api-key-file", "/etc/key")),
        (("s", "-H", f"Authorization: Bearer {KEY}"), ("s", "-H", "Authorization: Bearer •••")),
        (("s", "--max-tokens", "123456"), ("s", "--max-tokens", "123456")),
    ],
)
def test_a_shown_command_line_keeps_keys_to_itself(
    argv: tuple[str, ...], shown: tuple[str, ...]
) -> None:
    assert shown_command(argv) == shown


def test_keys_are_hidden_wherever_they_are_printed() -> None:
    env = {"HF_TOKEN": "hugging-face-1", "PATH": "/usr/bin", "MY_API_KEY": "abc", "SECRET": ""}
    secrets = secrets_in(("s", "--api-key", f"{KEY},second-key"), env)
    assert set(secrets) == {f"{KEY},second-key", KEY, "second-key", "hugging-face-1"}
    line = f"keys {KEY},second-key or second-key or {KEY}; hugging-face-1; abc"
    assert hide(line, secrets) == "keys ••• or ••• or •••; •••; abc"
    assert hide("token sk-abcdefghijklmnopqrstuv", ()) == "token •••"
    assert LogRing(secrets).add("x" * 495 + KEY) == "x" * 495 + "•••"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_restarts_are_paced_and_limited() -> None:
    clock = Clock()
    policy = RestartPolicy(clock)
    assert [policy.next_pause_s() for _ in range(MOST_RESTARTS + 2)] == [1, 2, 4, None, None]
    clock.now += WINDOW_S - 1
    assert policy.next_pause_s() is None
    clock.now += 1
    assert policy.used == 0
    assert policy.next_pause_s() == 1
    clock.now += WINDOW_S / 2
    assert policy.next_pause_s() == 2
    clock.now += WINDOW_S / 2
    assert policy.next_pause_s() == 2
