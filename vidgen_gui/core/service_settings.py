"""Settings of the language model and the image server: where they are and how they start."""

from typing import Annotated

import regex
from pydantic import AfterValidator

from vidgen_gui.core.setting_declaration import SettingGroup, SettingKind, setting

_ADDRESS = regex.compile(r"(https?://)?(\[[0-9A-Fa-f:.%]+\]|[^\s/@?#:\[\]]+)(:\d{1,5})?(/\S*)?")
_BETWEEN_ADDRESSES = regex.compile(r"[\s,;]+")

DEFAULT_NEGATIVE_PROMPT = (
    "blurry, low quality, low resolution, jpeg artifacts, distorted, deformed, disfigured, "
    "bad anatomy, extra limbs, extra fingers, text, watermark, signature, logo, frame, border"
)


def split_addresses(text: str) -> list[str]:
    """The addresses of a list parted by commas, semicolons, spaces or line ends."""
    return [part for part in _BETWEEN_ADDRESSES.split(text) if part]


def _address(text: str) -> str:
    text = text.strip()
    if text and not _ADDRESS.fullmatch(text):
        raise ValueError("no address of a server")
    return text


def _addresses(text: str) -> str:
    return ", ".join(_address(part) for part in split_addresses(text))


Address = Annotated[str, AfterValidator(_address)]
Addresses = Annotated[str, AfterValidator(_addresses)]


class ScriptWriterSettings(SettingGroup):
    enabled: bool = setting(
        True,
        SettingKind.SWITCH,
        "Let a language model write scripts",
        "Uses llama.cpp, Ollama or another server when one is there. "
        "Otherwise the built-in writer writes.",
    )
    url: Address = setting(
        "",
        SettingKind.ADDRESS,
        "Language model's address",
        "Such as http://127.0.0.1:8080. Empty: looked for on this computer.",
    )
    fallback_urls: Addresses = setting(
        "",
        SettingKind.ADDRESSES,
        "Language model's other addresses",
        "Tried in this order when the first doesn't answer.",
    )
    needs_key: bool = setting(
        False,
        SettingKind.SWITCH,
        "The language model's server asks for a key",
        "The key itself is kept in the system's keyring; give it under Services.",
    )
    model: str = setting(
        "",
        SettingKind.TEXT,
        "Model name",
        "For servers that offer several, like Ollama. Empty: the first that can write.",
    )
    autostart: bool = setting(
        True,
        SettingKind.SWITCH,
        "Start the language model when it is needed",
        "Only if a model file or a start command is set below.",
    )
    program: str = setting(
        "",
        SettingKind.PROGRAM,
        "llama-server",
        "The program llama-server of llama.cpp. Empty: looked for in the usual places.",
    )
    model_file: str = setting(
        "", SettingKind.FILE, "Model file", "A GGUF file for llama-server to load."
    )
    context_tokens: int = setting(
        8192,
        SettingKind.NUMBER,
        "Context",
        "How much text the model keeps in mind. More needs more graphics memory.",
        unit="tokens",
        ge=512,
        le=1_048_576,
    )
    gpu_layers: int = setting(
        99,
        SettingKind.NUMBER,
        "Layers on the graphics card",
        "How much of the model is put on the graphics card; 0 uses the processor alone.",
        ge=0,
        le=999,
    )
    port: int = setting(
        8080,
        SettingKind.NUMBER,
        "llama-server's port",
        "Where a llama-server that VidGen starts listens.",
        ge=1,
        le=65535,
    )
    extra_flags: str = setting(
        "",
        SettingKind.COMMAND,
        "More options for llama-server",
        "Added to its command line as they are.",
    )
    start_command: str = setting(
        "",
        SettingKind.COMMAND,
        "Your own command to start the language model",
        "Used instead of the above, such as a script of yours. It may put itself into the "
        "background.",
    )
    stop_command: str = setting(
        "",
        SettingKind.COMMAND,
        "Your own command to stop the language model",
        "Empty: VidGen ends the program that your start command left running.",
    )


class ImageMakerSettings(SettingGroup):
    enabled: bool = setting(
        True,
        SettingKind.SWITCH,
        "Let ComfyUI make the pictures",
        "Uses ComfyUI when it is there. Otherwise the built-in painter paints.",
    )
    url: Address = setting(
        "",
        SettingKind.ADDRESS,
        "ComfyUI's address",
        "Such as http://127.0.0.1:8188. Empty: looked for on this computer.",
    )
    fallback_urls: Addresses = setting(
        "",
        SettingKind.ADDRESSES,
        "ComfyUI's other addresses",
        "Tried in turn when the first doesn't answer.",
    )
    checkpoint: str = setting(
        "",
        SettingKind.TEXT,
        "Checkpoint",
        "The image model that ComfyUI loads. Empty: the first one that it has.",
    )
    negative_prompt: str = setting(
        DEFAULT_NEGATIVE_PROMPT,
        SettingKind.TEXT,
        "What pictures should not show",
        "The negative prompt.",
    )
    workflow_file: str = setting(
        "",
        SettingKind.FILE,
        "Your own workflow",
        "A workflow saved from ComfyUI in API format, with {{prompt}} where the picture's "
        "words go.",
    )
    free_after: bool = setting(
        True,
        SettingKind.SWITCH,
        "Free graphics memory after the pictures",
        "Asks ComfyUI to unload its models when a batch's last picture is made.",
    )
    autostart: bool = setting(
        True,
        SettingKind.SWITCH,
        "Start ComfyUI when it is needed",
        "Only if its folder or a start command is set below.",
    )
    folder: str = setting(
        "", SettingKind.FOLDER, "ComfyUI's folder", "Where ComfyUI's main.py lies."
    )
    python: str = setting(
        "",
        SettingKind.PROGRAM,
        "ComfyUI's Python",
        "Empty: the one in ComfyUI's own folder, else the system's.",
    )
    port: int = setting(
        8188,
        SettingKind.NUMBER,
        "ComfyUI's port",
        "Where a ComfyUI that VidGen starts listens.",
        ge=1,
        le=65535,
    )
    extra_flags: str = setting(
        "",
        SettingKind.COMMAND,
        "More options for ComfyUI",
        "Added to its command line, such as --lowvram.",
    )
    start_command: str = setting(
        "",
        SettingKind.COMMAND,
        "Your own command to start ComfyUI",
        "Used instead of the above. It may put itself into the background.",
    )
    stop_command: str = setting(
        "",
        SettingKind.COMMAND,
        "Your own command to stop ComfyUI",
        "Empty: VidGen ends what your start command left running.",
    )


class NetworkSettings(SettingGroup):
    discover: bool = setting(
        True,
        SettingKind.SWITCH,
        "Look for services on this computer",
        "Asks the usual ports of llama.cpp, Ollama and ComfyUI when no address is given.",
    )
