"""How the C library's malloc serves this process; nothing of Python's own memory."""

import ctypes
import sys

_M_ARENA_MAX = -8
"""From glibc's malloc.h."""
ARENAS = 2


def use_few_arenas() -> None:
    """Let all threads share two of malloc's arenas; to be called before threads are started.

    glibc would make one for nearly every thread, up to eight a core, and each keeps what was
    freed in it. Players and pools start ever new threads: after 30 videos that came to 60 MB on
    two cores. Where there is no glibc, nothing is done.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, ARENAS)
