"""Plans of the machines that the quality page is looked at with: small, shared, and large cards."""

from vidgen_gui.controller.job_view import PlanBoard
from vidgen_gui.core.hardware_profile import HardwareProfile
from vidgen_gui.core.image_family import Family
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.plan import CardMemory, Plan
from vidgen_gui.core.quality import PRESETS, Aspect, Quality, frame_size
from vidgen_gui.core.server_abilities import ServerAbilities
from vidgen_gui.gpu.planner import PlanRequest, make_plan, painter_plan

CARDS = {
    "4gb": CardMemory("NVIDIA GeForce GTX 1650", 4096, 3640, simulated=True),
    "12gb": CardMemory(
        "NVIDIA RTX A2000 12GB", 12288, 6144, writer_mib=5530, writer_can_pause=True, simulated=True
    ),
    "24gb": CardMemory("NVIDIA GeForce RTX 4090", 24564, 22500, simulated=True),
}
SECONDS_A_STEP = {"4gb": 2.2, "12gb": 0.9, "24gb": 0.18}
"""Of a megapixel. About what such cards take, so that the times on the page look like times."""
RUNGS = (
    "super",
    "hires-full",
    "hires-full-tiled",
    "hires-fraction",
    "hires-fraction-small",
    "hires-tiles",
    "base",
)
CHECKPOINT = "dreamshaper_8.safetensors"
NODES = (
    "CheckpointLoaderSimple CLIPTextEncode EmptyLatentImage KSampler ImageScale VAEDecode "
    "VAEDecodeTiled VAEEncode VAEEncodeTiled SaveImage LatentUpscale ImageCrop "
    "ImageCompositeMasked SolidMask FeatherMask UpscaleModelLoader ImageUpscaleWithModel"
)


def server() -> ServerAbilities:
    return ServerAbilities(
        frozenset(NODES.split()),
        (CHECKPOINT,),
        ("dpmpp_2m", "euler"),
        ("karras", "normal"),
        ("RealESRGAN_x4plus.pth",),
        ("lanczos",),
    )


def plan(quality: Quality, card: CardMemory, step_s: float, aspect: Aspect) -> Plan:
    """What the planner makes of that card.

    Args:
        step_s: see `SECONDS_A_STEP`; 0 where nothing was timed.
    """
    request = PlanRequest(
        quality,
        aspect,
        picture_size(frame_size(quality, aspect)),
        Family.SD15,
        CHECKPOINT,
        server(),
        HardwareProfile(),
        card,
        seconds=_times(quality, step_s) if step_s else {},
    )
    return make_plan(request)


def _times(quality: Quality, step_s: float) -> dict[str, float]:
    megapixels = PRESETS[quality].portrait.width_px * PRESETS[quality].portrait.height_px / 1e6
    steps = PRESETS[quality].steps
    return dict.fromkeys(RUNGS, step_s * steps * (0.4 + 0.35 * megapixels))


def board(name: str, aspect: Aspect = Aspect.PORTRAIT) -> PlanBoard:
    """The plans of one of `CARDS`."""
    card = CARDS[name]
    plans = {q: plan(q, card, SECONDS_A_STEP[name], aspect) for q in Quality}
    return PlanBoard(plans, card)


def painted_board() -> PlanBoard:
    """A machine without a card and without ComfyUI."""
    reason = Message(MessageId.PLAN_NO_SERVER)
    plans = {q: painter_plan(q, Aspect.PORTRAIT, reason) for q in Quality}
    return PlanBoard(plans, CardMemory())
