"""What the chart of a card's memory says in words: legend, hover, what a screen reader hears."""

import bisect
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from vidgen_gui.controller.gpu_chart import ChartData, Mark, MarkKind, Slowed, shares_of
from vidgen_gui.core.job import StageName
from vidgen_gui.core.text import truncate
from vidgen_gui.gpu.readings import GpuReading
from vidgen_gui.pipeline.forecast import Work
from vidgen_gui.ui import labels, words
from vidgen_gui.ui.marks import QT_TRANSLATE_NOOP

MOST_TITLE = 48
MOST_LINES = 5
"""Of what happened at one place; the rest is counted."""
_SLOWED = {
    "heat": QT_TRANSLATE_NOOP("chart", "slowed down by heat"),
    "heat-hardware": QT_TRANSLATE_NOOP("chart", "slowed down by heat"),
    "hardware": QT_TRANSLATE_NOOP("chart", "slowed down by the card’s own protection"),
    "power-brake": QT_TRANSLATE_NOOP("chart", "slowed down for want of power"),
}
_BEGINS = {
    StageName.SCRIPT: QT_TRANSLATE_NOOP("chart", "Script of “{title}” begins"),
    StageName.NARRATION: QT_TRANSLATE_NOOP("chart", "Voice of “{title}” begins"),
    StageName.MUSIC: QT_TRANSLATE_NOOP("chart", "Music of “{title}” begins"),
    StageName.IMAGE: QT_TRANSLATE_NOOP("chart", "Pictures of “{title}” begin"),
    StageName.RENDER: QT_TRANSLATE_NOOP("chart", "Video of “{title}” begins"),
}


def _tr(text: str) -> str:
    return QCoreApplication.translate("chart", text)


def clock(unix_s: float, *, seconds: bool = False) -> str:
    """A time of day, as the person writes it; without seconds also without morning or evening."""
    time = QDateTime.fromMSecsSinceEpoch(round(unix_s * 1000)).time()
    if _has_24_hours():
        return QLocale().toString(time, "HH:mm:ss" if seconds else "HH:mm")
    if seconds:
        return QLocale().toString(time, "h:mm:ss AP")
    # Only beside AP does Qt count to twelve.
    return QLocale().toString(time, "h:mm|AP").partition("|")[0]


def degrees(celsius: float) -> str:
    return _tr("{degrees} °C").format(degrees=QLocale().toString(round(celsius)))


def used_of(used_mib: float, total_mib: float) -> str:
    """``7.9 of 12 GB``: both in the total's unit."""
    unit, size = (_tr("GB"), 1024) if total_mib >= 1024 else (_tr("MB"), 1)
    used = QLocale().toString(used_mib / size, "f", 1 if size > 1 else 0)
    total = QLocale().toString(total_mib / size, "f", 1 if size > 1 else 0)
    for text in (f"{QLocale().decimalPoint()}0",):
        total = total.removesuffix(text)
    return _tr("{used} of {total} {unit}").format(used=used, total=total, unit=unit)


def amount(mib: float) -> str:
    """``5.4 GB``, and ``0 MB`` for nothing."""
    return labels.size_mib(mib) if mib >= 0.5 else _tr("{size} MB").format(size=0)


def axis_sizes(amounts_mib: Sequence[float]) -> list[str]:
    """Amounts beside an axis, in one unit, which the last one names: ``4  8  12 GB``."""
    in_gb = max(amounts_mib, default=0.0) >= 1024
    size, unit = (1024, _tr("GB")) if in_gb else (1, _tr("MB"))
    shown = []
    for amount in amounts_mib:
        whole = (amount / size).is_integer()
        shown.append(QLocale().toString(amount / size, "f", 0 if whole else 1))
    if shown:
        shown[-1] = f"{shown[-1]} {unit}"
        # Nothing needs no number, and there is little room at the bottom.
        shown[0] = "" if amounts_mib[0] == 0 else shown[0]
    return shown


def head_figures(card: GpuReading) -> str:
    """``7.9 of 12 GB · 54 °C``; what is not known is left out."""
    parts = []
    if card.used_mib is not None and card.total_mib is not None:
        parts.append(used_of(card.used_mib, card.total_mib))
    if card.temperature_c is not None:
        parts.append(degrees(card.temperature_c))
    return " · ".join(parts) or _tr("Memory not known")


def mark_line(mark: Mark) -> str:
    """What happened, in one sentence."""
    if mark.message is not None:
        return words.reason(mark.message)
    title = truncate(mark.title, MOST_TITLE)
    return _tr(_BEGINS[mark.stage]).format(title=title) if mark.stage is not None else title


def owner_lines(data: ChartData, others: float, writer: float, maker: float) -> list[str]:
    """Who holds how much, top layer first."""
    if not data.owners_known:
        return []
    names = (_tr("Image maker"), maker), (_tr("Script writer"), writer), (_tr("Others"), others)
    return [f"{name}: {amount(mib)}" for name, mib in names if mib >= 0.5]


def next_line(work: Work) -> str:
    """What comes next and takes how much: ``Next: Pictures · Ultra 6.1–9.8 GB``."""
    stage = labels.stage_name(work.stage.stage)
    if work.stage.stage is StageName.IMAGE:
        stage = f"{stage} · {labels.quality_name(work.stage.quality)}"
    low, high = work.need.low_mib, work.need.high_mib
    if amount(low) == amount(high):
        return _tr("Next: {stage} {need}").format(stage=stage, need=amount(high))
    least = QLocale().toString(low / 1024, "f", 1) if low >= 1024 else amount(low)
    return _tr("Next: {stage} {low}–{high}").format(stage=stage, low=least, high=amount(high))


def hover_text(data: ChartData, at_s: float, offset_s: float, marks: Sequence[Mark]) -> str:
    """What is to be told about one moment.

    Args:
        at_s: the moment, monotonic.
        offset_s: what turns monotonic seconds into Unix seconds.
        marks: what happened there.
    """
    lines = [clock(at_s + offset_s, seconds=True)]
    for layers in data.layers:
        if layers.at_s[0] - 1 <= at_s <= layers.at_s[-1] + 1:
            number = min(bisect.bisect_left(layers.at_s, at_s), len(layers.at_s) - 1)
            used = labels.size_mib(layers.used[number])
            lines.append(_tr("In use: {size}").format(size=used))
            parts = (layers.others[number], layers.script_writer[number])
            lines += owner_lines(data, *parts, layers.image_maker[number])
            break
    else:
        lines.append(_tr("Not measured"))
    lines += _warmth_lines(data, at_s)
    told = [f"{clock(mark.at_s + offset_s)} {mark_line(mark)}" for mark in marks]
    lines += told[-MOST_LINES:]
    if len(told) > MOST_LINES:
        lines.append(_tr("and {n} more").format(n=len(told) - MOST_LINES))
    return "\n".join(lines)


def description(data: ChartData) -> str:
    """The chart in words, for whoever doesn't see it."""
    if data.latest is None or data.latest.used_high_mib is None:
        return _tr("Nothing was measured yet.")
    used = labels.size_mib(data.latest.used_high_mib)
    parts = [_tr("In use: {size}").format(size=used)]
    if data.total_mib is not None:
        parts = [_tr("In use: {part}").format(part=used_of_point(data))]
    parts += owner_lines(data, *shares_of(data.latest))
    if data.latest.temperature_c is not None:
        parts.append(degrees(data.latest.temperature_c))
    if data.outlook.next is not None:
        parts.append(next_line(data.outlook.next))
    falls = sum(mark.kind is MarkKind.FALL for mark in data.marks)
    swaps = sum(mark.kind is MarkKind.SWAP for mark in data.marks)
    if swaps:
        parts.append(_tr("swaps: {n}").format(n=swaps))
    if falls:
        parts.append(_tr("did not fit: {n}").format(n=falls))
    return ", ".join(parts)


def used_of_point(data: ChartData) -> str:
    """The newest amount of the total; "" before there is one."""
    if data.latest is None or data.latest.used_high_mib is None or data.total_mib is None:
        return ""
    return used_of(data.latest.used_high_mib, data.total_mib)


def slowed_line(slowed: Slowed) -> str:
    """Why the card was slow."""
    told = {_tr(_SLOWED[reason]) for reason in slowed.reasons if reason in _SLOWED}
    return ", ".join(sorted(told)) or _tr("slowed down")


def _warmth_lines(data: ChartData, at_s: float) -> list[str]:
    lines = []
    for warmth in data.warmth:
        if warmth.at_s[0] - 1 <= at_s <= warmth.at_s[-1] + 1:
            number = min(bisect.bisect_left(warmth.at_s, at_s), len(warmth.at_s) - 1)
            lines.append(degrees(warmth.celsius[number]))
            break
    for slowed in data.slowed:
        if slowed.begin_s <= at_s <= slowed.end_s:
            why = slowed_line(slowed)
            lines = [f"{lines[0]}, {why}"] if lines else [why]
    return lines


def _has_24_hours() -> bool:
    return "AP" not in QLocale().timeFormat(QLocale.FormatType.ShortFormat).upper()
