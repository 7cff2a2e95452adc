"""What an answer cost, where that is known: from the settings, from published prices, or nothing at home."""

from __future__ import annotations

import ipaddress
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from app.config import Settings
from app.errors import DocentError
from app.llm.endpoints import find_endpoint
from app.schemas import Tokens

_MILLION = 1_000_000
_DATED = re.compile(r"-\d{4}-?\d{2}-?\d{2}$")
_OWN_NAMES = (".local", ".lan", ".internal", ".home.arpa")


def cost(model: str | None, tokens: Tokens, settings: Settings) -> float | None:
    """US dollars; None where the price, or the number of tokens, is not known.

    Args:
        model: "provider:model" that answered; None answered without one, which costs nothing.
    """
    if model is None:
        return 0.0
    prices = _price(model, settings)
    if prices is None or not (tokens.total or prices == (0.0, 0.0)):
        return None
    return (tokens.prompt * prices[0] + tokens.completion * prices[1]) / _MILLION


def as_of() -> date:
    """The day of the published prices."""
    found: date = _table()["as_of"]
    return found


def _price(model: str, settings: Settings) -> tuple[float, float] | None:
    """Of a million tokens of the prompt, and of the answer."""
    if settings.price_prompt is not None or settings.price_completion is not None:
        return settings.price_prompt or 0.0, settings.price_completion or 0.0
    try:
        address = find_endpoint(settings, model, "DOCENT_LLM_MODEL").base_url
    except DocentError:
        return None
    if _is_private(urlsplit(address).hostname or ""):
        return 0.0, 0.0
    # Published prices are those of the provider's own server.
    listed = None if settings.llm_base_url == address else _table()["models"].get(_DATED.sub("", model))
    return (float(listed["prompt"]), float(listed["completion"])) if listed else None


def _is_private(host: str) -> bool:
    """Whether a model there is run by the people who use it."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or "." not in host or host.endswith(_OWN_NAMES)


@cache
def _table() -> dict[str, Any]:
    path = Path(__file__).with_name("prices.yaml")
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))
