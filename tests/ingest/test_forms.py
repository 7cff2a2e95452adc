"""Forms and invoices: entries on lines of their own, amounts that are no headings, cuts between lines."""

from __future__ import annotations

import pytest

from ingest.chunking import chunk
from ingest.loaders import read
from ingest.loaders.base import Block, SourceDocument
from ingest.loaders.pdf.entries import has_value, is_entry

typst = pytest.importorskip("typst")

FORM = """
#set text(size: 10pt)
= INVOICE
Invoice No.: 1042 \\ Date: 2 March 2024 \\ Buyer: Green GmbH

This is a paragraph of prose that is long enough to run over the end of its line, so that the reader
joins both of its lines with a blank.

Subtotal: 90.00 \\ *Total due: 99.00*
"""


class Letters:
    """Counts a token for each word."""

    max_tokens = 40

    def count_tokens(self, texts: list[str]) -> list[int]:
        return [len(text.split()) + 2 for text in texts]


@pytest.fixture(scope="module")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> list[Block]:
    path = tmp_path_factory.mktemp("forms") / "invoice.pdf"
    typst.compile(FORM.encode(), output=str(path))
    return [block for document in read(path) for block in document.blocks]


def test_entries_of_a_form_keep_their_lines(blocks: list[Block]):
    texts = [block.text for block in blocks]
    assert "Invoice No.: 1042\nDate: 2 March 2024\nBuyer: Green GmbH" in texts


def test_prose_runs_on(blocks: list[Block]):
    assert any("so that the reader joins both" in block.text for block in blocks)


def test_a_bold_amount_is_no_heading(blocks: list[Block]):
    assert [block.text for block in blocks if block.kind == "heading"] == ["INVOICE"]
    assert any("Total due: 99.00" in block.text for block in blocks if block.kind == "text")


@pytest.mark.parametrize(
    ("text", "entry", "value"),
    [
        ("Invoice No.: INV-1", True, True),
        ("사업자등록번호: 123-45-67890", True, True),
        ("Total £168.00", False, True),
        ("합계 1,234,000원", False, True),
        ("Chapter 3: What is new", False, False),
        ("Leave is granted in days", False, False),
        ("Note that the following is long and has a colon: see below", False, False),
    ],
)
def test_what_is_an_entry(text: str, entry: bool, value: bool):
    assert (is_entry(text), has_value(text)) == (entry, value)


def test_a_long_form_is_cut_at_the_ends_of_its_lines():
    lines = [f"Item {number}   {number}   {number}.50   {number}.00" for number in range(40)]
    document = SourceDocument("", [Block("\n".join(lines))])
    found = [line for passage in chunk(document, Letters(), 40) for line in passage.text.split("\n")]
    assert found == lines
