"""The chat: the turns of a conversation, the answers that are being written, and the place to ask."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from app.errors import DocentError, NotFoundError, StoppingError, UsageError
from app.history import Status
from app.reproduce import can_resume
from app.schemas import Mode, Role
from app.ui import (
    asking,
    bar_html,
    compare,
    composer,
    dropped,
    indexing_html,
    landing,
    only_box,
    shared,
    shell,
    suggest_html,
    task_box,
    window,
)
from app.ui.actions.record import show_waited_for
from app.ui.branch_html import Branch
from app.ui.options import Options, panel
from app.ui.variations import next_question

if TYPE_CHECKING:
    from app.chat.job import Job
    from app.history import Attachment, Conversation, Message, Tree
    from app.ui.texts import Texts


_AT_ONCE = 0.3  # seconds


def show() -> None:
    """Draw the page."""
    if token := st.query_params.get("share"):
        shared.show(token)
        return
    say = shell.texts()
    conversation = _conversation()
    options = _options(conversation)
    # The jobs are asked for first: what ends in between is in the messages then.
    jobs = _running(conversation, options)
    tree = shell.runtime().history.tree(conversation.id) if conversation else None
    if conversation and tree and compare.wanted():
        compare.show(conversation, tree, say)
        return
    documents = _documents(options.collection)
    if tree and tree.nodes:
        _turns(tree, jobs, options, say)
    else:
        with st.container(key="landing"):
            landing.show(options, documents)
    st.html("<div data-early></div>")  # a question that is asked past this script; see scripts/ask.js
    _composer(conversation, options, say, jobs=jobs, empty=not documents)


def _running(conversation: Conversation | None, options: Options) -> tuple[Job, ...]:
    """The answers that are being written; those without a model are awaited, as they are there at once."""
    jobs = shell.runtime().jobs.running(conversation.id) if conversation else ()
    if jobs and asking.is_quick(options):
        end = time.monotonic() + _AT_ONCE
        jobs = tuple(job for job in jobs if not job.wait(max(0.0, end - time.monotonic())))
    return jobs


def _conversation() -> Conversation | None:
    """The one that the address names; a friendly word instead of an error if it is gone."""
    wanted = st.query_params.get("c")
    if not wanted:
        return None
    try:
        return shell.runtime().history.conversation(wanted)
    except NotFoundError:
        shell.note(shell.texts()("chat.gone"))
        return None


def _options(conversation: Conversation | None) -> Options:
    settings = shell.runtime().settings
    if conversation is None:
        return st.session_state.get("options") or Options.initial(settings)
    return Options.of(conversation, settings)


def _documents(collection: str) -> int:
    try:
        return shell.runtime().collection(collection).counts()[0]
    except NotFoundError:
        return 0
    except DocentError as error:
        shell.error_card(error)
        return 0


# -- turns -----------------------------------------------------------------------------------------------


def _turns(tree: Tree, jobs: tuple[Job, ...], options: Options, say: Texts) -> None:
    """What is on the page of the branch; answers that are being written fill their places by themselves."""
    at = st.query_params.get("m")
    shown = window.place([node.id for node in tree.branch()], at)
    branch = Branch.of(shell.runtime(), tree, shown)
    _make_viewer_ready(branch.messages)
    _follow(tree, at if at in branch.ids else None)
    live = frozenset(job.message_id for job in jobs)
    for html in branch.html(shell.runtime(), live, options.mode, say):
        st.html(html)
    show_waited_for(live)
    if not branch.messages or branch.after or jobs:
        return
    last = branch.messages[-1]
    if _unanswered(last) or can_resume(last):
        st.html(_try_again(last, options, say))
    else:
        _go_on(last, options, say)


def _go_on(last: Message, options: Options, say: Texts) -> None:
    """What may be asked next: about files that were just dropped, else after the newest answer."""
    if st.session_state.get("dropped") == last.conversation_id and options.only:
        st.html(suggest_html.start_html(options.collection, options.only, say))
    elif shell.runtime().settings.follow_ups != "off" and not _is_free(last):
        kept = shell.runtime().history.follow_ups.of(last.id)
        if kept != ():
            st.html(suggest_html.after_html(last.id, kept, say))


def _is_free(message: Message) -> bool:
    return (message.record or {}).get("mode") == Mode.FREE


def _follow(tree: Tree, at: str | None) -> None:
    """Tells the browser where to look: at the message of the address, else at the last question."""
    asked = next((node.id for node in reversed(tree.branch()) if node.role is Role.USER), "")
    mark = f' data-at="{escape(at)}"' if at else ""
    with st.container(key="follow"):
        st.html(f'<span data-follow="{escape(asked)}"{mark}></span>')


def _unanswered(last: Message) -> bool:
    return last.role is Role.USER or last.status in {Status.ERROR, Status.INTERRUPTED, Status.STREAMING}


def _try_again(last: Message, options: Options, say: Texts) -> str:
    """Buttons below a question that has no answer, or not all of one."""
    acts = [("continue", "record.go_on")] if can_resume(last) else []
    acts += [("retry", "common.retry")] if _unanswered(last) else []
    failure = last.error
    if failure is not None and failure.code.startswith("model") and options.model != "none":
        acts.append(("without-model", "chat.without_model"))
    return bar_html.offers([(act, say(key)) for act, key in acts], last.id)


def _make_viewer_ready(messages: Sequence[Message]) -> None:
    """Once there are pages that a click may open."""
    cited = (one for message in messages for one in (message.record or {}).get("citations", ()))
    if any(str(one.get("source", "")).lower().endswith(".pdf") for one in cited):
        shell.runtime().originals.warm()


# -- asking ----------------------------------------------------------------------------------------------


def _composer(
    conversation: Conversation | None,
    options: Options,
    say: Texts,
    *,
    jobs: tuple[Job, ...],
    empty: bool,
) -> None:
    with st.bottom, st.container(key="composer", gap=None):
        if jobs:
            st.html(bar_html.stop([job.message_id for job in jobs], say))
        state = "free" if options.free else "empty" if empty else ""
        if options.free:
            st.html(f'<p class="d-free-mark" role="status">{say.html("chat.free_on")}</p>')
        # An empty chat without documents shows the run where files are added.
        run = None if conversation is None and empty else shell.indexing().run_of(options.collection)
        only = only_box.only_html(options, conversation.id if conversation else "", say)
        st.html(indexing_html.place_html(options.collection, run) + only)
        key = conversation.id if conversation else next_question.NEW
        next_question.show(key, say)
        if not (empty or next_question.is_held(key)):
            st.html(_askable(conversation, options))
        sent = composer.field(say(f"chat.placeholder_{state}" if state else "chat.placeholder"))
        if sent:  # before the options are looked at, which may begin the script anew
            _sent(sent, conversation, options, empty=state == "empty")
        _give_back()
        with st.container(key="composer-row", horizontal=True, vertical_alignment="center"):
            panel(options, conversation.id if conversation else "new", _keep(conversation))
            if not (options.free or empty):
                task_box.button(options, lambda text: _ask(text, conversation, options), say)
            next_question.button(key, say)
            hint = say.html("chat.hint_free" if options.free else "chat.hint")
            st.html(f'<p class="d-hint">{hint}</p>')


def _askable(conversation: Conversation | None, options: Options) -> str:
    """With what the browser may ask by itself."""
    given = {"conversation": conversation.id if conversation else ""}
    kept = {} if conversation else {"options": options.model_dump(mode="json")}
    return f"<span data-ask='{escape(json.dumps(given | kept))}'></span>"


def _sent(sent: composer.Sent, conversation: Conversation | None, options: Options, *, empty: bool) -> None:
    st.session_state.pop("composer-note", None)
    files = dropped.take(sent.files, options.collection)
    if not sent.text:
        _only_files(files, conversation, options)
    elif empty and not files:
        _return(sent.text)
        st.session_state["composer-note"] = shell.texts()("dropped.none")
    else:
        _ask(sent.text, conversation, options, files)
    st.rerun()


def _only_files(files: Sequence[Attachment], conversation: Conversation | None, options: Options) -> None:
    """Files without a question: they are indexed, and what is asked next is about them."""
    dropped.index(files, options.collection)
    if wrong := [file for file in files if file.error]:
        st.session_state["composer-note"] = " ".join(file.told for file in wrong)
    good = tuple(file.file_id for file in files if not file.error)
    if not good:
        return
    options = options.model_copy(update={"only": good, "free": False})
    if conversation is None:
        st.session_state["options"] = options
    else:
        shell.runtime().history.configure(conversation.id, settings=options.kept())
        st.session_state["dropped"] = conversation.id


def _ask(
    text: str, conversation: Conversation | None, options: Options, files: Sequence[Attachment] = ()
) -> None:
    st.session_state["options"] = options.for_another()
    st.session_state.pop("dropped", None)
    try:
        asked = asking.keep(text, conversation, options, files)
        begin = next_question.begin(conversation.id if conversation else next_question.NEW)
        (begin or asking.answer)(asked, options)
        st.query_params["c"] = asked.conversation_id
    except UsageError:  # an answer is being written: the question goes back to where it came from
        _return(text)
    except StoppingError as error:
        _return(text)
        st.session_state["composer-note"] = shell.texts().error(error)[0]
    else:
        st.query_params.pop("m", None)
        next_question.forget()
    st.rerun()


def _return(text: str) -> None:
    st.session_state["draft"] = st.session_state.get("drafts", 0) + 1, text
    st.session_state["drafts"] = st.session_state["draft"][0]


def _give_back() -> None:
    """A question that could not be asked yet, for the browser to write into the composer again."""
    if told := st.session_state.get("composer-note"):
        st.html(f'<p class="d-note" role="alert">{escape(told)}</p>')
    number, text = st.session_state.get("draft", (0, ""))
    if number:
        st.html(f'<span data-draft="{number}" data-text="{escape(text)}"></span>')


def _keep(conversation: Conversation | None) -> Callable[[Options], None]:
    def keep(options: Options) -> None:
        if conversation is None:
            st.session_state["options"] = options
        else:
            shell.runtime().history.configure(
                conversation.id, collection=options.collection, settings=options.kept()
            )
        st.rerun()

    return keep
