"""Downloads in the chat: each makes its file when it is asked for."""

from __future__ import annotations

from page_driver import Visit, act, html
from runtime_double import RuntimeDouble, answer
from test_chat_page import ask

from app.history import Status
from app.schemas import Role
from app.ui import export_box


def downloads(page: object) -> list[str]:
    return [one.proto.label for one in page.get("download_button")]  # type: ignore[attr-defined]


def test_an_answer_can_be_downloaded_in_each_format(visit: Visit):
    page = act(ask(visit(), "How many days?"), "export")
    assert downloads(page) == ["Markdown", "Word", "PDF"]
    assert not page.exception


def test_what_has_no_words_has_no_download(visit: Visit, runtime: RuntimeDouble):
    chat = runtime.history.create(title="T").id
    runtime.history.append(chat, Role.USER, "Q")
    runtime.history.append(chat, Role.ASSISTANT, "", status=Status.ERROR)
    assert 'data-act="export"' not in html(visit(c=chat))


def test_the_files_hold_the_answer_and_the_conversation(runtime: RuntimeDouble):
    chat = runtime.history.create(title="T", collection="hr")
    for n in (1, 2):
        runtime.history.append(chat.id, Role.USER, f"Q{n}")
        runtime.history.append(chat.id, Role.ASSISTANT, "A [1].", record=answer(f"Q{n}", f"A{n} [1]."))
    all_of_it = export_box._made(
        lambda: export_box._turns(runtime.history.messages, chat.id), "md", "ko", chat.title, "hr"
    ).decode()
    assert "A1[^1]." in all_of_it and "A2[^2]." in all_of_it
    assert "“hr” 문서 모음" in all_of_it
