"""The page that is there before the framework's script has loaded."""

from __future__ import annotations

from runtime_double import RuntimeDouble, answer

from app.history import Status
from app.schemas import Role
from app.ui import asking
from app.ui.early_html import early_html
from app.ui.options import Options


def test_the_conversation_of_the_address_can_be_read(runtime: RuntimeDouble):
    chat = runtime.history.create(title="Leave <b>", collection="default").id
    for n in range(40):
        asked = runtime.history.append(chat, Role.USER, f"Question {n}? <script>")
        done = answer(asked.content, f"Answer {n} [1].")
        runtime.history.append(chat, Role.ASSISTANT, done.answer, status=Status.DONE, record=done)
    html = early_html(runtime, {"c": chat}, "ko-KR")
    assert "Answer 39" in html and "Answer 0 " not in html
    assert "Question 39? &lt;script&gt;" in html and "? <script>" not in html
    assert "Leave &lt;b&gt;" in html and "새 대화" in html
    assert early_html(runtime, {"c": chat, "lang": "en"}, "ko-KR").count("New chat") == 1


def test_an_answer_that_is_being_written_goes_on(runtime: RuntimeDouble):
    runtime.held.set()
    options = Options.initial(runtime.settings)
    job = asking.answer(asking.keep("How many days?", None, options), options)
    assert f'data-live="{job.message_id}"' in early_html(runtime, {"c": job.conversation_id}, None)


def test_without_one_there_is_a_place_to_ask(runtime: RuntimeDouble):
    for asked in ({}, {"c": "gone"}, {"c": "<script>"}):
        html = early_html(runtime, asked, "en")
        assert "<textarea" in html and 'class="d-turn"' not in html


def test_what_is_read_only_is_not_sent_ahead(runtime: RuntimeDouble):
    assert (
        early_html(runtime, {"share": "x"}, "en")
        == early_html(runtime, {"c": "x", "compare": "y"}, "en")
        == ""
    )
