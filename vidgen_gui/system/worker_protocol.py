"""The lines a worker process and the app exchange: one JSON object a line, UTF-8.

App to worker: ``{"request": {...}}``. Worker to app: ``{"ready": true}`` once, then for each
request any number of ``{"progress": 0.5}`` (optionally with ``"notice"``) and at the end
``{"result": {...}}`` or ``{"error": {"id", "params", "detail"}}``. Standard input closing
means: finish and leave. Whatever else the worker's code prints goes to standard error.
"""

from collections.abc import Callable, Generator, Mapping
from typing import Any, TypeAlias

from vidgen_gui.core.events import Progress

Handler: TypeAlias = Callable[[Mapping[str, Any]], Generator[Progress, None, Mapping[str, Any]]]
"""A worker's work: takes a request, yields progress, returns the result (JSON values)."""

HandlerFactory: TypeAlias = Callable[[], Handler]
"""Called once when the worker starts; loads what stays warm (a voice, a font set)."""
