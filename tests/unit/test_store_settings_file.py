"""The settings file: what people wrote stays, what is broken is replaced and told."""

import os
from pathlib import Path

import pytest
import tomlkit

from vidgen_gui.core.errors import StorageError
from vidgen_gui.core.job import CaptionStyle
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.quality import Quality
from vidgen_gui.core.settings import Settings, Theme
from vidgen_gui.store.settings_file import (
    FILE_NAME,
    load_settings,
    save_settings,
    with_full_paths,
)
from vidgen_gui.store.settings_upgrades import UPGRADES
from vidgen_gui.system.paths import AppPaths

WRITTEN_BY_HAND = """\
# My settings
version = 1
favourite = "walks"   # unknown here

[general]
workers = 3   # four is too many
colour = "blue"

[captions]
style = "boxed"

[strangers.room]
lamp = true
"""


@pytest.fixture
def paths(tmp_path: Path) -> AppPaths:
    return AppPaths.find({"VIDGEN_HOME": str(tmp_path / "hömé")})


def _write(paths: AppPaths, content: str | bytes) -> Path:
    path = paths.config / FILE_NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _load(paths: AppPaths, **environ: str) -> Settings:
    settings, notices = load_settings(paths, environ)
    assert notices == ()
    return settings


def test_without_a_file_there_are_the_defaults(paths: AppPaths) -> None:
    settings = _load(paths)
    assert settings == Settings(default_output_folder=paths.videos)
    assert settings.output_folder == paths.videos
    assert not (paths.config / FILE_NAME).exists()


@pytest.mark.req("LBL-10", "LBL-19")
def test_only_what_differs_from_the_defaults_is_written(paths: AppPaths) -> None:
    changes = {"video.quality": Quality.ULTRA_LITE, "general.theme": "dark", "voice.music": False}
    save_settings(paths, _load(paths).with_values(changes), {})
    path = paths.config / FILE_NAME
    assert tomlkit.parse(path.read_text("utf-8")).unwrap() == {
        "version": len(UPGRADES) + 1,
        "video": {"quality": "ultra-lite"},
        "general": {"theme": "dark"},
        "voice": {"music": False},
    }
    settings = _load(paths)
    assert settings.video.quality is Quality.ULTRA_LITE
    assert settings.general.theme is Theme.DARK
    save_settings(paths, Settings(), {})
    assert tomlkit.parse(path.read_text("utf-8")).unwrap()["video"] == {}


def test_comments_and_unknown_keys_stay(paths: AppPaths) -> None:
    path = _write(paths, WRITTEN_BY_HAND)
    settings = _load(paths)
    assert settings.general.workers == 3
    assert settings.captions.style is CaptionStyle.BOXED
    save_settings(paths, settings.with_values({"general.workers": 4}), {})
    assert path.read_text("utf-8") == WRITTEN_BY_HAND.replace("workers = 3", "workers = 4")


@pytest.mark.req("LBL-13")
@pytest.mark.parametrize(
    "content", [b"\x00\xff\xfe", b"[general\nworkers = ", b"version = 1\nversion = 1", b"=\n"]
)
def test_a_broken_file_is_set_aside_and_the_defaults_are_used(
    paths: AppPaths, content: bytes
) -> None:
    path = _write(paths, content)
    settings, notices = load_settings(paths, {})
    assert settings == Settings(default_output_folder=paths.videos)
    (notice,) = notices
    assert notice.id is MessageId.SETTINGS_SET_ASIDE
    aside = Path(notice.params["path"])
    assert aside.name.startswith(f"{FILE_NAME}.broken-")
    assert aside.read_bytes() == content
    assert not path.exists()
    assert _load(paths) == settings
    _write(paths, content)
    second, (again,) = load_settings(paths, {})
    assert second == settings
    assert Path(again.params["path"]) != aside


@pytest.mark.req("LBL-13")
@pytest.mark.parametrize("kind", ["folder", "circle", "too long"])
def test_what_cannot_be_read_is_set_aside_too(paths: AppPaths, kind: str) -> None:
    path = _write(paths, b"# x\n" * 300_000)
    if kind != "too long":
        path.unlink()
        path.mkdir() if kind == "folder" else path.symlink_to(path)
    settings, (notice,) = load_settings(paths, {})
    assert settings == Settings(default_output_folder=paths.videos)
    assert notice.id is MessageId.SETTINGS_SET_ASIDE
    assert os.path.lexists(notice.params["path"])
    save_settings(paths, settings.with_values({"captions.shown": False}), {})
    assert not _load(paths).captions.shown


def test_a_path_that_leads_nowhere_costs_only_itself(paths: AppPaths) -> None:
    _write(
        paths,
        '[general]\nworkers = 3\noutput_folder = "/videos/\\u0000"\n'
        '[advanced]\nffmpeg_path = "~nobody-of-that-name/ffmpeg"\n',
    )
    settings, notices = load_settings(paths, {"TMPDIR": "~nobody-of-that-name"})
    assert settings.general.workers == 3
    assert settings.job_options()["output_dir"] == paths.videos
    assert settings.advanced.ffmpeg_path == settings.advanced.temp_folder == ""
    assert {notice.id for notice in notices} == {MessageId.SETTING_INVALID}
    assert len(notices) == 3


@pytest.mark.req("LBL-13", "AUD-33")
def test_one_bad_value_costs_only_itself(paths: AppPaths) -> None:
    _write(
        paths,
        'captions = 5\n[general]\nworkers = 9\ntheme = "pink"\n'
        '[video]\nquality = "high"\naspect = ["9:16"]\n',
    )
    settings, notices = load_settings(paths, {})
    assert settings.general.workers == 4
    assert settings.general.theme is Theme.SYSTEM
    assert settings.video.quality is Quality.HIGH
    told = {(notice.id, notice.params["field"]) for notice in notices}
    assert told == {
        (MessageId.SETTING_CLAMPED, "Steps at the same time"),
        (MessageId.SETTING_INVALID, "Appearance"),
        (MessageId.SETTING_INVALID, "Shape"),
        (MessageId.SETTING_INVALID, "[captions]"),
    }
    assert len(notices) == 4
    save_settings(paths, settings.with_values({"captions.shown": False}), {})
    after, _ = load_settings(paths, {})
    assert after.captions.shown is False


def test_the_environment_wins_but_is_never_written(paths: AppPaths) -> None:
    path = _write(paths, '[general]\nworkers = 3\noutput_folder = "/mine"\n')
    environ = {"MAX_WORKERS": "1", "VIDEO_DIR": "/theirs"}
    settings = _load(paths, **environ)
    assert settings.general.workers == 1
    assert settings.output_folder == Path("/theirs")
    save_settings(paths, settings.with_values({"voice.music": False}), environ)
    written = tomlkit.parse(path.read_text("utf-8")).unwrap()
    assert written["general"] == {"workers": 3, "output_folder": "/mine"}
    assert written["voice"] == {"music": False}
    assert _load(paths).general.workers == 3


@pytest.mark.req("LBL-18")
def test_folders_are_resolved(
    paths: AppPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert _load(paths, VIDEO_DIR="~/clips").output_folder == tmp_path / "clips"
    assert _load(paths, VIDEO_DIR="clips/../more").output_folder == tmp_path / "more"
    path = _write(paths, '[general]\noutput_folder = "~/clips"\n')
    settings = _load(paths)
    assert settings.output_folder == tmp_path / "clips"
    save_settings(paths, settings.with_values({"voice.music": False}), {})
    assert 'output_folder = "~/clips"' in path.read_text("utf-8")


def test_a_home_sign_before_a_file_or_program_is_filled_in(
    paths: AppPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    python = tmp_path / "ComfyUI" / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to("/usr/bin/env")
    _write(
        paths,
        '[script_writer]\nmodel_file = "~/gemma.gguf"\n'
        '[image_maker]\npython = "~/ComfyUI/venv/bin/python"\n',
    )
    settings = _load(paths)
    assert settings.script_writer.model_file == str(tmp_path / "gemma.gguf")
    # The link itself: where it leads, Python would not find the environment's packages.
    assert settings.image_maker.python == str(python)
    typed = Settings().with_values({"image_maker.workflow_file": "~/my.json"})
    assert with_full_paths(typed).image_maker.workflow_file == str(tmp_path / "my.json")


def _to_2(document: tomlkit.TOMLDocument) -> None:
    document["general"]["workers"] = document["general"].pop("threads")  # type: ignore[index,union-attr]


def _to_3(document: tomlkit.TOMLDocument) -> None:
    document["general"]["workers"] += 1  # type: ignore[index,operator]


@pytest.mark.parametrize(
    ("version", "name", "workers"), [("", "threads", 3), ("version = 1", "threads", 3),
                                     ("version = 2", "workers", 3), ("version = 3", "workers", 2),
                                     ("version = 99", "workers", 2)]
)  # fmt: skip
def test_old_files_are_upgraded_step_by_step(
    paths: AppPaths, version: str, name: str, workers: int
) -> None:
    path = _write(paths, f"{version}\n[general]\n{name} = 2  # kept\n")
    upgrades = (_to_2, _to_3)
    settings, notices = load_settings(paths, {}, upgrades=upgrades)
    assert (settings.general.workers, notices) == (workers, ())
    save_settings(paths, settings.with_values({"general.theme": "dark"}), {}, upgrades=upgrades)
    written = tomlkit.parse(path.read_text("utf-8")).unwrap()
    assert written["version"] == (99 if "99" in version else 3)
    assert written["general"] == {"workers": workers, "theme": "dark"}
    assert "# kept" in path.read_text("utf-8") or name == "threads"


def test_every_upgrade_has_a_test() -> None:
    for number in range(2, len(UPGRADES) + 2):
        assert f"test_upgrade_to_{number}" in globals()


@pytest.mark.parametrize("version", ['"new"', "0", "-1", "true", "[1]"])
def test_a_strange_version_does_no_harm(paths: AppPaths, version: str) -> None:
    _write(paths, f"version = {version}\n[general]\nworkers = 3\n")
    assert _load(paths).general.workers == 3


def test_an_unwritable_folder_is_said_plainly(paths: AppPaths) -> None:
    paths.config.parent.mkdir(parents=True)
    paths.config.write_bytes(b"a file")
    with pytest.raises(StorageError) as caught:
        save_settings(paths, Settings().with_values({"voice.music": False}), {})
    assert caught.value.message.id is MessageId.SETTINGS_UNWRITABLE


def test_what_a_kill_left_of_a_save_is_swept(paths: AppPaths) -> None:
    path = _write(paths, WRITTEN_BY_HAND)
    stale, fresh = (path.with_name(f".{path.name}.{n}.tmp") for n in ("a", "b"))
    for leftover in (stale, fresh):
        leftover.write_bytes(b"half")
    os.utime(stale, (1e9, 1e9))
    _load(paths)
    assert (stale.exists(), fresh.exists()) == (False, True)
