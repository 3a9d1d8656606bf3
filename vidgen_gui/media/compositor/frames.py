"""Composes one frame after the other: moving pictures, crossfades, captions, the dark end."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import cv2

from vidgen_gui.core.picture import picture_size
from vidgen_gui.media.compositor.overlay import CaptionTrack, read_index
from vidgen_gui.media.compositor.plan import Composition, ScenePicture
from vidgen_gui.media.compositor.planes import Frame, StillPicture, load_picture
from vidgen_gui.media.compositor.resample import Resampler


class FrameComposer:
    """Draws the frames of a composition in order; holds the pictures on show and the next one.

    Use `opened`, which also ends the thread that reads pictures ahead.
    """

    def __init__(self, composition: Composition, readers: ThreadPoolExecutor) -> None:
        self._composition = composition
        self._readers = readers
        self._picture_size = picture_size(composition.size)
        self._pictures: dict[int, Future[StillPicture]] = {}
        size = composition.size
        self._luma = Resampler(size.width_px, size.height_px)
        # Colour is seen less sharply, so that bilinear does.
        self._chroma = Resampler(size.width_px // 2, size.height_px // 2, cv2.INTER_LINEAR)
        self._upper = Frame(size)
        states = read_index(composition.captions) if composition.captions else []
        self._captions = CaptionTrack(states, size)
        self._read_ahead(0)

    @classmethod
    @contextmanager
    def opened(cls, composition: Composition) -> Iterator["FrameComposer"]:
        """A composer whose reading thread ends with the block."""
        with ThreadPoolExecutor(1, "picture-reader") as readers:
            yield cls(composition, readers)

    def draw(self, number: int, frame: Frame) -> None:
        """Fill ``frame`` with frame ``number``; numbers must rise.

        Raises:
            MediaError: a picture cannot be read.
        """
        active = self._active(number)
        self._draw_scene(active[0], number, frame)
        for index in active[1:]:
            scene = self._composition.scenes[index]
            self._draw_scene(index, number, self._upper)
            frame.blend_over(self._upper, self._composition.fade_in(scene, number))
        self._captions.draw(number, frame)
        light = self._composition.light(number)
        if light < 1:
            frame.dim(light)

    def _active(self, number: int) -> list[int]:
        """The scenes on show, lowest first; what is over is let go, what comes next is read."""
        scenes = self._composition.scenes
        active = [i for i, scene in enumerate(scenes) if _shows(scene, number)]
        covering = [i for i in active if self._composition.fade_in(scenes[i], number) >= 1]
        active = active[active.index(covering[-1]) :] if covering else active
        for index in [i for i in self._pictures if i < active[0]]:
            del self._pictures[index]
        for index in (*active, active[-1] + 1):
            self._read_ahead(index)
        return active

    def _read_ahead(self, index: int) -> None:
        scenes = self._composition.scenes
        if index < len(scenes) and index not in self._pictures:
            self._pictures[index] = self._readers.submit(
                load_picture, scenes[index].picture, self._picture_size
            )

    def _draw_scene(self, index: int, number: int, frame: Frame) -> None:
        scene = self._composition.scenes[index]
        view = scene.motion.view(scene.fraction(number))
        self._pictures[index].result().draw(view, frame, self._luma, self._chroma)


def _shows(scene: ScenePicture, number: int) -> bool:
    return scene.first_frame <= number < scene.end_frame
