"""Where collections are kept."""

from __future__ import annotations

from pathlib import Path

CATALOG = "catalog.sqlite"
CALIBRATION = "calibration.json"


def collections_dir(data_dir: Path) -> Path:
    return (data_dir / "collections").resolve()


def collection_dir(data_dir: Path, name: str) -> Path:
    return collections_dir(data_dir) / name
