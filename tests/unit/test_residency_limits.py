"""What the machine allows: how much at once, who takes turns, and how ComfyUI is started."""

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest
from fakes.nvml_driver import FakeCard, FakeDriver, installed
from residency_kit import DRAWER, QWEN_MIB, WRITER, started_by_us
from service_kit import free_port
from session_kit import OpenApp, open_app, settings_with

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.hardware_profile import HardwareProfile, PauseScriptWriter
from vidgen_gui.core.settings import Settings
from vidgen_gui.pipeline.residency import Resident

NEVER = CancelToken()
CARD = "A card:12288"


def comfy_in(folder: Path) -> dict[str, Any]:
    """Settings of a ComfyUI that would be started."""
    (folder / "main.py").touch()
    return {"folder": str(folder), "python": sys.executable, "port": free_port()}


def both(folder: Path, **image_maker: Any) -> Settings:
    return settings_with(
        script_writer=started_by_us(folder, free_port()),
        image_maker=comfy_in(folder) | image_maker,
    )


@pytest.mark.req("BUG-50", "N1")
def test_less_is_begun_at_once_when_memory_is_short() -> None:
    with open_app(settings_with()) as app:
        app.session.monitor.read_now()
        app.session.use_profile(HardwareProfile(workers=3, ram_limit_mib=16_000_000))
        assert app.session.keeper.conditions().most_units == 3
        app.session.use_profile(HardwareProfile(workers=3, ram_limit_mib=1))
        assert app.session.keeper.conditions().most_units == 1
        app.session.use_profile(HardwareProfile(ram_limit_mib=16_000_000))
        assert app.session.keeper.conditions().most_units is None


def takes_turns(app: OpenApp) -> bool:
    app.session.monitor.read_now()
    return app.session.keeper.conditions().takes_turns


def test_scripts_and_pictures_take_turns_where_they_share_a_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDGEN_FAKE_GPU", CARD)
    with open_app(both(tmp_path)) as app:
        assert takes_turns(app)
        app.session.use_profile(HardwareProfile(pause_script_writer=PauseScriptWriter.NO))
        assert not takes_turns(app)


@pytest.mark.parametrize(
    ("card", "image_maker"),
    [("none", {}), (CARD, {"enabled": False}), (CARD, {"autostart": False})],
)
def test_nobody_takes_turns_where_nothing_is_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, card: str, image_maker: Mapping[str, Any]
) -> None:
    monkeypatch.setenv("VIDGEN_FAKE_GPU", card)
    with open_app(both(tmp_path, **image_maker)) as app:
        assert not takes_turns(app)


@pytest.mark.req("M8", "M3", "M4", "P6")
def test_the_profiles_options_are_comfyuis_last(tmp_path: Path) -> None:
    settings = settings_with(image_maker=comfy_in(tmp_path) | {"extra_flags": "--highvram"})
    with open_app(settings) as app:
        assert command(app)[-1] == "--highvram"
        app.session.use_profile(HardwareProfile(comfyui_flags="--lowvram --reserve-vram 1"))
        assert command(app)[-4:] == ("--highvram", "--lowvram", "--reserve-vram", "1")
        # What the person set stays as it is.
        assert app.session.settings.image_maker.extra_flags == "--highvram"
        app.session.use_profile(HardwareProfile())
        assert command(app)[-1] == "--highvram"


@pytest.mark.req("WISH")
def test_a_comfyui_of_ours_computes_on_the_card_that_the_profile_names() -> None:
    cards = [FakeCard(f"GPU-{name}", f"Card {name}", processes=[]) for name in ("aaaa", "bbbb")]
    port = free_port()
    program = Path(__file__).parents[1] / "fakes" / "comfy_program.py"
    start = shlex.join([sys.executable, str(program), "--port", str(port)])
    settings = settings_with(image_maker={"start_command": start, "port": port})
    with installed(FakeDriver(*cards)), open_app(settings) as app:
        app.session.use_profile(HardwareProfile(gpu="Card bbbb"))
        app.session.services.start(DRAWER)
        pid = app.view(DRAWER).pid
        assert pid is not None
        assert psutil.Process(pid).environ()["CUDA_VISIBLE_DEVICES"] == "GPU-bbbb"
        assert app.session.keeper.memory(NEVER).name == "Card bbbb"


def command(app: OpenApp) -> tuple[str, ...]:
    return app.view(DRAWER).command


@pytest.mark.req("O12")
def test_a_simulated_card_follows_what_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDGEN_FAKE_GPU", CARD)
    with open_app(both(tmp_path)) as app:
        keeper = app.session.keeper
        assert keeper.resident is Resident.EMPTY
        app.session.services.start(WRITER)
        # Nobody asks for it: the card itself shows it.
        app.wait_for(lambda: held(app) == pytest.approx(QWEN_MIB, abs=2))
        assert keeper.resident is Resident.WRITER
        with keeper.watch() as watch, keeper.note_drawing(3_000):
            assert held(app) == pytest.approx(QWEN_MIB + 3_000, abs=2)
            assert keeper.resident is Resident.BOTH
            assert keeper.memory(NEVER).drawer_mib == 3_000
        assert watch.peak_mib == pytest.approx(QWEN_MIB + 3_000, abs=2)
        app.session.services.stop(WRITER)
        keeper.pictures_over(freed=True)
        app.session.services.check()
        app.wait_for(lambda: held(app) == 0)
        assert keeper.resident is Resident.EMPTY


def held(app: OpenApp) -> float:
    (card,) = app.session.monitor.read_now().cards
    assert card.used_mib is not None
    return card.used_mib
