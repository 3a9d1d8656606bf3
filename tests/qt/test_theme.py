"""Colours that can be read, three type sizes, one icon set, light and dark live."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from style_count import StyleCount

from vidgen_gui.system.resources import resource
from vidgen_gui.ui.icons import app_icon, bind_icon, icon_pixmap
from vidgen_gui.ui.main_window import MainWindow
from vidgen_gui.ui.theme import (
    GROUNDS,
    TEXTS,
    Appearance,
    Colors,
    Scale,
    Theme,
    contrast,
    set_role,
)

READABLE = 4.5
VISIBLE = 3.0


@pytest.mark.parametrize("name", ["light", "dark"])
def test_every_text_is_readable_on_every_ground(name: str) -> None:
    colors = Colors.load(name)
    pairs = [(text, ground) for text in TEXTS for ground in GROUNDS]
    pairs += [("accent_text", "accent"), ("accent_text", "accent_hover")]
    poor = {
        pair: round(contrast(getattr(colors, pair[0]), getattr(colors, pair[1])), 2)
        for pair in pairs
        if contrast(getattr(colors, pair[0]), getattr(colors, pair[1])) < READABLE
    }
    assert not poor


@pytest.mark.parametrize("name", ["light", "dark"])
def test_edges_of_fields_can_be_seen(name: str) -> None:
    colors = Colors.load(name)
    assert contrast(colors.outline, colors.surface) >= VISIBLE
    assert contrast(colors.outline, colors.window) >= VISIBLE


def test_contrast_is_computed_as_the_standard_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_palette_is_readable_too(qapp: QApplication) -> None:
    for appearance in (Appearance.LIGHT, Appearance.DARK):
        Theme.get().set_appearance(appearance)
        palette = qapp.palette()
        for text, ground in (
            (palette.text(), palette.base()),
            (palette.windowText(), palette.window()),
            (palette.buttonText(), palette.button()),
            (palette.highlightedText(), palette.highlight()),
            (palette.placeholderText(), palette.base()),
            (palette.toolTipText(), palette.toolTipBase()),
        ):
            ratio = contrast(text.color().name(), ground.color().name())
            assert ratio >= READABLE, (appearance, text.color().name(), ground.color().name())


def test_follows_the_system_live(qtbot: QtBot, qapp: QApplication) -> None:
    theme = Theme.get()
    theme.set_appearance(Appearance.SYSTEM)
    hints = QGuiApplication.styleHints()
    button = QPushButton("x")
    qtbot.addWidget(button)
    bind_icon(button, "play")
    for scheme, dark in ((Qt.ColorScheme.Dark, True), (Qt.ColorScheme.Light, False)):
        # What the platform does when the person switches; the offscreen one never does.
        hints.colorSchemeChanged.emit(scheme)
        assert theme.is_dark is dark
        wanted = Colors.load("dark" if dark else "light")
        assert qapp.palette().window().color().name() == wanted.window
        assert wanted.accent in button.styleSheet()
        assert _main_color(button) == wanted.text


def test_dialogs_wear_what_their_window_wears(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    dialog = QDialog(window)
    label = QLabel("x", dialog)
    set_role(label, "failed")
    dialog.show()
    for appearance, name in ((Appearance.DARK, "dark"), (Appearance.LIGHT, "light")):
        Theme.get().set_appearance(appearance)
        color = label.palette().color(QPalette.ColorRole.WindowText)
        assert color.name() == Colors.load(name).failed


def test_a_switch_does_not_style_widgets_again_and_again(
    qapp: QApplication, window: MainWindow
) -> None:
    counted = StyleCount()
    qapp.installEventFilter(counted)
    Theme.get().set_appearance(Appearance.DARK)
    qapp.removeEventFilter(counted)
    widgets = len(window.findChildren(QWidget))
    assert widgets > 200
    assert widgets <= counted.within(window) < 3 * widgets


def _main_color(button: QPushButton) -> str:
    image = button.icon().pixmap(16, 16).toImage()
    solid = [
        image.pixelColor(x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    ]
    assert solid
    return solid[0].name()


def test_there_are_three_sizes_and_they_follow_the_system_font() -> None:
    theme = Theme.get()
    small, body, title = (theme.font(scale).pointSizeF() for scale in Scale)
    assert small < body < title
    before = theme.font(Scale.BODY)
    larger = theme.font(Scale.BODY)
    larger.setPointSizeF(before.pointSizeF() * 2)
    theme.set_base_font(larger)
    assert theme.font(Scale.TITLE).pointSizeF() == pytest.approx(title * 2, abs=0.2)
    theme.set_base_font(before)


def test_the_sheet_leaves_no_placeholder_and_uses_no_other_size() -> None:
    sheet = re.sub(r"/\*.*?\*/", "", Theme.get().sheet, flags=re.DOTALL)
    assert "@" not in sheet
    sizes = set(re.findall(r"font-size: ([^;]+);", sheet))
    assert sizes <= {f"{Theme.get().font(scale).pointSizeF()}pt" for scale in Scale}
    for path in re.findall(r"url\(([^)]+)\)", sheet):
        assert Path(path).is_file()


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0, 3.0])
def test_icons_are_crisp_at_every_scale(ratio: float) -> None:
    pixmap = icon_pixmap("settings", 16, ratio, QColor("#123456"))
    assert pixmap.width() == round(16 * ratio)
    assert pixmap.deviceIndependentSize().toSize().width() == 16


def test_icons_are_one_set_with_its_licence() -> None:
    folder = resource("icons")
    assert "ISC License" in (folder / "LICENSE").read_text(encoding="utf-8")
    for path in folder.glob("*.svg"):
        if path.stem != "vidgen":
            text = path.read_text(encoding="utf-8")
            assert 'stroke="currentColor"' in text
            assert 'viewBox="0 0 24 24"' in text
    used = set()
    for source in (resource("icons").parents[1] / "vidgen_gui" / "ui").glob("*.py"):
        used |= set(re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)*)"', source.read_text(encoding="utf-8")))
    idle = {path.stem for path in folder.glob("*.svg")} - used - {"vidgen"}
    assert not idle, f"icons that nothing uses: {idle}"
    assert not app_icon().pixmap(64, 64).isNull()
