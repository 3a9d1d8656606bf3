"""Looking up a machine's name without being held by a name server that doesn't answer.

Nothing is remembered: an answer serves those who wait for it now.
"""

import ipaddress
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from vidgen_gui.net.call import SLICE_S, Call


class Target(NamedTuple):
    """One way to reach a host: what `socket.socket` and its ``connect`` want."""

    family: int
    address: tuple[Any, ...]


@dataclass
class _Lookup:
    done: threading.Event = field(default_factory=threading.Event)
    targets: tuple[Target, ...] = ()
    error: OSError | None = None


_running: dict[tuple[str, int], _Lookup] = {}
_lock = threading.Lock()


def look_up(host: str, port: int, call: Call, give_up: float) -> tuple[Target, ...]:
    """Every address of ``host``; addresses and localhost need no name server.

    Args:
        give_up: when to stop waiting, by the monotonic clock.

    Raises:
        OSError: the name is not known, or nobody could say by then.
        Cancelled, TooSlow: by the call.
    """
    if host == "localhost" or host.endswith(".localhost"):
        # RFC 6761: always this machine. Servers listen on the older address, most on no other.
        return (
            Target(socket.AF_INET, ("127.0.0.1", port)),
            Target(socket.AF_INET6, ("::1", port, 0, 0)),
        )
    try:
        version = ipaddress.ip_address(host).version
    except ValueError:
        return _ask(host, port, call, give_up)
    if version == 4:
        return (Target(socket.AF_INET, (host, port)),)
    return (Target(socket.AF_INET6, (host, port, 0, 0)),)


def _ask(host: str, port: int, call: Call, give_up: float) -> tuple[Target, ...]:
    with _lock:
        lookup = _running.get((host, port))
        if lookup is None:
            lookup = _running[host, port] = _Lookup()
            # The system's call can't be interrupted: who stops waiting leaves the thread behind
            # until the system gives up, and at most one for a name.
            threading.Thread(
                target=_resolve,
                args=(host, port, lookup),
                name=f"vidgen-lookup-{host}"[:40],
                daemon=True,
            ).start()
    while not lookup.done.wait(SLICE_S):
        call.check()
        if time.monotonic() >= give_up:
            raise TimeoutError(f"no answer about {host}")
    if lookup.error is not None:
        raise OSError(*lookup.error.args) from lookup.error
    return lookup.targets


def _resolve(host: str, port: int, lookup: _Lookup) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        lookup.targets = tuple(dict.fromkeys(Target(entry[0], entry[4]) for entry in found))
    except OSError as error:
        lookup.error = error
    finally:
        with _lock:
            _running.pop((host, port), None)
        lookup.done.set()
