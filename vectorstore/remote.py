"""How servers are reached: within a time, tried again where that may help, with errors that help."""

from __future__ import annotations

import logging
import random
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Thread
from typing import ParamSpec, TypeVar
from urllib.parse import unquote, urlsplit, urlunsplit

from pydantic import SecretStr

from app.config import Settings, env_name
from app.errors import (
    BackendRefusedError,
    BackendUnavailableError,
    CollectionDamagedError,
    DocentError,
    EmbeddingMismatchError,
    StorageError,
)
from vectorstore.checks import rebuild
from vectorstore.trouble import MAY_PASS, Trouble, retry_after, trouble

P = ParamSpec("P")
T = TypeVar("T")

_DETAIL_CHARACTERS = 300
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 8.0
_USER = re.compile(r"(?<=://)[^/\s@]*@")
_PASSWORD = re.compile(r"(?i)\b(password|passwd|pwd|token|api[-_]?key)(\s*[=:]\s*)[^\s,;&]+|Bearer\s+\S+")

_logger = logging.getLogger(__name__)


class Remote:
    """A server that a setting names.

    Args:
        engine: what people call it, such as "Qdrant".
        address: the field of the settings that holds its address.
        settings: also hold the patience, `server_seconds`, and the tries, `server_retries`.
        key: the field that holds its key; "" where that is part of the address.
        authority: the field that holds the file of a certificate authority, if there is one.
        library: the client's distribution, to name its version.

    Attributes:
        seconds: how long a request may take; for the client's own limit, too.

    Example:
        remote = Remote("Qdrant", "qdrant_url", settings, key="qdrant_api_key", library="qdrant-client")
        remote.call(client.upsert, name, points)
    """

    def __init__(
        self,
        engine: str,
        address: str,
        settings: Settings,
        *,
        key: str = "",
        authority: str = "",
        library: str = "",
    ) -> None:
        self.engine = engine
        self.seconds = settings.server_seconds
        self._retries = settings.server_retries
        self._settings = settings
        self._address, self._key, self._authority = address, key, authority
        self._library = library

    @property
    def named(self) -> str:
        """The setting with its value, as it may be shown."""
        return f"{env_name(self._address)}={shown(_plain(self._settings, self._address))}"

    def call(self, request: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the request gives; tried again while that may help and `seconds` are not over.

        The request must do the same when it is repeated, even when it was carried out and only its answer
        was lost: writing by id, deleting, searching.

        Raises:
            BackendUnavailableError: down, too slow, dropped, busy or failing, however often it was tried.
            BackendRefusedError: wrong key, certificate or version, or a request that it refuses.
            StorageError: the server is full.
            Exception: what is no server's fault is passed on.
        """
        end = time.monotonic() + self.seconds
        for left in range(self._retries, -1, -1):
            try:
                return _limited(lambda: request(*args, **kwargs), end - time.monotonic())
            except DocentError:
                raise
            except Exception as error:
                found = trouble(error)
                if found is None:
                    raise
                pause = self._pause(error, self._retries - left)
                if not left or found not in MAY_PASS or time.monotonic() + pause >= end:
                    raise self.explained(error, found) from error
                _logger.info("%s %s (%s); trying again in %.1f s", self.engine, found, error, pause)
                time.sleep(pause)
        raise AssertionError  # the last try returns or raises

    def explained(self, error: BaseException, found: Trouble | None = None) -> DocentError:
        """The error of ours that names the setting, what is wrong, and the cure; never a secret."""
        found = found or trouble(error) or Trouble.REFUSED
        kind = _KINDS.get(found, BackendUnavailableError if found in MAY_PASS else BackendRefusedError)
        said = f"{self.named}: {self.engine} {found}{self._detail(error)}. {self._cure(found)}"
        return kind(said, engine=self.engine, setting=env_name(self._address), trouble=found.name.lower())

    def check_dimension(self, held: int, wanted: int, folder: Path) -> None:
        """Raise EmbeddingMismatchError if the index of the generation in `folder` is of another model."""
        if held != wanted:
            raise EmbeddingMismatchError(
                f"{self.named}: the index in {self.engine} holds vectors of {held} dimensions, the embedding "
                f"model makes {wanted}. Set DOCENT_EMBEDDING_MODEL back, or run: {rebuild(folder / '_')}",
                held=held,
                wanted=wanted,
            )

    def check_version(self, said: str, oldest: tuple[int, int], cure: str) -> None:
        """Raise BackendRefusedError if the server is of an older version; `cure` is what else would help."""
        found = re.match(r"v?(\d+)\.(\d+)", said)
        if found and (int(found[1]), int(found[2])) < oldest:
            needed = ".".join(map(str, oldest))
            raise BackendRefusedError(
                f"{self.named}: {self.engine} is of version {said}, and this needs {needed} or later. "
                f"Take a newer server, or {cure}.",
                engine=self.engine,
                setting=env_name(self._address),
                trouble="version",
            )

    def gone(self, folder: Path) -> CollectionDamagedError:
        """The error for an index that somebody removed from the server."""
        return CollectionDamagedError(
            f"{self.named}: {self.engine} does not have the index of this collection any more. The documents "
            f"are safe; run: {rebuild(folder / '_')}",
            engine=self.engine,
        )

    def _pause(self, error: BaseException, tried: int) -> float:
        """What the server asks for; else longer each time, and of chance so that many do not come at once."""
        asked = retry_after(error)
        longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**tried)
        return asked if asked is not None else longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret

    def _detail(self, error: BaseException) -> str:
        """What the client said about it, short, on one line, without secrets."""
        text = " ".join(str(error).split()) or type(error).__name__
        for secret in self._secrets():
            text = text.replace(secret, "…")
        text = _PASSWORD.sub("…", _USER.sub("", text))[:_DETAIL_CHARACTERS].rstrip(". ")
        return f" ({text})"

    def _secrets(self) -> Iterator[str]:
        address = _plain(self._settings, self._address)
        inside = urlsplit(address).password if "://" in address else None
        of_key = _plain(self._settings, self._key) if self._key else ""
        yield from filter(None, (of_key, inside, unquote(inside or "")))

    def _cure(self, found: Trouble) -> str:
        if found is Trouble.KEY:
            return self._cure_of_key()
        if found is Trouble.TLS:
            file = (
                f"set {env_name(self._authority)} to the file of its authority, " if self._authority else ""
            )
            return f"Check http:// or https:// in the address, {file}or renew the certificate."
        return _CURES[found].format(
            seconds=f"{env_name('server_seconds')}={self.seconds:g}",
            retries=f"{env_name('server_retries')}={self._retries}",
            client=_with_version(self._library) if self._library else "this client",
        )

    def _cure_of_key(self) -> str:
        if not self._key:
            return f"Correct user and password in {env_name(self._address)}, and what that user may do."
        name = env_name(self._key)
        given = bool(_plain(self._settings, self._key))
        return f"Correct the key in {name}." if given else f"It wants a key: set {name}."


_KINDS: dict[Trouble, type[DocentError]] = {Trouble.FULL: StorageError}
_CURES = {
    Trouble.DOWN: "Start the server, or correct the address; a run that was stopped goes on when repeated.",
    Trouble.SLOW: "See what keeps the server busy, or raise {seconds}; a run that was stopped goes on when "
    "repeated.",
    Trouble.DROPPED: "See in its log why. Nothing is lost: a run that was stopped goes on when repeated.",
    Trouble.BUSY: "Try again later, or raise {retries}; a run that was stopped goes on when repeated.",
    Trouble.FAILED: "See in its log why, then try again; a run that was stopped goes on when repeated.",
    Trouble.FULL: "Free space there, or raise its limit. Nothing is lost: the next run goes on.",
    Trouble.VERSION: "See that the address leads to such a server, and that it is of a version for {client}.",
    Trouble.REFUSED: "Check the address, and what this user may do there.",
}


def shown(address: str) -> str:
    """An address as people may see it: without user, password and query."""
    if "://" not in address:
        return _PASSWORD.sub("…", address)
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _plain(settings: Settings, field: str) -> str:
    value = getattr(settings, field)
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")


def _with_version(library: str) -> str:
    try:
        return f"{library} {version(library)}"
    except PackageNotFoundError:
        return library


def _limited(request: Callable[[], T], seconds: float) -> T:
    """Wait no longer than this: a server that sends one byte a minute never meets a client's own limit.

    The request goes on in its thread until the client gives up, too; nobody waits for it, not even the end of
    the process.
    """
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(request())
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            outcome.set_exception(error)

    Thread(target=run, name="server-request", daemon=True).start()
    try:
        return outcome.result(max(0.0, seconds))
    except TimeoutError as error:
        raise TimeoutError(str(error) or f"no answer within {seconds:.0f} s") from error
