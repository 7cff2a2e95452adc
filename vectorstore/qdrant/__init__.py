"""Qdrant: in this process, or a server where `DOCENT_QDRANT_URL` names one."""

from vectorstore.qdrant.index import QdrantIndex

__all__ = ["QdrantIndex"]
