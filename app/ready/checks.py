"""What must work before questions can be answered: a check tells what it found, or raises what is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from app.config import env_name
from app.errors import StorageError

if TYPE_CHECKING:
    from app.config import Settings
    from app.runtime import Runtime
    from vectorstore.base import Place

Check = Callable[["Runtime"], str]
"""What was found, for people; raises a DocentError that names the setting and the cure."""

# No collection has an index of this name: asking for it tells whether the server answers.
_NOBODY = "docent_ready"
# A probe waits no longer, and who asks again in a moment need not try again now.
_SERVER_SECONDS = 3.0
# Engine -> the setting of its server's address; without one it lies in the data folder.
_ADDRESSES = {
    "chroma": "chroma_url",
    "milvus": "milvus_uri",
    "pgvector": "database_url",
    "pinecone": "pinecone_host",
    "postgres": "database_url",
    "qdrant": "qdrant_url",
}


def data(runtime: Runtime) -> str:
    """The data folder can be written."""
    folder = runtime.settings.data_dir.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".ready-{id(runtime)}"
        probe.write_bytes(b"")
        probe.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            f"DOCENT_DATA_DIR={str(folder)!r} cannot be written ({error.strerror}). "
            "Change its rights, or set DOCENT_DATA_DIR to a folder of yours."
        ) from error
    return f"{folder}, {free_bytes(folder) / 1e9:.1f} GB free"


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def database(runtime: Runtime) -> str:
    """The conversations can be read."""
    return runtime.history.ping()


def vectors(runtime: Runtime) -> str:
    """The vector backend answers."""
    from vectorstore import index_class

    name = runtime.settings.vector_backend
    index_class(name).exists(_place(runtime))
    return _where(name, runtime.settings)


def keywords(runtime: Runtime) -> str:
    """The keyword index answers."""
    from vectorstore.keywords import keyword_class, keywords_for

    name = keywords_for(runtime.settings)
    keyword_class(name).exists(_place(runtime))
    return _where(name, runtime.settings)


def _where(name: str, settings: Settings) -> str:
    from vectorstore.remote import shown

    field = _ADDRESSES.get(name, "")
    given = getattr(settings, field, None)
    address = given.get_secret_value() if isinstance(given, SecretStr) else given
    return (
        f"{name}, reached at {env_name(field)}={shown(address)}" if address else f"{name}, in the data folder"
    )


def embedding(runtime: Runtime) -> str:
    """The embedding model is loaded."""
    model = runtime.embedding()
    model.embed_query("Is anybody there?")
    return str(model.identity)


def _place(runtime: Runtime) -> Place:
    from vectorstore.base import Place

    settings = runtime.settings
    hasty = {"server_retries": 0, "server_seconds": min(settings.server_seconds, _SERVER_SECONDS)}
    folder = settings.data_dir.resolve() / "collections" / _NOBODY
    return Place(folder, _NOBODY, settings.model_copy(update=hasty))


CHECKS: dict[str, Check] = {
    "data": data,
    "database": database,
    "vectors": vectors,
    "keywords": keywords,
    "embedding": embedding,
}
