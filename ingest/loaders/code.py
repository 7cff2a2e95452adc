"""Source code and settings files: a block for each definition, below its name, with the line it starts on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from app.errors import DocumentError
from ingest.loaders.base import Block, SourceDocument
from ingest.loaders.encoding import read_text

# A definition longer than this is divided at the definitions within it, down to methods of inner classes.
_LARGE_LINES = 40
_DEEPEST = 3

# Lines of this length on the average were written by a program for a program.
_LONGEST_AVERAGE = 500
_LONGEST_LINE = 300

_MODIFIERS = (
    "export|default|public|private|protected|internal|static|abstract|final|async|pub(?:\\([^)]*\\))?|override|"
    "open|data|sealed|virtual|inline|extern|unsafe|partial|readonly|declare|mutating|suspend|template<[^>]*>"
)
_KEYWORDS = (
    "class|interface|struct|union|enum(?: class)?|trait|impl(?:<[^>]*>)?|module|namespace|def|func|fn|fun|"
    "function|protocol|extension|object|record|sub|type|message|service"
)
_NO_CALL = (
    "(?!(?:return|else|new|throw|await|yield|case|using|goto|delete|if|for|while|switch|catch|assert)\\b)"
)

_NAMED = re.compile(rf"\s*(?:(?:{_MODIFIERS})\s+)*(?:{_KEYWORDS})\b[ \t*]+(?:\([^)]*\)[ \t]*)?([\w$.:]+)")
_TYPED = re.compile(rf"\s*{_NO_CALL}(?:[\w<>\[\],.*&:?@]+[ \t]+)+[*&]*([\w$:~]+)[ \t]*\([^;=]*$")
_METHOD = re.compile(rf"\s+{_NO_CALL}(?:(?:async|static|get|set)\s+)*([\w$#]+)\s*\([^;]*\)[^;]*\{{\s*$")
_ASSIGNED = re.compile(
    r"\s*(?:export\s+)?(?:const|let|var)\s+([\w$]+)[^=]*=\s*(?:async\s*)?(?:function\b|\(|[\w$]+\s*=>)"
)
_SHELL = re.compile(r"(?:function\s+)?([\w-]+)\s*\(\)")
_SQL = re.compile(
    r"(?i)create\s+(?:or\s+replace\s+)?(?:temp\w*\s+|unique\s+|materialized\s+)?"
    r"(?:table|view|function|procedure|index|trigger|type|schema)\s+(?:if\s+not\s+exists\s+)?([^\s(;]+)"
)
_SECTION = re.compile(r"\[+\s*([^\]\n]+?)\s*\]+")
_BLOCK = re.compile(r"(?:resource|data|module|variable|output|provider)\s+(.+?)\s*\{")

_PATTERNS: dict[str, Sequence[re.Pattern[str]]] = {
    **dict.fromkeys((".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", ".java", ".cs", ".dart"), (_NAMED, _TYPED)),
    **dict.fromkeys((".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".vue"), (_NAMED, _ASSIGNED, _METHOD)),
    **dict.fromkeys((".sh", ".bash", ".zsh"), (_SHELL,)),
    **dict.fromkeys((".ini", ".cfg", ".conf", ".toml"), (_SECTION,)),
    **dict.fromkeys((".yaml", ".yml", ".properties", ".css", ".scss", ".less"), ()),
    ".sql": (_SQL,),
    ".tf": (_BLOCK,),
}
_CLOSES = re.compile(r"(?:[})\]]|end\b)[\s;,)}\]]*$")
_GOES_ON = re.compile(r"[})\]]|(?:end|else|elif|elsif|except|catch|finally|rescue|ensure|then|do|done|fi)\b")


def read(path: Path) -> Iterator[SourceDocument]:
    source = read_text(path)
    lines = source.split("\n")
    if len(source) > _LONGEST_AVERAGE * len(lines):
        raise DocumentError(
            f"{path.name} was written by a program for a program ({len(source) // len(lines):,} characters a "
            "line): exclude it, and index its source."
        )
    patterns = _PATTERNS.get(path.suffix.lower(), (_NAMED,))
    yield SourceDocument(path.name, list(_Source(path.name, lines, patterns).blocks()))


class _Source:
    """A file's lines; ranges of them are given as first and last + 1, from 0."""

    def __init__(self, name: str, lines: Sequence[str], patterns: Sequence[re.Pattern[str]]) -> None:
        self._name = name
        self._lines = lines
        self._patterns = patterns

    def blocks(self) -> Iterator[Block]:
        yield from self._blocks(0, len(self._lines), 0, 1)

    def _blocks(self, start: int, stop: int, indent: int, level: int) -> Iterator[Block]:
        """The definitions in a range; code between them goes below the file's name, settings do not."""
        named = False
        for first, last in pairwise([start, *self._cuts(start, stop, indent), stop]):
            name = next(self._names(first, last, indent), "")
            if name or (named and level == 1 and _SECTION not in self._patterns):
                yield Block(name or self._name, "heading", level)
            named = named or bool(name)
            inner = self._inner(first, last, indent) if name and level < _DEEPEST else 0
            if inner and last - first > _LARGE_LINES:
                yield from self._blocks(first, last, inner, level + 1)
            else:
                yield from self._block(first, last)

    def _block(self, first: int, last: int) -> Iterator[Block]:
        while first < last and not self._lines[first].strip():
            first += 1
        if text := "\n".join(self._lines[first:last]).rstrip():
            yield Block(text, "code", line=first + 1)

    def _cuts(self, start: int, stop: int, indent: int) -> Iterator[int]:
        """Where a line of this indentation follows a blank line, or the end of something so indented."""
        for number in range(start + 1, stop):
            line, before = self._lines[number], self._lines[number - 1]
            if not line.strip() or _indent(line) != indent or _GOES_ON.match(line.lstrip()):
                continue
            if not before.strip() or (_indent(before) == indent and _CLOSES.match(before.lstrip())):
                yield number

    def _names(self, start: int, stop: int, indent: int) -> Iterator[str]:
        for number in range(start, stop):
            line = self._lines[number]
            if line.strip() and _indent(line) == indent:
                for pattern in self._patterns:
                    if match := pattern.match(line[:_LONGEST_LINE]):
                        yield match[1].strip("\"'`:")

    def _inner(self, start: int, stop: int, indent: int) -> int:
        """The least indentation of definitions within the range; 0 for none."""
        deeper = {_indent(line) for line in self._lines[start:stop] if line.strip()} - set(range(indent + 1))
        return next((depth for depth in sorted(deeper) if next(self._names(start, stop, depth), "")), 0)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
