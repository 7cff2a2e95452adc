"""The catalogue's tables."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

meta = Table("meta", metadata, Column("key", String, primary_key=True), Column("value", Text, nullable=False))

files = Table(
    "files",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("path", Text, nullable=False, unique=True),  # absolute, NFC
    Column("root", Text, nullable=False),  # the folder or file that was named
    Column("source", Text, nullable=False),  # path below the root, for showing
    Column("sha256", String(64), nullable=False, default=""),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("checked_ns", BigInteger, nullable=False),  # when size and mtime were taken
    Column("recipe", String, nullable=False),  # what shaped its chunks apart from its content
    Column("status", String, nullable=False),
    Column("error", Text),
    Column("title", Text, nullable=False, default=""),
    Column("pages", Integer),
    Column("indexed_at", String),
    Column("textless_pages", Text),  # a JSON list of numbers
    Column("read_seconds", Float),  # how long its last reading took, even if that failed
)

# What a file was each time that it was indexed with another content, oldest first.
versions = Table(
    "versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("file_id", ForeignKey("files.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("indexed_at", String, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("file_id", ForeignKey("files.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("record_id", Text),
    Column("title", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("metadata", Text),  # a JSON object of lists: what it says of itself
    Column("dated", String(10)),  # the day of its last change, where it names one
    Column("sketch", LargeBinary),  # what tells which others it is like; empty for a short one
)

# The same metadata as rows, to filter by.
tags = Table(
    "tags",
    metadata,
    Column("document_id", ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String, primary_key=True),
    Column("value", Text, primary_key=True),
    Index("ix_tags_value", "name", "value"),
)

chunks = Table(
    "chunks",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("document_id", ForeignKey("documents.id", ondelete="CASCADE"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("page", Integer),
    Column("page_turns", Text),  # where further pages begin: a JSON list of [offset, page]
    Column("page_label", Text),  # what is printed there, where that is not the number
    Column("line", Integer),  # of the file, or row of the sheet
    Column("line_end", Integer),
    Column("headings", Text, nullable=False),  # a JSON list
    Column("context", Text, nullable=False),  # what stands before the text where it is embedded
    Column("content_hash", String(32), nullable=False, index=True),  # of the text that is embedded
    Column("suspicions", Text),  # a JSON list of [code, start, end] in the text
    Index("ix_chunks_place", "document_id", "ordinal"),
    Index("ix_chunks_headings", "headings"),
)

vectors = Table(
    "vectors",
    metadata,
    Column("content_hash", String(32), primary_key=True),
    Column("identity", String(32), primary_key=True),  # of the embedding model
    Column("vector", LargeBinary, nullable=False),  # float32, little-endian
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("started_at", String, nullable=False),
    Column("report", Text, nullable=False),  # JSON
)
