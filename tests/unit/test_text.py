"""Cleaning, cutting and naming text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgen_gui.core.text import clean_text, graphemes, has_words, slug, truncate


@pytest.mark.req("BUG-17", "AUD-21", "T6")
@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\x00b\x07c\x1b[0m", "abc[0m"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("a \t\u00a0 b", "a b"),
        ("e\u0301", "é"),
        ("  x  \n  y  ", "x\ny"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("\u202eevil\u202c", "evil"),
        ("\ufeffbom", "bom"),
        ("👩\u200d👧", "👩\u200d👧"),
    ],
)
def test_text_is_cleaned(raw: str, clean: str) -> None:
    assert clean_text(raw) == clean


@pytest.mark.req("K4")
@given(st.text())
def test_cleaning_is_stable_and_leaves_no_controls(raw: str) -> None:
    once = clean_text(raw)
    assert clean_text(once) == once
    assert not [c for c in once if unicodedata.category(c) == "Cc" and c != "\n"]
    assert "\n" not in clean_text(raw, keep_lines=False)


@pytest.mark.req("BUG-18", "AUD-22")
def test_truncation_keeps_families_and_flags_whole() -> None:
    family, flag = "👨‍👩‍👧‍👦", "🇫🇷"
    text = family * 3 + flag * 3
    assert truncate(text, 3) == family * 2 + "…"
    assert truncate(text, 6) == text
    assert len(graphemes(truncate(text, 5))) == 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False),
        ("🎉!?", False),
        ("a", True),
        ("7", True),
        ("朝", True),
        ("…—", False),
        ("\u3164\u115f", False),
    ],
)
def test_has_words(text: str, expected: bool) -> None:  # noqa: FBT001
    assert has_words(text) is expected


@pytest.mark.req("S6", "S10")
@given(st.text())
def test_slug_is_safe_everywhere(text: str) -> None:
    name = slug(text)
    assert name
    assert len(name.encode()) <= 90
    assert not set(name) & set('/\\:*?"<>|. \n\0')
    assert name.split(".")[0] not in {"con", "nul", "aux", "prn", "com1", "lpt9"}


def test_slug_keeps_letters_of_all_scripts() -> None:
    assert slug("../../etc/passwd") == "etc-passwd"
    assert slug("Die Kraft der Stille!") == "die-kraft-der-stille"
    assert slug("朝の散歩") == "朝の散歩"
    assert slug("CON") == "video-con"
    assert slug("I \u2764\ufe0f the\u3164sea \u034f") == "i-the-sea"
    assert slug("\u0130zmir") == "izmir"
