"""Requests for plans on made-up cards, and what a plan's first picture costs."""

from typing import Any

from comfy_interpreter import object_info

from vidgen_gui.core.hardware_profile import HardwareProfile
from vidgen_gui.core.image_family import Family
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.picture_plan import PicturePlan, refine_grid
from vidgen_gui.core.picture_sizes import area_px
from vidgen_gui.core.plan import CardMemory, Plan
from vidgen_gui.core.quality import Aspect, Quality, frame_size
from vidgen_gui.gpu.calibration import Calibration, Outcome
from vidgen_gui.gpu.image_memory import need
from vidgen_gui.gpu.picture_calibration import key_of
from vidgen_gui.gpu.planner import PlanRequest, make_plan
from vidgen_gui.services.comfy_graph import abilities

SERVER = abilities(object_info())
QWEN_MIB = 5632.0
"""What Qwen2.5 7B Q4_K_M holds at 8192 tokens: 5.5 GiB."""
FINGERPRINT = "f1"
EMPTY = Calibration("Card", "570.1")


def request(
    total_mib: float | None,
    free_mib: float | None,
    *,
    quality: Quality = Quality.ULTRA,
    aspect: Aspect = Aspect.PORTRAIT,
    family: Family = Family.SD15,
    drawer_mib: float = 0.0,
    writer_mib: float = 0.0,
    can_pause: bool = True,
    profile: dict[str, Any] | None = None,
    **more: Any,
) -> PlanRequest:
    card = CardMemory("Card", total_mib, free_mib, drawer_mib, writer_mib, can_pause)
    return PlanRequest(
        quality=quality,
        aspect=aspect,
        picture=picture_size(frame_size(quality, aspect)),
        family=family,
        checkpoint="a.safetensors",
        server=more.pop("server", SERVER),
        profile=HardwareProfile(**(profile or {})),
        card=card,
        fingerprint=FINGERPRINT,
        **more,
    )


def plan(total_mib: float | None, free_mib: float | None, **more: Any) -> Plan:
    return make_plan(request(total_mib, free_mib, **more))


def names(made: Plan) -> list[str]:
    return [rung.name for rung in made.rungs]


def work(picture: PicturePlan | None) -> float:
    """Pixels that are sampled, all steps together: what a picture's time goes with."""
    if picture is None:
        return 0.0
    done = picture.steps * area_px(picture.base)
    if picture.refine_size is None:
        return done
    parts = 1
    size = picture.refine_size
    if picture.refine_tile_px:
        grid = refine_grid(picture)
        parts, size = len(grid.tiles), grid.size
    return done + picture.refine_steps * parts * area_px(size)


def rank(made: Plan, best: Plan) -> int:
    """The start's place in the longest ladder that the same request can have."""
    return names(best).index(made.first.name)


def learned(
    made: Plan, rung: str, outcome: Outcome, mib: float, before: Calibration
) -> Calibration:
    picture = next(one.picture for one in made.rungs if one.name == rung)
    assert picture is not None
    return before.observe(key_of(picture, FINGERPRINT), outcome, mib, need(picture))
