"""From one generation of a collection to another: made, looked at, restored, forgotten."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from app.errors import DocentError, NotFoundError
from ingest.catalog import INDEX_FIELDS
from ingest.collection.generations import Generations
from ingest.collection.home import Home, existing_home, home_of
from ingest.collection.removal import remove
from vectorstore.keywords import keywords_for

if TYPE_CHECKING:
    from app.config import Settings
    from ingest.collection.store import Store
    from vectorstore.embeddings.base import EmbeddingIdentity


@dataclass(frozen=True, slots=True)
class Kept:
    """A generation beside the one that serves.

    Attributes:
        embedding: label of its embedding model.
        embedding_name: what DOCENT_EMBEDDING_MODEL was.
        backend: its vector backend.
        size: bytes on the disk.
        moving: whether it is being copied into another backend, and not made for another model.
    """

    embedding: str
    embedding_name: str
    backend: str
    size: int
    moving: bool = False


@dataclass(frozen=True, slots=True)
class Beside:
    """What is kept beside what serves: the state before the last switch, and a half-built one."""

    previous: Kept | None = None
    next: Kept | None = None


def beside(name: str, settings: Settings) -> Beside:
    """Which generations there are beside the one that serves."""
    home = home_of(name, settings)
    known = home.generations()
    return Beside(kept(home, known.previous), kept(home, known.next))


def restore(name: str, settings: Settings) -> Kept:
    """Let the generation before the last switch serve again; the one that serves now is kept in its place.

    The next run takes up what changed since. The settings stay as they are.

    Raises:
        NotFoundError: there is no such collection, or none is kept.
        CollectionBusyError: another process writes to it.
        StorageError: the disk is full or may not be written.
    """
    with _locked(name, settings) as home:
        known = home.generations()
        found = kept(home, known.previous)
        if found is None or known.previous is None:
            raise _nothing_kept(name, "restore")
        state = replace(known, current=known.previous, previous=known.current, behind=not known.behind)
        home.note(state)
        return found


def forget_previous(name: str, settings: Settings) -> Kept:
    """Delete what is kept to be restored; returns what that was.

    Raises:
        NotFoundError: there is no such collection, or nothing is kept.
        CollectionBusyError: another process writes to it.
        StorageError: the disk is full or may not be written.
    """
    with _locked(name, settings) as home:
        known = home.generations()
        found = kept(home, known.previous)
        if known.previous is None:
            raise _nothing_kept(name, "forget")
        home.note(replace(known, previous=None, behind=False))
        remove(home, known.previous)
        return found or Kept("", "", "", 0)


def copy(
    source: Store, known: Generations, identity: EmbeddingIdentity | None = None, *, as_it_is: bool = False
) -> str:
    """A new generation with all that one holds, and indexes yet to be made; returns its name.

    Args:
        as_it_is: with the backends of the source, whatever the settings say.
        identity: of another embedding model, for which every file is then to be cut and embedded anew.

    Raises:
        StorageError: the disk is full or may not be written; nothing is left of it.
    """
    home = source.home
    name = known.new_name(home.names())
    home.copy(source.catalog, name)
    try:
        with closing(home.catalog(name, write=True)) as made:
            own = own_backends(source) if as_it_is else {}
            made.set_meta(**of_new_indexes(source.name, source.settings) | own, dirty="1", moved="")
            if identity is not None:
                made.files.forget_recipes()
                made.vectors.keep_only(identity.key)
                made.set_meta(**of_model(identity, source.settings))
    except BaseException:
        home.remove(name)
        raise
    return name


def is_for(home: Home, name: str, key: str) -> bool:
    """Whether this generation is there, with vectors of this embedding model."""
    return bool(_meta(home, name).get("embedding", {}).get("key") == key)


def of_new_indexes(collection: str, settings: Settings) -> dict[str, str]:
    """What is noted of indexes that are made now; servers know them by a name that was never given before."""
    readable = re.sub(r"[^A-Za-z0-9]+", "_", collection).strip("_").lower()
    return {
        "backend": settings.vector_backend,
        "keywords": keywords_for(settings),
        "fields": INDEX_FIELDS,
        "place": "_".join(filter(None, ("docent", readable[:24], secrets.token_hex(6)))),
    }


def own_backends(store: Store) -> dict[str, str]:
    """What is noted of the backends that a collection has."""
    backend = store.backend or store.settings.vector_backend
    return {"backend": backend, "keywords": store.keywords}


def is_moving(home: Home, name: str | None, state: str, settings: Settings) -> bool:
    """Whether this generation was begun as a copy of another one's state in the backends of the settings."""
    meta = _meta(home, name) if name is not None else {}
    wanted = (state, settings.vector_backend, keywords_for(settings))
    return (meta.get("moved"), meta.get("backend"), meta.get("keywords")) == wanted


def of_model(identity: EmbeddingIdentity, settings: Settings) -> dict[str, str]:
    """What is noted of the embedding model."""
    return {"embedding": json.dumps(described(identity)), "embedding_name": settings.embedding_model}


def described(identity: EmbeddingIdentity) -> dict[str, str | int]:
    """The identity with its `key` and a `label` for people."""
    return asdict(identity) | {"key": identity.key, "label": str(identity)}


def kept(home: Home, name: str | None) -> Kept | None:
    """What this generation is; None where it is not there."""
    if name is None or not (meta := _meta(home, name)):
        return None
    label = str(meta.get("embedding", {}).get("label", ""))
    moving = bool(meta.get("moved"))
    return Kept(label, meta.get("embedding_name", ""), meta.get("backend", ""), home.size(name), moving)


def _meta(home: Home, name: str) -> dict[str, Any]:
    """What is noted of a generation; nothing where it is gone or damaged."""
    if not home.has(name):
        return {}
    try:
        with closing(home.catalog(name)) as catalog:
            values: dict[str, Any] = dict(catalog.meta())
    except DocentError:
        return {}
    return values | {"embedding": json.loads(values.get("embedding", "{}"))}


@contextmanager
def _locked(name: str, settings: Settings) -> Iterator[Home]:
    """The collection's home, with other writers kept out."""
    home = existing_home(name, settings)
    lock = home.lock()
    try:
        yield home
    finally:
        lock.release()


def _nothing_kept(name: str, what: str) -> NotFoundError:
    return NotFoundError(
        f"There is nothing to {what} of the collection {name!r}: an earlier state is kept only after the "
        "embedding model was changed with --rebuild, or the backend with docent migrate, until the next such "
        "change.",
        collection=name,
    )
