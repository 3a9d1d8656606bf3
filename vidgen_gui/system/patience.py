"""How long programs are waited for: every deadline is stretched here, and nowhere else."""

import logging
import math
import os
from functools import cache

VARIABLE = "VIDGEN_PATIENCE"
"""A factor on every deadline: 3 for a very slow machine, 0.2 to see soon what a hang does."""
LOWEST, HIGHEST = 0.02, 50.0

_logger = logging.getLogger(__name__)


def patient(seconds: float) -> float:
    """A deadline as it holds on this machine; workers inherit the factor."""
    return seconds * _factor(os.environ.get(VARIABLE, "").strip())


@cache
def _factor(given: str) -> float:
    if not given:
        return 1.0
    try:
        factor = float(given)
    except ValueError:
        factor = math.nan
    if math.isnan(factor):
        _logger.warning("%s is no number: %r", VARIABLE, given)
        return 1.0
    return min(HIGHEST, max(LOWEST, factor))
