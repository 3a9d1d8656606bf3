"""What is promised of the 12 GB card with 6 GB free, and of a larger one."""

import pytest
from vram_sums import FAMILIES, FREE_MIB, best_by_rules, large, small, twelve_gb, ultra

from vidgen_gui.core.hardware_profile import USUAL_RESERVE_MIB
from vidgen_gui.core.image_family import Family
from vidgen_gui.core.picture_sizes import area_px


@pytest.mark.req("WISH", "LBL-2")
@pytest.mark.parametrize("family", FAMILIES)
def test_ultra_beside_the_model_keeps_the_highest_way_that_the_rules_admit(family: Family) -> None:
    kept = ultra(family, small(may_pause=False))
    assert kept.first.name == best_by_rules(kept, FREE_MIB - USUAL_RESERVE_MIB)
    assert kept.first.name == "hires-full-tiled"
    assert not kept.pauses_script_writer
    assert str(kept.delivered) == "1440×2560"
    picture = kept.first.picture
    assert picture is not None
    # The full picture is redrawn at its full size.
    assert picture.refine_size == picture.final


@pytest.mark.req("WISH", "LBL-1")
@pytest.mark.parametrize("family", FAMILIES)
def test_with_the_model_paused_or_a_larger_card_it_is_as_good_or_better(family: Family) -> None:
    kept, paused = (ultra(family, small(may_pause=may)) for may in (False, True))
    assert paused.start <= kept.start
    better = ultra(family, large()).first.picture
    usual = kept.first.picture
    assert better is not None
    assert usual is not None
    assert better.refine_size is not None
    assert usual.refine_size is not None
    # From 24 GB on, more detail is drawn than the video shows, and scaled down.
    assert area_px(better.refine_size) > 1.2 * area_px(usual.refine_size)


def test_the_sums_are_written_down() -> None:
    text = twelve_gb()
    assert "5,632 MiB" in text
    for family in FAMILIES:
        assert f"### {family.value}" in text
