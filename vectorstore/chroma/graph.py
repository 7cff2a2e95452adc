"""How Chroma builds and walks its graph of neighbours."""

from __future__ import annotations

from typing import Any

# Of 20,000 passages the ten nearest of a question are found to .998 with these, and to .91 with Chroma's own
# (16, 100, 100): a question in words that the embedding model hardly knows is far from all of them.
GRAPH: Any = {"space": "cosine", "max_neighbors": 32, "ef_construction": 200, "ef_search": 400}
