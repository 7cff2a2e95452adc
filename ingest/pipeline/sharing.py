"""Whether several workers can write to a collection at the same time, and what to set where they cannot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vectorstore import index_class
from vectorstore.base import Place
from vectorstore.keywords import keyword_class, keywords_for

if TYPE_CHECKING:
    from app.config import Settings


def can_share(settings: Settings) -> bool:
    """Whether everything that is written is on servers, and takes several writers."""
    return not _missing(settings)


def how_to_share(settings: Settings) -> str:
    """A sentence that names the settings to change."""
    return (
        f"To let several processes and machines index together, put all of it on servers: set "
        f"{' and '.join(_missing(settings))}."
    )


def _missing(settings: Settings) -> list[str]:
    place = Place(Path(), settings=settings)
    changes = []
    if settings.database_url is None:
        changes.append("DOCENT_DATABASE_URL to a PostgreSQL database")
    if not index_class(settings.vector_backend).many_writers(place):
        changes.append(
            f"DOCENT_VECTOR_BACKEND, which is {settings.vector_backend!r} here, to pgvector, or to a server "
            "of another backend"
        )
    if not keyword_class(keywords := keywords_for(settings)).many_writers(place):
        changes.append(f"DOCENT_KEYWORD_BACKEND, which is {keywords!r} here, to postgres")
    return changes
