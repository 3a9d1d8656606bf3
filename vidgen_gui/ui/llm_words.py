"""The sentences about language models; `words` puts them among all the others."""

from collections.abc import Mapping
from types import MappingProxyType

from vidgen_gui.core.messages import MessageId
from vidgen_gui.ui.marks import QT_TRANSLATE_NOOP

LLM_WORDS: Mapping[MessageId, tuple[str, str]] = MappingProxyType(
    {
        MessageId.LLM_LOADING: (
            QT_TRANSLATE_NOOP(
                "words", "The script writer at {address} is still loading its model."
            ),
            QT_TRANSLATE_NOOP("words", "Wait a moment; it answers when the model is in memory."),
        ),
        MessageId.LLM_NOT_A_SERVER: (
            QT_TRANSLATE_NOOP("words", "What answers at {address} is not a language model server."),
            QT_TRANSLATE_NOOP(
                "words", "Check the address and the port of the script writer in Settings."
            ),
        ),
        MessageId.LLM_MODEL_MISSING: (
            QT_TRANSLATE_NOOP(
                "words", "The script writer at {address} does not have the model “{model}”."
            ),
            QT_TRANSLATE_NOOP("words", "Choose one that it has in Services, or add it there."),
        ),
        MessageId.LLM_CONTEXT_EXCEEDED: (
            QT_TRANSLATE_NOOP(
                "words",
                "The request needs {needed_tokens} tokens, and the model reads {context_tokens}.",
            ),
            QT_TRANSLATE_NOOP(
                "words", "Start the model with a larger context, or make the topic shorter."
            ),
        ),
        MessageId.LLM_CONTEXT_NEARLY_FULL: (
            QT_TRANSLATE_NOOP(
                "words", "The request fills {percent} % of the model’s {context_tokens} tokens."
            ),
            QT_TRANSLATE_NOOP("words", "A model started with a larger context has more room."),
        ),
        MessageId.LLM_PROMPT_SHORTENED: (
            QT_TRANSLATE_NOOP(
                "words",
                "The request was shortened to fit the model’s {context_tokens} tokens.",
            ),
            QT_TRANSLATE_NOOP(
                "words", "Start the model with a larger context to use all that you typed."
            ),
        ),
        MessageId.LLM_EMPTY_REPLY: (
            QT_TRANSLATE_NOOP("words", "The model {model} answered with nothing."),
            QT_TRANSLATE_NOOP("words", "Try again, or choose another model in Services."),
        ),
        MessageId.LLM_CUT_REPLY: (
            QT_TRANSLATE_NOOP("words", "The answer from {address} stopped in the middle."),
            QT_TRANSLATE_NOOP(
                "words", "Try again. If it happens again, look at the server’s log in Services."
            ),
        ),
        MessageId.LLM_REPLY_TOO_LONG: (
            QT_TRANSLATE_NOOP(
                "words", "The model {model} did not stop after {limit_kib} KiB of text."
            ),
            QT_TRANSLATE_NOOP("words", "Try again, or choose another model in Services."),
        ),
        MessageId.LLM_REFUSED: (
            QT_TRANSLATE_NOOP("words", "The model {model} declines to write this: {words}"),
            QT_TRANSLATE_NOOP("words", "Word the topic differently, or choose another model."),
        ),
        MessageId.LLM_STILL_LOADED: (
            QT_TRANSLATE_NOOP("words", "Ollama at {address} keeps the model {model} in memory."),
            QT_TRANSLATE_NOOP(
                "words", "Another program may be using it: close that, or stop Ollama."
            ),
        ),
        MessageId.LLM_FAILED: (
            QT_TRANSLATE_NOOP("words", "The script writer at {address} failed: {words}"),
            QT_TRANSLATE_NOOP(
                "words", "Try again. If it fails again, look at the server’s log in Services."
            ),
        ),
    }
)
