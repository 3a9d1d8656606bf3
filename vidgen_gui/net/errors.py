"""What can go wrong between us and a server, as exceptions with sentences.

::

    ServiceError
    └── NetError          .url: what was asked for (route included, query left away)
        ├── Unreachable       refused, no such name, no trusted connection, hung up
        ├── TooSlow           the deadline passed, or the answer stood still
        ├── HttpFailure       answered with a status that is no success
        ├── Garbled           answered with what cannot be read: no JSON, too large, cut short
        └── RedirectRefused   wants to send us to another server
    └── NoEndpoint        no address of a service can be used; lists each and why
"""

from collections.abc import Sequence
from typing import Any

from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.net.address import ServerAddress


class NetError(ServiceError):
    """A call to ``url``, a route of the server at ``address``, did not bring what it should."""

    def __init__(
        self,
        message_id: MessageId,
        /,
        address: ServerAddress,
        url: str,
        *,
        detail: str = "",
        **params: Any,
    ) -> None:
        super().__init__(message_id, detail=detail, address=address.url, **params)
        self.url = url


class Unreachable(NetError):
    """Nothing answers: refused, unknown name, no trusted connection, or closed unanswered."""


class TooSlow(NetError):
    """The call's deadline passed, or its answer stood still for longer than allowed."""


class HttpFailure(NetError):
    """The server answered with a status that is no success.

    Attributes:
        status: 300…599 (redirects that could not be followed are `RedirectRefused`).
        body: parsed JSON, or plain text of at most 64 KiB, "" when there is none.
        retry_after_s: what the server asks to wait, 0…86400 s, or None.
    """

    def __init__(
        self,
        message_id: MessageId,
        /,
        address: ServerAddress,
        url: str,
        *,
        status: int,
        body: Any,
        retry_after_s: float | None,
        **params: Any,
    ) -> None:
        super().__init__(message_id, address, url, status=status, **params)
        self.status = status
        self.body = body
        self.retry_after_s = retry_after_s


class Garbled(NetError):
    """The answer cannot be read: no HTTP, no JSON, too large, cut short, of the wrong length."""


class RedirectRefused(NetError):
    """The server points to another server, or in circles."""


class NoEndpoint(ServiceError):
    """No address of a service can be used. Of a single one its own error is said, if that names it.

    Attributes:
        attempts: each address that was tried, as its URL, and what came of it.
    """

    def __init__(self, attempts: Sequence[tuple[str, ServiceError]]) -> None:
        self.attempts = tuple(attempts)
        detail = "; ".join(f"{url}: {error}" for url, error in self.attempts)
        only = self.attempts[0][1].message if len(self.attempts) == 1 else None
        if only is not None and "address" in only.params:
            super().__init__(only.id, detail=detail, **only.params)
            return
        listed = [{"address": url, **error.message.to_dict()} for url, error in self.attempts]
        message_id = MessageId.NO_ENDPOINT if listed else MessageId.NO_ADDRESS
        super().__init__(message_id, detail=detail, attempts=listed)
