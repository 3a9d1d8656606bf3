"""What a command line of llama-server says about memory."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgen_gui.gpu.llm_command import USUAL_CONTEXT_TOKENS, read_command
from vidgen_gui.gpu.llm_memory import ALL_LAYERS, CacheType, LlmSettings

NO_VARIABLES: Mapping[str, str] = {}


def settings(line: str, env: Mapping[str, str] = NO_VARIABLES) -> LlmSettings:
    found = read_command(line.split(), env)
    assert found is not None
    return found.settings


def card(line: str, **env: str) -> int | None:
    found = read_command(f"llama-server -m a.gguf {line}".split(), env)
    assert found is not None
    return found.card


@pytest.mark.req("BUG-2")
def test_what_is_given_is_read() -> None:
    line = "llama-server -m /m/q.gguf -c 8192 -ngl 99 -np 2 -ub 256 -ctk q8_0 --cache-type-v=q4_0"
    found = read_command([*line.split(), "-kvu", "--swa-full", "-fa", "off"], {})
    assert found is not None
    assert found.model_file == "/m/q.gguf"
    assert found.card == 0
    assert found.settings == LlmSettings(
        context_tokens=8192,
        gpu_layers=99,
        key_type=CacheType.Q8_0,
        value_type=CacheType.Q4_0,
        slots=2,
        unified=True,
        flash_attention=False,
        batch_tokens=256,
        full_window=True,
    )


def test_what_is_not_given_is_the_servers_own() -> None:
    found = settings("llama-server --model=q.gguf")
    assert found == LlmSettings(context_tokens=USUAL_CONTEXT_TOKENS, gpu_layers=ALL_LAYERS)
    assert read_command(["llama-server", "--port", "8080"], {}) is None
    assert read_command(["ollama", "serve"], {}) is None
    assert read_command([], {}) is None


def test_the_last_of_two_counts_and_nonsense_counts_as_not_given() -> None:
    assert settings("s -m a.gguf -c 100 -c 200").context_tokens == 200
    assert settings("s -m a.gguf -c many -ctk nothing").context_tokens == USUAL_CONTEXT_TOKENS
    assert settings("s -m a.gguf -c 99999999999999").context_tokens == USUAL_CONTEXT_TOKENS
    assert settings("s -m a.gguf -c").context_tokens == USUAL_CONTEXT_TOKENS


@pytest.mark.req("AUD-40")
@pytest.mark.parametrize(
    ("line", "env", "expected"),
    [
        ("", {}, 0),
        ("-ngl 0", {}, None),
        ("-mg 1", {}, 1),
        ("--device CUDA2", {}, 2),
        ("-dev none", {}, None),
        ("", {"CUDA_VISIBLE_DEVICES": "1"}, 1),
        ("-mg 1", {"CUDA_VISIBLE_DEVICES": "2,3"}, 3),
        ("", {"CUDA_VISIBLE_DEVICES": "-1"}, None),
        ("", {"CUDA_VISIBLE_DEVICES": "GPU-aaaa"}, 0),
        ("", {"CUDA_VISIBLE_DEVICES": ""}, 0),
    ],
)
def test_which_card_it_is_on(line: str, env: dict[str, str], expected: int | None) -> None:
    assert card(line, **env) == expected


@given(st.lists(st.text(max_size=12), max_size=12), st.text(max_size=8))
def test_no_command_line_breaks_it(words: list[str], visible: str) -> None:
    found = read_command([*words, "-m", "a.gguf"], {"CUDA_VISIBLE_DEVICES": visible})
    assert found is not None
    assert found.settings.context_tokens > 0
