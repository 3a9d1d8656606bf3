"""Where the sounds meet: stems, the room, tone shaping and the master level."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vidgen_gui.media.composer.form import SAMPLE_RATE_HZ, smooth_length
from vidgen_gui.media.composer.synth import Samples, ramp

Curve: TypeAlias = NDArray[np.float32]
Spectrum: TypeAlias = NDArray[np.complex64]

PEAK_LIMIT = 10 ** (-3.3 / 20)
"""What the master keeps peaks under; dither and rounding stay below −3 dBFS then."""
LEVEL_RMS = 10 ** (-20.5 / 20)
_LIMITER_BLOCK = 48
_SWELL_STEP = 480
_PRE_DELAY_S = 0.022


class Mixdown:
    """A stereo piece being put together: direct sound and what goes to the room.

    In a loop, whatever reaches beyond the end continues at the beginning, and so does the room's
    echo, because the convolution is circular; a piece that ends gets a silent margin instead.
    """

    def __init__(self, frames: int, *, loop: bool, room_s: float) -> None:
        self.frames = frames
        self.loop = loop
        self._room_frames = min(round((room_s * 1.1 + 0.1) * SAMPLE_RATE_HZ), frames)
        self.size = frames if loop else smooth_length(frames + self._room_frames)
        self._room_s = room_s
        self._dry = np.zeros((2, self.size), dtype=np.float32)
        self._wet = [np.zeros(self.size, dtype=np.float32) for _ in range(2)]

    def stem(self) -> Samples:
        """An empty (2, size) layer to place sounds into."""
        return np.zeros((2, self.size), dtype=np.float32)

    def place(
        self, stem: Samples, sound: Samples, start_s: float, left: float, right: float
    ) -> None:
        """Add mono (frames,) or stereo (2, frames) ``sound`` at ``start_s``."""
        start = round(start_s * SAMPLE_RATE_HZ)
        length = sound.shape[-1]
        if not self.loop:
            if start < 0:
                # A sound that is under way when the piece begins is heard from there on.
                sound = sound[..., -start:]
                start, length = 0, sound.shape[-1]
            length = min(length, self.size - start)
            if length <= 0:
                return
        start %= self.size
        done = 0
        while done < length:
            count = min(length - done, self.size - start)
            part = sound[..., done : done + count]
            if part.ndim == 1:
                stem[0, start : start + count] += part * np.float32(left)
                stem[1, start : start + count] += part * np.float32(right)
            else:
                stem[0, start : start + count] += part[0] * np.float32(left)
                stem[1, start : start + count] += part[1] * np.float32(right)
            done += count
            start = 0

    def merge(self, stem: Samples, level_db: float, send: float, curve: Curve) -> None:
        """Bring a layer to its level (RMS where it plays), shape it and add it to the mix."""
        loudness = playing_rms(stem)
        if loudness == 0:
            return
        stem *= np.float32(0.1 * 10 ** (level_db / 20) / loudness)
        stem *= curve
        self._dry += stem
        stem *= np.float32(send)
        for channel in range(2):
            self._wet[channel] += stem[channel]

    def swell(self, levels_db: Sequence[tuple[float, float]]) -> Curve:
        """A gain curve through (seconds, dB) points, straight in dB, wrapped in a loop."""
        times, levels = map(np.asarray, zip(*levels_db, strict=True))
        grid = np.arange(0, self.size + 2 * _SWELL_STEP, _SWELL_STEP) / SAMPLE_RATE_HZ
        period = self.frames / SAMPLE_RATE_HZ if self.loop else None
        gains = 10 ** (np.interp(grid, times, levels, period=period) / 20)
        return _drawn_out(gains, _SWELL_STEP, self.size)

    def side_chain(self, kick_starts_s: list[float], depth_db: float) -> Curve:
        """A gain curve that gives way at each kick and comes back within a third of a second."""
        curve = np.ones(self.size, dtype=np.float32)
        low = 10 ** (-depth_db / 20)
        down = ramp(round(0.012 * SAMPLE_RATE_HZ))[::-1]
        up = ramp(round(0.3 * SAMPLE_RATE_HZ))
        dip = low + (1 - low) * np.concatenate([down, up])
        for start_s in kick_starts_s:
            places = (round((start_s - 0.008) * SAMPLE_RATE_HZ) + np.arange(dip.size)) % self.size
            curve[places] = np.minimum(curve[places], dip)
        return curve

    def master(self, seed: int) -> Samples:
        """Room, tone, level and limiter; returns (2, frames), peaks under `PEAK_LIMIT`.

        The mixdown is used up by it.
        """
        tone = _tone_curve(self.size)
        spectra = []
        for channel in range(2):
            room = _room(self._room_frames, self._room_s, seed * 2 + channel)
            spectrum: Spectrum = np.fft.rfft(self._wet.pop(0)).astype(np.complex64, copy=False)
            spectrum *= np.fft.rfft(room, self.size)
            spectrum += np.fft.rfft(self._dry[channel])
            spectrum *= tone
            spectra.append(spectrum)
        _centre_bass(spectra[0], spectra[1])
        for channel in range(2):
            self._dry[channel] = np.fft.irfft(spectra[channel], self.size)
        music = self._dry[:, : self.frames]
        music *= np.float32(LEVEL_RMS / max(playing_rms(music), 1e-9))
        music *= _limiter_gain(music, wrap=self.loop)
        return music


def playing_rms(sound: Samples) -> float:
    """RMS of the louder half of the moments (50 ms) in which anything sounds; 0 for silence."""
    block = 2400
    usable = sound.shape[-1] // block * block
    if usable == 0:
        return float(np.sqrt(np.mean(sound**2)))
    powers = np.zeros(usable // block)
    for channel in sound:
        blocks = channel[:usable].reshape(-1, block)
        powers += np.einsum("ij,ij->i", blocks, blocks) / (2 * block)
    sounding = np.sort(powers[powers > powers.max() * 1e-4])
    if sounding.size == 0:
        return 0.0
    return float(np.sqrt(np.mean(sounding[sounding.size // 2 :])))


def _centre_bass(left: Spectrum, right: Spectrum) -> None:
    """Take the sides out of the lowest notes, in place: they would cancel on one loudspeaker."""
    top = left.size // 40  # 600 Hz; above, the sides are left alone
    freqs = np.linspace(0, 600, top, dtype=np.float32)
    side: Spectrum = (left[:top] - right[:top]) * (0.5 / (1 + (freqs / 170) ** 4))
    left[:top] -= side
    right[:top] += side


def _tone_curve(size: int) -> Curve:
    """Gain by frequency: no rumble, room for speech between 1 and 4 kHz, a soft top."""
    step_hz = np.float32(SAMPLE_RATE_HZ / size)
    freqs = np.maximum(np.arange(size // 2 + 1, dtype=np.float32) * step_hz, 1)
    octaves = np.log2(freqs / np.float32(2100))
    gain: Curve = 10 ** (-4.5 / 20 * np.exp(-0.5 * (octaves / 0.75) ** 2))
    # The held chords sit low; a broad shelf opens them up.
    gain *= 1 + 0.9 / (1 + (900 / freqs) ** 2)
    gain /= np.sqrt(1 + (32 / freqs) ** 6)
    gain /= np.sqrt(1 + (freqs / 13_000) ** 6)
    gain[0] = 0
    return gain


def _room(frames: int, room_s: float, seed: int) -> Samples:
    """A room's answer to a clap: noise that dies, high notes sooner than low; energy 1."""
    size = smooth_length(frames)
    random = np.random.default_rng(seed)
    spectrum = np.fft.rfft(random.standard_normal(size, dtype=np.float32))
    freqs = np.fft.rfftfreq(size, 1 / SAMPLE_RATE_HZ)
    t = (np.arange(size) / SAMPLE_RATE_HZ).astype(np.float32)
    answer = np.zeros(size, dtype=np.float32)
    for low_hz, high_hz, share, level in (
        (120, 700, 1.0, 1.0),
        (700, 2500, 0.8, 0.7),
        (2500, 8000, 0.5, 0.45),
    ):
        band = 1 / (1 + (low_hz / np.maximum(freqs, 1)) ** 4) / (1 + (freqs / high_hz) ** 4)
        noise = np.fft.irfft(spectrum * band.astype(np.float32), size).astype(np.float32)
        answer += noise * np.float32(level) * np.exp(-6.9 * t / (room_s * share))
    delay = min(round(_PRE_DELAY_S * SAMPLE_RATE_HZ), frames // 4)
    answer = np.concatenate([np.zeros(delay, dtype=np.float32), answer])[:frames]
    onset = min(round(0.03 * SAMPLE_RATE_HZ), frames - delay)
    answer[delay : delay + onset] *= ramp(onset)
    fade = frames // 8
    answer[frames - fade :] *= ramp(fade)[::-1]
    return np.asarray(answer / np.sqrt(np.sum(answer**2)), dtype=np.float32)


def _limiter_gain(music: Samples, *, wrap: bool) -> Curve:
    """A gain curve that keeps peaks under `PEAK_LIMIT`, looking ahead, without corners.

    Blocks of 1 ms: the gain each needs, its minimum over ±8 ms, smoothed over the same span, so
    that the smoothed curve never exceeds what a block needs.
    """
    frames = music.shape[1]
    count = -(-frames // _LIMITER_BLOCK)
    peaks = np.zeros(count * _LIMITER_BLOCK, dtype=np.float32)
    np.maximum(np.abs(music[0]), np.abs(music[1]), out=peaks[:frames])
    needed = np.minimum(1, PEAK_LIMIT / np.maximum(peaks.reshape(count, -1).max(axis=1), 1e-9))
    reach = 8
    padded = np.pad(needed, 3 * reach, mode="wrap" if wrap else "edge")
    lowest = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).min(axis=1)
    kernel = np.hanning(2 * reach + 1)
    smooth = np.convolve(lowest, kernel / kernel.sum(), mode="valid")
    # ``smooth[i]`` belongs to block i - reach; the line from one block's value to the next's
    # begins at the block's start, well inside what the minimum over ±8 blocks has covered.
    return _drawn_out(smooth[reach:], _LIMITER_BLOCK, frames)


def _drawn_out(values: NDArray[np.float64], step: int, size: int) -> Curve:
    """Straight lines from value to value, ``step`` samples each, ``size`` samples in all."""
    points = values.astype(np.float32)
    place: Curve = np.arange(step, dtype=np.float32) / np.float32(step)
    count = -(-size // step)
    rises: Curve = np.diff(points[: count + 1])
    lines: Curve = rises[:, None] * place
    lines += points[:count, None]
    curve: Curve = lines.reshape(-1)[:size]
    return curve
