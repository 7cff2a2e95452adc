"""Fonts for PDFs: what this machine has for Korean, and the one that is always there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typst

# Families with Korean, as Windows, macOS and Linux have them, the usual one of each system first.
_KOREAN = (
    "Malgun Gothic",
    "Apple SD Gothic Neo",
    "Noto Sans CJK KR",
    "Noto Sans KR",
    "NanumGothic",
    "Nanum Gothic",
    "Pretendard",
    "Source Han Sans K",
    "Source Han Sans KR",
    "NanumBarunGothic",
    "UnDotum",
    "Baekmuk Dotum",
)
_WITHIN_TYPST = "Libertinus Serif"
"""Has no Korean, and is always there."""

BUNDLE = "pylopdf_fonts_ko"
"""A package with nothing but fonts: Noto Sans KR, for machines that have none."""

_BOLD = 600


@dataclass(frozen=True, slots=True)
class Fonts:
    """What a PDF is set in.

    Attributes:
        families: the first that has a letter shows it; the system's other fonts come after them.
        has_korean: whether it has Korean letters.
        has_bold: whether the first one has a bold face.
        all: what Typst found: the system's, its own, and the bundle's.
    """

    families: tuple[str, ...]
    has_korean: bool
    has_bold: bool
    all: typst.Fonts


@cache
def fonts() -> Fonts:
    """Look once which fonts there are."""
    import typst

    found = typst.Fonts(font_paths=_folders())
    weights: dict[str, int] = {}
    for font in found.fonts():
        weights[font.family] = max(font.weight, weights.get(font.family, 0))
    families = tuple(name for name in _KOREAN if name in weights)
    everything = (*families, _WITHIN_TYPST)
    return Fonts(everything, bool(families), weights[everything[0]] >= _BOLD, found)


def _folders() -> list[Path]:
    """The bundle's folder, found without running its code."""
    spec = find_spec(BUNDLE)
    return [Path(folder) for folder in spec.submodule_search_locations or ()] if spec else []
