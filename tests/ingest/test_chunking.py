"""Passages: within the limit, along the structure, with nothing lost."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from doubles import WordModel

from app.config import Settings
from ingest.chunking import Passage, chunk, passage_tokens
from ingest.loaders import Block, SourceDocument
from vectorstore.embeddings import EmbeddingModel, load_embedding_model


@pytest.fixture(scope="session")
def minilm() -> EmbeddingModel:
    return load_embedding_model(Settings())


def passages(blocks: Sequence[Block], limit: int = 64, title: str = "") -> list[Passage]:
    return chunk(SourceDocument(title, blocks), WordModel(max_tokens=1000), limit)


def words(count: int, name: str = "word") -> str:
    return " ".join(f"{name}{number}" for number in range(count)).capitalize() + "."


def test_a_short_document_is_one_passage_with_its_context() -> None:
    blocks = [
        Block("Leave", "heading", 1),
        Block("Sick leave", "heading", 2),
        Block("Tell your manager.", page=3),
        Block("Then rest.", page=3),
    ]
    (passage,) = passages(blocks, title="Handbook")
    assert passage == Passage(
        "Tell your manager.\n\nThen rest.", 3, ("Leave", "Sick leave"), "Handbook\nLeave > Sick leave"
    )
    assert passage.embedding_text == "Handbook\nLeave > Sick leave\n\nTell your manager.\n\nThen rest."


def test_a_context_does_not_say_twice_what_the_title_says() -> None:
    (passage,) = passages([Block("Handbook", "heading", 1), Block("Text.")], title="Staff handbook")
    assert (passage.context, passage.headings) == ("Staff handbook", ("Handbook",))


def test_sections_are_kept_apart_and_small_ones_joined_under_what_they_share() -> None:
    blocks = [
        Block("Leave", "heading", 1),
        Block("Annual", "heading", 2),
        Block(words(58)),
        Block("Sick", "heading", 2),
        Block("Call in."),
        Block("Parental", "heading", 2),
        Block("Ask early."),
    ]
    first, second = passages(blocks)
    assert first.headings == ("Leave", "Annual")
    assert second.headings == ("Leave",)
    assert second.text == "Sick\nCall in.\n\nParental\nAsk early."


def test_passages_end_with_sentences_and_are_of_even_size() -> None:
    text = " ".join(words(9, name) for name in "abcdefghij")
    found = passages([Block(text)])
    assert " ".join(passage.text for passage in found) == text
    assert all(passage.text.endswith(".") for passage in found)
    sizes = [len(passage.text.split()) for passage in found]
    assert max(sizes) - min(sizes) <= 9


def test_what_a_model_can_only_spell_gets_longer_passages(minilm: EmbeddingModel) -> None:
    korean = SourceDocument("", [Block("제1조 연차 휴가는 입사일을 기준으로 계산한다. " * 9)])
    english = SourceDocument("", [Block("Leave is counted from the first day. " * 9)])
    assert passage_tokens(korean, minilm, 128) == 128
    assert passage_tokens(english, minilm, 128) == 96
    assert passage_tokens(english, minilm, 4000) == 192


def test_a_page_that_fills_half_a_passage_ends_one() -> None:
    blocks = [Block(words(40), page=1), Block(words(30), page=2), Block("Over.", page=3)]
    assert [(one.page, one.page_end, one.text[-5:]) for one in passages(blocks)] == [
        (1, None, "rd39."),
        (2, 3, "Over."),
    ]


def test_a_few_lines_at_the_end_of_a_page_go_with_what_follows() -> None:
    (passage,) = passages([Block(words(8), page=1), Block(words(30), page=2)])
    ((turn, page),) = passage.page_turns
    assert (passage.page, passage.page_end, page) == (1, 2, 2)
    assert passage.text[turn:] == words(30)


def test_every_part_of_a_passage_knows_its_page() -> None:
    pages = [f"Page {number} has {words(5)}" for number in range(1, 30)]
    blocks = [Block("Rules", "heading", 1, page=1), *(Block(text, page=n) for n, text in enumerate(pages, 1))]
    for passage in passages(blocks):
        starts = [(0, passage.page), *passage.page_turns]
        assert [passage.text[at:].startswith(f"Page {page} ") for at, page in starts] == [True] * len(starts)
        assert passage.text.count("Page ") == len(starts)


def test_a_sentence_that_runs_over_the_end_of_a_page_is_whole() -> None:
    blocks = [Block("Leave is granted to all", page=1), Block("employees. Ask early.", page=2)]
    (passage,) = passages(blocks)
    assert passage.text == "Leave is granted to all employees. Ask early."
    apart = passages([Block("Leave is granted.", page=1), Block("employees may ask.", page=2)])
    assert apart[0].text == "Leave is granted.\n\nemployees may ask."


def test_what_announces_the_next_lines_goes_with_them() -> None:
    first, second = passages([Block(words(50)), Block("As follows:"), Block(words(30))])
    assert (first.text.endswith("."), second.text.startswith("As follows:\n\n")) == (True, True)


def test_a_long_table_repeats_its_header() -> None:
    rows = "\n".join(f"| city{number} | {number} |" for number in range(40))
    found = passages([Block(f"| City | Rate |\n| --- | --- |\n{rows}", "table")])
    assert len(found) > 3
    assert all(passage.text.startswith("| City | Rate |\n| --- | --- |\n| city") for passage in found)
    assert [line for p in found for line in p.text.split("\n")[2:]] == rows.split("\n")


@pytest.mark.parametrize("before", range(40, 64))
def test_the_head_of_a_table_is_never_cut_from_its_rule(before: int) -> None:
    rows = "\n".join(f"| city{number} | {number} |" for number in range(9))
    table = Block(f"| City | Rate |\n| --- | --- |\n{rows}", "table")
    for passage in passages([Block(words(before)), table]):
        lines = passage.text.split("\n")
        at = [number for number, line in enumerate(lines) if line.startswith("|")]
        assert not at or lines[at[0] : at[0] + 2] == ["| City | Rate |", "| --- | --- |"]
        assert not at or lines[at[0] + 2].startswith("| city")


def test_a_heading_without_text_is_not_lost() -> None:
    (passage,) = passages([Block("Only", "heading", 1), Block("headings", "heading", 1)])
    assert passage.text == "Only\n\nheadings"


def test_nothing_gives_nothing() -> None:
    assert passages([]) == [] and passages([Block("  \n ")]) == []


def random_blocks(rng: random.Random, pieces: Sequence[str]) -> list[Block]:
    blocks = []
    for _ in range(rng.randrange(1, 30)):
        kind = rng.choice(["text", "text", "text", "heading", "list", "table", "code"])
        text = "".join(rng.choices(pieces, k=rng.choice([3, 30, 300])))
        if kind == "table":
            text = "| a | b |\n| --- | --- |\n" + "\n".join(f"| {text[:20]} | {n} |" for n in range(30))
        blocks.append(Block(text, kind, rng.randrange(1, 7) if kind == "heading" else 0, rng.randrange(1, 4)))
    return blocks


PIECES = {
    "korean": [
        "연차 휴가는 ",
        "신청하고 ",
        "15일이다. ",
        "가나다라마바사",
        "\n",
        "「근로기준법」 제60조 ",
        "요? ",
    ],
    "english": [
        "Staff ",
        "have leave. ",
        "antidisestablishmentarianism",
        ", ",
        "\n",
        "(see No. 5) ",
        "https://x.y/z?q=",
    ],
    "hostile": ["😀", "a", "\u200b", " ", "!!!", "漢字", "\t", "ﷺ", "-" * 50, "é"],
}


@pytest.mark.parametrize("name", PIECES)
def test_no_passage_is_ever_cut_by_the_model(name: str, minilm: EmbeddingModel) -> None:
    rng = random.Random(name)
    for limit in (40, 128, 256, 8192):
        document = SourceDocument("연차 휴가 규정 " * rng.randrange(12), random_blocks(rng, PIECES[name]))
        found = chunk(document, minilm, limit)
        counts = minilm.count_tokens([passage.embedding_text for passage in found])
        assert max(counts) <= min(limit, minilm.max_tokens)
        kept = "".join(passage.text for passage in found)
        for block in document.blocks:
            if block.kind in ("text", "list", "code"):
                assert all(word in "".join(kept.split()) for word in block.text.split() if len(word) < 5)


def test_korean_is_packed_full_too(minilm: EmbeddingModel) -> None:
    text = "연차 휴가는 근속 기간에 따라 늘어나며, 사용하지 않은 휴가는 수당으로 지급한다. " * 40
    counts = minilm.count_tokens(
        [p.embedding_text for p in chunk(SourceDocument("휴가", [Block(text)]), minilm, 256)]
    )
    assert min(counts) > 128 and max(counts) <= 256
