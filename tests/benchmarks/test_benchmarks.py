"""What the benchmarks compute by themselves: stock rankings, spans of chunks, tables."""

import pytest

pytest.importorskip("ir_measures")

from benchmarks.scores import measure, table
from benchmarks.spans import figures, place
from benchmarks.stock import Okapi, reciprocal_ranks


def test_okapi_ranks_rare_words_above_common_ones() -> None:
    index = Okapi(["annual leave policy", "travel policy", "parking policy", "annual report", "tea"])

    assert index.search("annual leave", 2) == [0, 3]
    assert index.search("parking", 1) == [2]


def test_reciprocal_ranks_prefer_what_both_rankings_have() -> None:
    assert reciprocal_ranks([[1, 2], [3, 2]])[0] == 2


def test_spans_are_scored_by_what_they_share() -> None:
    recall, precision, iou = figures([("a", 0, 10), ("b", 0, 10)], [("a", 5, 15)])

    assert (recall, precision) == (0.5, 0.25)
    assert iou == pytest.approx(5 / 25)


def test_chunks_are_placed_in_the_text_although_their_mark_up_is_gone() -> None:
    text = "# Leave\n\nTake **ten** days. Ask [us](mail).\n\nTravel is paid."

    assert [text[start:end] for start, end in place(["Take ten days. Ask us.", "Travel is paid."], text)] == [
        "Take **ten** days. Ask [us",
        "Travel is paid",
    ]


def test_a_ranking_is_measured_once_for_each_result() -> None:
    row = measure(lambda _: ["x", "x", "b"], {"1": "q"}, {"1": {"b": 1}})

    assert (row["hit@1"], row["hit@5"], row["MRR@10"]) == (0, 1, 0.5)
    assert "0.500" in table({"one": row}, {})
