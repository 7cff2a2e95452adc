"""Pinecone: a serverless index for each dimension, in it a namespace for each generation of a collection."""

from vectorstore.pinecone.index import PineconeIndex

__all__ = ["PineconeIndex"]
