"""Sample pictures for choosing a caption style: one page of words over a picture."""

from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

from vidgen_gui.core.events import Progress
from vidgen_gui.core.job import CaptionStyle
from vidgen_gui.core.quality import Aspect
from vidgen_gui.core.script import WordTiming
from vidgen_gui.media import fonts
from vidgen_gui.media.captions.layout import lay_out_scene
from vidgen_gui.system.files import atomic_write_bytes

_LIT = 1


def draw_samples(data: Mapping[str, Any]) -> Generator[Progress, None, Mapping[str, Any]]:
    """Draw the first page of ``sample_text``, its second word lit, once in each style.

    ``background_png`` lies below and gives the size; ``out_pngs`` maps styles to their files;
    ``aspect`` tells the safe zone. Call it in the captions worker: it loads Qt.

    Raises:
        MediaError: the background cannot be read.
        StorageError: a file cannot be written.
    """
    from vidgen_gui.media.captions.painter import (  # noqa: PLC0415 - not outside the worker
        Backdrop,
        CaptionPainter,
    )

    text = str(data["sample_text"])
    words = [WordTiming(word, i, i + 1) for i, word in enumerate(text.split())]
    backdrop = Backdrop(Path(data["background_png"]))
    files: Mapping[str, str] = data["out_pngs"]
    for done, (name, file) in enumerate(files.items(), 1):
        style, aspect = CaptionStyle(name), Aspect(data["aspect"])
        painter = CaptionPainter(style, backdrop.size, aspect, fonts.cjk_region(text))
        page = lay_out_scene(words, painter.measure, painter.limits)[0]
        drawing = painter.draw(page)
        pictures = [drawing.unlit(), drawing.lit(min(_LIT, len(page.tokens) - 1))]
        atomic_write_bytes(Path(file), backdrop.png_with(pictures))
        yield Progress(done / len(files))
    return {}
