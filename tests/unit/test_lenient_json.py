"""The object in a model's reply is found, however it is wrapped or broken."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgen_gui.services.llm.lenient_json import MAX_CHARS, NotJson, parse_object

SCENE = {"narration": "One small step.", "image_prompt": "a boat, dawn"}
SCRIPT = {"title": "Tides", "scenes": [SCENE, SCENE], "hashtags": ["#sea"], "n": -1.5}
PLAIN = json.dumps(SCRIPT)
PRETTY = json.dumps(SCRIPT, indent=2)


@pytest.mark.req("K1", "K5")
@pytest.mark.parametrize(
    "reply",
    [
        PLAIN,
        f"\ufeff \n{PRETTY}\n",
        f"```json\n{PRETTY}\n```",
        f"```\n{PRETTY}\n```",
        f"Sure! Here is the script:\n\n```JSON\n{PRETTY}\n```\nLet me know if {{you}} like it [1].",
        f"Here you go: {PLAIN} Enjoy!",
        f'<think>\nThe format is {{"title": "x"}} I guess...\n</think>\n{PLAIN}',
        f'I should answer with {{"title": 1}}.</think>{PLAIN}',
        PLAIN.replace('"Tides"', '"Tides",'),
        PLAIN.replace("}]", "},]").replace("-1.5}", "-1.5,}"),
        PRETTY.replace("{\n", "{ // the script\n", 1).replace("[", "[ /* two */", 1),
        PLAIN.replace('"', "'"),
        str(SCRIPT),
        PLAIN.replace('"title":', "title:").replace('"n":', "n :"),
        PLAIN.replace('": "', "”: “").replace('"', "”"),
        PRETTY.replace('"Tides",', '"Tides"'),
        f"[{PLAIN}]",
        json.dumps(PLAIN),
        f"The tags are {{}}, [] and {{ }}; {PLAIN}",
    ],
)
def test_a_script_is_found(reply: str) -> None:
    assert parse_object(reply) == SCRIPT


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ('{"a": "line one\nline two\ttab"}', "line one\nline two\ttab"),
        ('{"a": "He said "go" to her."}', 'He said "go" to her.'),
        ('{"a": \'It\'s "fine".\'}', 'It\'s "fine".'),
        ("{a: 'caf\\u00e9 \\ud83d\\ude80 \\x \\ud83d.'}", "café 🚀 x ."),
        ('{"a": True,}', True),
        ("{a: None}", None),
        ("{a: NaN}", None),
        ("{'a': .5,}", 0.5),
        ("{'a': [1 2 3]}", [1, 2, 3]),
        ("{'a': 'http://x/y # no comment'}", "http://x/y # no comment"),
    ],
)
def test_odd_values_are_read(reply: str, value: Any) -> None:
    assert parse_object(reply) == {"a": value}


@pytest.mark.req("T9")
@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ('{"title": "Tides", "scenes": [{"narration": "One."', [{"narration": "One."}]),
        ('{"title": "Tides", "scenes": [{"narration": "One."}, {"narr', [{"narration": "One."}]),
        ('{"title": "Tides", "scenes": [{"narration": "One."}, {"narration": "Half a', [
            {"narration": "One."}
        ]),
        ('```json\n{"title": "Tides", "scenes": [', []),
        ('{"title": "Tides", "scenes": [{"narration": "One."}]', [{"narration": "One."}]),
    ],
)  # fmt: skip
def test_half_a_sentence_is_never_kept(kept: str, expected: list[Any]) -> None:
    assert parse_object(kept) == {"title": "Tides", "scenes": expected}


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "  ",
        "I can't help with that.",
        "null",
        "42",
        '"just text"',
        "[]",
        "[1, 2, 3]",
        f"[{PLAIN}, {PLAIN}]",
        "{",
        "}{",
        "<html><body>{{ template }}</body></html>",
        '<think>I could write {"title": "x"} but',
        "{" * 5000,
        "[" * 100_000,
        '{"a":' * 3000 + "1" + "}" * 3000,
        "x" * (MAX_CHARS + 1),
        '{"a": ' + "9" * 400 + "x}",
    ],
)
def test_what_holds_no_object_is_said(reply: str) -> None:
    with pytest.raises(NotJson):
        parse_object(reply)


def test_hostile_text_costs_little() -> None:
    hostile = [
        "{'" * (MAX_CHARS // 2),
        '{"a": "' + "' \" " * (MAX_CHARS // 5),
        "{a:[" + "{}," * (MAX_CHARS // 4),
        "{" + "/*" * (MAX_CHARS // 3),
        "{" + " \n" * (MAX_CHARS // 3),
        "<think>" * (MAX_CHARS // 8),
        '{"a": "' + "\\ud83d" * (MAX_CHARS // 7),
    ]
    started = time.process_time()
    for text in hostile:
        try:
            parse_object(text)
        except NotJson:
            continue
    assert time.process_time() - started < 20


NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(max_size=8), JSON, min_size=1, max_size=4)


@given(OBJECTS, st.text("ab .,!?:;'\"`#/*\n", max_size=30), st.booleans())
def test_every_object_is_read_back(value: dict[str, Any], prose: str, ascii_only: bool) -> None:  # noqa: FBT001 - drawn
    written = json.dumps(value, ensure_ascii=ascii_only)
    assert parse_object(written) == value
    assert parse_object(f"{prose}\n{written}\n{prose}") == value


@given(st.data())
def test_any_beginning_of_an_object_holds_only_what_was_in_it(data: st.DataObject) -> None:
    keys = st.text("abc\"' {", min_size=1, max_size=5)
    value = data.draw(st.dictionaries(keys, st.text("xy'\", {}\n", max_size=9), min_size=1))
    text = json.dumps(value, ensure_ascii=False)
    cut = data.draw(st.integers(0, len(text)))
    try:
        found = parse_object(text[:cut])
    except NotJson:
        return
    assert found.items() <= value.items()
    assert cut < len(text) or found == value


@given(st.text(max_size=200) | st.text("{}[]'\",:\\/*#\n truefalsn0123.u", max_size=200))
def test_any_text_gives_an_object_or_not_json(text: str) -> None:
    try:
        found = parse_object(text)
    except NotJson:
        return
    assert isinstance(found, dict)
