"""Piper and the ONNX runtime, imported with the runtime's telemetry off.

Official ONNX Runtime builds report to their maker over the network unless this variable is set
before the library starts (its Privacy.md). Whatever needs the runtime imports it from here.
"""

import os
from typing import Any

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime
from piper import PiperVoice
from piper.config import PiperConfig

# Builds for Windows listen to the call, not to the variable.
onnxruntime.disable_telemetry_events()

__all__ = ["PiperConfig", "PiperVoice", "add_alignment_output", "onnxruntime"]


def add_alignment_output(model: Any) -> None:
    """Mark the phonemes' lengths as an output of an ONNX model, in place.

    Raises:
        ValueError: the model has no such lengths, or has them as an output already.
    """
    # Loads onnx, which only patching needs.
    from piper import patch_voice_with_alignment  # noqa: PLC0415

    patch_voice_with_alignment.add_alignment_output(model)
