"""What happens on cards in life, for the chart's tests and screenshots."""

import math
from dataclasses import dataclass, replace

from fake_gpu import FakeGpu, PlayedCard, with_shares

from vidgen_gui.controller.gpu_chart import Mark, MarkKind
from vidgen_gui.core.job import StageName
from vidgen_gui.core.memory_range import MemoryRange
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.quality import Aspect, Quality
from vidgen_gui.gpu.readings import SourceKind
from vidgen_gui.pipeline.forecast import NO_OUTLOOK, Outlook, QueuedStage, Work

SEA, JET = "Why the sea is salty", "How a jet engine breathes"
CEILING_MIB = 11_776.0


@dataclass(frozen=True, slots=True)
class _Phase:
    """From ``begin``, in seconds: what is held, how warm it gets, how much the use goes up."""

    begin: int
    writer_mib: float = 0.0
    maker_mib: float = 0.0
    warm_c: float = 48.0
    rise_mib: float = 0.0
    wave_mib: float = 0.0
    throttle: tuple[str, ...] = ()


_WRITER_MIB, _REST_MIB = 5530.0, 320.0
_SWAP_AND_FALL = (
    _Phase(0),
    _Phase(20, _WRITER_MIB, warm_c=62),
    _Phase(98),
    _Phase(104, 0, 6200, 84, 18, 240),
    _Phase(250, 0, 11_300, 86),
    _Phase(254, 0, _REST_MIB, 80),
    _Phase(262, 0, 5600, 88, 0, 240),
    _Phase(380, 0, 5600, 92, 0, 240, ("heat",)),
    _Phase(440, 0, 5600, 84, 0, 240),
    _Phase(470, 0, 2100, 60),
    _Phase(500, _WRITER_MIB, _REST_MIB, 58),
)
_PAUSE = Message(MessageId.SCRIPT_WRITER_PAUSED, {"mib": 5530, "seconds": 0.8})
_BACK = Message(MessageId.SCRIPT_WRITER_BACK, {"seconds": 3.1})
_FALL = Message(
    MessageId.RUNG_FELL,
    {"picture": 3, "before_way": "hires-full", "after_way": "hires-tiles", "free_mib": 11_060},
)
_HAPPENED = (
    (20, Mark(0, MarkKind.STAGE, SEA, StageName.SCRIPT)),
    (95, Mark(0, MarkKind.STAGE, SEA, StageName.NARRATION)),
    (96, Mark(0, MarkKind.STAGE, SEA, StageName.IMAGE)),
    (98, Mark(0, MarkKind.SWAP, SEA, message=_PAUSE)),
    (254, Mark(0, MarkKind.FALL, SEA, message=_FALL)),
    (470, Mark(0, MarkKind.STAGE, SEA, StageName.RENDER)),
    (500, Mark(0, MarkKind.SWAP, SEA, message=_BACK)),
    (502, Mark(0, MarkKind.STAGE, JET, StageName.SCRIPT)),
)


def play_swap_and_fall(gpu: FakeGpu, kind: SourceKind = SourceKind.NVML) -> None:
    """Ten minutes: a script, a swap, a picture that does not fit, a smaller one, a swap back."""
    card = PlayedCard("NVIDIA RTX A2000 12GB", 12_282.0)
    gpu.use(card, kind=kind)
    began_s = gpu.clock()

    def each(number: int) -> None:
        phase = max((one for one in _SWAP_AND_FALL if one.begin <= number), key=lambda p: p.begin)
        moved = phase.rise_mib * (number - phase.begin) + phase.wave_mib * math.sin(number / 7)
        with_shares(
            card, script_writer_mib=phase.writer_mib, image_maker_mib=phase.maker_mib + moved
        )
        card.temperature_c = (card.temperature_c or 40.0) * 0.97 + phase.warm_c * 0.03
        card.throttle = phase.throttle

    gpu.pass_seconds(600, each)
    gpu.marks = [replace(mark, at_s=began_s + second) for second, mark in _HAPPENED]
    gpu.outlook = Outlook(CEILING_MIB, None, next_pictures(), 900.0)


def next_pictures() -> Work:
    """Ultra pictures that need 6 to 10 GB."""
    stage = QueuedStage("job-4", JET, StageName.IMAGE, Quality.ULTRA, Aspect.LANDSCAPE)
    return Work(stage, MemoryRange(6100.0, 7900.0, 9800.0))


def play_without_card(gpu: FakeGpu) -> None:
    """Ten minutes without any card."""
    gpu.use()
    gpu.marks, gpu.outlook = [], NO_OUTLOOK
    gpu.pass_seconds(600)


def play_two_cards(gpu: FakeGpu) -> None:
    """A card for pictures and one for the language model."""
    first = PlayedCard("NVIDIA GeForce RTX 4090", 24_564.0, 1200.0)
    second = PlayedCard("NVIDIA RTX A2000 12GB", 12_282.0, 300.0)
    gpu.use(first, second)
    gpu.marks, gpu.outlook = [], NO_OUTLOOK

    def each(number: int) -> None:
        first.shares = None
        with_shares(first, image_maker_mib=9000.0 + 4000.0 * math.sin(number / 40) ** 2)
        with_shares(second, script_writer_mib=5530.0 if number > 60 else 0.0)

    gpu.pass_seconds(420, each)


def play_at_work(gpu: FakeGpu, *, quiet: bool = False) -> None:
    """What the window's other pictures have beside them: some minutes of ordinary work."""
    card = PlayedCard("NVIDIA RTX A2000 12GB", 12_282.0)
    gpu.use(card)
    began_s = gpu.clock()

    def each(number: int) -> None:
        writes, draws = not quiet and number >= 40, not quiet and number >= 190
        wave = 260 * math.sin(number / 9)
        with_shares(
            card,
            script_writer_mib=_WRITER_MIB if writes else 0.0,
            image_maker_mib=2900.0 + wave if draws else 0.0,
        )
        warm_c = 74.0 if draws else 55.0 if writes else 41.0
        card.temperature_c = (card.temperature_c or 41.0) * 0.97 + warm_c * 0.03

    gpu.pass_seconds(430, each)
    if not quiet:
        gpu.marks = [
            Mark(began_s + 40, MarkKind.STAGE, SEA, StageName.SCRIPT),
            Mark(began_s + 190, MarkKind.STAGE, SEA, StageName.IMAGE),
        ]
    gpu.outlook = Outlook(CEILING_MIB)
    gpu.tell()
    gpu.load_plot()
