"""Token estimates and budgets: what is sent to a model always fits."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vidgen_gui.core.messages import MessageId
from vidgen_gui.services.llm.budget import Fitted, Part, fit
from vidgen_gui.services.llm.errors import ContextExceeded
from vidgen_gui.services.llm.tokens import estimate_tokens

SAMPLES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "token_samples.json").read_text(encoding="utf-8")
)


@pytest.mark.req("BUG-14", "BUG-46")
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["name"])
def test_no_tokenizer_needs_more_than_the_estimate(sample: dict[str, Any]) -> None:
    assert len(sample["counts"]) == 8
    assert estimate_tokens(sample["text"]) >= max(sample["counts"].values())


def test_the_estimate_is_not_wasteful_where_it_matters() -> None:
    for sample in SAMPLES[:2]:
        assert estimate_tokens(sample["text"]) < 2.6 * sample["counts"]["llama3"]
        assert estimate_tokens(sample["text"]) < 0.7 * len(sample["text"])


@given(st.text(max_size=400))
def test_the_estimate_knows_every_text(text: str) -> None:
    assert 0 < estimate_tokens(text) <= 2 + 2.2 * len(text.encode("utf-8", "surrogatepass"))
    assert estimate_tokens(text + "x") >= estimate_tokens(text) - 1


def words(text: str) -> int:
    return len(text.split())


TOPIC = Part("topic", "Why the tide waits for nobody.")
EXAMPLE = Part("example", "One two three. Four five six. Seven eight nine.", order=0)
HISTORY = Part("history", "Ten eleven twelve. Thirteen fourteen fifteen.", order=1, least_tokens=3)


def test_what_fits_is_sent_as_it_is() -> None:
    fitted = fit([TOPIC, EXAMPLE, HISTORY], 100, words)
    assert fitted.texts == {part.name: part.text for part in (TOPIC, EXAMPLE, HISTORY)}
    assert (fitted.tokens, fitted.shortened, fitted.notices) == (21, (), ())
    assert fitted.fullness == pytest.approx(0.21)


@pytest.mark.req("BUG-47")
@pytest.mark.parametrize(("room", "notices"), [(24, 0), (23, 1), (21, 1)])
def test_a_context_that_is_nearly_full_is_said(room: int, notices: int) -> None:
    fitted = fit([TOPIC, EXAMPLE, HISTORY], room, words)
    assert fitted.shortened == ()
    assert [notice.id for notice in fitted.notices] == [MessageId.LLM_CONTEXT_NEARLY_FULL] * notices


def test_the_answer_counts_as_well() -> None:
    fitted = fit([TOPIC, EXAMPLE, HISTORY], 100, words, reserved=70)
    assert fitted.notices[0].params == {"percent": 91, "context_tokens": 100}
    assert fit([TOPIC, EXAMPLE, HISTORY], 100, words, reserved=85).shortened == ("example",)


@pytest.mark.req("BUG-46")
@pytest.mark.parametrize(
    ("room", "example", "history", "shortened"),
    [
        (20, "One two three. Four five six.", HISTORY.text, ("example",)),
        (16, "One two three.", HISTORY.text, ("example",)),
        (14, "One …", HISTORY.text, ("example",)),
        (12, "", HISTORY.text, ("example",)),
        (11, "", "Ten eleven twelve.", ("example", "history")),
        (9, "", "Ten eleven twelve.", ("example", "history")),
    ],
)
def test_parts_are_shortened_in_the_stated_order(
    room: int, example: str, history: str, shortened: tuple[str, ...]
) -> None:
    fitted = fit([TOPIC, EXAMPLE, HISTORY], room, words)
    assert fitted.texts == {"topic": TOPIC.text, "example": example, "history": history}
    assert fitted.shortened == shortened
    assert fitted.notices[0].id is MessageId.LLM_PROMPT_SHORTENED
    assert fitted.tokens <= room


@pytest.mark.req("BUG-3")
def test_what_cannot_fit_is_refused() -> None:
    with pytest.raises(ContextExceeded) as caught:
        fit([TOPIC, EXAMPLE, HISTORY], 8, words)
    assert (caught.value.n_prompt, caught.value.n_ctx) == (9, 8)
    with pytest.raises(ContextExceeded):
        fit([TOPIC], 0, words)


@given(
    st.lists(
        st.builds(
            Part,
            st.text("abc", min_size=1, max_size=3),
            st.text("ab .\n。語", max_size=60),
            st.sampled_from([None, 0, 1, 2]),
            st.integers(0, 10),
        ),
        max_size=5,
    ),
    st.integers(0, 80),
    st.integers(0, 30),
)
@example([Part("a", "a .a.a", 0, 8), Part("b", "a..a.aaa。。", None, 0)], 22, 0)
def test_whatever_is_given_fits_or_is_refused(parts: list[Part], room: int, reserved: int) -> None:
    try:
        fitted: Fitted = fit(parts, room, estimate_tokens, reserved=reserved)
    except ContextExceeded:
        return
    assert fitted.tokens + reserved <= room
    assert fitted.tokens == sum(estimate_tokens(p.text) for p in fitted.parts if p.text)
    for before, after in zip(parts, fitted.parts, strict=True):
        if after.text == before.text:
            continue
        assert before.order is not None
        assert before.text.startswith(after.text.removesuffix(" …"))
        assert estimate_tokens(after.text) >= before.least_tokens or not after.text
