"""What a language model is told: its language, tone and length, as far as its context goes."""

import json
from dataclasses import replace

import pytest

from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.script import Genre, Length
from vidgen_gui.pipeline.llm_writer.prompt import (
    EXAMPLE,
    EXAMPLES,
    RULES,
    STYLE,
    SYSTEM,
    TOPIC,
    answer_schema,
    language_name,
    messages,
    narration_chars,
    prompt_parts,
    repair_messages,
)
from vidgen_gui.pipeline.llm_writer.reading import read_answer
from vidgen_gui.pipeline.llm_writer.request import ScriptRequest
from vidgen_gui.services.llm.budget import Fitted, fit
from vidgen_gui.services.llm.errors import ContextExceeded
from vidgen_gui.services.llm.tokens import estimate_tokens

REQUEST = ScriptRequest("The sea at dawn", Genre.NATURE, "en", 1, 2.9, 17.0)


def chat(request: ScriptRequest, *, held: bool = True) -> str:
    parts = prompt_parts(request, held_to_schema=held)
    return messages({part.name: part.text for part in parts})[-1]["content"]


def fitted(request: ScriptRequest, room: int) -> Fitted:
    return fit(prompt_parts(request, held_to_schema=True), room, estimate_tokens)


@pytest.mark.req("T3")
@pytest.mark.parametrize(
    ("code", "name"),
    [("en", "English"), ("de", "German"), ("pt-BR", "Portuguese"), ("zh-Hans", "Chinese"),
     ("pt_BR", "Portuguese"), ("uk", "Ukrainian"), ("xx", "xx")],
)  # fmt: skip
def test_the_language_is_named_in_words(code: str, name: str) -> None:
    assert language_name(code) == name
    asked = chat(replace(REQUEST, language=code))
    assert f"Write in {name}:" in asked
    # Whatever is spoken, image models understand English.
    assert "image_prompt in English" in asked


@pytest.mark.parametrize(("code", "twin"), [("en_US", "en-US"), ("zh_TW", "zh-TW"), ("EN", "en")])
def test_a_languages_region_may_be_written_in_either_way(code: str, twin: str) -> None:
    one, other = replace(REQUEST, language=code), replace(REQUEST, language=twin)
    assert narration_chars(one) == narration_chars(other)
    parts = (prompt_parts(request, held_to_schema=True) for request in (one, other))
    assert len({tuple(part.text for part in of_one) for of_one in parts}) == 1


@pytest.mark.req("T8")
def test_each_genre_has_its_tone() -> None:
    tones = {chat(replace(REQUEST, genre=genre)).split("Tone: ")[1][:40] for genre in Genre}
    assert len(tones) == len(Genre)


@pytest.mark.req("T4")
@pytest.mark.parametrize(
    ("words_per_s", "target_s", "words"),
    [(2.9, 17.0, 49), (2.9, 28.0, 81), (2.0, 28.0, 56), (3.5, 28.0, 98), (2.9, 40.0, 116)],
)
def test_the_length_is_the_voices_own_to_the_second(
    words_per_s: float, target_s: float, words: int
) -> None:
    request = replace(REQUEST, words_per_s=words_per_s, target_s=target_s)
    assert request.words == words
    assert abs(request.words / words_per_s - target_s) < 0.5
    assert f"together about {words} spoken words" in chat(request)
    assert f"{request.scenes} scenes" in chat(request)


def test_a_strange_speaking_rate_asks_for_nothing_absurd() -> None:
    for rate in (0.01, 50.0):
        for length in Length:
            request = replace(REQUEST, words_per_s=rate, target_s=length.seconds)
            assert 45 <= request.words <= 120
            assert 5 <= request.scenes <= 8


def test_the_form_is_told_in_words_only_where_nothing_holds_the_model_to_it() -> None:
    assert "Form:" not in chat(REQUEST)
    assert "Form:" in chat(REQUEST, held=False)


def test_the_example_is_a_good_answer_and_english_only() -> None:
    parts = {part.name: part.text for part in prompt_parts(REQUEST, held_to_schema=True)}
    shown = messages(parts)
    assert [message["role"] for message in shown] == ["system", "user", "assistant", "user"]
    assert json.loads(shown[2]["content"]) == dict(EXAMPLE)
    assert list(EXAMPLE) == list(answer_schema(REQUEST, bounded=True)["properties"])
    german = prompt_parts(replace(REQUEST, language="de"), held_to_schema=True)
    assert len(messages({part.name: part.text for part in german})) == 2


@pytest.mark.req("BUG-14", "BUG-46", "BUG-47")
def test_a_small_context_loses_the_example_then_the_style_then_the_topic() -> None:
    request = replace(REQUEST, topic="Dawn at sea. " + "The water is calm and wide. " * 60)
    full = fitted(request, 100_000)
    assert not full.shortened
    least = estimate_tokens(full.texts[SYSTEM]) + estimate_tokens(full.texts[RULES])
    least += estimate_tokens("Dawn at sea. The water is calm")
    orders = [fitted(request, room).shortened for room in range(full.tokens, least, -40)]
    assert orders[1] == (EXAMPLES,)
    assert (EXAMPLES, STYLE) in orders
    assert orders[-1] == (EXAMPLES, STYLE, TOPIC)
    assert orders == sorted(orders, key=len)
    # Half an example would teach to stop in the middle: then there is none.
    tight = fitted(request, full.tokens - 40)
    assert len(messages(tight.texts)) == 2
    assert [notice.id for notice in tight.notices] == [MessageId.LLM_PROMPT_SHORTENED]
    with pytest.raises(ContextExceeded):
        fitted(request, least // 2)


def test_the_schema_asks_for_scenes_first_and_bounds_them_where_that_is_understood() -> None:
    bounded, plain = (answer_schema(REQUEST, bounded=bounded) for bounded in (True, False))
    scenes = bounded["properties"]["scenes"]
    assert next(iter(bounded["properties"])) == "scenes"
    assert (scenes["minItems"], scenes["maxItems"]) == (REQUEST.scenes, REQUEST.scenes)
    assert "maxLength" in json.dumps(bounded)
    assert "Length" not in json.dumps(plain)
    fewest, most = narration_chars(REQUEST)
    told = scenes["items"]["properties"]["narration"]
    assert (told["minLength"], told["maxLength"]) == (fewest, most)
    # A scene's words fit in, in languages of long words as of short ones.
    assert 5 * REQUEST.words / REQUEST.scenes < most
    chinese = narration_chars(replace(REQUEST, language="zh"))
    assert chinese[1] < most


def test_a_repair_says_what_was_wrong_with_what() -> None:
    parts = {part.name: part.text for part in prompt_parts(REQUEST, held_to_schema=True)}
    asked = messages(parts)
    problems = read_answer('{"scenes": ["Too short."]}', REQUEST).problems
    repair = repair_messages(asked, "the answer", problems)
    assert repair[: len(asked)] == asked
    assert repair[-2] == {"role": "assistant", "content": "the answer"}
    assert all(problem in repair[-1]["content"] for problem in problems)
