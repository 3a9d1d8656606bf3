"""What can go wrong with a language model, beyond what `vidgen_gui.net.errors` covers.

::

    ServiceError
    └── LlmError
        ├── ModelLoading      the server is up, its model isn't yet
        ├── NotLlmServer      something else answers at the address
        ├── ModelMissing      the server has no such model
        ├── ContextExceeded   prompt and answer don't fit the context
        ├── EmptyReply        it answered with nothing
        ├── CutReply          its answer stopped in the middle
        ├── ReplyTooLong      its answer doesn't end
        ├── StillLoaded       Ollama keeps a model in memory that it was to give up
        ├── Refused           it says that it won't answer
        └── ModelFailed       it answered with an error of its own in the middle of the stream
"""

from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.messages import MessageId


class LlmError(ServiceError):
    """A language model server does not deliver what it was asked for."""


class ModelLoading(LlmError):
    """The server answers, and is still loading its model.

    Attributes:
        retry_after_s: when to ask again, if the server says so.
    """

    def __init__(self, address: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(MessageId.LLM_LOADING, address=address)
        self.retry_after_s = retry_after_s


class NotLlmServer(LlmError):
    """Something answers at the address, but not as a language model server does."""

    def __init__(self, address: str, *, detail: str = "") -> None:
        super().__init__(MessageId.LLM_NOT_A_SERVER, detail=detail, address=address)


class ModelMissing(LlmError):
    """The server doesn't have the model that it was asked for."""

    def __init__(self, address: str, model: str, *, words: str = "") -> None:
        super().__init__(MessageId.LLM_MODEL_MISSING, detail=words, address=address, model=model)


class StillLoaded(LlmError):
    """Ollama was asked to take a model out of memory and didn't in time."""

    def __init__(self, address: str, model: str) -> None:
        super().__init__(MessageId.LLM_STILL_LOADED, address=address, model=model)


class ContextExceeded(LlmError):
    """Prompt and answer together need more than the model's context.

    Attributes:
        n_prompt: what they need, in tokens (0 where the server didn't say).
        n_ctx: what there is, in tokens (0 where it isn't known).
    """

    def __init__(self, *, n_prompt: int, n_ctx: int) -> None:
        super().__init__(
            MessageId.LLM_CONTEXT_EXCEEDED, needed_tokens=n_prompt, context_tokens=n_ctx
        )
        self.n_prompt = n_prompt
        self.n_ctx = n_ctx


class EmptyReply(LlmError):
    """The model ended its answer before it wrote anything that can be read."""

    def __init__(self, model: str, *, finish_reason: str) -> None:
        super().__init__(MessageId.LLM_EMPTY_REPLY, detail=finish_reason, model=model)


class CutReply(LlmError):
    """The answer stopped before its end.

    Attributes:
        partial: what had come, cleaned.
    """

    def __init__(self, address: str, partial: str) -> None:
        super().__init__(MessageId.LLM_CUT_REPLY, detail=partial[-200:], address=address)
        self.partial = partial


class ReplyTooLong(LlmError):
    """The model writes on and on; the connection was closed."""

    def __init__(self, model: str, limit_kib: int) -> None:
        super().__init__(MessageId.LLM_REPLY_TOO_LONG, model=model, limit_kib=limit_kib)


class Refused(LlmError):
    """The model or its server declines to answer."""

    def __init__(self, model: str, words: str) -> None:
        super().__init__(MessageId.LLM_REFUSED, model=model, words=words)


class ModelFailed(LlmError):
    """The server reported a failure of its own where the answer should have gone on."""

    def __init__(self, address: str, words: str) -> None:
        super().__init__(MessageId.LLM_FAILED, address=address, words=words)
