"""A new table: what to look for, where, by whom; what it will take; and the button that starts it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from app.errors import DocentError, NotFoundError
from app.ui import filter_box, shell
from app.ui.options.labels import model_label, without_model
from app.ui.tables.wording import estimate_text

if TYPE_CHECKING:
    from app.answers.schemas import Schema
    from app.tables.estimate import Estimate
    from app.tables.extraction import Extraction
    from app.ui.texts import Texts


def show(say: Texts) -> None:
    """Draw it; where there are no documents, how to get some."""
    runtime = shell.runtime()
    names = [name for name in runtime.collections() if _documents(name)]
    if not names:
        shell.note(f"<b>{say.html('tables.no_documents_title')}</b> {say.html('tables.no_documents')}")
        if st.button(say("nav.documents"), key="tables-documents", icon=":material/folder_open:"):
            shell.go("documents")
        return
    with st.container(key="new-table", border=True):
        st.html(f"<h2>{say.html('tables.new')}</h2>")
        extraction = _chosen(names, say)
        if extraction is not None:
            _ahead(extraction, say)


def _documents(name: str) -> int:
    try:
        return shell.runtime().collection(name).counts()[0]
    except DocentError:
        return 0


def _chosen(names: list[str], say: Texts) -> Extraction | None:
    runtime = shell.runtime()
    schemas = {one.name: one for one in runtime.schemas.all()}
    left, right = st.columns(2)
    with left:
        schema = st.selectbox(
            say("tables.schema"),
            list(schemas),
            list(schemas).index("invoice") if "invoice" in schemas else 0,
            format_func=lambda name: schemas[name].title(say.language),
            key="tables-schema",
        )
    with right:
        default = runtime.settings.collection
        collection = st.selectbox(
            say("tables.collection"),
            names,
            names.index(default) if default in names else 0,
            key="tables-collection",
        )
    if schema is None or collection is None:
        return None
    st.html(f'<p class="d-subtle">{_about(schemas[schema], say)}</p>')
    chosen = filter_box.choose((), collection, "tables-where", say)
    model, keep = _model(say)
    try:
        where = filter_box.where(chosen, collection)
        return runtime.extraction(schema, collection, where=where, model=model, keep_unsupported=keep)
    except DocentError as error:
        shell.error_card(error)
        return None


def _about(schema: Schema, say: Texts) -> str:
    rows = say.html("tables.per_record" if schema.many else "tables.per_document")
    return f"{escape(schema.about(say.language))} {rows}"


def _model(say: Texts) -> tuple[str, bool]:
    """Who fills it, and whether what stands nowhere is kept; asked only where there is a model."""
    models = [name for name in shell.runtime().models() if not without_model(name)]
    if not models:
        return "none", False
    model = st.selectbox(
        say("tables.filler"),
        [*models, "none"],
        format_func=lambda name: say("tables.by_rules") if name == "none" else model_label(name, say),
        key="tables-model",
    )
    keep = model != "none" and st.toggle(
        say("tables.keep_unsupported"), help=say("tables.keep_unsupported_help"), key="tables-keep"
    )
    return model or "none", bool(keep)


def _ahead(extraction: Extraction, say: Texts) -> None:
    """The estimate, and the button; a table that is there already is opened or brought up to date."""
    try:
        ahead = _estimated(extraction, say)
    except DocentError as error:
        shell.error_card(error)
        return
    told = escape(estimate_text(ahead, extraction.model, say))
    st.html(f'<p class="d-ahead" role="status">{told}</p>')
    there = extraction.name in extraction.tables.names()
    label = say("tables.update" if there else "tables.start")
    with st.container(horizontal=True):
        if st.button(
            label, type="primary", key="tables-start", disabled=not ahead.documents and not ahead.removed
        ):
            shell.extractions().start(extraction)
            shell.go("tables", table=extraction.name)
        if there and st.button(say("tables.open"), key="tables-open"):
            shell.go("tables", table=extraction.name)


def _estimated(extraction: Extraction, say: Texts) -> Estimate:
    """Made once for what is chosen, as long as neither the documents nor the table change."""
    name = extraction.name
    state = extraction.tables.version(name)
    key = (name, extraction.source.identity, extraction.collection.generation, state)
    known: tuple[object, Estimate] | None = st.session_state.get("tables-ahead")
    if known is not None and known[0] == key:
        return known[1]
    with st.spinner(say("tables.estimating")):
        ahead = extraction.estimate()
    st.session_state["tables-ahead"] = (key, ahead)
    return ahead


def again(name: str) -> Extraction:
    """What brings a table up to date: as it was made.

    Raises:
        NotFoundError: there is no such table, or its collection is gone.
        UsageError: its schema is gone.
    """
    runtime = shell.runtime()
    with runtime.tables.open(name) as table:
        plan, notes = table.plan, table.notes()
    filler = notes.get("filler", "")
    model = "none" if filler in ("rules", "") else filler
    keep = bool(notes.get("keep_unsupported"))
    found = runtime.extraction(
        plan.schema, plan.collection, where=plan.where, model=model, keep_unsupported=keep
    )
    if found.name != name:
        raise NotFoundError(f"The table {name!r} was made of another schema.", table=name)
    return found
