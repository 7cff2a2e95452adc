"""From files to a collection: scan, plan, read, chunk, embed, write."""

from __future__ import annotations

from ingest.pipeline.follow import follow
from ingest.pipeline.progress import OnProgress, Progress
from ingest.pipeline.run import sync

__all__ = ["OnProgress", "Progress", "follow", "sync"]
