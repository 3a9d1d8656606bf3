"""Asks a language model for a script, once more if need be, and shows it as it is written."""

import logging
import time
from collections.abc import Generator, Mapping, Sequence

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.events import Progress
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.service import ServiceKind
from vidgen_gui.pipeline.llm_writer.prompt import (
    answer_schema,
    messages,
    prompt_parts,
    repair_messages,
)
from vidgen_gui.pipeline.llm_writer.reading import Reading, read_answer, shown_text
from vidgen_gui.pipeline.llm_writer.request import ScriptRejected, ScriptRequest, WrittenScript
from vidgen_gui.services.llm.budget import fit
from vidgen_gui.services.llm.client import LlmClient
from vidgen_gui.services.llm.errors import CutReply, EmptyReply, Refused
from vidgen_gui.services.llm.reading import Reply
from vidgen_gui.services.llm.tokens import estimate_tokens
from vidgen_gui.system.patience import patient

_logger = logging.getLogger(__name__)

TEMPERATURE = 0.8
REPAIR_TEMPERATURE = 0.5
FREQUENCY_PENALTY = 0.6
"""Keeps small models from saying the same sentence in every scene."""
_TAKES_BOUNDS = frozenset({ServiceKind.LLAMA_SERVER, ServiceKind.OLLAMA})
"""OpenAI's own servers refuse a schema with lengths in it."""
TOKENS_A_WORD = 2.0
TOKENS_A_SCENE = 70
"""An image prompt and the JSON around a narration."""
TOKENS_BESIDE = 160
SEED_SPAN = 2**31
"""llama.cpp takes 32 bits, Ollama and others a signed number."""
LEAST_DEADLINE_S = 120.0
TIMES_AS_LONG = 4.0
TIMES_A_GUESS = 2.0
"""Of what is expected of a slow machine, before anything was measured."""
SHOWN_EVERY_S = 0.25
_REPAIR_ROUNDS = 1
_MESSAGES = 4


def write_with_model(
    client: LlmClient, request: ScriptRequest, cancel: CancelToken
) -> Generator[Progress, None, WrittenScript]:
    """Have a script written; what the model writes is shown in `Progress.text` meanwhile.

    Raises:
        ScriptRejected: neither its answer nor the corrected one can be used.
        ServiceError: the server failed, or the context is too small for any script.
        Cancelled: the token was set.
    """
    answer_tokens = _answer_tokens(request)
    fitted = fit(
        prompt_parts(request, held_to_schema=client.offers_schema),
        client.context_tokens,
        lambda text: client.count_tokens(text, cancel),
        reserved=answer_tokens + client.template_tokens(_MESSAGES),
    )
    asked = messages(fitted.texts)
    best: Reading | None = None
    reply: Reply | None = None
    chat: Sequence[Mapping[str, str]] = asked
    for attempt in range(1 + _REPAIR_ROUNDS):
        try:
            text, heard = yield from _ask(client, chat, request, attempt, cancel)
            reply = heard or reply
            reading = read_answer(text, request)
            best = _better(best, reading)
            if not reading.problems or attempt == _REPAIR_ROUNDS:
                break
            _logger.info("%s: %s", client.model, "; ".join(reading.problems))
            chat = asked
            if reading.script is not None:
                repair = repair_messages(asked, text, reading.problems)
                chat = _if_it_fits(client, repair, answer_tokens, cancel) or asked
        except CutReply as error:
            best = _better(best, read_answer(error.partial, request))
            if not best.is_usable:
                # No fault of the model: another server may finish its sentence.
                raise
            break
        except ServiceError as error:
            if best is None or not best.is_usable:
                raise
            # What came first has its faults, and is better than none.
            _logger.info("no second answer: %s", error)
            break
    if best is None or best.script is None or not best.is_usable:
        raise ScriptRejected(client.model, " ".join(best.problems if best else ()))
    return WrittenScript(best.script, (*fitted.notices, *_told(client, reply)))


def _if_it_fits(
    client: LlmClient,
    chat: Sequence[Mapping[str, str]],
    answer_tokens: int,
    cancel: CancelToken,
) -> Sequence[Mapping[str, str]] | None:
    needed = client.prompt_tokens(chat, cancel) + answer_tokens
    return chat if needed <= client.context_tokens else None


def _told(client: LlmClient, reply: Reply | None) -> Sequence[Message]:
    if reply is None:
        return ()
    speed = round(reply.tokens_per_s, 1)
    return (Message(MessageId.SCRIPT_BY_MODEL, {"model": client.model, "tokens_per_s": speed}),)


def _better(before: Reading | None, now: Reading) -> Reading:
    """The reading with fewer faults; the newer one when they are equal."""
    if before is None:
        return now
    return min((now, before), key=lambda reading: (not reading.is_usable, len(reading.problems)))


def _answer_tokens(request: ScriptRequest) -> int:
    return round(request.words * TOKENS_A_WORD + request.scenes * TOKENS_A_SCENE + TOKENS_BESIDE)


def _ask(
    client: LlmClient,
    chat: Sequence[Mapping[str, str]],
    request: ScriptRequest,
    attempt: int,
    cancel: CancelToken,
) -> Generator[Progress, None, tuple[str, Reply | None]]:
    """One answer; an empty or declined one counts as what it says."""
    max_tokens = _answer_tokens(request)
    prompt_tokens = sum(estimate_tokens(message["content"]) for message in chat)
    expected_s = client.expected_s(prompt_tokens, max_tokens)
    times = TIMES_A_GUESS if client.tokens_per_s is None else TIMES_AS_LONG
    answer = client.chat(
        chat,
        schema=answer_schema(request, bounded=client.info.kind in _TAKES_BOUNDS),
        max_tokens=max_tokens,
        temperature=REPAIR_TEMPERATURE if attempt else TEMPERATURE,
        seed=(request.seed + attempt) % SEED_SPAN,
        deadline_s=patient(max(LEAST_DEADLINE_S, times * expected_s)),
        cancel=cancel,
        frequency_penalty=FREQUENCY_PENALTY,
    )
    shown_at = 0.0
    try:
        while True:
            text = next(answer)
            now = time.monotonic()
            if now - shown_at >= SHOWN_EVERY_S:
                shown_at = now
                fraction = min(0.95, estimate_tokens(text) / max_tokens)
                yield Progress(fraction, text=shown_text(text, request))
    except StopIteration as stop:
        reply: Reply = stop.value
        return reply.text, reply
    except (EmptyReply, Refused) as error:
        _logger.info("%s", error)
        return str(error.message.params.get("words", "")), None
    finally:
        answer.close()
