"""States of services as they come up in life, for screenshots."""

import time
from collections.abc import Mapping
from dataclasses import replace

from fake_controller import FakeController
from fake_services import MAKER, WRITER, absent_view, maker_view, unwell, writer_view

from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.service import (
    EndpointView,
    Ownership,
    ServiceKind,
    ServiceState,
    ServiceView,
)

WRITER_UP_S = 2 * 3600 + 320
MAKER_UP_S = 47 * 60


def service_states() -> Mapping[str, tuple[ServiceView, ServiceView]]:
    """What the panel can show, by a short name for each."""
    now = time.time()
    writer = writer_view(started_at=now - WRITER_UP_S)
    maker = maker_view(started_at=now - MAKER_UP_S)
    starting = maker_view(
        state=ServiceState.STARTING,
        url="",
        started_at=now - 8,
        memory_mib=640.0,
        model="",
        version="",
        detail=Message(MessageId.SERVICE_WAITING, {"name": "ComfyUI", "port": "8188"}),
    )
    taken = Message(
        MessageId.PORT_TAKEN_BY, {"program": "jupyter-lab", "pid": "3120", "port": "8080"}
    )
    crashed = replace(writer, ownership=Ownership.NONE, kind=None, model="", **GONE)
    return {
        "ready": (writer, replace(maker, state=ServiceState.BUSY)),
        "starting": (replace(writer, state=ServiceState.STOPPED, **GONE), starting),
        "unhealthy": (unwell(crashed, taken), maker),
        "missing": (
            absent_view(WRITER, detail=Message(MessageId.SERVICE_GET_LLM)),
            absent_view(MAKER, detail=Message(MessageId.SERVICE_GET_COMFYUI)),
        ),
        "adopted": (
            replace(
                writer,
                ownership=Ownership.ADOPTED,
                kind=ServiceKind.OLLAMA,
                url="http://127.0.0.1:11434",
                model="qwen2.5:7b-instruct-q4_K_M",
                version="0.12.3",
            ),
            replace(maker, ownership=Ownership.REMOTE, url="http://atelier.local:8188", **REMOTE),
        ),
        "writing": (replace(writer, state=ServiceState.BUSY), maker),
        "paused": (
            replace(writer, state=ServiceState.PAUSED, **GONE),
            replace(maker, state=ServiceState.BUSY),
        ),
    }


GONE: Mapping[str, object] = {
    "pid": None,
    "started_at": None,
    "memory_mib": None,
    "url": "",
    "version": "",
    "can_start": True,
    "can_stop": False,
}
REMOTE: Mapping[str, object] = {
    "pid": None,
    "started_at": None,
    "memory_mib": None,
    "can_stop": False,
}


def fill_details(controller: FakeController) -> None:
    """Give the details dialogs something to show."""
    services = controller.services
    now = time.time()
    services.show(
        writer_view(started_at=now - WRITER_UP_S), maker_view(started_at=now - MAKER_UP_S)
    )
    controller.settings = controller.settings.with_values(
        {
            "script_writer.url": "http://127.0.0.1:8080",
            "script_writer.fallback_urls": "http://atelier.local:8080, http://10.0.0.7:11434",
            "script_writer.model_file": "/home/ada/models/Qwen2.5-7B-Instruct-Q4_K_M.gguf",
            "image_maker.checkpoint": "dreamshaper_7.safetensors",
        }
    )
    services.endpoints = (
        EndpointView("http://127.0.0.1:8080", healthy=True, latency_s=0.004),
        EndpointView(
            "http://atelier.local:8080",
            healthy=False,
            problem=Message(
                MessageId.SERVER_NAME_UNKNOWN,
                {"address": "http://atelier.local:8080", "host": "atelier.local"},
            ),
        ),
        EndpointView(
            "http://10.0.0.7:11434",
            healthy=False,
            blocked_s=74.0,
            problem=Message(
                MessageId.SERVER_TOO_SLOW, {"address": "http://10.0.0.7:11434", "waited_s": 3}
            ),
        ),
    )
    services.log = LOG.strip().splitlines()


GROWING_SCRIPT = """\
Every second, a jet engine swallows a room full of air.

At the front, a fan wider than a car pushes most of it straight past the engine. That quiet wind \
around the outside does most of the work.

The rest is squeezed until it is forty times as dense. Then fuel is added, and the air, hot and \
in a hurry, has only one way"""

LOG = """
build: 6301 (b2426e46) with cc (Debian 12.2.0) 12.2.0 for x86_64-linux-gnu
system info: n_threads = 8, n_threads_batch = 8, total_threads = 16
main: binding port with default address family
main: HTTP server is listening, hostname: 127.0.0.1, port: 8080, http threads: 15
main: loading model
srv    load_model: loading model '/home/ada/models/Qwen2.5-7B-Instruct-Q4_K_M.gguf'
llama_model_load_from_file_impl: using device CUDA0 (NVIDIA RTX A2000 12GB) - 11587 MiB free
llama_model_loader: loaded meta data with 38 key-value pairs and 339 tensors
print_info: file format = GGUF V3 (latest)
print_info: file type   = Q4_K - Medium
print_info: file size   = 4.36 GiB (4.91 BPW)
print_info: model type  = 7B
load_tensors: offloading 28 repeating layers to GPU
load_tensors: offloaded 29/29 layers to GPU
load_tensors:        CUDA0 model buffer size =  4168.09 MiB
llama_context: n_ctx         = 8192
llama_kv_cache:      CUDA0 KV buffer size =   448.00 MiB
llama_context:      CUDA0 compute buffer size =   304.00 MiB
srv          init: initializing slots, n_slots = 1
slot         init: id  0 | task -1 | new slot n_ctx_slot = 8192
main: model loaded
main: chat template, example_format: '<|im_start|>system You are a helpful assistant'
main: server is listening on http://127.0.0.1:8080 - starting the main loop
srv  update_slots: all slots are idle
slot launch_slot_: id  0 | task 0 | processing task
slot update_slots: id  0 | task 0 | new prompt, n_ctx_slot = 8192, n_prompt_tokens = 412
slot print_timing: id  0 | task 0 | prompt eval time = 218.44 ms / 412 tokens
slot print_timing: id  0 | task 0 |        eval time = 6204.91 ms / 268 tokens
srv  log_server_r: request: POST /v1/chat/completions 127.0.0.1 200
srv  update_slots: all slots are idle
"""
