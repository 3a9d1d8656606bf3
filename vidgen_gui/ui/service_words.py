"""The sentences about the language model and the image server as the app uses them."""

from collections.abc import Mapping
from types import MappingProxyType

from vidgen_gui.core.messages import MessageId
from vidgen_gui.ui.marks import QT_TRANSLATE_NOOP

SERVICE_WORDS: Mapping[MessageId, tuple[str, str]] = MappingProxyType(
    {
        MessageId.SERVICE_OFF: (
            QT_TRANSLATE_NOOP("words", "This service is not used."),
            QT_TRANSLATE_NOOP("words", "Turn it on in Settings if you want it."),
        ),
        MessageId.SERVICE_TURNED_OFF: (
            QT_TRANSLATE_NOOP("words", "Turned off in Settings."),
            QT_TRANSLATE_NOOP("words", "Turn it on there to use it again."),
        ),
        MessageId.SERVICE_NO_LAUNCH: (
            QT_TRANSLATE_NOOP("words", "VidGen does not know how to start this program."),
            QT_TRANSLATE_NOOP(
                "words", "Say in its start page where it is, or give your own start command."
            ),
        ),
        MessageId.SERVICE_SILENT: (
            QT_TRANSLATE_NOOP("words", "Nothing answers at its addresses."),
            QT_TRANSLATE_NOOP("words", "Start the program, or correct its addresses."),
        ),
        MessageId.SERVICE_GET_LLM: (
            QT_TRANSLATE_NOOP("words", "No language model was found on this computer."),
            QT_TRANSLATE_NOOP(
                "words",
                "The built-in writer writes. For more varied scripts, install Ollama (ollama.com) "
                "or llama.cpp (github.com/ggml-org/llama.cpp) with a GGUF model.",
            ),
        ),
        MessageId.SERVICE_GET_COMFYUI: (
            QT_TRANSLATE_NOOP("words", "ComfyUI was not found on this computer."),
            QT_TRANSLATE_NOOP(
                "words",
                "The built-in painter paints. For photographic pictures, install ComfyUI "
                "(comfy.org) and name its folder on the start page.",
            ),
        ),
        MessageId.LLAMA_SERVER_MISSING: (
            QT_TRANSLATE_NOOP("words", "The program llama-server was not found."),
            QT_TRANSLATE_NOOP(
                "words",
                "Install llama.cpp (github.com/ggml-org/llama.cpp), or say in Settings where "
                "llama-server is.",
            ),
        ),
        MessageId.WORKFLOW_UNREADABLE: (
            QT_TRANSLATE_NOOP("words", "The workflow file {path} cannot be read."),
            QT_TRANSLATE_NOOP("words", "Check that it is there and that you may open it."),
        ),
        MessageId.WRITER_STANDS_IN: (
            QT_TRANSLATE_NOOP("words", "The built-in writer wrote this script."),
            QT_TRANSLATE_NOOP("words", "The line above says why; edit the script if you like."),
        ),
        MessageId.WRITER_ENGLISH_ONLY: (
            QT_TRANSLATE_NOOP("words", "The built-in writer writes English around the topic."),
            QT_TRANSLATE_NOOP(
                "words",
                "For a script in the topic’s language, set up a language model, or give your own.",
            ),
        ),
        MessageId.PAINTER_STANDS_IN: (
            QT_TRANSLATE_NOOP("words", "The built-in painter painted this picture."),
            QT_TRANSLATE_NOOP("words", "The line above says why."),
        ),
        MessageId.SCRIPT_REJECTED: (
            QT_TRANSLATE_NOOP("words", "What {model} wrote cannot be used: {words}"),
            QT_TRANSLATE_NOOP("words", "Try again, or choose a larger model."),
        ),
        MessageId.SCRIPT_BY_MODEL: (
            QT_TRANSLATE_NOOP(
                "words", "The model {model} wrote the script: {tokens_per_s} tokens a second."
            ),
            QT_TRANSLATE_NOOP("words", "Read it before you post the video."),
        ),
        MessageId.CHECK_SERVICE: (
            QT_TRANSLATE_NOOP("words", "Found {program} with {model} at {url}."),
            "",
        ),
        MessageId.CHECK_SERVICE_STANDS_IN: (
            QT_TRANSLATE_NOOP("words", "Without {program}, {stand_in} does its work."),
            QT_TRANSLATE_NOOP("words", "Services, in the main window, says how to set it up."),
        ),
        MessageId.CHECK_SERVICE_STARTS: (
            QT_TRANSLATE_NOOP("words", "VidGen starts {program} when it is needed ({command})."),
            "",
        ),
        MessageId.CHECK_SERVICE_RESTS: (
            QT_TRANSLATE_NOOP("words", "VidGen starts {program} only when you say so."),
            QT_TRANSLATE_NOOP("words", "Until then, {stand_in} does its work."),
        ),
        MessageId.CHECK_SERVICE_OFF: (
            QT_TRANSLATE_NOOP("words", "Using {program} is turned off in Settings."),
            QT_TRANSLATE_NOOP("words", "Until you turn it on, {stand_in} does its work."),
        ),
    }
)
