"""Cleaning, measuring and cutting text; the one place where text from outside is made safe."""

import unicodedata

import regex

_LINE_ENDS = regex.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Cc but newline and tab; Cf but ZWNJ/ZWJ (shaping, emoji) and the emoji tag characters;
# surrogates and private use.
_UNWANTED = regex.compile(
    r"[[\p{Cc}--[\n\t]]||[\p{Cf}--[\u200c\u200d\U000E0020-\U000E007F]]||\p{Cs}||\p{Co}]", regex.V1
)
_SPACES = regex.compile(r"[^\S\n]+")
_BLANK_LINES = regex.compile(r"\n{3,}")
# Some letters are never seen, such as the filler of Hangul.
_WORD = regex.compile(r"[[\p{L}\p{N}]--\p{Default_Ignorable_Code_Point}]", regex.V1)
_GRAPHEME = regex.compile(r"\X")
_NOT_IN_SLUG = regex.compile(r"[[^\p{L}\p{M}\p{N}]||\p{Default_Ignorable_Code_Point}]+", regex.V1)

WINDOWS_RESERVED = frozenset(
    {"con", "prn", "aux", "nul"}
    | {f"com{n}" for n in range(1, 10)}
    | {f"lpt{n}" for n in range(1, 10)}
)


def clean_text(text: str, *, keep_lines: bool = True) -> str:
    """Make text from outside plain: NFC, no controls, folded spaces, newline line ends.

    Args:
        keep_lines: False joins the lines with spaces.
    """
    text = unicodedata.normalize("NFC", text)
    text = _LINE_ENDS.sub("\n", text)
    text = _UNWANTED.sub("", text)
    if not keep_lines:
        text = text.replace("\n", " ")
    text = _SPACES.sub(" ", text)
    lines = [line.strip(" ") for line in text.split("\n")]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def has_words(text: str) -> bool:
    """Whether anything can be read aloud or looked up: at least one letter or digit."""
    return _WORD.search(text) is not None


def graphemes(text: str) -> list[str]:
    """What a reader sees as single characters (a family emoji is one)."""
    return _GRAPHEME.findall(text)


def truncate(text: str, limit: int, ellipsis: str = "…") -> str:
    """Cut to at most ``limit`` graphemes, the ellipsis included."""
    parts = graphemes(text)
    if len(parts) <= limit:
        return text
    return "".join(parts[: max(0, limit - len(graphemes(ellipsis)))]).rstrip() + ellipsis


def slug(text: str, *, max_bytes: int = 80) -> str:
    """A name that is safe in a file name on every platform; letters of all scripts stay.

    Never empty, never a reserved Windows name, at most ``max_bytes`` in UTF-8.
    """
    # The dotted capital of Turkish would leave its dot behind as a mark of its own.
    plain = unicodedata.normalize("NFC", text).replace("\u0130", "i").lower()
    name = _NOT_IN_SLUG.sub("-", plain).strip("-")
    while len(name.encode()) > max_bytes:
        name = "".join(graphemes(name)[:-1]).rstrip("-")
    if not name or name in WINDOWS_RESERVED:
        return f"video-{name}".rstrip("-")
    return name
