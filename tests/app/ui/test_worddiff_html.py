"""Differences as HTML."""

from __future__ import annotations

from app.ui.texts import Texts
from app.ui.worddiff_html import diff_html


def test_what_came_and_went_is_marked_by_more_than_colour():
    shown = diff_html("It has 25 days", "It has 30 days", Texts("en"))
    assert '<del><span class="d-unseen">removed: </span>25</del>' in shown
    assert '<ins><span class="d-unseen">added: </span>30</ins>' in shown


def test_hostile_text_stays_text():
    shown = diff_html("<script>alert(1)</script>", '<img src=x onerror="alert(1)">', Texts("ko"))
    assert "<script" not in shown and "<img" not in shown
    assert "&lt;" in shown
