"""Equations of Word (OMML) as LaTeX, which chat models and the page can read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MAX_DEPTH = 60
_OPERATORS = {"∑": r"\sum", "∏": r"\prod", "∫": r"\int", "∬": r"\iint", "∭": r"\iiint", "∮": r"\oint"}
_ACCENTS = {"̂": r"\hat", "̃": r"\tilde", "̄": r"\bar", "̅": r"\overline", "⃗": r"\vec", "̇": r"\dot", "̈": r"\ddot"}
_BRACES = {"⏟": r"\underbrace", "⏞": r"\overbrace"}
_FUNCTIONS = {
    "sin",
    "cos",
    "tan",
    "cot",
    "sec",
    "csc",
    "log",
    "ln",
    "exp",
    "lim",
    "max",
    "min",
    "sup",
    "inf",
    "det",
}


def latex(element: Any, depth: int = 0) -> str:
    """The formula below an `oMath` element; unknown parts give their words."""
    if depth > _MAX_DEPTH:
        return "".join(element.itertext(f"{_M}t"))
    return "".join(_node(child, depth + 1) for child in element.iterchildren(f"{_M}*"))


def _node(node: Any, depth: int) -> str:
    name = node.tag.removeprefix(_M)
    if name == "t":
        return node.text or ""
    if name.endswith("Pr"):
        return ""
    rule = _RULES.get(name)
    return rule(node, depth) if rule else latex(node, depth)


def _part(node: Any, name: str, depth: int) -> str:
    child = node.find(f"{_M}{name}")
    return "" if child is None else latex(child, depth)


def _property(node: Any, name: str, default: str = "") -> str:
    found = node.find(f"{_M}{node.tag.removeprefix(_M)}Pr/{_M}{name}")
    return default if found is None else (found.get(f"{_M}val") or "")


def _fraction(node: Any, depth: int) -> str:
    command = r"\binom" if _property(node, "type") == "noBar" else r"\frac"
    return f"{command}{{{_part(node, 'num', depth)}}}{{{_part(node, 'den', depth)}}}"


def _scripts(*names: str) -> Callable[[Any, int], str]:
    """A base with what stands at its foot and its head."""

    def rule(node: Any, depth: int) -> str:
        marks = {"sub": "_", "sup": "^", "lim": "^" if node.tag.endswith("limUpp") else "_"}
        parts = "".join(f"{marks[name]}{{{_part(node, name, depth)}}}" for name in names)
        return f"{_part(node, 'e', depth)}{parts}"

    return rule


def _before(node: Any, depth: int) -> str:
    return f"{{}}_{{{_part(node, 'sub', depth)}}}^{{{_part(node, 'sup', depth)}}}{_part(node, 'e', depth)}"


def _radical(node: Any, depth: int) -> str:
    degree = _part(node, "deg", depth)
    index = f"[{degree}]" if degree else ""
    return rf"\sqrt{index}{{{_part(node, 'e', depth)}}}"


def _large(node: Any, depth: int) -> str:
    """Sums, products and integrals with their limits."""
    sign = _property(node, "chr", "∫")
    limits = "".join(
        f"{mark}{{{text}}}"
        for mark, name in (("_", "sub"), ("^", "sup"))
        if (text := _part(node, name, depth))
    )
    return f"{_OPERATORS.get(sign, sign)}{limits} {_part(node, 'e', depth)}"


def _delimited(node: Any, depth: int) -> str:
    inner = _property(node, "sepChr", "|").join(latex(part, depth) for part in node.iterchildren(f"{_M}e"))
    start, end = _property(node, "begChr", "("), _property(node, "endChr", ")")
    return rf"\left{_escaped(start)}{inner}\right{_escaped(end)}"


def _escaped(delimiter: str) -> str:
    return f"\\{delimiter}" if delimiter in ("{", "}") else delimiter or "."


def _function(node: Any, depth: int) -> str:
    name = _part(node, "fName", depth)
    command = next((word for word in _FUNCTIONS if name == word or name.startswith(f"{word}_")), "")
    slash = "\\" if command else ""
    return f"{slash}{name} {_part(node, 'e', depth)}"


def _accent(node: Any, depth: int) -> str:
    command = _ACCENTS.get(_property(node, "chr", "̂"), r"\hat")
    return f"{command}{{{_part(node, 'e', depth)}}}"


def _bar(node: Any, depth: int) -> str:
    command = r"\overline" if _property(node, "pos") == "top" else r"\underline"
    return f"{command}{{{_part(node, 'e', depth)}}}"


def _group(node: Any, depth: int) -> str:
    command = _BRACES.get(_property(node, "chr", "⏟"), "")
    return f"{command}{{{_part(node, 'e', depth)}}}"


def _lines(environment: str, row: str, cell: str) -> Callable[[Any, int], str]:
    def rule(node: Any, depth: int) -> str:
        rows = [
            " & ".join(latex(part, depth) for part in (line.iterchildren(f"{_M}{cell}") if cell else [line]))
            for line in node.iterchildren(f"{_M}{row}")
        ]
        if len(rows) == 1:
            return rows[0]
        body = r" \\ ".join(rows)
        return rf"\begin{{{environment}}}{body}\end{{{environment}}}"

    return rule


_RULES: dict[str, Callable[[Any, int], str]] = {
    "f": _fraction,
    "sSup": _scripts("sup"),
    "sSub": _scripts("sub"),
    "sSubSup": _scripts("sub", "sup"),
    "limLow": _scripts("lim"),
    "limUpp": _scripts("lim"),
    "sPre": _before,
    "rad": _radical,
    "nary": _large,
    "d": _delimited,
    "func": _function,
    "acc": _accent,
    "bar": _bar,
    "groupChr": _group,
    "m": _lines("matrix", "mr", "e"),
    "eqArr": _lines("aligned", "e", ""),
}
