"""What a chunk costs on the disk: the bytes of a collection in a folder, by what they hold.

usage: python benchmarks/cost.py DATA_DIR [--collection NAME]

Run it after `python -m ingest` on documents like yours: chunks of a page of tables and of a novel differ.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

# This folder holds an ingest.py that would hide the package; its modules are imported from the root's side.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks.scores import Row, table
from ingest.collection.generations import catalog_path

# Of the catalogue's tables; an index counts for its table.
PARTS = {"vectors": "cached vectors", "chunks": "text of the chunks"}
DIGITS = {"bytes a chunk": 0, "GB a million": 2}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--collection", default="default")
    options = parser.parse_args()
    catalog = catalog_path(options.data_dir, options.collection)
    if not catalog.is_file():
        sys.exit(f"There is no {catalog}; index something first: python -m ingest ./docs")
    chunks, held = _in_catalog(catalog)
    # A later generation lies below the first one.
    folders = sorted(path for path in catalog.parent.iterdir() if path.is_dir())
    held |= {path.name: _size(path) for path in folders if not path.name.startswith("generation-")}
    if chunks:
        print(f"{chunks:,} chunks\n{table(_rows(held, chunks), DIGITS)}")


def _in_catalog(catalog: Path) -> tuple[int, dict[str, int]]:
    """How many chunks there are, and bytes by part."""
    held: dict[str, int] = {}
    with closing(sqlite3.connect(f"{catalog.as_uri()}?mode=ro", uri=True)) as connection:
        [[chunks]] = connection.execute("SELECT count(*) FROM chunks")
        sizes = connection.execute(
            "SELECT coalesce(tbl_name, name), sum(pgsize) FROM dbstat LEFT JOIN sqlite_master USING (name) "
            "GROUP BY 1"
        )
        for name, size in sizes:
            part = f"catalogue: {PARTS.get(name, 'the rest')}"
            held[part] = held.get(part, 0) + size
    return chunks, held


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _rows(held: dict[str, int], chunks: int) -> dict[str, Row]:
    whole = {**held, "all": sum(held.values())}
    return {
        part: {"bytes a chunk": size / chunks, "GB a million": size / chunks / 1e3}
        for part, size in whole.items()
    }


if __name__ == "__main__":
    main()
