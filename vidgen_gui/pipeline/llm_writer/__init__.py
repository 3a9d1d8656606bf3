"""Scripts by a language model: asked for, read tolerantly, put right once, cut to length."""

from vidgen_gui.pipeline.llm_writer.asking import write_with_model
from vidgen_gui.pipeline.llm_writer.request import ScriptRejected, ScriptRequest, WrittenScript

__all__ = ["ScriptRejected", "ScriptRequest", "WrittenScript", "write_with_model"]
