"""What the fake's nodes do to pictures: sizes and pixels are followed through the graph.

A latent is kept as a small picture of an eighth of the size, so that what is upscaled, cropped,
composited and refined can be recognised in the result. No node here knows sockets or memory.
"""

import hashlib
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Batch = list[Picture]
Mask = NDArray[np.float32]

_METHODS = {
    "nearest-exact": cv2.INTER_NEAREST,
    "bilinear": cv2.INTER_LINEAR,
    "area": cv2.INTER_AREA,
    "bicubic": cv2.INTER_CUBIC,
    "bislerp": cv2.INTER_CUBIC,
    "lanczos": cv2.INTER_LANCZOS4,
}
UPSCALE_FACTOR = 4


@dataclass(frozen=True)
class Workshop:
    """What nodes need beside their inputs: uploaded pictures, installed upscale models."""

    input_folder: Path
    upscalers: tuple[str, ...] = ()


def resized(picture: Picture, width: int, height: int, method: str, crop: str) -> Picture:
    """Scale; ``center`` cuts the longer side first. 0 for a side: by the other, keeping shape."""
    have_h, have_w = picture.shape[:2]
    if not width and not height:
        return picture
    width = width or max(1, round(have_w * height / have_h))
    height = height or max(1, round(have_h * width / have_w))
    if crop == "center":
        ratio = width / height
        cut_w = min(have_w, round(have_h * ratio)) or 1
        cut_h = min(have_h, round(have_w / ratio)) or 1
        x, y = (have_w - cut_w) // 2, (have_h - cut_h) // 2
        picture = picture[y : y + cut_h, x : x + cut_w]
    return cv2.resize(picture, (width, height), interpolation=_METHODS[method])  # type: ignore[return-value]


def drawn(start: Picture, seed: int, denoise: float, words: str) -> Picture:
    """What sampling leaves: a gradient and grain by seed and words, mixed in by ``denoise``."""
    height, width = start.shape[:2]
    digest = hashlib.blake2b(f"{seed}|{words}".encode(), digest_size=16).digest()
    rng = np.random.default_rng(int.from_bytes(digest))
    corners = rng.integers(20, 236, (2, 2, 3)).astype(np.float32)
    smooth = cv2.resize(corners, (width, height), interpolation=cv2.INTER_LINEAR)
    grain = rng.normal(0, 14, (height, width, 1)).astype(np.float32)
    fresh = smooth.reshape(height, width, 3) + grain
    mixed = fresh * denoise + start.astype(np.float32) * (1 - denoise)
    return np.clip(mixed, 0, 255).astype(np.uint8)


def decoded(latent: Picture) -> Picture:
    """Eight times as large, with a little texture so that nothing comes out flat."""
    height, width = latent.shape[0] * 8, latent.shape[1] * 8
    large = cv2.resize(latent, (width, height), interpolation=cv2.INTER_LINEAR)
    rows = (np.arange(height) * 7 % 11).astype(np.uint8)[:, None, None]
    columns = (np.arange(width) * 5 % 13).astype(np.uint8)[None, :, None]
    return cv2.add(large, np.broadcast_to((rows + columns) // 4, large.shape).copy())  # type: ignore[return-value]


def encoded(picture: Picture) -> Picture:
    """An eighth of the size; what doesn't divide by 8 is cut off, as the server does."""
    height, width = picture.shape[0] // 8, picture.shape[1] // 8
    cut = picture[: height * 8, : width * 8]
    return cv2.resize(cut, (width, height), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def png(picture: Picture, notes: Mapping[str, Any] | None = None) -> bytes:
    """The picture as a PNG that carries its graph in text chunks, as the server's do."""
    done, data = cv2.imencode(".png", picture[:, :, ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])
    assert done
    whole = data.tobytes()
    header_end = 8 + 25
    extra = b"".join(
        _chunk(b"tEXt", name.encode("latin-1") + b"\0" + json.dumps(value).encode("latin-1"))
        for name, value in (notes or {}).items()
    )
    return whole[:header_end] + extra + whole[header_end:]


def _chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return len(data).to_bytes(4) + body + zlib.crc32(body).to_bytes(4)


def jpeg(picture: Picture) -> bytes:
    done, data = cv2.imencode(".jpg", picture[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 80])
    assert done
    return data.tobytes()


def read_picture(path: Path) -> Picture:
    """An uploaded file's pixels; raises ValueError where it is no picture."""
    data = np.frombuffer(path.read_bytes(), np.uint8)
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError(f"cannot identify image file '{path.name}'")
    return np.ascontiguousarray(picture[:, :, ::-1])  # type: ignore[return-value]


def _checkpoint(values: dict[str, Any], _: Workshop) -> tuple[Any, ...]:
    name = values["ckpt_name"]
    return (name, name, name)


def _empty(values: dict[str, Any], _: Workshop) -> tuple[Any, ...]:
    height, width = values["height"] // 8, values["width"] // 8
    return ([np.zeros((height, width, 3), np.uint8)] * values["batch_size"],)


def _sample(values: dict[str, Any], _: Workshop) -> tuple[Any, ...]:
    words = f"{values['positive']}|{values['negative']}|{values['model']}"
    denoise = float(values["denoise"])
    return (
        [
            drawn(start, values["seed"] + number, denoise, words)
            for number, start in enumerate(values["latent_image"])
        ],
    )


def _upscale_latent(values: dict[str, Any], _: Workshop) -> tuple[Any, ...]:
    width, height = values["width"] // 8, values["height"] // 8
    method, crop = values["upscale_method"], values["crop"]
    return ([resized(each, width, height, method, crop) for each in values["samples"]],)


def _upscale_latent_by(values: dict[str, Any], _: Workshop) -> tuple[Any, ...]:
    return (_scaled_by(values["samples"], values),)


def _scale_by(values: dict[str, Any], _: Workshop) -> tuple[Any, ...]:
    return (_scaled_by(values["image"], values),)


def _scaled_by(batch: Batch, values: dict[str, Any]) -> Batch:
    factor, method = values["scale_by"], values["upscale_method"]
    return [
        resized(each, round(each.shape[1] * factor), round(each.shape[0] * factor), method, "")
        for each in batch
    ]


def _scale(values: dict[str, Any], _: Workshop) -> tuple[Any, ...]:
    width, height = values["width"], values["height"]
    method, crop = values["upscale_method"], values["crop"]
    return ([resized(each, width, height, method, crop) for each in values["image"]],)


def _upscale_with_model(values: dict[str, Any], _: Workshop) -> tuple[Any, ...]:
    factor = values["upscale_model"]
    return (
        [
            resized(each, each.shape[1] * factor, each.shape[0] * factor, "bicubic", "")
            for each in values["image"]
        ],
    )


def _upscaler(values: dict[str, Any], workshop: Workshop) -> tuple[Any, ...]:
    name = values["model_name"]
    if name not in workshop.upscalers:
        raise FileNotFoundError(
            f"Model in folder 'upscale_models' with filename '{name}' not found."
        )
    return (UPSCALE_FACTOR,)


def _crop(values: dict[str, Any], _: Workshop) -> tuple[Any, ...]:
    found = []
    for each in values["image"]:
        x = min(values["x"], each.shape[1] - 1)
        y = min(values["y"], each.shape[0] - 1)
        found.append(each[y : y + values["height"], x : x + values["width"]])
    return (found,)


def _composite(values: dict[str, Any], _: Workshop) -> tuple[Any, ...]:
    mask = values.get("mask")
    return (
        [
            _pasted(into, part, values, mask)
            for into, part in zip(values["destination"], values["source"], strict=False)
        ],
    )


def _pasted(into: Picture, part: Picture, values: dict[str, Any], mask: Mask | None) -> Picture:
    height, width = into.shape[:2]
    if values["resize_source"]:
        part = resized(part, width, height, "bilinear", "")
    x, y = min(values["x"], width), min(values["y"], height)
    part = part[: height - y, : width - x]
    if not part.size:
        return into
    result = into.copy()
    place = result[y : y + part.shape[0], x : x + part.shape[1]]
    if mask is None:
        place[:] = part
        return result
    fitted = cv2.resize(mask, (part.shape[1], part.shape[0]), interpolation=cv2.INTER_LINEAR)
    weight = fitted[:, :, None]
    place[:] = (part * weight + place * (1 - weight)).round().astype(np.uint8)
    return result


def _latent_composite(values: dict[str, Any], _: Workshop) -> tuple[Any, ...]:
    x, y, feather = values["x"] // 8, values["y"] // 8, values["feather"] // 8
    done = []
    for into, part in zip(values["samples_to"], values["samples_from"], strict=False):
        mask = np.ones(part.shape[:2], np.float32)
        edges = {"left": feather * bool(x), "top": feather * bool(y), "right": 0, "bottom": 0}
        mask = _feathered(mask, edges)
        place = {"x": x, "y": y, "resize_source": False}
        done.append(_pasted(into, part, place, mask))
    return (done,)


def _feathered(mask: Mask, edges: Mapping[str, int]) -> Mask:
    mask = mask.copy()
    height, width = mask.shape
    for step in range(min(edges["left"], width)):
        mask[:, step] *= (step + 1) / edges["left"]
    for step in range(min(edges["right"], width)):
        mask[:, -1 - step] *= (step + 1) / edges["right"]
    for step in range(min(edges["top"], height)):
        mask[step] *= (step + 1) / edges["top"]
    for step in range(min(edges["bottom"], height)):
        mask[-1 - step] *= (step + 1) / edges["bottom"]
    return mask


def _solid_mask(values: dict[str, Any], _: Workshop) -> tuple[Any, ...]:
    return (np.full((values["height"], values["width"]), values["value"], np.float32),)


def _load(values: dict[str, Any], workshop: Workshop) -> tuple[Any, ...]:
    picture = read_picture(workshop.input_folder / values["image"])
    return ([picture], np.zeros((64, 64), np.float32))


Node = Callable[[dict[str, Any], Workshop], tuple[Any, ...]]
NODES: dict[str, Node] = {
    "CheckpointLoaderSimple": _checkpoint,
    "CLIPTextEncode": lambda values, _: (values["text"],),
    "EmptyLatentImage": _empty,
    "KSampler": _sample,
    "LatentUpscale": _upscale_latent,
    "LatentUpscaleBy": _upscale_latent_by,
    "LatentComposite": _latent_composite,
    "VAEDecode": lambda values, _: ([decoded(each) for each in values["samples"]],),
    "VAEDecodeTiled": lambda values, _: ([decoded(each) for each in values["samples"]],),
    "VAEEncode": lambda values, _: ([encoded(each) for each in values["pixels"]],),
    "VAEEncodeTiled": lambda values, _: ([encoded(each) for each in values["pixels"]],),
    "UpscaleModelLoader": _upscaler,
    "ImageUpscaleWithModel": _upscale_with_model,
    "ImageScale": _scale,
    "ImageScaleBy": _scale_by,
    "ImageCrop": _crop,
    "ImageCompositeMasked": _composite,
    "SolidMask": _solid_mask,
    "FeatherMask": lambda values, _: (_feathered(values["mask"], values),),
    "LoadImage": _load,
}
