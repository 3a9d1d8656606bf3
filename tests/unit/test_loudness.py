"""Reading the loudness meter's log, and what counts as right."""

import math

import pytest

from vidgen_gui.media.loudness import Loudness, meter, read_summaries

LOG = """
[ebur128@music @ 0x7f3f54002dc0] Summary:

  Integrated loudness:
    I:         -20.2 LUFS
    Threshold: -30.2 LUFS

  Loudness range:
    LRA:         4.3 LU
    Threshold: -40.0 LUFS
    LRA low:   -22.1 LUFS
    LRA high:  -17.8 LUFS

  True peak:
    Peak:       -5.8 dBFS
[out#0/null @ 0x55a2fe93e740] video:0KiB audio:4500KiB subtitle:0KiB other streams:0KiB
[ebur128@voice0 @ 0x7f3f540028c0] Summary:

  Integrated loudness:
    I:         -24.9 LUFS
    Threshold: -35.0 LUFS

  Loudness range:
    LRA:         0.0 LU
    Threshold:   0.0 LUFS
    LRA low:     0.0 LUFS
    LRA high:    0.0 LUFS
[Parsed_ebur128_0 @ 0x7f3f540028c0] Summary:
  Integrated loudness:
    I:         -70.0 LUFS
    Threshold:   0.0 LUFS
  True peak:
    Peak:       -inf dBFS
[ebur128@short @ 0x1] Summary:
  Integrated loudness:
    I:           nan LUFS
"""


def test_every_meter_of_a_log_is_found_by_its_name() -> None:
    figures = read_summaries(LOG)

    assert figures["music"] == Loudness(-20.2, -5.8)
    assert figures["voice0"] == Loudness(-24.9, -math.inf)
    assert figures["Parsed_ebur128_0"] == Loudness(-70.0, -math.inf)
    assert figures["short"] == Loudness(-math.inf, -math.inf)
    assert len(figures) == 4


def test_a_log_without_meters_has_none() -> None:
    assert read_summaries("I: -14.0 LUFS\n    Peak: -1.0 dBFS\n") == {}


def test_a_meter_names_itself_and_measures_peaks_only_when_asked() -> None:
    assert meter("a") == "ebur128@a=framelog=quiet"
    assert meter("a", true_peak=True).endswith(":peak=true")


@pytest.mark.req("N2")
@pytest.mark.parametrize(
    ("loudness_lufs", "peak_dbtp", "right"),
    [
        (-14.0, -1.0, True),
        (-14.5, -3.0, True),
        (-13.5, -1.7, True),
        (-14.6, -1.7, False),
        (-13.4, -1.7, False),
        (-14.0, -0.9, False),
        (-math.inf, -math.inf, False),
    ],
)
def test_right_is_half_a_unit_around_the_target_and_under_the_peak(
    loudness_lufs: float,
    peak_dbtp: float,
    right: bool,  # noqa: FBT001
) -> None:
    assert Loudness(loudness_lufs, peak_dbtp).is_right is right


@pytest.mark.parametrize(
    ("loudness_lufs", "silence"), [(-70.0, True), (-math.inf, True), (-69.0, False)]
)
def test_what_lies_under_the_gate_is_silence(
    loudness_lufs: float,
    silence: bool,  # noqa: FBT001
) -> None:
    assert Loudness(loudness_lufs).is_silence is silence
