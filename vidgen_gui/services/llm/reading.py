"""Reads a model's reply line by line: OpenAI's event stream, Ollama's lines, or one JSON body.

Pure. Shapes as recorded from llama-server and documented by OpenAI and Ollama; whatever has
another shape is passed over.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.text import clean_text, has_words
from vidgen_gui.net.answers import failure_words
from vidgen_gui.net.errors import NetError, TooSlow
from vidgen_gui.services.llm.errors import (
    CutReply,
    EmptyReply,
    LlmError,
    ModelFailed,
    NotLlmServer,
    Refused,
    ReplyTooLong,
)
from vidgen_gui.services.llm.info import part, whole_number

MAX_REPLY_BYTES = 256 * 1024
MAX_WHOLE_CHARS = 1024 * 1024
_MAX_TOKENS = 1 << 24
_FEWEST_TO_TIME = 32
_NANOSECONDS = 1e9


@dataclass(frozen=True, slots=True)
class Reply:
    """A finished reply.

    Attributes:
        text: cleaned; never empty.
        finish_reason: "stop", or "length" when the model ran into its limit.
        prompt_tokens, completion_tokens: as the server counted; 0 where it didn't say.
        tokens_per_s: how fast it was written; 0 where it isn't known.
    """

    text: str
    finish_reason: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    tokens_per_s: float = 0.0


class Reading:
    """A reply as far as it has come.

    Attributes:
        over: the server said that no more will come.
        prompt_tokens_per_s: how fast the prompt was read, if the server said and it was long
            enough to tell.
    """

    def __init__(self, address: str, model: str) -> None:
        self._address = address
        self._model = model
        self._parts: list[str] = []
        self._bytes = 0
        self._pieces = 0
        self._refusal = ""
        self._whole: list[str] = []
        self._whole_chars = 0
        self._is_stream = False
        self._finish = ""
        self._counts = (0, 0)
        self._tokens_per_s = 0.0
        self.prompt_tokens_per_s = 0.0
        self.over = False

    @property
    def pieces(self) -> int:
        """In how many pieces the text came: nearly its tokens."""
        return self._pieces

    @property
    def finished(self) -> bool:
        """Whether the model ended its text; counts may still follow."""
        return bool(self._finish)

    def text(self) -> str:
        """What has come, cleaned."""
        return clean_text("".join(self._parts))

    def take(self, line: str) -> None:
        """Read one line.

        Raises:
            ReplyTooLong: the text is longer than `MAX_REPLY_BYTES`.
            ModelFailed: the server reports a failure of its own.
        """
        line = line.strip()
        if not line or line.startswith(":"):
            return
        name, colon, rest = line.partition(":")
        if colon and name in {"data", "error"}:
            self._is_stream = True
            self._event(rest.strip())
        elif name not in {"event", "id", "retry"}:
            self._bare_line(line)

    def reply(self, elapsed_s: float) -> Reply:
        """The reply, now that nothing more comes.

        Args:
            elapsed_s: how long the text took to come, for servers that don't time themselves.

        Raises:
            CutReply: it stopped before its end.
            EmptyReply: it has no words.
            Refused: the server says that the model declines.
            NotLlmServer: what came is no reply at all.
        """
        if self._whole and not self._is_stream:
            self._read_whole()
        text = self.text()
        if self._refusal and not text:
            raise Refused(self._model, clean_text(self._refusal, keep_lines=False)[:300])
        if not self.finished and not self.over:
            raise CutReply(self._address, text)
        if not has_words(text):
            raise EmptyReply(self._model, finish_reason=self._finish)
        n_prompt, n_written = self._counts
        speed = self._tokens_per_s
        if not speed and elapsed_s > 0:
            speed = max(n_written, self._pieces) / elapsed_s
        return Reply(text, self._finish or "stop", n_prompt, n_written or self._pieces, speed)

    def broken_by(self, error: NetError) -> ServiceError:
        """What to raise when ``error`` ended the connection here."""
        cut = error.message.id is MessageId.SERVER_ANSWER_CUT
        if cut or (self._pieces and not isinstance(error, TooSlow)):
            return CutReply(self._address, self.text())
        return error

    def _event(self, payload: str) -> None:
        if payload == "[DONE]":
            self.over = True
            return
        value = _json(payload)
        if isinstance(value, dict):
            self._chunk(value)

    def _bare_line(self, line: str) -> None:
        """A line of Ollama's stream, or of a body that is no stream at all."""
        value = _json(line)
        if isinstance(value, dict) and isinstance(value.get("done"), bool):
            self._is_stream = True
            self._ollama_line(value)
        elif isinstance(value, dict) and value.get("error") and self._is_stream:
            raise self._failed(value)
        elif not self._is_stream:
            self._whole_chars += len(line)
            if self._whole_chars > MAX_WHOLE_CHARS:
                raise ReplyTooLong(self._model, MAX_WHOLE_CHARS // 1024)
            self._whole.append(line)

    def _read_whole(self) -> None:
        body = "\n".join(self._whole)
        value = _json(body)
        if not isinstance(value, dict) or not ({"choices", "error"} & set(value)):
            raise NotLlmServer(self._address, detail=body[:200])
        self._chunk(value)

    def _chunk(self, value: Mapping[str, Any]) -> None:
        if value.get("error"):
            raise self._failed(value)
        choices = value.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        for holder in ("delta", "message"):
            self._add(part(choice, holder, "content"))
            refusal = part(choice, holder, "refusal")
            if isinstance(refusal, str):
                self._refusal = (self._refusal + refusal)[:2000]
        self._end(part(choice, "finish_reason"))
        self._count(
            part(value, "usage", "prompt_tokens"), part(value, "usage", "completion_tokens")
        )
        self._time(
            part(value, "timings", "predicted_per_second"),
            part(value, "timings", "prompt_n"),
            part(value, "timings", "prompt_per_second"),
        )

    def _ollama_line(self, value: Mapping[str, Any]) -> None:
        self._add(part(value, "message", "content"))
        if value["done"]:
            self._end(value.get("done_reason") or "stop")
            self.over = True
            self._count(value.get("prompt_eval_count"), value.get("eval_count"))
            n_read, n_written = value.get("prompt_eval_count"), value.get("eval_count")
            self._time(
                _per_second(n_written, value.get("eval_duration")),
                n_read,
                _per_second(n_read, value.get("prompt_eval_duration")),
            )

    def _add(self, content: Any) -> None:
        if not isinstance(content, str) or not content:
            return
        self._parts.append(content)
        self._pieces += 1
        self._bytes += len(content.encode("utf-8", "surrogatepass"))
        if self._bytes > MAX_REPLY_BYTES:
            raise ReplyTooLong(self._model, MAX_REPLY_BYTES // 1024)

    def _end(self, reason: Any) -> None:
        if isinstance(reason, str) and reason:
            self._finish = clean_text(reason, keep_lines=False)[:40]

    def _count(self, n_prompt: Any, n_written: Any) -> None:
        read, written = (whole_number(n, 0, _MAX_TOKENS) for n in (n_prompt, n_written))
        if read is not None or written is not None:
            self._counts = (read or 0, written or 0)

    def _time(self, written_per_s: Any, n_read: Any, read_per_s: Any) -> None:
        self._tokens_per_s = _speed(written_per_s) or self._tokens_per_s
        if (whole_number(n_read, _FEWEST_TO_TIME, _MAX_TOKENS)) is not None:
            self.prompt_tokens_per_s = _speed(read_per_s)

    def _failed(self, value: Mapping[str, Any]) -> LlmError:
        words = failure_words(value)
        return ModelFailed(self._address, words or "no reason given")


def _json(text: str) -> Any:
    """The value, or None when it is no JSON: one bad line is no reason to lose a reply."""
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _speed(value: Any) -> float:
    """A speed in tokens/s that can be true, else 0."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if math.isfinite(value) and 0 < value < 1e6 else 0.0
    return 0.0


def _per_second(count: Any, duration_ns: Any) -> float:
    n, ns = whole_number(count, 1, _MAX_TOKENS), whole_number(duration_ns, 1, 1 << 62)
    return n / ns * _NANOSECONDS if n and ns else 0.0
