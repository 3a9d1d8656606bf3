"""nvidia-smi, played by a script that is really started."""

import sys
from pathlib import Path

import pytest

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.messages import MessageId
from vidgen_gui.gpu.readings import SourceUnavailable
from vidgen_gui.gpu.smi import SmiSource, find_smi, parse_amount, usual_places

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the script is a shell script")

CANCEL = CancelToken()
CARD = "0, GPU-aaaa, NVIDIA RTX A2000 12GB, 12288 MiB, 1000 MiB, 11000 MiB"
FULL = f"{CARD}, 37 %, 55, 41.50 W, 0x0000000000000004"
APPS = "GPU-aaaa, 4242, 900 MiB, /opt/llama/llama-server\nGPU-zzzz, 7, 5 MiB, other"


def _tool(folder: Path, script: str) -> Path:
    tool = folder / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    return tool


def _source(folder: Path, script: str) -> SmiSource:
    _tool(folder, script)
    return SmiSource({"PATH": str(folder)})


def _answers(cards: str, apps: str = "") -> str:
    return (
        'case "$1" in --query-compute-apps=*) cat <<E\n'
        f"{apps}\nE\n;; *) cat <<E\n{cards}\nE\n;; esac"
    )


def _why(source: SmiSource) -> MessageId:
    with pytest.raises(SourceUnavailable) as caught:
        source.read(0, CANCEL)
    return caught.value.message.id


@pytest.mark.req("S7", "ERR-13")
def test_every_figure_is_read(tmp_path: Path) -> None:
    (card,) = _source(tmp_path, _answers(FULL, APPS)).read(3.0, CANCEL)
    assert (card.uuid, card.name, card.at_s) == ("GPU-aaaa", "NVIDIA RTX A2000 12GB", 3.0)
    assert (card.total_mib, card.used_mib, card.free_mib) == (12288, 1000, 11000)
    assert (card.utilisation_percent, card.temperature_c, card.power_w) == (37, 55, 41.5)
    assert card.throttle_reasons == ("power-cap",)
    assert [(one.pid, one.used_mib, one.name) for one in card.processes] == [
        (4242, 900, "llama-server")
    ]


def test_several_cards_and_memory_alone(tmp_path: Path) -> None:
    other = "1, GPU-bbbb, NVIDIA RTX A2000 12GB, 12288 MiB, 2000 MiB, 10000 MiB"
    source = _source(tmp_path, _answers(f"{CARD}, 37 %, 55, 41.50 W\n{other}, 37 %, 55, 41.50 W"))
    samples = source.read_memory(0, CANCEL)
    assert [(one.uuid, one.used_mib) for one in samples] == [
        ("GPU-aaaa", 1000),
        ("GPU-bbbb", 2000),
    ]


def test_what_it_does_not_know_is_unknown(tmp_path: Path) -> None:
    line = f"{CARD}, [N/A], [Not Supported], [N/A], [N/A]"
    (card,) = _source(tmp_path, _answers(line, "GPU-aaaa, 4242, [N/A], x")).read(0, CANCEL)
    assert card.memory_known
    assert (card.utilisation_percent, card.temperature_c, card.power_w) == (None, None, None)
    assert card.throttle_reasons is None
    assert [one.used_mib for one in card.processes] == [None]
    assert card.refused == ()


@pytest.mark.req("AUD-35")
def test_amounts_that_cannot_be_true_are_refused(tmp_path: Path) -> None:
    line = FULL.replace("11000 MiB", "99999999 MiB")
    (card,) = _source(tmp_path, _answers(line)).read(0, CANCEL)
    assert (card.total_mib, card.free_mib) == (12288, None)
    assert card.refused


def test_an_older_one_is_asked_for_what_it_knows(tmp_path: Path) -> None:
    refusal = (
        'echo "Field \\"clocks_event_reasons.active\\" is not a valid field to query."; exit 2'
    )
    script = f'case "$1" in *clocks_event*) {refusal};; esac\n' + _answers(FULL)
    assert _source(tmp_path, script).read(0, CANCEL)[0].throttle_reasons == ("power-cap",)
    neither = refusal.replace("clocks_event_reasons.active", "x")
    script = f'case "$1" in *clocks_*) {neither};; esac\n' + _answers(f"{CARD}, 37 %, 55, 41 W")
    assert _source(tmp_path, script).read(0, CANCEL)[0].throttle_reasons is None


@pytest.mark.req("O12")
@pytest.mark.parametrize(
    "script",
    [
        'echo "NVIDIA-SMI has failed because it couldn\'t communicate with the driver."; exit 9',
        "kill -SEGV $$",
        "echo garbage",
        "echo 'a, b, c, d, e, f, g, h, i, j'",
        "head -c 300000 /dev/zero | tr '\\0' 'x'",
        "printf '\\0,\\0,\\0,\\0,\\0,\\0,\\0,\\0,\\0,\\0\\n'",
    ],
)
def test_a_broken_one_is_said(tmp_path: Path, script: str) -> None:
    assert _why(_source(tmp_path, script)) is MessageId.GPU_TOOL_FAILED


def test_no_cards_is_an_answer(tmp_path: Path) -> None:
    assert _source(tmp_path, "echo 'No devices were found'").read(0, CANCEL) == ()


def test_one_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDGEN_PATIENCE", "0.03")
    assert _why(_source(tmp_path, "sleep 60")) is MessageId.GPU_TOOL_FAILED


def test_without_one_there_is_a_reason_and_it_is_found_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vidgen_gui.gpu.smi.usual_places", lambda _: ())
    source = SmiSource({"PATH": str(tmp_path)})
    assert _why(source) is MessageId.GPU_TOOL_ABSENT
    _tool(tmp_path, _answers(FULL))
    assert source.read(1, CANCEL)[0].memory_known


@pytest.mark.req("S7")
def test_it_is_found_outside_the_path(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    tool = _tool(elsewhere, "true")
    places = [tmp_path / "nowhere" / "nvidia-smi", tool]
    assert find_smi({"PATH": "/nonexistent"}, places) == tool
    assert find_smi({"PATH": "/nonexistent"}, places[:1]) is None


@pytest.mark.req("S7")
def test_the_places_of_windows_are_known(tmp_path: Path) -> None:
    environ = {"SYSTEMROOT": str(tmp_path), "PROGRAMFILES": str(tmp_path / "Programs")}
    store = tmp_path / "System32" / "DriverStore" / "FileRepository" / "nv_dispi.inf_amd64_1"
    store.mkdir(parents=True)
    (store / "nvidia-smi.exe").touch()
    places = list(usual_places(environ, "win32"))
    assert places[0] == tmp_path / "System32" / "nvidia-smi.exe"
    assert places[-1] == store / "nvidia-smi.exe"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("6144 MiB", 6144),
        ("6 GiB", 6144),
        ("512 KiB", 0.5),
        ("37 %", 37),
        ("55", 55),
        ("41.50 W", 41.5),
        ("[N/A]", None),
        ("[Unknown Error]", None),
        ("ERR!", None),
        ("", None),
        ("1e5 MiB", None),
        ("6144 apples", None),
    ],
)
def test_amounts_have_units(text: str, amount: float | None) -> None:
    assert parse_amount(text) == amount
