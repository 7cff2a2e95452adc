"""The tables of the work that several workers share, in the schema `docent` of a PostgreSQL database."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, MetaData, Table

from ingest.catalog.dialects import Words

SCHEMA = "docent"

metadata = MetaData(schema=SCHEMA)

# One row a collection at most is not done.
runs = Table(
    "shared_runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("collection", Integer, nullable=False, index=True),  # its number
    Column("task", Words, nullable=False),  # what the run is to do: workers share the same alone
    Column("state", Words, nullable=False),  # planning, working, finishing, done
    Column("leader", Integer),  # the worker that plans or finishes
    Column("generation", Words),  # that is written
    Column("planned", Words),  # the report as far as the plan tells it: JSON
    Column("report", Words),  # JSON
)

# The id is the second half of a lock's key that the worker holds as long as it lives.
workers = Table(
    "workers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run", Integer, index=True),
    Column("name", Words, nullable=False),  # process and machine
    Column("left", Boolean, nullable=False, server_default="false"),  # as it should: it was not lost
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("run", ForeignKey(runs.c.id, ondelete="CASCADE"), nullable=False),
    Column("file", Words, nullable=False),  # its id
    Column("todo", Words, nullable=False),  # JSON
    Column("is_new", Boolean, nullable=False),
    Column("state", Words, nullable=False, server_default="waiting"),  # waiting, taken, done, failed
    Column("worker", Integer),  # the last that took it
    Column("takes", Integer, nullable=False, server_default="0"),  # how often it was taken
    Column("chunks", Integer, nullable=False, server_default="0"),
    Column("suspicious", Words),  # JSON
    Column("path", Words, nullable=False),
    Column("error", Words),
    Index("ix_jobs_state", "run", "state", "id"),
    Index("ix_jobs_file", "run", "file"),
)
