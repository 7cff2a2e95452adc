"""Chroma on a server of its own (`chroma run`), which many processes may use and write at the same time."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from functools import cache, cached_property
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

from app.errors import CollectionDamagedError, ConfigurationError, DocentError
from vectorstore.base import Place
from vectorstore.chroma.graph import GRAPH
from vectorstore.remote import Remote, shown
from vectorstore.trouble import Trouble, status_of

P = ParamSpec("P")
T = TypeVar("T")

# The server takes bodies of up to 40 MB; a number takes at most 22 bytes of one.
BODY_BYTES, NUMBER_BYTES, ROW_BYTES = 20_000_000, 22, 500


class Server:
    """A `Home` of Chroma behind `DOCENT_CHROMA_URL`: a collection with the name of the place."""

    def __init__(self, place: Place) -> None:
        self._place, self._settings = place, place.settings
        self._remote = Remote(
            "Chroma",
            "chroma_url",
            self._settings,
            key="chroma_token",
            authority="chroma_ca",
            library="chromadb",
        )
        self._opened: Any = None
        self._most = 0

    def exists(self) -> bool:
        try:
            self._ask("get_collection", self._place.name, **self._within)
        except CollectionDamagedError:
            return False
        finally:
            self.close()
        return True

    def drop(self) -> None:
        try:
            self._ask("delete_collection", self._place.name, **self._within)
        except CollectionDamagedError:
            return
        finally:
            self.close()

    def open(self, dimension: int) -> Any:
        try:
            return self._begun(dimension)
        except BaseException:
            self.close()
            raise

    def _begun(self, dimension: int) -> Any:
        from chromadb.api.models.Collection import Collection

        try:
            model = self._ask(
                "get_or_create_collection",
                self._place.name,
                configuration={"hnsw": GRAPH},
                metadata={"dimension": dimension},
                **self._within,
            )
        except CollectionDamagedError as error:  # what is not there is what the collection would be in
            raise self._nowhere() from error
        held = (model.metadata or {}).get("dimension", dimension)
        self._remote.check_dimension(int(held), dimension, self._place.folder)
        self._most = int(self._ask("get_max_batch_size"))
        return Collection(client=self._api, model=model, embedding_function=None)

    def rows(self, dimension: int) -> int:
        by_size = BODY_BYTES // (dimension * NUMBER_BYTES + ROW_BYTES)
        return max(1, min(self._most, by_size) if self._most > 0 else by_size)

    def call(self, request: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self._remote.call(lambda: self._found(request, *args, **kwargs))

    def _found(self, request: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        from chromadb.errors import NotFoundError

        try:
            return request(*args, **kwargs)
        except NotFoundError as error:
            raise self._remote.gone(self._place.folder) from error

    def close(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            opened._session.close()

    @property
    def _within(self) -> dict[str, str]:
        return {"tenant": self._settings.chroma_tenant, "database": self._settings.chroma_database}

    def _ask(self, method: str, *args: Any, **kwargs: Any) -> Any:
        request = getattr(self._api, method)  # before the time of the request begins
        return self._remote.call(lambda: self._answer(request, *args, **kwargs))

    def _answer(self, request: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the server answers, if it is a Chroma of this version."""
        from chromadb.errors import InvalidArgumentError

        try:
            return self._found(request, *args, **kwargs)
        except InvalidArgumentError as error:
            if "does not exist" in str(error):
                raise self._nowhere() from error
            raise
        except (AttributeError, LookupError, TypeError) as error:
            raise self._remote.explained(error, Trouble.VERSION) from error
        except Exception as error:
            if status_of(error) == 404 and not isinstance(error, DocentError):  # servers before 1.0
                raise self._remote.explained(error, Trouble.VERSION) from error
            raise

    def _nowhere(self) -> ConfigurationError:
        return ConfigurationError(
            f"{self._remote.named}: Chroma has no database {self._settings.chroma_database!r} of a tenant "
            f"{self._settings.chroma_tenant!r}. Make it there, or correct DOCENT_CHROMA_DATABASE and "
            "DOCENT_CHROMA_TENANT.",
        )

    @property
    def _api(self) -> Any:
        """The client's connections; made without a request, unlike by `chromadb.HttpClient`."""
        if self._opened is None:
            self._opened = self._made()
        return self._opened

    def _made(self) -> Any:
        from chromadb.api import ServerAPI
        from chromadb.config import Settings, System

        options = Settings(_env_file=None, anonymized_telemetry=False)
        options.chroma_api_impl = "chromadb.api.fastapi.FastAPI"
        options.chroma_server_host = self._url
        options.chroma_server_http_port = urlsplit(self._url).port or 0
        options.chroma_server_ssl_enabled = self._url.startswith("https:")
        options.chroma_server_headers = self._headers()
        options.chroma_server_ssl_verify = self._trusted()  # type: ignore[assignment]  # httpx takes it
        api: Any = System(options).instance(ServerAPI)  # type: ignore[type-abstract]
        # It sets itself no limit: a request that was given up would wait for ever in its thread.
        api._session.timeout = self._remote.seconds
        return api

    def _headers(self) -> dict[str, str]:
        """Chroma Cloud wants the first, what stands before a server of one's own mostly the second."""
        if self._settings.chroma_token is None:
            return {}
        token = self._settings.chroma_token.get_secret_value()
        return {"X-Chroma-Token": token, "Authorization": f"Bearer {token}"}

    @cached_property
    def _url(self) -> str:
        url = self._settings.chroma_url
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigurationError(
                f"DOCENT_CHROMA_URL={shown(url)}: this is no address of a server. Write it as "
                "http://localhost:8000 or https://chroma.example.com."
            )
        return url

    def _trusted(self) -> ssl.SSLContext:
        file = self._settings.chroma_ca
        try:
            return _trust(str(file) if file else "")
        except OSError as error:
            raise ConfigurationError(
                f"DOCENT_CHROMA_CA={file}: no certificate can be read from it ({error}). Name a PEM file."
            ) from error


@cache
def _trust(file: str) -> ssl.SSLContext:
    """Whom to trust: this authority, or those that httpx knows; reading them takes most of the opening."""
    import httpx

    return ssl.create_default_context(cafile=file) if file else httpx.create_ssl_context()
