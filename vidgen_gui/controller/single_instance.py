"""One window a person: a second start raises the first and leaves."""

import hashlib
import logging
import time

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from vidgen_gui.core.errors import ProgramError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.system.lock import FileLock
from vidgen_gui.system.paths import AppPaths
from vidgen_gui.system.patience import patient

_logger = logging.getLogger(__name__)

CONNECT_TIMEOUT_MS = 1000
ANSWER_LIMIT_S = 15.0
"""Longer than a window takes to start or to close; a call in between is repeated."""
_STEP_S = 0.1


class SingleInstance(QObject):
    """Claims the app's data folder; the lock decides, the socket only carries the call."""

    raised = Signal()
    """Another start asked for this window."""

    def __init__(self, paths: AppPaths, parent: QObject | None = None) -> None:
        super().__init__(parent)
        digest = hashlib.sha256(str(paths.data).encode("utf-8", "surrogateescape")).hexdigest()
        self._name = f"vidgen-{digest[:16]}"
        self._lock = FileLock(paths.data / "window.lock")
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_server_new_connection)

    def claim(self) -> bool:
        """Become the one instance, or call the one that is there and return False.

        One that is closing is waited for.

        Raises:
            ProgramError: WINDOW_SILENT, one is there and doesn't answer.
        """
        give_up = time.monotonic() + patient(ANSWER_LIMIT_S)
        while not self._lock.try_acquire():
            if self._first_answers(give_up - time.monotonic()):
                return False
            if time.monotonic() >= give_up:
                raise ProgramError(MessageId.WINDOW_SILENT)
            time.sleep(_STEP_S)
        # A crash leaves the socket's file behind; the lock says that nobody serves it.
        QLocalServer.removeServer(self._name)
        if not self._server.listen(self._name):
            _logger.warning("a second start cannot raise us: %s", self._server.errorString())
        return True

    @Slot()
    def stop_answering(self) -> None:
        """This window closes: another start waits until it is gone, then opens its own."""
        self._server.close()

    def close(self) -> None:
        self._server.close()
        self._lock.release()

    def _first_answers(self, limit_s: float) -> bool:
        """Whether the first instance took our call: it hangs up then.

        The system takes calls for a program that stands still, too.
        """
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(CONNECT_TIMEOUT_MS):
            _logger.info("the first window takes no call: %s", socket.errorString())
            return False
        ended = QLocalSocket.LocalSocketState.UnconnectedState
        return socket.state() == ended or socket.waitForDisconnected(max(1, int(limit_s * 1000)))

    @Slot()
    def _on_server_new_connection(self) -> None:
        connection = self._server.nextPendingConnection()
        connection.disconnected.connect(connection.deleteLater)
        connection.disconnectFromServer()
        self.raised.emit()
