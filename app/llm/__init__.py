"""Chat models by name: any server that speaks OpenAI's protocol, as a runnable of LangChain."""

from __future__ import annotations

from app.config import Settings
from app.llm.endpoints import NO_MODEL, find_endpoint, providers
from app.llm.model import ChatModel

__all__ = ["NO_MODEL", "ChatModel", "chat_model", "providers"]


def chat_model(settings: Settings, name: str | None = None) -> ChatModel | None:
    """The chat model with this name, or the configured one; None when answers go without. Contacts no server.

    Args:
        settings: key, address, time limits, and the model that stands in when this one fails.
        name: "provider:model", the name of a model on `llm_base_url`, or "none".

    Raises:
        ConfigurationError: the provider is not known, or no model is named.
        ModelAuthError: its key is missing.
    """
    wanted = name or settings.llm_model
    if wanted == NO_MODEL or not (wanted or settings.llm_base_url):
        return None
    fallback = None
    stand_in = settings.llm_fallback_model
    if stand_in and stand_in not in (NO_MODEL, wanted):
        fallback = ChatModel(find_endpoint(settings, stand_in, "DOCENT_LLM_FALLBACK_MODEL"), settings)
    return ChatModel(find_endpoint(settings, wanted, "DOCENT_LLM_MODEL"), settings, fallback)
