"""The quality page's logic without widgets: what is recommended, how it fits, what is typed."""

from dataclasses import replace
from pathlib import Path

import pytest

from vidgen_gui.core.image_family import Family
from vidgen_gui.core.job import JobSpec
from vidgen_gui.core.memory_range import NOTHING, MemoryRange
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.picture_overrides import NO_OVERRIDES, PictureOverrides
from vidgen_gui.core.picture_plan import PicturePlan, Refine, UpscaleMethod
from vidgen_gui.core.plan import ON_CPU, PAINTER, WORKFLOW, CardMemory, Plan, Rung
from vidgen_gui.core.quality import Aspect, FrameSize, Quality, frame_size
from vidgen_gui.ui import plan_lines
from vidgen_gui.ui.advanced_choices import Advanced
from vidgen_gui.ui.plan_fit import Fit, fit, keeps_promise
from vidgen_gui.ui.wizard_flow import Choices, Step, WizardFlow
from vidgen_gui.ui.words import sentence

PICTURE = PicturePlan(
    rung="hires-tiles",
    family=Family.SD15,
    checkpoint="dream.safetensors",
    base=FrameSize(472, 840),
    final=FrameSize(1616, 2872),
    steps=80,
    cfg=9.5,
    sampler="dpmpp_2m",
    scheduler="karras",
    seed=1,
    upscale=UpscaleMethod.MODEL,
    upscale_model="nets/RealESRGAN_x4plus.pth",
    refine=Refine.TILES,
    refine_size=FrameSize(1616, 2872),
    refine_steps=24,
    refine_tile_px=768,
    denoise=0.3,
)
ENLARGED = replace(PICTURE, refine=Refine.NONE, refine_size=None, refine_steps=0, refine_tile_px=0)
NEED = MemoryRange(2048, 3072, 5120)


def a_plan(
    quality: Quality = Quality.ULTRA,
    *,
    available_mib: float | None = 6144,
    name: str = "hires-tiles",
    rung_quality: Quality | None = None,
    picture: PicturePlan | None = PICTURE,
    asks: bool = False,
    need: MemoryRange = NEED,
) -> Plan:
    painter = Rung(PAINTER, quality, NOTHING, 0.0)
    first = Rung(name, rung_quality or quality, need, 0.0, None, picture, on_cpu=name == ON_CPU)
    rungs = (painter,) if name == PAINTER else (first, painter)
    size = frame_size(quality, Aspect.PORTRAIT)
    return Plan(quality, Aspect.PORTRAIT, size, rungs, 0, available_mib, False, asks, ())


@pytest.fixture
def flow() -> WizardFlow:
    seeds = iter(range(100, 1000))
    made = WizardFlow(Choices(Path("/films")), new_seed=lambda: next(seeds))
    made.change(topic="Tea")
    return made


@pytest.mark.parametrize(
    ("plan", "standing"),
    [
        (a_plan(), Fit.FITS),
        (a_plan(available_mib=4000), Fit.LIKELY),
        (a_plan(available_mib=2048), Fit.TIGHT),
        (a_plan(available_mib=2000), Fit.SHORT),
        (a_plan(available_mib=0), Fit.SHORT),
        (a_plan(available_mib=None), Fit.UNKNOWN),
        (a_plan(name=WORKFLOW, picture=None, need=NOTHING), Fit.UNKNOWN),
        (a_plan(name=ON_CPU, available_mib=0), Fit.NO_NEED),
        (a_plan(name=PAINTER, picture=None), Fit.NO_NEED),
    ],
)
def test_how_a_need_stands_to_what_is_there(plan: Plan, standing: Fit) -> None:
    assert fit(plan) is standing


@pytest.mark.parametrize(
    ("plan", "kept"),
    [
        (a_plan(), True),
        (a_plan(available_mib=4000), True),
        (a_plan(available_mib=2048), False),
        (a_plan(rung_quality=Quality.HIGH), False),
        (a_plan(picture=ENLARGED), False),
        (a_plan(asks=True), False),
        (a_plan(name=ON_CPU), False),
        (a_plan(name=WORKFLOW, picture=None), False),
        (a_plan(name=PAINTER, picture=None), False),
    ],
)
def test_only_the_qualitys_own_detail_keeps_what_it_promises(plan: Plan, kept: bool) -> None:  # noqa: FBT001 - a table's column
    assert keeps_promise(plan) is kept


@pytest.mark.parametrize(
    ("works", "seconds", "recommended"),
    [
        # Everything fits, nothing was timed: no more than High is promised to a stranger.
        (dict.fromkeys(Quality, True), {}, Quality.HIGH),
        (dict.fromkeys(Quality, True), {Quality.ULTRA: 599.0}, Quality.ULTRA),
        (dict.fromkeys(Quality, True), {Quality.ULTRA: 900.0}, Quality.HIGH),
        ({Quality.ULTRA: False, Quality.HIGH: True}, {Quality.ULTRA: 30.0}, Quality.HIGH),
        (dict.fromkeys(Quality, False), dict.fromkeys(Quality, 1.0), Quality.STANDARD),
    ],
)
def test_recommends_what_is_drawn_as_it_should_be_and_soon(
    flow: WizardFlow,
    works: dict[Quality, bool],
    seconds: dict[Quality, float],
    recommended: Quality,
) -> None:
    plans = {q: a_plan(q, available_mib=6144 if good else 0) for q, good in works.items()}
    assert flow.recommended({q: seconds.get(q) for q in plans}, plans) is recommended


def test_where_only_the_painter_paints_time_decides_alone(flow: WizardFlow) -> None:
    plans = {q: a_plan(q, name=PAINTER, picture=None) for q in Quality}
    times = dict(zip(Quality, (18.0, 26.0, 54.0, 94.0, 170.0), strict=True))
    assert flow.recommended(times, plans) is Quality.ULTRA_LITE


@pytest.mark.parametrize(
    ("field", "text", "message_id"),
    [
        ("steps", "0", MessageId.STEPS_INVALID),
        ("steps", "201", MessageId.STEPS_INVALID),
        ("steps", "-4", MessageId.STEPS_INVALID),
        ("steps", "12.5", MessageId.STEPS_INVALID),
        ("steps", "many", MessageId.STEPS_INVALID),
        ("steps", "9" * 60, MessageId.STEPS_INVALID),
        ("cfg", "0.5", MessageId.CFG_INVALID),
        ("cfg", "31", MessageId.CFG_INVALID),
        ("cfg", "nan", MessageId.CFG_INVALID),
        ("cfg", "inf", MessageId.CFG_INVALID),
        ("cfg", "1e1", MessageId.CFG_INVALID),
        ("seed", "0x1f", MessageId.SEED_INVALID),
        ("seed", "1 2", MessageId.SEED_INVALID),
        ("seed", "lucky", MessageId.SEED_INVALID),
    ],
)
@pytest.mark.req("G5", "T2")
def test_what_is_typed_wrong_keeps_the_page_and_never_reaches_a_job(
    flow: WizardFlow, field: str, text: str, message_id: MessageId
) -> None:
    flow.change(advanced=Advanced(**{field: text}))
    (problem,) = flow.problems(Step.QUALITY)
    assert (problem.field, problem.message.id) == (field, message_id)
    assert text[:20] in sentence(problem.message)
    # Other pages go on working meanwhile.
    assert flow.problems(Step.WHAT) == []
    assert flow.preview_spec().picture == NO_OVERRIDES
    assert flow.preview_spec().seed == 100


@pytest.mark.parametrize(
    ("typed", "overrides"),
    [
        (Advanced(), NO_OVERRIDES),
        (Advanced(steps="  "), NO_OVERRIDES),
        (Advanced(steps=" 40 "), PictureOverrides(steps=40)),
        (Advanced(cfg="8,5"), PictureOverrides(cfg=8.5)),
        (Advanced(cfg="8."), PictureOverrides(cfg=8.0)),
        (Advanced(sampler="euler"), PictureOverrides(sampler="euler")),
        (Advanced(checkpoint="a b.ckpt"), PictureOverrides(checkpoint="a b.ckpt")),
    ],
)
@pytest.mark.req("LBL-4")
def test_what_is_typed_right_is_the_jobs(
    flow: WizardFlow, typed: Advanced, overrides: PictureOverrides
) -> None:
    flow.change(advanced=typed)
    assert flow.problems(Step.QUALITY) == []
    (spec,) = flow.specs()
    assert spec.picture == overrides


@pytest.mark.parametrize(
    ("typed", "seed"), [("7", 7), ("+7", 7), ("-1", 2**64 - 1), (str(2**64 + 3), 3)]
)
def test_a_seed_of_ones_own_is_folded_into_the_samplers_range(
    flow: WizardFlow, typed: str, seed: int
) -> None:
    flow.change(advanced=Advanced(seed=typed))
    assert flow.specs()[0].seed == seed


def test_ten_videos_from_one_seed_differ_and_come_again(flow: WizardFlow) -> None:
    flow.change(count=10, advanced=Advanced(seed="7"))
    seeds = [spec.seed for spec in flow.specs()]
    assert seeds[0] == 7
    assert seeds == [spec.seed for spec in flow.specs()]
    # Each scene adds one to its video's seed: no two videos may come near each other.
    assert min(abs(a - b) for n, a in enumerate(seeds) for b in seeds[:n]) > 10_000


def test_another_seed_means_another_script_so_edits_to_the_old_one_go(flow: WizardFlow) -> None:
    flow.change(edited_script="Mine.")
    flow.change(advanced=Advanced(steps="30"))
    assert flow.choices.edited_script == "Mine."
    flow.change(advanced=Advanced(seed="5"))
    assert flow.choices.edited_script is None


@pytest.mark.parametrize(
    ("plan", "line"),
    [
        (a_plan(), "472×840 → refined in tiles at 1616×2872"),
        (
            a_plan(picture=replace(PICTURE, refine=Refine.FULL, refine_tile_px=0)),
            "472×840 → refined at 1616×2872",
        ),
        (a_plan(picture=ENLARGED), "472×840 → enlarged by a model"),
        (a_plan(rung_quality=Quality.HIGH, picture=ENLARGED),
         "detail of High: 472×840 → enlarged by a model"),
        (a_plan(name=ON_CPU, picture=ENLARGED),
         "on the processor: 472×840 → enlarged by a model"),
        (a_plan(name=PAINTER, picture=None), "painted by VidGen itself"),
        (a_plan(name=WORKFLOW, picture=None), "by your own workflow"),
    ],
)  # fmt: skip
def test_a_way_in_one_line(plan: Plan, line: str) -> None:
    assert plan_lines.rung_line(plan.first, plan) == line


@pytest.mark.parametrize(
    ("plan", "line"),
    [
        (a_plan(), "needs 2.0–5.0 of 6.0 GB"),
        (a_plan(available_mib=500), "needs 2.0–5.0 of 0.5 GB"),
        (a_plan(available_mib=900, need=MemoryRange(300, 400, 640)), "needs 300–640 of 900 MB"),
        (a_plan(available_mib=None), "needs about 2.0–5.0 GB"),
        (a_plan(need=MemoryRange.exact(3072)), "needs 3.0 of 6.0 GB"),
        (a_plan(name=PAINTER, picture=None), "needs no graphics memory"),
        (a_plan(name=WORKFLOW, picture=None, need=NOTHING), "what it needs is not known"),
    ],
)
@pytest.mark.req("B5", "G2")
def test_what_it_needs_of_what_is_there(plan: Plan, line: str) -> None:
    assert plan_lines.need_line(plan) == line


def test_each_pass_in_figures_with_what_the_person_changed() -> None:
    facts = dict(plan_lines.pass_facts(a_plan(), NO_OVERRIDES))
    assert facts == {
        "Draws": "472×840 in 80 steps, guidance 9.5, DPM++ 2M",
        "Enlarges": "with RealESRGAN_x4plus",
        "Refines": "1616×2872 in 15 tiles of 24 steps",
    }
    changed = PictureOverrides(steps=40, cfg=7, sampler="tea_leaves")
    facts = dict(plan_lines.pass_facts(a_plan(), changed))
    assert facts["Draws"] == "472×840 in 40 steps, guidance 7, tea_leaves"
    assert facts["Refines"].endswith("tiles of 12 steps")


@pytest.mark.parametrize(
    ("card", "line"),
    [
        (None, ""),
        (CardMemory("", 0, 0), "There is no graphics card"),
        (CardMemory(), "No graphics card whose memory could be read"),
        (CardMemory("RTX", 12288, 6144), "RTX: 6.0 GB of 12.0 GB free"),
        (CardMemory("RTX", 12288, 6144, simulated=True), "RTX (simulated): 6.0 GB of 12.0 GB free"),
        (CardMemory("RTX", None, 6144), "RTX: 6.0 GB free"),
        (CardMemory("RTX", 12288), "RTX: how much of its memory is free is not known"),
        (
            CardMemory("RTX", 12288, 6144, writer_mib=5530),
            "RTX: 6.0 GB of 12.0 GB free · the script writer holds 5.4 GB",
        ),
    ],
)
def test_the_card_as_it_is_now(card: CardMemory | None, line: str) -> None:
    assert plan_lines.card_line(card) == line


@pytest.mark.parametrize(
    ("seconds", "line"),
    [(26, "about 26 s"), (94, "about 1 min 34 s"), (254, "about 4 min"), (4000, "about 1 h 7 min")],
)
def test_an_estimate_is_no_finer_than_it_is(seconds: float, line: str) -> None:
    assert plan_lines.about(seconds) == line


def test_the_specs_are_whole(flow: WizardFlow) -> None:
    flow.change(advanced=Advanced(steps="30", sampler="euler"), quality=Quality.ULTRA)
    (spec,) = flow.specs()
    assert JobSpec.model_validate_json(spec.model_dump_json()) == spec
