"""Hardware profiles against a running image server: in force, and tried without being used."""

import pytest
from fakes.comfyui import FakeComfyUI
from session_kit import open_app, settings_with

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.hardware_profile import FreeAfter, HardwareProfile, QualityPolicy
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.plan import PAINTER
from vidgen_gui.core.quality import Aspect, Quality
from vidgen_gui.core.settings import Settings
from vidgen_gui.pipeline.profile_trial import Trial, try_profile
from vidgen_gui.pipeline.session import Session
from vidgen_gui.store.profiles import FOLDER, change_profiles
from vidgen_gui.system.paths import AppPaths


@pytest.fixture(autouse=True)
def _two_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDGEN_PATIENCE", "0.3")
    monkeypatch.setenv("VIDGEN_FAKE_GPU", "Small:4096:3000;Large:24576:20000")
    for name in ("MAX_VRAM_MB", "AUTO_QUALITY_DOWNGRADE", "MAX_WORKERS", "FREE_VRAM_AFTER_GEN"):
        monkeypatch.delenv(name, raising=False)


def _try(profile: HardwareProfile, settings: Settings, session: Session) -> Trial:
    return try_profile(
        profile,
        settings,
        session,
        quality=Quality.ULTRA,
        aspect=Aspect.PORTRAIT,
        cancel=CancelToken(),
    )


@pytest.mark.req("G2", "B5")
def test_a_profile_is_tried_with_the_server_that_answers() -> None:
    with FakeComfyUI() as server:
        settings = settings_with(image_maker={"url": server.url})
        with open_app(settings) as app:
            usual = _try(HardwareProfile(), settings, app.session)
            other = _try(HardwareProfile(gpu="Large"), settings, app.session)
            none_left = _try(
                HardwareProfile(vram_limit_mib=64, quality_policy=QualityPolicy.KEEP),
                settings,
                app.session,
            )
            assert app.session.profile.gpu == ""
    assert not usual.is_assumed
    first = usual.plan.first.picture
    assert first is not None
    assert first.checkpoint == "sd15.safetensors"
    assert usual.card.name == "Small"
    assert usual.plan.available_mib == 3000 - 512
    assert other.card.name == "Large"
    assert other.plan.available_mib == 20_000 - 512
    assert not none_left.is_assumed
    assert none_left.plan.first.name == PAINTER


def test_a_server_that_is_not_wanted_is_not_assumed() -> None:
    settings = settings_with(image_maker={"enabled": False})
    with open_app(settings) as app:
        trial = _try(HardwareProfile(), settings, app.session)
    assert not trial.is_assumed
    assert trial.plan.first.name == PAINTER


@pytest.mark.req("ENV", "G2")
def test_the_chosen_profile_and_the_environment_are_in_force_from_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine = HardwareProfile(
        name="Mine", gpu="Large", vram_limit_mib=9000, free_after=FreeAfter.NO, workers=3
    )
    change_profiles(AppPaths.find(), [("", mine)])
    settings = settings_with(hardware={"profile": "Mine"})
    monkeypatch.setenv("MAX_VRAM_MB", "5000")
    with open_app(settings) as app:
        session = app.session
        assert session.profile.vram_limit_mib == 5000
        assert session.keeper.memory(CancelToken()).name == "Large"
        assert session.settings.general.workers == 3
        assert not session.settings.image_maker.free_after
        session.use_settings(settings_with())
        assert session.profile.vram_limit_mib == 5000
        assert session.keeper.memory(CancelToken()).name == "Small"
        assert session.settings.image_maker.free_after


def test_a_damaged_or_missing_profile_is_told_at_the_start() -> None:
    paths = AppPaths.find()
    (paths.config / FOLDER).mkdir(parents=True)
    (paths.config / FOLDER / "mine.toml").write_bytes(b"name = ")
    with open_app(settings_with(hardware={"profile": "Mine"})) as app:
        told = [notice.id for notice in app.session.notices]
        assert app.session.profile.reserve_mib == HardwareProfile().reserve_mib
    assert told == [MessageId.PROFILE_SET_ASIDE, MessageId.PROFILE_MISSING]
