"""The fake ComfyUI answers as the real one did: every recorded exchange, its shape and order."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from comfy_talk import Exchange, differences, facts, replay, shape, story
from fakes.comfyui import FakeComfyUI
from recordings import recording

# In the order in which they were recorded: what one run leaves in the cache, the next one shows.
PROMPTS = (
    "success_txt2img",
    "success_cached_repeat",
    "success_hires_tiled",
    "error_validation_ckpt",
    "error_validation_range",
    "error_unknown_node",
    "error_no_outputs",
    "error_oom",
    "error_ram",
    "interrupted",
)
REFUSED = {name for name in PROMPTS if name.startswith(("error_v", "error_u", "error_n"))}
RUNS = tuple(name for name in PROMPTS if name not in REFUSED)
QUESTIONS = {
    "get_embeddings": "/embeddings",
    "get_models": "/models",
    "get_models_checkpoints": "/models/checkpoints",
    "get_prompt": "/prompt",
    "get_queue": "/queue",
    "get_system_stats": "/system_stats",
    "get_object_info_CheckpointLoaderSimple": "/object_info/CheckpointLoaderSimple",
    "get_object_info_EmptyLatentImage": "/object_info/EmptyLatentImage",
    "get_object_info_ImageScale": "/object_info/ImageScale",
    "get_object_info_ImageUpscaleWithModel": "/object_info/ImageUpscaleWithModel",
    "get_object_info_KSampler": "/object_info/KSampler",
    "get_object_info_LatentUpscale": "/object_info/LatentUpscale",
    "get_object_info_SaveImage": "/object_info/SaveImage",
    "get_object_info_UpscaleModelLoader": "/object_info/UpscaleModelLoader",
    "get_object_info_VAEDecodeTiled": "/object_info/VAEDecodeTiled",
}


def _fake() -> FakeComfyUI:
    return FakeComfyUI(
        checkpoints=("random_sd15.safetensors",),
        upscale_models=(),
        previews=True,
        cue_nodes=True,
        step_s=0.02,
    )


def _recorded(name: str) -> Any:
    return recording(f"comfyui-0.3.64/{name}.json")


@pytest.fixture(scope="module")
def replayed() -> dict[str, Exchange]:
    """Every recorded prompt put to one fake, as it was to one server."""
    with _fake() as server:
        return {
            name: replay(
                server.url,
                _recorded(name)["request"],
                interrupt_at=2 if name == "interrupted" else None,
            )
            for name in PROMPTS
        }


@pytest.fixture
def server() -> Iterator[FakeComfyUI]:
    with _fake() as started:
        yield started


@pytest.mark.parametrize("name", PROMPTS)
def test_the_answer_to_a_prompt_is_the_recorded_one(
    replayed: dict[str, Exchange], name: str
) -> None:
    theirs, ours = _recorded(name)["response"], replayed[name]
    assert ours.status == theirs["status"]
    assert facts(ours.body) == facts(theirs["body"])


@pytest.mark.parametrize("name", RUNS)
def test_messages_come_in_the_recorded_order(replayed: dict[str, Exchange], name: str) -> None:
    assert story(replayed[name].ws) == story(_recorded(name)["ws"])


@pytest.mark.parametrize("name", RUNS)
def test_messages_have_the_recorded_shape(replayed: dict[str, Exchange], name: str) -> None:
    theirs = [message["json"] for message in _recorded(name)["ws"] if "json" in message]
    ours = [message["json"] for message in replayed[name].ws if "json" in message]
    assert [
        line
        for one, other in zip(ours, theirs, strict=True)
        for line in differences(shape(one), shape(other), one["type"])
    ] == []


@pytest.mark.parametrize("name", RUNS)
def test_the_history_has_the_recorded_shape(replayed: dict[str, Exchange], name: str) -> None:
    theirs, ours = _recorded(name)["history"], replayed[name].history
    assert differences(shape(ours), shape(theirs)) == []
    (here,), (there,) = ours.values(), theirs.values()
    assert here["outputs"] == there["outputs"]
    assert here["prompt"] == there["prompt"]
    told = [kind for kind, _ in here["status"]["messages"]]
    assert told == [kind for kind, _ in there["status"]["messages"]]


@pytest.mark.parametrize("name", ["success_txt2img", "success_hires_tiled"])
def test_the_picture_is_served_as_recorded(replayed: dict[str, Exchange], name: str) -> None:
    theirs, ours = _recorded(name)["view"], replayed[name].view
    assert ours
    assert ours["params"] == theirs["params"]
    assert (ours["status"], ours["content_type"]) == (theirs["status"], theirs["content_type"])
    assert ours["bytes"] > 50_000


@pytest.mark.parametrize("name", ["error_oom", "error_ram"])
def test_a_failure_is_told_in_the_servers_words(replayed: dict[str, Exchange], name: str) -> None:
    def failure(ws: list[dict[str, Any]]) -> dict[str, Any]:
        (found,) = [
            message["json"]["data"]
            for message in ws
            if message.get("json", {}).get("type") == "execution_error"
        ]
        return found

    ours, theirs = failure(replayed[name].ws), failure(_recorded(name)["ws"])
    assert differences(shape(ours), shape(theirs)) == []
    assert ours["exception_type"] == theirs["exception_type"]
    first = theirs["exception_message"].splitlines()
    assert ours["exception_message"].splitlines()[0] == first[0]
    assert ours["exception_message"].splitlines()[-1] == first[-1]


@pytest.mark.parametrize("name", QUESTIONS)
def test_questions_are_answered_as_recorded(server: FakeComfyUI, name: str) -> None:
    theirs = _recorded(name)
    for prefix in ("", "/api"):
        answer = requests.get(f"{server.url}{prefix}{QUESTIONS[name]}", timeout=10)
        assert answer.status_code == theirs["status"]
        assert differences(shape(answer.json()), shape(theirs["body"])) == []
        if name != "get_system_stats":
            assert facts(answer.json()) == facts(theirs["body"])


def test_freeing_answers_at_once_and_empty(server: FakeComfyUI) -> None:
    theirs = _recorded("post_free")
    answer = requests.post(f"{server.url}/free", json=theirs["request"], timeout=10)
    assert (answer.status_code, answer.text) == (theirs["status"], theirs["text"])
    server.wait(lambda fake: fake.inner.frees == [theirs["request"]])


@pytest.mark.parametrize(
    ("name", "filename"), [("view_missing", "gone.png"), ("view_traversal", "../secret.png")]
)
def test_files_that_are_not_there_are_refused_as_recorded(
    server: FakeComfyUI, name: str, filename: str
) -> None:
    theirs = _recorded(name)
    answer = requests.get(f"{server.url}/view", params={"filename": filename}, timeout=10)
    assert (answer.status_code, answer.text) == (theirs["status"], theirs["text"])
