"""What is made of a language model's answer: a script that can be said, or what is wrong."""

# ruff: noqa: RUF001 - the signs of other scripts are meant

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgen_gui.core.script import Genre, Scene, Script
from vidgen_gui.pipeline.llm_writer.cleaning import spoken_line, tags
from vidgen_gui.pipeline.llm_writer.length import cut_to_length, spoken_words, spread
from vidgen_gui.pipeline.llm_writer.prompt import EXAMPLE
from vidgen_gui.pipeline.llm_writer.reading import Reading, read_answer, shown_text
from vidgen_gui.pipeline.llm_writer.request import ScriptRequest

REQUEST = ScriptRequest("The sea at dawn", Genre.NATURE, "en", 1, 2.9, 17.0)
LINES = (
    "Before the town wakes, the sea is already at work.",
    "A grey line of light opens between water and sky.",
    "Gulls argue over the catch while the nets still drip.",
    "Someone lights a stove, and coffee crosses the whole harbour.",
    "Stay a minute longer, and the day will feel wider.",
)
GERMAN = (
    "Noch bevor die Stadt erwacht, arbeitet das Meer schon an den Steinen.",
    "Zwischen Wasser und Himmel öffnet sich ein grauer Streifen Licht.",
    "Die Möwen streiten um den Fang, während die Netze noch tropfen.",
    "Jemand zündet einen Ofen an, und Kaffeeduft zieht durch den Hafen.",
    "Bleib noch eine Minute, und der ganze Tag wird weiter.",
)


def answer(lines: tuple[str, ...] = LINES, **more: Any) -> str:
    scenes = [{"narration": line, "image_prompt": "waves, soft light"} for line in lines]
    return json.dumps({"scenes": scenes, "title": "The harbour", "hashtags": ["sea"]} | more)


def read(text: str, request: ScriptRequest = REQUEST) -> Reading:
    return read_answer(text, request)


def said(reading: Reading) -> tuple[str, ...]:
    assert reading.script is not None
    return tuple(scene.narration for scene in reading.script.scenes)


@pytest.mark.req("T4", "K5")
@pytest.mark.parametrize(
    "text",
    [
        answer(),
        f"```json\n{answer()}\n```",
        f"Sure! Here is your script:\n\n{answer()}\n\nI hope you like it.",
        f"<think>They want JSON.</think>\n{answer()}",
        answer().replace("]}", ",]}"),
        answer().replace('"', "'"),
        json.dumps([json.loads(answer())]),
        json.dumps({"script": json.loads(answer())}),
        json.dumps({"scenes": {f"scene{n}": {"text": line} for n, line in enumerate(LINES)}}),
        json.dumps({"Scenes": list(LINES), "Title": "The harbour"}),
    ],
)
def test_however_it_is_wrapped_it_is_the_same_script(text: str) -> None:
    reading = read(text)
    assert said(reading) == LINES
    assert reading.is_usable
    assert not reading.problems


def test_what_was_cut_off_counts_as_far_as_it_came() -> None:
    whole = answer()
    reading = read(whole[: whole.index(LINES[4]) + 10])
    assert said(reading) == LINES[:4]
    assert reading.is_usable
    # Before that there are too few scenes.
    assert not read(whole[: whole.index(LINES[1]) + 10]).is_usable


def test_prose_is_taken_when_nothing_else_comes_but_asked_about_once() -> None:
    reading = read("Sure! Here is the script:\n\n" + "\n".join(f"- {line}" for line in LINES))
    assert said(reading) == LINES
    assert reading.is_usable
    assert reading.problems == ("It is not a JSON object.",)


@pytest.mark.req("T9")
@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that request.",
        "As an AI language model, I cannot write this. It would be wrong. Please ask anew.",
        answer(("I'm sorry, but I cannot create this content.", *LINES[1:])),
        json.dumps({"error": "I can't help with that."}),
        json.dumps({"scenes": [{"narration": "I cannot assist with that request."}] * 5}),
    ],
)
def test_a_refusal_is_no_script(text: str) -> None:
    reading = read(text)
    assert not reading.is_usable
    assert any("declined" in problem for problem in reading.problems) or reading.script is not None


@pytest.mark.parametrize(
    "line",
    [
        "I can't believe how quiet the sea can be before dawn.",
        "I won't give up on the morning that waits for me.",
        "I cannot forget the light that opened over the water.",
    ],
)
def test_a_narrator_who_cannot_forget_does_not_refuse(line: str) -> None:
    assert read(answer((line, *LINES[1:]))).problems == ()


@pytest.mark.req("T9")
@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", "Two words", '{"scenes": []}', '{"scenes": 7}', '{"scenes": [{}, 1]}',
     '{"scenes": [{"narration": 5}, {"narration": null}]}', '{"scenes": [{"narration": "..."}]}',
     '{"scenes": "none"}', answer(("One.", "Two.", "Three."))],
)  # fmt: skip
def test_nothing_is_nothing(text: str) -> None:
    reading = read(text)
    assert not reading.is_usable
    assert reading.problems


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Scene 1: The tide turns.", "The tide turns."),
        ("**Scene 2 -** The tide turns.", "The tide turns."),
        ("Narrator: The tide turns.", "The tide turns."),
        ("Hook: The tide turns.", "The tide turns."),
        ("Szene 3: Die Flut kommt.", "Die Flut kommt."),
        ("场景1：潮水来了。", "潮水来了。"),
        ("1. The tide turns.", "The tide turns."),
        ("# The tide turns.", "The tide turns."),
        ("- The tide turns.", "The tide turns."),
        ("**The** tide *really* turns.", "The tide really turns."),
        ("The tide turns. 🌊🌊", "The tide turns."),
        ("[Music swells] The tide turns.", "The tide turns."),
        ("(pause) The tide turns.", "The tide turns."),
        ('"The tide turns."', "The tide turns."),
        ("The tide turns", "The tide turns."),
        ("The tide turns,", "The tide turns."),
        ("The tide turns <|im_end|>", "The tide turns."),
        ("See #dawn at sea.", "See dawn at sea."),
        # What only looks like a label or a direction stays.
        ("Close-up photographs lie.", "Close-up photographs lie."),
        ("2024 was a wet year.", "2024 was a wet year."),
        ("Scene-stealing gulls arrive.", "Scene-stealing gulls arrive."),
        ("He said (quietly) that it works.", "He said (quietly) that it works."),
        ("Beat the clock: start now.", "Beat the clock: start now."),
        ("潮水来了", "潮水来了。"),
    ],
)  # fmt: skip
def test_only_what_can_be_said_is_left(raw: str, clean: str) -> None:
    assert spoken_line(raw, 400, cut_at=400) == clean


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("The tide turns. The gulls rise and then th", "The tide turns."),
        ("The tide turns, the gulls rise, and th", "The tide turns, the gulls rise."),
        ("The tide turns while gulls ri", "The tide turns while gulls."),
    ],
)
def test_half_a_sentence_at_the_bound_is_left_out(raw: str, clean: str) -> None:
    assert spoken_line(raw, 400, cut_at=len(raw)) == clean


@pytest.mark.req("T9")
@pytest.mark.parametrize(
    "blank",
    ["Hello [Your Name], the sea waits.", "Welcome to <insert topic here>.", "Lorem ipsum dolor."],
)
def test_a_blank_to_be_filled_in_is_never_taken(blank: str) -> None:
    reading = read(answer((*LINES[:4], blank)))
    assert not reading.is_usable
    assert any("blank" in problem for problem in reading.problems)


def test_what_is_copied_from_the_example_is_left_out() -> None:
    copied = json.loads(json.dumps(dict(EXAMPLE)))
    assert not read(json.dumps(copied)).is_usable
    copied["scenes"][:0] = json.loads(answer())["scenes"]
    reading = read(json.dumps(copied))
    assert said(reading) == LINES
    assert reading.script is not None
    assert (reading.script.title, reading.script.hashtags) == ("The sea at dawn", ())


@pytest.mark.req("T3")
def test_another_language_is_no_good() -> None:
    reading = read(answer(GERMAN))
    assert not reading.is_usable
    assert any("not in English" in problem for problem in reading.problems)
    for code in ("de", "de-AT", "de_AT"):
        german = replace(REQUEST, language=code)
        assert read(answer(GERMAN), german).is_usable
        assert not read(answer(), german).is_usable


def test_a_language_without_spaces_is_measured_too() -> None:
    chinese = replace(REQUEST, language="zh")
    lines = ("天亮以前，海已经在岸边工作。", "水天之间，一道灰光慢慢打开。",
             "海鸥争抢夜里的渔获，渔网还在滴水。", "有人点起炉火，咖啡香穿过整个港口。",
             "再多停留一分钟，这一天会更宽阔。")  # fmt: skip
    assert read(answer(lines), chinese).is_usable
    long = tuple(line * 30 for line in lines)
    assert not read(answer(long), chinese).is_usable


@pytest.mark.req("T4")
def test_what_is_too_long_loses_its_middle_and_keeps_hook_and_close() -> None:
    more = tuple(f"{line} And then something small happens at the pier number {n}."
                 for n, line in enumerate(LINES))  # fmt: skip
    reading = read(answer((LINES[0], *more[1:4], LINES[4])))
    assert reading.is_usable
    assert said(reading)[0] == LINES[0]
    assert said(reading)[-1] == LINES[4]
    assert reading.script is not None
    assert spoken_words(reading.script) <= 1.15 * REQUEST.words


def test_a_long_hook_and_close_keep_the_sentences_that_matter() -> None:
    hook = f"{LINES[0]} {LINES[1]} {LINES[2]} {LINES[3]}"
    close = f"{LINES[1]} {LINES[2]} {LINES[3]} {LINES[4]}"
    script = Script("t", (Scene(hook, "a"), Scene("The middle says little.", "b"),
                          Scene(close, "c")))  # fmt: skip
    short = cut_to_length(script, 45, 7)
    assert short.scenes[0].narration.startswith(LINES[0])
    assert short.scenes[-1].narration.endswith(LINES[4])
    assert abs(spoken_words(short) - 45) < abs(spoken_words(script) - 45)


def test_what_is_too_short_or_too_long_is_asked_about() -> None:
    short = read(answer(LINES[:3]))
    assert short.is_usable
    assert any("longer: 49" in problem for problem in short.problems)
    assert not read(answer(("Sea.", "Sky.", "Light."))).is_usable
    endless = " ".join(f"word{n}" for n in range(200)) + "."
    assert not read(answer((endless,) * 3 + LINES[:2])).is_usable


def test_what_is_said_twice_is_said_once() -> None:
    again = LINES[1].replace("grey", "pale")
    assert said(read(answer((*LINES, LINES[0], again)))) == LINES


@pytest.mark.parametrize(
    "groove",
    [
        "the sea of the sea of the sea of the sea of the sea of the sea of the sea.",
        "scene1.jpg (1740.19.157.250) (2005-08-28 17:21:02.158) (1740.19.157.250)",
        "what is said",
    ],
)
def test_a_needle_in_a_groove_is_not_words(groove: str) -> None:
    assert said(read(answer((*LINES, groove)))) == LINES


def test_pictures_are_described_in_english_even_if_they_were_forgotten() -> None:
    lines = [{"narration": line} for line in LINES]
    reading = read(json.dumps({"scenes": lines}))
    assert reading.script is not None
    assert all("sea at dawn" in scene.image_prompt for scene in reading.script.scenes)
    german = replace(REQUEST, language="de", topic="sea")
    reading = read(json.dumps({"scenes": [{"narration": line} for line in GERMAN]}), german)
    assert reading.script is not None
    assert {scene.image_prompt for scene in reading.script.scenes} == {"sea"}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (["sea", "#dawn", "two words", "sea"], ("#sea", "#dawn", "#twowords")),
        ("#sea, dawn calm", ("#sea", "#dawn", "#calm")),
        (["1", "2", "", "!!", None, 7, "x" * 100], ()),
        (["Über", "рассвет", "海"], ("#Über", "#рассвет", "#海")),
        ({"a": "b"}, ()),
        ([f"tag{n}" for n in range(99)], ("#tag0", "#tag1", "#tag2", "#tag3", "#tag4")),
    ],
)
def test_hashtags(value: Any, found: tuple[str, ...]) -> None:
    assert tags(value, limit=30, most=5) == found


def test_few_long_scenes_become_more_and_many_become_fewer() -> None:
    one = [Scene(" ".join(LINES), "p")]
    assert len(spread(one)) >= 3
    assert " ".join(scene.narration for scene in spread(one)) == " ".join(LINES)
    many = [Scene(f"Line number {n} is here.", "p") for n in range(30)]
    assert len(spread(many)) == 10
    assert [Scene("Only one sentence.", "p")] == spread([Scene("Only one sentence.", "p")])


def test_what_is_shown_while_it_is_written_grows_and_is_plain() -> None:
    whole = answer()
    shown = [shown_text(whole[:end], REQUEST) for end in range(0, len(whole), 7)]
    assert shown[0] == ""
    assert shown[-1].split("\n\n") == list(LINES)
    assert all("{" not in text and "image_prompt" not in text for text in shown)


@pytest.mark.req("T9")
@pytest.mark.parametrize(
    "text",
    [
        "{" * 100_000,
        '{"scenes": [' + '{"narration": "a b c d e."},' * 9_000 + "]}",
        '{"scenes": [{"narration": "' + "a" * 240_000 + '"}]}',
        '{"scenes": [{"narration": "' + "word " * 40_000 + '"}]}',
        json.dumps({"scenes": [{"narration": "\u202e\x00<script>alert(1)</script> " * 50}] * 40}),
        "x" * 1_000_000,
        "A sentence. " * 50_000,
    ],
)
def test_huge_and_hostile_answers_are_read_quickly_and_stay_small(text: str) -> None:
    reading = read(text)
    if reading.script is not None:
        assert sum(len(line) for line in said(reading)) < 20_000
        assert len(reading.script.scenes) <= 10
        assert all("\x00" not in line and "\u202e" not in line for line in said(reading))
    assert all(len(problem) < 300 for problem in reading.problems)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60),
    lambda inner: (
        st.lists(inner, max_size=6)
        | st.dictionaries(
            st.sampled_from(
                ["scenes", "narration", "title", "hashtags", "image_prompt", "text", "x"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(value=JSON)
def test_whatever_comes_is_a_script_or_a_problem(value: Any) -> None:
    reading = read(json.dumps(value))
    assert reading.problems or reading.is_usable
    if reading.is_usable:
        assert reading.script is not None
        assert len(reading.script.scenes) >= 3
        assert 0.5 * REQUEST.words <= spoken_words(reading.script) <= 1.6 * REQUEST.words
        assert Script.from_dict(reading.script.to_dict()) == reading.script


@given(text=st.text(max_size=400))
def test_any_text_is_survived(text: str) -> None:
    for given_text in (text, answer((text, *LINES[1:]))):
        reading = read(given_text)
        assert reading.problems or reading.is_usable
        if reading.script is not None:
            assert all(line == line.strip() and line for line in said(reading))


@given(counts=st.lists(st.integers(1, 6), min_size=1, max_size=14), words=st.integers(20, 120))
def test_cutting_never_makes_it_worse_and_keeps_the_ends(counts: list[int], words: int) -> None:
    scenes = [
        Scene(" ".join(f"Scene {n} sentence {m} says a thing." for m in range(count)), "p")
        for n, count in enumerate(counts)
    ]
    script = Script("t", tuple(scenes))
    cut = cut_to_length(script, words, 0.15 * words)
    assert abs(spoken_words(cut) - words) <= max(abs(spoken_words(script) - words), 0.15 * words)
    assert cut.scenes[0].narration.startswith("Scene 0 sentence 0")
    if len(scenes) > 1:
        assert cut.scenes[-1].narration.endswith(scenes[-1].narration.split(". ")[-1])
    assert len(cut.scenes) >= min(3, len(scenes))
