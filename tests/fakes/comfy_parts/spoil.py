"""Pictures gone wrong: what is saved, how it is named, how it is served."""

import struct
import zlib

import numpy as np
from fakes.comfy_parts.faults import Fault
from fakes.comfy_parts.pixels import Picture, resized
from fakes.comfy_parts.shelf import Shelf
from fakes.comfy_parts.wire import Response, html_response

ENDLESS_BYTES = 1 << 40
BOMB_PX = 60_000
_AT_SERVING = {Fault.CUT_IMAGE, Fault.ENDLESS_IMAGE, Fault.HTML_IMAGE, Fault.MISSING_IMAGE}
_NAMES = {
    Fault.TRAVERSAL_NAME: ("../../../evil.png", "../../.."),
    Fault.ABSOLUTE_NAME: ("/etc/cron.d/evil.png", "/etc"),
}


def picture(pixels: Picture, fault: Fault) -> Picture:
    if fault is Fault.BLACK_IMAGE:
        return np.zeros_like(pixels)
    if fault is Fault.WRONG_SIZE_IMAGE:
        height, width = pixels.shape[:2]
        return resized(pixels, width * 3 // 4, height * 3 // 4, "area", "")
    return pixels


def file(data: bytes, fault: Fault) -> bytes:
    if fault is Fault.TRUNCATED_IMAGE:
        return data[: len(data) * 2 // 3]
    if fault is Fault.NOT_AN_IMAGE:
        return b"This is no picture at all.\n" * 100
    if fault is Fault.BOMB_IMAGE:
        header = b"IHDR" + struct.pack(">IIBBBBB", BOMB_PX, BOMB_PX, 8, 2, 0, 0, 0)
        return data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:]
    return data


def told(shelf: Shelf, entry: dict[str, str], fault: Fault) -> dict[str, str]:
    """How the server names the file; a spoiled name is served all the same."""
    if fault in _AT_SERVING:
        shelf.faults[entry["filename"]] = fault
    if fault not in _NAMES:
        return entry
    filename, subfolder = _NAMES[fault]
    path = shelf.find(entry["type"], entry["subfolder"], entry["filename"])
    assert path
    shelf.aliases[filename] = path
    return entry | {"filename": filename, "subfolder": subfolder}


def served(response: Response, fault: Fault) -> Response:
    if fault is Fault.CUT_IMAGE:
        response.declared_bytes = len(response.body)
        response.body = response.body[: len(response.body) // 2]
    elif fault is Fault.ENDLESS_IMAGE:
        response.declared_bytes = ENDLESS_BYTES
        response.drip = True
    elif fault is Fault.HTML_IMAGE:
        return html_response()
    elif fault is Fault.MISSING_IMAGE:
        return Response(404)
    return response
