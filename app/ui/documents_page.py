"""The documents page: what a collection holds, adding to it and removing from it."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.config import COLLECTION_NAME
from app.errors import NotFoundError, UsageError
from app.schemas import FileStatus, Origin
from app.ui import health_box, shell, upload_box, uploads, web_box
from app.ui.links import is_address, linked
from ingest.changes import day_of, has_changed

if TYPE_CHECKING:
    from app.schemas import FileInfo
    from app.ui.texts import Texts

ROWS_A_PAGE = 25


def show() -> None:
    """Draw the page."""
    say = shell.texts()
    st.html(f'<h1 class="d-title">{say.html("documents.title")}</h1>')
    collection = _choose_collection(say)
    files = _files(collection)
    _totals(files, say)
    upload_box.show(collection)
    web_box.show(collection)
    if not files:
        shell.note(say("documents.empty"))
    elif health_box.is_chosen(say):
        health_box.show(collection, say)
    else:
        _fit(collection, say)
        _failures(files, collection, say)
        _table(files, collection, say)


def _choose_collection(say: Texts) -> str:
    default = shell.runtime().settings.collection
    asked = st.query_params.get("collection", default)
    names = sorted({*shell.runtime().collections(), default, asked})
    chosen = st.selectbox(
        say("documents.collection"),
        names,
        index=names.index(asked),
        accept_new_options=True,
        help=say("documents.collection_help"),
        key="documents-collection",
    )
    name = checked_name(chosen or default)
    st.query_params["collection"] = name
    return name


def checked_name(name: str) -> str:
    """The name of a collection, without blanks around it.

    Raises:
        UsageError: no folder can have this name everywhere.
    """
    trimmed = name.strip()
    if not re.fullmatch(COLLECTION_NAME, trimmed):
        raise UsageError(
            f"Collection {name!r} is not a name that every system can store. "
            "Use letters, digits, '.', '-' and '_'."
        )
    return trimmed


def _files(collection: str) -> list[FileInfo]:
    try:
        return shell.runtime().collection(collection).files()
    except NotFoundError:
        return []


def _fit(collection: str, say: Texts) -> None:
    """Say what the embedding model cannot read, and what would."""
    from ingest.fit import MULTILINGUAL, WORTH_SAYING

    held = shell.runtime().collection(collection)
    if held.unread is None or held.unread < WORTH_SAYING:
        return
    model = (held.embedding or {}).get("model", "")
    told = {"model": model, "percent": f"{held.unread:.0%}", "better": MULTILINGUAL, "collection": collection}
    shell.note(say.html("documents.unread", **told))


def _totals(files: list[FileInfo], say: Texts) -> None:
    counts = {
        "files": len(files),
        "documents": sum(file.documents for file in files),
        "pages": sum(file.pages or 0 for file in files),
        "chunks": sum(file.chunks for file in files),
    }
    shown = {name: count for name, count in counts.items() if count or name == "files"}
    parts = (
        f"<span><b>{count:,}</b> {escape(say(f'documents.{name}'))}</span>" for name, count in shown.items()
    )
    st.html(f'<div class="d-totals">{"".join(parts)}</div>')


def _failures(files: list[FileInfo], collection: str, say: Texts) -> None:
    """How many files failed, and a button to try them all again."""
    failed = [file for file in files if _may_retry(file)]
    if not failed:
        return
    with st.container(key="failures", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f'<div class="d-note">{escape(say.plural("documents.failed", len(failed)))}</div>')
        label = say("documents.retry_all")
        if st.button(label, key="retry-all", icon=":material/refresh:", type="tertiary"):
            shell.indexing().retry(collection)
            st.rerun()


def _may_retry(file: FileInfo) -> bool:
    """A page of the web is asked for again by its address."""
    return file.status is FileStatus.FAILED and not is_address(file.source)


def _table(files: list[FileInfo], collection: str, say: Texts) -> None:
    wanted = sorted(files, key=lambda file: file.status is not FileStatus.FAILED)  # what needs a hand first
    if len(files) > ROWS_A_PAGE:
        words = st.text_input(
            say("documents.filter"),
            placeholder=say("documents.filter"),
            label_visibility="collapsed",
            key="documents-filter",
        )
        wanted = [file for file in wanted if words.casefold() in file.source.casefold()]
    pages = max(1, -(-len(wanted) // ROWS_A_PAGE))
    if not wanted:
        shell.note(say.html("documents.none_match"))
        return
    st.html(_head(say))
    rows = st.container(gap=None)
    page = st.pagination(pages, key="documents-page") if pages > 1 else 1
    with rows:
        for file in wanted[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE]:
            _row(file, collection, say)


def _head(say: Texts) -> str:
    names = ("name", "type", "pages", "chunks", "status", "date")
    kinds = {"pages": "d-number", "chunks": "d-number"}
    cells = "".join(
        f'<span class="{kinds.get(name, "")}">{say.html(f"documents.column_{name}")}</span>' for name in names
    )
    return f'<div class="d-row d-head">{cells}</div>'


def _row(file: FileInfo, collection: str, say: Texts) -> None:
    with st.container(key=f"file-{file.id}", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(row_html(file, say, shell.timezone()))
        action = st.menu_button(
            say("documents.actions", name=shell.plain(file.source)),
            ["retry", "delete"] if _may_retry(file) else ["delete"],
            format_func=lambda action: say(f"documents.{action}"),
            type="tertiary",
            icon=":material/more_horiz:",
            key=f"menu-{file.id}",
        )
    if action == "delete":
        _confirm_delete(file, collection)
    elif action == "retry":
        shell.indexing().retry(collection, [file.id])
        st.rerun()


def row_html(file: FileInfo, say: Texts, zone: tzinfo | None) -> str:
    """One file as a row of the table."""
    folder, _, name = file.source.rstrip("/").rpartition("/")
    under = f"<small>{escape(folder)}/</small>" if folder else ""
    cause = f'<small class="d-cause">{escape(file.error)}</small>' if file.error else _notes(file, say)
    pages = f"{file.pages:,}" if file.pages else "–"
    unit = f' data-unit="{say.html("documents.pages")}"' if file.pages else ""
    kind = "Web" if is_address(file.source) else Path(name).suffix.lstrip(".").upper() or "–"
    return (
        f'<div class="d-row"><span class="d-name" title="{escape(file.path)}">'
        f"{linked(file.source, name)}{under}{cause}</span>"
        f'<span class="d-dim">{escape(kind)}</span>'
        f'<span class="d-number"{unit}>{pages}</span>'
        f'<span class="d-number" data-unit="{say.html("documents.chunks")}">{file.chunks:,}</span>'
        f'<span class="d-status d-{file.status.value}">{say.html(f"status.{file.status.value}")}</span>'
        f'<span class="d-dim d-when"{_history(file, say)}>{escape(when(file.indexed_at, zone))}</span></div>'
    )


def _notes(file: FileInfo, say: Texts) -> str:
    """What a reader should know of a file that was indexed well."""
    notes = []
    if file.mtime_ns and has_changed(Origin(file.path, file.size, file.mtime_ns)):
        notes.append(say("source.changed"))
    if file.textless_pages:
        notes.append(say.plural("documents.textless", len(file.textless_pages)))
    return "".join(f'<small class="d-noted">{escape(note)}</small>' for note in notes)


def _history(file: FileInfo, say: Texts) -> str:
    day = day_of(Origin(file.path, file.size, file.mtime_ns))
    if day is None:
        return ""
    return f' title="{escape(say.plural("documents.versions", file.versions, day=day))}"'


def when(moment: str | None, zone: tzinfo | None) -> str:
    """A stored moment (ISO 8601) in the reader's own time, to the minute."""
    return datetime.fromisoformat(moment).astimezone(zone).strftime("%Y-%m-%d %H:%M") if moment else ""


def _confirm_delete(file: FileInfo, collection: str) -> None:
    say = shell.texts()
    ours = uploads.is_upload(Path(file.path), shell.runtime().settings.data_dir)
    kind = "page" if is_address(file.source) else "upload" if ours else "indexed"
    ask = say(f"documents.delete_{kind}", name=file.source, collection=collection)

    @st.dialog(say("documents.delete_title"))
    def confirm() -> None:
        st.html(f"<p>{ask}</p>")
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button(say("common.cancel")):
                st.rerun()
            if st.button(say("documents.delete"), type="primary", key="confirm-delete"):
                upload_box.delete(file, collection)
                st.rerun()

    confirm()
