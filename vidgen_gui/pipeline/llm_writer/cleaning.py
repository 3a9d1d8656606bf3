"""Makes what a model wrote for one place sayable: no labels, markup, directions, half sentences.

Pure. Whether what is left is any good is judged in `reading`.
"""

# ruff: noqa: RUF001 - the signs of other scripts are meant

from typing import Any

import regex

from vidgen_gui.core.text import clean_text, truncate
from vidgen_gui.pipeline.sentences import split_sentences

_LABELS = (
    r"scene|narrator|narration|voice[- ]?over|vo|hook|close|closing|beat|intro|outro|speaker|"
    r"szene|erzähler|sprecher|escena|narrador|locutor|scène|narrateur|voix off|scena|narratore|"
    r"cena|sahne|сцена|диктор|场景|旁白|シーン|장면"
)
_LABEL = regex.compile(
    r"^(?:[\s#>*_\-•]*)"
    # "Scene 1:", "Hook:", "Scene 2 - " and "3." are labels; "Close-up" and "2024. " are not.
    rf"(?:(?:{_LABELS})\s*\d*\s*(?:\([^)]{{0,30}}\)\s*)?(?:[:：]|\s[-–—]\s)\s*"
    rf"|(?:{_LABELS})\s*\d+\s*[.)]\s+"
    r"|\d{1,2}\s*[.)]\s+)?",
    regex.IGNORECASE,
)
_MARKUP = regex.compile(r"\*\*|__|`|(?<!\w)\*(?=\w)|(?<=[\w.!?])\*(?!\w)")
_TEMPLATE = regex.compile(
    r"<\|[^|>]{0,40}\|>|</?(?:s|b|i|em|strong|p|br|start_of_turn)\s*/?>", regex.I
)
_BLANK = regex.compile(
    r"[\[<{(](?:insert|enter|add|your|the name|name|topic|placeholder|fill|xx+|…|\.\.\.)"
    r"[^\]>})]{0,60}[\]>})]|\blorem ipsum\b",
    regex.IGNORECASE,
)
_DIRECTION = regex.compile(
    r"\[[^\]]{0,80}\]|\((?:music|pause|cut|beat|sfx|fade|sound|soft|whisper|upbeat)[^)]{0,60}\)"
    r"|\*(?:pause|music|beat|cut)[^*]{0,40}\*",
    regex.IGNORECASE,
)
_EMOJI = regex.compile(r"[\p{Extended_Pictographic}\uFE0F\u200D\U0001F1E6-\U0001F1FF\u20E3]+")
_TAG_IN_TEXT = regex.compile(r"(?<!\w)#(?=\p{L})")
_NO_TAG = regex.compile(r"[^\p{L}\p{M}\p{N}_]+")
_QUOTES = "\"“”„«»'‘’ "
_ENDS = (".", "!", "?", "…", "。", "！", "？", "।", "؟", "۔", ":", ";", "”", '"', "»", ")")
_DANGLING = " ,;:-–—"
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]$")


def has_blank(text: str) -> bool:
    """Whether something was to be filled in: ``[your name]``, ``<insert topic>``."""
    return _BLANK.search(text) is not None


def spoken_line(value: Any, limit: int, *, cut_at: int) -> str:
    """A narration as it can be said; "" when there is none. Blanks stay, to be found.

    Args:
        limit: graphemes; more is cut.
        cut_at: letters at which the server made the model stop: then the end is half a sentence.
    """
    raw = plain_line(value, limit)
    is_cut = len(raw) >= cut_at - 1
    text = raw if has_blank(raw) else _DIRECTION.sub(" ", raw)
    text = _MARKUP.sub("", _EMOJI.sub(" ", _TEMPLATE.sub(" ", text)))
    text = _LABEL.sub("", text, count=1)
    text = clean_text(_TAG_IN_TEXT.sub("", text), keep_lines=False)
    return _ended(_unquoted(text), is_cut=is_cut)


def plain_line(value: Any, limit: int) -> str:
    """One clean line of at most ``limit`` graphemes; "" when it is no text."""
    if not isinstance(value, str):
        return ""
    return truncate(clean_text(value[: 20 * limit], keep_lines=False), limit)


def title_line(value: Any, limit: int) -> str:
    """A title without quotes, markup and emoji."""
    text = _TEMPLATE.sub(" ", plain_line(value, limit))
    text = _LABEL.sub("", _MARKUP.sub("", _EMOJI.sub(" ", text)), count=1)
    return clean_text(text, keep_lines=False).strip(_QUOTES)


def tags(value: Any, *, limit: int, most: int) -> tuple[str, ...]:
    """Hashtags, each with one ``#``; numbers alone say nothing."""
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    if not isinstance(value, list):
        return ()
    names = (_NO_TAG.sub("", plain_line(entry, 4 * limit)) for entry in value[:50])
    kept = (name for name in names if 0 < len(name) <= limit and not name.isdigit())
    return tuple(dict.fromkeys(f"#{name}" for name in kept))[:most]


def _unquoted(text: str) -> str:
    """Without quotes around the whole; those inside stay."""
    inner = text.strip()
    while len(inner) > 1 and inner[0] in '"“„«' and inner[-1] in '"”“»':
        inner = inner[1:-1].strip()
    return inner


def _ended(text: str, *, is_cut: bool) -> str:
    """Ended by a full stop; half a sentence after whole ones is left out."""
    text = text.rstrip(_DANGLING)
    if not text or text.endswith(_ENDS):
        return text
    sentences = split_sentences(text)
    if is_cut and len(sentences) > 1:
        return " ".join(sentences[:-1])
    if is_cut:
        # Back to the last clause, or at least to the last whole word.
        head, comma, _ = text.rpartition(", ")
        text = head if comma and len(head) > len(text) / 2 else text.rpartition(" ")[0] or text
    text = text.rstrip(_DANGLING)
    return text + ("。" if _UNSPACED.search(text) else ".")
