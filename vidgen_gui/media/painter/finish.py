"""What is done to the whole picture at the end: light that spills, tone, grain, eight bits."""

import cv2
import numpy as np
import numpy.typing as npt

from vidgen_gui.media.painter.amounts import Fade, Field, Glow, Overlay
from vidgen_gui.media.painter.canvas import Canvas, Mode
from vidgen_gui.media.painter.caption_band import caption_band
from vidgen_gui.media.painter.geometry import Floats, Rng
from vidgen_gui.media.painter.noise import noise_2d, smoothstep
from vidgen_gui.media.painter.painting import Painting

_LIGHT_CELLS = 150
_GRAIN_TILE_PX = 512
_DARK = 0.07
_LUMA = (0.2126, 0.7152, 0.0722)


def _bright_parts(canvas: Canvas, level: float) -> Floats:
    small = canvas.small(_LIGHT_CELLS)
    luma = np.tensordot(np.array(_LUMA, np.float32), small, axes=1)
    peak = small.max(axis=0)
    over = np.clip((0.5 * luma + 0.5 * peak - level) / (1 - level), 0, 1.6)
    return np.asarray(small * over, dtype=np.float32)


def spill_light(painting: Painting) -> None:
    """Bloom: what is bright glows over its edges, near and far."""
    canvas = painting.canvas
    if painting.bloom <= 0:
        return
    bright = _bright_parts(canvas, 0.62)
    spread = np.zeros_like(bright)
    for sigma, share in ((0.008, 0.45), (0.03, 0.35), (0.11, 0.3)):
        for channel in range(3):
            spread[channel] += share * cv2.GaussianBlur(
                bright[channel], (0, 0), sigma * _LIGHT_CELLS, borderType=cv2.BORDER_REPLICATE
            )
    _screen(canvas, spread * painting.bloom)


def cast_rays(painting: Painting) -> None:
    """Shafts of light: the bright parts smeared away from the light's place."""
    strength = painting.light.rays
    if strength <= 0:
        return
    canvas = painting.canvas
    bright = _bright_parts(canvas, 0.55)
    rows, cols = bright.shape[1:]
    unit = canvas.scale * cols / canvas.width_px
    at = (
        (painting.light.at[0] - canvas.left) * unit,
        (painting.light.at[1] - canvas.top) * unit,
    )
    near = _falloff(at, 0.55 * unit, (rows, cols))
    for channel in range(3):
        plane = bright[channel] * near
        reach = 0.5
        for _ in range(6):
            zoom = 1 - reach
            to_source = np.array([[zoom, 0, at[0] * (1 - zoom)], [0, zoom, at[1] * (1 - zoom)]])
            moved = cv2.warpAffine(
                plane,
                to_source,
                (cols, rows),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            )
            plane = np.asarray(0.5 * plane + 0.5 * moved, dtype=np.float32)
            reach /= 2
        bright[channel] = plane
    _screen(canvas, bright * strength)


def _falloff(at: tuple[float, float], radius: float, shape: tuple[int, int]) -> Floats:
    """1 at ``at``, less with distance; everything in cells of the grid."""
    ys, xs = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32) + 0.5
    distance2 = ((xs - at[0]) / radius) ** 2 + ((ys - at[1]) / radius) ** 2
    return np.asarray(1 / (1 + distance2) ** 1.25, dtype=np.float32)


def _screen(canvas: Canvas, light: Floats) -> None:
    fields = [Overlay(np.ascontiguousarray(plane)) for plane in light]
    for window in canvas.strips(canvas.window):
        for channel, plane_field in enumerate(fields):
            plane = canvas.planes[channel, window.top : window.bottom]
            plane += np.maximum(1 - plane, 0) * plane_field.rows(canvas, window)


def deepen(canvas: Canvas) -> None:
    """Give a washed-out picture its darks back; one that has them stays as it is."""
    small = canvas.small(48)
    luma = np.tensordot(np.array(_LUMA, np.float32), small, axes=1)
    low, high = (float(v) for v in np.quantile(luma, (0.03, 0.985)))
    wanted = _DARK + 0.25 * (low - _DARK)
    if low <= _DARK or high - low < 0.05:
        return
    gain = (high - wanted) / (high - low)
    for window in canvas.strips(canvas.window):
        cut = canvas.planes[:, window.top : window.bottom]
        cut *= np.float32(gain)
        cut += np.float32(wanted - low * gain)
        np.maximum(cut, 0, out=cut)


def tone(painting: Painting) -> None:
    """Vignette, and a little less light where captions will stand."""
    canvas = painting.canvas
    wide, tall = canvas.width_px / canvas.scale, canvas.height_px / canvas.scale
    middle = canvas.left + 0.5 * wide, canvas.view_y(0.46)
    glow = Glow(middle, max(wide, tall) * 0.78, 4.0, tall / max(wide, tall))
    dark = painting.palette.near
    for window in canvas.strips(canvas.window):
        shade = (1 - glow.rows(canvas, window)) * 0.4
        for plane, value in zip(canvas.planes, dark, strict=True):
            cut = plane[window.top : window.bottom]
            cut += (value * 0.6 - cut) * shade
    top, bottom = caption_band(canvas.frame)
    band = Fade(
        (
            (canvas.view_y(top - 0.1), 0.0),
            (canvas.view_y(top + 0.06), 1.0),
            (canvas.view_y(bottom + 0.09), 1.0),
            (canvas.view_y(bottom + 0.21), 0.4),
        )
    )
    canvas.lay(None, (0.55, 0.55, 0.58), 0.36, [band], Mode.MULTIPLY)


def side_light(painting: Painting) -> None:
    """Uneven light: it falls off away from where it stands, and drifts like passing haze."""
    rng, frame, palette = painting.rng("side-light"), painting.frame, painting.palette
    strength = float(rng.uniform(0.08, 0.55))
    slant = float(rng.uniform(-0.7, 0.7))
    rows, cols = 48, max(2, round(48 * frame.width / frame.height))
    ys, xs = np.mgrid[0:rows, 0:cols].astype(np.float32)
    across = xs / (cols - 1) if painting.side < 0 else 1 - xs / (cols - 1)
    shade = np.clip(across + slant * (ys / (rows - 1) - 0.45), 0, 1) ** 1.6
    red, green, blue = (0.25 + 0.4 * value for value in palette.sky[0])
    painting.canvas.lay(
        None, (red, green, blue), strength, [Field(shade.astype(np.float32))], Mode.MULTIPLY
    )
    drift = noise_2d(rng, frame, (2.3, 2.3), 2, cells=60)
    dark, lit = Field(smoothstep(0.0, 0.9, drift)), Field(smoothstep(0.0, 0.9, -drift))
    painting.canvas.lay(None, (0.6, 0.6, 0.64), 0.5, [dark], Mode.MULTIPLY)
    painting.canvas.lay(None, palette.sky[2], 0.13, [lit], Mode.SCREEN)


def saturate(canvas: Canvas, amount: float) -> None:
    """Move colours away from their grey (``amount`` 1 changes nothing)."""
    for window in canvas.strips(canvas.window):
        cut = canvas.planes[:, window.top : window.bottom]
        grey = np.tensordot(np.array(_LUMA, np.float32), cut, axes=1)
        cut -= grey
        cut *= np.float32(amount)
        cut += grey


def to_pixels(canvas: Canvas, rng: Rng, grain: float = 0.011) -> npt.NDArray[np.uint8]:
    """Eight-bit BGR, shape (height, width, 3), with film grain and triangular dither."""
    tile = _GRAIN_TILE_PX
    coarse = rng.standard_normal((tile, tile)).astype(np.float32)
    blur = max(0.45, 0.55 * canvas.scale / 1000)
    coarse = np.asarray(
        cv2.GaussianBlur(coarse, (0, 0), blur, borderType=cv2.BORDER_REFLECT), np.float32
    )
    coarse *= grain / coarse.std()
    fine = (rng.random((tile, tile)) - rng.random((tile, tile))).astype(np.float32) / 255
    made = np.empty((canvas.height_px, canvas.width_px, 3), np.uint8)
    columns = np.arange(canvas.width_px) % tile
    for window in canvas.strips(canvas.window):
        lines = np.arange(window.top, window.bottom)
        # The second tiling is shifted row by row so that no pattern repeats.
        film = coarse[lines[:, None] % tile, columns[None]]
        dither = fine[(lines[:, None] * 7) % tile, columns[None]]
        noise = film + dither
        for channel in range(3):
            plane = canvas.planes[2 - channel, window.top : window.bottom] + noise
            np.clip(plane, 0, 1, out=plane)
            made[window.top : window.bottom, :, channel] = np.rint(plane * 255)
    return made
