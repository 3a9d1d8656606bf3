"""Secrets in the system's keyring; where there is none, until the app ends.

Never in files, logs or messages.
"""

import logging
import threading

_logger = logging.getLogger(__name__)

SERVICE = "VidGen"

_lock = threading.Lock()
_kept: dict[str, str] = {}


def read_secret(name: str) -> str | None:
    """A secret, or None when there is none. May ask the person to unlock the keyring."""
    with _lock:
        if name in _kept:
            return _kept[name] or None
    # 60 ms, and on Linux a D-Bus connection, that only people with a key need.
    import keyring  # noqa: PLC0415
    from keyring.errors import KeyringError  # noqa: PLC0415

    try:
        return keyring.get_password(SERVICE, name) or None
    except (KeyringError, OSError) as error:
        _logger.info("the keyring cannot be read: %s", type(error).__name__)
        return None


def save_secret(name: str, value: str) -> bool:
    """Keep a secret; "" removes it.

    Returns:
        Whether it is kept beyond this run; False where the system has no keyring.
    """
    import keyring  # noqa: PLC0415
    from keyring.errors import KeyringError, PasswordDeleteError  # noqa: PLC0415

    with _lock:
        _kept[name] = value
    try:
        if value:
            keyring.set_password(SERVICE, name, value)
        else:
            keyring.delete_password(SERVICE, name)
    except PasswordDeleteError:
        # There was none.
        return True
    except (KeyringError, OSError) as error:
        _logger.info("the keyring cannot be written: %s", type(error).__name__)
        return False
    return True
