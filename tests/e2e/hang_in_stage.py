"""The window with a script stage that hangs in the interpreter and hears no cancel."""

import logging
import sys
import threading
from collections.abc import Generator

from vidgen_gui import __main__
from vidgen_gui.core.events import Progress
from vidgen_gui.pipeline.stage import StageContext, StageOutput
from vidgen_gui.pipeline.stages import script


def _hang(_: object, __: StageContext) -> Generator[Progress, None, StageOutput]:
    yield Progress(0.5)
    logging.getLogger("vidgen_gui.test").info("the script stands still")
    threading.Event().wait()
    return StageOutput()


if __name__ == "__main__":
    script.ScriptStage.run = _hang  # type: ignore[method-assign, assignment]
    sys.exit(__main__.main([]))
