"""What ComfyUI's refusals and failures mean, with the server's own words."""

import json
from typing import Any

import pytest
from recordings import recording

from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.services.comfyui.errors import (
    ComfyError,
    ExecutionFailed,
    MissingCheckpoint,
    MissingNode,
    OutOfGpuMemory,
    OutOfRam,
    ValidationFailed,
)
from vidgen_gui.services.comfyui.failures import (
    FailureKind,
    classify_failure,
    dropped_outputs,
    execution_failure,
    refusal,
)
from vidgen_gui.services.comfyui.messages import Failed, parse_event
from vidgen_gui.services.comfyui.stats import parse_stats

GPU, RAM, OTHER = FailureKind.GPU_MEMORY, FailureKind.RAM, FailureKind.OTHER


@pytest.mark.parametrize(
    ("exception_type", "message", "kind"),
    [
        ("torch.OutOfMemoryError", "", GPU),
        ("torch.cuda.OutOfMemoryError", "CUDA out of memory. Tried to allocate 2.00 GiB", GPU),
        ("OutOfMemoryError", "?", GPU),
        ("torch.AcceleratorError", "CUDA error: out of memory", GPU),
        ("torch.AcceleratorError", "Search for `cudaErrorMemoryAllocation' in", GPU),
        ("torch.AcceleratorError", "CUDA error: an illegal memory access was encountered", OTHER),
        ("RuntimeError", "Allocation on device", GPU),
        ("RuntimeError", "Allocation on device 0 would exceed allowed memory.", GPU),
        ("RuntimeError", "HIP out of memory. Tried to allocate 20.00 MiB", GPU),
        ("RuntimeError", "MPS backend out of memory (MPS allocated: 8 GB)", GPU),
        ("RuntimeError", "XPU out of memory", GPU),
        ("RuntimeError", "CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`", GPU),
        ("RuntimeError", "There is not enough GPU video memory available!", GPU),
        ("RuntimeError", "not enough memory", GPU),
        ("RuntimeError", "UR_RESULT_ERROR_OUT_OF_DEVICE_MEMORY", GPU),
        ("MyWrapperError", "This error means you ran out of memory on your GPU.", GPU),
        ("RuntimeError", "DefaultCPUAllocator: not enough memory: you tried to allocate 8", RAM),
        ("RuntimeError", "DefaultCPUAllocator: can't allocate memory: you tried", RAM),
        ("RuntimeError", "[enforce fail at alloc_cpu.cpp:121]", RAM),
        ("MemoryError", "", RAM),
        ("numpy.core._exceptions._ArrayMemoryError", "Unable to allocate 1.2 GiB", RAM),
        ("numpy._core._exceptions._ArrayMemoryError", "", RAM),
        ("OSError", "The paging file is too small for this operation (os error 1455)", RAM),
        ("OSError", "[Errno 12] Cannot allocate memory", RAM),
        ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied", OTHER),
        ("ValueError", "", OTHER),
        ("safetensors_rust.SafetensorError", "Error while deserializing header", OTHER),
        ("", "", OTHER),
    ],
)
@pytest.mark.req("F3")
def test_a_want_of_memory_is_recognised(exception_type: str, message: str, kind: object) -> None:
    assert classify_failure(exception_type, message) is kind


@pytest.mark.parametrize(
    ("name", "error"), [("error_oom", OutOfGpuMemory), ("error_ram", OutOfRam)]
)
def test_recorded_execution_errors(name: str, error: type[ExecutionFailed]) -> None:
    exchange = recording(f"comfyui-0.3.64/{name}.json")
    data = next(
        entry["json"]["data"]
        for entry in exchange["ws"]
        if entry.get("json", {}).get("type") == "execution_error"
    )
    failed = parse_event("execution_error", data)
    assert isinstance(failed, Failed)
    failure = execution_failure(failed)
    assert type(failure) is error
    assert (failure.node_id, failure.node_type) == ("12", data["node_type"])
    assert failure.words.split()[0] == data["exception_message"].split()[0]
    assert data["exception_type"] in failure.detail


def test_a_servers_words_are_cleaned_and_cut() -> None:
    hostile = "<b>no</b>\x1b[31m\u202e " + "x" * 1_000_000
    failed = parse_event(
        "execution_error",
        {
            "prompt_id": "p", "node_id": "3", "node_type": hostile,
            "exception_type": hostile, "exception_message": hostile, "traceback": [hostile] * 500,
        },
    )  # fmt: skip
    assert isinstance(failed, Failed)
    failure = execution_failure(failed)
    for text in (failure.words, failure.node_type, *map(str, failure.message.params.values())):
        assert len(text) <= 300
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert failure.words.startswith("<b>no</b>")
    assert len(failure.detail) < 20_000


def test_the_recorded_missing_checkpoint_lists_what_there_is() -> None:
    error = refusal(recording("comfyui-0.3.64/error_validation_ckpt.json")["response"]["body"])
    assert type(error) is MissingCheckpoint
    assert error.allowed == ("random_sd15.safetensors",)
    assert error.message.id is MessageId.COMFY_CHECKPOINT_MISSING
    assert error.message.params["given"] == "missing.safetensors"
    assert error.message.params["allowed"] == "random_sd15.safetensors"


@pytest.mark.req("F3")
def test_the_recorded_range_error_says_which_input_and_what_is_allowed() -> None:
    error = refusal(recording("comfyui-0.3.64/error_validation_range.json")["response"]["body"])
    assert type(error) is ValidationFailed
    (problem,) = error.problems
    assert (problem.node_id, problem.node_type, problem.input) == ("3", "KSampler", "steps")
    assert problem.given == "0"
    assert problem.allowed == ("1 … 10000",)
    assert "smaller than min" in problem.words
    assert problem.outputs == ("9",)


def test_the_recorded_unknown_node_is_named() -> None:
    error = refusal(recording("comfyui-0.3.64/error_unknown_node.json")["response"]["body"])
    assert isinstance(error, MissingNode)
    assert (error.class_type, error.node_id) == ("NoSuchNode", "8")


def test_newer_servers_tell_an_unknown_node_by_its_type() -> None:
    error = refusal(
        {
            "error": {
                "type": "missing_node_type",
                "message": "Node 'Upscale all' not found. The custom node may not be installed.",
                "details": "Node ID '#12'",
                "extra_info": {"node_id": "12", "class_type": "UpscaleAll"},
            },
            "node_errors": {},
        }
    )
    assert isinstance(error, MissingNode)
    assert (error.class_type, error.node_id) == ("UpscaleAll", "12")


def test_the_recorded_graph_without_output_is_refused_as_a_whole() -> None:
    error = refusal(recording("comfyui-0.3.64/error_no_outputs.json")["response"]["body"])
    assert type(error) is ValidationFailed
    assert error.message.id is MessageId.COMFY_GRAPH_REFUSED
    assert error.message.params["words"] == "Prompt has no outputs"


def problem_body(**reason: Any) -> dict[str, Any]:
    return {
        "error": {"type": "prompt_outputs_failed_validation", "message": "m", "details": "d"},
        "node_errors": {
            "1": {"errors": [reason], "dependent_outputs": ["9"], "class_type": "Some"}
        },
    }


def test_the_newer_spelling_of_lists_is_read_and_other_lists_are_no_checkpoints() -> None:
    error = refusal(
        problem_body(
            type="value_not_in_list",
            message="Value not in list",
            details="model_name: 'a' not in [...]",
            extra_info={
                "input_name": "model_name",
                "input_config": ["COMBO", {"options": ["b.pth", 7]}],
                "received_value": "a",
            },
        )
    )
    assert type(error) is ValidationFailed
    assert error.problems[0].allowed == ("b.pth", "7")


def test_a_missing_checkpoint_comes_before_the_other_problems() -> None:
    body = problem_body(type="value_bigger_than_max", message="too big")
    body["node_errors"]["2"] = {
        "class_type": "CheckpointLoaderSimple",
        "errors": [
            {
                "type": "value_not_in_list",
                "extra_info": {"input_name": "ckpt_name", "input_config": [[], {}]},
            }
        ],
    }
    error = refusal(body)
    assert isinstance(error, MissingCheckpoint)
    assert error.allowed == ()
    assert error.message.params["allowed"] == "—"
    assert [problem.node_id for problem in error.problems] == ["2", "1"]


@pytest.mark.parametrize(
    "body",
    [
        None, "", "<html>no</html>", 5, [], {}, {"error": "plain words"}, {"error": None},
        {"error": {"message": 5}}, {"node_errors": []}, {"node_errors": {"1": None}},
        {"node_errors": {"1": {"errors": [None, 5, {"extra_info": []}]}}},
        problem_body(extra_info={"input_config": ["INT"]}),
        problem_body(extra_info={"input_config": {"a": 1}, "received_value": {"x": [1]}}),
    ],
)  # fmt: skip
def test_refusals_of_any_shape_are_refusals(body: Any) -> None:
    error = refusal(body)
    assert isinstance(error, ValidationFailed)
    assert isinstance(error, ComfyError | ServiceError)
    json.dumps(error.message.to_dict())


def test_a_refusal_with_thousands_of_problems_stays_small() -> None:
    reason = {
        "type": "value_not_in_list",
        "message": "m" * 10_000,
        "extra_info": {
            "input_name": "i",
            "input_config": [[f"{n}" * 5000 for n in range(1000)], {}],
        },
    }
    body = {
        "error": {"message": "x" * 100_000},
        "node_errors": {
            str(node): {"errors": [reason] * 20, "class_type": "A"} for node in range(1000)
        },
    }
    error = refusal(body)
    assert isinstance(error, ValidationFailed)
    assert len(error.problems) == 64
    assert len(json.dumps(error.message.to_dict())) < 5000


def test_a_dropped_output_is_an_error_only_if_it_is_ours() -> None:
    body = {"prompt_id": "p", "number": 1, "node_errors": problem_body()["node_errors"]}
    assert dropped_outputs(body, ["9"]) is not None
    assert dropped_outputs(body, []) is not None
    assert dropped_outputs(body, ["10"]) is None
    assert dropped_outputs({"prompt_id": "p", "node_errors": {}}, ["9"]) is None
    assert dropped_outputs({"prompt_id": "p", "node_errors": []}, ["9"]) is None
    del body["node_errors"]["1"]["dependent_outputs"]
    assert dropped_outputs(body, ["10"]) is not None


def test_the_recorded_statistics() -> None:
    stats = parse_stats(recording("comfyui-0.3.64/get_system_stats.json")["body"])
    assert stats is not None
    assert stats.version == "0.3.64"
    assert "--preview-method" in stats.arguments
    assert stats.ram_total_mib == pytest.approx(25276502016 / 2**20)
    (device,) = stats.devices
    assert (device.type, device.index) == ("cpu", None)
    assert device.vram_free_mib == pytest.approx(24061976576 / 2**20)


@pytest.mark.parametrize(
    "answer", [None, [], {}, {"system": {}}, {"devices": []}, {"system": [], "devices": []}]
)
def test_other_servers_have_no_statistics(answer: Any) -> None:
    assert parse_stats(answer) is None


def test_statistics_of_odd_servers_are_taken_as_far_as_they_go() -> None:
    stats = parse_stats(
        {"system": {"ram_total": "much"}, "devices": [None, {"vram_total": -1, "index": True}]}
    )
    assert stats is not None
    assert stats.ram_total_mib is None
    assert [device.vram_total_mib for device in stats.devices] == [0.0, 0.0]
    assert stats.devices[1].index is None
