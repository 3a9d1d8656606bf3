"""Text shaped by Qt with the bundled fonts alone: lines, and the outlines of their words.

Each stretch of text is given its face by `media.fonts`, so Qt never looks for a substitute.
Placing and painting are `painter`'s.
"""

import functools
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QFont,
    QFontDatabase,
    QGuiApplication,
    QImage,
    QPainterPath,
    QRawFont,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
    QTransform,
)

from vidgen_gui.core.errors import StorageError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.media.fonts import EMOJI_FAMILY, Face, face_runs, faces
from vidgen_gui.system.resources import resource

# The size at which the colour font's bitmaps are stored.
_EMOJI_NATIVE_PX = 128


@functools.cache
def start_qt() -> QGuiApplication:
    """Make the application object that fonts need, and keep it; before anything else here."""
    existing = QGuiApplication.instance()
    if isinstance(existing, QGuiApplication):
        return existing
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["FONTCONFIG_FILE"] = str(resource("fonts/no-system-fonts.conf"))
    return QGuiApplication(["captions"])


@dataclass(slots=True)
class Ink:
    """What one token of line ``line`` looks like: outlines, and colour bitmaps with their glyphs.

    ``missing`` counts glyphs that the font has not; they are left out.
    """

    line: int
    path: QPainterPath
    emoji: list[tuple[QRectF, int]]
    advance: QRectF
    missing: int = 0

    @property
    def bounds(self) -> QRectF:
        ink = united([self.path.boundingRect(), *(rect for rect, _ in self.emoji)])
        return self.advance if ink.isNull() else ink

    def move(self, dx: float, dy: float) -> None:
        self.path.translate(dx, dy)
        self.advance.translate(dx, dy)
        for rect, _ in self.emoji:
            rect.translate(dx, dy)

    def grown(self, factor: float) -> "Ink":
        centre = self.bounds.center()
        grow = QTransform.fromTranslate(centre.x(), centre.y())
        grow.scale(factor, factor)
        grow.translate(-centre.x(), -centre.y())
        emoji = [(grow.mapRect(rect), glyph) for rect, glyph in self.emoji]
        return Ink(self.line, grow.map(self.path), emoji, grow.mapRect(self.advance))


class ShapedLine(NamedTuple):
    """A laid-out line. Its `QTextLine` isn't kept: it dangles once the layout is gone."""

    layout: QTextLayout
    width_px: float
    ascent_px: float


def shape_line(text: str, size_px: int, *, weight: int, region: str, rtl: bool) -> ShapedLine:
    """Lay one line out, however wide.

    Args:
        text: without line breaks.
        size_px: of the font.
        weight: of Latin, Greek and Cyrillic.
        region: as for `media.fonts.face_runs`.
        rtl: whether the line begins at the right.
    """
    formats = []
    for run in face_runs(text, weight=weight, region=region):
        span = QTextLayout.FormatRange()
        span.start = utf16_length(text[: run.start])
        span.length = utf16_length(text[run.start : run.end])
        style = QTextCharFormat()
        style.setFont(_font(run.face, size_px))
        span.format = style
        formats.append(span)
    layout = QTextLayout(text, _font(faces()[0], size_px))
    option = QTextOption(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute)
    option.setWrapMode(QTextOption.WrapMode.NoWrap)
    direction = Qt.LayoutDirection.RightToLeft if rtl else Qt.LayoutDirection.LeftToRight
    option.setTextDirection(direction)
    layout.setTextOption(option)
    layout.setFormats(formats)
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(1e6)
    layout.endLayout()
    return ShapedLine(layout, line.naturalTextWidth(), line.ascent())


def ink_of(shaped: ShapedLine, start: int, length: int, *, line: int) -> Ink:
    """The shapes of a stretch of a line (in UTF-16 units); its baseline's left end is (0, 0)."""
    missing = 0
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    emoji: list[tuple[QRectF, int]] = []
    advance = QRectF()
    baseline = QPointF(0, shaped.ascent_px)
    for run in shaped.layout.glyphRuns(start, length):
        font = run.rawFont()
        glyphs = run.glyphIndexes()
        steps = font.advancesForGlyphIndexes(glyphs)
        for glyph, position, step in zip(glyphs, run.positions(), steps, strict=True):
            place = position - baseline
            missing += glyph == 0
            if glyph == 0:
                continue
            advance = advance.united(QRectF(place.x(), -1, step.x(), 1))
            if font.familyName() == EMOJI_FAMILY:
                emoji.append((font.boundingRect(glyph).translated(place), glyph))
            else:
                path.addPath(font.pathForGlyph(glyph).translated(place))
    return Ink(line, path, emoji, advance, missing)


def united(boxes: Iterable[QRectF]) -> QRectF:
    return functools.reduce(QRectF.united, boxes, QRectF())


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@functools.cache
def _load(file: str) -> None:
    if QFontDatabase.addApplicationFont(str(resource(f"fonts/{file}"))) < 0:
        raise StorageError(MessageId.RESOURCE_MISSING, name=f"fonts/{file}")


def _font(face: Face, size_px: int) -> QFont:
    """The face at a size; loaded when first asked for, never mixed with another."""
    _load(face.file)
    font = QFont(face.family)
    font.setWeight(QFont.Weight(face.weight))
    font.setPixelSize(size_px)
    font.setStyleStrategy(QFont.StyleStrategy.NoFontMerging)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


@functools.cache
def _emoji_font() -> QRawFont:
    (face,) = (face for face in faces() if face.is_emoji)
    return QRawFont.fromFont(_font(face, _EMOJI_NATIVE_PX))


@functools.lru_cache(maxsize=256)
def emoji_image(glyph: int, width_px: int) -> QImage:
    """An emoji from its stored bitmap, smoothly scaled; Qt draws none above 64 px."""
    stored = _emoji_font().alphaMapForGlyph(glyph)
    return stored.scaledToWidth(width_px, Qt.TransformationMode.SmoothTransformation)
