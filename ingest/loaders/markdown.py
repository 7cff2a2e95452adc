"""Markdown: headings, paragraphs, lists, tables and code, found by markdown-it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.loaders.base import Block, Kind, SourceDocument, one_line, title_from_name, without_text
from ingest.loaders.encoding import read_text
from ingest.loaders.html_hidden import comments
from ingest.loaders.metadata import collect, scalar

if TYPE_CHECKING:
    from markdown_it.token import Token

_KINDS: dict[str, Kind] = {
    "fence": "code",
    "code_block": "code",
    "table_open": "table",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
}
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*\n", re.DOTALL)
_FIELD = re.compile(r"^(\w[\w -]*):[ \t]+(\S.*)$", re.MULTILINE)
_LONGEST_FRONT = 65_536
_IMAGE = re.compile(r"!\[([^\]\n]*)\]\([^()\n]*\)")
_LINK = re.compile(r"\[([^\[\]\n]+)\](?:\([^()\n]*\)|\[[^\[\]\n]*\])")
# Strong emphasis may end within a word, as Korean particles follow it: **연차**는.
_STRONG = re.compile(r"(?<![\\*])(\*{2,3})(?=[^\s*])([^*\n]*[^\s*\\])\1(?!\*)")
_EMPHASIS = re.compile(r"(?<![\w*\\])(\*)(?=\S)([^*\n]+?)(?<=[^\s\\])\1(?![\w*])")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_CODE_SPAN = re.compile(r"(`[^`\n]+`)")
_INLINE_TAG = re.compile(
    r"</?(?:sup|sub|b|i|u|s|em|strong|span|font|mark|ins|del|small|kbd|a)(?:\s[^<>\n]*)?>", re.I
)
_STYLED = re.compile(r"<(span|font|div|p|b|i|small|sub|sup|a)\b[^<>\n]{0,300}>[^<>]{1,2000}</\1\s*>", re.I)
_REFERENCE = re.compile(
    r"^ {0,3}\[[^\]\n]{1,80}\]:[ \t]*\S{1,300}[ \t]+[\"'(]([^\n]{8,})[\"')][ \t]*$", re.MULTILINE
)
_TITLE = re.compile(r"\]\([^()\s]{0,500}[ \t]+\"([^\"\n]{8,500})\"[ \t]*\)")
_BREAK_TAG = re.compile(r"<br\s*/?>", re.I)


def read(path: Path) -> Iterator[SourceDocument]:
    text = read_text(path)
    front = _FRONT_MATTER.match(text)
    fields = _fields(front[1]) if front else None
    blocks = list(markdown_blocks(text if front is None or fields is None else text[front.end() :]))
    if not blocks:
        raise without_text(path)
    fields = fields or {}
    named = one_line(scalar(fields.pop("title", None)))
    first = next((block.text for block in blocks if block.kind == "heading" and block.level == 1), None)
    yield SourceDocument(
        named or first or title_from_name(path), blocks, metadata=collect(list(fields.items()))
    )


def _fields(front: str) -> dict[str, object] | None:
    """What stands between the two rules that a file begins with; None where that is text and no front matter.

    The tree of YAML is taken as it is written, without making values of it: "010" stays, and nothing grows.
    """
    import yaml

    try:
        root = yaml.compose(front[:_LONGEST_FRONT], Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError):
        return {name.lower(): value.strip("\"' \t") for name, value in _FIELD.findall(front)} or None
    if not isinstance(root, yaml.MappingNode):
        return None
    named = [(name.value, value) for name, value in root.value if isinstance(name.value, str)]
    return {name.lower(): _value(value) for name, value in named} or None


def _value(node: Any) -> object:
    """A scalar, or a list of scalars; all else gives nothing."""
    if isinstance(node.value, str):
        return None if node.tag == "tag:yaml.org,2002:null" else node.value
    return [item.value for item in node.value if isinstance(getattr(item, "value", None), str)]


def markdown_blocks(text: str) -> Iterator[Block]:
    """The blocks of a Markdown text; links and emphasis give way to their words, code stays as it is."""
    from markdown_it import MarkdownIt

    lines = text.split("\n")
    yield from _unwritten(text)
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    for index, token in enumerate(tokens):
        if token.level == 0 and token.type == "html_block":
            yield from structure_of(token.content)
        elif token.level == 0 and token.map:
            yield from _block(tokens, index, lines)


def _unwritten(text: str) -> Iterator[Block]:
    """What is in the source and on no page: references that nothing refers to, and titles of links."""
    for pattern, way in ((_REFERENCE, "comment"), (_TITLE, "label")):
        for match in pattern.finditer(text):
            yield Block(one_line(match[1]), hidden=way)


def _concealed(source: str) -> tuple[str, list[Block]]:
    """The source without comments and spans that are styled away, and these."""
    hidden: list[Block] = []
    if "<!--" in source:
        hidden += comments(source)
        source = "".join(
            part.partition("-->")[2] if at else part for at, part in enumerate(source.split("<!--"))
        )
    for match in _STYLED.finditer(source) if "style" in source.lower() else ():
        hidden += [block for block in structure_of(match[0]) if block.hidden]
    return (_STYLED.sub(_shown, source) if hidden else source), hidden


def _shown(match: re.Match[str]) -> str:
    hidden = any(block.hidden for block in structure_of(match[0]))
    return "" if hidden else match[0]


def structure_of(source: str) -> Iterator[Block]:
    from ingest.loaders.html import structure  # which reads Markdown, too

    return structure(source)


def _block(tokens: list[Token], index: int, lines: list[str]) -> Iterator[Block]:
    token = tokens[index]
    if token.type == "heading_open":
        heading = one_line(_plain(tokens[index + 1].content))
        yield from [Block(heading, "heading", int(token.tag[1]))] if heading else []
        return
    kind = _KINDS.get(token.type, "text")
    if kind == "code":
        source = token.content
    else:
        start, end = token.map or (0, 0)
        source, hidden = _concealed("\n".join(lines[start:end]))
        source = _plain(source, kind)
        yield from hidden
    source = source.strip() if kind == "text" else source.strip("\n").rstrip()
    if source.strip(" -*_="):
        yield Block(source, kind)


_MARKS = ((_INLINE_TAG, ""), (_STRONG, r"\2"), (_EMPHASIS, r"\2"))


def _plain(text: str, kind: Kind = "text") -> str:
    """The words without the marks; a table's rows stay one line each. Spans of code are not touched."""
    text = _LINK.sub(r"\1", _IMAGE.sub(r"\1", _BREAK_TAG.sub(" " if kind == "table" else "\n", text)))
    return "".join(
        part if part.startswith("`") else _unmarked(part, kind) for part in _CODE_SPAN.split(text) if part
    )


def _unmarked(text: str, kind: Kind) -> str:
    for pattern, words in _MARKS:
        text = pattern.sub(words, text)
    return _ESCAPE.sub(lambda match: match[0] if kind == "table" and match[1] == "|" else match[1], text)
