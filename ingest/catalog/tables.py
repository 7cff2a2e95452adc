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
    Table,
    UniqueConstraint,
)

from ingest.catalog.dialects import Words

metadata = MetaData()

meta = Table("meta", metadata, Column("key", Words, primary_key=True), Column("value", Words, nullable=False))

files = Table(
    "files",
    metadata,
    Column("id", Words, primary_key=True),
    Column("path", Words, nullable=False),  # absolute, NFC
    Column("root", Words, nullable=False),  # the folder or file that was named
    Column("source", Words, nullable=False),  # path below the root, for showing
    Column("sha256", Words, nullable=False, default=""),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("checked_ns", BigInteger, nullable=False),  # when size and mtime were taken
    Column("recipe", Words, nullable=False),  # what shaped its chunks apart from its content
    Column("status", Words, nullable=False),
    Column("error", Words),
    Column("title", Words, nullable=False, default=""),
    Column("pages", Integer),
    Column("indexed_at", Words),
    Column("textless_pages", Words),  # a JSON list of numbers
    Column("read_seconds", Float),  # how long its last reading took, even if that failed
    # The id follows from it; PostgreSQL cannot index texts of any length.
    UniqueConstraint("path").ddl_if(dialect="sqlite"),
)

# What a file was each time that it was indexed with another content, oldest first.
versions = Table(
    "versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("file_id", ForeignKey("files.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("sha256", Words, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("indexed_at", Words, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("id", Words, primary_key=True),
    Column("file_id", ForeignKey("files.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("record_id", Words),
    Column("title", Words, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("metadata", Words),  # a JSON object of lists: what it says of itself
    Column("dated", Words),  # the day of its last change, where it names one
    Column("sketch", LargeBinary),  # what tells which others it is like; empty for a short one
)

# The same metadata as rows, to filter by.
tags = Table(
    "tags",
    metadata,
    Column("document_id", ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    Column("name", Words, primary_key=True),
    Column("value", Words, primary_key=True),
    Index("ix_tags_value", "name", "value"),
)

chunks = Table(
    "chunks",
    metadata,
    Column("id", Words, primary_key=True),
    Column("document_id", ForeignKey("documents.id", ondelete="CASCADE"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("text", Words, nullable=False),
    Column("page", Integer),
    Column("page_turns", Words),  # where further pages begin: a JSON list of [offset, page]
    Column("page_label", Words),  # what is printed there, where that is not the number
    Column("line", Integer),  # of the file, or row of the sheet
    Column("line_end", Integer),
    Column("headings", Words, nullable=False),  # a JSON list
    Column("context", Words, nullable=False),  # what stands before the text where it is embedded
    Column("content_hash", Words, nullable=False, index=True),  # of the text that is embedded
    Column("suspicions", Words),  # a JSON list of [code, start, end] in the text
    Index("ix_chunks_place", "document_id", "ordinal"),
    Index("ix_chunks_headings", "headings", postgresql_using="hash"),  # of any length
)

vectors = Table(
    "vectors",
    metadata,
    Column("content_hash", Words, primary_key=True),
    Column("identity", Words, primary_key=True),  # of the embedding model
    Column("vector", LargeBinary, nullable=False),  # float32, little-endian
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("started_at", Words, nullable=False),
    Column("report", Words, nullable=False),  # JSON
)
