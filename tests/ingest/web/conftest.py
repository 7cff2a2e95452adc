"""A web server on loopback that may be asked, and a walk over it that takes no pauses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.web_server import FAST, WebServer

from ingest.web.addresses import Allowed
from ingest.web.client import Client
from ingest.web.crawl import Harvest, Walk
from ingest.web.site import Site
from ingest.web.store import PageStore
from ingest.web.visitor import Visitor


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer() as server:
        yield server


@pytest.fixture
def client(web: WebServer) -> Iterator[Client]:
    with Client(Allowed(f"127.0.0.1:{web.port}"), FAST) as made:
        yield made


@pytest.fixture
def walk(web: WebServer, client: Client, tmp_path: Path) -> Callable[..., Harvest]:
    """`walk(path, depth=0, max_pages=200, known=())`: what a walk from there brings."""

    def go(path: str, depth: int = 0, max_pages: int = 200, known: object = ()) -> Harvest:
        address = path if path.startswith("http") else web.url + path
        site = Site.of(address, depth, max_pages)
        visitor = Visitor(client, FAST)
        return Walk(site, visitor, PageStore(tmp_path / "data"), known).go()

    return go
