"""The sentences about servers and their addresses; `words` says them."""

from collections.abc import Mapping
from types import MappingProxyType

from vidgen_gui.core.messages import MessageId
from vidgen_gui.ui.marks import QT_TRANSLATE_NOOP

SERVER_WORDS: Mapping[MessageId, tuple[str, str]] = MappingProxyType(
    {
        MessageId.ADDRESS_INVALID: (
            QT_TRANSLATE_NOOP("words", "“{given}” is not the address of a server."),
            QT_TRANSLATE_NOOP(
                "words",
                "Write it like 127.0.0.1:8188 or http://name:8080; other kinds than http and "
                "https don't work.",
            ),
        ),
        MessageId.ADDRESS_HAS_PASSWORD: (
            QT_TRANSLATE_NOOP("words", "The address holds a name or a password."),
            QT_TRANSLATE_NOOP(
                "words",
                "Leave out what stands before the @. A key has its own place beside the address.",
            ),
        ),
        MessageId.API_KEY_INVALID: (
            QT_TRANSLATE_NOOP("words", "The key has characters that no key can have."),
            QT_TRANSLATE_NOOP("words", "Copy it once more, without anything around it."),
        ),
        MessageId.SERVER_UNREACHABLE: (
            QT_TRANSLATE_NOOP("words", "VidGen could not reach {address}: nothing answers there."),
            QT_TRANSLATE_NOOP("words", "Start the program or correct its address."),
        ),
        MessageId.SERVER_NAME_UNKNOWN: (
            QT_TRANSLATE_NOOP(
                "words", "VidGen could not reach {address}: no machine named {host} was found."
            ),
            QT_TRANSLATE_NOOP(
                "words", "Check how the address is written, and the network connection."
            ),
        ),
        MessageId.SERVER_NOT_TRUSTED: (
            QT_TRANSLATE_NOOP(
                "words", "VidGen could not make a secure connection to {address} that it trusts."
            ),
            QT_TRANSLATE_NOOP(
                "words",
                "If the program speaks plain http, write http:// instead of https://. Else add "
                "its certificate to those that this computer trusts.",
            ),
        ),
        MessageId.SERVER_HUNG_UP: (
            QT_TRANSLATE_NOOP(
                "words", "The server at {address} closed the connection without an answer."
            ),
            QT_TRANSLATE_NOOP(
                "words", "Look whether the program still runs; start it again if it doesn't."
            ),
        ),
        MessageId.SERVER_TOO_SLOW: (
            QT_TRANSLATE_NOOP("words", "The server at {address} was not done within {waited_s} s."),
            QT_TRANSLATE_NOOP(
                "words", "It may be busy or stuck: try again, or start the program again."
            ),
        ),
        MessageId.SERVER_STALLED: (
            QT_TRANSLATE_NOOP(
                "words",
                "The server at {address} stopped in the middle of its answer for {waited_s} s.",
            ),
            QT_TRANSLATE_NOOP(
                "words", "It may be busy or stuck: try again, or start the program again."
            ),
        ),
        MessageId.SERVER_WANTS_KEY: (
            QT_TRANSLATE_NOOP(
                "words", "The server at {address} lets nobody in without a key (HTTP {status})."
            ),
            QT_TRANSLATE_NOOP("words", "Enter its key beside the address."),
        ),
        MessageId.SERVER_LACKS_ROUTE: (
            QT_TRANSLATE_NOOP(
                "words",
                "Something answers at {address}, but it lacks what VidGen asks for "
                "(HTTP {status}).",
            ),
            QT_TRANSLATE_NOOP(
                "words", "Check that this is the address of the right program, and its version."
            ),
        ),
        MessageId.SERVER_BUSY: (
            QT_TRANSLATE_NOOP("words", "The server at {address} is busy now (HTTP {status})."),
            QT_TRANSLATE_NOOP("words", "Try again in a moment."),
        ),
        MessageId.SERVER_REFUSED: (
            QT_TRANSLATE_NOOP(
                "words", "The server at {address} refused what VidGen asked for (HTTP {status})."
            ),
            QT_TRANSLATE_NOOP("words", "The program's own log may say more."),
        ),
        MessageId.SERVER_FAILED: (
            QT_TRANSLATE_NOOP(
                "words", "The server at {address} has a fault of its own (HTTP {status})."
            ),
            QT_TRANSLATE_NOOP(
                "words", "Try again. If it fails again, look into the program's own log."
            ),
        ),
        MessageId.SERVER_GARBLED: (
            QT_TRANSLATE_NOOP(
                "words", "The server at {address} answers with what VidGen cannot read."
            ),
            QT_TRANSLATE_NOOP("words", "Check that this is the address of the right program."),
        ),
        MessageId.SERVER_ANSWER_CUT: (
            QT_TRANSLATE_NOOP("words", "The answer of {address} broke off."),
            QT_TRANSLATE_NOOP(
                "words", "Look whether the program still runs; start it again if it doesn't."
            ),
        ),
        MessageId.SERVER_ANSWER_TOO_LARGE: (
            QT_TRANSLATE_NOOP(
                "words", "The answer of {address} is larger than {limit_mib}, which is no use."
            ),
            QT_TRANSLATE_NOOP("words", "Check that this is the address of the right program."),
        ),
        MessageId.SERVER_REDIRECTS: (
            QT_TRANSLATE_NOOP(
                "words",
                "The server at {address} sends VidGen on to another place; it stays here.",
            ),
            QT_TRANSLATE_NOOP("words", "If you trust that place, make it the address: {target}"),
        ),
        MessageId.NO_ENDPOINT: (
            QT_TRANSLATE_NOOP("words", "None of the addresses can be used. {attempts}"),
            QT_TRANSLATE_NOOP("words", "Start the program or correct its address."),
        ),
        MessageId.NO_ADDRESS: (
            QT_TRANSLATE_NOOP("words", "No address is set."),
            QT_TRANSLATE_NOOP("words", "Enter the address of the program, or start it from here."),
        ),
    }
)

FULLER_SERVER_WORDS: Mapping[MessageId, str] = MappingProxyType(
    {
        MessageId.SERVER_REFUSED: QT_TRANSLATE_NOOP(
            "words",
            "The server at {address} refused what VidGen asked for (HTTP {status}): {words}",
        ),
        MessageId.SERVER_FAILED: QT_TRANSLATE_NOOP(
            "words", "The server at {address} has a fault of its own (HTTP {status}): {words}"
        ),
        MessageId.SERVER_BUSY: QT_TRANSLATE_NOOP(
            "words", "The server at {address} is busy now (HTTP {status}): {words}"
        ),
    }
)
"""Said instead when the server gave words of its own."""
