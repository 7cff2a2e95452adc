"""Docent's ingest beside a stock pipeline: seconds, chunks a second, peak memory; each in a fresh process.

usage: python benchmarks/ingest.py DOCS_DIR [--rounds 1]
       python benchmarks/ingest.py --small 10000
       python benchmarks/ingest.py ENGLISH_DIR --korean KOREAN_DIR [--bytes 500000]

DOCS_DIR holds PDF files. The stock pipeline is what tutorials show: pypdf, a recursive splitter of 1000
characters with 200 of overlap, sentence-transformers with the same all-MiniLM-L6-v2, Chroma. The rounds take
turns, and the fastest of each counts: other work on the machine only ever adds time.

`--small` makes that many small files, and measures runs in which nothing, and in which one file, has changed.
`--korean` measures bytes a second of the texts in two folders (.txt, .md, .jsonl), `--bytes` of each, and how
much of the speed of embedding alone is left.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BUILT_IN = "all-MiniLM-L6-v2"


def docent(docs: Path, folder: Path) -> dict[str, float]:
    started = time.perf_counter()
    from app.config import Settings
    from ingest.pipeline import sync
    from vectorstore.embeddings import load_embedding_model

    settings = Settings(data_dir=folder)
    imported = time.perf_counter()
    report = sync([docs], settings, lambda: load_embedding_model(settings), collection="benchmark")
    return _figures(report.chunks, started, imported)


def unchanged(docs: Path, folder: Path) -> dict[str, float]:
    """Docent's second run over the same files."""
    return docent(docs, folder)


def one_changed(docs: Path, folder: Path) -> dict[str, float]:
    """Docent's next run when one of the files has changed."""
    first = min(docs.rglob("*.txt"))
    first.write_text(first.read_text(encoding="utf-8") + " Changed.", encoding="utf-8")
    return docent(docs, folder)


def stock(docs: Path, folder: Path) -> dict[str, float]:
    started = time.perf_counter()
    import chromadb
    import pypdf
    from sentence_transformers import SentenceTransformer

    from vectorstore.embeddings.hub import locate

    model = SentenceTransformer(str(locate(BUILT_IN)[0]), device="cpu", local_files_only=True)
    imported = time.perf_counter()
    pages = [
        page.extract_text() for path in sorted(docs.rglob("*.pdf")) for page in pypdf.PdfReader(path).pages
    ]
    chunks = [chunk for page in pages for chunk in recursive_chunks(page)]
    store = chromadb.PersistentClient(str(folder)).create_collection("benchmark", embedding_function=None)
    vectors = model.encode(chunks, normalize_embeddings=True)
    for start in range(0, len(chunks), 5000):
        part = slice(start, start + 5000)
        ids = [str(number) for number in range(len(chunks))[part]]
        store.add(ids=ids, embeddings=vectors[part], documents=chunks[part])
    return _figures(len(chunks), started, imported)


def recursive_chunks(text: str, size: int = 1000, overlap: int = 200) -> list[str]:
    """Pieces of lines, else words, else characters, merged up to `size` with `overlap` carried over."""
    chunks: list[str] = []
    window: list[str] = []
    length = 0
    for piece in _pieces(text, ("\n\n", "\n", " "), size):
        if length + len(piece) > size and window:
            chunks.append("".join(window).strip())
            while length > overlap or (length and length + len(piece) > size):
                length -= len(window.pop(0))
        window.append(piece)
        length += len(piece)
    return [chunk for chunk in [*chunks, "".join(window).strip()] if chunk]


def _pieces(text: str, separators: tuple[str, ...], size: int) -> list[str]:
    if not separators:
        return [text[at : at + size] for at in range(0, len(text), size)]
    parts = [part + separators[0] for part in text.split(separators[0])]
    return [
        piece
        for part in parts
        for piece in ([part] if len(part) <= size else _pieces(part, separators[1:], size))
    ]


def embedding(docs: Path, folder: Path) -> dict[str, float]:
    """What Docent embeds of its chunks, embedded once more, and nothing else."""
    started = time.perf_counter()
    from app.config import Settings
    from ingest.collection import Collection
    from vectorstore.embeddings import load_embedding_model
    from vectorstore.embeddings.readability import Readability

    settings = Settings(data_dir=folder)
    with Collection.open("benchmark", settings) as collection:
        catalog = collection.catalog
        entries = catalog.chunks.entries(catalog.chunks.ids())
    imported = time.perf_counter()
    model = load_embedding_model(settings)
    texts = sorted(map(Readability(model).told, (entry.text for entry in entries)), key=len)
    for start in range(0, len(texts), 512):
        model.embed_documents(texts[start : start + 512])
    return _figures(len(texts), started, imported)


PIPELINES = {
    "docent": docent,
    "unchanged": unchanged,
    "one changed": one_changed,
    "embedding": embedding,
    "stock": stock,
}


def _figures(chunks: int, started: float, imported: float) -> dict[str, float]:
    """Seconds of imports (and, for the stock pipeline, of loading the model), seconds of work, peak in MB."""
    unit = 2**20 if sys.platform == "darwin" else 2**10
    # With the largest of the processes that read files.
    used = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    peak = sum(used) / unit
    work = time.perf_counter() - imported
    return {
        "imports": imported - started,
        "work": work,
        "chunks": chunks,
        "rate": chunks / work,
        "peak_mb": peak,
        "cpu": sum(os.times()[:4]),
    }


def measure(name: str, docs: Path, folder: Path) -> dict[str, float]:
    # -P: this file's folder on the path would hide the package of the same name.
    command = [sys.executable, "-P", __file__, str(docs), "--only", name, "--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{name} failed:\n{done.stderr}")
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def beside_stock(docs: Path, rounds: int) -> None:
    best: dict[str, dict[str, float]] = {}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as ours, tempfile.TemporaryDirectory() as theirs:
            for name, folder in (("docent", ours), ("unchanged", ours), ("stock", theirs)):
                figures = measure(name, docs, Path(folder))
                best[name] = min(best.get(name, figures), figures, key=lambda one: one["work"])
    table(best)
    print(f"Docent works {best['stock']['work'] / best['docent']['work']:.1f} times as fast.")


def small_files(count: int) -> None:
    """Files of forty words; an hour old, as files mostly are."""
    rng = random.Random(1)
    words = (Path(__file__).parents[1] / "docs" / "indexing.md").read_text(encoding="utf-8").split()
    with tempfile.TemporaryDirectory() as docs, tempfile.TemporaryDirectory() as data:
        for number in range(count):
            path = Path(docs, f"{number // 200:04}", f"{number}.txt")
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"Note {number}. {' '.join(rng.choices(words, k=40))}", encoding="utf-8")
            os.utime(path, (time.time() - 3600,) * 2)
        table(
            {name: measure(name, Path(docs), Path(data)) for name in ("docent", "unchanged", "one changed")}
        )


def beside_korean(english: Path, korean: Path, size: int) -> None:
    rates = {}
    for name, source in (("english", english), ("korean", korean)):
        with tempfile.TemporaryDirectory() as docs, tempfile.TemporaryDirectory() as data:
            taken = take(source, Path(docs), size)
            figures = measure("docent", Path(docs), Path(data))
            alone = measure("embedding", Path(docs), Path(data))
            rates[name] = taken / figures["work"], taken / figures["cpu"]
            table({name: figures, "embedding": alone})
            print(f"Indexing has {alone['work'] / figures['work']:.0%} of the speed of embedding alone.")
            print(f"{taken / 1000:,.0f} kB: {rates[name][0] / 1000:.1f} kB a second, ", end="")
            print(f"{rates[name][1] / 1000:.1f} kB a second of processor time")
    for number, of in enumerate(("time", "processor time")):
        print(f"Korean has {rates['korean'][number] / rates['english'][number]:.0%} of the speed by {of}.")


def take(source: Path, target: Path, size: int) -> int:
    """Copy whole lines of the texts in a folder, up to `size` bytes; returns how many there were."""
    left = size
    for path in sorted(path for path in source.rglob("*") if path.suffix in (".txt", ".md", ".jsonl")):
        with path.open("rb") as lines, (target / f"{size - left}{path.suffix}").open("wb") as copy:
            for line in lines:
                if len(line) > left:
                    break
                left -= copy.write(line)
    return size - left


def table(rows: dict[str, dict[str, float]]) -> None:
    print(f"{'':12}{'imports s':>10}{'work s':>9}{'chunks':>8}{'chunks/s':>10}{'peak MB':>9}")
    for name, row in rows.items():
        rate = f"{row['rate']:.0f}" if name in ("docent", "stock", "english", "korean", "embedding") else ""
        print(
            f"{name:12}{row['imports']:>10.1f}{row['work']:>9.1f}{row['chunks']:>8.0f}{rate:>10}"
            f"{row['peak_mb']:>9.0f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("docs", type=Path, nargs="?")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--small", type=int, metavar="FILES")
    parser.add_argument("--korean", type=Path, metavar="KOREAN_DIR")
    parser.add_argument("--bytes", type=int, default=500_000)
    parser.add_argument("--only", choices=PIPELINES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        print(json.dumps(PIPELINES[options.only](options.docs, options.folder)))
    elif options.small:
        small_files(options.small)
    elif options.docs is None:
        parser.error("name a folder of documents, or --small")
    elif options.korean:
        beside_korean(options.docs, options.korean, options.bytes)
    else:
        beside_stock(options.docs, options.rounds)


if __name__ == "__main__":
    main()
