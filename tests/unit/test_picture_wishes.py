"""Whether a ComfyUI server can make pictures as wished, before one is asked for."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.service import EndpointView, ServiceName, ServiceState
from vidgen_gui.pipeline.picture_recipes import ImageWishes, wishes_problem
from vidgen_gui.pipeline.service_hub import NoRecords
from vidgen_gui.pipeline.service_plans import ServicePlan
from vidgen_gui.pipeline.service_view import ServiceStanding, build_view
from vidgen_gui.services.managed.launch import LaunchSpec
from vidgen_gui.services.managed.service import ManagedService
from vidgen_gui.ui.words import sentence

PRESENT = ("dream.safetensors",)


@pytest.mark.parametrize(
    ("wished", "present", "problem"),
    [
        ("", PRESENT, None),
        ("dream.safetensors", PRESENT, None),
        ("gone.safetensors", PRESENT, MessageId.COMFY_CHECKPOINT_MISSING),
        ("", (), MessageId.COMFY_CHECKPOINT_NONE),
        ("gone.safetensors", (), MessageId.COMFY_CHECKPOINT_NONE),
    ],
)
def test_a_checkpoint_that_is_not_there(
    wished: str, present: tuple[str, ...], problem: MessageId | None
) -> None:
    found = wishes_problem(ImageWishes(checkpoint=wished), present)
    assert (found.id if found else None) is problem
    # Neither an empty name nor an empty list is read to a person.
    assert found is None or ("“”" not in sentence(found) and "(—)" not in sentence(found))


def test_ones_own_workflow_names_its_models_itself(tmp_path: Path) -> None:
    graph = {
        "1": {"class_type": "UNETLoader", "inputs": {"unet_name": "flux.safetensors"}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "{{prompt}}", "clip": ["1", 0]}},
        "3": {"class_type": "SaveImage", "inputs": {"filename_prefix": "x", "images": ["2", 0]}},
    }
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(graph), encoding="utf-8")
    own = ImageWishes(checkpoint="gone.safetensors", workflow_file=str(file))
    assert wishes_problem(own, ()) is None
    file.unlink()
    missing = wishes_problem(own, PRESENT)
    assert missing is not None
    assert missing.id is MessageId.WORKFLOW_UNREADABLE


def test_what_answers_wrongly_is_told_before_what_does_not_answer() -> None:
    plan = ServicePlan(
        ServiceName.IMAGE_MAKER, enabled=True, autostart=True, addresses=(), is_configured=True
    )
    silent = EndpointView("http://a", healthy=False, problem=Message(MessageId.SERVER_UNREACHABLE))
    wrong = replace(silent, url="http://b", problem=Message(MessageId.COMFY_NOT_COMFYUI))
    standing = ServiceStanding(checked=True)
    for endpoints, expected in (
        ((silent,), MessageId.SERVICE_SILENT),
        ((silent, wrong), MessageId.COMFY_NOT_COMFYUI),
    ):
        detail = build_view(plan, standing, endpoints).detail
        assert detail is not None
        assert detail.id is expected


def test_a_program_of_ours_that_hangs_is_not_ready() -> None:
    plan = ServicePlan(
        ServiceName.IMAGE_MAKER, enabled=True, autostart=True, addresses=(), is_configured=True
    )
    slow = EndpointView("http://a", healthy=False, problem=Message(MessageId.SERVER_TOO_SLOW))
    command = (sys.executable, "-c", "import time; time.sleep(60)")
    spec = LaunchSpec("sleeper", command)
    with ManagedService(spec, lambda _: None, registry=NoRecords()) as managed:
        managed.start(CancelToken())
        standing = ServiceStanding(checked=True, managed=managed)
        hung = build_view(plan, standing, (slow,))
        assert hung.state is ServiceState.UNHEALTHY
        assert hung.detail is not None
        assert hung.detail.id is MessageId.SERVER_TOO_SLOW
        assert hung.can_stop
        # A server that loads a model answers late, too; while it draws for us that is no fault.
        busy = build_view(plan, replace(standing, busy=1), (slow,))
        assert busy.state is ServiceState.BUSY
        fine = build_view(plan, replace(standing, url="http://a"), ())
        assert fine.state is ServiceState.READY
