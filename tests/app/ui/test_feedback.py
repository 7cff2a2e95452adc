"""Ratings, branches, shared conversations and their dialogs on the pages, over a scripted Runtime."""

from __future__ import annotations

from page_driver import Visit, act, html
from runtime_double import RuntimeDouble, answer
from streamlit.testing.v1 import AppTest

from app.history import Message, Verdict
from app.schemas import Role
from app.ui.rating_html import pressed, said_html
from app.ui.texts import Texts


def talk(runtime: RuntimeDouble, turns: int = 1) -> list[Message]:
    chat = runtime.history.create(title="Leave", collection="default").id
    for n in range(turns):
        runtime.history.append(chat, Role.USER, f"Q{n}")
        runtime.history.append(chat, Role.ASSISTANT, f"A{n} [1].", record=answer(f"Q{n}", f"A{n} [1]."))
    return runtime.history.messages(chat)


def open_(visit: Visit, message: Message) -> AppTest:
    return visit(c=message.conversation_id)


def test_thumbs_are_switches(visit: Visit, runtime: RuntimeDouble):
    said = talk(runtime)[-1]
    page = act(open_(visit, said), "good")
    assert runtime.history.feedback.of([said.id])[said.id].verdict is Verdict.GOOD
    assert 'data-act="good"' in html(page) and 'aria-pressed="true"' in html(page)
    page = act(page, "bad")
    assert [one.label for one in page.text_area] == ["In your own words", "The answer as it should be"]
    assert page.text_area[1].value == said.content
    runtime.history.feedback.explain(said.id, words="Wrong number.", correction="A1 [1], <b>really</b>.")
    page.run()
    assert "You corrected this answer" in html(page) and "<b>really" not in html(page)
    act(page, "bad")  # once more takes the thumb back, and leaves what was written
    assert runtime.history.feedback.of([said.id])[said.id].verdict is None
    assert not page.exception


def test_what_was_said_is_shown_with_the_sources_of_the_answer(runtime: RuntimeDouble):
    said, say = talk(runtime)[-1], Texts("ko")
    assert said_html(said, None, say) == "" and pressed(None) == {"good": False, "bad": False}
    runtime.history.feedback.rate(said.id, Verdict.BAD)
    rating = runtime.history.feedback.explain(said.id, reason="too_long", words="<i>", correction="짧게 [1]")
    shown = said_html(said, rating, say)
    assert "너무 길어요 – &lt;i&gt;" in shown
    assert f"source/{said.id}/1" in shown


def test_forged_values_are_errors_and_rate_nothing(visit: Visit, runtime: RuntimeDouble):
    asked, said = talk(runtime)
    page = open_(visit, said)
    for value in (asked.id, "nope"):
        page = act(page, "good", value)
        assert not page.exception
    assert runtime.history.feedback.all() == []


def test_a_shared_conversation_is_read_only_and_ends_where_it_was_shared(
    visit: Visit, runtime: RuntimeDouble
):
    _, first, *_ = talk(runtime, 2)
    share = runtime.history.shares.open(first.conversation_id, first.id)
    page = visit(share=share.token)
    assert "A0" in html(page) and "Q1" not in html(page)
    assert len(page.chat_input) == 0
    acts = ("good", "bad", "regenerate", "edit", "branch", "share")
    assert [name for name in acts if f'data-act="{name}"' in html(page)] == []
    page = act(page, "adopt")
    [made, _] = runtime.history.conversations()
    assert page.query_params["c"] == made.id
    assert [one.content for one in runtime.history.messages(made.id)] == ["Q0", "A0 [1]."]
    runtime.history.shares.revoke(share.token)
    assert "Nothing is shared" in html(visit(share=share.token))


def test_a_branch_is_a_conversation_of_its_own(visit: Visit, runtime: RuntimeDouble):
    _, first, *_ = talk(runtime, 2)
    page = act(open_(visit, first), "branch", first.id)
    [made, _] = runtime.history.conversations()
    assert made.title == "Leave (branch)"
    assert page.query_params["c"] == made.id
    assert "A0" in html(page) and "A1" not in html(page)


def test_a_branch_may_begin_at_a_question_which_can_be_answered_there(visit: Visit, runtime: RuntimeDouble):
    _, _, question, *_ = talk(runtime, 2)
    assert question.content == "Q1"
    page = act(open_(visit, question), "branch", question.id)
    made = runtime.history.conversation(page.query_params["c"])
    [*_, last] = runtime.history.messages(made.id)
    assert last.content == "Q1" and "A1" not in html(page)
    assert f'data-act="retry" data-value="{last.id}"' in html(page)
