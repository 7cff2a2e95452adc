"""The embedded keyword index: BM25 of passages, what surrounds them and pairs of words, on tantivy."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import tantivy

from app.errors import CollectionBusyError, CollectionDamagedError, CollectionError, StorageError
from vectorstore.base import Filter, Metadata, Place, Scored, Value
from vectorstore.checks import rebuild
from vectorstore.keywords.fields import (
    AROUND,
    MAX_QUERY_TERMS,
    PAIRS,
    SHARES,
    TEXT,
    VERSION,
    fields_of,
    query_pairs,
    query_terms,
)

# The names carry the version of the tokens.
_NAMES = {field: f"{field}_{VERSION}" for field in SHARES}
FOLDER = "keyword"
_WRITER_BYTES = 20_000_000


class TantivyIndex:
    """A `KeywordIndex` in a folder.

    Args:
        place: the index is a folder in its folder; made when it is missing, unless `read_only`.
        read_only: takes no lock; `reload()` then shows what a writer has committed since.

    Raises:
        CollectionBusyError: another process, or another object of this one, writes to the folder.
        CollectionDamagedError: the index is missing (`read_only`), broken, or made by another version.
    """

    @staticmethod
    def many_writers(place: Place) -> bool:
        return False

    @staticmethod
    def exists(place: Place) -> bool:
        return (place.folder / FOLDER).is_dir()

    @staticmethod
    def drop(place: Place) -> None:
        shutil.rmtree(place.folder / FOLDER, ignore_errors=True)

    def __init__(self, place: Place, read_only: bool = False) -> None:
        self.folder = place.folder / FOLDER
        with self._errors():
            self._index = self._open(read_only)
            self._index.config_reader(reload_policy="manual")
            self._index.reload()
            self._writer = None if read_only else self._index.writer(_WRITER_BYTES, num_threads=1)
            self._schema = self._index.schema

    def upsert(
        self,
        ids: Sequence[str],
        texts: Sequence[str],
        metadata: Sequence[Metadata],
        beside: Sequence[Sequence[str]] | None = None,
    ) -> None:
        writer = self._writing()
        cut = list(fields_of(texts, beside))
        with self._errors(writer):
            for id_, fields, values in zip(ids, cut, metadata, strict=True):
                writer.delete_documents_by_term("id", id_)
                writer.add_document(_document(id_, fields, values))
            self._commit(writer)

    def delete(self, ids: Sequence[str]) -> None:
        writer = self._writing()
        with self._errors(writer):
            for id_ in ids:
                writer.delete_documents_by_term("id", id_)
            self._commit(writer)

    def search(self, text: str, k: int, where: Filter | None = None) -> list[Scored]:
        with self._errors():
            searcher = self._index.searcher()
            limit = min(k, searcher.num_docs)
            query = self._query(searcher, text, where)
            if limit < 1 or query is None:
                return []
            hits = searcher.search(query, limit, count=False).hits
            found = [Scored(searcher.doc(address)["id"][0], float(score)) for score, address in hits]
        return sorted(found, key=lambda hit: (-hit.score, hit.id))

    def weights(self, text: str) -> dict[str, float]:
        with self._errors():
            searcher = self._index.searcher()
            return {term: count * self._idf(searcher, term) for term, count in query_terms(text).items()}

    def ids(self) -> set[str]:
        with self._errors():
            searcher = self._index.searcher()
            hits = searcher.search(tantivy.Query.all_query(), max(1, searcher.num_docs), count=False).hits
            return {searcher.doc(address)["id"][0] for _, address in hits}

    def count(self) -> int:
        return int(self._index.searcher().num_docs)

    def reload(self) -> None:
        """Show what has been committed since this object was opened or last reloaded."""
        with self._errors():
            self._index.reload()

    def close(self) -> None:
        """Release the writer's lock and threads. May be called twice."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.wait_merging_threads()

    def _open(self, read_only: bool) -> tantivy.Index:
        if read_only or self._exists():
            index = tantivy.Index.open(str(self.folder))
            tantivy.Query.term_query(
                index.schema, _NAMES[PAIRS], "", "freq"
            )  # raises where the field is missing
            return index
        self.folder.mkdir(parents=True, exist_ok=True)
        return tantivy.Index(_schema(), path=str(self.folder))

    def _exists(self) -> bool:
        return self.folder.is_dir() and any(self.folder.iterdir())

    def _writing(self) -> tantivy.IndexWriter:
        if self._writer is None:
            raise CollectionError(f"The keyword index {str(self.folder)!r} is not open for writing.")
        return self._writer

    def _commit(self, writer: tantivy.IndexWriter) -> None:
        writer.commit()
        self._index.reload()

    def _query(self, searcher: tantivy.Searcher, text: str, where: Filter | None) -> tantivy.Query | None:
        terms = self._known_terms(searcher, text)
        if not terms:
            return None
        wanted = {TEXT: terms, AROUND: terms, PAIRS: query_pairs(text)}
        query = _any_of(
            [
                tantivy.Query.boost_query(self._term(_NAMES[field], term, "freq"), count * SHARES[field])
                for field, counts in wanted.items()
                for term, count in counts.items()
            ]
        )
        filters = [self._matches(key, wanted) for key, wanted in (where or {}).items()]
        if not filters:
            return query
        silent = [tantivy.Query.const_score_query(one, 0.0) for one in filters]
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, one) for one in (query, *silent)])

    def _known_terms(self, searcher: tantivy.Searcher, text: str) -> dict[str, int]:
        counts = query_terms(text)
        known = {term: searcher.doc_freq(_NAMES[AROUND], term) for term in counts}
        rarest = sorted((term for term in counts if known[term]), key=lambda term: known[term])
        return {term: counts[term] for term in rarest[:MAX_QUERY_TERMS]}

    def _idf(self, searcher: tantivy.Searcher, term: str) -> float:
        # Deleted chunks count in the frequency until their segment is merged.
        containing = min(searcher.doc_freq(_NAMES[TEXT], term), searcher.num_docs)
        return math.log1p((searcher.num_docs - containing + 0.5) / (containing + 0.5))

    def _matches(self, key: str, wanted: Value | Sequence[Value]) -> tantivy.Query:
        several = isinstance(wanted, Sequence) and not isinstance(wanted, str)
        values: Sequence[Any] = wanted if several else [wanted]  # type: ignore[assignment]
        if key == "id":
            return tantivy.Query.term_set_query(self._schema, "id", list(values))
        path = "meta." + key.replace("\\", "\\\\").replace(".", "\\.")
        return _any_of([self._term(path, _plain(value), "basic") for value in values])

    def _term(self, field: str, value: Value, option: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, value, option)

    @contextmanager
    def _errors(self, writer: tantivy.IndexWriter | None = None) -> Iterator[None]:
        """tantivy raises ValueError for everything; say what it means and what to do."""
        try:
            yield
        except (ValueError, OSError) as error:
            if writer is not None:
                _rollback(writer)
            raise self._explained(error) from error

    def _explained(self, error: Exception) -> CollectionError | StorageError:
        folder, said = str(self.folder), str(error)
        if "LockBusy" in said:
            return CollectionBusyError(
                f"Another process is writing to the keyword index {folder!r}. Try again when it is done."
            )
        if "StorageFull" in said or "PermissionDenied" in said or isinstance(error, OSError):
            return StorageError(f"The keyword index {folder!r} cannot be written or read: {said}")
        return CollectionDamagedError(
            f"The keyword index {folder!r} cannot be read: {said} Mend it with: {rebuild(self.folder)}"
        )


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for field in _NAMES.values():
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="freq")
    builder.add_json_field("meta", tokenizer_name="raw", index_option="basic")
    return builder.build()


def _document(id_: str, fields: Mapping[str, Sequence[str]], metadata: Metadata) -> tantivy.Document:
    document = tantivy.Document()
    document.add_text("id", id_)
    for field, tokens in fields.items():
        document.add_text(_NAMES[field], " ".join(tokens))
    document.add_json("meta", {key: _plain(value) for key, value in metadata.items()})
    return document


def _any_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    if not queries:
        return tantivy.Query.empty_query()
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])


def _plain(value: Value) -> Value:
    """3.0 and 3 are the same page to everyone but a typed index."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _rollback(writer: tantivy.IndexWriter) -> None:
    with suppress(
        ValueError
    ):  # the writer is dead already; the last commit stands, the first error tells why
        writer.rollback()
