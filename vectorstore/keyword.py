"""The keyword index: BM25 of passages, what surrounds them and pairs of words, on tantivy."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Any

import tantivy

from app.errors import CollectionBusyError, CollectionDamagedError, CollectionError, StorageError
from vectorstore.base import Filter, Metadata, Scored, Value
from vectorstore.checks import rebuild
from vectorstore.tokens import pairs, tokenize, tokenize_many

# The names carry the version of our tokens: an index made of other tokens must be rebuilt, not searched.
_TEXT, _AROUND, _PAIRS = "text_2", "around_2", "pairs_2"
# What a term counts where it stands. A passage is a cut of its document, made for the embedding model, and
# names rarely all that it is about: with its neighbours it does. Two words that stand together mean more.
_SHARES = {_TEXT: 0.3, _AROUND: 0.7, _PAIRS: 0.2}
_WRITER_BYTES = 20_000_000
_MAX_QUERY_CHARACTERS = 20_000
_MAX_QUERY_TERMS = 256


class KeywordIndex:
    """Ids with the tokens of their text and the metadata that filters need; the text itself is not kept.

    Args:
        folder: where the index lives; made when it is missing, unless `read_only`.
        read_only: takes no lock; `reload()` then shows what a writer has committed since.

    Raises:
        CollectionBusyError: another process, or another object of this one, writes to the folder.
        CollectionDamagedError: the index is missing (`read_only`), broken, or made by another version.
    """

    def __init__(self, folder: Path, read_only: bool = False) -> None:
        self.folder = folder
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
        """Add, or replace what has the same id. Durable, and visible to this object, when it returns.

        Args:
            ids: n different ids.
            texts: n texts, with whatever context (title, headings) should be found.
            metadata: n mappings of what `where` may name.
            beside: for each text those that stand before and after it in its document.
        """
        writer = self._writing()
        neighbours = beside or [()] * len(texts)
        different = list(dict.fromkeys(chain(texts, *neighbours)))
        tokens = dict(zip(different, tokenize_many(different), strict=True))
        with self._errors(writer):
            for id_, text, near, values in zip(ids, texts, neighbours, metadata, strict=True):
                writer.delete_documents_by_term("id", id_)
                around = chain(*(tokens[one] for one in (text, *near)))
                writer.add_document(_document(id_, tokens[text], around, values))
            self._commit(writer)

    def delete(self, ids: Sequence[str]) -> None:
        """Remove these; ids that are not there are ignored. Durable when it returns."""
        writer = self._writing()
        with self._errors(writer):
            for id_ in ids:
                writer.delete_documents_by_term("id", id_)
            self._commit(writer)

    def search(self, text: str, k: int, where: Filter | None = None) -> list[Scored]:
        """The k best, best first; nothing when no token of the text is known.

        A score is the sum of three BM25 scores (k1 1.2, b .75) by `_SHARES`: of the passage, of the passage
        with its neighbours, and of the pairs of words in the passage.

        Any text is sound: it is cut into tokens and never parsed as a query language. Of a very long
        one, the first 20,000 characters and their 256 rarest terms are searched.
        """
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
        """What each term of the text is worth for telling chunks apart, in order of appearance.

        Its inverse document frequency ln(1 + (N - n + ½) / (n + ½)), for a term in n of N chunks
        (Robertson and Zaragoza, 2009), as often as the text has it. A term that no chunk has is worth most.
        """
        with self._errors():
            searcher = self._index.searcher()
            return {term: count * self._idf(searcher, term) for term, count in _query_terms(text).items()}

    def matched(self, text: str, chunk_text: str) -> tuple[str, ...]:
        """The terms of the query `text` that `chunk_text` contains, in the query's order."""
        present = set(tokenize(chunk_text))
        return tuple(term for term in _query_terms(text) if term in present)

    def ids(self) -> set[str]:
        """All ids that are held; for checking against the catalogue."""
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
            tantivy.Query.term_query(index.schema, _PAIRS, "", "freq")  # raises where the field is missing
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
        wanted = {_TEXT: terms, _AROUND: terms, _PAIRS: _query_pairs(text)}
        query = _any_of(
            [
                tantivy.Query.boost_query(self._term(field, term, "freq"), count * _SHARES[field])
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
        counts = _query_terms(text)
        known = {term: searcher.doc_freq(_AROUND, term) for term in counts}
        rarest = sorted((term for term in counts if known[term]), key=lambda term: known[term])
        return {term: counts[term] for term in rarest[:_MAX_QUERY_TERMS]}

    def _idf(self, searcher: tantivy.Searcher, term: str) -> float:
        # Deleted chunks count in the frequency until their segment is merged.
        containing = min(searcher.doc_freq(_TEXT, term), searcher.num_docs)
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
    for field in _SHARES:
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="freq")
    builder.add_json_field("meta", tokenizer_name="raw", index_option="basic")
    return builder.build()


def _document(id_: str, tokens: Sequence[str], around: Iterable[str], metadata: Metadata) -> tantivy.Document:
    document = tantivy.Document()
    document.add_text("id", id_)
    document.add_text(_TEXT, " ".join(tokens))
    document.add_text(_AROUND, " ".join(around))
    document.add_text(_PAIRS, " ".join(pairs(tokens)))
    document.add_json("meta", {key: _plain(value) for key, value in metadata.items()})
    return document


def _query_terms(text: str) -> Mapping[str, int]:
    return Counter(_query_tokens(text))


def _query_pairs(text: str) -> Mapping[str, int]:
    return Counter(islice(pairs(_query_tokens(text)), _MAX_QUERY_TERMS))


@lru_cache(maxsize=32)  # one question is searched, weighed and matched against its hits
def _query_tokens(text: str) -> Sequence[str]:
    return tokenize(text[:_MAX_QUERY_CHARACTERS])


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
