"""A table filled by a model, and by rules in processes: estimated, filled, failed and tried again."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.desk import Desk
from support.model_server import ModelServer, Reply

from app.config import load_settings
from app.errors import ModelAuthError, NotFoundError
from app.originals.originals import TABLE
from app.runtime import Runtime, build
from app.tables import Row
from app.tables.extraction import Extraction

SCHEMA = """
name: bill
title: {en: Bill, ko: 계산서}
fields:
  - {name: number, labels: [Bill number, 번호]}
  - {name: total, type: money, labels: [Total, 합계]}
"""
BILLS = {
    "a.md": "Bill number: A-1\n\nTotal: USD 275.00\n",
    "b.md": "Bill number: B-2\n\nTotal: USD 275.00\n",
    "다.md": "번호: 다-3\n\n합계: 275달러\n",
}
NAME = "bill@default"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.write(BILLS)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "bill.yaml").write_text(SCHEMA, encoding="utf-8")
    return made


def runtime(desk: Desk, tmp_path: Path, **more: object) -> Runtime:
    given = {
        "data_dir": desk.settings.data_dir,
        "schema_dir": tmp_path / "schemas",
        "llm_timeout": 10,
        **more,
    }
    return build(load_settings(**given))


@pytest.fixture
def asked(desk: Desk, tmp_path: Path, model_server: ModelServer) -> Runtime:
    """What asks a model that gives the same for every document."""
    model_server.default = Reply('{"number": "A-1", "total": 275}')
    url = {"llm_base_url": model_server.url, "llm_model": "openai:scripted-model", "llm_retries": 0}
    return runtime(desk, tmp_path, **url)


def rows(extraction: Extraction) -> dict[str, Row]:
    with extraction.tables.open(NAME) as table:
        return {row.document.source: row for row in table.rows()}


def test_a_model_fills_what_the_documents_support(asked: Runtime, model_server: ModelServer):
    with asked:
        extraction = asked.extraction("bill")
        ahead = extraction.estimate()
        assert (ahead.documents, ahead.basis, ahead.dollars) == (3, "assumed", 0.0)  # a server of one's own
        assert ahead.tokens.prompt > 3 * 400 and model_server.requests == []
        assert extraction.run().done == 3
        found = rows(extraction)
        assert found["a.md"].data == {"number": "A-1", "total": 275}
        assert found["a.md"].evidence["total"].citation is not None
        original = asked.originals.cited(NAME, found["a.md"].cells["total"], among=TABLE)
        assert original.chunk is not None and original.citation.quote in original.chunk.text
        with pytest.raises(NotFoundError):
            asked.originals.cited("../nothing", 1, among=TABLE)
        assert found["b.md"].data == {"number": None, "total": 275}
        assert [one.code for one in found["b.md"].evidence["number"].reasons] == ["no_support"]
        before = len(model_server.requests)
        assert extraction.run().done == 0 and len(model_server.requests) == before
        assert extraction.estimate(rebuild=True).basis == "measured"
        kept = asked.extraction("bill", keep_unsupported=True)
        assert kept.run().done == 3 and rows(kept)["b.md"].data["number"] == "A-1"


def test_what_a_server_refuses_fails_alone_and_is_tried_again(asked: Runtime, model_server: ModelServer):
    with asked:
        extraction = asked.extraction("bill", where={"source": ("a.md", "b.md")})
        model_server.default = Reply(status=500)
        report = extraction.run()
        assert report.rows == 0 and {path for path, _ in report.failed} == {"a.md", "b.md"}
        model_server.default = Reply('{"number": "A-1", "total": 275}')
        assert extraction.run().done == 2
        model_server.default = Reply(status=401)
        with pytest.raises(ModelAuthError):
            extraction.run(rebuild=True)


def test_rules_in_processes_give_what_rules_give(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with runtime(desk, tmp_path) as made:
        extraction = made.extraction("bill", model="none")
        extraction.run()
        alone = rows(extraction)
        monkeypatch.setattr("app.tables.engine._WORTH_PROCESSES", 1)
        assert extraction.run(rebuild=True).done == 3
        beside = rows(extraction)
    assert alone["다.md"].data == {"number": "다-3", "total": 275}
    for source, row in alone.items():
        assert beside[source].data == row.data
        assert list(beside[source].evidence.values()) == list(row.evidence.values())
