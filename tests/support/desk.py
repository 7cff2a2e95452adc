"""A small collection of invoices, and tables over it.

Its catalogue is written by hand: no index, no embedding model and no process that reads files takes part.
"""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path

from support.invoices import Invoices, plan_of

from app.config import Settings, load_settings
from app.tables import Plan, Report, Source, Tables, extract
from ingest.catalog import Catalog, ChunkRecord, DocumentRecord, FileContent, FileRecord
from ingest.collection import Collection, collections_dir

TEXTS = {
    "a.md": "Invoice\n\nNo: A-1\nSeller: Han & Co\nTotal: 1200\nDate: 2024-03-02\n"
    "Item: pen = 200\nItem: ink = 1000\n",
    "b.md": "Invoice\n\nNo: A-2\nSeller: =Evil()\nTotal: 77.5\nDate: 2024-04-01\nItem: cup = 77.5\n",
    "다.md": "청구서\n\nNo: A-3\nSeller: 가온정밀\nTotal: 33000\n",
    "d.md": "Copy of an invoice\n\nNo: A-1\nSeller: Han & Co\nTotal: 1250\nDate: 2024-03-02\n",
}


class Desk:
    """A collection that is made of texts, and the tables over it."""

    def __init__(self, folder: Path) -> None:
        self.settings: Settings = load_settings(data_dir=folder / "data")
        self.tables = Tables(folder / "data" / "tables")
        self.filler = Invoices()
        self.folder = collections_dir(self.settings.data_dir) / "default"
        self.folder.mkdir(parents=True, exist_ok=True)
        Catalog(self.folder / "catalog.sqlite", write=True).close()

    def write(self, texts: dict[str, str]) -> None:
        """Add these documents, or put them in the place of those with the same names."""
        catalog = Catalog(self.folder / "catalog.sqlite", write=True)
        contents = [_content(name, text) for name, text in texts.items()]
        catalog.files.save([one.file for one in contents])
        catalog.documents.save(contents)
        catalog.close()

    def remove(self, *names: str) -> None:
        catalog = Catalog(self.folder / "catalog.sqlite", write=True)
        catalog.files.delete([_id(name) for name in names])
        catalog.close()

    def run(self, plan: Plan | None = None, identity: str = "double", **options: object) -> Report:
        parallel = int(str(options.pop("parallel", 1)))
        source = Source(self.filler, identity, "double", parallel)
        with Collection.open("default", self.settings) as collection:
            return extract(self.tables, plan or plan_of(), collection, source, **options)  # type: ignore[arg-type]


def _content(name: str, text: str) -> FileContent:
    record = FileRecord(_id(name), f"/files/{name}", "/files", name, len(text), 0, 0, "by hand")
    document = uuid.uuid5(uuid.UUID(record.id), "#0")
    hashed = hashlib.sha256(text.encode()).hexdigest()[:32]
    chunk = ChunkRecord(str(uuid.uuid5(document, hashed)), text, None, (), name, hashed)
    return FileContent(record, name, None, [DocumentRecord(str(document), None, name, [chunk])])


def _id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))
