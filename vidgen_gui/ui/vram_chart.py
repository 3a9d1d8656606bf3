"""The memory of the graphics card over time, under the services: head, chart, legend.

The painted part is in `vram_plot`, which is imported with the first chart and never at start.
"""

import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QPolygonF, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from vidgen_gui.controller.gpu_chart import ChartData, Layers, MarkKind, Span, shares_of
from vidgen_gui.controller.gpu_controller import GpuView
from vidgen_gui.core.memory_range import NOTHING
from vidgen_gui.gpu.readings import GpuReading
from vidgen_gui.ui import labels, vram_texts, words
from vidgen_gui.ui.fitting import ElidedLabel, Shrinking, WrappedLabel
from vidgen_gui.ui.flow import FlowLayout
from vidgen_gui.ui.parts import column, panel, plain_widget, row, rule
from vidgen_gui.ui.theme import GRID_PX, Theme, set_role

if TYPE_CHECKING:
    from vidgen_gui.ui.vram_plot import VramPlot

PLOT_PX = 160
"""The chart's height, also before it is there: nothing jumps."""
SWATCH_PX = 10
MOST_CHARTS, MOST_SEEN = 8, 2
LEAST = QSize(208, 120)
ALL_CARDS = "all"
_NO_CARD = ""
_CORNERS = {
    "diamond": ((0.5, 0.1), (0.85, 0.5), (0.5, 0.9), (0.15, 0.5)),
    "triangle": ((0.1, 0.2), (0.9, 0.2), (0.5, 0.9)),
}


def machine_column(services: QWidget, chart: QWidget) -> QVBoxLayout:
    """The services, which scroll, and the chart below them, which always shows."""
    margin = (2 * GRID_PX, GRID_PX, 2 * GRID_PX, GRID_PX)
    lower = Shrinking(plain_widget(column(chart, margin=margin)), LEAST)
    lower.setAccessibleName(chart.accessibleName())
    layout = column(services, rule(), lower, spacing=0)
    layout.setStretch(0, 1)
    return layout


class Swatch(QWidget):
    """How something looks in the chart, in a theme's colour.

    Args:
        shape: ``area``, ``ghost`` (a dashed box), ``line``, ``diamond`` or ``triangle``.
    """

    def __init__(self, shape: str, tone: str) -> None:
        super().__init__()
        self._shape, self._tone = shape, tone
        self.setFixedSize(SWATCH_PX + 4, SWATCH_PX + 4)
        Theme.get().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        color = Theme.get().color(self._tone)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self.rect().adjusted(2, 2, -3, -3)
        pen = QPen(color, 1.4)
        if self._shape in _CORNERS:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            corners = (
                QPointF(x * self.width(), y * self.height()) for x, y in _CORNERS[self._shape]
            )
            painter.drawPolygon(QPolygonF(list(corners)))
        elif self._shape == "line":
            pen.setDashPattern([3, 2])
            painter.setPen(pen)
            middle = self.height() // 2
            painter.drawLine(0, middle, self.width(), middle)
        else:
            if self._shape == "ghost":
                pen.setDashPattern([2, 1.5])
            painter.setPen(pen)
            color.setAlpha(40 if self._shape == "ghost" else 150)
            painter.setBrush(color)
            painter.drawRoundedRect(box, 2, 2)
        painter.end()


class _Entry(QWidget):
    """One line of the legend."""

    def __init__(self, shape: str, tone: str) -> None:
        super().__init__()
        self._text = ElidedLabel("small")
        layout = row(Swatch(shape, tone), self._text, spacing=GRID_PX // 2)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.hide()

    @property
    def text(self) -> str:
        return self._text.whole

    def say(self, text: str) -> None:
        self._text.show_text(text)
        self.setVisible(bool(text))


class _Chart(QWidget):
    """One card: its name and figures, and its chart once there is a library to paint it."""

    def __init__(self, uuid: str) -> None:
        super().__init__()
        self.uuid = uuid
        self.plot: VramPlot | None = None
        self._name = ElidedLabel("small")
        self._figures = ElidedLabel("small")
        self._place = QFrame()
        set_role(self._place, "plain")
        self._place.setFixedHeight(PLOT_PX)
        head = row(self._name, self._figures)
        head.setStretch(0, 1)
        self.setLayout(column(head, self._place, spacing=GRID_PX // 2))

    def show_head(self, name: str, figures: str) -> None:
        self._name.show_text(name)
        self._figures.show_text(figures)

    def show_data(self, data: ChartData, name: str, *, small: bool) -> None:
        if self.plot is None:
            from vidgen_gui.ui.vram_plot import VramPlot  # noqa: PLC0415 - loads pyqtgraph

            self.plot = VramPlot(small=small)
            self._place.setLayout(column(self.plot))
            self._place.setFixedHeight(self.plot.sizeHint().height())
        self.plot.setAccessibleName(name)
        self.plot.show_data(data, time.time() - data.end_s)


class VramChart(QWidget):
    """Talks to ``controller.gpu``. Shown, it follows each second; hidden, it costs nothing."""

    def __init__(self, controller: Any) -> None:
        super().__init__()
        self._gpu = controller.gpu
        self._span = Span.RECENT
        self._choice: str | None = None
        self._charts: dict[str, _Chart] = {}
        self._build()
        self._gpu.gpu_changed.connect(self._on_gpu_changed)
        self._gpu.plot_ready.connect(self._refresh)
        self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._gpu.wants_plot()
        self._refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        for chart in self._charts.values():
            if chart.plot is not None:
                chart.plot.point_at(None)

    @property
    def plots(self) -> "list[VramPlot]":
        """What is painted now, in the order of the cards."""
        return [chart.plot for chart in self._charts.values() if chart.plot is not None]

    def _build(self) -> None:
        self.setAccessibleName(self.tr("Memory over time"))
        self._title = ElidedLabel("heading")
        self._title.setMinimumWidth(3 * GRID_PX)
        self._spans = {
            Span.RECENT: self._span_button(Span.RECENT, self.tr("10 min")),
            Span.SESSION: self._span_button(Span.SESSION, self.tr("Session")),
        }
        self._cards = QComboBox()
        self._cards.setAccessibleName(self.tr("Card whose memory is shown"))
        self._cards.activated.connect(self._on_card_activated)
        self._cards.hide()
        self._sentence = WrappedLabel("small")
        self._stack = column()
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setAccessibleName(self.tr("Charts"))
        self._scroll.setWidget(plain_widget(self._stack))
        self._entries = {
            "maker": _Entry("area", "chart_maker"),
            "writer": _Entry("area", "chart_writer"),
            "others": _Entry("area", "chart_other"),
            "budget": _Entry("line", "warn"),
            "swap": _Entry("diamond", "text"),
            "fall": _Entry("triangle", "failed"),
            "next": _Entry("ghost", "chart_maker"),
        }
        entries = [entry for key, entry in self._entries.items() if key != "next"]
        legend = plain_widget(FlowLayout(*entries, spacing=GRID_PX // 2))
        spans = panel(row(*self._spans.values(), margin=2, spacing=0), "segments")
        head = row(self._title, spans)
        head.setStretch(0, 1)
        self.setLayout(
            column(
                head,
                self._cards,
                self._sentence,
                self._scroll,
                legend,
                self._entries["next"],
                spacing=GRID_PX // 2,
            )
        )

    def _span_button(self, span: Span, text: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        set_role(button, "segment")
        button.setCheckable(True)
        button.setAutoExclusive(True)
        button.setChecked(span is self._span)
        button.clicked.connect(lambda: self._use_span(span))
        return button

    def _use_span(self, span: Span) -> None:
        self._span = span
        self._refresh()

    def choose_all(self) -> None:
        """Show every card's chart, one below the other."""
        self._choice = ALL_CARDS
        self._refresh()

    def _on_card_activated(self, number: int) -> None:
        self._choice = self._cards.itemData(number)
        self._refresh()

    def _on_gpu_changed(self, _view: GpuView) -> None:
        if self.isVisible():
            self._refresh()

    def _refresh(self) -> None:
        view: GpuView = self._gpu.view
        self._show_heads(view)
        shown = self._shown_cards(view)
        self._use_charts([card.uuid for card in shown] or [_NO_CARD])
        data: list[ChartData] = []
        for uuid, chart in self._charts.items():
            card = next((card for card in shown if card.uuid == uuid), None)
            data.append(self._gpu.chart(None if card is None else uuid, self._span))
            name, figures = self._head_of(view, card)
            chart.show_head(name, figures)
            if self._gpu.is_plot_ready and self.isVisible():
                spoken = self.tr("Memory of {0} over time").format(name)
                chart.show_data(data[-1], spoken, small=len(shown) > 1)
        self._fit_height()
        self._show_legend(data)

    def _fit_height(self) -> None:
        """Room for two charts at most; further ones are scrolled to."""
        heights = [chart.sizeHint().height() for chart in self._charts.values()]
        seen = heights[:MOST_SEEN]
        self._scroll.setFixedHeight(sum(seen) + GRID_PX * (len(seen) - 1))

    def _shown_cards(self, view: GpuView) -> list[GpuReading]:
        if self._choice == ALL_CARDS and len(view.cards) > 1:
            return list(view.cards[:MOST_CHARTS])
        wanted = self._choice or view.chosen
        named = [card for card in view.cards if card.uuid == wanted]
        return named or list(view.cards[:1])

    def _head_of(self, view: GpuView, card: GpuReading | None) -> tuple[str, str]:
        if card is not None:
            name = self.tr("Simulated: {0}").format(card.name) if card.simulated else card.name
            return name, vram_texts.head_figures(card)
        if view.ram is None:
            return self.tr("Being measured…"), ""
        return self.tr("This computer"), vram_texts.used_of(view.ram.used_mib, view.ram.total_mib)

    def _show_heads(self, view: GpuView) -> None:
        without = view.is_known and not view.cards
        title = self.tr("RAM") if without else self.tr("VRAM")
        self._title.show_text(title)
        text = ""
        if without and view.problem is not None:
            text = self.tr("No graphics card’s memory can be measured, so this is the computer’s.")
            text = f"{text} {words.reason(view.problem)}"
        self._sentence.show_text(text)
        self._sentence.setVisible(bool(text))
        self._list_cards(view)

    def _list_cards(self, view: GpuView) -> None:
        several = len(view.cards) > 1
        self._cards.setVisible(several)
        names = [(f"{card.index} · {card.name}", card.uuid) for card in view.cards]
        entries = [*names, (self.tr("All cards"), ALL_CARDS)] if several else []
        known = [
            (self._cards.itemText(number), self._cards.itemData(number))
            for number in range(self._cards.count())
        ]
        if entries != known:
            self._cards.clear()
            for text, uuid in entries:
                self._cards.addItem(text, uuid)
        wanted = self._cards.findData(self._choice or view.chosen)
        if wanted >= 0:
            self._cards.setCurrentIndex(wanted)

    def _use_charts(self, uuids: list[str]) -> None:
        """Have one chart a card; those that stay are kept."""
        if list(self._charts) == uuids:
            return
        for chart in self._charts.values():
            chart.hide()
            self._stack.removeWidget(chart)
            chart.deleteLater()
        self._charts = {uuid: _Chart(uuid) for uuid in uuids}
        for chart in self._charts.values():
            self._stack.addWidget(chart)

    def _show_legend(self, data: list[ChartData]) -> None:
        told = dict.fromkeys(self._entries, "")
        latest = [one.latest for one in data if one.latest is not None]
        if any(one.owners_known for one in data):
            sums = [sum(part) for part in zip(*map(shares_of, latest), strict=True)]
            names = (self.tr("Others"), self.tr("Scripts"), self.tr("Pictures"))
            for key, name, mib in zip(("others", "writer", "maker"), names, sums, strict=True):
                if mib > 0 or any(max(_layer(run, key)) > 0 for one in data for run in one.layers):
                    told[key] = f"{name} {vram_texts.amount(mib)}"
        elif latest:
            used = sum(point.used_high_mib or 0.0 for point in latest)
            told["others"] = self.tr("In use {0}").format(labels.size_mib(used))
        ahead = next((one.outlook for one in data if one.outlook.ceiling_mib is not None), None)
        if ahead is not None and ahead.ceiling_mib is not None:
            told["budget"] = self.tr("Budget {0}").format(labels.size_mib(ahead.ceiling_mib))
            if ahead.next is not None and ahead.next.need != NOTHING:
                told["next"] = vram_texts.next_line(ahead.next)
        kinds = {mark.kind for one in data for mark in one.marks}
        told["swap"] = self.tr("Swap") if MarkKind.SWAP in kinds else ""
        told["fall"] = self.tr("Did not fit") if MarkKind.FALL in kinds else ""
        for key, text in told.items():
            self._entries[key].say(text)

    def legend_texts(self) -> list[str]:
        """What the legend says now."""
        return [entry.text for entry in self._entries.values() if not entry.isHidden()]


def _layer(run: Layers, key: str) -> list[float]:
    return {"maker": run.image_maker, "writer": run.script_writer, "others": run.others}[key]
