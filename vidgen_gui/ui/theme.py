"""Colours, type scale and grid: the light and dark themes, and following the system live."""

import tomllib
from dataclasses import dataclass, fields
from enum import StrEnum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from vidgen_gui.system.resources import resource

GRID_PX = 8
RADIUS_PX = 8
ICON_PX = 16


class Scale(StrEnum):
    """The three type sizes."""

    SMALL = "small"
    BODY = "body"
    TITLE = "title"


_DRESSED = "dressed"
_FACTORS = {Scale.SMALL: 0.9, Scale.BODY: 1.0, Scale.TITLE: 1.5}


class Appearance(StrEnum):
    """Which theme is wanted."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Colors:
    """One theme's colours as ``#rrggbb``.

    Texts (``text``, ``muted``, ``accent``, ``done``, ``warn``, ``failed``) may stand on
    ``window``, ``surface``, ``raised``, ``hover`` and ``accent_soft``; ``accent_text`` stands on
    ``accent``. ``stage`` is the ground behind a video, in both themes dark; ``chart_…`` fill
    charts on ``surface``.
    """

    window: str
    surface: str
    raised: str
    hover: str
    border: str
    outline: str
    text: str
    muted: str
    accent: str
    accent_hover: str
    accent_text: str
    accent_soft: str
    done: str
    warn: str
    failed: str
    stage: str
    chart_maker: str
    chart_writer: str
    chart_other: str

    @classmethod
    def load(cls, name: str) -> "Colors":
        """Read ``resources/themes/NAME.toml``."""
        with resource(f"themes/{name}.toml").open("rb") as file:
            return cls(**tomllib.load(file))


TEXTS = ("text", "muted", "accent", "done", "warn", "failed")
GROUNDS = ("window", "surface", "raised", "hover", "accent_soft")


class Theme(QObject):
    """The look of the whole application; emits ``changed`` when colours or sizes change.

    There is one, a child of the QApplication, made at the first `Theme.get`.
    """

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._base = QFont(app.font())
        self._appearance = Appearance.SYSTEM
        self._system = app.styleHints().colorScheme()
        self._all = {name: Colors.load(name) for name in ("light", "dark")}
        self._template = resource("themes/app.qss").read_text(encoding="utf-8")
        self.is_dark = False
        self._applied: tuple[bool, str] | None = None
        self.sheet = ""
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._on_system_changed)
        self._apply()

    @classmethod
    def get(cls) -> "Theme":
        """The application's theme.

        Raises:
            TypeError: there is no QApplication.
        """
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            raise TypeError("a theme needs a QApplication")
        return app.findChild(cls) or cls(app)

    @property
    def colors(self) -> Colors:
        return self._all["dark" if self.is_dark else "light"]

    def color(self, name: str) -> QColor:
        return QColor(getattr(self.colors, name))

    def font(self, scale: Scale, *, bold: bool = False) -> QFont:
        """One of the three sizes, relative to the system's font."""
        font = QFont(self._base)
        size = self._base.pointSizeF()
        if size > 0:
            font.setPointSizeF(round(size * _FACTORS[scale], 1))
        else:
            font.setPixelSize(round(self._base.pixelSize() * _FACTORS[scale]))
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        return font

    def dress(self, window: QWidget) -> None:
        """Have a window wear the theme, with all that it holds and the dialogs that belong to it.

        The sheet is the windows' and not the application's, for which Qt polishes each widget as
        many times as it has ancestors.
        """
        window.setProperty(_DRESSED, True)
        window.setStyleSheet(self.sheet)

    def set_appearance(self, appearance: Appearance) -> None:
        """Follow the system, or stay light or dark."""
        self._appearance = appearance
        self._apply()

    def set_base_font(self, font: QFont) -> None:
        """Use another font as the body size; the other two follow."""
        self._base = QFont(font)
        self._apply()

    def _on_system_changed(self, scheme: Qt.ColorScheme) -> None:
        self._system = scheme
        if self._appearance is Appearance.SYSTEM:
            self._apply()

    def _apply(self) -> None:
        if self._appearance is Appearance.SYSTEM:
            self.is_dark = self._system is Qt.ColorScheme.Dark
        else:
            self.is_dark = self._appearance is Appearance.DARK
        look = (self.is_dark, self._base.key())
        if look == self._applied:
            return
        self._applied = look
        self._app.setPalette(_palette(self.colors))
        self._app.setFont(self._base)
        self.sheet = self._filled_sheet()
        for window in self._app.topLevelWidgets():
            if window.property(_DRESSED):
                window.setStyleSheet(self.sheet)
        self.changed.emit()

    def _filled_sheet(self) -> str:
        sheet = self._template
        for field in fields(self.colors):
            sheet = sheet.replace(f"@{field.name};", f"{getattr(self.colors, field.name)};")
        for scale in Scale:
            font = self.font(scale)
            unit = f"{font.pointSizeF()}pt" if font.pointSizeF() > 0 else f"{font.pixelSize()}px"
            sheet = sheet.replace(f"@font_{scale.value};", f"{unit};")
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
        sheet = sheet.replace("@font_fixed;", f'"{fixed}", monospace;')
        icons = resource("themes").joinpath("dark" if self.is_dark else "light").as_posix()
        return sheet.replace("@icons/", f"{icons}/")


def _palette(colors: Colors) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    values = {
        role.Window: colors.window,
        role.WindowText: colors.text,
        role.Base: colors.surface,
        role.AlternateBase: colors.raised,
        role.Text: colors.text,
        role.PlaceholderText: colors.muted,
        role.Button: colors.surface,
        role.ButtonText: colors.text,
        role.BrightText: colors.failed,
        role.ToolTipBase: colors.raised,
        role.ToolTipText: colors.text,
        role.Highlight: colors.accent,
        role.HighlightedText: colors.accent_text,
        role.Accent: colors.accent,
        role.Link: colors.accent,
        role.LinkVisited: colors.accent,
        role.Light: colors.surface,
        role.Midlight: colors.raised,
        role.Mid: colors.border,
        role.Dark: colors.outline,
        role.Shadow: colors.stage,
    }
    for which, value in values.items():
        palette.setColor(which, QColor(value))
    disabled = QPalette.ColorGroup.Disabled
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(disabled, which, QColor(colors.outline))
    return palette


def set_role(widget: QWidget, role: str) -> None:
    """Give a widget the look that ``app.qss`` defines for ``[role="…"]``."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def contrast(first: str, second: str) -> float:
    """WCAG 2.2 contrast ratio of two ``#rrggbb`` colours, 1…21."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    rgb = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
