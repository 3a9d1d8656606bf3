"""Which limits are in force: command line, environment, profile, settings, default."""

import pytest

from vidgen_gui.core.effective_profile import VARIABLES, effective_profile
from vidgen_gui.core.environment import read_environment
from vidgen_gui.core.errors import InputError
from vidgen_gui.core.hardware_profile import (
    LONGEST_NAME,
    FreeAfter,
    HardwareProfile,
    PauseScriptWriter,
    QualityPolicy,
    free_name,
    profile_fields,
    profile_name,
)
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.quality import Quality
from vidgen_gui.core.setting_declaration import Normalized, SettingKind, normalized
from vidgen_gui.core.settings import Settings

MINE = HardwareProfile(
    name="Mine", vram_limit_mib=8192, quality_policy=QualityPolicy.ASK, workers=3
)


def _settings(**environ: str) -> Settings:
    return Settings().with_values(read_environment(environ).values)


def test_every_value_of_a_profile_declares_all_that_a_dialog_needs() -> None:
    for name, field in profile_fields().items():
        assert field.name == name
        assert field.title.strip()
        assert field.help_text.endswith("."), name
        assert field.default == getattr(HardwareProfile(), name)
        assert (field.kind is SettingKind.CHOICE) == bool(field.choices), name
        assert (field.kind is SettingKind.NUMBER) == (None not in (field.low, field.high)), name


@pytest.mark.req("ENV", "G2")
@pytest.mark.parametrize(
    ("argument", "environ", "profile", "expected"),
    [
        (2048, "4096", 8192, 2048),
        (None, "4096", 8192, 4096),
        (None, "", 8192, 8192),
        (None, "", 0, 0),
        (0, "4096", 8192, 0),
    ],
)
def test_the_memory_limit_by_precedence(
    argument: int | None, environ: str, profile: int, expected: int
) -> None:
    variables = {"MAX_VRAM_MB": environ} if environ else {}
    effective = effective_profile(
        HardwareProfile(vram_limit_mib=profile),
        Settings(),
        variables,
        {"vram_limit_mib": argument},
    )
    assert effective.profile.vram_limit_mib == expected
    named = {"vram_limit_mib": "MAX_VRAM_MB"} if environ and argument is None else {}
    assert dict(effective.variables) == named
    assert effective.notices == ()


@pytest.mark.req("ENV", "G2")
@pytest.mark.parametrize(
    ("given", "policy"),
    [
        ("1", QualityPolicy.LOWER),
        ("true", QualityPolicy.LOWER),
        ("0", QualityPolicy.KEEP),
        ("off", QualityPolicy.KEEP),
        ("", QualityPolicy.ASK),
    ],
)
def test_whether_quality_may_be_lowered(given: str, policy: QualityPolicy) -> None:
    effective = effective_profile(MINE, Settings(), {"AUTO_QUALITY_DOWNGRADE": given})
    assert effective.profile.quality_policy is policy


@pytest.mark.parametrize(
    ("in_settings", "in_profile", "variable", "expected"),
    [(2, 0, "", 2), (2, 3, "", 3), (1, 3, "", 3), (2, 3, "1", 1), (2, 0, "4", 4), (2, 3, "0", 1)],
)
def test_how_many_steps_at_once_by_precedence(
    in_settings: int, in_profile: int, variable: str, expected: int
) -> None:
    environ = {"MAX_WORKERS": variable}
    settings = Settings().with_values({"general.workers": in_settings})
    settings = settings.with_values(read_environment(environ).values)
    effective = effective_profile(HardwareProfile(workers=in_profile), settings, environ)
    assert effective.profile.workers == expected
    assert effective.settings.general.workers == expected
    # The clamped 0 was told with the settings; once is enough.
    assert effective.notices == ()


@pytest.mark.req("ENV")
@pytest.mark.parametrize(
    ("in_profile", "variable", "expected"),
    [
        (FreeAfter.AS_SET, "", True),
        (FreeAfter.NO, "", False),
        (FreeAfter.YES, "no", False),
        (FreeAfter.NO, "yes", True),
        (FreeAfter.AS_SET, "no", False),
    ],
)
def test_whether_memory_is_freed_by_precedence(
    in_profile: FreeAfter, variable: str, *, expected: bool
) -> None:
    environ = {"FREE_VRAM_AFTER_GEN": variable}
    profile = HardwareProfile(free_after=in_profile)
    effective = effective_profile(profile, _settings(**environ), environ)
    assert effective.settings.image_maker.free_after is expected
    assert effective.profile.free_after is (FreeAfter.YES if expected else FreeAfter.NO)


@pytest.mark.parametrize("given", ["lots", "nan", "6.5", "inf", "1e9999", "-"])
def test_a_variable_that_says_nothing_is_told_and_the_profile_counts(given: str) -> None:
    effective = effective_profile(
        MINE, Settings(), {"MAX_VRAM_MB": given, "AUTO_QUALITY_DOWNGRADE": "perhaps"}
    )
    assert effective.profile.vram_limit_mib == 8192
    assert effective.profile.quality_policy is QualityPolicy.ASK
    assert effective.variables == {}
    first, second = effective.notices
    assert {first.id, second.id} == {MessageId.ENVIRONMENT_INVALID}
    assert first.params == {"name": "MAX_VRAM_MB", "given": given}


@pytest.mark.parametrize(("given", "used"), [("-6", 0), ("99999999999999999999", 1_048_576)])
def test_a_limit_out_of_bounds_is_put_into_them_and_told(given: str, used: int) -> None:
    effective = effective_profile(MINE, Settings(), {"MAX_VRAM_MB": given})
    assert effective.profile.vram_limit_mib == used
    (notice,) = effective.notices
    assert notice.id is MessageId.ENVIRONMENT_CLAMPED
    assert notice.params["used"] == used


def test_an_impossible_argument_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        effective_profile(MINE, Settings(), {}, {"vram_limit_mib": -1})
    assert caught.value.message.id is MessageId.VALUE_INVALID


def test_settings_of_neither_stay_as_they_are() -> None:
    settings = Settings().with_values({"video.quality": "ultra", "hardware.profile": "Mine"})
    effective = effective_profile(MINE, settings, {})
    assert effective.settings == settings.with_values({"general.workers": 3})
    assert effective.profile == MINE.model_copy(update={"free_after": FreeAfter.YES})


def test_each_variable_names_a_value_of_a_profile() -> None:
    assert set(VARIABLES.values()) <= set(profile_fields())


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("rungs", ["hires-full", " HIRES-FULL ", "plain"], Normalized(("hires-full", "plain"))),
        ("rungs", ["high/hires-full-tiled"], Normalized(("high/hires-full-tiled",))),
        ("rungs", "plain", Normalized((), invalid=True)),
        ("rungs", ["../etc"], Normalized((), invalid=True)),
        ("rungs", [3], Normalized((), invalid=True)),
        ("rungs", ["a"] * 65, Normalized((), invalid=True)),
        ("lowest_quality", "ultra lite", Normalized(Quality.ULTRA_LITE)),
        ("pause_script_writer", "ask", Normalized(PauseScriptWriter.ASK)),
        ("reserve_mib", "1024", Normalized(1024)),
        ("reserve_mib", 65_537, Normalized(65_536, clamped=True)),
        ("reserve_mib", float("nan"), Normalized(512, invalid=True)),
        ("cpu_allowed", "on", Normalized(value=True)),
    ],
)
def test_values_from_outside(name: str, given: object, expected: Normalized) -> None:
    assert normalized(HardwareProfile, profile_fields()[name], given) == expected


def test_names_are_one_line_of_plain_text() -> None:
    assert profile_name(" Big\u202e\n card\x00 ") == "Big card"
    assert len(profile_name("x" * 500)) == LONGEST_NAME


def test_a_taken_name_is_numbered() -> None:
    assert free_name("Mine", []) == "Mine"
    assert free_name("Mine", ["mine", "Mine 2"]) == "Mine 3"
    assert len(free_name("x" * LONGEST_NAME, ["x" * LONGEST_NAME])) <= LONGEST_NAME
