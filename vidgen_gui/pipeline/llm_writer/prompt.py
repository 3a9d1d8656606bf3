"""What a language model is told, and the form its answer has to have. Pure."""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from vidgen_gui.core.language import primary_language
from vidgen_gui.core.script import Genre
from vidgen_gui.pipeline.llm_writer.request import ScriptRequest
from vidgen_gui.services.llm.budget import Part

NARRATION_CHARS = 400
PICTURE_CHARS = 300
TITLE_CHARS = 80
TAG_CHARS = 30

_TONES: Mapping[Genre, str] = MappingProxyType(
    {
        Genre.MOTIVATIONAL: "encouraging and concrete; one small thing to do today, no slogans",
        Genre.EMOTIONAL: "warm and honest; a small true moment rather than big words",
        Genre.TECH: "clear and curious; how it works and why it matters, no hype",
        Genre.NATURE: "calm and precise; what can be seen, heard and felt outdoors",
        Genre.CUSTOM: "lively and natural; whatever suits the topic",
    }
)

_LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "cs": "Czech",
        "cy": "Welsh", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
        "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish", "fr": "French",
        "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian",
        "is": "Icelandic", "it": "Italian", "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh",
        "ko": "Korean", "lb": "Luxembourgish", "lt": "Lithuanian", "lv": "Latvian",
        "ml": "Malayalam", "mr": "Marathi", "ms": "Malay", "ne": "Nepali", "nl": "Dutch",
        "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian",
        "ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sr": "Serbian", "sv": "Swedish",
        "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "th": "Thai", "tr": "Turkish",
        "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
    }
)  # fmt: skip

_FORM = (
    'Form: {"scenes": [{"narration": "what is said", "image_prompt": "what is seen"}, '
    'and so on], "title": "a few words", "hashtags": ["one", "two"]}'
)
PLACEHOLDERS = frozenset({"what is said", "what is seen", "a few words", "one", "two"})
"""The words of the form that mean something to be put there."""

EXAMPLE_REQUEST = (
    "Topic: Walking to work\n\nWrite in English: 5 scenes, together about 54 spoken words."
)
EXAMPLE: Mapping[str, Any] = MappingProxyType(
    {
        "scenes": [
            {
                "narration": "Most people hurry down the same street each day and never look up.",
                "image_prompt": "a quiet city street in early light, long shadows, warm windows",
            },
            {
                "narration": "Leave ten minutes earlier tomorrow, and let the bus go by.",
                "image_prompt": "a person in a dark coat at a bus stop, morning mist, soft colours",
            },
            {
                "narration": "Notice the light on the windows and the smell of fresh bread.",
                "image_prompt": "a bakery window with golden loaves, wet pavement, soft glow",
            },
            {
                "narration": "With every corner that you turn, your head becomes clearer.",
                "image_prompt": "an old corner house covered in ivy, clear sky, calm mood",
            },
            {
                "narration": "By the time you arrive, the morning already belongs to you.",
                "image_prompt": "an open door with sunlight falling in, hopeful mood",
            },
        ],
        "title": "Walk to work once",
        "hashtags": ["walking", "mornings", "slowdown"],
    }
)
"""A whole answer. Small models need to see one; what they copy from it is found in reading."""

SYSTEM = "system"
EXAMPLES = "example"
TOPIC = "topic"
RULES = "rules"
STYLE = "style"


def language_name(code: str) -> str:
    """The English name of a language, or its code where we don't know it."""
    return _LANGUAGES.get(primary_language(code), code)


def prompt_parts(request: ScriptRequest, *, held_to_schema: bool) -> Sequence[Part]:
    """The prompt in pieces; what only helps goes first when the context is small.

    The example is English: for another language it would do more harm than good.

    Args:
        held_to_schema: the server enforces `answer_schema`; else the form is told in words.
    """
    language = language_name(request.language)
    words, scenes = request.words, request.scenes
    a_scene = max(6, round(words / scenes))
    return (
        Part(
            SYSTEM,
            "You write the spoken text of short vertical videos. "
            "You answer with one JSON object and nothing else.",
        ),
        Part(TOPIC, request.topic, order=2, least_tokens=16),
        Part(
            RULES,
            f"Write in {language}: {scenes} scenes, together about {words} spoken words, "
            f"about {a_scene} words a scene. "
            "The first scene is a hook that makes people stay, the last one closes the thought. "
            "Each scene has a narration, said by one voice, and an image_prompt in English that "
            "describes one picture: subject, place, light, mood."
            + ("" if held_to_schema else f" {_FORM}"),
        ),
        Part(
            EXAMPLES,
            _example() if is_english(request.language) else "",
            order=0,
        ),
        Part(
            STYLE,
            f"Tone: {_TONES[request.genre]}. Each narration is a complete sentence or two that "
            "lead on to the next. No headings, no numbering, no emojis, no stage directions, no "
            "names of speakers, nothing about the video itself. No text in the pictures.",
            order=1,
        ),
    )


def _example() -> str:
    return f"{EXAMPLE_REQUEST}\n\n{json.dumps(dict(EXAMPLE))}"


def is_english(language: str) -> bool:
    return primary_language(language) == "en"


def messages(texts: Mapping[str, str]) -> list[dict[str, str]]:
    """The chat that asks for a script, from the parts as they fit.

    A shortened example would teach the model to stop in the middle: then there is none.
    """
    chat = [{"role": "system", "content": texts[SYSTEM]}]
    if texts[EXAMPLES].endswith("}"):
        request, _, answer = texts[EXAMPLES].rpartition("\n\n")
        chat += [{"role": "user", "content": request}, {"role": "assistant", "content": answer}]
    asked = [f"Topic: {texts[TOPIC]}", texts[STYLE], texts[RULES]]
    return [*chat, {"role": "user", "content": "\n\n".join(part for part in asked if part)}]


def repair_messages(
    asked: Sequence[Mapping[str, str]], answer: str, problems: Sequence[str]
) -> list[dict[str, str]]:
    """The same chat, with what was wrong with the first answer."""
    faults = "\n".join(f"- {problem}" for problem in problems)
    return [
        *(dict(message) for message in asked),
        {"role": "assistant", "content": answer},
        {
            "role": "user",
            "content": f"That cannot be used:\n{faults}\n"
            "Answer again with the whole corrected JSON object, and nothing else.",
        },
    ]


def narration_chars(request: ScriptRequest) -> tuple[int, int]:
    """The fewest and the most letters of a scene, whatever its language."""
    a_scene = request.words / request.scenes
    if not has_spaces(request.language):
        return round(a_scene), round(5 * a_scene)
    return round(3 * a_scene), round(13 * a_scene)


def has_spaces(language: str) -> bool:
    """Whether a language is written with spaces between its words."""
    return primary_language(language) not in {"zh", "ja", "th", "lo", "km", "my"}


def answer_schema(request: ScriptRequest, *, bounded: bool) -> dict[str, Any]:
    """The JSON schema that a server can hold the model to.

    The scenes come first: an answer that is cut off has lost the least then.

    Args:
        bounded: whether texts have a least and a greatest length in it. It keeps small models
            from writing one endless sentence, but some servers refuse a schema that says so.
    """
    fewest, most = narration_chars(request)
    scene = _object(
        {
            "narration": _text(fewest, most, bounded=bounded),
            "image_prompt": _text(10, PICTURE_CHARS // 2, bounded=bounded),
        }
    )
    tag = _text(2, TAG_CHARS, bounded=bounded)
    count = request.scenes
    return _object(
        {
            "scenes": {"type": "array", "items": scene, "minItems": count, "maxItems": count},
            "title": _text(3, TITLE_CHARS, bounded=bounded),
            "hashtags": {"type": "array", "items": tag, "minItems": 2, "maxItems": 5},
        }
    )


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _text(fewest: int, most: int, *, bounded: bool) -> dict[str, Any]:
    return {"type": "string", **({"minLength": fewest, "maxLength": most} if bounded else {})}
