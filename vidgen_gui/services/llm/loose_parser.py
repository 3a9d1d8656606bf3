"""A parser for almost-JSON: one object or list at one place of a text. Pure.

Written by hand because the libraries that repair JSON guess on any input; this one gives up where
the text is no longer a value, so that prose with a brace in it isn't taken for an answer.
"""

from dataclasses import dataclass
from typing import Any

import regex

MAX_DEPTH = 40
_SPACE = regex.compile(r"(?:\s|//[^\n]*|/\*.*?(?:\*/|\Z)|#[^\n]*)*", regex.DOTALL)
_NUMBER = regex.compile(r"[+-]?(?:\d{1,300}(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?")
_WORD = regex.compile(r"[\p{L}_$][\p{L}\p{N}_$-]*")
_WORDS = {"true": True, "false": False, "null": None, "none": None, "nan": None, "undefined": None}
_QUOTES = {'"': '"', "'": "'", "“": "”", "”": "”", "‘": "’", "„": "“”", "«": "»", "`": "`"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": ""}
# What may follow a closing quote; a line end and another quote mean a forgotten comma.
_AFTER_STRING = regex.compile(r"\s*(?:[,:}\]]|\Z|//|/\*)|[ \t]*\n\s*[\"'“]")
_PLAIN = regex.compile(r"[^\\\"'”’“»`]+")


@dataclass(frozen=True, slots=True)
class Loose:
    """A value that was read up to ``end``; ``cut`` when the text stopped inside it."""

    value: Any
    start: int
    end: int
    cut: bool

    @property
    def rank(self) -> tuple[bool, int]:
        return (not self.cut, self.end - self.start)


class _NoValueError(Exception):
    """What stands here is no value."""


class _CutError(Exception):
    """The text ended in the middle of a string, number or word."""


class LooseParser:
    """Reads the object or list that starts at ``start``."""

    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._start = start
        self._at = start
        self._cut = False

    def parse(self) -> Loose | None:
        """The value, or None when there is none here."""
        try:
            value = self._value(0)
        except (_NoValueError, _CutError):
            return None
        return Loose(value, self._start, self._at, self._cut)

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _skip_space(self) -> None:
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _value(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise _NoValueError
        mark = self._peek()
        if mark == "{":
            return self._object(depth)
        if mark == "[":
            return self._list(depth)
        if mark in _QUOTES:
            return self._string()
        return self._number() if mark in "+-.0123456789" else self._word()

    def _object(self, depth: int) -> dict[str, Any]:
        self._at += 1
        members: dict[str, Any] = {}
        while self._more("}"):
            try:
                key = self._key()
                self._skip_space()
                if self._peek() != ":":
                    raise _CutError if not self._peek() else _NoValueError
                self._at += 1
                self._skip_space()
                members[key] = self._value(depth + 1)
            except _CutError:
                self._cut_off()
        return members

    def _list(self, depth: int) -> list[Any]:
        self._at += 1
        items: list[Any] = []
        while self._more("]"):
            try:
                item = self._value(depth + 1)
            except _CutError:
                self._cut_off()
                continue
            if not (self._cut and item in ({}, [])):
                items.append(item)
        return items

    def _more(self, closing: str) -> bool:
        """Whether another member follows; commas may be doubled, missing or trailing."""
        self._skip_space()
        while self._peek() == ",":
            self._at += 1
            self._skip_space()
        if self._peek() == closing:
            self._at += 1
            return False
        if self._at >= len(self._text):
            self._cut = True
            return False
        if self._peek() in "}]":
            raise _NoValueError
        return True

    def _cut_off(self) -> None:
        self._cut = True
        self._at = len(self._text)

    def _key(self) -> str:
        if self._peek() in _QUOTES:
            return self._string()
        match = _WORD.match(self._text, self._at) or _NUMBER.match(self._text, self._at)
        if match is None:
            raise _NoValueError
        self._at = match.end()
        return match.group()

    def _string(self) -> str:
        """A string; a quote in the middle of it that nothing can follow is taken as text."""
        closing = _QUOTES[self._peek()]
        self._at += 1
        parts: list[str] = []
        while self._at < len(self._text):
            mark = self._text[self._at]
            if mark == "\\":
                parts.append(self._escape())
            elif mark in closing and _AFTER_STRING.match(self._text, self._at + 1):
                self._at += 1
                return "".join(parts)
            else:
                match = _PLAIN.match(self._text, self._at)
                end = match.end() if match else self._at + 1
                parts.append(self._text[self._at : end])
                self._at = end
        raise _CutError

    def _escape(self) -> str:
        mark = self._text[self._at + 1 : self._at + 2]
        self._at += 2
        if mark != "u":
            return _ESCAPES.get(mark, mark)
        digits = self._text[self._at : self._at + 4]
        if not regex.fullmatch(r"[0-9a-fA-F]{4}", digits):
            return ""
        self._at += 4
        code = int(digits, 16)
        low = regex.match(r"\\u([dD][c-fC-F][0-9a-fA-F]{2})", self._text, pos=self._at)
        if 0xD800 <= code < 0xDC00 and low:
            self._at = low.end()
            code = 0x10000 + ((code - 0xD800) << 10) + (int(low[1], 16) - 0xDC00)
        return "" if 0xD800 <= code < 0xE000 else chr(code)

    def _number(self) -> int | float:
        match = _NUMBER.match(self._text, self._at)
        if match is None:
            raise _NoValueError
        self._at = match.end()
        if self._at == len(self._text):
            raise _CutError
        digits = match.group()
        return int(digits) if regex.fullmatch(r"[+-]?\d+", digits) else float(digits)

    def _word(self) -> Any:
        match = _WORD.match(self._text, self._at)
        if match is None:
            raise _NoValueError
        self._at = match.end()
        if self._at == len(self._text):
            raise _CutError
        word = match.group().lower()
        if word not in _WORDS:
            raise _NoValueError
        return _WORDS[word]
