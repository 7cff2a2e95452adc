"""The search page: what a query finds, and why, without asking a language model."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import streamlit as st

from app.errors import DocentError, NotFoundError
from app.ui import filter_box, hit_cards, shell
from app.ui.turns import notice_html

if TYPE_CHECKING:
    from app.chat.retrieve import Found, Searcher
    from app.schemas import Hit
    from app.ui.texts import Texts
    from vectorstore.base import Filter

MOST_HITS = 100
NEIGHBOURS = 5

# Parts of the search -> the weight of the vectors; None leaves it to the search itself.
PARTS: dict[str, float | None] = {"both": None, "dense": 1.0, "words": 0.0}


def show() -> None:
    """Draw the page."""
    say = shell.texts()
    st.html(f'<h1 class="d-title">{say.html("search.title")}</h1>')
    query = _ask(say)
    collection, parts, k, where = _options(say)
    try:
        searcher = shell.runtime().searcher(collection)
    except NotFoundError:
        shell.note(say("documents.empty"))
        return
    if not query.strip():
        shell.note(say("search.hint"))
        return
    try:
        with st.spinner(say("search.working")):
            found = searcher.find(query, k, where, dense_weight=PARTS[parts])
    except DocentError as error:
        shell.error_card(error)
        return
    _results(found, searcher, say)


def _ask(say: Texts) -> str:
    query = st.text_input(
        say("search.title"),
        st.query_params.get("q", ""),
        placeholder=say("search.placeholder"),
        label_visibility="collapsed",
        key="search-query",
    )
    if query:
        st.query_params["q"] = query
    elif "q" in st.query_params:
        del st.query_params["q"]
    return query


def _options(say: Texts) -> tuple[str, str, int, Filter]:
    default = shell.runtime().settings.collection
    asked = st.query_params.get("collection", default)
    names = sorted({*shell.runtime().collections(), default})
    with st.container(key="search-options", horizontal=True, vertical_alignment="center", gap="small"):
        parts = st.segmented_control(
            say("search.parts"),
            list(PARTS),
            default="both",
            format_func=lambda name: say(f"search.parts_{name}"),
            label_visibility="collapsed",
            required=True,
            key="search-parts",
        )
        with st.popover(say("search.filters"), icon=":material/filter_alt:"):
            named = st.session_state.get("search-collection") or asked
            given = _filters(say)
            picked = filter_box.choose((), named, "search-fields", say)
            where: Filter = {**filter_box.where(picked, named), **given}
        with st.popover(say("search.options"), icon=":material/tune:"):
            chosen = st.selectbox(
                say("documents.collection"),
                names,
                names.index(asked) if asked in names else 0,
                key="search-collection",
            )
            k = st.number_input(say("search.k"), 1, MOST_HITS, 10, key="search-k")
    return chosen or default, parts or "both", int(k), where


def _filters(say: Texts) -> dict[str, str]:
    """What the panel asks for; an empty field filters nothing."""
    from app.chat.retrieve.query import TYPES

    given: dict[str, object] = {
        "source": st.text_input(
            say("search.source"), placeholder="handbook.pdf, *2025*", key="search-source"
        ),
        "folder": st.text_input(say("search.folder"), placeholder="hr/policies", key="search-folder"),
        "type": st.selectbox(
            say("search.type"), TYPES, None, placeholder=say("search.any"), key="search-type"
        ),
        "page": st.text_input(say("search.page"), placeholder="3, 5-9", key="search-page"),
        "after": st.date_input(say("search.after"), None, min_value=date(1980, 1, 1), key="search-after"),
        "before": st.date_input(say("search.before"), None, min_value=date(1980, 1, 1), key="search-before"),
    }
    return {name: str(value).strip() for name, value in given.items() if value and str(value).strip()}


def _results(found: Found, searcher: Searcher, say: Texts) -> None:
    for notice in found.notices:
        st.html(notice_html(notice, say))
    if not found.hits:
        shell.note(_nothing(found, say))
        return
    st.html(hit_cards.facts(found, say))
    for hit in found.hits:
        _hit(hit, found, searcher, say)


def _nothing(found: Found, say: Texts) -> str:
    if not any(map(str.isalnum, found.text)):
        return say.html("search.no_words")
    if found.where:
        return say.html("search.nothing_with", filters=hit_cards.filters(found))
    return say.html("search.nothing")


def _hit(hit: Hit, found: Found, searcher: Searcher, say: Texts) -> None:
    with st.container(key=f"hit-{hit.chunk.id}", gap=None):
        st.html(hit_cards.card(hit, found.dense_weight, say))
        wanted = st.toggle(say("search.similar"), key=f"similar-{hit.chunk.id}")
        if wanted:
            _similar(hit, searcher, say)


def _similar(hit: Hit, searcher: Searcher, say: Texts) -> None:
    try:
        near = searcher.similar(hit.chunk.id, NEIGHBOURS)
    except DocentError as error:
        shell.error_card(error)
        return
    cards = "".join(hit_cards.similar_card(one, say) for one in near)
    st.html(f'<div class="d-similar">{cards or say.html("search.nothing")}</div>')
