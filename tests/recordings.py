"""Recorded exchanges with real servers, which lie beside the repository and are not part of it."""

import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2] / "shared" / "protocols"


def recording(name: str) -> Any:
    """The exchange ``"comfyui-0.3.64/success_txt2img.json"``; skips where it is missing."""
    path = ROOT / name
    if not path.is_file():
        pytest.skip(f"the recording {path} is not on this machine")
    return json.loads(path.read_text(encoding="utf-8"))
