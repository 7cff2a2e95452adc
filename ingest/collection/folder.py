"""Where collections are kept, and which there are."""

from __future__ import annotations

from pathlib import Path

_CATALOG = "catalog.sqlite"


def collections_dir(data_dir: Path) -> Path:
    return (data_dir / "collections").resolve()


def collection_dir(data_dir: Path, name: str) -> Path:
    return collections_dir(data_dir) / name


def catalog_path(data_dir: Path, name: str) -> Path:
    """The file whose being there makes a folder a collection."""
    return collection_dir(data_dir, name) / _CATALOG


def list_collections(data_dir: Path) -> list[str]:
    """The names of all collections, sorted."""
    return sorted(path.parent.name for path in collections_dir(data_dir).glob(f"*/{_CATALOG}"))
