"""Chroma: embedded in this process, or a server where `DOCENT_CHROMA_URL` names one."""

from vectorstore.chroma.index import ChromaIndex

__all__ = ["ChromaIndex"]
