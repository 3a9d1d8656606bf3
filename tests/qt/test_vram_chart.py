"""The chart of the card's memory: what it shows, tells and costs."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from fake_controller import FakeController
from fake_gpu import FakeGpu, PlayedCard, with_shares
from gpu_scenes import (
    CEILING_MIB,
    play_swap_and_fall,
    play_two_cards,
    play_without_card,
)
from PySide6.QtCore import QLocale, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from vidgen_gui.controller.gpu_chart import Mark, MarkKind, Span
from vidgen_gui.core.job import StageName
from vidgen_gui.gpu.history import SESSION_POINTS
from vidgen_gui.gpu.readings import SourceKind
from vidgen_gui.ui import vram_texts
from vidgen_gui.ui.machine_line import MachineLine, machine_text
from vidgen_gui.ui.main_window import MainWindow
from vidgen_gui.ui.theme import Appearance, Theme, contrast
from vidgen_gui.ui.vram_chart import ALL_CARDS, VramChart

DAY_S = 86_400


@pytest.fixture
def gpu(controller: FakeController) -> FakeGpu:
    return controller.gpu


@pytest.fixture
def chart(qtbot: QtBot, controller: FakeController) -> Iterator[VramChart]:
    made = VramChart(controller)
    qtbot.addWidget(made)
    made.resize(288, 400)
    yield made
    made.hide()


def _show(qtbot: QtBot, chart: VramChart, gpu: FakeGpu) -> None:
    gpu.tell()
    chart.show()
    qtbot.waitExposed(chart)
    gpu.load_plot()


def _shot(chart: VramChart) -> QImage:
    QApplication.processEvents()
    plot = chart.plots[0]
    return chart.grab(QRect(plot.mapTo(chart, QPoint(0, 0)), plot.size())).toImage()


def _share_of(image: QImage, color: QColor, near: int = 24) -> float:
    """How much of an image is about of one colour."""
    hits = 0
    for y in range(0, image.height(), 2):
        for x in range(0, image.width(), 2):
            pixel = image.pixelColor(x, y)
            parts = zip(pixel.getRgb()[:3], color.getRgb()[:3], strict=True)
            hits += all(abs(one - other) <= near for one, other in parts)
    return hits / max(1, (image.width() // 2) * (image.height() // 2))


def _mixed(tone: str, alpha: int) -> QColor:
    """A theme's colour, as it looks when painted through."""
    over, ground = Theme.get().color(tone), Theme.get().color("window")
    return QColor(
        *(
            round(one * alpha / 255 + other * (1 - alpha / 255))
            for one, other in zip(over.getRgb()[:3], ground.getRgb()[:3], strict=True)
        )
    )


@pytest.mark.req("N7")
def test_the_library_of_charts_is_not_loaded_at_start_but_with_the_first_chart() -> None:
    program = (
        "import sys, vidgen_gui.app, vidgen_gui.ui.vram_chart;"
        "assert not {'pyqtgraph', 'numpy', 'vidgen_gui.ui.vram_plot'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


def test_before_its_library_is_there_a_chart_keeps_its_place(
    qtbot: QtBot, chart: VramChart, gpu: FakeGpu
) -> None:
    play_swap_and_fall(gpu)
    gpu.tell()
    chart.show()
    qtbot.waitExposed(chart)
    assert (gpu.plot_wishes, chart.plots) == (1, [])
    before = chart.sizeHint().height()
    gpu.load_plot()
    assert len(chart.plots) == 1
    assert chart.sizeHint().height() == before


@pytest.mark.req("WISH", "Q1")
def test_memory_is_stacked_by_owner_with_budget_and_what_comes_next(
    qtbot: QtBot, chart: VramChart, gpu: FakeGpu
) -> None:
    play_swap_and_fall(gpu)
    _show(qtbot, chart, gpu)
    legend = chart.legend_texts()
    assert legend == [
        "Pictures 320 MB",
        "Scripts 5.4 GB",
        "Others 900 MB",
        "Budget 11.5 GB",
        "Swap",
        "Did not fit",
        "Next: Pictures · Ultra 6.0–9.6 GB",
    ]
    image = _shot(chart)
    assert _share_of(image, _mixed("chart_maker", 112)) > 0.1
    assert _share_of(image, _mixed("chart_writer", 112)) > 0.03
    assert _share_of(image, _mixed("chart_other", 112)) > 0.02
    assert _share_of(image, Theme.get().color("warn")) > 0.001
    assert CEILING_MIB < 12_282


@pytest.mark.parametrize("look", [Appearance.LIGHT, Appearance.DARK])
def test_the_layers_stand_out_from_the_ground_in_both_themes(look: Appearance) -> None:
    Theme.get().set_appearance(look)
    colors = Theme.get().colors
    for tone in (colors.chart_maker, colors.chart_writer, colors.chart_other):
        assert contrast(tone, colors.surface) >= 3.0


def test_hovering_tells_what_happened(qtbot: QtBot, chart: VramChart, gpu: FakeGpu) -> None:
    play_swap_and_fall(gpu)
    _show(qtbot, chart, gpu)
    (plot,) = chart.plots
    QApplication.processEvents()
    ended = gpu.clock()
    fall = plot.told(ended - 346).splitlines()
    assert re.fullmatch(r"\d+:\d\d:\d\d [AP]M", fall[0])
    assert fall[1:4] == ["In use: 11.9 GB", "Image maker: 11.0 GB", "Others: 900 MB"]
    assert fall[4] == "84 °C"
    assert "Picture 3: 10.8 GB of graphics memory were not enough" in fall[5]
    swap = plot.told(ended - 503)
    assert "Pictures of “Why the sea is salty” begin" in swap
    assert "The script writer was paused for the pictures: 5.4 GB" in swap
    assert "slowed down by heat" in plot.told(ended - 200)
    assert plot.told(ended + 20).startswith("Next: Pictures · Ultra")


def test_the_keyboard_goes_from_mark_to_mark(qtbot: QtBot, chart: VramChart, gpu: FakeGpu) -> None:
    play_swap_and_fall(gpu)
    _show(qtbot, chart, gpu)
    (plot,) = chart.plots
    assert plot.focusPolicy() is Qt.FocusPolicy.StrongFocus
    assert plot.accessibleName() == "Memory of NVIDIA RTX A2000 12GB over time"
    assert "did not fit: 1" in plot.accessibleDescription()
    QTest.keyClick(plot, Qt.Key.Key_PageUp)
    QTest.keyClick(plot, Qt.Key.Key_PageUp)
    assert "Video of “Why the sea is salty” begins" in plot.accessibleDescription()
    QTest.keyClick(plot, Qt.Key.Key_PageUp)
    assert "not enough" in plot.accessibleDescription()
    QTest.keyClick(plot, Qt.Key.Key_Home)
    assert "Others: 900 MB" in plot.accessibleDescription()
    QTest.mouseMove(plot.viewport(), QPoint(120, 60))


@pytest.mark.req("O12", "N1")
def test_without_a_card_the_computers_memory_is_shown_and_why(
    qtbot: QtBot, chart: VramChart, gpu: FakeGpu
) -> None:
    play_without_card(gpu)
    _show(qtbot, chart, gpu)
    assert chart._title.whole == "RAM"
    assert chart._sentence.whole == (
        "No graphics card’s memory can be measured, so this is the computer’s. "
        "There is no NVIDIA driver on this computer."
    )
    assert chart.legend_texts() == ["In use 6.8 GB"]
    assert gpu.charted[-1] == (None, Span.RECENT)
    assert _share_of(_shot(chart), _mixed("chart_other", 112)) > 0.1


def test_a_simulated_card_says_so(qtbot: QtBot, chart: VramChart, gpu: FakeGpu) -> None:
    play_swap_and_fall(gpu, SourceKind.SIMULATED)
    _show(qtbot, chart, gpu)
    (head,) = chart._charts.values()
    assert head._name.whole == "Simulated: NVIDIA RTX A2000 12GB"
    assert "simulated card" in machine_text(gpu.view)


@pytest.mark.req("WISH")
def test_one_of_several_cards_is_chosen_or_all_are_shown(
    qtbot: QtBot, chart: VramChart, gpu: FakeGpu
) -> None:
    play_two_cards(gpu)
    _show(qtbot, chart, gpu)
    box = chart._cards
    assert [box.itemText(number) for number in range(box.count())] == [
        "0 · NVIDIA GeForce RTX 4090",
        "1 · NVIDIA RTX A2000 12GB",
        "All cards",
    ]
    assert len(chart.plots) == 1
    chart._on_card_activated(1)
    assert "Scripts 5.4 GB" in chart.legend_texts()
    assert gpu.charted[-1] == ("GPU-1", Span.RECENT)
    chart.choose_all()
    assert box.currentData() == ALL_CARDS
    assert len(chart.plots) == 2
    assert chart.legend_texts()[0].startswith("Pictures ")
    # A card that is pulled out is gone from the list with the next second.
    gpu.driver.cards.pop()
    gpu.pass_seconds(31)
    gpu.tell()
    assert len(chart.plots) == 1
    assert not box.isVisible()


def test_the_whole_session_can_be_seen(qtbot: QtBot, chart: VramChart, gpu: FakeGpu) -> None:
    play_swap_and_fall(gpu)
    gpu.pass_seconds(1500)
    _show(qtbot, chart, gpu)
    assert "Swap" not in chart.legend_texts()
    chart._spans[Span.SESSION].click()
    assert gpu.charted[-1] == ("GPU-0", Span.SESSION)
    assert "Swap" in chart.legend_texts()


@pytest.mark.req("ERR-16")
def test_a_driver_that_goes_mute_leaves_a_gap_and_comes_back(
    qtbot: QtBot, chart: VramChart, gpu: FakeGpu
) -> None:
    card = PlayedCard("NVIDIA RTX A2000 12GB", 12_282.0)
    gpu.use(card)
    gpu.pass_seconds(60)
    card.others_mib = None
    gpu.pass_seconds(60)
    gpu.tell()
    card.others_mib = 900.0
    gpu.pass_seconds(60)
    _show(qtbot, chart, gpu)
    layers = gpu.chart("GPU-0", Span.RECENT).layers
    assert [len(run.at_s) for run in layers] == [60, 60]
    assert "Not measured" in chart.plots[0].told(gpu.clock() - 90)


def test_a_hidden_chart_costs_nothing(qtbot: QtBot, chart: VramChart, gpu: FakeGpu) -> None:
    play_swap_and_fall(gpu)
    _show(qtbot, chart, gpu)
    chart.hide()
    asked = len(gpu.charted)
    gpu.pass_seconds(5)
    gpu.tell()
    assert len(gpu.charted) == asked


@pytest.mark.slow
@pytest.mark.req("Q1")
def test_a_day_of_seconds_adds_nothing_to_the_chart_and_stays_right(
    qtbot: QtBot, chart: VramChart, gpu: FakeGpu
) -> None:
    play_swap_and_fall(gpu)
    _show(qtbot, chart, gpu)
    chart._spans[Span.SESSION].click()
    (plot,) = chart.plots
    items = len(plot.scene().items())

    def held(number: int) -> float:
        return 100.0 * (number // 60 % 60)

    def each(number: int) -> None:
        with_shares(gpu.cards[0], script_writer_mib=0.0, image_maker_mib=held(number))
        if number % 240 == 0:
            gpu.tell()

    gpu.pass_seconds(DAY_S, each)
    gpu.tell()
    assert len(plot.scene().items()) == items
    assert len(gpu.monitor.history("GPU-0").session) <= SESSION_POINTS + 1
    now_s = gpu.clock()
    for ago_s in (30, 1_830, 40_000, 80_000):
        most = max(held(DAY_S - ago_s - 1 + more) for more in range(-240, 240))
        least = min(held(DAY_S - ago_s - 1 + more) for more in range(-240, 240))
        told = plot.told(now_s - ago_s)
        found = re.search(r"Image maker: ([\d.]+) (GB|MB)", told)
        assert found or least == 0, told
        if found:
            shown = float(found[1]) * (1024 if found[2] == "GB" else 1)
            assert 0.95 * least - 60 <= shown <= 1.05 * most + 60


def test_sizes_and_times_follow_the_persons_locale() -> None:
    before = QLocale()
    try:
        QLocale.setDefault(QLocale("de_DE"))
        assert vram_texts.used_of(8090.0, 12_288.0) == "7,9 of 12 GB"
        assert re.fullmatch(r"\d\d:\d\d:\d\d", vram_texts.clock(1e9, seconds=True))
        QLocale.setDefault(QLocale("en_US"))
        assert vram_texts.used_of(500.0, 900.0) == "500 of 900 MB"
        assert re.fullmatch(r"\d+:\d\d:\d\d [AP]M", vram_texts.clock(1e9, seconds=True))
    finally:
        QLocale.setDefault(before)


@pytest.mark.parametrize(
    ("amounts", "shown"),
    [
        ([0, 4096, 8192, 12_288], ["", "4", "8", "12 GB"]),
        ([0, 512, 1024, 1536], ["", "0.5", "1", "1.5 GB"]),
        ([0, 256, 512], ["", "256", "512 MB"]),
        ([], []),
    ],
)
def test_an_axis_names_its_unit_once(amounts: list[float], shown: list[str]) -> None:
    assert vram_texts.axis_sizes(amounts) == shown


def test_the_axes_have_few_round_steps() -> None:
    from vidgen_gui.ui.vram_items import clock_step_s, size_step_mib

    assert clock_step_s(660, 4.4) == 300
    assert clock_step_s(24 * 3600, 4) == 21_600
    assert clock_step_s(40 * 86_400, 4) == 40 * 86_400
    assert size_step_mib(12_282, 4.6) == 4096
    assert size_step_mib(196_608, 4) == 65_536
    assert size_step_mib(2_048, 4) == 512


def test_the_machine_dock_and_the_status_bar_follow(
    window: MainWindow, controller: FakeController
) -> None:
    play_swap_and_fall(controller.gpu)
    controller.gpu.tell()
    assert window.chart.isVisible()
    (line,) = window.statusBar().findChildren(MachineLine)
    assert line.text() == "RAM 6.8 of 15.6 GB · GPU 59 °C"
    controller.gpu.load_plot()
    assert len(window.chart.plots) == 1
    services = window.machine.geometry()
    assert services.bottom() < window.chart.mapTo(window.machine.parentWidget(), QPoint(0, 0)).y()


def test_a_legend_that_grows_gets_its_room(
    qtbot: QtBot, window: MainWindow, controller: FakeController
) -> None:
    window.resize(1280, 800)
    gpu = controller.gpu
    play_two_cards(gpu)
    gpu.tell()
    gpu.load_plot()
    QApplication.processEvents()
    play_swap_and_fall(gpu)
    gpu.tell()
    bar = window.chart.parentWidget().parentWidget().parentWidget().verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() == 0 and not bar.isVisible())
    assert len(window.chart.legend_texts()) == 7


@pytest.mark.parametrize("size", [(1024, 700), (1024, 640), (1600, 1200)])
def test_nothing_lies_on_each_other_in_a_small_window(
    window: MainWindow, controller: FakeController, size: tuple[int, int]
) -> None:
    play_swap_and_fall(controller.gpu)
    controller.gpu.tell()
    controller.gpu.load_plot()
    window.resize(*size)
    QApplication.processEvents()
    assert (window.width(), window.height()) == size, "the chart forces no window larger"
    chart = window.chart
    plot = chart.plots[0]
    bottom = plot.mapTo(chart, QPoint(0, plot.height())).y()
    entries = [entry for entry in chart._entries.values() if entry.isVisible()]
    assert len(entries) == 7
    assert all(entry.mapTo(chart, QPoint(0, 0)).y() >= bottom for entry in entries)
    assert all(
        entry.mapTo(chart, QPoint(entry.width(), entry.height())).x() <= chart.width()
        for entry in entries
    )


def test_texts_of_jobs_are_plain_in_the_chart(qtbot: QtBot, chart: VramChart, gpu: FakeGpu) -> None:
    play_swap_and_fall(gpu)
    gpu.marks = [Mark(gpu.clock() - 5, MarkKind.STAGE, "<b>x</b>{0}", StageName.IMAGE)]
    _show(qtbot, chart, gpu)
    assert "“<b>x</b>{0}”" in chart.plots[0].told(gpu.clock() - 5)


@pytest.mark.parametrize(
    ("locale", "short", "long"),
    [("en_US", "7:05", "7:05:09 PM"), ("de_DE", "19:05", "19:05:09")],
)
def test_times_of_day_are_written_as_the_person_does(locale: str, short: str, long: str) -> None:
    evening = time.mktime((2026, 11, 22, 19, 5, 9, 0, 0, -1))
    QLocale.setDefault(QLocale(locale))
    try:
        assert vram_texts.clock(evening) == short
        assert vram_texts.clock(evening, seconds=True).replace("\u202f", " ") == long
    finally:
        QLocale.setDefault(QLocale("en_US"))
