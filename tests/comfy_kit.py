"""What the tests of the ComfyUI client share: a small graph, a client, a run to its end."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.events import Progress
from vidgen_gui.core.quality import FrameSize
from vidgen_gui.net.address import parse_address
from vidgen_gui.net.http import HttpClient
from vidgen_gui.services.comfyui.client import ComfyClient
from vidgen_gui.services.comfyui.run import RunResult

SIZE = FrameSize(64, 96)
CHECKPOINT = "sd15.safetensors"


def graph(seed: int = 1, *, steps: int = 4, checkpoint: str = CHECKPOINT) -> dict[str, Any]:
    """Text to picture with core nodes, as in the recordings, but tiny."""
    return {
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": checkpoint}},
        "5": {
            "class_type": "EmptyLatentImage",
            "inputs": {"width": SIZE.width_px, "height": SIZE.height_px, "batch_size": 1},
        },
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "dawn", "clip": ["4", 1]}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["4", 1]}},
        "3": {
            "class_type": "KSampler",
            "inputs": {
                "seed": seed,
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
        "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
        "9": {
            "class_type": "SaveImage",
            "inputs": {"filename_prefix": "vidgen", "images": ["8", 0]},
        },
    }


@contextmanager
def client(url: str) -> Iterator[ComfyClient]:
    with HttpClient(parse_address(url)) as http:
        yield ComfyClient(http)


@dataclass
class Story:
    """A run from beginning to end: what it yielded, and what it returned."""

    events: list[Progress] = field(default_factory=list)
    result: RunResult | None = None

    @property
    def done(self) -> RunResult:
        assert self.result is not None
        return self.result

    @property
    def previews(self) -> list[bytes]:
        return [event.preview for event in self.events if event.preview is not None]


def follow(steps: Generator[Progress, None, RunResult], story: Story | None = None) -> Story:
    """Run to the end; ``story`` keeps what came before an error."""
    story = story or Story()
    while True:
        try:
            story.events.append(next(steps))
        except StopIteration as stop:
            story.result = stop.value
            return story


def run(
    server: Any,
    target: Path,
    *,
    work: dict[str, Any] | None = None,
    size: FrameSize | None = SIZE,
    deadline_s: float = 30.0,
    cancel: CancelToken | None = None,
) -> Story:
    """One picture from the server at ``server.url``."""
    with client(server.url) as comfy:
        return follow(
            comfy.run(
                work or graph(),
                target,
                size=size,
                deadline_s=deadline_s,
                cancel=cancel or CancelToken(),
            )
        )
