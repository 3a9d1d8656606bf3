"""What the environment says about settings, as values; nothing is read from the system here.

Order of precedence: command line, environment, settings file, default.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.setting_declaration import Normalized
from vidgen_gui.core.settings import normalize

VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "VIDEO_DIR": "general.output_folder",
        "MAX_WORKERS": "general.workers",
        "ENABLE_PROGRESS_RESUME": "general.resume_at_start",
        "TMPDIR": "advanced.temp_folder",
        "EMERGENCY_CLEANUP_ON_EXIT": "advanced.clean_leftovers",
        "VIDGEN_FFMPEG": "advanced.ffmpeg_path",
        "QWEN_URL": "script_writer.url",
        "QWEN_FALLBACKS": "script_writer.fallback_urls",
        "QWEN_FALLBACK_URLS": "script_writer.fallback_urls",
        "COMFYUI_URL": "image_maker.url",
        "COMFYUI_FALLBACKS": "image_maker.fallback_urls",
        "COMFYUI_FALLBACK_URLS": "image_maker.fallback_urls",
        "FREE_VRAM_AFTER_GEN": "image_maker.free_after",
        "VIDGEN_DISCOVER": "network.discover",
    }
)
"""Each variable and the setting that it overrides."""


@dataclass(frozen=True, slots=True)
class Environment:
    """``values`` and the ``variables`` they come from, both by the setting's path."""

    values: Mapping[str, object]
    variables: Mapping[str, str]
    notices: tuple[Message, ...]


def read_environment(environ: Mapping[str, str]) -> Environment:
    """Check the variables that are set; an empty one counts as not set."""
    values: dict[str, object] = {}
    variables: dict[str, str] = {}
    notices: list[Message] = []
    for variable, path in VARIABLES.items():
        given = environ.get(variable, "").strip()
        if not given:
            continue
        result = normalize(path, given)
        if result.clamped or result.invalid:
            notices.append(environment_notice(variable, given, result))
        if not result.invalid:
            values[path] = result.value
            variables[path] = variable
    return Environment(values, variables, tuple(notices))


def environment_notice(variable: str, given: str, result: Normalized) -> Message:
    """The sentence about a variable that could not be used as it was."""
    params: dict[str, object] = {"name": variable, "given": given[:80]}
    if result.invalid:
        return Message(MessageId.ENVIRONMENT_INVALID, params)
    return Message(MessageId.ENVIRONMENT_CLAMPED, params | {"used": result.value})
