"""A collection: a folder with a catalogue, a vector index, a keyword index and a lock for its writer."""

from __future__ import annotations

from ingest.collection.collection import Collection
from ingest.collection.folder import collections_dir
from ingest.collection.generations import catalog_path, list_collections
from ingest.collection.switching import Beside, Kept, beside, forget_previous, restore
from ingest.collection.writer import Writer

__all__ = [
    "Beside",
    "Collection",
    "Kept",
    "Writer",
    "beside",
    "catalog_path",
    "collections_dir",
    "forget_previous",
    "list_collections",
    "restore",
]
