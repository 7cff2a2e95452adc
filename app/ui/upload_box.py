"""Adding files in the browser: the drop zone, the progress of indexing, and what came of it."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.errors import DocentError
from app.ui import shell, turns, uploads
from app.ui.links import is_address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.schemas import FileInfo, IngestReport, SuspiciousFile
    from app.ui.indexing import Run
    from app.ui.texts import Texts
    from ingest.pipeline import Progress

SECONDS_BETWEEN_LOOKS = 0.6

# More than these would push the list away, which names all causes.
_MOST_FAILURES = 3


def show(collection: str) -> None:
    """The drop zone, and below it the run that is under way or the last one's result."""
    say = shell.texts()
    # An uploader keeps its files until its key changes; a new one is empty again.
    generation = st.session_state.setdefault("uploader", 0)
    with st.container(key="upload"):
        files = st.file_uploader(
            say("upload.label"),
            type=[suffix.lstrip(".") for suffix in uploads.SUFFIXES],
            accept_multiple_files=True,
            label_visibility="collapsed",
            key=f"uploader-{generation}",
        )
    if files:
        _take(files, collection)
        st.session_state["uploader"] = generation + 1
        st.rerun()
    outcome(collection)


def outcome(collection: str, *, only_trouble: bool = False) -> None:
    """The run that is under way, or what came of the last one.

    Args:
        only_trouble: say nothing of a run that went well.
    """
    refused = st.session_state.get("upload-errors", ())
    for error in refused:
        shell.error_card(error)
    run = shell.indexing().run_of(collection)
    if run is not None and run.running:
        _watch(collection)
        return
    told = run is not None and not (only_trouble and run.went_well)
    if run is not None and told:
        _result(run, shell.texts())
    if (refused or told) and st.button(shell.texts()("common.close"), key="close-report", type="tertiary"):
        shell.indexing().forget(collection)
        st.session_state["upload-errors"] = []
        st.rerun()


def _take(files: Sequence[uploads.Upload], collection: str) -> None:
    """Keep what can be kept and start indexing it; the rest is told by name."""
    settings = shell.runtime().settings
    folder = uploads.folder_of(settings.data_dir, collection)
    kept, errors = [], []
    for file in files:
        try:
            kept.append(uploads.save(file, folder, settings.max_upload_mb))
        except DocentError as error:
            errors.append(error)
    st.session_state["upload-errors"] = errors
    if kept:
        shell.indexing().start([folder], collection)


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def _watch(collection: str) -> None:
    run = shell.indexing().run_of(collection)
    if run is None or not run.running:
        st.rerun()
    say = shell.texts()
    share, text = describe(run.progress, say)
    st.progress(share, text=shell.plain(text))


def describe(progress: Progress | None, say: Texts) -> tuple[float, str]:
    """Share done in [0, 1] and a line that says what is happening."""
    if progress is None:
        return 0.0, say("upload.starting")
    key = f"phase.{progress.phase}"
    phase = say(key) if say.has(key) else say("phase.other")
    done, total = progress.files_done, progress.files_total
    if progress.chunks_total:
        share = progress.chunks_done / progress.chunks_total
    else:
        share = done / total if total else 0.0
    if progress.phase == "fetch":
        return share, f"{phase} · {say('upload.fetched', done=done)} · {progress.path}"
    counts = say("upload.progress", done=done, total=total, chunks=f"{progress.chunks_done:,}")
    name = f" · {Path(progress.path).name}" if progress.path else ""
    return max(0.0, min(1.0, share)), f"{phase} · {counts}{name}"


def _result(run: Run, say: Texts) -> None:
    if run.error is not None:
        shell.error_card(run.error)
    elif run.report is not None:
        st.html(report_html(run.report, say))


def report_html(report: IngestReport, say: Texts) -> str:
    """What a run changed, and each file that failed with its cause."""
    counts = {name: getattr(report, name) for name in ("added", "updated", "deleted", "unchanged")}
    parts = [say.plural(f"report.{name}", count) for name, count in counts.items() if count]
    summary = " · ".join(parts) or say("report.nothing")
    done = say.html("report.done", seconds=turns.seconds(report.seconds))
    html = f'<div class="d-note">{done} {escape(summary)}</div>'
    html += "".join(_suspicious(file, say) for file in report.suspicious[:_MOST_FAILURES])
    for failed in report.failed[:_MOST_FAILURES]:
        name = failed.path if is_address(failed.path) else Path(failed.path).name
        title = say("report.failed", name=name)
        html += turns.error_html(title, failed.error)
    if more := report.failed[_MOST_FAILURES:]:
        html += f'<div class="d-note">{escape(say.plural("report.more_failed", len(more)))}</div>'
    return html


def _suspicious(file: SuspiciousFile, say: Texts) -> str:
    name = file.path if is_address(file.path) else Path(file.path).name
    why = "; ".join(say(f"suspicion.{code}") for code in file.codes)
    return f'<div class="d-note">{say.html("report.suspicious", name=name, why=why)}</div>'


def delete(file: FileInfo, collection: str) -> None:
    """Take a file out of the index; an uploaded one, or the copy of a web page, is deleted as well."""
    from ingest.web.store import forget

    runtime = shell.runtime()
    runtime.collection(collection).delete_files([file.id])
    if is_address(file.path):
        forget(file.path, runtime.settings.data_dir)
    else:
        uploads.remove(Path(file.path), runtime.settings.data_dir)
