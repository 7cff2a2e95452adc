"""Any string as an id of Pinecone, which takes up to 512 printable ASCII signs."""

from __future__ import annotations

from hashlib import sha256

LONGEST = 512
MARK = "~"
FIELD = "docent_id"


def encoded(id: str) -> str:
    """The id itself where Pinecone takes it; else a hash, beside which the id is kept as metadata `FIELD`."""
    if id.isascii() and id.isprintable() and len(id) <= LONGEST and not id.startswith(MARK):
        return id
    return MARK + sha256(id.encode("utf-8", "surrogatepass")).hexdigest()
