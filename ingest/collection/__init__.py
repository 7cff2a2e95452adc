"""A collection: a catalogue, a vector index, a keyword index, and a lock for its writer."""

from __future__ import annotations

from ingest.collection.collection import Collection
from ingest.collection.folder import collections_dir
from ingest.collection.home import Home, home_of, list_collections, no_collection
from ingest.collection.switching import Beside, Kept, beside, forget_previous, restore
from ingest.collection.writer import Writer

__all__ = [
    "Beside",
    "Collection",
    "Home",
    "Kept",
    "Writer",
    "beside",
    "collections_dir",
    "forget_previous",
    "home_of",
    "list_collections",
    "no_collection",
    "restore",
]
