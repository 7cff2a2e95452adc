"""`ChatModel`: a model on an OpenAI-compatible server that retries, steps aside and says so."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.runnables import Runnable, RunnableConfig

from app.errors import ModelError, ModelRejectedError
from app.llm.failures import dropped, explain, rejected_parameter, worth_retrying
from app.llm.forms import FORMS, Form, Shape, below, is_about_the_schema, refuses
from app.llm.sent import as_said, client, whole, without_warnings
from app.llm.thoughts import Thoughts
from app.schemas import Notice, Sampling

if TYPE_CHECKING:
    from langchain_openai import ChatOpenAI
    from openai import OpenAI

    from app.config import Settings
    from app.llm.endpoints import Endpoint

Tell = Callable[[Notice], None]
Lower = Callable[["ChatModel", ModelError], bool]

_LONGEST_WAIT = 20.0
_FIRST_WAIT = 0.5
# Statuses with which servers say that they do not list their models.
_NO_LIST = frozenset({404, 405, 501})


def _ignore(_: Notice) -> None:
    pass


class ChatModel(Runnable[LanguageModelInput, AIMessageChunk]):
    """One model, and the one that stands in when it fails before its first word.

    It is a runnable, so that `prompt | model` streams; `bind(sampling=…, tell=…, cancelled=…)` sets how it
    answers. The first chunk's `response_metadata` holds `answered_by`, the `sampling` that was used, the
    `prompt` as it was sent, and the server's `response_id`.

    Attributes:
        form: the strictest way to hold it to a schema that its server takes, as far as that is known.

    Args:
        endpoint: where it is.
        settings: `llm_timeout`, `llm_retries`.
        fallback: stands in; its answer is told as `fallback_model`.
    """

    def __init__(self, endpoint: Endpoint, settings: Settings, fallback: ChatModel | None = None) -> None:
        self.endpoint = endpoint
        self.fallback = fallback
        self.form: Form = FORMS[0]
        self._at_once = False
        self._settings = settings

    def check(self) -> str:
        """Ask the server whether it would answer; what it is, in words.

        Raises:
            ModelError: it would not; the message says why.
        """
        try:
            listed = self._listed()
        except ModelError as error:
            if error.values.get("status") not in _NO_LIST:
                raise
            return f"{self.endpoint.name} at {self.endpoint.server} (it does not list its models)"
        model = self._resolve(listed).model
        if model not in listed and f"{model}:latest" not in listed:
            some = ", ".join(sorted(listed)[:12])
            raise ModelRejectedError(
                f"The server {self.endpoint.server} does not list the model {model!r}. It has: {some}. "
                f"Change {self.endpoint.model_variable}.",
                model=self.endpoint.name,
            )
        return f"{self.endpoint.name} at {self.endpoint.server}"

    # -- answers ---------------------------------------------------------------------------------

    def invoke(
        self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AIMessageChunk:
        """The whole answer; see `stream`."""
        whole = AIMessageChunk(content="")
        for chunk in self.stream(input, config, **kwargs):
            whole += chunk
        return whole

    def stream(  # type: ignore[override]
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        sampling: Sampling | None = None,
        tell: Tell = _ignore,
        cancelled: threading.Event | None = None,
        **kwargs: Any,
    ) -> Iterator[AIMessageChunk]:
        """The answer as it comes. Closing the iterator closes the connection.

        Args:
            sampling: None leaves all to the model.
            tell: is told of dropped parameters and of the fallback.
            cancelled: no further try once it is set.

        Raises:
            ModelError: of the kind that the failure is.
        """

        def call(model: ChatModel, parameters: dict[str, Any]) -> Iterator[AIMessage]:
            return model._chunks(input, config, parameters)

        prompt = {"prompt": as_said(input)}
        for message in self._answered(call, sampling or Sampling(), tell, cancelled):
            assert isinstance(message, AIMessageChunk)  # noqa: S101 - what `_chunks` yields
            message.response_metadata |= prompt
            prompt = {}
            yield message

    def held(
        self,
        input: LanguageModelInput,
        shape: Shape,
        *,
        form: Form | None = None,
        sampling: Sampling | None = None,
        tell: Tell = _ignore,
        cancelled: threading.Event | None = None,
    ) -> Iterator[AIMessageChunk]:
        """The answer as it comes from a model that is held to a shape, as strictly as its server takes it.

        Nothing is parsed or mended. `additional_kwargs["said"]` of a chunk holds what is no text: the
        server's own `tool_calls`, `function_call` and `refusal`. The first chunk's `response_metadata` has
        the `form`, too. What a server takes is remembered, and not tried again.

        Args:
            form: where to begin, instead of what is remembered.

        Raises:
            ModelError: of the kind that the failure is.
        """
        forms: dict[int, Form] = {}
        once: set[int] = set()

        def call(model: ChatModel, parameters: dict[str, Any]) -> Iterator[AIMessage]:
            now = forms.setdefault(id(model), form or model.form)
            body = {**parameters.get("extra_body", {}), **shape.request(now)}
            for chunk in model._chunks(input, None, {**parameters, "extra_body": body}, as_it_comes=True):
                if form is None and id(model) not in once:
                    model.form = now
                chunk.response_metadata |= {"form": now}
                yield chunk

        def lower(model: ChatModel, error: ModelError) -> bool:
            now = forms[id(model)]
            looser = below(now) if refuses(error, now) else None
            if looser is None:
                return False
            forms[id(model)] = looser
            once.update({id(model)} if is_about_the_schema(error) else ())
            return True

        without_warnings()
        prompt = {"prompt": as_said(input)}
        for message in self._answered(call, sampling or Sampling(), tell, cancelled, lower):
            assert isinstance(message, AIMessageChunk)  # noqa: S101 - what `_chunks` yields
            message.response_metadata |= prompt
            prompt = {}
            yield message

    # -- tries -----------------------------------------------------------------------------------

    def _answered(
        self,
        call: Callable[[ChatModel, dict[str, Any]], Iterator[AIMessage]],
        sampling: Sampling,
        tell: Tell,
        cancelled: threading.Event | None,
        lower: Lower | None = None,
    ) -> Iterator[AIMessage]:
        """By this model, or by its fallback if it fails before the first word."""
        started = False
        try:
            for message in self._tries(call, sampling, tell, cancelled, lower):
                started = True
                yield message
        except ModelError as error:
            if started or self.fallback is None or (cancelled is not None and cancelled.is_set()):
                raise
            reason = str(error.values.get("status") or error.values.get("reason") or error.code)
            values = {"failed": self.endpoint.name, "model": self.fallback.endpoint.name, "reason": reason}
            tell(Notice(code="fallback_model", values=values))
            yield from self.fallback._answered(call, sampling, tell, cancelled, lower)

    def _tries(
        self,
        call: Callable[[ChatModel, dict[str, Any]], Iterator[AIMessage]],
        sampling: Sampling,
        tell: Tell,
        cancelled: threading.Event | None,
        lower: Lower | None = None,
    ) -> Iterator[AIMessage]:
        """Again without what the server rejects and after what may pass; never after the first word.

        Args:
            lower: whether an error is answered by asking for less than before.
        """
        sent = self._accepted(sampling, tell)
        retries = 0
        while True:
            started = False
            try:
                for message in call(self, self._parameters(sent)):
                    if not started:
                        message.response_metadata |= self._label(sent)
                    started = True
                    yield message
                return
            except _failures() as raised:
                error = raised if isinstance(raised, ModelError) else explain(raised, self.endpoint)
                rejected = None if started else rejected_parameter(raised, sent)
                if rejected:
                    del sent[rejected]
                    self._tell_dropped(rejected, tell)
                    continue
                if not started and lower is not None and lower(self, error):
                    continue
                if started or not worth_retrying(error) or retries == self._settings.llm_retries:
                    raise error from None  # the client's error may quote the key
                retries += 1
                if _pause(raised, retries, cancelled):
                    raise error from None

    def _chunks(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None,
        parameters: dict[str, Any],
        *,
        as_it_comes: bool = False,
    ) -> Iterator[AIMessageChunk]:
        """The stream without thoughts; its first chunk says something. An error if it stops without an end.

        Args:
            as_it_comes: with its thoughts; and a server that answers all at once is taken as well.
        """
        thoughts = None if as_it_comes else Thoughts()
        held: list[AIMessageChunk] = []
        started = finished = False
        for chunk in self._streamed(input, config, parameters, or_whole=as_it_comes):
            finished = finished or "finish_reason" in chunk.response_metadata
            if thoughts is not None:
                chunk.content = thoughts.feed(chunk.text)
            if started:
                chunk.response_metadata.pop("response_id", None)  # joined chunks would join it as well
            if not started and not (chunk.content or chunk.additional_kwargs.get("said")):
                held.append(chunk)
                continue
            started = True
            yield chunk
        if not finished:
            raise dropped(self.endpoint)
        yield AIMessageChunk(content=thoughts.end() if thoughts is not None else "")
        if not started:
            yield from held

    def _streamed(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None,
        parameters: dict[str, Any],
        *,
        or_whole: bool,
    ) -> Iterator[AIMessageChunk]:
        """What the client streams; asked again for the whole where a stream held nothing at all."""
        if or_whole and self._at_once:
            yield self._whole(input, config, parameters)
            return
        empty = True
        try:
            for chunk in self._llm.stream(input, config, **parameters):
                empty = False
                yield chunk
        except ValueError:  # LangChain's word for an empty stream
            if not (empty and or_whole):
                raise
        if empty and or_whole:
            yield self._whole(input, config, parameters)
            self._at_once = True

    def _whole(
        self, input: LanguageModelInput, config: RunnableConfig | None, parameters: dict[str, Any]
    ) -> AIMessageChunk:
        parameters = {name: value for name, value in parameters.items() if name != "stream_usage"}
        return whole(self._llm.invoke(input, config, **parameters))

    # -- parts -----------------------------------------------------------------------------------

    def _resolve(self, listed: Sequence[str] | None = None) -> Endpoint:
        """The endpoint; where the settings name no model, with the first one that the server lists."""
        if not self.endpoint.model:
            self.endpoint = replace(self.endpoint, model=(listed or self._listed())[0])
        return self.endpoint

    @cached_property
    def _llm(self) -> ChatOpenAI:
        return client()(
            model=self._resolve().model,
            base_url=self.endpoint.base_url,
            api_key=self.endpoint.key or _no_key(),
            timeout=self._settings.llm_timeout,
            max_retries=0,
            stream_usage=True,
            # The other protocol knows no seed and is spoken by one provider only.
            use_responses_api=False,
        )

    def _listed(self) -> list[str]:
        """The models of the server, in its order; at least one."""
        import openai

        client: OpenAI
        try:
            with openai.OpenAI(
                base_url=self.endpoint.base_url,
                api_key=(self.endpoint.key or _no_key()).get_secret_value(),
                timeout=self._settings.llm_timeout,
                max_retries=0,
            ) as client:
                listed = [model.id for model in client.models.list()]
        except _failures() as raised:
            raise explain(raised, self.endpoint) from None
        if not listed:
            raise ModelRejectedError(
                f"The server {self.endpoint.server} lists no model. Load one there, or name one in "
                f"{self.endpoint.model_variable}.",
                server=self.endpoint.server,
            )
        return listed

    def _accepted(self, sampling: Sampling, tell: Tell) -> dict[str, Any]:
        """The parameters to send: those that are set, without those that the model is known not to take."""
        wanted = {**sampling.model_dump(exclude_none=True), "stream_options": True}
        profile: Mapping[str, Any] = self._llm.profile or {}
        if profile.get("temperature") is False:
            for parameter in ("temperature", "top_p"):
                if wanted.pop(parameter, None) is not None:
                    self._tell_dropped(parameter, tell)
        return wanted

    def _parameters(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """As the client takes them."""
        parameters = {name: value for name, value in sent.items() if name in ("temperature", "top_p", "seed")}
        if "max_tokens" in sent and self.endpoint.strict:
            parameters["max_tokens"] = sent["max_tokens"]  # goes out as max_completion_tokens
        elif "max_tokens" in sent:
            parameters["extra_body"] = {"max_tokens": sent["max_tokens"]}  # what other servers know
        return parameters | {"stream_usage": "stream_options" in sent}

    def _tell_dropped(self, parameter: str, tell: Tell) -> None:
        if parameter != "stream_options":  # ours, not the user's
            values = {"parameter": parameter, "model": self.endpoint.name}
            tell(Notice(code="parameter_dropped", values=values))

    def _label(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        used = {name: value for name, value in sent.items() if name in Sampling.model_fields}
        return {"answered_by": self.endpoint.name, "sampling": Sampling(**used)}


def _failures() -> tuple[type[Exception], ...]:
    """What a call may raise: the client's errors, and what an answer in another protocol leads to."""
    import openai

    return (openai.OpenAIError, ModelError, ValueError, TypeError, KeyError, AttributeError)


def _no_key() -> Any:
    """Servers without keys; the client wants one all the same."""
    from pydantic import SecretStr

    return SecretStr("no-key")


def _pause(error: Exception, retry: int, cancelled: threading.Event | None) -> bool:
    """Wait as long as the server asks, or longer each time; whether the wait was broken off."""
    response = getattr(error, "response", None)
    asked = response.headers.get("retry-after", "") if response is not None else ""
    wait = float(asked) if asked.replace(".", "", 1).isdigit() else _FIRST_WAIT * 2 ** (retry - 1)
    wait = min(_LONGEST_WAIT, wait * (1 + 0.1 * random.random()))  # noqa: S311 - so that clients do not march in step
    if cancelled is None:
        time.sleep(wait)
        return False
    return cancelled.wait(wait)
