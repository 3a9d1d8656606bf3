"""Hardware profiles through the real controller: read, tried, saved, handed on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from vidgen_gui.controller.pipeline_controller import PipelineController
from vidgen_gui.controller.profile_controller import ImportedProfile, ProfileChanges
from vidgen_gui.core.hardware_profile import HardwareProfile
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.settings import Settings
from vidgen_gui.system.paths import AppPaths

EVENINGS = HardwareProfile(name="Evenings", reserve_mib=1536, rungs=("hires-tiles", "plain"))


@pytest.fixture
def real(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PipelineController]:
    monkeypatch.setenv("VIDGEN_FAKE_GPU", "RTX A2000:12288:6144")
    monkeypatch.setenv("VIDGEN_DISCOVER", "0")
    paths = AppPaths.find({"VIDGEN_HOME": str(tmp_path)})
    settings = Settings(default_output_folder=paths.videos)
    settings = settings.with_values({"network.discover": False})
    opened = PipelineController(paths, settings)
    with qtbot.waitSignal(opened.jobs_loaded):
        opened.start()
    yield opened
    with qtbot.waitSignal(opened.closed):
        opened.close()
    opened.deleteLater()


def test_saved_profiles_are_on_the_disk_and_in_force(
    qtbot: QtBot, real: PipelineController, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_VRAM_MB", "4096")
    settings = real.settings.with_values({"hardware.profile": "Evenings"})
    with qtbot.waitSignal(real.settings_changed):
        real.save_settings(settings, ProfileChanges([("", EVENINGS)]))
    with qtbot.waitSignal(real.profiles.profiles_loaded) as loaded:
        real.profiles.load()
    (view,) = loaded.args
    assert view.profiles == (EVENINGS,)
    assert [card.name for card in view.machine.cards] == ["RTX A2000"]
    assert view.machine.cards[0].is_simulated
    in_force = real._session.profile
    assert (in_force.reserve_mib, in_force.vram_limit_mib) == (1536, 4096)
    with qtbot.waitSignal(real.settings_changed):
        real.save_settings(real.settings.with_values({"hardware.profile": ""}))
    assert real._session.profile.reserve_mib == 512


def test_a_profile_is_tried_without_being_saved(qtbot: QtBot, real: PipelineController) -> None:
    narrow = EVENINGS.model_copy(update={"vram_limit_mib": 2048})
    answers = {}
    for token, profile in enumerate((HardwareProfile(), narrow)):
        with qtbot.waitSignal(real.profiles.plan_made) as made:
            real.profiles.make_plan(profile, real.settings, real.settings.video.aspect, token)
        assert made.args[0] == token
        answers[token] = made.args[1]
    wide, less = answers[0], answers[1]
    assert wide.is_assumed
    assert less.is_assumed
    assert wide.card.total_mib == 12_288
    assert wide.plan.available_mib == 6144 - 512
    assert less.plan.available_mib == 2048
    assert not list((real.paths.config / "profiles").glob("*"))


def test_profiles_are_handed_on_through_files(
    qtbot: QtBot, real: PipelineController, tmp_path: Path
) -> None:
    path = str(tmp_path / "evenings.toml")
    with qtbot.waitSignal(real.profiles.profile_exported) as exported:
        real.profiles.export_file(EVENINGS, path)
    assert exported.args == [path, None]
    with qtbot.waitSignal(real.profiles.profile_imported) as imported:
        real.profiles.import_file(path)
    assert imported.args == [ImportedProfile(EVENINGS, ())]


@pytest.mark.expected_log
def test_failed_files_are_answered_not_told_elsewhere(
    qtbot: QtBot, real: PipelineController, tmp_path: Path
) -> None:
    notices = []
    real.notice.connect(notices.append)
    with qtbot.waitSignal(real.profiles.profile_imported) as imported:
        real.profiles.import_file(str(tmp_path / "not-there.toml"))
    assert imported.args[0].id is MessageId.PROFILE_UNREADABLE
    (tmp_path / "file").write_bytes(b"")
    target = str(tmp_path / "file" / "x.toml")
    with qtbot.waitSignal(real.profiles.profile_exported) as exported:
        real.profiles.export_file(EVENINGS, target)
    assert exported.args[1].id is MessageId.DATA_UNWRITABLE
    assert notices == []
