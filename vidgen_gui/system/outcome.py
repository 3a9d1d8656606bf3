"""How a program ended, worded for a person."""

from dataclasses import dataclass
from typing import Any

from vidgen_gui.core.errors import ProgramError
from vidgen_gui.core.messages import MessageId


@dataclass(frozen=True, slots=True)
class ProcessOutcome:
    """How a program ended; ``returncode`` is negative for a signal, as in `subprocess`."""

    program: str
    returncode: int
    stderr_tail: str
    elapsed_s: float
    timed_out: bool = False

    @property
    def ok(self) -> bool:
        return self.returncode == 0 and not self.timed_out

    def error(self) -> ProgramError:
        """The failure in the app's words."""
        params: dict[str, Any] = {"program": self.program}
        if self.timed_out:
            return ProgramError(
                MessageId.PROGRAM_HANGS,
                detail=self.stderr_tail,
                after_s=round(self.elapsed_s),
                **params,
            )
        if self.returncode < 0:
            return ProgramError(
                MessageId.PROGRAM_KILLED,
                detail=self.stderr_tail,
                signal=-self.returncode,
                **params,
            )
        last = self.stderr_tail.strip().rsplit("\n", 1)[-1][:200]
        return ProgramError(
            MessageId.PROGRAM_FAILED,
            detail=self.stderr_tail,
            code=self.returncode,
            words=last,
            **params,
        )
