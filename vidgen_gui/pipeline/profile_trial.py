"""Tries a hardware profile that is not in use: how it would have pictures made on this machine."""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.effective_profile import effective_profile
from vidgen_gui.core.hardware_profile import HardwareProfile
from vidgen_gui.core.image_family import Family
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.plan import CardMemory, Plan
from vidgen_gui.core.quality import Aspect, Quality, frame_size
from vidgen_gui.core.server_abilities import NEEDED, ServerAbilities
from vidgen_gui.core.settings import Settings
from vidgen_gui.gpu.planner import PlanRequest, make_plan
from vidgen_gui.pipeline.card_reader import CardReader

if TYPE_CHECKING:
    from vidgen_gui.pipeline.session import Session

ASSUMED_SERVER = ServerAbilities(
    nodes=frozenset(
        {
            *NEEDED,
            *("VAEDecode", "VAEDecodeTiled", "VAEEncode", "VAEEncodeTiled", "SaveImage"),
            *("LatentUpscale", "ImageCrop", "ImageCompositeMasked", "SolidMask", "FeatherMask"),
        }
    ),
    checkpoints=("v1-5-pruned-emaonly.safetensors",),
    samplers=("dpmpp_2m", "euler"),
    schedulers=("karras", "normal"),
    image_scalers=("lanczos", "bicubic"),
)
"""A ComfyUI as it is installed, without extensions, with Stable Diffusion 1.5."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The plan, the card it was made for, and whether the image server is only assumed."""

    plan: Plan
    card: CardMemory
    is_assumed: bool


def try_profile(
    profile: HardwareProfile,
    settings: Settings,
    session: "Session | None",
    *,
    quality: Quality,
    aspect: Aspect,
    cancel: CancelToken,
) -> Trial:
    """Plan with ``profile``, the environment above it, for its card as that is now.

    Starts no program. Where no image server can be had though the person wants one, one is assumed.

    Raises:
        Cancelled: the token was set.
    """
    profile = effective_profile(profile, settings, os.environ).profile
    if session is None:
        unknown = CardMemory()
        return Trial(assumed_plan(profile, unknown, quality, aspect), unknown, is_assumed=True)
    memory = _memory(session, profile, cancel)
    maker = session.services.image_maker
    plan = maker.plans(aspect, cancel, profile=profile, memory=memory)[quality]
    is_assumed = len(plan.rungs) == 1 and settings.image_maker.enabled
    if is_assumed:
        plan = assumed_plan(profile, memory, quality, aspect)
    return Trial(plan, memory, is_assumed)


def _memory(session: "Session", profile: HardwareProfile, cancel: CancelToken) -> CardMemory:
    """Of the card that the profile names, which may be another than the one in use."""
    in_use = session.keeper.memory(cancel)
    if profile.gpu == session.profile.gpu:
        return in_use
    services = session.services
    cores = services.script_writer.core, services.image_maker.core
    facts = CardReader(session.monitor, *cores, lambda: profile).read(cancel)
    card = facts.reading
    if card is None:
        return in_use
    return CardMemory(
        card.name,
        card.total_mib,
        card.free_mib,
        facts.shares.image_maker_mib or 0.0,
        facts.shares.script_writer_mib or 0.0,
        in_use.writer_can_pause,
        simulated=card.simulated,
    )


def assumed_plan(
    profile: HardwareProfile, card: CardMemory, quality: Quality, aspect: Aspect
) -> Plan:
    """The plan with an image server that has what every installation has."""
    return make_plan(
        PlanRequest(
            quality=quality,
            aspect=aspect,
            picture=picture_size(frame_size(quality, aspect)),
            family=Family.SD15,
            checkpoint=ASSUMED_SERVER.checkpoints[0],
            server=ASSUMED_SERVER,
            profile=profile,
            card=card,
            no_card=card.total_mib == 0,
        )
    )
