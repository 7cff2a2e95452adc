"""Parts of the framework's script that every chat needs and that it asks for when it has drawn half of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import streamlit

_FOLDER = Path(streamlit.__file__).parent / "static/static/js"
_PARTS = ("Button", "ButtonGroup", "Html", "BidiComponent", "ChatInput")
_IMPORT = re.compile(r'(?:from|import)\s*["`]\./([\w.-]+\.js)["`]')


@cache
def preloads(page: str) -> str:
    """Links that have them loaded beside the rest; without those that `page` names already."""
    return "".join(
        f'<link rel="modulepreload" crossorigin href="./static/js/{name}">' for name in sorted(_needed(page))
    )


def _needed(page: str) -> set[str]:
    found: set[str] = set()
    ahead = [file.name for part in _PARTS for file in _FOLDER.glob(f"{part}.*.js")]
    while ahead:
        name = ahead.pop()
        if name not in found and name not in page:
            found.add(name)
            ahead += _imports(_FOLDER / name)
    return found


def _imports(file: Path) -> Iterator[str]:
    """What a module imports before it runs; a framework that is built otherwise has none."""
    try:
        return (match[1] for match in _IMPORT.finditer(file.read_text(encoding="utf-8")))
    except OSError:
        return iter(())
