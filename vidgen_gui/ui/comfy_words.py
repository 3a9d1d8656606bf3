"""The sentences about ComfyUI's answers; `words` puts them among all the others."""

from collections.abc import Mapping
from types import MappingProxyType

from vidgen_gui.core.messages import MessageId
from vidgen_gui.ui.marks import QT_TRANSLATE_NOOP

COMFY_WORDS: Mapping[MessageId, tuple[str, str]] = MappingProxyType(
    {
        MessageId.COMFY_NOT_COMFYUI: (
            QT_TRANSLATE_NOOP("words", "What answers at {url} is not ComfyUI."),
            QT_TRANSLATE_NOOP(
                "words", "Check the address and the port of the image maker in Settings."
            ),
        ),
        MessageId.IMAGE_SERVER_SILENT: (
            QT_TRANSLATE_NOOP(
                "words",
                "ComfyUI at {address} has not answered for a minute; VidGen waits up to "
                "{minutes} min for it.",
            ),
            QT_TRANSLATE_NOOP("words", "It may be loading a large model; else restart it."),
        ),
        MessageId.COMFY_GRAPH_REFUSED: (
            QT_TRANSLATE_NOOP("words", "ComfyUI refuses the workflow: {words}"),
            QT_TRANSLATE_NOOP("words", "Correct your workflow file, or update ComfyUI."),
        ),
        MessageId.COMFY_INPUT_REFUSED: (
            QT_TRANSLATE_NOOP("words", "ComfyUI refuses node {node} ({node_type}): {words}"),
            QT_TRANSLATE_NOOP("words", "For “{input}” it got “{given}”; it takes: {allowed}."),
        ),
        MessageId.COMFY_CHECKPOINT_MISSING: (
            QT_TRANSLATE_NOOP("words", "ComfyUI does not have the image model “{given}”."),
            QT_TRANSLATE_NOOP(
                "words",
                "Choose one that it has ({allowed}) in Services, or add the file to ComfyUI.",
            ),
        ),
        MessageId.COMFY_CHECKPOINT_NONE: (
            QT_TRANSLATE_NOOP("words", "ComfyUI has no image model yet."),
            QT_TRANSLATE_NOOP(
                "words",
                "Put one (a .safetensors file of SD 1.5 or SDXL, say) into ComfyUI’s folder "
                "models/checkpoints.",
            ),
        ),
        MessageId.COMFY_NODE_MISSING: (
            QT_TRANSLATE_NOOP("words", "ComfyUI does not know the node “{node_type}”."),
            QT_TRANSLATE_NOOP(
                "words",
                "Update ComfyUI, or install the extension that brings this node; then restart it.",
            ),
        ),
        MessageId.COMFY_FAILED: (
            QT_TRANSLATE_NOOP("words", "ComfyUI failed in node {node} ({node_type}): {words}"),
            QT_TRANSLATE_NOOP(
                "words", "Try again. If it fails again, look at ComfyUI’s log in Services."
            ),
        ),
        MessageId.COMFY_OUT_OF_GPU_MEMORY: (
            QT_TRANSLATE_NOOP(
                "words", "The graphics card ran out of memory in node {node} ({node_type})."
            ),
            QT_TRANSLATE_NOOP(
                "words",
                "Close other programs that use the graphics card, or choose a lower quality.",
            ),
        ),
        MessageId.COMFY_OUT_OF_RAM: (
            QT_TRANSLATE_NOOP(
                "words", "The computer ran out of memory in ComfyUI’s node {node} ({node_type})."
            ),
            QT_TRANSLATE_NOOP("words", "Close other programs, or choose a lower quality."),
        ),
        MessageId.COMFY_INTERRUPTED: (
            QT_TRANSLATE_NOOP("words", "Somebody stopped this picture in ComfyUI."),
            QT_TRANSLATE_NOOP("words", "Try again."),
        ),
        MessageId.COMFY_GONE: (
            QT_TRANSLATE_NOOP(
                "words", "ComfyUI at {url} ended or restarted while it drew a picture."
            ),
            QT_TRANSLATE_NOOP(
                "words", "Start it again in Services, then try again. Perhaps memory ran out."
            ),
        ),
        MessageId.COMFY_TOO_LATE: (
            QT_TRANSLATE_NOOP("words", "ComfyUI at {url} made no picture within {after_s} s."),
            QT_TRANSLATE_NOOP(
                "words", "Try again when it is less busy, or choose a lower quality."
            ),
        ),
        MessageId.COMFY_PICTURE_UNUSABLE: (
            QT_TRANSLATE_NOOP("words", "The picture from ComfyUI cannot be used: {words}"),
            QT_TRANSLATE_NOOP(
                "words",
                "Try again. If it happens again, choose another image model or a lower quality.",
            ),
        ),
    }
)
