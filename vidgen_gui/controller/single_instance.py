"""One window a person: a second start raises the first and leaves."""

import hashlib
import logging

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from vidgen_gui.system.lock import FileLock
from vidgen_gui.system.paths import AppPaths

_logger = logging.getLogger(__name__)

CONNECT_TIMEOUT_MS = 1000


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
        """Become the one instance, or call the one that is there and return False."""
        if not self._lock.try_acquire():
            self._call_first()
            return False
        # A crash leaves the socket's file behind; the lock says that nobody serves it.
        QLocalServer.removeServer(self._name)
        if not self._server.listen(self._name):
            _logger.warning("a second start cannot raise us: %s", self._server.errorString())
        return True

    def close(self) -> None:
        self._server.close()
        self._lock.release()

    def _call_first(self) -> None:
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if socket.waitForConnected(CONNECT_TIMEOUT_MS):
            socket.disconnectFromServer()
        else:
            _logger.warning("the first window does not answer: %s", socket.errorString())

    @Slot()
    def _on_server_new_connection(self) -> None:
        connection = self._server.nextPendingConnection()
        connection.disconnected.connect(connection.deleteLater)
        connection.disconnectFromServer()
        self.raised.emit()
