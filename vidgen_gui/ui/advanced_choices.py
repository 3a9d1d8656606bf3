"""What is typed under "Advanced" as text, what is wrong with it, and the values that it means."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from vidgen_gui.core.job import fold_seed
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.picture_overrides import (
    FEWEST_STEPS,
    LEAST_CFG,
    MOST_CFG,
    MOST_STEPS,
    PictureOverrides,
)

_WHOLE = re.compile(r"[+-]?\d{1,40}")
_DECIMAL = re.compile(r"\d{1,3}([.,]\d{0,4})?")
_SHOWN_CHARS = 24


@dataclass(frozen=True, slots=True)
class Advanced:
    """Fields as they stand; an empty one changes nothing.

    A decimal point and a decimal comma are the same. Any whole number is a seed: it is folded
    into the range that samplers take.
    """

    steps: str = ""
    cfg: str = ""
    seed: str = ""
    sampler: str = ""
    checkpoint: str = ""

    @property
    def is_empty(self) -> bool:
        return not any((self.steps, self.cfg, self.seed, self.sampler, self.checkpoint))

    def problems(self) -> Mapping[str, Message]:
        """What is wrong, by field."""
        found = {}
        if self.steps.strip() and self._steps() is None:
            found["steps"] = _message(
                MessageId.STEPS_INVALID, self.steps, low=FEWEST_STEPS, high=MOST_STEPS
            )
        if self.cfg.strip() and self._cfg() is None:
            found["cfg"] = _message(
                MessageId.CFG_INVALID, self.cfg, low=round(LEAST_CFG), high=round(MOST_CFG)
            )
        if self.seed.strip() and self.seed_value() is None:
            found["seed"] = _message(MessageId.SEED_INVALID, self.seed)
        return found

    def overrides(self) -> PictureOverrides:
        """What the job carries; wrong fields are left out."""
        return PictureOverrides(
            steps=self._steps(), cfg=self._cfg(), sampler=self.sampler, checkpoint=self.checkpoint
        )

    def seed_value(self) -> int | None:
        """The seed in 0…2⁶⁴−1; None where none was typed, or none that is one."""
        text = self.seed.strip()
        return fold_seed(int(text)) if _WHOLE.fullmatch(text) else None

    def _steps(self) -> int | None:
        text = self.steps.strip()
        steps = int(text) if _WHOLE.fullmatch(text) else None
        return steps if steps is not None and FEWEST_STEPS <= steps <= MOST_STEPS else None

    def _cfg(self) -> float | None:
        text = self.cfg.strip()
        cfg = float(text.replace(",", ".")) if _DECIMAL.fullmatch(text) else None
        return cfg if cfg is not None and LEAST_CFG <= cfg <= MOST_CFG else None


NO_CHANGES = Advanced()


def _message(message_id: MessageId, given: str, **bounds: int) -> Message:
    return Message(message_id, {"given": given.strip()[:_SHOWN_CHARS], **bounds})
