"""Times that are promised for a machine that does nothing else, measured on one that does."""

import time

SAMPLE_S = 0.1


def slowness() -> float:
    """How many times as long as alone a thread computes here just now."""
    begun, worked = time.monotonic(), time.thread_time()
    while (done_s := time.thread_time() - worked) < SAMPLE_S:
        pass
    return max(1.0, (time.monotonic() - begun) / done_s)


def in_time(took_s: float, limit_s: float) -> bool:
    """Whether what took ``took_s`` would have taken less than ``limit_s`` alone."""
    return took_s < limit_s or took_s < limit_s * slowness()
