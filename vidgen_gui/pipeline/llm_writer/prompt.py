"""What a language model is told, and the form its answer has to have. Pure."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

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
    'Form: {"title": "a few words", "hashtags": ["one", "two"], "scenes": '
    '[{"narration": "what is said", "image_prompt": "what is seen"}, and so on]}'
)

SYSTEM = "system"
TOPIC = "topic"
RULES = "rules"
STYLE = "style"


def language_name(code: str) -> str:
    """The English name of a language, or its code where we don't know it."""
    return _LANGUAGES.get(code.split("-", 1)[0].lower(), code)


def prompt_parts(request: ScriptRequest, *, held_to_schema: bool) -> Sequence[Part]:
    """The prompt in pieces; what only helps goes first when the context is small.

    Args:
        held_to_schema: the server enforces `answer_schema`. Small models copy an example, so it
            is only given where nothing else tells the form.
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
        Part(TOPIC, request.topic, order=1, least_tokens=16),
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
            STYLE,
            f"Tone: {_TONES[request.genre]}. Each narration is a complete sentence or two that "
            "lead on to the next. No headings, no numbering, no emojis, no stage directions, no "
            "names of speakers, nothing about the video itself. No text in the pictures.",
            order=0,
        ),
    )


def messages(texts: Mapping[str, str]) -> list[dict[str, str]]:
    """The chat that asks for a script, from the parts as they fit."""
    asked = [f"Topic: {texts[TOPIC]}", texts[STYLE], texts[RULES]]
    return [
        {"role": "system", "content": texts[SYSTEM]},
        {"role": "user", "content": "\n\n".join(part for part in asked if part)},
    ]


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


def answer_schema(request: ScriptRequest) -> dict[str, Any]:
    """The JSON schema that a server can hold the model to.

    Texts have no bounds in it: servers refuse some keywords of JSON schema, and what is too long
    is cut afterwards anyway.
    """
    scene = {
        "type": "object",
        "properties": {
            "narration": {"type": "string"},
            "image_prompt": {"type": "string"},
        },
        "required": ["narration", "image_prompt"],
        "additionalProperties": False,
    }
    count = request.scenes
    return {
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "hashtags": {
                "type": "array",
                "items": {"type": "string"},
                "minItems": 2,
                "maxItems": 5,
            },
            "scenes": {"type": "array", "items": scene, "minItems": count, "maxItems": count},
        },
        "required": ["title", "hashtags", "scenes"],
        "additionalProperties": False,
    }
