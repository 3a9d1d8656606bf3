"""``vidgen-gui plan``: how a quality's pictures would be made on a card, with the sums."""

import argparse
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.hardware_profile import HardwareProfile
from vidgen_gui.core.image_family import Family
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.plan import CardMemory, Plan, Rung
from vidgen_gui.core.quality import Aspect, FrameSize, Quality, frame_size
from vidgen_gui.core.settings import Settings
from vidgen_gui.gpu.gguf_model import read_model
from vidgen_gui.gpu.image_memory import CUDA_CONTEXT_MIB, StepNeed, step_needs
from vidgen_gui.gpu.llm_memory import LlmSettings, estimate
from vidgen_gui.gpu.monitor import GpuMonitor, default_sources
from vidgen_gui.gpu.planner import PlanRequest, make_plan
from vidgen_gui.gpu.readings import MOST_MIB
from vidgen_gui.pipeline.card_reader import card_named
from vidgen_gui.pipeline.profile_trial import ASSUMED_SERVER
from vidgen_gui.store.profiles import profile_in_force
from vidgen_gui.system.paths import AppPaths, resolve
from vidgen_gui.ui.labels import quality_name
from vidgen_gui.ui.plan_lines import rung_line
from vidgen_gui.ui.words import sentence

NO_CARD = "none"
_CARD = re.compile(r"(?P<total>\d{1,9})(?::(?P<free>\d{1,9}))?")
_CHECKPOINTS: Mapping[Family, str] = {
    Family.SD15: "sd15.safetensors",
    Family.SDXL: "sdxl.safetensors",
    Family.UNKNOWN: "model.safetensors",
}


def add_plan(plan: argparse.ArgumentParser) -> None:
    """The grammar of ``plan``."""
    qualities = ", ".join(quality.slug for quality in Quality)
    plan.add_argument("--quality", required=True, metavar="QUALITY", help=qualities)
    plan.add_argument("--aspect", metavar="ASPECT", help=", ".join(a.value for a in Aspect))
    plan.add_argument(
        "--gpu",
        metavar="TOTAL:FREE",
        help="a card's memory in MiB, or none; without it this machine's is measured",
    )
    plan.add_argument(
        "--llm",
        metavar="FILE|MIB",
        help="the language model, or how many MiB it holds of what is not free",
    )
    families = [family.value for family in Family]
    plan.add_argument(
        "--family", choices=families, default=Family.SD15.value, help="the image model's kind"
    )
    plan.add_argument(
        "--max-vram", type=int, metavar="MIB", help="use at most so much of the graphics card"
    )
    plan.add_argument("--json", action="store_true", help="print the plan as JSON")


def plan_report(
    arguments: argparse.Namespace,
    paths: AppPaths,
    settings: Settings,
    tell: Callable[[Message], None],
) -> str:
    """The plan as text or JSON, for a ComfyUI as it is installed.

    Args:
        tell: hears what is wrong with the limits that hold here.

    Raises:
        InputError: something cannot be used as it is.
        UnreadableModel: the language model's file cannot be read.
    """
    quality = Quality.parse(arguments.quality)
    aspect = Aspect.parse(arguments.aspect) if arguments.aspect else settings.video.aspect
    family = Family(arguments.family)
    limits = profile_in_force(paths, settings, os.environ, {"vram_limit_mib": arguments.max_vram})
    for notice in limits.notices:
        tell(notice)
    profile = limits.profile
    card, unseen = (_given(arguments.gpu), ()) if arguments.gpu else _measured(profile)
    memory = _with_writer(card or CardMemory(), arguments.llm, settings)
    request = PlanRequest(
        quality=quality,
        aspect=aspect,
        picture=picture_size(frame_size(quality, aspect)),
        family=family,
        checkpoint=_CHECKPOINTS[family],
        server=ASSUMED_SERVER,
        profile=profile,
        card=memory if card else CardMemory(),
        no_card=card is None,
    )
    made = make_plan(request)
    made = replace(made, reasons=(*unseen, *made.reasons))
    if arguments.json:
        return json.dumps(_as_data(made, request), ensure_ascii=False)
    return "\n".join(_as_lines(made, request))


def _given(given: str) -> CardMemory | None:
    """The card that is spoken of; None: there is none."""
    if given.strip().lower() == NO_CARD:
        return None
    found = _CARD.fullmatch(given.strip())
    total = float(found["total"]) if found else 0.0
    free = float(found["free"] or total) if found else 0.0
    if not 0 < total <= MOST_MIB or free > total:
        raise InputError(MessageId.CARD_INVALID, given=given[:80])
    return CardMemory(total_mib=total, free_mib=free)


def _measured(profile: HardwareProfile) -> tuple[CardMemory | None, tuple[Message, ...]]:
    """This machine's card: the profile's, or the first; without one, why none was found."""
    monitor = GpuMonitor(default_sources(os.environ))
    try:
        state = monitor.read_now()
    finally:
        monitor.stop()
    card = card_named(state, profile.gpu) or next(iter(state.cards), None)
    if card is None:
        return None, tuple(why for _, why in state.status.reasons)
    found = CardMemory(card.name, card.total_mib, card.free_mib, simulated=card.simulated)
    return found, ()


def _with_writer(card: CardMemory, given: str | None, settings: Settings) -> CardMemory:
    """With a language model on it that may be paused, as far as it fits in what is not free."""
    if given is None:
        return card
    used = float(MOST_MIB)
    if card.total_mib is not None and card.free_mib is not None:
        used = card.total_mib - card.free_mib
    if given.isdecimal() and len(given) <= 9:
        held = float(given)
        if held > used:
            raise InputError(MessageId.VALUE_INVALID, field="llm", given=given)
    else:
        wanted = LlmSettings(
            context_tokens=settings.script_writer.context_tokens,
            gpu_layers=settings.script_writer.gpu_layers,
        )
        held = min(used, estimate(read_model(resolve(given)), wanted).device.likely_mib)
    return CardMemory(
        card.name, card.total_mib, card.free_mib, 0.0, held, True, simulated=card.simulated
    )


def _as_data(plan: Plan, request: PlanRequest) -> dict[str, Any]:
    card = request.card
    return {
        "quality": plan.quality.slug,
        "aspect": plan.aspect.value,
        "delivered": _size(plan.delivered),
        "family": request.family.value,
        "card": {
            "name": card.name,
            "total_mib": card.total_mib,
            "free_mib": card.free_mib,
            "writer_mib": card.writer_mib,
            "simulated": card.simulated,
        },
        "available_mib": plan.available_mib,
        "pauses_script_writer": plan.pauses_script_writer,
        "asks_first": plan.asks_first,
        "start": plan.start,
        "rungs": [_rung_data(rung) for rung in plan.rungs],
        "reasons": [{"id": why.id.value, "text": sentence(why)} for why in plan.reasons],
    }


def _rung_data(rung: Rung) -> dict[str, Any]:
    picture = rung.picture
    steps = step_needs(picture) if picture else ()
    return {
        "name": rung.name,
        "quality": rung.quality.slug,
        "on_cpu": rung.on_cpu,
        "need_mib": [rung.need.low_mib, rung.need.likely_mib, rung.need.high_mib],
        "comfortable_mib": rung.comfortable_mib,
        "seconds": rung.seconds,
        "base": _size(picture.base) if picture else None,
        "refined": _size(picture.refine_size) if picture and picture.refine_size else None,
        "steps": picture.steps if picture else None,
        "sums_mib": [
            {
                "step": step.kind.value,
                "at_once": _size(step.size) if step.size else None,
                "context": CUDA_CONTEXT_MIB,
                "weights": step.resident_mib,
                "work": step.work_mib,
            }
            for step in steps
        ],
    }


def _size(size: FrameSize) -> list[int]:
    return [size.width_px, size.height_px]


def _as_lines(plan: Plan, request: PlanRequest) -> list[str]:
    title = f"{quality_name(plan.quality)} {plan.aspect.value}, delivered at {plan.delivered}"
    rows = [_row(plan, place) for place in range(len(plan.rungs))]
    heading = f"  {'way':26}{'at least':>9}{'likely':>9}{'at most':>9}{'relaxed':>9}  how"
    lines = [
        f"{title}, {request.family.value}",
        *(f"- {sentence(why)}" for why in plan.reasons),
        "",
        "Ways, best first, and how many MiB each needs; relaxed: with the whole image model on the",
        "card, where the rest would be fetched while drawing. The one marked > is tried first.",
        heading,
        *rows,
    ]
    if plan.first.picture is not None and plan.first.need.likely_mib:
        lines += ["", *_sum_lines(plan.first)]
    return lines


def _row(plan: Plan, place: int) -> str:
    rung = plan.rungs[place]
    needs = (rung.need.low_mib, rung.need.likely_mib, rung.need.high_mib, rung.comfortable_mib)
    figures = "".join(f"{mib:9,.0f}" for mib in needs)
    mark = ">" if place == plan.start else " "
    return f"{mark} {rung.name:26}{figures}  {rung_line(rung, plan)}"


def _sum_lines(rung: Rung) -> list[str]:
    """The steps of the first way; the largest decides."""
    steps = step_needs(rung.picture) if rung.picture else ()
    most = max(steps, key=lambda step: step.needed_mib)
    return [
        f"Sums of {rung.name} in MiB: CUDA context + weights that must be there + the step's own",
        *(_sum_line(step, is_most=step is most) for step in steps),
    ]


def _sum_line(step: StepNeed, *, is_most: bool) -> str:
    what = step.kind.value + (f" {step.size}" if step.size else "")
    total = CUDA_CONTEXT_MIB + step.needed_mib
    parts = f"{CUDA_CONTEXT_MIB:,.0f} + {step.resident_mib:,.0f} + {step.work_mib:,.0f}"
    return f"  {what:28}{parts:>24} = {total:7,.0f}{'  ← decides' if is_most else ''}"
