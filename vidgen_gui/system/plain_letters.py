"""Lets C libraries tell upper from lower case as in English, whatever language the system speaks.

In Turkish and Azerbaijani the lower case of "I" has no dot: a library that looks its own English
names up in lower case finds none of them there. Only the calling thread is concerned.
"""

import contextlib
import ctypes
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

# LC_CTYPE_MASK in <locale.h> of glibc and musl, and in macOS' <_locale.h>.
_LC_CTYPE_MASKS = {"linux": 1 << 0, "darwin": 1 << 1}


@contextlib.contextmanager
def plain_letters() -> Iterator[None]:
    """Inside, letters of C libraries on this thread are those of the locale "C".

    Windows needs nothing: its letters are not the language's.
    """
    if sys.platform not in _LC_CTYPE_MASKS:
        yield
        return
    library, plain = _plain()
    before = library.uselocale(plain)
    try:
        yield
    finally:
        library.uselocale(before)


@cache
def _plain() -> tuple[Any, int]:
    """The C library and its locale "C", which is there on every system."""
    library = ctypes.CDLL(None)
    library.newlocale.restype = library.uselocale.restype = ctypes.c_void_p
    library.newlocale.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p]
    library.uselocale.argtypes = [ctypes.c_void_p]
    return library, library.newlocale(_LC_CTYPE_MASKS[sys.platform], b"C", None)
