"""What all pages share: the one Runtime, the language, moving between pages, and how errors look."""

from __future__ import annotations

import atexit
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from app.config import load_settings
from app.errors import DocentError
from app.runtime import Runtime, build
from app.ui import turns
from app.ui.indexing import Indexing
from app.ui.tables.running import Extractions
from app.ui.texts import LANGUAGES, Texts, browser_language

if TYPE_CHECKING:
    from app.language import Language
    from app.ui.suggesting import Suggestions

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent
LOGO = FOLDER / "logo.svg"

# ASCII punctuation and nothing else: Streamlit's labels are Markdown with images, links, :icons: and $maths$.
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


@st.cache_resource(show_spinner=False)
def runtime() -> Runtime:
    """The joined parts, one for all sessions of this process."""
    made = build(load_settings())
    atexit.register(made.close)  # stops running answers and keeps what they had
    return made


@st.cache_resource(show_spinner=False)
def indexing() -> Indexing:
    """The indexing runs of this process."""
    return Indexing(runtime().ingest)


@st.cache_resource(show_spinner=False)
def extractions() -> Extractions:
    """The tables that are being filled by this process."""
    return Extractions()


@st.cache_resource(show_spinner=False)
def suggestions() -> Suggestions:
    """What may be asked, made beside the answers."""
    from app.ui.suggesting import Suggestions

    return Suggestions(runtime())


# -- language ------------------------------------------------------------------------------------------


def texts() -> Texts:
    """The texts of this visit: as chosen on the page, else as set, else as the browser asks."""
    chosen = st.query_params.get("lang")
    if chosen in LANGUAGES:
        return Texts(chosen)
    return Texts(_default_language())


def _default_language() -> Language:
    try:
        configured = runtime().settings.language
    except DocentError:  # a broken setting must not keep the page from saying so
        configured = "auto"
    return browser_language(st.context.locale) if configured == "auto" else configured


def choose_language(above: str = "") -> None:
    """The switch in the sidebar, with this HTML above it; the choice travels in the address."""
    current = texts().language

    def keep() -> None:
        chosen = st.session_state.get("language-choice")
        if chosen:
            st.query_params["lang"] = chosen

    with st.container(key="language"):
        if above:
            st.html(above)
        st.segmented_control(
            texts()("nav.language"),
            list(LANGUAGES),
            default=current,
            format_func=lambda code: LANGUAGES[code],
            label_visibility="collapsed",
            required=True,
            key="language-choice",
            on_change=keep,
        )


def timezone() -> ZoneInfo | None:
    """The reader's own; None (this machine's) where the browser does not tell one that is known."""
    try:
        return ZoneInfo(st.context.timezone or "")
    except (ZoneInfoNotFoundError, ValueError):
        return None


# -- moving ----------------------------------------------------------------------------------------------


def go(page: str, **params: str) -> None:
    """Show another page (or this one anew) with these query parameters; the language goes along."""
    if "lang" in st.query_params:
        params["lang"] = st.query_params["lang"]
    # Streamlit tells the browser of a new address only when the script ends, and an answer may keep that
    # waiting: so the next run says it itself (see `settle_address`), and a reload finds the same page.
    st.session_state["address"] = params
    st.switch_page(st.session_state["pages"][page])


def settle_address() -> None:
    """Give the page that `go` led to its query parameters."""
    params = st.session_state.pop("address", None)
    if params is not None:
        st.query_params.from_dict(params)


# -- text on the page ------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """Foreign text for a Streamlit label, which reads Markdown: shown letter by letter, on one line."""
    return _PUNCTUATION.sub(r"\\\1", " ".join(text.split()))


def note(text: str, kind: str = "d-note") -> None:
    """A quiet box; `text` is HTML of our own making."""
    st.html(f'<div class="{kind}">{text}</div>')


def error_card(error: BaseException) -> None:
    st.html(turns.error_html(*texts().error(error)))


def styles() -> None:
    """Our words where Streamlit's own parts speak English only."""
    say = texts()
    words = {"--d-drop": say("upload.drop"), "--d-limit": _limit(say), "--d-browse": say("upload.browse")}
    rules = "".join(f'{name}: "{value}";' for name, value in words.items())
    st.html(f"<style>:root {{{rules}}}</style>")


def _limit(say: Texts) -> str:
    return say("upload.limit", size=runtime().settings.max_upload_mb)


# -- nothing ends in a stack trace -----------------------------------------------------------------------


def guarded(callback: Callable[..., None]) -> Callable[..., None]:
    """A widget's callback whose error is shown on the page that follows; callbacks run outside of it."""

    def run(*args: Any, **kwargs: Any) -> None:
        try:
            callback(*args, **kwargs)
        except Exception as error:
            log.warning("a click failed", exc_info=True)
            st.session_state["callback-error"] = error

    return run


def show_callback_error() -> None:
    error = st.session_state.pop("callback-error", None)
    if error is not None:
        error_card(error)
