"""Settings as values: declared once, checked one by one, overridden by the environment."""

from pathlib import Path

import pytest

from vidgen_gui.core.environment import VARIABLES, read_environment
from vidgen_gui.core.errors import InputError
from vidgen_gui.core.job import JobSpec
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.quality import Aspect, Quality
from vidgen_gui.core.setting_declaration import Normalized, SettingKind
from vidgen_gui.core.settings import (
    LogLevel,
    Settings,
    Theme,
    normalize,
    setting_fields,
)


def test_every_setting_declares_all_that_a_dialog_needs() -> None:
    fields = setting_fields()
    assert len(fields) > 15
    for path, field in fields.items():
        assert field.path == path
        assert field.title.strip(), path
        assert field.help_text.endswith("."), path
        assert field.group_title.strip(), path
        assert Settings().value(path) == field.default
        assert (field.kind is SettingKind.CHOICE) == bool(field.choices), path
        assert (field.kind is SettingKind.NUMBER) == (field.low is not None), path
        assert (field.kind is SettingKind.NUMBER) == (field.high is not None), path
        assert (field.kind is SettingKind.SWITCH) == isinstance(field.default, bool), path
    assert len({field.title for field in fields.values()}) == len(fields)


def test_a_field_as_the_dialog_sees_it() -> None:
    workers = setting_fields()["general.workers"]
    assert (workers.low, workers.high, workers.default, workers.unit) == (1, 4, 2, "")
    assert setting_fields()["advanced.cache_limit_gib"].unit == "GiB"
    assert setting_fields()["general.theme"].choices == tuple(Theme)
    assert setting_fields()["video.quality"].choices == tuple(Quality)


@pytest.mark.parametrize(
    ("path", "given", "expected"),
    [
        ("general.workers", 3, Normalized(3)),
        ("general.workers", "3", Normalized(3)),
        ("general.workers", 0, Normalized(1, clamped=True)),
        ("general.workers", -5, Normalized(1, clamped=True)),
        ("general.workers", "99", Normalized(4, clamped=True)),
        ("general.workers", "many", Normalized(2, invalid=True)),
        ("general.workers", 2.5, Normalized(2, invalid=True)),
        ("general.workers", float("nan"), Normalized(2, invalid=True)),
        ("general.workers", None, Normalized(2, invalid=True)),
        ("general.theme", " dark ", Normalized(Theme.DARK)),
        ("general.theme", "pink", Normalized(Theme.SYSTEM, invalid=True)),
        ("video.quality", "ultra-lite", Normalized(Quality.ULTRA_LITE)),
        ("video.quality", "Ultra", Normalized(Quality.ULTRA)),
        ("video.quality", "best", Normalized(Quality.STANDARD, invalid=True)),
        ("video.aspect", "16:9", Normalized(Aspect.LANDSCAPE)),
        ("captions.shown", "off", Normalized(False)),
        ("captions.shown", "1", Normalized(True)),
        ("captions.shown", "perhaps", Normalized(True, invalid=True)),
        ("advanced.log_level", "debug", Normalized(LogLevel.DEBUG)),
        ("advanced.ffmpeg_path", " /opt/ffmpeg ", Normalized("/opt/ffmpeg")),
        ("advanced.ffmpeg_path", 7, Normalized("", invalid=True)),
        ("voice.voice", "", Normalized("en_US-joe-medium", invalid=True)),
    ],
)
def test_values_from_outside(path: str, given: object, expected: Normalized) -> None:
    assert normalize(path, given) == expected


@pytest.mark.req("LBL-3", "LBL-4", "LBL-11")
def test_changed_settings_are_a_new_value_that_is_used() -> None:
    settings = Settings()
    changed = settings.with_values({"video.quality": "ultra", "general.workers": 4})
    assert (settings.video.quality, settings.general.workers) == (Quality.STANDARD, 2)
    assert changed.job_options()["quality"] is Quality.ULTRA
    assert changed.value("general.workers") == 4
    assert changed.captions == settings.captions
    with pytest.raises(InputError) as caught:
        settings.with_values({"general.workers": 5})
    assert caught.value.message.id is MessageId.VALUE_INVALID
    assert caught.value.message.params["field"] == "Steps at the same time"
    with pytest.raises(ValueError, match="frozen"):
        settings.general.workers = 3  # type: ignore[misc]


def test_a_job_is_made_with_the_settings() -> None:
    settings = Settings(default_output_folder=Path("/home/me/Videos/VidGen")).with_values(
        {"video.aspect": "1:1", "captions.style": "boxed", "voice.music": False}
    )
    spec = JobSpec.create(topic="Walks", **settings.job_options())
    assert (spec.aspect, spec.caption_style, spec.music) == (Aspect.SQUARE, "boxed", False)
    assert spec.output_dir == Path("/home/me/Videos/VidGen")
    chosen = settings.with_values({"general.output_folder": "/elsewhere"})
    assert chosen.output_folder == Path("/elsewhere")
    assert settings.cache_limit_bytes == 3 * 2**30


@pytest.mark.req("T10")
@pytest.mark.parametrize("empty", ["", "   ", "\t"])
def test_an_empty_variable_is_not_set(empty: str) -> None:
    environment = read_environment(dict.fromkeys(VARIABLES, empty))
    assert (environment.values, environment.variables, environment.notices) == ({}, {}, ())


def test_variables_and_what_they_override() -> None:
    environment = read_environment(
        {
            "VIDEO_DIR": "~/clips",
            "MAX_WORKERS": "4",
            "ENABLE_PROGRESS_RESUME": "false",
            "EMERGENCY_CLEANUP_ON_EXIT": "0",
            "TMPDIR": "/big/tmp",
            "VIDGEN_FFMPEG": "/opt/ffmpeg",
            "QWEN_URL": "http://127.0.0.1:8080/v1/chat/completions",
            "QWEN_FALLBACKS": "10.0.0.5:8080,box:11434",
            "COMFYUI_URL": "localhost:8188",
            "COMFYUI_FALLBACK_URLS": "http://[::1]:8188; http://box:8188",
            "FREE_VRAM_AFTER_GEN": "0",
            "VIDGEN_DISCOVER": "no",
            "HOME": "/root",
        }
    )
    assert environment.values == {
        "general.output_folder": "~/clips",
        "general.workers": 4,
        "general.resume_at_start": False,
        "advanced.clean_leftovers": False,
        "advanced.temp_folder": "/big/tmp",
        "advanced.ffmpeg_path": "/opt/ffmpeg",
        "script_writer.url": "http://127.0.0.1:8080/v1/chat/completions",
        "script_writer.fallback_urls": "10.0.0.5:8080, box:11434",
        "image_maker.url": "localhost:8188",
        "image_maker.fallback_urls": "http://[::1]:8188, http://box:8188",
        "image_maker.free_after": False,
        "network.discover": False,
    }
    assert environment.variables["general.workers"] == "MAX_WORKERS"
    assert set(environment.variables) == set(VARIABLES.values()) <= set(setting_fields())
    assert environment.notices == ()


@pytest.mark.req("ERR-FALLBACK", "ENV")
@pytest.mark.parametrize("spelling", ["FALLBACKS", "FALLBACK_URLS"])
@pytest.mark.parametrize(
    ("service", "group"), [("QWEN", "script_writer"), ("COMFYUI", "image_maker")]
)
def test_both_spellings_of_the_fallbacks(service: str, group: str, spelling: str) -> None:
    environment = read_environment({f"{service}_{spelling}": "a:1\nb:2"})
    assert environment.values == {f"{group}.fallback_urls": "a:1, b:2"}
    assert environment.variables == {f"{group}.fallback_urls": f"{service}_{spelling}"}


@pytest.mark.parametrize("given", ["ftp://box", "http://", "http://me:pw@box", "a b", "http://b x"])
def test_what_is_no_address_is_refused(given: str) -> None:
    assert normalize("script_writer.url", given).invalid


@pytest.mark.req("AUD-33")
@pytest.mark.parametrize(("given", "used"), [("0", 1), ("-3", 1), ("5", 4), ("1000", 4)])
def test_workers_are_clamped_with_a_notice(given: str, used: int) -> None:
    environment = read_environment({"MAX_WORKERS": given})
    assert environment.values == {"general.workers": used}
    (notice,) = environment.notices
    assert notice.id is MessageId.ENVIRONMENT_CLAMPED
    assert dict(notice.params) == {"name": "MAX_WORKERS", "given": given, "used": used}


def test_a_variable_that_makes_no_sense_is_ignored_with_a_notice() -> None:
    environment = read_environment({"MAX_WORKERS": "two", "ENABLE_PROGRESS_RESUME": "on"})
    assert environment.values == {"general.resume_at_start": True}
    assert "general.workers" not in environment.variables
    (notice,) = environment.notices
    assert notice.id is MessageId.ENVIRONMENT_INVALID
    assert dict(notice.params) == {"name": "MAX_WORKERS", "given": "two"}
