"""A worker for tests, in a process of its own: `python shared_worker.py FOLDER SECONDS_A_PART`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from doubles import WordModel

from app.config import load_settings
from app.errors import DocentError
from ingest.pipeline import index, sync


def main(folder: str, seconds: float) -> None:
    """Tell the report as JSON, or `error:` and what went wrong."""
    index.GROUP_CHUNKS = 16  # so that there is a middle in which a worker can be killed
    settings = load_settings()
    try:
        report = sync([Path(folder)], settings, WordModel(delay=seconds), collection=settings.collection)
    except DocentError as error:
        sys.stdout.write(f"error: {error}\n")
        sys.exit(error.exit_code)
    sys.stdout.write(report.model_dump_json())


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
