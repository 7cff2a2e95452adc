"""Generations that nobody needs any more: their indexes, on servers too, and then all else of them."""

from __future__ import annotations

import logging
from contextlib import closing
from typing import TYPE_CHECKING

from app.errors import DocentError, NotFoundError
from vectorstore import index_class
from vectorstore.base import Place
from vectorstore.keywords import EMBEDDED, keyword_class

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ingest.collection.generations import Generations
    from ingest.collection.home import Home

# What was just left may be in use by an answer under way.
_GRACE_SECONDS = 60.0

_log = logging.getLogger(__name__)


def remove(home: Home, generation: str) -> None:
    """Delete a generation; where a server does not answer, it is left for `sweep`."""
    try:
        drop_indexes(home, generation, _meta(home, generation))
        home.remove(generation)
    except DocentError as error:
        _log.warning(
            "What is left of the collection %r, %s, is deleted by a later run: %s",
            home.name,
            generation or "its first generation",
            error,
        )


def sweep(home: Home, known: Generations) -> None:
    """Delete what is not noted, unless it was left only just now."""
    if home.seconds_since_note() < _GRACE_SECONDS:
        return
    for generation in sorted(home.names() - known.named):
        remove(home, generation)


def drop_indexes(home: Home, generation: str, meta: Mapping[str, str]) -> None:
    """Delete the indexes that were noted."""
    place = Place(home.folder(generation), meta.get("place", ""), home.settings)
    if backend := meta.get("backend"):
        index_class(backend).drop(place)
        keyword_class(meta.get("keywords", EMBEDDED)).drop(place)


def _meta(home: Home, generation: str) -> Mapping[str, str]:
    if not home.has(generation):
        return {}
    try:
        with closing(home.catalog(generation)) as catalog:
            return catalog.meta()
    except NotFoundError:  # it has no tables yet
        return {}
