"""An app that paused its script writer for pictures, and waits: to be killed in between."""

import json
import sys
import threading
from pathlib import Path

from residency_kit import WRITER, make_room
from session_kit import open_app, settings_with

from vidgen_gui.core.hardware_profile import HardwareProfile


def main() -> None:
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    with open_app(settings_with(script_writer=given)) as app:
        app.session.use_profile(HardwareProfile(stop_found_programs=True))
        app.session.services.check()
        if "start_command" in given:
            app.session.services.start(WRITER)
        _, told = make_room(app, 6_000)
        sys.stdout.write(f"{' '.join(message.id.value for message in told)}\n")
        sys.stdout.flush()
        threading.Event().wait()


main()
