"""What every vector backend on a server must do when the server or the network does not do its part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest
from support.faults import Fault, FaultProxy
from support.vector_contract import DIMENSION, VectorIndexContract, axis, vectors

from app.config import Settings, env_name
from app.errors import (
    BackendRefusedError,
    BackendUnavailableError,
    DocentError,
    EmbeddingMismatchError,
    StorageError,
)
from vectorstore import index_class, open_index
from vectorstore.base import Place, VectorIndex

# A request of a test takes milliseconds, but the machine may be busy.
PATIENCE = 5.0
# What takes longer than this, where a server is to be too slow.
SECONDS = 1.5


class ServerContract(VectorIndexContract):
    """The contract of a backend on a server, and a table of faults. A subclass says where the server is.

    Example:
        class TestQdrantServer(ServerContract):
            backend = "qdrant"
            address = "qdrant_url"

            @pytest.fixture
            def reach(self, qdrant_server: str) -> dict[str, Any]:
                return {"qdrant_url": qdrant_server}

    Attributes: see `VectorIndexContract`, and
        address: the field of the settings that holds the server's address.
        key: the field that holds its key, where it has one of its own and the server of the tests checks it.
        http: whether the server speaks HTTP/1, so that a proxy can answer in its place.
        rows, cut_after: how many rows a write has that is cut after so many bytes of requests.
    """

    address: ClassVar[str]
    key: ClassVar[str] = ""
    http: ClassVar[bool] = True
    rows: ClassVar[int] = 500
    cut_after: ClassVar[int] = 20_000

    @pytest.fixture
    def reach(self) -> dict[str, Any]:
        """The settings by which a server is reached that runs; a subclass says them."""
        raise NotImplementedError

    @pytest.fixture(autouse=True)
    def reached(self, reach: dict[str, Any]) -> None:
        self.options = reach

    def endpoint(self, address: str) -> tuple[str, int]:
        """Host and port of an address."""
        parts = urlsplit(address)
        assert parts.hostname and parts.port
        return parts.hostname, parts.port

    def at_port(self, address: str, port: int) -> str:
        """The same address at another port of this machine."""
        parts = urlsplit(address)
        user, at, _ = parts.netloc.rpartition("@")
        return parts._replace(netloc=f"{user}{at}127.0.0.1:{port}").geturl()

    @pytest.fixture
    def proxy(self, reach: dict[str, Any]) -> Iterator[FaultProxy]:
        with FaultProxy(*self.endpoint(reach[self.address])) as proxy:
            yield proxy

    @pytest.fixture
    def shaky(self, place: Place, proxy: FaultProxy) -> Place:
        """The place of the test, reached through the proxy, with little patience."""
        return self.through(place, proxy)

    def through(self, place: Place, proxy: FaultProxy, **changed: Any) -> Place:
        address = self.at_port(self.options[self.address], proxy.port)
        given = {self.address: address, "server_seconds": PATIENCE, "server_retries": 1, **changed}
        return replace(place, settings=Settings(**(self.options | given)))

    def check_named(self, error: BaseException, place: Place) -> None:
        """The message names the setting with its value, the cure, and no secret."""
        said = str(error)
        assert f"{env_name(self.address)}=" in said
        port = self.endpoint(str(plain(place.settings, self.address)))[1]
        assert f":{port}" in said
        for field in (self.key, self.address):
            if field and (secret := password(plain(place.settings, field), field == self.key)):
                assert secret not in said
        assert len(said) < 900 and "\n" not in said

    # -- opening -----------------------------------------------------------------------------------

    def test_a_server_that_is_down_is_said_at_opening(self, shaky: Place, proxy: FaultProxy) -> None:
        proxy.refuse()
        for asked in (
            lambda: open_index(self.backend, shaky, DIMENSION),
            lambda: index_class(self.backend).exists(shaky),  # not there is another thing than not known
            lambda: index_class(self.backend).drop(shaky),
        ):
            with pytest.raises(BackendUnavailableError, match="cannot be reached") as caught:
                asked()
            self.check_named(caught.value, shaky)
        proxy.heal()
        open_index(self.backend, shaky, DIMENSION).close()

    def test_a_server_that_comes_back_meanwhile_is_waited_for(
        self, place: Place, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        patient = self.through(place, proxy, server_seconds=20, server_retries=4)
        monkeypatch.setattr("vectorstore.remote.time.sleep", lambda _: proxy.heal())
        proxy.refuse()
        index = open_index(self.backend, patient, DIMENSION)
        assert index.count() == 0
        index.close()

    def test_a_wrong_key_is_said(self, place: Place) -> None:
        if not self.key:
            pytest.skip("the server of the tests has no key of its own")
        wrong = replace(place, settings=Settings(**(self.options | {self.key: "wrong-key-1234"})))
        with pytest.raises(BackendRefusedError, match=env_name(self.key)) as caught:
            open_index(self.backend, wrong, DIMENSION)
        assert "wrong-key-1234" not in str(caught.value)
        without = replace(place, settings=Settings(**(self.options | {self.key: None})))
        with pytest.raises(DocentError, match=env_name(self.key)):
            open_index(self.backend, without, DIMENSION)

    def test_another_dimension_names_the_setting(self, index: VectorIndex, place: Place) -> None:
        index.upsert(["a"], axis(0)[None], [{}])
        index.close()
        with pytest.raises(EmbeddingMismatchError, match=f"{env_name(self.address)}=.*8 dimensions.* 16"):
            open_index(self.backend, place, 16)

    # -- searching ---------------------------------------------------------------------------------

    def test_a_server_that_goes_down_is_said_and_found_again(self, shaky: Place, proxy: FaultProxy) -> None:
        index = open_index(self.backend, shaky, DIMENSION)
        index.upsert(["a", "b"], [axis(0), axis(1)], [{}, {}])
        proxy.refuse()
        for asked in (lambda: index.search(axis(0), 1), index.ids, index.count, lambda: index.get(["a"])):
            with pytest.raises(BackendUnavailableError) as caught:
                asked()
            self.check_named(caught.value, shaky)
        proxy.heal()
        assert [each.id for each in index.search(axis(0), 1)] == ["a"]
        index.close()

    def test_a_server_that_is_too_slow_is_given_up(self, place: Place, proxy: FaultProxy) -> None:
        hasty = self.through(place, proxy, server_seconds=SECONDS)
        index = open_index(self.backend, hasty, DIMENSION)
        index.upsert(["a"], axis(0)[None], [{}])
        proxy.behave(Fault(delay=2 * SECONDS))
        with pytest.raises(BackendUnavailableError, match=rf"DOCENT_SERVER_SECONDS={SECONDS}") as caught:
            index.search(axis(0), 1)
        self.check_named(caught.value, hasty)
        proxy.heal()
        assert [each.id for each in index.search(axis(0), 1)] == ["a"]
        index.close()

    @pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
    def test_a_server_that_is_busy_is_asked_again(self, shaky: Place, proxy: FaultProxy, status: int) -> None:
        if not self.http:
            pytest.skip("speaks no HTTP/1")
        index = open_index(self.backend, shaky, DIMENSION)
        index.upsert(["a"], axis(0)[None], [{}])
        proxy.behave(Fault(status=status, headers=(("Retry-After", "0"),), times=1))
        assert [each.id for each in index.search(axis(0), 1)] == ["a"]
        proxy.behave(Fault(status=status, headers=(("Retry-After", "0"),)))
        with pytest.raises(BackendUnavailableError) as caught:
            index.search(axis(0), 1)
        self.check_named(caught.value, shaky)
        proxy.heal()
        index.close()

    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (401, BackendRefusedError),
            (403, BackendRefusedError),
            (410, BackendRefusedError),
            (507, StorageError),
        ],
    )
    def test_a_server_that_refuses_is_not_asked_again(
        self, shaky: Place, proxy: FaultProxy, status: int, kind: type[Exception]
    ) -> None:
        if not self.http:
            pytest.skip("speaks no HTTP/1")
        index = open_index(self.backend, shaky, DIMENSION)
        proxy.behave(Fault(status=status))
        before = proxy.connections
        with pytest.raises(kind) as caught:
            index.upsert(["a"], axis(0)[None], [{}])
        assert proxy.connections == before + 1
        self.check_named(caught.value, shaky)
        proxy.heal()
        index.close()

    # -- writing -----------------------------------------------------------------------------------

    @pytest.mark.parametrize("where", ["cut_after", "cut_answers_after"])
    def test_a_write_that_is_cut_off_is_completed_by_the_next(
        self, place: Place, shaky: Place, proxy: FaultProxy, where: str
    ) -> None:
        index = open_index(self.backend, shaky, DIMENSION)
        index.upsert(["kept"], axis(0)[None], [{"n": 0}])
        ids = [str(n) for n in range(self.rows)]
        rows, fields = vectors(self.rows), [{"n": n} for n in range(self.rows)]
        proxy.behave(Fault(**{where: self.cut_after if where == "cut_after" else 1}))
        with pytest.raises(BackendUnavailableError) as caught:
            index.upsert(ids, rows, fields)
        self.check_named(caught.value, shaky)
        proxy.heal()
        index.upsert(ids, rows, fields)
        assert index.ids() == {"kept", *ids}
        assert index.count() == self.rows + 1
        index.close()
        sound = open_index(self.backend, place, DIMENSION)
        found = sound.search(axis(0), self.rows + 1)
        assert len({each.id for each in found}) == self.rows + 1
        sound.close()

    @pytest.mark.parametrize("where", ["cut_after", "cut_answers_after"])
    def test_a_write_goes_on_by_itself_where_the_connection_is_cut_once(
        self, place: Place, proxy: FaultProxy, where: str
    ) -> None:
        patient = self.through(place, proxy, server_seconds=20, server_retries=4)
        index = open_index(self.backend, patient, DIMENSION)
        proxy.behave(Fault(**{where: 400 if where == "cut_after" else 1}, times=1))  # type: ignore[arg-type]
        index.upsert(["a", "b"], [axis(0), axis(1)], [{"n": 1}, {"n": 2}])
        assert index.ids() == {"a", "b"}
        index.close()

    def test_a_deletion_that_is_cut_off_is_completed_by_the_next(
        self, shaky: Place, proxy: FaultProxy, tmp_path: Path
    ) -> None:
        index = open_index(self.backend, shaky, DIMENSION)
        index.upsert(["a", "b"], [axis(0), axis(1)], [{}, {}])
        proxy.behave(Fault(cut_answers_after=1))
        with pytest.raises(BackendUnavailableError):
            index.delete(["a"])
        proxy.heal()
        index.delete(["a"])
        assert index.ids() == {"b"}
        index.close()


def plain(settings: Settings, field: str) -> str:
    value = getattr(settings, field)
    return value.get_secret_value() if hasattr(value, "get_secret_value") else str(value or "")


def password(value: str, is_key: bool) -> str:
    return value if is_key else urlsplit(value).password or ""
