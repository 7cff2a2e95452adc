"""What must work before questions can be answered: a check tells what it found, or raises what is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import StorageError

if TYPE_CHECKING:
    from app.runtime import Runtime
    from vectorstore.base import Place

Check = Callable[["Runtime"], str]
"""What was found, for people; raises a DocentError that names the setting and the cure."""

# No collection has an index of this name: asking for it tells whether the server answers.
_NOBODY = "docent_ready"


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
    from vectorstore import backends, index_class

    name = runtime.settings.vector_backend
    index_class(name).exists(_place(runtime))
    return f"{name} (of {', '.join(backends())})"


def keywords(runtime: Runtime) -> str:
    """The keyword index answers."""
    from vectorstore.keywords import keyword_class, keywords_for

    name = keywords_for(runtime.settings)
    keyword_class(name).exists(_place(runtime))
    return name


def embedding(runtime: Runtime) -> str:
    """The embedding model is loaded."""
    model = runtime.embedding()
    model.embed_query("Is anybody there?")
    return str(model.identity)


def _place(runtime: Runtime) -> Place:
    from vectorstore.base import Place

    return Place(runtime.settings.data_dir.resolve() / "collections" / _NOBODY, _NOBODY, runtime.settings)


CHECKS: dict[str, Check] = {
    "data": data,
    "database": database,
    "vectors": vectors,
    "keywords": keywords,
    "embedding": embedding,
}
