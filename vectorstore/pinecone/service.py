"""Pinecone's two sides: the address that knows all indexes, and that of each index."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

from app.errors import BackendUnavailableError, ConfigurationError, MissingExtraError
from vectorstore.base import Place
from vectorstore.remote import Remote

if TYPE_CHECKING:
    from pinecone import Index, Pinecone

P = ParamSpec("P")
T = TypeVar("T")

# An index that was just asked for needs a while before it takes anything.
SECONDS_TO_MAKE = 120.0
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Service:
    """Finds, makes and opens the index of a dimension. Its clients are closed by `close`.

    An index has one dimension and may hold 100,000 namespaces, so all collections with vectors of the same
    length share one: `DOCENT_PINECONE_INDEX` and the dimension are its name, such as docent-384.
    """

    def __init__(self, place: Place) -> None:
        self._place, self._settings = place, place.settings
        self.remote = Remote(
            "Pinecone", "pinecone_host", self._settings, key="pinecone_api_key", library="pinecone"
        )
        self._control: Pinecone | None = None
        self._opened: list[Index] = []

    def exists(self) -> bool:
        return any(self._holds(model) for model in self._ours().values())

    def drop(self) -> None:
        for model in self._ours().values():
            if self._holds(model):
                self.call(self._data(model).delete_namespace, name=self._place.name, missing=None)

    def open(self, dimension: int) -> Index:
        """The index for vectors of this length, made if it is not there, with the namespace of the place.

        Raises:
            EmbeddingMismatchError: the namespace is in the index of another dimension.
            ConfigurationError: the index is there, with another metric than cosine.
        """
        known = self._ours()
        for other in known.keys() - {dimension}:
            if self._holds(known[other]):
                self.remote.check_dimension(other, dimension, self._place.folder)
        model = known.get(dimension) or self._made(dimension)
        if model.metric != "cosine":
            raise ConfigurationError(
                f"DOCENT_PINECONE_INDEX={self._settings.pinecone_index}: the index {model.name!r} measures "
                f"by {model.metric}, not by cosine. Choose another name, or delete that index."
            )
        index = self._data(self._ready(model))
        if not self._holds(model):
            self._begin(index)
        return index

    def close(self) -> None:
        for client in (*self._opened, self._control):
            if client is not None:
                client.close()
        self._opened, self._control = [], None

    def call(self, request: Callable[..., T], *args: Any, missing: Any = ..., **kwargs: Any) -> Any:
        """What the request gives; `missing`, where it is given, for what is not there.

        Raises:
            CollectionDamagedError: the index is not there any more.
            BackendError, StorageError: see `Remote.call`.
        """
        from pinecone import NotFoundError

        def asked() -> Any:
            try:
                return request(*args, **kwargs)
            except NotFoundError as error:
                if missing is not ...:
                    return missing
                raise self.remote.gone(self._place.folder) from error

        return self.remote.call(asked)

    # -- the index of a dimension --------------------------------------------------------------------

    def _ours(self) -> dict[int, Any]:
        """Dimension -> what is known of its index."""
        name = re.compile(re.escape(self._settings.pinecone_index) + r"-(\d+)")
        client = self._client  # made, and its library loaded, before the time of the request begins
        found = self.call(lambda: list(client.indexes.list()))
        return {int(match[1]): model for model in found if (match := name.fullmatch(model.name))}

    def _made(self, dimension: int) -> Any:
        from pinecone import ConflictError

        settings = self._settings
        name = f"{settings.pinecone_index}-{dimension}"
        # The name that the calls for vectors, unlike those for documents, know the field by.
        field = {"type": "dense_vector", "dimension": dimension, "metric": "cosine"}
        where = {"cloud": settings.pinecone_cloud, "region": settings.pinecone_region}

        def ask() -> None:
            try:
                self._client.indexes.create(
                    name=name,
                    schema={"fields": {"_values": field}},
                    deployment={"deployment_type": "managed", **where},
                    timeout=-1,
                )
            except ConflictError:  # another process was first, or the answer to our last try was lost
                return

        self.call(ask)
        return self.call(self._client.indexes.describe, name)

    def _ready(self, model: Any) -> Any:
        end = time.monotonic() + SECONDS_TO_MAKE
        while not (model.status.ready and model.host):
            if time.monotonic() > end:
                raise BackendUnavailableError(
                    f"{self.remote.named}: Pinecone has not made the index {model.name!r} ready within "
                    f"{SECONDS_TO_MAKE:.0f} s (it is {model.status.state!r}). Run the same again later."
                )
            time.sleep(0.5)
            model = self.call(self._client.indexes.describe, model.name)
        return model

    def _holds(self, model: Any) -> bool:
        """Whether that index has the namespace of the place."""
        if not model.host:  # it is just being made
            return False
        index = self._data(model)
        return self.call(index.describe_namespace, name=self._place.name, missing=None) is not None

    def _begin(self, index: Index) -> None:
        """Make the namespace now, so that an index without a vector exists, too."""
        from pinecone import ConflictError

        def ask() -> None:
            try:
                index.create_namespace(name=self._place.name)
            except ConflictError:
                return

        self.call(ask, missing=None)  # emulators of an earlier version make it with the first vector

    # -- clients -------------------------------------------------------------------------------------

    @property
    def _client(self) -> Pinecone:
        if self._control is None:
            from pinecone import Pinecone, RetryConfig

            host = self._settings.pinecone_host
            self._control = Pinecone(
                api_key=self._key,
                host=host,
                timeout=self.remote.seconds,
                ssl_verify=_is_secret(host),
                retry_config=RetryConfig(max_retries=0),
            )
        return self._control

    def _data(self, model: Any) -> Index:
        """A client of this index."""
        host = self._host(str(model.host))
        for opened in self._opened:
            if opened.host == host:
                return opened
        from pinecone import Index, RetryConfig

        index = Index(host=host, api_key=self._key, timeout=self.remote.seconds, ssl_verify=_is_secret(host))
        # It takes no such setting, and its own tries would multiply ours.
        index._http._client._transport._config = RetryConfig(max_retries=0)  # type: ignore[attr-defined]
        self._opened.append(index)
        return index

    def _host(self, host: str) -> str:
        """Emulators on this machine speak no TLS, and give no scheme."""
        bare = host.removeprefix("https://")
        local = urlsplit(f"//{bare}").hostname in LOOPBACK and not _is_secret(self._settings.pinecone_host)
        return f"http://{bare}" if local and not host.startswith("http://") else host

    @property
    def _key(self) -> str:
        try:
            import pinecone  # noqa: F401
        except ImportError as error:
            raise MissingExtraError(
                'DOCENT_VECTOR_BACKEND=pinecone needs the package pinecone: pip install "docent[pinecone]".'
            ) from error
        key = self._settings.pinecone_api_key
        if key is None or not key.get_secret_value().strip():
            raise ConfigurationError(
                "DOCENT_PINECONE_API_KEY is not set: Pinecone wants a key. Make one in its console."
            )
        return key.get_secret_value().strip()


def _is_secret(host: str) -> bool:
    return not host.startswith("http://")
