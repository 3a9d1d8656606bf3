"""What measuring commands say; `words` puts it among the others."""

from collections.abc import Mapping
from types import MappingProxyType

from vidgen_gui.core.messages import MessageId
from vidgen_gui.ui.marks import QT_TRANSLATE_NOOP

BENCH_WORDS: Mapping[MessageId, tuple[str, str]] = MappingProxyType(
    {
        MessageId.BENCH_NEEDS_SOURCE: (
            QT_TRANSLATE_NOOP(
                "words", "This measurement is not part of the installed app: {path} is missing."
            ),
            QT_TRANSLATE_NOOP("words", "Run it from VidGen's source code."),
        ),
    }
)
