"""`python -m ingest PATH…`, the same as `docent ingest PATH…`."""

from app.cli import ingest_main

if __name__ == "__main__":
    ingest_main()
