"""The estimate beside what a real llama-server says that it took."""

import re
import shutil
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from service_kit import free_port

from vidgen_gui.gpu.gguf_model import read_model
from vidgen_gui.gpu.llm_log import LoggedMemory, parse_log
from vidgen_gui.gpu.llm_memory import CacheType, LlmSettings, PartKind, estimate
from vidgen_gui.gpu.monitor import GpuMonitor, default_sources
from vidgen_gui.system.process import ManagedProcess

LISTENING = re.compile(r"listening on http")
START_S = 90.0
SETTLE_READINGS = 3


def _argv(program: Path, model: Path, flags: Sequence[str]) -> list[str]:
    argv = [str(program), "-m", str(model), "-t", "1", "--poll", "0", "-lv", "4"]
    return [*argv, "--host", "127.0.0.1", "--port", str(free_port()), *flags]


def _logged(program: Path, model: Path, flags: Sequence[str]) -> LoggedMemory:
    lines: list[str] = []
    up = threading.Event()

    def look(line: str) -> None:
        lines.append(line)
        if LISTENING.search(line):
            up.set()

    argv = _argv(program, model, flags)
    with ManagedProcess(argv, on_stderr_line=look, on_stdout_line=look) as process:
        assert up.wait(START_S), process.stderr_tail
    found = parse_log(lines)
    assert found is not None
    return found


@pytest.mark.req("BUG-31", "AUD-38", "BUG-45")
@pytest.mark.parametrize(
    ("flags", "settings"),
    [
        (("-c", "4096", "-np", "2"), LlmSettings(4096, slots=2)),
        (("-c", "32768", "-np", "1"), LlmSettings(32768)),
        (
            ("-c", "8192", "-np", "1", "-fa", "off", "-ub", "256"),
            LlmSettings(8192, flash_attention=False, batch_tokens=256),
        ),
        (
            ("-c", "4096", "-np", "4", "-kvu", "-fa", "on", "-ctk", "q8_0", "-ctv", "q8_0"),
            LlmSettings(
                4096,
                slots=4,
                unified=True,
                key_type=CacheType.Q8_0,
                value_type=CacheType.Q8_0,
            ),
        ),
    ],
    ids=["two-slots", "long", "no-flash", "shared-q8"],
)
def test_the_buffers_are_what_the_server_logs(
    llama_server_program: Path,
    gemma_model: Path,
    flags: tuple[str, ...],
    settings: LlmSettings,
) -> None:
    model = read_model(gemma_model)
    assert model.complete
    logged = _logged(llama_server_program, gemma_model, flags)
    assert logged.device_mib == 0
    unknown = replace(settings, card=False)
    # Since mid-2026 a server says for how many tokens it keeps scores.
    known = replace(unknown, batch_logits=logged.outputs is None)
    found = estimate(model, known)
    print(f"\nestimate {found.host.likely_mib:.1f} MiB, logged {logged.host_mib:.1f} MiB")  # noqa: T201 — seen with `-s`
    assert found.host.likely_mib == pytest.approx(logged.host_mib, rel=0.15)
    for kind, name in ((PartKind.CONTEXT, "KV"), (PartKind.COMPUTE, "compute")):
        buffers = sum(one.mib for one in logged.buffers if one.kind == name)
        assert found.part(kind).host.likely_mib == pytest.approx(buffers, rel=0.15)
    guess = estimate(model, unknown).host
    assert guess.low_mib * 0.95 <= logged.host_mib <= guess.high_mib * 1.05


def test_on_a_card_the_estimate_holds_the_measured_peak(
    llama_server_program: Path, gemma_model: Path
) -> None:
    if shutil.which("nvidia-smi") is None:
        pytest.skip("there is no nvidia-smi on this machine")
    settings = LlmSettings(4096)
    up = threading.Event()

    def look(line: str) -> None:
        if LISTENING.search(line):
            up.set()

    argv = _argv(llama_server_program, gemma_model, ("-c", "4096", "-np", "1", "-ngl", "99"))
    with GpuMonitor(default_sources({})) as monitor, monitor.watching():
        before = monitor.read_now().cards
        if not before or before[0].used_mib is None:
            pytest.skip(f"the card says nothing: {monitor.state().status}")
        begun_s = before[0].at_s
        with ManagedProcess(argv, on_stderr_line=look, on_stdout_line=look) as process:
            assert up.wait(START_S), process.stderr_tail
            for _ in range(SETTLE_READINGS):
                monitor.read_now()
            peak = monitor.peak_mib(begun_s)
    assert peak is not None
    taken = peak - before[0].used_mib
    if taken < 50:
        pytest.skip("this llama-server was not built for the card")
    found = estimate(read_model(gemma_model), settings).device
    print(f"\nestimate {found}, measured {taken:.0f} MiB")  # noqa: T201 — seen with `-s`
    assert found.low_mib * 0.85 <= taken <= found.high_mib * 1.15
