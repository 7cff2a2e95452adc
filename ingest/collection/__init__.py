"""A collection: a folder with a catalogue, a vector index, a keyword index and a lock for its writer."""

from __future__ import annotations

from ingest.collection.collection import Collection
from ingest.collection.folder import catalog_path, collections_dir, list_collections
from ingest.collection.writer import Writer

__all__ = ["Collection", "Writer", "catalog_path", "collections_dir", "list_collections"]
