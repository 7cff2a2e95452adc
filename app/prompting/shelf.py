"""The library and people's own prompts on one shelf."""

from __future__ import annotations

import difflib
import logging
import unicodedata
from typing import TYPE_CHECKING

from app.errors import ConfigurationError, NotFoundError
from app.language import is_hangul
from prompts import checking, library
from prompts.library import Kind, Part

if TYPE_CHECKING:
    from app.history import OwnPrompt, OwnPrompts

_log = logging.getLogger(__name__)


class Shelf:
    """Finds parts by kind and name; keeps people's own.

    Args:
        own: None is the library alone.
        draft: a part that is not kept yet, and is found before all others.
    """

    def __init__(self, own: OwnPrompts | None = None, draft: Part | None = None) -> None:
        self._own = own
        self._draft = draft

    def with_draft(self, draft: Part) -> Shelf:
        return Shelf(self._own, draft)

    def all(self, kind: Kind) -> list[Part]:
        """The library's parts of this kind, then people's own."""
        found = [library.load(kind, name) for name in library.names(kind)]
        own = [] if self._own is None else self._own.latest(kind)
        return [*found, *(part for one in own if (part := _part(one)) is not None)]

    def find(self, kind: Kind, reference: str) -> Part:
        """The part of this name, title, or word of a title; `name@3` is a version of one's own.

        Raises:
            ConfigurationError: there is none; the message names those that there are.
        """
        reference = unicodedata.normalize("NFC", reference.strip())
        if self._draft is not None and (self._draft.kind, self._draft.name) == (kind, reference):
            return self._draft
        if reference in library.names(kind):
            return library.load(kind, reference)
        if (found := self._kept(kind, reference)) is not None:
            return found
        there = self.all(kind)
        if titled := [part for part in there if _is_titled(part, reference)]:
            return titled[0]
        if len(meant := [part for part in there if _has_word(part, reference)]) == 1:
            return meant[0]
        names = [part.name for part in there]
        near = difflib.get_close_matches(reference, names, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ConfigurationError(
            f"There is no {kind} {reference!r}.{hint} There are: {', '.join(names)}.", part=reference
        )

    def _kept(self, kind: Kind, reference: str) -> Part | None:
        """A version that is named may be of a deleted prompt: answers are made again with it."""
        if self._own is None:
            return None
        name, at, version = reference.rpartition("@")
        try:
            if at and version.isdecimal():
                return _part(self._own.get(kind, name, int(version)))
            found = self._own.get(kind, reference)
        except NotFoundError:
            return None
        return None if found.deleted else _part(found)

    def save(self, part: Part) -> Part:
        """Keep a part as the next version of its name.

        Raises:
            UsageError: something is wrong with it; the message has a line for each problem.
        """
        if self._own is None:
            raise ConfigurationError("The library cannot be changed. Keep the prompt under your own history.")
        named = part.model_copy(update={"name": unicodedata.normalize("NFC", part.name.strip())})
        content = library.as_markdown(checking.read(library.as_markdown(named)))
        kept = self._own.save(part.kind, named.name, content)
        return named.model_copy(update={"version": kept.version})

    def versions(self, kind: Kind, name: str) -> list[Part]:
        """All versions of one's own prompt, the newest first; none of the library's."""
        kept = [] if self._own is None else self._own.versions(kind, name)
        return [part for one in kept if (part := _part(one)) is not None]


def _is_titled(part: Part, reference: str) -> bool:
    """Whether people call it so, in either language: `전문 상담원` or `전문_상담원`."""
    wanted = reference.replace("_", " ").casefold()
    return wanted in {part.title.en.casefold(), part.title.ko.casefold()}


def _has_word(part: Part, reference: str) -> bool:
    """Whether it is a word of the title: `요약` of `문서 요약`."""
    shortest = 2 if is_hangul(reference[:1]) else 4
    words = f"{part.title.en} {part.title.ko}".casefold().split()
    return len(reference) >= shortest and reference.casefold() in words


def _part(kept: OwnPrompt) -> Part | None:
    """None for one that a newer Docent has written, or that somebody changed in the database."""
    part, problems = checking.check_file(kept.content)
    if part is None or (part.kind, part.name) != (kept.kind, kept.name):
        _log.warning("The %s %r cannot be used: %s", kept.kind, kept.name, problems)
        return None
    return part.model_copy(update={"version": kept.version})


LIBRARY = Shelf()
