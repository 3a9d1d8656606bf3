"""The sentences about graphs and a person's own workflow; `words` puts them among the others."""

from collections.abc import Mapping
from types import MappingProxyType

from vidgen_gui.core.messages import MessageId
from vidgen_gui.ui.marks import QT_TRANSLATE_NOOP

GRAPH_WORDS: Mapping[MessageId, tuple[str, str]] = MappingProxyType(
    {
        MessageId.GRAPH_BROKEN: (
            QT_TRANSLATE_NOOP(
                "words", "The plan for a picture has a broken part: {node} (node {node_id})."
            ),
            QT_TRANSLATE_NOOP(
                "words",
                "If it comes from your own workflow, open it in ComfyUI, run it once and export "
                "it again.",
            ),
        ),
        MessageId.GRAPH_NO_OUTPUT: (
            QT_TRANSLATE_NOOP(
                "words", "The plan for a picture ends in nothing that ComfyUI would save."
            ),
            QT_TRANSLATE_NOOP(
                "words", "Add a “Save Image” node to your workflow in ComfyUI and export it again."
            ),
        ),
        MessageId.GRAPH_NODE_MISSING: (
            QT_TRANSLATE_NOOP("words", "ComfyUI has no node called {node}."),
            QT_TRANSLATE_NOOP(
                "words",
                "Update ComfyUI, or install the extension that brings this node, then start "
                "ComfyUI again.",
            ),
        ),
        MessageId.GRAPH_NODE_UNREADABLE: (
            QT_TRANSLATE_NOOP(
                "words", "ComfyUI describes its node {node} in a way that VidGen cannot read."
            ),
            QT_TRANSLATE_NOOP(
                "words", "Update ComfyUI and the extension that brings this node, or update VidGen."
            ),
        ),
        MessageId.GRAPH_INPUT_MISSING: (
            QT_TRANSLATE_NOOP("words", "The node {node} lacks its input “{input}”."),
            QT_TRANSLATE_NOOP(
                "words", "Set it in ComfyUI and export the workflow again, or update VidGen."
            ),
        ),
        MessageId.GRAPH_VALUE_NOT_OFFERED: (
            QT_TRANSLATE_NOOP(
                "words", "ComfyUI doesn’t offer “{given}” for “{input}” of the node {node}."
            ),
            QT_TRANSLATE_NOOP("words", "Choose one that it has: {allowed}."),
        ),
        MessageId.GRAPH_VALUE_OUT_OF_RANGE: (
            QT_TRANSLATE_NOOP(
                "words", "For “{input}” of the node {node}, {given} is out of range."
            ),
            QT_TRANSLATE_NOOP("words", "ComfyUI takes {allowed}: correct it, then try again."),
        ),
        MessageId.GRAPH_VALUE_WRONG: (
            QT_TRANSLATE_NOOP(
                "words",
                "“{given}” does not fit “{input}” of the node {node}, which takes {allowed}.",
            ),
            QT_TRANSLATE_NOOP("words", "Correct it in ComfyUI and export the workflow again."),
        ),
        MessageId.WORKFLOW_TOO_LARGE: (
            QT_TRANSLATE_NOOP("words", "The workflow file is larger than {limit_mib}."),
            QT_TRANSLATE_NOOP(
                "words", "Export the workflow again without pictures or notes inside it."
            ),
        ),
        MessageId.WORKFLOW_TOO_DEEP: (
            QT_TRANSLATE_NOOP(
                "words", "The workflow file nests its parts more than {limit} levels deep."
            ),
            QT_TRANSLATE_NOOP("words", "Use a file that ComfyUI itself exported in API format."),
        ),
        MessageId.WORKFLOW_NOT_JSON: (
            QT_TRANSLATE_NOOP(
                "words",
                "The workflow file is not valid JSON; line {line} is the first that cannot be "
                "read.",
            ),
            QT_TRANSLATE_NOOP(
                "words",
                "Export it again from ComfyUI in API format. Placeholders such as {placeholder} "
                "stand between quotation marks, for numbers too.",
            ),
        ),
        MessageId.WORKFLOW_BAD_NUMBER: (
            QT_TRANSLATE_NOOP("words", "The workflow file contains a number that cannot be used."),
            QT_TRANSLATE_NOOP(
                "words", "Correct the number in ComfyUI and export the workflow again."
            ),
        ),
        MessageId.WORKFLOW_UI_FORMAT: (
            QT_TRANSLATE_NOOP(
                "words", "This file was saved for ComfyUI’s editor, not in API format."
            ),
            QT_TRANSLATE_NOOP(
                "words",
                "In ComfyUI, open it and choose “Export (API)”, or “Save (API Format)” in older "
                "versions, then add that file.",
            ),
        ),
        MessageId.WORKFLOW_NOT_A_GRAPH: (
            QT_TRANSLATE_NOOP("words", "The file is no ComfyUI workflow in API format."),
            QT_TRANSLATE_NOOP(
                "words",
                "In ComfyUI, open your workflow and choose “Export (API)”, then add that file.",
            ),
        ),
        MessageId.WORKFLOW_BROKEN_LINK: (
            QT_TRANSLATE_NOOP(
                "words",
                "In the workflow, “{input}” of the node {node} ({node_id}) comes from a node that"
                " is not there.",
            ),
            QT_TRANSLATE_NOOP("words", "Connect it in ComfyUI and export the workflow again."),
        ),
        MessageId.WORKFLOW_NO_OUTPUT: (
            QT_TRANSLATE_NOOP("words", "The workflow saves no picture."),
            QT_TRANSLATE_NOOP(
                "words", "Add a “Save Image” node in ComfyUI and export the workflow again."
            ),
        ),
        MessageId.WORKFLOW_NO_PROMPT: (
            QT_TRANSLATE_NOOP("words", "The workflow has no place for the picture’s words."),
            QT_TRANSLATE_NOOP(
                "words",
                "Write {placeholder} into its text field for the prompt, then add the file again.",
            ),
        ),
        MessageId.WORKFLOW_UNKNOWN_PLACEHOLDER: (
            QT_TRANSLATE_NOOP(
                "words", "The workflow has the placeholder {given}, which VidGen doesn’t know."
            ),
            QT_TRANSLATE_NOOP("words", "Use these only: {known}."),
        ),
    }
)
