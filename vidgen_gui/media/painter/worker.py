"""The painter as a worker: takes a request, writes the picture as a PNG, says what it shows."""

from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import cv2

from vidgen_gui.core.errors import MediaError
from vidgen_gui.core.events import Progress
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.script import Genre
from vidgen_gui.media.painter.canvas import Canvas
from vidgen_gui.media.painter.compose import steps
from vidgen_gui.media.painter.scheme import VideoPart
from vidgen_gui.system.files import storage_errors
from vidgen_gui.system.worker_protocol import Handler

_PNG_LEVEL = 1
"""The grain doesn't compress; a higher level takes twice the time for nothing."""


def make_handler() -> Handler:
    """The worker kind ``painter``.

    Request: ``prompt``, ``genre``, ``seed``, ``width_px``, ``height_px``, ``out_png``;
    ``video`` (what `VideoPart.from_dict` reads), for a scene of a video. Result: ``motif``
    (the setting), ``subjects`` and ``palette``. The file is an eight-bit RGB PNG.
    """
    # The picture shares the machine with voices and encoders: one core is its part.
    cv2.setNumThreads(1)
    return _handle


def _handle(request: Mapping[str, Any]) -> Generator[Progress, None, Mapping[str, Any]]:
    canvas = Canvas(int(request["width_px"]), int(request["height_px"]))
    video = VideoPart.from_dict(request["video"]) if request.get("video") else None
    genre, seed = Genre(request["genre"]), int(request["seed"])
    painting = steps(str(request["prompt"]), genre, seed, canvas, video)
    while True:
        try:
            yield Progress(next(painting))
        except StopIteration as finished:
            pixels, brief, palette = finished.value
            break
    # Not needed for the encoding, and it is most of the memory.
    del canvas, painting
    yield Progress(0.92)
    path = Path(request["out_png"])
    encoded, data = cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, _PNG_LEVEL])
    if not encoded:
        raise MediaError(MessageId.PICTURE_INVALID, file=path.name, detail="encoding failed")
    with storage_errors(path):
        path.write_bytes(data.tobytes())
    return {"motif": brief.setting, "subjects": list(brief.subjects[:3]), "palette": palette}
