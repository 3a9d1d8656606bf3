"""The bundled fonts: which face draws which characters, and which characters none can draw.

No drawing and no Qt here: coverage comes from the table that was written with the fonts, so
that any part of the app can ask whether a text can be shown before it is shown.
"""

import bisect
import functools
import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import regex

from vidgen_gui.core.text import graphemes
from vidgen_gui.system.resources import resource

LATIN_FAMILY = "Noto Sans"
EMOJI_FAMILY = "Noto Color Emoji"
WINDOW_WEIGHTS = (400, 500, 600, 700)
CAPTION_WEIGHT = 700

# Drawn by nothing, so covered by every face: joiners, variation selectors, tags.
_INVISIBLE = regex.compile(r"[\p{Default_Ignorable_Code_Point}]")
_TEXT_SELECTOR = "\ufe0e"
_EMOJI_MARKS = regex.compile(
    r"[\ufe0f\u20e3]|\p{Emoji_Presentation}|\p{Emoji_Modifier}|\p{Regional_Indicator}"
)
# Unicode shows these as plain text unless a selector follows, people expect colour all the same.
_PICTOGRAPH = regex.compile(
    r"[\p{Extended_Pictographic}--[\u0000-\u25ff\u2900-\u2bff\u3030\u303d\u3297\u3299]]", regex.V1
)
_READ_ALOUD = regex.compile(r"[\p{L}\p{N}]")
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
_HANGUL = regex.compile(r"\p{Hangul}")
_HAN = regex.compile(r"\p{Han}")
_COMMON = regex.compile(r"\p{Script=Common}+")
_CJK_PREFIX = "Noto Sans CJK "


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One font file, the same object for each caller.

    ``firsts`` and ``lasts`` bound the ranges of covered code points.
    """

    file: str
    family: str
    weight: int
    firsts: tuple[int, ...]
    lasts: tuple[int, ...]

    def covers(self, char: str) -> bool:
        code = ord(char)
        index = bisect.bisect_right(self.firsts, code) - 1
        return index >= 0 and code <= self.lasts[index]

    @property
    def path(self) -> Path:
        return resource(f"fonts/{self.file}")

    @property
    def is_emoji(self) -> bool:
        return self.family == EMOJI_FAMILY


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text (half-open, in code points) that one face draws."""

    start: int
    end: int
    face: Face


@functools.cache
def faces() -> tuple[Face, ...]:
    """Every bundled face, in the order in which they are tried.

    Raises:
        StorageError: the installation is incomplete.
    """
    entries = json.loads(resource("fonts/coverage.json").read_text(encoding="utf-8"))
    return tuple(
        Face(
            entry["file"],
            entry["family"],
            entry["weight"],
            tuple(first for first, _ in entry["ranges"]),
            tuple(last for _, last in entry["ranges"]),
        )
        for entry in entries
    )


def window_faces() -> list[Path]:
    """The files that the window needs: Noto Sans in its weights."""
    return [f.path for f in faces() if f.family == LATIN_FAMILY and f.weight in WINDOW_WEIGHTS]


def cjk_region(text: str) -> str:
    """Whose shapes of ideographs a text wants: ``JP``, ``KR``, ``TC`` or ``SC``.

    Kana and hangul tell at once; else the characters that only one of the two Chinese
    national standards has are counted.
    """
    if _KANA.search(text):
        return "JP"
    if _HANGUL.search(text):
        return "KR"
    ideographs = set(_HAN.findall(text))
    simplified = sum(_encodes(c, "gb2312") and not _encodes(c, "big5") for c in ideographs)
    traditional = sum(_encodes(c, "big5") and not _encodes(c, "gb2312") for c in ideographs)
    return "TC" if traditional > simplified else "SC"


def face_runs(text: str, *, weight: int = CAPTION_WEIGHT, region: str = "SC") -> list[Run]:
    """Part a text into stretches of one face each.

    A grapheme is never parted, and signs and spaces stay with the letters before them where
    that face has them. What no face covers gets the Latin face, whose missing-glyph
    box would show: pass the text through `drawable` first.

    Args:
        weight: of Latin, Greek and Cyrillic; the other scripts have one weight.
        region: from `cjk_region` of the whole text, so that words agree.
    """
    order = _ordered(weight, region)
    runs: list[Run] = []
    position = 0
    for cluster in graphemes(text):
        face = _face_for(cluster, order) or order[0]
        if runs and not face.is_emoji and _goes_with_any_script(cluster, runs[-1].face):
            face = runs[-1].face
        end = position + len(cluster)
        if runs and runs[-1].face is face:
            runs[-1] = Run(runs[-1].start, end, face)
        else:
            runs.append(Run(position, end, face))
        position = end
    return runs


def undrawable(text: str) -> tuple[str, ...]:
    """The graphemes that no bundled face covers, each once, in order of appearance."""
    order = _ordered(CAPTION_WEIGHT, "SC")
    found = (c for c in graphemes(text) if not c.isspace() and _face_for(c, order) is None)
    return tuple(dict.fromkeys(found))


def drawable(text: str) -> str:
    """The text with everything that no face covers replaced on purpose, so no box is drawn.

    Styled letters become plain ones (Unicode's compatibility form), a new emoji its known
    parts, a mark no face has is left off; of the rest, letters and digits leave one ellipsis
    a stretch and symbols leave nothing.
    """
    missing = undrawable(text)
    if not missing:
        return text
    order = _ordered(CAPTION_WEIGHT, "SC")
    unknown = set(missing)
    parts: list[str] = []
    for cluster in graphemes(text):
        part = _stand_in(cluster, order) if cluster in unknown else cluster
        if part == "…" and parts and parts[-1].endswith("…"):
            continue
        parts.append(part)
    return "".join(parts)


def _stand_in(cluster: str, order: Sequence[Face]) -> str:
    plain = unicodedata.normalize("NFKC", cluster)
    if plain != cluster and all(_face_for(part, order) for part in graphemes(plain)):
        return plain
    visible = [c for c in cluster if not _INVISIBLE.match(c)]
    kept = "".join(c for c in visible if _face_for(c, order) and not unicodedata.combining(c))
    if kept:
        return kept
    return "…" if _READ_ALOUD.search(cluster) else ""


@functools.lru_cache(maxsize=64)
def _ordered(weight: int, region: str) -> tuple[Face, ...]:
    def rank(item: tuple[int, Face]) -> tuple[int, int]:
        position, face = item
        preferred = face.family in {LATIN_FAMILY, _CJK_PREFIX + region}
        return (0 if preferred else 1, position)

    known = [
        (position, face)
        for position, face in enumerate(faces())
        if face.family != LATIN_FAMILY or face.weight == weight
    ]
    return tuple(face for _, face in sorted(known, key=rank))


@functools.lru_cache(maxsize=4096)
def _face_for(cluster: str, order: tuple[Face, ...]) -> Face | None:
    needed = [c for c in cluster if not _INVISIBLE.match(c) and not c.isspace()]
    wants_emoji = _wants_emoji(cluster)
    for face in sorted(order, key=lambda f: f.is_emoji != wants_emoji):
        if all(face.covers(c) for c in needed):
            return face
    return None


def _goes_with_any_script(cluster: str, face: Face) -> bool:
    return (
        not face.is_emoji
        and _COMMON.fullmatch(cluster) is not None
        and all(face.covers(char) for char in cluster)
    )


def _wants_emoji(cluster: str) -> bool:
    if _TEXT_SELECTOR in cluster:
        return False
    return bool(_EMOJI_MARKS.search(cluster) or _PICTOGRAPH.match(cluster))


def _encodes(char: str, codec: str) -> bool:
    try:
        char.encode(codec)
    except UnicodeEncodeError:
        return False
    return True
