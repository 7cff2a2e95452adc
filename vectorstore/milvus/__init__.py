"""Milvus: a file of milvus-lite in this process, or a server where `DOCENT_MILVUS_URI` names one."""

from vectorstore.milvus.index import MilvusIndex

__all__ = ["MilvusIndex"]
