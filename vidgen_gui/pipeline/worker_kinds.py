"""Which worker processes there are, and what each runs; imported by name when one starts."""

import importlib
from collections.abc import Mapping
from types import MappingProxyType

from vidgen_gui.system.worker_protocol import HandlerFactory

WORKER_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "voice": "vidgen_gui.services.piper.worker",
        "painter": "vidgen_gui.media.painter.worker",
        "composer": "vidgen_gui.media.composer.worker",
        "captions": "vidgen_gui.media.captions.worker",
        "compositor": "vidgen_gui.media.compositor.worker",
    }
)


def handler_factory(kind: str) -> HandlerFactory:
    """Import the module of ``kind``; KeyError when there is no such kind."""
    module = importlib.import_module(WORKER_KINDS[kind])
    factory: HandlerFactory = module.make_handler
    return factory
