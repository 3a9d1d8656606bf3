"""What the chart of a card's memory shows, as values: layers, marks, budget. No widgets, no clock.

Times are monotonic seconds, amounts MiB. Painting is in `ui.vram_plot`, measuring in `gpu`.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from vidgen_gui.core.events import Event, Notice, StageStarted
from vidgen_gui.core.job import StageName
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.gpu.history import History, HistoryPoint
from vidgen_gui.pipeline.forecast import Outlook

RECENT_S = 600.0
MOST_MARKS = 400
"""In all; a session of many days forgets its oldest ones."""
GAP_S = 1.5
"""Points whose spans are further apart have nothing between them."""
CALM_REASONS = frozenset({"application-clocks", "sync-boost", "display-clocks", "power-cap"})
"""The card keeps to limits that it was given: nothing to worry about."""


class Span(StrEnum):
    """How far back the chart reaches."""

    RECENT = "recent"
    SESSION = "session"


class MarkKind(StrEnum):
    """What happened, the gravest last."""

    STAGE = "stage"
    SWAP = "swap"
    FALL = "fall"


_GRAVITY = {kind: number for number, kind in enumerate(MarkKind)}
_SWAPS = (
    MessageId.SCRIPT_WRITER_PAUSED,
    MessageId.SCRIPT_WRITER_NOT_PAUSED,
    MessageId.SCRIPT_WRITER_BACK,
    MessageId.SCRIPT_WRITER_NOT_BACK,
    MessageId.IMAGE_MAKER_FREED,
)
_FALLS = (
    MessageId.RUNG_FELL,
    MessageId.RUNG_FELL_FOR_RAM,
    MessageId.RUNG_SPILLED,
    MessageId.RUNG_DEADLY,
    MessageId.RUNG_AGAIN_WITH_MORE,
    MessageId.NO_RUNG_FITS,
    MessageId.COMFY_OUT_OF_GPU_MEMORY,
)
MARKED: Mapping[MessageId, MarkKind] = MappingProxyType(
    {
        **dict.fromkeys(_SWAPS, MarkKind.SWAP),
        **dict.fromkeys(_FALLS, MarkKind.FALL),
    }
)
"""The notices that belong on the time line."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at ``at_s``: a stage of the job ``title`` began, or a notice."""

    at_s: float
    kind: MarkKind
    title: str = ""
    stage: StageName | None = None
    message: Message | None = None


@dataclass(frozen=True, slots=True)
class MarkGroup:
    """Marks that would lie on each other, as one; oldest first."""

    at_s: float
    marks: tuple[Mark, ...]

    @property
    def kind(self) -> MarkKind:
        """The gravest of them."""
        return max((mark.kind for mark in self.marks), key=_GRAVITY.__getitem__)


@dataclass(frozen=True, slots=True)
class Layers:
    """Memory in use from one moment to the next without a gap; all lists are as long as ``at_s``.

    ``others`` + ``script_writer`` + ``image_maker`` is ``used``: the most of each span.
    """

    at_s: list[float]
    others: list[float]
    script_writer: list[float]
    image_maker: list[float]
    used: list[float]


@dataclass(frozen=True, slots=True)
class Warmth:
    """Temperatures without a gap, in degrees Celsius."""

    at_s: list[float]
    celsius: list[float]


@dataclass(frozen=True, slots=True)
class Slowed:
    """When a card held itself back, and why."""

    begin_s: float
    end_s: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChartData:
    """Everything of one chart. ``latest`` is its newest point, None before the first.

    ``owners_known``: whose memory it is was said at least once.
    """

    begin_s: float
    end_s: float
    total_mib: float | None
    layers: tuple[Layers, ...]
    warmth: tuple[Warmth, ...]
    slowed: tuple[Slowed, ...]
    marks: tuple[Mark, ...]
    outlook: Outlook
    latest: HistoryPoint | None
    owners_known: bool

    @property
    def is_empty(self) -> bool:
        return not self.layers


class MarkBook:
    """The marks of a session, oldest first, in bounded memory."""

    def __init__(self) -> None:
        self._marks: deque[Mark] = deque(maxlen=MOST_MARKS)
        self._begun: deque[tuple[str, StageName]] = deque(maxlen=MOST_MARKS)

    @property
    def marks(self) -> tuple[Mark, ...]:
        return tuple(self._marks)

    def note(
        self, events: Iterable[Event], at_s: float, title_of: Callable[[str], str]
    ) -> Sequence[Mark]:
        """Keep what belongs on the time line; returns what is new.

        A stage is marked with its first scene.
        """
        new = [mark for event in events if (mark := self._mark(event, at_s, title_of))]
        self._marks.extend(new)
        return new

    def _mark(self, event: Event, at_s: float, title_of: Callable[[str], str]) -> Mark | None:
        match event:
            case StageStarted(job_id=job_id, stage=stage):
                if (job_id, stage) in self._begun:
                    return None
                self._begun.append((job_id, stage))
                return Mark(at_s, MarkKind.STAGE, title_of(job_id), stage)
            case Notice(job_id=job_id, message=message) if message.id in MARKED:
                title = title_of(job_id) if job_id else ""
                return Mark(at_s, MARKED[message.id], title, message=message)
        return None


def chart_data(
    history: History, span: Span, now_s: float, marks: Iterable[Mark], outlook: Outlook
) -> ChartData:
    """Put a chart together from a card's past."""
    points = history.recent if span is Span.RECENT else history.session
    end_s = now_s
    begin_s = now_s - RECENT_S
    if span is Span.SESSION and points:
        begin_s = min(begin_s, points[0].at_s - points[0].span_s)
    shown = [point for point in points if begin_s <= point.at_s <= end_s]
    latest = history.recent[-1] if history.recent else None
    totals = [point.total_mib for point in shown if point.total_mib is not None]
    runs = _runs(shown)
    return ChartData(
        begin_s=begin_s,
        end_s=end_s,
        total_mib=max(totals, default=None),
        layers=tuple(found for run in runs for found in _layers(run)),
        warmth=tuple(found for run in runs for found in _warmth(run)),
        slowed=tuple(_slowed(shown)),
        marks=tuple(mark for mark in marks if begin_s <= mark.at_s <= end_s),
        outlook=outlook,
        latest=latest,
        owners_known=any(_said(point) for point in shown),
    )


def grouped(marks: Iterable[Mark], least_apart_s: float) -> tuple[MarkGroup, ...]:
    """Join marks that follow one another within ``least_apart_s``; a group is no wider."""
    groups: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda one: one.at_s):
        if groups and mark.at_s - groups[-1][0].at_s < least_apart_s:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    return tuple(MarkGroup(group[-1].at_s, tuple(group)) for group in groups)


def shares_of(point: HistoryPoint) -> tuple[float, float, float]:
    """Others', script writer's and image maker's part of the most in use; they add up to it."""
    used = point.used_high_mib or 0.0
    writer = min(point.shares.script_writer_mib or 0.0, used)
    maker = min(point.shares.image_maker_mib or 0.0, used - writer)
    return used - writer - maker, writer, maker


def _said(point: HistoryPoint) -> bool:
    shares = point.shares
    return shares.script_writer_mib is not None or shares.image_maker_mib is not None


def _runs(points: Sequence[HistoryPoint]) -> list[list[HistoryPoint]]:
    """Points that follow one another without a gap."""
    runs: list[list[HistoryPoint]] = []
    last_s: float | None = None
    for point in points:
        if last_s is None or point.at_s - point.span_s - last_s > GAP_S:
            runs.append([])
        runs[-1].append(point)
        last_s = point.at_s
    return runs


def _layers(run: Sequence[HistoryPoint]) -> Iterable[Layers]:
    for part in _split(run, lambda point: point.used_high_mib is not None):
        layers = Layers([], [], [], [], [])
        for point in part:
            others, writer, maker = shares_of(point)
            layers.at_s.append(point.at_s)
            layers.others.append(others)
            layers.script_writer.append(writer)
            layers.image_maker.append(maker)
            layers.used.append(others + writer + maker)
        yield layers


def _warmth(run: Sequence[HistoryPoint]) -> Iterable[Warmth]:
    for part in _split(run, lambda point: point.temperature_c is not None):
        yield Warmth([point.at_s for point in part], [point.temperature_c or 0.0 for point in part])


def _split(
    run: Sequence[HistoryPoint], known: Callable[[HistoryPoint], bool]
) -> Iterable[list[HistoryPoint]]:
    part: list[HistoryPoint] = []
    for point in run:
        if known(point):
            part.append(point)
        elif part:
            yield part
            part = []
    if part:
        yield part


def _slowed(points: Sequence[HistoryPoint]) -> Iterable[Slowed]:
    """Times of heat or want of power, neighbours joined."""
    found: list[Slowed] = []
    for point in points:
        reasons = tuple(reason for reason in point.slowed_by if reason not in CALM_REASONS)
        if not reasons:
            continue
        begin_s = point.at_s - max(point.span_s, 1.0)
        if found and begin_s - found[-1].end_s <= GAP_S:
            joined = tuple(sorted({*found[-1].reasons, *reasons}))
            found[-1] = Slowed(found[-1].begin_s, point.at_s, joined)
        else:
            found.append(Slowed(begin_s, point.at_s, reasons))
    return found
