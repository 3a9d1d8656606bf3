"""What threads freed can be used by other threads: they share malloc's arenas."""

import subprocess
import sys

import pytest

from vidgen_gui.system.allocator import ARENAS

PROGRAM = """
import ctypes, sys, threading
from vidgen_gui.system.allocator import use_few_arenas

if sys.argv[1] == "few":
    use_few_arenas()
here = threading.Barrier(9)

def work():
    kept = bytearray(20_000)
    here.wait()
    here.wait()

threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
here.wait()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(libc.fopen(b"/dev/stdout", b"w"))
libc.malloc_info(0, out)
libc.fclose(out)
here.wait()
"""


def arenas(how: str) -> int:
    command = [sys.executable, "-c", PROGRAM, how]
    told = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    return told.count(b"<heap nr=")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's arenas")
def test_threads_share_few_arenas() -> None:
    assert arenas("few") <= ARENAS < arenas("many")
