"""Opening the app's session: what fails half-way leaves nothing open."""

import pytest
from session_kit import settings_with

from vidgen_gui.core.errors import StorageError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.pipeline.paused_services import PausedServices
from vidgen_gui.pipeline.session import Session
from vidgen_gui.store.database import Database
from vidgen_gui.system.paths import AppPaths


@pytest.mark.req("ERR-1", "A1")
def test_a_session_that_cannot_be_opened_closes_its_store(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[Database] = []
    close = Database.close

    def note(database: Database) -> None:
        closed.append(database)
        close(database)

    def fail(_: PausedServices) -> None:
        raise StorageError(MessageId.DISK_FULL, path="paused")

    monkeypatch.setattr(Database, "close", note)
    monkeypatch.setattr(PausedServices, "take_over", fail)
    with pytest.raises(StorageError):
        Session(AppPaths.find(), settings_with(), submit=lambda _: None, emit=lambda _: None)
    assert len(closed) == 1
