"""Pictures by a ComfyUI as it is: the same tests against the played one and a real checkout.

``VIDGEN_COMFYUI_DIR`` names the checkout, with an environment of its own beside ``main.py``
(``venv`` or ``.venv``) and at least one checkpoint. It is started on the processor, by the app's
own means.
"""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from comfy_kit import SIZE, Story, client, follow
from fakes.comfyui import FakeComfyUI
from service_kit import free_port

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.quality import Aspect, Quality, frame_size
from vidgen_gui.gpu.rungs import plans_for
from vidgen_gui.net.address import parse_address
from vidgen_gui.pipeline.picture_recipes import ImageWishes, PictureRequest, know_server, refusals
from vidgen_gui.pipeline.service_hub import NoRecords
from vidgen_gui.services.comfy_graph import Graph, abilities
from vidgen_gui.services.comfyui.client import ComfyClient, check_health
from vidgen_gui.services.comfyui.errors import (
    MissingCheckpoint,
    MissingNode,
    ValidationFailed,
)
from vidgen_gui.services.managed.launch import ComfyOptions, comfyui_launch
from vidgen_gui.services.managed.service import ManagedService

DEADLINE_S = 240.0
FLAGS = ("--cpu", "--disable-all-custom-nodes", "--preview-method", "latent2rgb")


@pytest.fixture(scope="module", params=["played", "real"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "played":
        with FakeComfyUI(previews=True, step_s=0.02) as server:
            yield server.url
        return
    folder = os.environ.get("VIDGEN_COMFYUI_DIR", "").strip()
    if not folder:
        pytest.skip("VIDGEN_COMFYUI_DIR names no ComfyUI checkout")
    port = free_port()
    launch = comfyui_launch(ComfyOptions(Path(folder), port, extra_flags=FLAGS))
    address = parse_address(f"127.0.0.1:{port}")
    service = ManagedService(
        launch, lambda cancel: check_health(address, cancel), registry=NoRecords()
    )
    with service:
        service.start(CancelToken())
        yield address.url


@pytest.fixture
def comfy(url: str) -> Iterator[ComfyClient]:
    with client(url) as made:
        yield made


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "picture.png"


def small_graph(comfy: ComfyClient, *, steps: int = 2, seed: int = 1, **inputs: object) -> Graph:
    """The smallest picture: loaded, sampled, decoded, saved."""
    checkpoint = abilities(comfy.object_info(CancelToken())).checkpoints[0]
    sampler = {
        "seed": seed, "steps": steps, "cfg": 7.0, "sampler_name": "euler", "scheduler": "normal",
        "denoise": 1.0, "model": ["1", 0], "positive": ["2", 0], "negative": ["3", 0],
        "latent_image": ["4", 0],
    }  # fmt: skip
    latent = {"width": SIZE.width_px, "height": SIZE.height_px, "batch_size": 1}
    return {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": checkpoint}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a hill", "clip": ["1", 1]}},
        "3": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["1", 1]}},
        "4": {"class_type": "EmptyLatentImage", "inputs": latent},
        "5": {"class_type": "KSampler", "inputs": sampler | inputs},
        "6": {"class_type": "VAEDecode", "inputs": {"samples": ["5", 0], "vae": ["1", 2]}},
        "7": {
            "class_type": "SaveImage",
            "inputs": {"images": ["6", 0], "filename_prefix": "vidgen"},
        },
    }


def draw(comfy: ComfyClient, graph: Graph, target: Path, cancel: CancelToken | None = None):
    return comfy.run(
        graph, target, size=SIZE, deadline_s=DEADLINE_S, cancel=cancel or CancelToken()
    )


def test_a_picture_arrives_verified_with_progress(comfy: ComfyClient, target: Path) -> None:
    story = follow(draw(comfy, small_graph(comfy, steps=4, seed=11), target))
    assert story.done.size == SIZE
    assert not story.done.cached
    assert target.read_bytes().startswith(b"\x89PNG")
    fractions = [event.fraction for event in story.events]
    assert fractions == sorted(fractions)
    assert len(set(fractions)) > 3


@pytest.mark.req("I2")
def test_a_repeat_is_served_at_once(comfy: ComfyClient, target: Path) -> None:
    graph = small_graph(comfy, seed=12)
    follow(draw(comfy, graph, target))
    again = follow(draw(comfy, graph, target))
    assert again.done.cached
    assert again.done.seconds < 10


@pytest.mark.req("O8", "F3")
def test_a_missing_checkpoint_is_told_with_what_there_is(comfy: ComfyClient, target: Path) -> None:
    graph = small_graph(comfy)
    present = graph["1"]["inputs"]["ckpt_name"]
    graph["1"]["inputs"]["ckpt_name"] = "nowhere.safetensors"
    with pytest.raises(MissingCheckpoint) as caught:
        follow(draw(comfy, graph, target))
    assert present in caught.value.allowed


@pytest.mark.req("F3")
def test_refusals_name_node_and_reason(comfy: ComfyClient, target: Path) -> None:
    with pytest.raises(ValidationFailed) as caught:
        follow(draw(comfy, small_graph(comfy, steps=0), target))
    (problem,) = caught.value.problems
    assert (problem.node_id, problem.node_type, problem.input) == ("5", "KSampler", "steps")
    unknown = small_graph(comfy)
    unknown["6"]["class_type"] = "NoSuchNode"
    with pytest.raises(MissingNode) as missing:
        follow(draw(comfy, unknown, target))
    assert missing.value.class_type == "NoSuchNode"
    assert not target.exists()


def test_every_graph_of_ours_fits_this_server(comfy: ComfyClient) -> None:
    info = comfy.object_info(CancelToken())
    known = know_server(info, ImageWishes(negative="blurry"))
    for quality in Quality:
        for aspect in Aspect:
            size = picture_size(frame_size(quality, aspect))
            request = PictureRequest("a hill", 2**64 - 1, quality, aspect, size)
            ways = plans_for(
                quality, aspect, known.family, known.checkpoint, known.abilities,
                seed=0, picture=size,
            )  # fmt: skip
            assert len(ways) >= 2
            assert not any(refusals(way, request, known) for way in ways)


@pytest.mark.req("F3")
def test_a_cancel_stops_ours_and_leaves_others_alone(
    url: str, comfy: ComfyClient, target: Path
) -> None:
    cancel, seen = CancelToken(), threading.Event()
    other = target.with_name("other.png")
    stories: list[Story] = []

    def draw_other() -> None:
        seen.wait(DEADLINE_S)
        with client(url) as neighbour:
            stories.append(follow(draw(neighbour, small_graph(neighbour, seed=31), other)))

    def draw_until_cancelled() -> None:
        for event in draw(comfy, small_graph(comfy, steps=400, seed=30), target, cancel):
            if event.fraction > 0.1:
                seen.set()
                cancel.cancel()

    neighbour = threading.Thread(target=draw_other)
    neighbour.start()
    try:
        with pytest.raises(Cancelled):
            draw_until_cancelled()
    finally:
        seen.set()
        neighbour.join(DEADLINE_S)
    assert len(stories) == 1
    assert other.exists()
    assert not target.exists()
    queue = comfy.queue(CancelToken())
    assert not queue.running
    assert not queue.pending
