"""What the pages say, in English and Korean: `texts/en.yaml` and `texts/ko.yaml`, keyed alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from app.errors import DocentError
from app.language import Language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

FOLDER = Path(__file__).with_name("texts")
# A tenth of the time where PyYAML was built with libyaml, which the first page waits for.
_SafeLoader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
LANGUAGES: dict[Language, str] = {"en": "English", "ko": "한국어"}


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one language; call it with a key and what its placeholders name."""

    language: Language

    def __call__(self, key: str, **values: object) -> str:
        return table(self.language)[key].format(**values)

    def html(self, key: str, **values: object) -> str:
        """The text as part of a page."""
        return escape(self(key, **values))

    def fill(self, key: str, values: Mapping[str, str]) -> str:
        """The same with a mapping that may answer for names it does not hold."""
        return table(self.language)[key].format_map(values)

    def has(self, key: str) -> bool:
        return key in table(self.language)

    def plural(self, key: str, count: int, **values: object) -> str:
        """The text `key`, or `key_one` when it counts one thing."""
        one = f"{key}_one"
        return self(one if count == 1 and self.has(one) else key, count=f"{count:,}", **values)

    def error(self, error: BaseException) -> tuple[str, str]:
        """A sentence on what went wrong and what to do, and the detail below it (in English)."""
        code = error.code if isinstance(error, DocentError) else "unexpected"
        detail = str(error) or type(error).__name__
        return self.error_of(code, detail)

    def error_of(self, code: str, detail: str) -> tuple[str, str]:
        """The same for an error of which only its code and its message are left."""
        key = f"error.{code}"
        return self(key if self.has(key) else "error.unexpected"), detail


@cache
def table(language: Language) -> Mapping[str, str]:
    """Key -> text; nested sections are joined by dots."""
    tree = _SafeLoader((FOLDER / f"{language}.yaml").read_text(encoding="utf-8")).get_single_data()
    return {f"{section}.{key}": str(text) for section, part in tree.items() for key, text in part.items()}


def texts_of(request: Request) -> Texts:
    """In the language that a request names (`?lang=`), else in the one that the browser asks for."""
    asked = request.query_params.get("lang", "")
    if asked in LANGUAGES:
        return Texts(asked)
    return Texts(browser_language(request.headers.get("accept-language")))


def browser_language(locale: str | None) -> Language:
    """The language to greet a browser with: Korean where it asks for Korean, else English."""
    return "ko" if (locale or "").lower().startswith("ko") else "en"
