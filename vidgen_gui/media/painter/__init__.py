"""The built-in painter: composed pictures for scenes, made without any model.

`compose.paint` is the whole of it for callers; `worker.make_handler` runs it in a worker
process. What words call for what lies in ``resources/painter``.
"""

PAINTER_VERSION = 3
"""Goes up whenever the same request would give another picture."""
