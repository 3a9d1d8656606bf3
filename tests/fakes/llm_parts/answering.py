"""One answer being written: all at once or as a stream, and the ways in which it breaks."""

from collections.abc import Mapping
from typing import Any

from fakes.llm_parts import bodies
from fakes.llm_parts.faults import Fault, FaultKind
from fakes.llm_parts.web import Exchange
from fakes.llm_parts.writing import pieces, prompt_tokens, spoiled


def wanted_schema(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The JSON schema of a request, in OpenAI's place or in Ollama's."""
    wanted = body.get("format") or (body.get("response_format") or {}).get("json_schema", {})
    schema = wanted.get("schema", wanted) if isinstance(wanted, dict) else None
    return schema or None


class Answering:
    """An answer of ``text``, of at most ``room`` pieces."""

    def __init__(
        self, exchange: Exchange, body: Any, text: str, fault: Fault | None, room: int
    ) -> None:
        self._exchange = exchange
        self._body = body
        self._fault = fault
        self._kind = fault.kind if fault else None
        self._ollama = exchange.request.path == "/api/chat"
        endless = self._kind is FaultKind.ENDLESS
        written = (
            [text] * (1 + (1 << 20) // len(text)) if endless else pieces(spoiled(text, self._kind))
        )
        limit = (
            body.get("options", {}).get("num_predict") if self._ollama else body.get("max_tokens")
        )
        most = min(room, limit if isinstance(limit, int) and limit > 0 else room)
        self._pieces = written if endless else written[:most]
        self._finish = "stop" if len(written) <= most else "length"

    async def run(self, model: str, pause_s: float, *, timed: bool) -> None:
        """Answer as ``model``, with llama-server's timings or without."""
        n_prompt = prompt_tokens(self._body["messages"])
        self._completion = bodies.Completion(model, n_prompt, timed=timed)
        self._pause_s = pause_s
        if self._fault and self._kind is FaultKind.SLOW:
            self._pause_s = self._fault.pause_s
        if self._body.get("stream", self._ollama) and self._kind is not FaultKind.WHOLE:
            await self._stream()
            return
        self._completion.n_written = len(self._pieces)
        text = "".join(self._pieces)
        await self._exchange.json(self._completion.whole(text, self._finish))

    async def _stream(self) -> None:
        kind = "application/x-ndjson" if self._ollama else "text/event-stream"
        await self._exchange.begin(kind)
        if not self._ollama:
            await self._send(self._completion.chunk({"role": "assistant", "content": None}))
        if self._kind is FaultKind.REFUSAL_FIELD:
            await self._send(self._completion.chunk({"refusal": "I won't write that."}))
        for index, piece in enumerate(self._pieces):
            if self._fault and index == self._fault.pieces and await self._break():
                return
            await self._odd_lines()
            self._completion.n_written += 1
            await self._send(
                self._completion.ollama(piece)
                if self._ollama
                else self._completion.chunk({"content": piece})
            )
            if self._pause_s:
                await self._exchange.pause(self._pause_s)
        await self._finish_stream()

    async def _finish_stream(self) -> None:
        done = self._completion
        if self._ollama:
            await self._send(done.ollama("", self._finish))
        else:
            await self._send(done.chunk({}, self._finish))
            if self._kind is not FaultKind.NO_DONE:
                if self._body.get("stream_options", {}).get("include_usage"):
                    await self._send(done.last_chunk())
                await self._send(done.event("[DONE]"))
        await self._exchange.end()

    async def _break(self) -> bool:
        """The stream's end before its time; whether it came."""
        match self._kind:
            case FaultKind.CUT:
                await self._exchange.end()
            case FaultKind.DROP:
                self._exchange.abort()
            case FaultKind.STALL:
                await self._exchange.silence()
            case FaultKind.STREAM_ERROR:
                failed = bodies.error(500, "the model crashed", "server_error")
                await self._send(self._line(failed))
                await self._exchange.end()
            case FaultKind.LONG_LINE:
                await self._send(b"data: " + b"x" * (2 << 20) + b"\n\n")
                return False
            case _:
                return False
        return True

    async def _odd_lines(self) -> None:
        if self._kind is FaultKind.GARBAGE:
            await self._send(b": ping\n\nevent: x\nid: 7\nretry: 9\ndata: {not json}\n\n")
        elif self._kind is FaultKind.ODD_SHAPES:
            for value in (None, 7, [], {}, {"choices": None}, {"choices": [None]}):
                await self._send(self._line(value))
            odd: list[Any] = [{"delta": {"content": 5}}, {"delta": []}, {"finish_reason": {}}]
            await self._send(self._line({"choices": odd, "usage": "many", "timings": []}))

    def _line(self, value: Any) -> bytes:
        if self._ollama:
            return self._completion.event(value).removeprefix(b"data: ").rstrip() + b"\n"
        return self._completion.event(value)

    async def _send(self, data: bytes) -> None:
        await self._exchange.piece(data)
