"""Passages that follow a document's structure and never exceed what the embedding model reads.

A document falls into sections (headings) and pages, these into paragraphs, sentences, table rows and lines.
The pieces are counted once by the model's own tokenizer and packed into passages of even size: whole
sections where they fit, cut at paragraphs rather than sentences, and never inside a sentence unless that
alone is too long. Small neighbours are joined, so that no scrap of a heading and a line stands alone.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from ingest.chunking.counting import Contexts, Counter
from ingest.chunking.packing import join_small, pack, within_limit
from ingest.chunking.passage import Passage, TokenCounter, embedding_text, page_label
from ingest.chunking.sections import sections, under_headings
from ingest.loaders.base import SourceDocument

__all__ = ["Passage", "TokenCounter", "chunk", "embedding_text", "passage_tokens"]

# Share of the budget that title and headings may take.
_PREFIX_SHARE = 0.25
# How many characters tell whether a model reads a text or spells it.
_SAMPLE_CHARACTERS = 2000


def chunk(document: SourceDocument, model: TokenCounter, max_tokens: int) -> list[Passage]:
    """Cut a document into passages.

    Args:
        max_tokens: wanted limit of a passage with its context and special tokens; the model's own holds too.

    Returns:
        Passages in reading order; `count_tokens([passage.embedding_text])` is at most the limit for each.
    """
    counter = Counter(model)
    limit = min(max_tokens, model.max_tokens)
    contexts = Contexts(document, counter, int((limit - counter.overhead) * _PREFIX_SHARE))
    budget = limit - counter.overhead
    placed = list(under_headings(document.blocks))
    longest = max((contexts.tokens(path) for path in {path for path, _ in placed}), default=0)
    pieces = [
        piece
        for section in sections(placed, counter, max(8, budget - longest))
        for piece in pack(section, budget - contexts.tokens(section.headings))
    ]
    joined = list(join_small(pieces, contexts, budget))
    doubtful = [piece.tokens + piece.joints + contexts.tokens(piece.headings) > budget for piece in joined]
    passages = [piece.passage(contexts) for piece in joined]
    made = list(within_limit(passages, doubtful, counter, limit))
    labels = document.page_labels
    if not labels:
        return made
    return [replace(one, page_label=page_label(labels, one.page, one.page_end)) for one in made]


def passage_tokens(document: SourceDocument, model: TokenCounter, longest: int) -> int:
    """How long a document's passages are to be, up to `longest` tokens and what the model reads.

    A text that the model reads in words is found best in passages of three quarters of that. One that it
    spells out, in more tokens than characters, has less than a few sentences even in the longest.
    """
    sample = "\n".join(islice((block.text for block in document.blocks), 50))[:_SAMPLE_CHARACTERS]
    limit = min(longest, model.max_tokens)
    return limit if Counter(model)([sample])[0] > len(sample) else limit * 3 // 4
