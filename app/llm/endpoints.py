"""Where a model is: provider, address and key, from a name such as "groq:llama-3.3-70b-versatile"."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import urlsplit, urlunsplit

from pydantic import SecretStr

from app.config import Settings, env_file, env_name
from app.errors import ConfigurationError, ModelAuthError

NO_MODEL = "none"
"""The name that asks for answers without a model."""


@dataclass(frozen=True, slots=True)
class _Provider:
    """A server that is known by name.

    Attributes:
        key_field: the setting that holds its key; None where it needs none.
        strict: whether it takes only OpenAI's newest names of parameters.
    """

    base_url: str
    key_field: str | None
    strict: bool = False


_PROVIDERS = {
    "openai": _Provider("https://api.openai.com/v1", "openai_api_key", strict=True),
    "groq": _Provider("https://api.groq.com/openai/v1", "groq_api_key"),
    "ollama": _Provider("http://localhost:11434/v1", None),
}
_DEFAULT_PROVIDER = "openai"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A model on a server.

    Attributes:
        provider: its name in the table.
        model: what the server calls it; "" takes the first one that the server lists.
        base_url: with its version, without a slash at the end.
        key: None where no key is needed or known.
        key_variable: the variable to set when the key is wrong.
        model_variable: the variable that names the model.
        strict: see `_Provider`.
    """

    provider: str
    model: str
    base_url: str
    key: SecretStr | None
    key_variable: str
    model_variable: str
    strict: bool

    @property
    def name(self) -> str:
        return f"{self.provider}:{self.model}"

    @property
    def server(self) -> str:
        """The address as it may be shown: without user and password."""
        parts = urlsplit(self.base_url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, parts.path, "", ""))


def providers() -> tuple[str, ...]:
    """The names that may stand before the colon."""
    return tuple(_PROVIDERS)


def find_endpoint(settings: Settings, name: str, variable: str) -> Endpoint:
    """The endpoint with this name.

    `llm_base_url` and `llm_api_key` belong to the provider of `llm_model` (openai, where it names none).
    Other providers keep their own address and key, so that no key goes to a server that it is not for.

    Args:
        variable: the setting that `name` comes from, for messages.

    Raises:
        ConfigurationError: the provider is unknown, or no model is named.
        ModelAuthError: the key is missing.
    """
    home, _ = _split(settings.llm_model, settings)
    provider, model = _split(name, settings)
    if provider not in _PROVIDERS:
        raise _unknown(name, variable)
    at_home = provider == home
    own_server = bool(settings.llm_base_url) and at_home
    if not model and not own_server:
        raise ConfigurationError(
            f"{variable}={name!r} names no model. Write it like 'openai:gpt-4o-mini', in {env_file()}."
        )
    known = _PROVIDERS[provider]
    base_url = settings.llm_base_url if own_server else known.base_url
    _check_address(base_url)
    field = "llm_api_key" if own_server or not known.key_field else known.key_field
    endpoint = Endpoint(
        provider=provider,
        model=model,
        base_url=base_url.rstrip("/"),
        key=_key(settings, known, at_home),
        key_variable=env_name(field),
        model_variable=variable,
        strict=known.strict and not own_server,
    )
    if endpoint.key is None and known.key_field and not own_server:
        raise ModelAuthError(
            f"The model {name!r} needs a key: set {endpoint.key_variable} in {env_file()} "
            "or in the environment.",
            model=name,
            variable=endpoint.key_variable,
        )
    return endpoint


def _split(name: str, settings: Settings) -> tuple[str, str]:
    """Provider and model. On a server of one's own, a name without a known provider is a model's."""
    provider, colon, model = name.partition(":")
    if provider in _PROVIDERS and colon:
        return provider, model.strip()
    if settings.llm_base_url or not name:
        return _DEFAULT_PROVIDER, name.strip()
    return provider if colon else "", model or name


def _key(settings: Settings, known: _Provider, at_home: bool) -> SecretStr | None:
    own = settings.llm_api_key if at_home else None
    return own or (getattr(settings, known.key_field) if known.key_field else None)


def _unknown(name: str, variable: str) -> ConfigurationError:
    listed = ", ".join(_PROVIDERS)
    close = get_close_matches(name.partition(":")[0], _PROVIDERS, 1)
    guess = f" Did you mean {close[0]!r}?" if close else ""
    return ConfigurationError(
        f"{variable}={name!r} names no known provider.{guess} Write provider:model with one of: {listed}; "
        f"or set DOCENT_LLM_BASE_URL for any other server of OpenAI's protocol, in {env_file()}.",
        name=name,
        providers=listed,
    )


def _check_address(base_url: str) -> None:
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(
            f"DOCENT_LLM_BASE_URL={base_url!r} is no address. Write it like 'http://localhost:8000/v1', "
            f"in {env_file()}."
        )
