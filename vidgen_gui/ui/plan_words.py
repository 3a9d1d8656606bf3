"""The sentences about plans: what a card has, what a picture needs, why it is made as it is."""

from collections.abc import Mapping
from types import MappingProxyType

from vidgen_gui.core.messages import MessageId
from vidgen_gui.ui.marks import QT_TRANSLATE_NOOP

PLAN_WORDS: Mapping[MessageId, tuple[str, str]] = MappingProxyType(
    {
        MessageId.PLAN_SIMULATED: (
            QT_TRANSLATE_NOOP("words", "The graphics card {name} is simulated."),
            QT_TRANSLATE_NOOP("words", "Remove VIDGEN_FAKE_GPU to use the real one."),
        ),
        MessageId.PLAN_FIGURES_REFUSED: (
            QT_TRANSLATE_NOOP(
                "words",
                "Some of the graphics card’s memory figures cannot be true and are not used.",
            ),
            QT_TRANSLATE_NOOP("words", "Restart the computer, or install the driver again."),
        ),
        MessageId.PLAN_SERVER_LACKS: (
            QT_TRANSLATE_NOOP(
                "words", "ComfyUI lacks its part {node}, so the built-in painter paints."
            ),
            QT_TRANSLATE_NOOP("words", "Update ComfyUI."),
        ),
        MessageId.PLAN_NO_CARD: (
            QT_TRANSLATE_NOOP(
                "words",
                "There is no graphics card: small pictures are drawn on the processor and "
                "enlarged.",
            ),
            QT_TRANSLATE_NOOP("words", "Expect several minutes a picture."),
        ),
        MessageId.PLAN_MEMORY_UNKNOWN: (
            QT_TRANSLATE_NOOP("words", "Nobody says how much memory of the graphics card is free."),
            QT_TRANSLATE_NOOP("words", "If it does not suffice, a smaller way is taken by itself."),
        ),
        MessageId.PLAN_AVAILABLE: (
            QT_TRANSLATE_NOOP(
                "words",
                "Pictures can use {available_mib}: {free_mib} are free, of which "
                "{reserve_mib} stay free for others.",
            ),
            QT_TRANSLATE_NOOP("words", "Closing other programs that use the card gives more."),
        ),
        MessageId.PLAN_AVAILABLE_WITH_WRITERS: (
            QT_TRANSLATE_NOOP(
                "words",
                "Pictures can use {available_mib}: {free_mib} are free and {writer_mib} held "
                "by the script writer, of which {reserve_mib} stay free for others.",
            ),
            QT_TRANSLATE_NOOP("words", "Closing other programs that use the card gives more."),
        ),
        MessageId.PLAN_LIMITED: (
            QT_TRANSLATE_NOOP("words", "The hardware profile lets VidGen use at most {limit_mib}."),
            QT_TRANSLATE_NOOP("words", "Raise the limit in the settings to use more."),
        ),
        MessageId.PLAN_NEEDS: (
            QT_TRANSLATE_NOOP(
                "words",
                "The first way needs about {likely_mib}; {low_mib} to {high_mib} are possible.",
            ),
            QT_TRANSLATE_NOOP("words", "If it does not fit, the next way is taken by itself."),
        ),
        MessageId.PLAN_MAY_NOT_FIT: (
            QT_TRANSLATE_NOOP(
                "words",
                "The first way may need more than there is: about {likely_mib}; {low_mib} to "
                "{high_mib} are possible.",
            ),
            QT_TRANSLATE_NOOP(
                "words", "It is tried once; if it does not fit, the next way is taken by itself."
            ),
        ),
        MessageId.PLAN_STREAMS: (
            QT_TRANSLATE_NOOP(
                "words",
                "Parts of the image model are fetched from the computer’s memory while drawing, "
                "which is slower: {comfortable_mib} would hold all of it.",
            ),
            QT_TRANSLATE_NOOP("words", "Closing other programs that use the card may help."),
        ),
        MessageId.PLAN_PAUSES_WRITER: (
            QT_TRANSLATE_NOOP(
                "words",
                "The script writer is paused while pictures are drawn; this gives {writer_mib}.",
            ),
            QT_TRANSLATE_NOOP(
                "words", "It comes back when it is needed. The hardware profile can forbid this."
            ),
        ),
        MessageId.PLAN_WRITER_STAYS: (
            QT_TRANSLATE_NOOP(
                "words",
                "A better way would fit if the script writer gave back its {writer_mib}.",
            ),
            QT_TRANSLATE_NOOP(
                "words", "Allow it to be paused in the hardware profile, or end it yourself."
            ),
        ),
        MessageId.PLAN_REMEMBERED: (
            QT_TRANSLATE_NOOP("words", "This way worked the last time on this card."),
            QT_TRANSLATE_NOOP("words", "Better ones are tried again when there is more memory."),
        ),
        MessageId.PLAN_LOWER_QUALITY: (
            QT_TRANSLATE_NOOP(
                "words", "Pictures get the detail of a lower quality and are enlarged."
            ),
            QT_TRANSLATE_NOOP("words", "The video’s size stays the same."),
        ),
        MessageId.PLAN_USES_RESERVE: (
            QT_TRANSLATE_NOOP(
                "words",
                "Even the smallest way needs some of the {reserve_mib} that are left to other "
                "programs.",
            ),
            QT_TRANSLATE_NOOP("words", "Closing other programs that use the card gives more."),
        ),
        MessageId.PLAN_BETTER_NEEDS: (
            QT_TRANSLATE_NOOP("words", "The next better way needs at least {needed_mib}."),
            QT_TRANSLATE_NOOP("words", "It is taken as soon as there is so much."),
        ),
        MessageId.PLAN_BETTER_FAILED: (
            QT_TRANSLATE_NOOP("words", "The next better way did not fit on this card before."),
            QT_TRANSLATE_NOOP("words", "It is tried again when there is more memory."),
        ),
        MessageId.PLAN_ON_CPU: (
            QT_TRANSLATE_NOOP(
                "words",
                "No way fits on the graphics card: small pictures are drawn on the processor and "
                "enlarged.",
            ),
            QT_TRANSLATE_NOOP("words", "Expect several minutes a picture."),
        ),
        MessageId.PLAN_PAINTS: (
            QT_TRANSLATE_NOOP(
                "words",
                "Drawing needs at least {needed_mib}, which is more than there is, so the "
                "built-in painter paints.",
            ),
            QT_TRANSLATE_NOOP("words", "Close other programs that use the graphics card."),
        ),
        MessageId.PLAN_NO_WAY_ADMITTED: (
            QT_TRANSLATE_NOOP(
                "words",
                "The hardware profile admits no way of drawing that ComfyUI has, so the built-in "
                "painter paints.",
            ),
            QT_TRANSLATE_NOOP("words", "Admit more ways in the hardware profile."),
        ),
    }
)

FULLER_PLAN_WORDS: Mapping[MessageId, str] = MappingProxyType(
    {
        MessageId.PLAN_AVAILABLE: QT_TRANSLATE_NOOP(
            "words",
            "Pictures can use {available_mib}: {free_mib} are free and {drawer_mib} held by "
            "ComfyUI, of which {reserve_mib} stay free for others.",
        ),
        MessageId.PLAN_AVAILABLE_WITH_WRITERS: QT_TRANSLATE_NOOP(
            "words",
            "Pictures can use {available_mib}: {free_mib} are free, {drawer_mib} held by "
            "ComfyUI and {writer_mib} by the script writer, of which {reserve_mib} stay free for "
            "others.",
        ),
    }
)
"""Said where ComfyUI holds something already."""
