"""What changed between two answers to one question, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from app.language import Language


def change_text(code: str, values: Mapping[str, str], language: Language) -> str:
    """A sentence; an unknown code is shown as it is."""
    text = _texts().get(code)
    return code if text is None else str(text[language]).format_map(defaultdict(lambda: "…", values))


def codes() -> frozenset[str]:
    """All that there is a sentence for."""
    return frozenset(_texts())


@cache
def _texts() -> dict[str, Any]:
    path = Path(__file__).with_name("changes.yaml")
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))
