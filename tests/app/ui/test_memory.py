"""The summary of earlier turns on the chat page; the browser test edits it."""

from __future__ import annotations

from page_driver import Visit, act, html, until
from runtime_double import RuntimeDouble, answer

from app.history import Message, Status, Summary
from app.schemas import Mode, Question, Role
from app.ui.summary_html import summary_html
from app.ui.texts import Texts
from app.ui.turns import searched_html

SAID = "I work part-time in Busan. How many days of leave does rule {n} of the handbook grant to me?"


def led(runtime: RuntimeDouble, count: int = 60) -> str:
    """A conversation that no longer fits, with its summary; its id."""
    history = runtime.history
    chat = history.create(collection="default").id
    for n in range(count):
        text = f"Rule {n} grants {n + 10} days of paid leave in each calendar year. " * 3
        history.append(chat, Role.USER, SAID.format(n=n))
        last = history.append(chat, Role.ASSISTANT, text, record=answer("q", text, citations=()))
    assert runtime.memory.renew(last.id, Question(text="?"))
    return chat


def message(**values: object) -> Message:
    given = {"id": "m1", "conversation_id": "c1", "parent_id": None, "role": Role.ASSISTANT, "content": "a"}
    given |= {"status": Status.DONE, "record": None, "error": None, "created": "2026-11-28T10:00:00+00:00"}
    return Message.model_validate(given | values)


def test_a_summary_is_a_fold_with_its_text_and_how_it_came_about():
    made = Summary(message_id="m1", covers=8, automatic="- 25 days <script>\n- Busan", model="openai:x")
    shown = summary_html(message(), made, Texts("en"))
    assert '<details class="d-summary"><summary>' in shown
    assert "<li>25 days &lt;script&gt;</li>" in shown
    assert "the 8 messages above" in shown and "Written by openai:x." in shown
    assert 'data-act="summary" data-value="m1"' in shown and "edited" not in shown
    korean = summary_html(message(), made.model_copy(update={"words": "고친 글"}), Texts("ko"))
    assert "앞선 대화 요약" in korean and "고친 글" in korean and "25 days" not in korean
    left = summary_html(message(), made.model_copy(update={"words": "", "model": None}), Texts("en"))
    assert "Earlier turns, left out" in left


def test_what_was_searched_is_told_where_it_is_another_question():
    say = Texts("en")
    rewritten = answer("And <for> parents?", "Thirty.", standalone="How many days for <parents>?")
    assert "Searched for: How many days for &lt;parents&gt;?" in searched_html(rewritten, say)
    assert searched_html(answer("How many?", "Thirty."), say) == ""
    assert searched_html(answer("How many? type:pdf", "Thirty.", standalone="How many?"), say) == ""
    free = answer("And?", "Thirty.", standalone="How many?", mode=Mode.FREE)
    assert searched_html(free, say) == ""


def test_it_stands_where_it_ends_and_later_questions_are_told_it(visit: Visit, runtime: RuntimeDouble):
    chat = led(runtime)
    page = visit(c=chat)
    path = [node.id for node in runtime.history.tree(chat).branch()]
    found = runtime.memory.summary(path)
    assert found is not None
    above, below = html(page).split('<details class="d-summary">')
    assert f'data-message="{found.message_id}"' in above and f'data-message="{path[-1]}"' in below
    assert "I work part-time in Busan." in below
    runtime.memory.edit(found, "I am the manager of **Busan**.")
    page.chat_input(key="question").set_value("What is the dress code in the office?").run()
    assert "<strong>Busan</strong>" in until(page, '<span class="d-summary-mark">edited</span>')
    until(page, "d-facts")
    assert runtime.asked[-1].summary == "I am the manager of **Busan**."
    assert 0 < len(runtime.asked[-1].history) < 120


def test_a_forged_id_changes_nothing(visit: Visit, runtime: RuntimeDouble):
    page = visit(c=led(runtime))
    act(page, "summary", "no-such-message")
    assert len(page.text_area) == 0
    assert "Earlier turns, summarised" in html(page)
