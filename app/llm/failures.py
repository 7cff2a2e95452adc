"""What servers and their client raise, as errors that name server, model and cure, and never a key."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, TypeVar

from app.config import env_file
from app.errors import (
    ModelAuthError,
    ModelError,
    ModelRateLimitError,
    ModelRejectedError,
    ModelUnavailableError,
)

if TYPE_CHECKING:
    from app.llm.endpoints import Endpoint

E = TypeVar("E", bound=ModelError)

_DETAIL_CHARACTERS = 300
_SECRET = re.compile(r"\b(?:sk|gsk|pk|key)[-_][\w*.-]{6,}|\bBearer\s+\S+", re.IGNORECASE)
_TOO_LONG = re.compile(
    r"context.{0,20}(?:length|window|size)|maximum.{0,30}tokens|too (?:long|large|many tokens)"
    r"|exceed.{0,40}tokens",
    re.IGNORECASE,
)
_NO_CREDIT = re.compile(r"insufficient_quota|quota|billing|credit", re.IGNORECASE)
# Servers that check an object themselves, and send this instead of one that does not fit.
_NOT_HELD = frozenset({"json_validate_failed", "tool_use_failed"})
_NO_MODEL = re.compile(r"model", re.IGNORECASE)


def explain(error: Exception, endpoint: Endpoint) -> ModelError:
    """The error of ours that says what `error` of the client means for this endpoint."""
    import openai

    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return _by_status(status, error, endpoint)
    if isinstance(error, openai.APITimeoutError):
        return _make(
            ModelUnavailableError, endpoint, "did not answer in time",
            "Raise DOCENT_LLM_TIMEOUT, or check the server.", reason="timeout",
        )  # fmt: skip
    if isinstance(error, openai.APIConnectionError):
        return _make(
            ModelUnavailableError, endpoint, "cannot be reached, or broke the connection off",
            "Check that the server runs, and its address in DOCENT_LLM_BASE_URL.", reason="connection",
        )  # fmt: skip
    if isinstance(error, openai.LengthFinishReasonError):
        return _make(
            ModelRejectedError, endpoint, "was cut off before its answer was complete",
            "Raise DOCENT_MAX_TOKENS.", reason="length",
        )  # fmt: skip
    if isinstance(error, openai.ContentFilterFinishReasonError):
        return _make(
            ModelRejectedError, endpoint, "held its answer back (content filter)",
            "Ask in other words, or choose another model.", reason="content_filter",
        )  # fmt: skip
    if isinstance(error, openai.APIError):
        return _make(
            ModelUnavailableError, endpoint, f"failed while it answered{_detail(error, endpoint)}",
            "Ask again.", reason="failed",
        )  # fmt: skip
    return _make(
        ModelRejectedError, endpoint, f"did not answer in OpenAI's protocol ({type(error).__name__})",
        "Check DOCENT_LLM_BASE_URL; most servers want '/v1' at its end.", reason="protocol",
    )  # fmt: skip


def dropped(endpoint: Endpoint) -> ModelUnavailableError:
    """The stream ended before the model had said that it was done."""
    return _make(
        ModelUnavailableError, endpoint, "broke off before its answer was complete",
        "Ask again.", reason="dropped",
    )  # fmt: skip


def rejected_parameter(error: Exception, sent: Collection[str]) -> str | None:
    """Which of the parameters that were sent this 400 is about; None if it is about something else."""
    if getattr(error, "status_code", None) not in (400, 422):
        return None
    named = str(getattr(error, "param", None) or "").split(".")[0]
    message = str(error)
    for parameter in sent:
        names = (parameter, "max_completion_tokens") if parameter == "max_tokens" else (parameter,)
        if named in names or (not named and any(re.search(rf"\b{name}\b", message) for name in names)):
            return parameter
    return None


def worth_retrying(error: ModelError) -> bool:
    """Whether the same request may succeed a little later; an empty account stays empty."""
    return error.retryable and error.values.get("reason") != "quota"


def _by_status(status: int, error: Exception, endpoint: Endpoint) -> ModelError:
    detail = _detail(error, endpoint)
    if status in (401, 403):
        return _make(
            ModelAuthError, endpoint, f"refused the key ({status})",
            f"Check {endpoint.key_variable} in {env_file()}; the environment wins over the file.",
            status=status, variable=endpoint.key_variable,
        )  # fmt: skip
    if status == 429:
        quota = bool(_NO_CREDIT.search(f"{getattr(error, 'code', '')} {error}"))
        said = "has no credit left" if quota else "had too many requests"
        cure = "Check the account's plan and billing" if quota else "Wait a little and ask again"
        return _make(
            ModelRateLimitError, endpoint, f"{said} (429){detail}",
            f"{cure}, or set DOCENT_LLM_FALLBACK_MODEL.",
            status=status, reason="quota" if quota else "rate_limit",
        )  # fmt: skip
    if status in (408, 409, 425) or status >= 500:
        return _make(
            ModelUnavailableError, endpoint, f"failed ({status}){detail}",
            "Ask again, or set DOCENT_LLM_FALLBACK_MODEL.", status=status, reason="failed",
        )  # fmt: skip
    if getattr(error, "code", None) in _NOT_HELD:
        return _make(
            ModelRejectedError, endpoint, f"could not keep to the schema ({status}){detail}",
            "Ask more narrowly, or choose a model that follows schemas better.",
            status=status, reason="not_held",
        )  # fmt: skip
    if status == 413 or _is_too_long(error):
        return _make(
            ModelRejectedError, endpoint, f"cannot read that much at once ({status}){detail}",
            "Lower DOCENT_TOP_K, DOCENT_HISTORY_TOKENS or DOCENT_MAX_TOKENS, or choose a model with a longer "
            "context.", status=status, reason="too_long",
        )  # fmt: skip
    if status == 404:
        return _not_found(error, endpoint, detail)
    return _make(
        ModelRejectedError, endpoint, f"refused the request ({status}){detail}",
        f"Check {endpoint.model_variable} and the sampling settings.", status=status, reason="rejected",
    )  # fmt: skip


def _not_found(error: Exception, endpoint: Endpoint, detail: str) -> ModelError:
    if _NO_MODEL.search(f"{getattr(error, 'code', '')} {error}"):
        fetch = f", or fetch it: ollama pull {endpoint.model}" if endpoint.provider == "ollama" else ""
        return _make(
            ModelRejectedError, endpoint, f"does not know this model (404){detail}",
            f"Change {endpoint.model_variable}{fetch}.", status=404, reason="unknown_model",
        )  # fmt: skip
    return _make(
        ModelRejectedError, endpoint, f"has nothing at this address (404){detail}",
        "Check DOCENT_LLM_BASE_URL; most servers want '/v1' at its end.", status=404, reason="address",
    )  # fmt: skip


def _is_too_long(error: Exception) -> bool:
    code = getattr(error, "code", None)
    return code == "context_length_exceeded" or bool(_TOO_LONG.search(str(error)))


def _make(kind: type[E], endpoint: Endpoint, said: str, cure: str, **values: object) -> E:
    values = {"server": endpoint.server, "model": endpoint.name} | values
    return kind(f"The model {endpoint.name!r} at {endpoint.server} {said}. {cure}", **values)


def _detail(error: Exception, endpoint: Endpoint) -> str:
    """What the server said about it, short, on one line, without secrets."""
    body = getattr(error, "body", None)
    said = body.get("message") if isinstance(body, dict) else None
    text = " ".join(str(said or "").split())
    if endpoint.key is not None:
        text = text.replace(endpoint.key.get_secret_value(), "…")
    text = _SECRET.sub("…", text)[:_DETAIL_CHARACTERS].rstrip(".")
    return f": “{text}”" if text else ""
