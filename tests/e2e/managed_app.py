"""An app that starts a program (its own command), says which process serves, and waits."""

import sys
import threading
from pathlib import Path

from service_kit import health_of

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.services.managed.launch import OwnCommands
from vidgen_gui.services.managed.service import ManagedService
from vidgen_gui.store.database import Database
from vidgen_gui.store.processes import ProcessRegistry


def main() -> None:
    folder, *command = sys.argv[1:]
    port = int(command[command.index("--port") + 1])
    with Database(Path(folder) / "records.db", Path(folder) / "backups") as database:
        service = ManagedService(
            OwnCommands("the server", tuple(command), None, port),
            health_of(port),
            registry=ProcessRegistry(database),
        )
        service.start(CancelToken())
        sys.stdout.write(f"{service.pid}\n")
        sys.stdout.flush()
        threading.Event().wait()


main()
