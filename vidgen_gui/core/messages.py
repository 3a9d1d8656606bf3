"""What the app has to tell a person, as ids with parameters.

The words themselves are made in ``ui.words`` so that they can be translated;
everything below the user interface speaks in these ids.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class MessageId(StrEnum):
    """Every sentence the app can say about a failure, a warning or a notice."""

    # Input
    TOPIC_EMPTY = "topic-empty"
    TOPIC_NO_WORDS = "topic-no-words"
    TOPIC_TOO_LONG = "topic-too-long"
    SCRIPT_TOO_LONG = "script-too-long"
    SCRIPT_EMPTY = "script-empty"
    SCRIPT_FILE_UNREADABLE = "script-file-unreadable"
    VALUE_INVALID = "value-invalid"
    ASPECT_UNKNOWN = "aspect-unknown"
    QUALITY_UNKNOWN = "quality-unknown"
    VOICE_UNKNOWN = "voice-unknown"
    LANGUAGE_NOT_SPOKEN = "language-not-spoken"
    # Storage
    OUTPUT_UNWRITABLE = "output-unwritable"
    OUTPUT_VANISHED = "output-vanished"
    DATA_UNWRITABLE = "data-unwritable"
    DISK_FULL = "disk-full"
    SETTINGS_SET_ASIDE = "settings-set-aside"
    SETTINGS_UNWRITABLE = "settings-unwritable"
    SETTING_INVALID = "setting-invalid"
    SETTING_CLAMPED = "setting-clamped"
    ENVIRONMENT_INVALID = "environment-invalid"
    ENVIRONMENT_CLAMPED = "environment-clamped"
    DATABASE_REBUILT = "database-rebuilt"
    DATABASE_UNUSABLE = "database-unusable"
    DATABASE_TOO_NEW = "database-too-new"
    DATABASE_DAMAGED = "database-damaged"
    DATABASE_BUSY = "database-busy"
    ARTIFACT_DAMAGED = "artifact-damaged"
    # Programs
    FFMPEG_MISSING = "ffmpeg-missing"
    FFMPEG_FAILED = "ffmpeg-failed"
    PROGRAM_MISSING = "program-missing"
    PROGRAM_FAILED = "program-failed"
    PROGRAM_KILLED = "program-killed"
    PROGRAM_HANGS = "program-hangs"
    PROGRAM_UNKILLABLE = "program-unkillable"
    WORKER_LOST = "worker-lost"
    WORKER_FAILED = "worker-failed"
    # Addresses of servers, and what they answer
    ADDRESS_INVALID = "address-invalid"
    ADDRESS_HAS_PASSWORD = "address-has-password"  # noqa: S105 - a name, no password
    API_KEY_INVALID = "api-key-invalid"
    SERVER_UNREACHABLE = "server-unreachable"
    SERVER_NAME_UNKNOWN = "server-name-unknown"
    SERVER_NOT_TRUSTED = "server-not-trusted"
    SERVER_HUNG_UP = "server-hung-up"
    SERVER_TOO_SLOW = "server-too-slow"
    SERVER_STALLED = "server-stalled"
    SERVER_WANTS_KEY = "server-wants-key"
    SERVER_LACKS_ROUTE = "server-lacks-route"
    SERVER_BUSY = "server-busy"
    SERVER_REFUSED = "server-refused"
    SERVER_FAILED = "server-failed"
    SERVER_GARBLED = "server-garbled"
    SERVER_ANSWER_CUT = "server-answer-cut"
    SERVER_ANSWER_TOO_LARGE = "server-answer-too-large"
    SERVER_REDIRECTS = "server-redirects"
    NO_ENDPOINT = "no-endpoint"
    NO_ADDRESS = "no-address"
    # Making the video
    VOICE_BROKEN = "voice-broken"
    VIDEO_INVALID = "video-invalid"
    SOUND_INVALID = "sound-invalid"
    PICTURE_INVALID = "picture-invalid"
    RESOURCE_MISSING = "resource-missing"
    # The set-up check
    CHECK_PYTHON = "check-python"
    CHECK_LIBRARIES = "check-libraries"
    CHECK_LIBRARY_BROKEN = "check-library-broken"
    CHECK_FFMPEG = "check-ffmpeg"
    CHECK_VOICE = "check-voice"
    CHECK_FONTS = "check-fonts"
    CHECK_FOLDER = "check-folder"
    CHECK_ROOM = "check-room"
    # The image server
    COMFY_NOT_COMFYUI = "comfy-not-comfyui"
    COMFY_GRAPH_REFUSED = "comfy-graph-refused"
    COMFY_INPUT_REFUSED = "comfy-input-refused"
    COMFY_CHECKPOINT_MISSING = "comfy-checkpoint-missing"
    COMFY_CHECKPOINT_NONE = "comfy-checkpoint-none"
    COMFY_NODE_MISSING = "comfy-node-missing"
    COMFY_FAILED = "comfy-failed"
    COMFY_OUT_OF_GPU_MEMORY = "comfy-out-of-gpu-memory"
    COMFY_OUT_OF_RAM = "comfy-out-of-ram"
    COMFY_INTERRUPTED = "comfy-interrupted"
    COMFY_GONE = "comfy-gone"
    COMFY_TOO_LATE = "comfy-too-late"
    COMFY_PICTURE_UNUSABLE = "comfy-picture-unusable"
    # The language model
    LLM_LOADING = "llm-loading"
    LLM_NOT_A_SERVER = "llm-not-a-server"
    LLM_MODEL_MISSING = "llm-model-missing"
    LLM_CONTEXT_EXCEEDED = "llm-context-exceeded"
    LLM_CONTEXT_NEARLY_FULL = "llm-context-nearly-full"
    LLM_PROMPT_SHORTENED = "llm-prompt-shortened"
    LLM_EMPTY_REPLY = "llm-empty-reply"
    LLM_CUT_REPLY = "llm-cut-reply"
    LLM_REPLY_TOO_LONG = "llm-reply-too-long"
    LLM_REFUSED = "llm-refused"
    LLM_FAILED = "llm-failed"
    LLM_STILL_LOADED = "llm-still-loaded"
    # Services
    SERVICE_OFF = "service-off"
    SERVICE_TURNED_OFF = "service-turned-off"
    SERVICE_NO_LAUNCH = "service-no-launch"
    SERVICE_NOT_OURS = "service-not-ours"
    SERVICE_SILENT = "service-silent"
    SERVICE_GET_LLM = "service-get-llm"
    SERVICE_GET_COMFYUI = "service-get-comfyui"
    LLAMA_SERVER_MISSING = "llama-server-missing"
    WORKFLOW_UNREADABLE = "workflow-unreadable"
    WRITER_STANDS_IN = "writer-stands-in"
    PAINTER_STANDS_IN = "painter-stands-in"
    PICTURE_MADE_SMALLER = "picture-made-smaller"
    SCRIPT_REJECTED = "script-rejected"
    SCRIPT_BY_MODEL = "script-by-model"
    CHECK_SERVICE = "check-service"
    CHECK_SERVICE_STANDS_IN = "check-service-stands-in"
    CHECK_SERVICE_STARTS = "check-service-starts"
    CHECK_SERVICE_RESTS = "check-service-rests"
    CHECK_SERVICE_OFF = "check-service-off"
    # Graphs for the image server, and a person's own workflow
    GRAPH_BROKEN = "graph-broken"
    GRAPH_NO_OUTPUT = "graph-no-output"
    GRAPH_NODE_MISSING = "graph-node-missing"
    GRAPH_NODE_UNREADABLE = "graph-node-unreadable"
    GRAPH_INPUT_MISSING = "graph-input-missing"
    GRAPH_VALUE_NOT_OFFERED = "graph-value-not-offered"
    GRAPH_VALUE_OUT_OF_RANGE = "graph-value-out-of-range"
    GRAPH_VALUE_WRONG = "graph-value-wrong"
    WORKFLOW_TOO_LARGE = "workflow-too-large"
    WORKFLOW_TOO_DEEP = "workflow-too-deep"
    WORKFLOW_NOT_JSON = "workflow-not-json"
    WORKFLOW_BAD_NUMBER = "workflow-bad-number"
    WORKFLOW_UI_FORMAT = "workflow-ui-format"
    WORKFLOW_NOT_A_GRAPH = "workflow-not-a-graph"
    WORKFLOW_BROKEN_LINK = "workflow-broken-link"
    WORKFLOW_NO_OUTPUT = "workflow-no-output"
    WORKFLOW_NO_PROMPT = "workflow-no-prompt"
    WORKFLOW_UNKNOWN_PLACEHOLDER = "workflow-unknown-placeholder"
    # Programs that the app starts, finds running and ends
    SERVICE_LOADING = "service-loading"
    SERVICE_WAITING = "service-waiting"
    SERVICE_RESTARTING = "service-restarting"
    SERVICE_START_TOO_LONG = "service-start-too-long"
    SERVICE_ENDED = "service-ended"
    SERVICE_ENDED_MUTE = "service-ended-mute"
    SERVICE_GAVE_UP = "service-gave-up"
    SERVICE_STOPPED = "service-stopped"
    SERVICE_RUN_ELSEWHERE = "service-run-elsewhere"
    ADOPTED_NEEDS_CONSENT = "adopted-needs-consent"
    ADOPTED_CHANGED = "adopted-changed"
    ADOPTED_NOT_ENDED = "adopted-not-ended"
    ADOPTED_COMMAND_UNKNOWN = "adopted-command-unknown"
    PORT_TAKEN = "port-taken"
    PORT_TAKEN_BY = "port-taken-by"
    GPU_MISSING = "gpu-missing"
    GPU_DRIVER_OLD = "gpu-driver-old"
    GPU_UNSUPPORTED = "gpu-unsupported"
    GPU_MEMORY_SHORT = "gpu-memory-short"
    MEMORY_SHORT = "memory-short"
    PROCESSOR_TOO_OLD = "processor-too-old"
    PROGRAM_ENDED_BY_SYSTEM = "program-ended-by-system"
    MODEL_FILE_MISSING = "model-file-missing"
    MODEL_FILE_DAMAGED = "model-file-damaged"
    MODEL_UNSUPPORTED = "model-unsupported"
    CHECKPOINT_NONE = "checkpoint-none"
    FLAG_UNKNOWN = "flag-unknown"
    FLAG_VALUE = "flag-value"
    PYTHON_MODULE_MISSING = "python-module-missing"
    LIBRARY_MISSING = "library-missing"
    ACCESS_DENIED = "access-denied"
    COMFYUI_FOLDER_WRONG = "comfyui-folder-wrong"
    COMFYUI_PYTHON_MISSING = "comfyui-python-missing"
    COMMAND_EMPTY = "command-empty"
    COMMAND_QUOTES = "command-quotes"
    COMMAND_NEEDS_SHELL = "command-needs-shell"
    COMMAND_NOT_FOUND = "command-not-found"
    COMMAND_NOT_RUNNABLE = "command-not-runnable"
    COMMAND_NO_FIRST_LINE = "command-no-first-line"
    MODEL_FILE_FOREIGN = "model-file-foreign"
    # Measuring the graphics card
    GPU_LIBRARY_ABSENT = "gpu-library-absent"
    GPU_DRIVER_ABSENT = "gpu-driver-absent"
    GPU_DRIVER_LOST = "gpu-driver-lost"
    GPU_TOOL_ABSENT = "gpu-tool-absent"
    GPU_TOOL_FAILED = "gpu-tool-failed"
    GPU_NO_CARD = "gpu-no-card"
    GPU_FIGURES_REFUSED = "gpu-figures-refused"
    GPU_SERVER_UNKNOWING = "gpu-server-unknowing"
    GPU_SIMULATION_INVALID = "gpu-simulation-invalid"
    # Anything else
    UNEXPECTED = "unexpected"


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence to be said: its id and what has to be filled in."""

    id: MessageId
    params: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {"id": self.id.value, "params": dict(self.params)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Message":
        """Rebuild what `to_dict` wrote; an id this version doesn't know becomes UNEXPECTED."""
        try:
            message_id = MessageId(data["id"])
        except (KeyError, ValueError):
            return cls(MessageId.UNEXPECTED, {"detail": str(data.get("id", ""))})
        return cls(message_id, dict(data.get("params", {})))
