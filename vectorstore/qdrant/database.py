"""Where Qdrant is and how it is called: a server or a folder, with errors that name the setting or path."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Callable
from typing import Any

from app.errors import BackendRefusedError, CollectionDamagedError, ConfigurationError
from vectorstore.base import Place
from vectorstore.checks import damaged, installed
from vectorstore.qdrant.local import Local
from vectorstore.remote import Remote
from vectorstore.trouble import status_of

# The first that keeps notes with a collection; what else is needed, it has since 1.10.
OLDEST = (1, 16)
_NOT_FOUND = 404


class Database:
    """Qdrant, open.

    Args:
        place: its settings say which server; without one, a folder in the place's own is opened.
        folder: the name of that folder.

    Raises:
        BackendError: see `Remote`.
        BackendRefusedError: the server is of an older version.
        CollectionBusyError, CollectionDamagedError, StorageError: see `Local`.
        ConfigurationError: the file of the authority cannot be read.
        MissingExtraError: qdrant-client is not installed.
    """

    def __init__(self, place: Place, folder: str) -> None:
        self._place = place
        self.folder = place.folder / folder
        self.remote = remote(place)
        with installed("Qdrant", "qdrant", "qdrant_client"):
            self._local = None if self.is_remote(place) else Local.at(self.folder)
            self._client = self._local.client if self._local is not None else _connected(place, self.remote)
        try:
            self._check_version()
        except BaseException:
            self.close()
            raise

    @staticmethod
    def is_remote(place: Place) -> bool:
        return bool(place.settings.qdrant_url)

    @property
    def embedded(self) -> bool:
        return self._local is not None

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """A method of Qdrant's client, by name, within the time of the settings."""
        request = getattr(self._client, name)
        return self._do(lambda: request(*args, **kwargs))

    def write(self, name: str, collection: str, **kwargs: Any) -> Any:
        """The same, durable when it returns."""
        request = getattr(self._client, name)
        if self._local is not None:
            return self._local.durably(collection, lambda: request(collection, **kwargs))
        return self._do(lambda: request(collection, wait=True, **kwargs))

    def has(self, collection: str) -> bool:
        return bool(self.call("collection_exists", collection))

    def remove(self, collection: str) -> None:
        if self.has(collection):
            self.call("delete_collection", collection)

    def gone(self) -> CollectionDamagedError:
        """The error for a collection that is not there."""
        if self.embedded:
            return damaged(self.folder, "it is missing")
        return self.remote.gone(self._place.folder)

    def close(self) -> None:
        """May be called twice."""
        client, self._client = self._client, None
        local, self._local = self._local, None
        if local is not None:
            local.close()
        elif client is not None:
            client.close()

    def _do(self, request: Callable[[], Any]) -> Any:
        if self._local is not None:
            return self._local.explained(request)
        try:
            return self.remote.call(request)
        except BackendRefusedError as error:
            if status_of(error) == _NOT_FOUND:
                raise self.gone() from error
            raise

    def _check_version(self) -> None:
        if self.embedded:
            return
        said = str(self.call("info").version)
        self.remote.check_version(said, OLDEST, "set DOCENT_VECTOR_BACKEND to another")


def remote(place: Place) -> Remote:
    return Remote(
        "Qdrant",
        "qdrant_url",
        place.settings,
        key="qdrant_api_key",
        authority="qdrant_ca",
        library="qdrant-client",
    )


def _connected(place: Place, remote: Remote) -> Any:
    from qdrant_client import QdrantClient

    settings = place.settings
    key = settings.qdrant_api_key
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a key goes over plain HTTP, within one's own network
        return QdrantClient(
            url=settings.qdrant_url,
            api_key=key.get_secret_value() if key is not None else None,
            timeout=max(1, round(remote.seconds)),
            check_compatibility=False,
            **_trusted(place),
        )


def _trusted(place: Place) -> dict[str, Any]:
    file = place.settings.qdrant_ca
    if file is None:
        return {}
    try:
        return {"verify": ssl.create_default_context(cafile=str(file))}
    except OSError as error:
        raise ConfigurationError(
            f"DOCENT_QDRANT_CA={file}: is no file of certificates ({error}).", setting="DOCENT_QDRANT_CA"
        ) from error
