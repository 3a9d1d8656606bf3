"""What threads freed can be used by other threads: they share malloc's arenas."""

import subprocess
import sys

import pytest

from vidgen_gui.system.allocator import ARENAS

PROGRAM = """
import sys, threading
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
# All but the process's own begin at a multiple of 64 MiB.
starts = [int(line.split("-")[0], 16) for line in open("/proc/self/maps") if "rw-p" in line]
print(1 + sum(start % 2**26 == 0 for start in starts))
here.wait()
"""


def arenas(how: str) -> int:
    command = [sys.executable, "-c", PROGRAM, how]
    return int(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's arenas")
def test_threads_share_few_arenas() -> None:
    assert arenas("few") <= ARENAS < arenas("many")
