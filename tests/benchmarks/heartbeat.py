"""A heartbeat in a process that does nothing else: how long the machine itself stands still.

``python -m tests.benchmarks.heartbeat REPORT`` ticks until it is terminated and then writes the
late ticks to REPORT, each as its end in `time.monotonic` seconds and the milliseconds it was late,
less those in which another program had its core.
A virtual machine that is held up for a moment looks to the window as if the window had stood still.
"""

import json
import signal
import sys
import time
from pathlib import Path

TICK_S = 0.005
LATE_MS = 4
_SCHEDSTAT = Path("/proc/thread-self/schedstat")


def waited_for_core_ms() -> float:
    """How long this thread was ready and had no core, since it began; 0 where nothing tells."""
    try:
        return int(_SCHEDSTAT.read_bytes().split()[1]) / 1e6
    except FileNotFoundError:
        return 0.0


def main(report: Path) -> int:
    late: list[tuple[float, float]] = []
    ended = False

    def end(_number: int, _frame: object) -> None:
        nonlocal ended
        ended = True

    signal.signal(signal.SIGTERM, end)
    last_s, last_waited_ms = time.monotonic(), waited_for_core_ms()
    while not ended:
        time.sleep(TICK_S)
        now_s, waited_ms = time.monotonic(), waited_for_core_ms()
        late_ms = 1000 * (now_s - last_s - TICK_S) - (waited_ms - last_waited_ms)
        if late_ms > LATE_MS:
            late.append((now_s, round(late_ms, 1)))
        last_s, last_waited_ms = now_s, waited_ms
    report.write_text(json.dumps(late), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
