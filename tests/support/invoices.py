"""A filler by plain rules, which says what it was asked, and the schema that it fills."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from app.answers.filling import Filled
from app.answers.schemas.schema import Schema
from app.errors import DocentError
from app.schemas import Chunk, Citation, FieldEvidence, Reason, Support
from app.tables import Plan


class Item(BaseModel):
    name: str
    price: float = Field(json_schema_extra={"format": "money"})


class Invoice(BaseModel):
    no: str
    seller: str | None = None
    total: float | None = Field(None, json_schema_extra={"format": "money"})
    date: str | None = Field(None, json_schema_extra={"format": "date"})
    items: list[Item] = []


SCHEMA = Schema("invoice", Invoice, titles={"en": "Invoice", "ko": "청구서"})


def plan_of(schema: Schema = SCHEMA, collection: str = "default", **where: tuple[str, ...]) -> Plan:
    return Plan(
        schema.name, schema.hash, schema.json_schema, collection, schema.titles, schema.many, where
    )  # fmt: skip


class Invoices:
    """Attributes: `asked` has the sources in the order in which they were asked."""

    def __init__(self, log: Path | None = None, seconds: float = 0.0) -> None:
        self.asked: list[str] = []
        self.failing: dict[str, Exception] = {}
        self.many = False
        self._log, self._seconds = log, seconds

    def fill(self, chunks: Sequence[Chunk]) -> Sequence[Filled]:
        source = chunks[0].source
        self.asked.append(source)
        if self._log is not None:
            with self._log.open("a", encoding="utf-8") as file:
                file.write(f"{source}\n")
        time.sleep(self._seconds)
        if source in self.failing:
            raise self.failing[source]
        if self.many:
            return [
                _filled({"no": match[1]}, chunks) for chunk in chunks for match in _NO.finditer(chunk.text)
            ]
        return [_filled(_read("\n".join(chunk.text for chunk in chunks)), chunks)]


_NO = re.compile(r"^No: (\S+)$", re.MULTILINE)
_LINE = re.compile(r"^(No|Seller|Total|Date): (.+)$", re.MULTILINE)
_ITEM = re.compile(r"^Item: (\w+) = ([\d.]+)$", re.MULTILINE)


def _read(text: str) -> dict[str, Any]:
    if "!broken" in text:
        raise DocentError("The reply had no end.")
    found = {name.lower(): value.strip() for name, value in _LINE.findall(text)}
    total = found.get("total")
    return {
        "no": found.get("no"),
        "seller": found.get("seller"),
        "total": float(total) if total else None,
        "date": found.get("date"),
        "items": [{"name": name, "price": float(price)} for name, price in _ITEM.findall(text)],
    }


def _filled(data: dict[str, Any], chunks: Sequence[Chunk]) -> Filled:
    evidence = []
    for path, value in _leaves(data):
        evidence.append(_evidence(path, value, chunks[0]))
    return Filled(data, tuple(evidence))


def _leaves(data: dict[str, Any]) -> Sequence[tuple[str, Any]]:
    found = [(name, value) for name, value in data.items() if not isinstance(value, list)]
    for place, item in enumerate(data.get("items", ())):
        found += [(f"items.{place}.{name}", value) for name, value in item.items()]
    return found


def _evidence(path: str, value: Any, chunk: Chunk) -> FieldEvidence:
    if value is None:
        return FieldEvidence(path=path, reasons=(Reason(code="not_found"),))
    original = next((line for line in chunk.text.splitlines() if str(value).removesuffix(".0") in line), "")
    citation = Citation(
        n=1,
        source=chunk.source,
        page=chunk.page,
        quote=original,
        score=1,
        chunk_id=chunk.id,
        context=chunk.text,
    )
    unit = "KRW" if path == "total" else ""
    return FieldEvidence(
        path=path, value=value, original=original, unit=unit, citation=citation, support=Support.SUPPORTED
    )
