"""Where Milvus is and how it is called: a server or a folder, with errors that name the setting or path."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from app.errors import BackendUnavailableError, CollectionDamagedError
from vectorstore.base import Place
from vectorstore.checks import damaged, installed
from vectorstore.milvus.lite import Lite
from vectorstore.remote import Remote

T = TypeVar("T")

# Milvus's own codes, as the status of HTTP that says the same; what is not here is a request that is refused.
_MEANS = {
    1: 503,
    2: 502,
    3: 507,
    4: 429,
    5: 500,
    7: 507,
    8: 429,
    9: 507,
    10: 501,
    11: 503,
    1400: 401,
    1401: 403,
}
_PASSING = (range(200, 300), range(400, 800), range(901, 1000))
_NOT_FOUND = frozenset({4, 100})
# What was written is visible at once to who asks for that, at the price of the servers' clock ticking first
# (0.2 s); to everybody else when this is over.
_SETTLED_SECONDS = 10.0
_CONNECT_SECONDS = 3.0
# A client that asks every ten seconds whether the other end is there is put out by servers that allow one in
# five minutes, as milvus-lite's does.
_CALM = {"grpc.keepalive_time_ms": 330_000, "grpc.keepalive_permit_without_calls": 0}


class Database:
    """One database of Milvus, open.

    Args:
        place: its settings say which server; without one, a folder in the place's own is opened.
        folder: the name of that folder.
        oldest: the first version that has what is needed.

    Raises:
        BackendError: see `Remote`.
        BackendRefusedError: the server is of an older version.
        CollectionBusyError, CollectionDamagedError, StorageError: see `Lite`.
        MissingExtraError: pymilvus is not installed.

    Attributes:
        is_lite: whether it is milvus-lite, here or as a server.
    """

    def __init__(self, place: Place, folder: str, oldest: tuple[int, int] = (2, 3)) -> None:
        self._place = place
        self._written = time.monotonic()
        self._client: Any = None
        self.folder = place.folder / folder
        with installed("Milvus", "milvus", "pymilvus", "milvus_lite"):
            self._lite = None if self.is_remote(place) else Lite.at(self.folder)
        self._remote = remote(place)
        try:
            self._check_version(oldest)
        except BaseException:
            self.close()
            raise

    @staticmethod
    def is_remote(place: Place) -> bool:
        return bool(place.settings.milvus_uri)

    @property
    def embedded(self) -> bool:
        return self._lite is not None

    @property
    def remote(self) -> Remote:
        return self._remote

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """A method of Milvus's client, by name, within the time of the settings."""
        seconds = self._remote.seconds * 0.9
        return self.do(lambda: getattr(self._connected(), name)(*args, **kwargs, timeout=seconds))

    def do(self, request: Callable[[], T]) -> T:
        """What it gives; what goes wrong as an error of ours."""
        if self._lite is not None:
            return self._lite.explained(request)
        try:
            return self._remote.call(lambda: _meaning(request))
        except _GoneError as error:
            raise self._remote.gone(self._place.folder) from error
        except BackendUnavailableError:
            self._disconnect()  # the client mends a connection at its own pace, longer than people wait
            raise

    def has(self, collection: str) -> bool:
        return bool(self.call("has_collection", collection))

    def remove(self, collection: str) -> None:
        self.call("drop_collection", collection)

    def wrote(self) -> None:
        self._written = time.monotonic()

    @property
    def consistency(self) -> str:
        """For a search: all that was ever written, or all but what was written just now by others."""
        return "Strong" if time.monotonic() - self._written < _SETTLED_SECONDS else "Bounded"

    def close(self) -> None:
        """May be called twice."""
        self._disconnect()
        lite, self._lite = self._lite, None
        if lite is not None:
            lite.close()

    def _connected(self) -> Any:
        if self._client is None:
            self._client = self._connect()
        return self._client

    def _connect(self) -> Any:
        from pymilvus import MilvusClient

        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it logs what it raises, with a stack trace
        if self._lite is not None:
            return MilvusClient(self._lite.uri, dedicated=True, grpc_options=_CALM)
        settings = self._place.settings
        given: dict[str, Any] = {"db_name": settings.milvus_database, "grpc_options": _CALM}
        if settings.milvus_token is not None:
            given["token"] = settings.milvus_token.get_secret_value()
        if settings.milvus_ca is not None:
            given["server_pem_path"] = str(settings.milvus_ca)
        seconds = min(_CONNECT_SECONDS, self._remote.seconds / 3)
        return MilvusClient(settings.milvus_uri, timeout=seconds, dedicated=True, **given)

    def _disconnect(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _check_version(self, oldest: tuple[int, int]) -> None:
        said = str(self.call("get_server_version"))
        self.is_lite = "lite-" in said
        self._remote.check_version(
            said, oldest, "set DOCENT_VECTOR_BACKEND and DOCENT_KEYWORD_BACKEND to others"
        )


def remote(place: Place) -> Remote:
    return Remote(
        "Milvus",
        "milvus_uri",
        place.settings,
        key="milvus_token",
        authority="milvus_ca",
        library="pymilvus",
    )


class _GoneError(Exception):
    """The server does not have the collection."""


class _AnsweredError(Exception):
    """What Milvus answered, with the status of HTTP that means the same."""

    def __init__(self, error: Exception, status: int) -> None:
        super().__init__(str(getattr(error, "message", "") or error))
        self.status_code = status


def _meaning(request: Callable[[], T]) -> T:
    """Run it; Milvus's codes mean other things than the same numbers elsewhere."""
    from pymilvus.exceptions import MilvusException

    try:
        return request()
    except MilvusException as error:
        code = error.code
        if not isinstance(code, int) or hasattr(code, "name"):  # gRPC's own
            raise
        if code in _NOT_FOUND:
            raise _GoneError(str(error)) from error
        passing = any(code in codes for codes in _PASSING)
        raise _AnsweredError(error, _MEANS.get(code, 500 if passing else 400)) from None


def missing(folder: Path) -> CollectionDamagedError:
    """For a reader, who begins nothing."""
    return damaged(folder, "it is missing")
