"""Small graphs, and plain ways to have them drawn, for tests of the fake ComfyUI."""

import itertools
import uuid
from typing import Any

import cv2
import numpy as np
import requests
from comfy_talk import Exchange
from fakes.comfyui import FakeComfyUI

WAIT_S = 60

_seeds = itertools.count(1)


def picture_graph(
    width: int = 64,
    height: int = 96,
    *,
    checkpoint: str = "sd15.safetensors",
    steps: int = 2,
    seed: int | None = None,
    tile: int | None = None,
    prefix: str = "test",
) -> dict[str, Any]:
    """Text to picture; with ``tile`` decoded in tiles of so many pixels; each with a new seed."""
    decode: dict[str, Any] = {"samples": ["3", 0], "vae": ["4", 2]}
    if tile:
        decode |= {"tile_size": tile, "overlap": 64, "temporal_size": 64, "temporal_overlap": 8}
    return {
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": checkpoint}},
        "5": {
            "class_type": "EmptyLatentImage",
            "inputs": {"width": width, "height": height, "batch_size": 1},
        },
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a hill", "clip": ["4", 1]}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["4", 1]}},
        "3": {
            "class_type": "KSampler",
            "inputs": {
                "seed": next(_seeds) if seed is None else seed,
                "steps": steps,
                "cfg": 7.5,
                "sampler_name": "dpmpp_2m",
                "scheduler": "karras",
                "denoise": 1.0,
                "model": ["4", 0],
                "positive": ["6", 0],
                "negative": ["7", 0],
                "latent_image": ["5", 0],
            },
        },
        "8": {"class_type": "VAEDecodeTiled" if tile else "VAEDecode", "inputs": decode},
        "9": {
            "class_type": "SaveImage",
            "inputs": {"filename_prefix": prefix, "images": ["8", 0]},
        },
    }


def prompt_request(graph: dict[str, Any] | None = None, client_id: str = "tester") -> Any:
    """A request as the recordings have it, with an id of its own."""
    return {
        "path": "/prompt",
        "body": {
            "prompt": graph or picture_graph(),
            "client_id": client_id,
            "prompt_id": str(uuid.uuid4()),
        },
    }


def post(server: FakeComfyUI, graph: dict[str, Any] | None = None) -> requests.Response:
    body = prompt_request(graph)["body"]
    return requests.post(f"{server.url}/prompt", json=body, timeout=WAIT_S)


def enlarge(graph: dict[str, Any], width: int, height: int) -> None:
    """Let a picture graph's picture be enlarged by a model, then scaled, before it is saved."""
    graph["20"] = {
        "class_type": "UpscaleModelLoader",
        "inputs": {"model_name": "RealESRGAN_x4.pth"},
    }
    graph["21"] = {
        "class_type": "ImageUpscaleWithModel",
        "inputs": {"upscale_model": ["20", 0], "image": ["8", 0]},
    }
    graph["22"] = {
        "class_type": "ImageScale",
        "inputs": {
            "image": ["21", 0], "upscale_method": "lanczos", "width": width, "height": height,
            "crop": "center",
        },
    }  # fmt: skip
    graph["9"]["inputs"]["images"] = ["22", 0]


def finished(server: FakeComfyUI, graph: dict[str, Any] | None = None) -> dict[str, Any]:
    """Post without listening; the history entry once it is there."""
    prompt_id = post(server, graph).json()["prompt_id"]
    server.wait(lambda fake: prompt_id in fake.inner.books.history)
    entry: dict[str, Any] = history(server)[prompt_id]
    return entry


def history(server: FakeComfyUI) -> dict[str, Any]:
    found: dict[str, Any] = requests.get(f"{server.url}/history", timeout=WAIT_S).json()
    return found


def served(server: FakeComfyUI, entry: dict[str, Any]) -> requests.Response:
    (picture,) = entry["outputs"]["9"]["images"]
    return requests.get(f"{server.url}/view", params=picture, timeout=WAIT_S)


def pixels(data: bytes) -> np.ndarray[Any, Any]:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return picture


def failure(entry: dict[str, Any]) -> dict[str, Any]:
    kind, data = entry["status"]["messages"][-1]
    assert kind == "execution_error"
    told: dict[str, Any] = data
    return told


def kinds(done: Exchange) -> list[str]:
    return [message["json"]["type"] for message in done.ws if "json" in message]


def free_mib(server: FakeComfyUI) -> float:
    stats = requests.get(f"{server.url}/system_stats", timeout=WAIT_S).json()
    return float(stats["devices"][0]["vram_free"]) / (1 << 20)
