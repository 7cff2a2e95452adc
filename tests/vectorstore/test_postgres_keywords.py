"""The keyword index in PostgreSQL: the contract, ranking as tantivy's, faults, and what only it does."""

from __future__ import annotations

from typing import Any

import pytest
from support.keyword_contract import KeywordIndexContract


class TestPostgresKeywords(KeywordIndexContract):
    backend = "postgres"

    @pytest.fixture(autouse=True)
    def reached(self, shared_database_url: str) -> None:
        self.options: dict[str, Any] = {"database_url": shared_database_url}
