"""Tests of originals make PDFs as those of ingestion do."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "ingest"))  # for `doubles`
