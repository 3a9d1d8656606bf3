"""Hardware profiles on the disk: what people wrote stays, what is broken costs only itself."""

import os
from pathlib import Path

import pytest
import tomlkit

from vidgen_gui.core.errors import InputError, StorageError
from vidgen_gui.core.hardware_profile import (
    FreeAfter,
    HardwareProfile,
    PauseScriptWriter,
    QualityPolicy,
    profile_fields,
)
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.quality import Quality
from vidgen_gui.core.settings import Settings
from vidgen_gui.store.profiles import (
    FOLDER,
    MOST_BYTES,
    change_profiles,
    export_profile,
    import_profile,
    load_profiles,
    profile_in_force,
)
from vidgen_gui.store.settings_file import load_settings, save_settings
from vidgen_gui.system.paths import AppPaths

FULL = HardwareProfile(
    name="Büro · 12 GB",
    gpu="NVIDIA RTX A2000 12GB",
    vram_limit_mib=6144,
    reserve_mib=1024,
    pause_script_writer=PauseScriptWriter.ASK,
    stop_found_programs=True,
    rungs=("hires-full-tiled", "plain"),
    quality_policy=QualityPolicy.KEEP,
    lowest_quality=Quality.ULTRA_LITE,
    cpu_allowed=True,
    free_after=FreeAfter.NO,
    workers=1,
    ram_limit_mib=12_000,
    comfyui_flags="--lowvram --reserve-vram 1",
)


@pytest.fixture
def paths(tmp_path: Path) -> AppPaths:
    return AppPaths.find({"VIDGEN_HOME": str(tmp_path / "hömé")})


def _write(paths: AppPaths, name: str, content: str | bytes) -> Path:
    path = paths.config / FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _files(paths: AppPaths) -> list[str]:
    return sorted(path.name for path in (paths.config / FOLDER).iterdir())


def test_without_a_folder_there_is_none(paths: AppPaths) -> None:
    assert load_profiles(paths) == load_profiles(paths)
    assert load_profiles(paths).profiles == ()
    assert not paths.config.exists()


def test_every_value_comes_back(paths: AppPaths) -> None:
    change_profiles(paths, [("", FULL)])
    assert load_profiles(paths).profiles == (FULL,)
    assert load_profiles(paths).notices == ()
    assert load_profiles(paths).named("Büro · 12 GB") == FULL
    assert load_profiles(paths).named("Büro") is None
    assert _files(paths) == ["büro-12-gb.toml"]
    # A test that forgets a value would prove nothing about it.
    defaults = HardwareProfile()
    assert all(getattr(FULL, name) != getattr(defaults, name) for name in profile_fields())


def test_only_what_differs_from_the_defaults_is_written(paths: AppPaths) -> None:
    change_profiles(paths, [("", HardwareProfile(name="Plain", reserve_mib=600))])
    path = paths.config / FOLDER / "plain.toml"
    written = tomlkit.parse(path.read_text("utf-8")).unwrap()
    assert written == {"version": 1, "name": "Plain", "reserve_mib": 600}
    change_profiles(paths, [("Plain", HardwareProfile(name="Plain"))])
    assert tomlkit.parse(path.read_text("utf-8")).unwrap() == {"version": 1, "name": "Plain"}


def test_comments_and_unknown_keys_stay(paths: AppPaths) -> None:
    text = '# My card\nname = "Mine"\nreserve_mib = 700  # the desktop\nfans = "loud"\n'
    path = _write(paths, "mine.toml", text)
    (mine,) = load_profiles(paths).profiles
    change_profiles(paths, [("Mine", mine.model_copy(update={"reserve_mib": 800}))])
    assert path.read_text("utf-8") == text.replace("700", "800")


def test_a_renamed_profile_keeps_what_else_was_in_its_file(paths: AppPaths) -> None:
    _write(paths, "mine.toml", 'name = "Mine"\nfans = "loud"\n')
    (mine,) = load_profiles(paths).profiles
    change_profiles(paths, [("Mine", mine.model_copy(update={"name": "Yours"}))])
    assert _files(paths) == ["yours.toml"]
    assert 'fans = "loud"' in (paths.config / FOLDER / "yours.toml").read_text("utf-8")


def test_two_profiles_swap_their_names(paths: AppPaths) -> None:
    one, two = HardwareProfile(name="One", workers=1), HardwareProfile(name="Two", workers=2)
    change_profiles(paths, [("", one), ("", two)])
    swapped = [
        ("One", one.model_copy(update={"name": "Two"})),
        ("Two", two.model_copy(update={"name": "One"})),
    ]
    change_profiles(paths, swapped)
    loaded = load_profiles(paths)
    assert [(one.name, one.workers) for one in loaded.profiles] == [("One", 2), ("Two", 1)]
    assert len(_files(paths)) == 2


def test_removed_is_removed_and_its_name_is_free_again(paths: AppPaths) -> None:
    change_profiles(paths, [("", HardwareProfile(name="Mine", workers=1))])
    change_profiles(paths, [("", HardwareProfile(name="mine", workers=2))], ["Mine"])
    (left,) = load_profiles(paths).profiles
    assert (left.name, left.workers) == ("mine", 2)
    change_profiles(paths, removed=["mine", "never there"])
    assert _files(paths) == []


@pytest.mark.parametrize(
    ("name", "problem"),
    [("", MessageId.PROFILE_NAME_EMPTY), ("MINE", MessageId.PROFILE_NAME_TAKEN)],
)
def test_an_impossible_name_changes_nothing(paths: AppPaths, name: str, problem: MessageId) -> None:
    change_profiles(paths, [("", HardwareProfile(name="Mine")), ("", FULL)])
    with pytest.raises(InputError) as caught:
        change_profiles(paths, [("", HardwareProfile(name=name))], [FULL.name])
    assert caught.value.message.id is problem
    assert len(_files(paths)) == 2


@pytest.mark.parametrize("name", ["..", "con", "a/b", "🔥", "C:\\x", "." * 60, "x" * 60, "ß" * 60])
def test_any_name_makes_a_safe_file(paths: AppPaths, name: str) -> None:
    change_profiles(paths, [("", HardwareProfile(name=name))])
    (made,) = (paths.config / FOLDER).iterdir()
    assert made.is_file()
    assert made.stem.lower() not in {"con", "", "."}
    assert load_profiles(paths).profiles == (HardwareProfile(name=name),)


def test_names_that_make_the_same_file_stay_apart(paths: AppPaths) -> None:
    change_profiles(paths, [("", HardwareProfile(name=name)) for name in ("a b", "a-b", "a/b")])
    assert len(_files(paths)) == 3
    assert [one.name for one in load_profiles(paths).profiles] == ["a b", "a-b", "a/b"]


@pytest.mark.req("LBL-13")
@pytest.mark.parametrize(
    "content",
    [
        b"\x00\xff\xfe",
        b"[name\n",
        b"name = 1\nname = 2",
        b"=\n",
        b"a = " + b"[" * 5000,
        b"#" * (MOST_BYTES + 1),
        b"name = 2020-99-99",
    ],
)
def test_a_broken_file_is_set_aside_and_the_others_are_used(
    paths: AppPaths, content: bytes
) -> None:
    change_profiles(paths, [("", FULL)])
    path = _write(paths, "broken.toml", content)
    loaded = load_profiles(paths)
    assert loaded.profiles == (FULL,)
    (notice,) = loaded.notices
    assert notice.id is MessageId.PROFILE_SET_ASIDE
    aside = Path(notice.params["path"])
    assert aside.name.startswith("broken.toml.broken-")
    assert aside.read_bytes() == content
    assert not path.exists()
    assert load_profiles(paths).notices == ()


@pytest.mark.req("LBL-13")
def test_one_bad_value_costs_only_itself(paths: AppPaths) -> None:
    _write(
        paths,
        "mine.toml",
        'version = 99\nname = "Mine"\nreserve_mib = -7\nworkers = "many"\nrungs = "plain"\n'
        'vram_limit_mib = nan\nquality_policy = ["keep"]\nlowest_quality = "high"\n',
    )
    (mine,), notices = load_profiles(paths).profiles, load_profiles(paths).notices
    assert mine == HardwareProfile(name="Mine", reserve_mib=0, lowest_quality=Quality.HIGH)
    told = {(notice.id, notice.params["field"]) for notice in notices}
    assert told == {
        (MessageId.PROFILE_VALUE_CLAMPED, "Left free"),
        (MessageId.PROFILE_VALUE_INVALID, "Steps at the same time"),
        (MessageId.PROFILE_VALUE_INVALID, "Ways to make a picture"),
        (MessageId.PROFILE_VALUE_INVALID, "Memory limit"),
        (MessageId.PROFILE_VALUE_INVALID, "When a quality does not fit"),
    }
    assert {notice.params["profile"] for notice in notices} == {"Mine"}


def test_a_profile_without_a_name_is_called_like_its_file(paths: AppPaths) -> None:
    _write(paths, "living room.toml", "workers = 2\n")
    _write(paths, "other.toml", 'name = "Living room"\n')
    _write(paths, "zz.toml", "name = 7\n")
    assert [one.name for one in load_profiles(paths).profiles] == [
        "living room",
        "Living room 2",
        "zz",
    ]


def test_what_is_no_file_costs_only_itself(paths: AppPaths) -> None:
    (paths.config / FOLDER / "folder.toml").mkdir(parents=True)
    _write(paths, "._mine.toml", b"\x00\x05\x16\x07")
    if hasattr(os, "mkfifo"):
        os.mkfifo(paths.config / FOLDER / "pipe.toml")
    change_profiles(paths, [("", FULL)])
    loaded = load_profiles(paths)
    assert loaded.profiles == (FULL,)
    assert {notice.id for notice in loaded.notices} == {MessageId.PROFILE_UNREADABLE}


def test_a_folder_that_cannot_be_written_is_said_plainly(paths: AppPaths) -> None:
    paths.config.mkdir(parents=True)
    (paths.config / FOLDER).write_bytes(b"a file")
    with pytest.raises(StorageError) as caught:
        change_profiles(paths, [("", FULL)])
    assert caught.value.message.id is MessageId.PROFILES_UNWRITABLE


def test_a_profile_is_handed_on(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    export_profile(FULL, path)
    text = path.read_text("utf-8")
    for name, field in profile_fields().items():
        assert f"\n{name} = " in text
        assert field.help_text in text
    assert import_profile(path) == (FULL, ())
    export_profile(HardwareProfile(), path)
    profile, notices = import_profile(path)
    assert profile == HardwareProfile(name="mine")
    assert notices == ()


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"[general]\nworkers = 2\n", b"#" * (MOST_BYTES + 1), None]
)
def test_what_is_no_profile_is_not_imported(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "strange.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        import_profile(path)
    assert caught.value.message.id is MessageId.PROFILE_UNREADABLE
    assert content is None or path.read_bytes() == content


def test_an_import_tells_what_it_could_not_use(tmp_path: Path) -> None:
    path = tmp_path / "theirs.toml"
    path.write_bytes(b'\xef\xbb\xbfname = "Theirs"\nworkers = 9\n')
    profile, (notice,) = import_profile(path)
    assert profile == HardwareProfile(name="Theirs", workers=4)
    assert notice.id is MessageId.PROFILE_VALUE_CLAMPED


@pytest.mark.req("ENV", "G2")
def test_the_chosen_profile_is_in_force_and_the_environment_above_it(paths: AppPaths) -> None:
    change_profiles(paths, [("", FULL)])
    save_settings(paths, Settings().with_values({"hardware.profile": FULL.name}), {})
    settings, _ = load_settings(paths, {})
    effective = profile_in_force(paths, settings, {})
    assert effective.profile == FULL
    assert effective.settings.general.workers == 1
    assert not effective.settings.image_maker.free_after
    environ = {"MAX_VRAM_MB": "4096", "AUTO_QUALITY_DOWNGRADE": "1"}
    effective = profile_in_force(paths, settings, environ)
    assert effective.profile.vram_limit_mib == 4096
    assert effective.profile.quality_policy is QualityPolicy.LOWER
    assert effective.profile.reserve_mib == 1024


def test_a_profile_that_is_gone_is_told_and_this_machine_is_followed(paths: AppPaths) -> None:
    settings = Settings().with_values({"hardware.profile": "Gone"})
    effective = profile_in_force(paths, settings, {})
    assert effective.profile.reserve_mib == HardwareProfile().reserve_mib
    (notice,) = effective.notices
    assert (notice.id, notice.params) == (MessageId.PROFILE_MISSING, {"name": "Gone"})
    assert profile_in_force(paths, Settings(), {}).notices == ()
