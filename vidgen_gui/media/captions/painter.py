"""Draws caption pages. With `shaping` the one place below the window that may use QtGui.

It runs in a worker process, without a display.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QBuffer, QByteArray, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QImage,
    QImageWriter,
    QPainter,
    QPainterPath,
    QPen,
)

from vidgen_gui.core.errors import MediaError
from vidgen_gui.core.job import CaptionStyle
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.quality import Aspect, FrameSize
from vidgen_gui.core.safe_zone import CAPTION_CENTRE, Box, safe_box
from vidgen_gui.media.captions.blur import BLUR_PASSES, blur
from vidgen_gui.media.captions.layout import Limits, Page, caption_size_px, join
from vidgen_gui.media.captions.shaping import (
    Ink,
    ShapedLine,
    emoji_image,
    ink_of,
    shape_line,
    start_qt,
    united,
    utf16_length,
)
from vidgen_gui.media.captions.styles import LOOKS, Plate, Rgba, Shadow
from vidgen_gui.media.captions.tokens import Token

Pixels = npt.NDArray[np.uint8]

# A line's height above and below the baseline, for Latin; taller letters push lines apart.
_ASCENT_EM = 0.80
_DESCENT_EM = 0.24
_LEADING_EM = 0.18
# A lit token's plate beside a neighbour without a space.
_JOINED_PAD_EM = 0.05
_NOTHING = Token("", 0, 0)
_QUICK_PNG = 80
"""Qt's scale of PNG qualities: 0 packs most, 100 not at all."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Premultiplied RGBA (h, w, 4), cropped; its place in the frame, everything even."""

    x_px: int
    y_px: int
    pixels: Pixels


class CaptionPainter:
    """Measures and draws captions of one style for one frame size.

    Args:
        style: which look.
        size: of the frame.
        aspect: decides the safe zone.
        region: whose shapes of ideographs (`media.fonts.cjk_region` of the whole text).
    """

    def __init__(self, style: CaptionStyle, size: FrameSize, aspect: Aspect, region: str) -> None:
        start_qt()
        self.look = LOOKS[style]
        self.region = region
        self.zone = safe_box(size, aspect)
        self.size_px = caption_size_px(size.short_side_px)
        self.centre = QPointF(size.width_px / 2, size.height_px * CAPTION_CENTRE[aspect])
        half = min(self.centre.x() - self.zone.left_px, self.zone.right_px - self.centre.x())
        self.room_px = 2 * half
        reach_px = self.look.reach_em * self.size_px
        self.limits = Limits(self.room_px - 2 * reach_px, self.size_px)
        self._widths: dict[str, float] = {}

    def measure(self, text: str) -> float:
        """The advance width in pixels at the full size."""
        if text not in self._widths:
            if text.isspace():
                self._widths[text] = self.measure(f"n{text}n") - self.measure("nn")
            else:
                self._widths[text] = self.shape(text, self.size_px, rtl=False).width_px
        return self._widths[text]

    def draw(self, page: Page) -> "PageDrawing":
        """Lay a page out, a little smaller should letters overhang the room for them."""
        drawing = PageDrawing(self, page)
        if drawing.bounds.width() > self.room_px:
            fitting = page.scale * self.room_px / drawing.bounds.width()
            drawing = PageDrawing(self, replace(page, scale=fitting))
        return drawing

    def shape(self, text: str, size_px: int, *, rtl: bool) -> ShapedLine:
        """Lay one line out in this painter's look."""
        weight = self.look.weight
        return shape_line(text, size_px, weight=weight, region=self.region, rtl=rtl)


class PageDrawing:
    """One page, laid out: draws it unlit, and each of its tokens lit to lie over that."""

    def __init__(self, painter: CaptionPainter, page: Page) -> None:
        self._look = painter.look
        self._zone = painter.zone
        self._em = max(1, int(painter.size_px * page.scale))
        self._inks: list[Ink] = []
        self._line_boxes: list[QRectF] = []
        self._joined = [
            token.joined or following.joined
            for line in page.lines
            for token, following in itertools.pairwise([*line, _NOTHING])
        ]
        self._lay_out(painter, page)
        self._keep_inside()

    @property
    def bounds(self) -> QRectF:
        """Everything that may be drawn, halos and a lit token's growth included."""
        reach = self._look.reach_em * self._em
        return united(self._line_boxes).adjusted(-reach, -reach, reach, reach)

    @property
    def missing_glyphs(self) -> int:
        """How many glyphs were left out because their face has not got them."""
        return sum(ink.missing for ink in self._inks)

    @property
    def line_boxes(self) -> list[QRectF]:
        """Each line's box in frame coordinates: as wide as its ink, as high as its script."""
        return self._line_boxes

    def token_box(self, token: int) -> QRectF:
        """As wide as the token's ink, as high as its line."""
        ink = self._inks[token]
        box, line = ink.bounds, self._line_boxes[ink.line]
        return QRectF(box.left(), line.top(), box.width(), line.height())

    def _lay_out(self, painter: CaptionPainter, page: Page) -> None:
        gap = (_LEADING_EM + self._look.line_gap_em) * self._em
        top = 0.0
        for number, tokens in enumerate(page.lines):
            shaped = painter.shape(join(tokens), self._em, rtl=page.rtl)
            inks = [ink_of(shaped, *span, line=number) for span in _spans(tokens)]
            extent = united(ink.bounds for ink in inks)
            above = max(_ASCENT_EM * self._em, -extent.top())
            below = max(_DESCENT_EM * self._em, extent.bottom())
            left = painter.centre.x() - extent.center().x()
            for ink in inks:
                ink.move(left, top + above)
            box = QRectF(extent.left() + left, top, extent.width(), above + below)
            self._inks += inks
            self._line_boxes.append(box)
            top = box.bottom() + gap
        self._move(painter.centre.y() - (top - gap) / 2)

    def _keep_inside(self) -> None:
        box = self.bounds
        shift = max(0.0, self._zone.top_px - box.top())
        shift += min(0.0, self._zone.bottom_px - box.bottom() - shift)
        self._move(shift)

    def _move(self, dy: float) -> None:
        for ink in self._inks:
            ink.move(0, dy)
        for box in self._line_boxes:
            box.translate(0, dy)

    def unlit(self) -> Picture:
        """The page with no token highlighted."""
        area = _even_box(self.bounds, self._zone)
        image = _blank(area)
        with _Pen(image, area) as pen:
            if self._look.plate is not None:
                path = _plates_path(self._look.plate, self._line_boxes, self._em)
                pen.fillPath(path, QColor(*self._look.plate.colour))
            if self._look.shadow is not None:
                pen.drawImage(area.left_px, area.top_px, self._shadow(self._look.shadow, area))
            self._draw_outline(pen, self._inks)
            for ink in self._inks:
                _draw_ink(pen, ink, self._look.text)
        return _crop(image, area)

    def lit(self, token: int) -> Picture:
        """Token ``token`` highlighted, to be laid over the unlit page, whose token it hides."""
        ink = self._inks[token]
        longest = max(ink.bounds.width(), self._em)
        ink = ink.grown(1 + self._look.lit_growth_em * self._em / longest)
        reach = self._look.reach_em * self._em
        box = self.token_box(token).united(ink.bounds)
        area = _even_box(box.adjusted(-reach, -reach, reach, reach), self._zone)
        image = _blank(area)
        with _Pen(image, area) as pen:
            if self._look.lit_plate is not None:
                self._draw_lit_plate(pen, self._look.lit_plate, token)
            self._draw_outline(pen, [ink])
            _draw_ink(pen, ink, self._look.lit)
        return _crop(image, area)

    def _draw_outline(self, pen: QPainter, inks: Iterable[Ink]) -> None:
        outline = self._look.outline
        if outline is not None:
            stroke = _round_pen(outline.colour, 2 * outline.width_em * self._em)
            pen.strokePath(_together(inks), stroke)

    def _draw_lit_plate(self, pen: QPainter, plate: Plate, token: int) -> None:
        """The plate, narrow where tokens touch, and on it again what it hid of others."""
        box = self.token_box(token)
        if self._joined[token]:
            plate = replace(plate, pad_x_em=min(plate.pad_x_em, _JOINED_PAD_EM))
        path = _plates_path(plate, [box], self._em)
        pen.fillPath(path, QColor(*plate.colour))
        pen.save()
        pen.setClipPath(path)
        for number, ink in enumerate(self._inks):
            if number != token and ink.bounds.intersects(path.boundingRect()):
                _draw_ink(pen, ink, self._look.text)
        pen.restore()

    def _shadow(self, shadow: Shadow, area: Box) -> QImage:
        mask = _blank(area)
        with _Pen(mask, area) as pen:
            pen.translate(0, shadow.drop_em * self._em)
            black = (0, 0, 0, 255)
            for ink in self._inks:
                _draw_ink(pen, ink, black)
            pen.strokePath(
                _together(self._inks), _round_pen(black, 2 * shadow.spread_em * self._em)
            )
        blurred = blur(_pixels(mask)[..., 3], int(shadow.blur_em * self._em / BLUR_PASSES))
        alpha = np.minimum(blurred * shadow.gain, 255) * shadow.strength
        shade = np.zeros((area.height_px, area.width_px, 4), np.uint8)
        shade[..., 3] = alpha + 0.5
        return _image(shade)


class Backdrop:
    """A picture file to lay captions over.

    Raises:
        MediaError: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        form = QImage.Format.Format_ARGB32_Premultiplied
        self._image = QImage(str(path)).convertToFormat(form)
        if self._image.isNull():
            raise MediaError(MessageId.PICTURE_INVALID, file=path.name)

    @property
    def size(self) -> FrameSize:
        return FrameSize(self._image.width(), self._image.height())

    def png_with(self, pictures: Iterable[Picture]) -> bytes:
        """The picture with ``pictures`` over it, as a PNG file's content."""
        image = self._image.copy()
        with _Pen(image, Box(0, 0, image.width(), image.height())) as pen:
            for picture in pictures:
                pen.drawImage(picture.x_px, picture.y_px, _image(picture.pixels))
        buffer = QBuffer()
        writer = QImageWriter(buffer, QByteArray(b"png"))
        writer.setQuality(_QUICK_PNG)
        writer.write(image.convertToFormat(QImage.Format.Format_RGB888))
        return bytes(buffer.data().data())


class _Pen(QPainter):
    """A painter in frame coordinates on an image that shows ``area`` of the frame."""

    def __init__(self, image: QImage, area: Box) -> None:
        super().__init__(image)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self.translate(-area.left_px, -area.top_px)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


def _draw_ink(pen: QPainter, ink: Ink, colour: Rgba) -> None:
    pen.fillPath(ink.path, QColor(*colour))
    for rect, glyph in ink.emoji:
        pen.drawImage(rect.topLeft(), emoji_image(glyph, round(rect.width())))


def _plates_path(plate: Plate, boxes: Iterable[QRectF], em: float) -> QPainterPath:
    x, y, radius = plate.pad_x_em * em, plate.pad_y_em * em, plate.radius_em * em
    path = QPainterPath()
    for box in boxes:
        one = QPainterPath()
        one.addRoundedRect(box.adjusted(-x, -y, x, y), radius, radius)
        path = path.united(one)
    return path


def _together(inks: Iterable[Ink]) -> QPainterPath:
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    for ink in inks:
        path.addPath(ink.path)
    return path


def _round_pen(colour: Rgba, width_px: float) -> QPen:
    pen = QPen(QColor(*colour), width_px)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    return pen


def _spans(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Where each token lies in the line's text, as Qt counts: start and length in UTF-16."""
    spans = []
    position = 0
    for index, token in enumerate(tokens):
        position += index > 0 and not token.joined
        length = utf16_length(token.text)
        spans.append((position, length))
        position += length
    return spans


def _even_box(bounds: QRectF, zone: Box) -> Box:
    """The smallest box of even pixels around ``bounds``, never beyond the safe zone."""
    return Box(
        max(zone.left_px, math.floor(bounds.left() / 2) * 2),
        max(zone.top_px, math.floor(bounds.top() / 2) * 2),
        min(zone.right_px, math.ceil(bounds.right() / 2) * 2),
        min(zone.bottom_px, math.ceil(bounds.bottom() / 2) * 2),
    )


def _blank(area: Box) -> QImage:
    image = QImage(area.width_px, area.height_px, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    return image


def _pixels(image: QImage) -> Pixels:
    """A copy as premultiplied RGBA, (h, w, 4)."""
    image = image.convertToFormat(QImage.Format.Format_RGBA8888_Premultiplied)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : image.width() * 4].reshape(image.height(), image.width(), 4).copy()


def _image(pixels: Pixels) -> QImage:
    """A copy of premultiplied RGBA, (h, w, 4), as Qt draws it."""
    height, width = pixels.shape[:2]
    data = pixels.tobytes()
    form = QImage.Format.Format_RGBA8888_Premultiplied
    return QImage(data, width, height, 4 * width, form).copy()


def _crop(image: QImage, area: Box) -> Picture:
    """Cut away what is transparent all around, keeping to even pixels."""
    pixels = _pixels(image)
    ys = np.flatnonzero(pixels[..., 3].any(axis=1))
    xs = np.flatnonzero(pixels[..., 3].any(axis=0))
    if not ys.size:
        return Picture(area.left_px, area.top_px, pixels[:2, :2].copy())
    top, left = ys[0] // 2 * 2, xs[0] // 2 * 2
    bottom, right = ys[-1] // 2 * 2 + 2, xs[-1] // 2 * 2 + 2
    cut = pixels[top:bottom, left:right].copy()
    return Picture(area.left_px + int(left), area.top_px + int(top), cut)
