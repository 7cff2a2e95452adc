"""The chat page, over a scripted Runtime."""

from __future__ import annotations

import time
from typing import ClassVar

from page_driver import Visit, act, html, post, until
from runtime_double import RuntimeDouble, answer, citation, hit
from streamlit.testing.v1 import AppTest

from app.errors import CollectionDamagedError, DocentError, ModelAuthError
from app.history import Status
from app.schemas import (
    Answer,
    Mode,
    Notice,
    Prepared,
    Question,
    Reason,
    Refusal,
    Retrieved,
    Role,
    SentChunk,
    Trace,
)
from app.ui.live.view import live_html
from app.ui.texts import Texts


def ask(page: AppTest, text: str, shows: str = "d-facts") -> AppTest:
    """Ask and wait until the answer is there."""
    page.chat_input(key="question").set_value(text).run()
    until(page, shows)
    return page


def labels(page: AppTest) -> list[str]:
    return [button.label.replace("\\", "") for button in page.button]


# -- an empty chat -----------------------------------------------------------------------------------------


def test_without_documents_it_says_how_to_begin(visit: Visit, runtime: RuntimeDouble):
    runtime.shelf = {}
    page = visit()
    assert "Add documents to begin" in html(page)
    assert "python -m ingest ./docs" in html(page)
    assert len(page.get("file_uploader")) == 1
    page.chat_input(key="question").set_value("How many days?").run()
    assert "no documents to ask yet" in html(page)
    assert runtime.asked == []


def test_without_a_model_it_works_and_says_how_to_add_one(visit: Visit):
    page = visit()
    assert "DOCENT_LLM_MODEL=ollama:qwen3" in html(page)
    assert not page.chat_input(key="question").disabled


def test_questions_to_begin_with_have_a_place_and_are_asked_by_a_click(visit: Visit, runtime: RuntimeDouble):
    page = visit()
    assert 'data-suggest="suggestions/start/default?lang=en' in html(page)
    post(page, "ask", "Who approves overtime?")
    until(page, "15 days")
    assert [question.text for question in runtime.asked] == ["Who approves overtime?"]


def test_what_was_suggested_stays_with_the_answer(visit: Visit, runtime: RuntimeDouble):
    page = ask(visit(), "How many days?")
    [message] = [m for m in runtime.history.messages(page.query_params["c"]) if m.role is Role.ASSISTANT]
    assert f'data-suggest="suggestions/after/{message.id}' in html(page)
    runtime.history.follow_ups.keep(message.id, ["When do they expire?"])
    shown = html(visit(c=page.query_params["c"]))
    assert 'data-act="ask" data-value="When do they expire?"' in shown
    assert "suggestions/after" not in shown


# -- files that come with a question ------------------------------------------------------------------------


def test_files_are_indexed_and_the_conversation_is_limited_to_them_until_that_is_lifted(
    visit: Visit, runtime: RuntimeDouble
):
    page = visit()
    field = page.chat_input(key="question").set_value("How many <b>days</b>?")
    field.upload("leave.md", b"# Leave", "text/markdown").upload("broken.md", b"#", "text/markdown").run()
    shown = until(page, "d-facts")
    [question] = runtime.asked
    assert len(question.where["file_id"]) == 1
    assert 'd-attached">leave.md' in shown
    assert 'd-attached d-unread" title="broken.md: No page could be read' in shown
    assert "Answered without files that could not be read: broken.md" in shown
    assert "&lt;b&gt;days" in shown
    ask_again(page, "And in March?", 2)
    assert runtime.asked[1].where == question.where
    ask_again(page, "@handbook how many?", 3)
    assert "file_id" not in runtime.asked[2].where
    act(page, "lift")
    assert "Only:" not in html(page)
    ask_again(page, "And in all?", 4)
    assert runtime.asked[3].where == {}


def test_when_no_file_can_be_read_each_is_told_and_nothing_is_asked(visit: Visit, runtime: RuntimeDouble):
    page = visit()
    page.chat_input(key="question").set_value("Days?").upload("broken.md", b"#", "text/markdown").run()
    assert "None of the files can be read. broken.md" in until(page, "d-error")
    assert runtime.asked == []


def test_a_file_alone_is_indexed_and_questions_are_offered(visit: Visit, runtime: RuntimeDouble):
    page = visit()
    page.chat_input(key="question").upload("leave.md", b"# Leave", "text/markdown").run()
    until(page, "d-only")
    assert runtime.asked == []
    assert runtime.history.conversations() == []


def ask_again(page: AppTest, text: str, count: int) -> None:
    page.chat_input(key="question").set_value(text).run()
    deadline = time.monotonic() + 15
    while html(page).count("d-facts") < count and time.monotonic() < deadline:
        page.run()
    assert html(page).count("d-facts") == count


# -- answers -------------------------------------------------------------------------------------------------


def test_an_answer_shows_marks_sources_and_its_conversation(visit: Visit, runtime: RuntimeDouble):
    page = ask(visit(), "How many days of leave do new colleagues have?")
    shown = html(page)
    [message] = [m for m in runtime.history.messages(page.query_params["c"]) if m.role is Role.ASSISTANT]
    assert f'd-mark"><a href="source/{message.id}/1?lang=en"' in shown
    assert f'd-open"><a href="source/{message.id}/1?lang=en"' in shown
    assert "<strong>15 days</strong>" in shown
    assert "How many days of leave" in html(page).partition('class="d-rows"')[2]
    assert not page.exception


def test_a_conversation_is_the_same_after_a_restart(visit: Visit):
    conversation = ask(visit(), "How many days?").query_params["c"]
    assert "15 days" in html(visit(c=conversation))


def test_the_next_question_carries_the_conversation(visit: Visit, runtime: RuntimeDouble):
    page = ask(visit(), "How many days?")
    runtime.script = lambda question: answer(question.text, "They expire in March.")
    ask(page, "And then?", "expire in March")
    assert [turn.content for turn in runtime.asked[1].history] == [
        "How many days?",
        "New colleagues have **15 days** of paid leave [1].",
    ]


def test_a_refusal_is_told_apart_from_an_answer(visit: Visit, runtime: RuntimeDouble):
    runtime.script = lambda question: answer(question.text, "Nothing on parking.", refused=True, citations=())
    page = ask(visit(), "Is there a garage?", "Nothing on parking")
    assert "d-refusal" in html(page)
    assert "Not found in your documents" in html(page)


def refusal(**changes: object) -> Refusal:
    given: dict[str, object] = {
        "reason": "off_topic",
        "missing": ("garage", "<b>"),
        "documents": 2,
        "closest": (citation(1), citation(2, page=9)),
        "score": 0.08,
        "enough": 0.15,
        "suggestions": (
            Reason(code="other_collections", values={"names": "<i>travel"}),
            Reason(code="add_documents", values={"collection": "default"}),
        ),
    }
    return Refusal.model_validate(given | changes)


def test_a_refusal_says_why_and_shows_what_is_closest(visit: Visit, runtime: RuntimeDouble):
    runtime.script = lambda question: answer(
        question.text, "No answer.", refused=True, citations=(), refusal=refusal()
    )
    shown = html(ask(visit(), "Is there a garage?"))
    assert "Nothing about “garage”, “&lt;b&gt;” in these 2 documents." in shown
    assert "It may stand in another collection: &lt;i&gt;travel." in shown
    assert "add it under Documents." in shown and "python -m ingest" not in shown
    assert "Best match 8 %; here, answers begin at 15 %." in shown
    assert "<h4>Closest passages</h4>" in shown
    assert shown.count('class="d-source"') == 2


def test_a_refusal_is_explained_in_the_language_of_the_page(visit: Visit, runtime: RuntimeDouble):
    runtime.script = lambda question: answer(
        question.text, "No answer.", refused=True, citations=(), refusal=refusal(missing=())
    )
    shown = html(ask(visit(lang="ko"), "Is there a garage?"))
    assert "이 문서 2개에는 이 질문에 답할 만큼 가까운 내용이 없습니다." in shown
    assert "<h4>가장 가까운 대목</h4>" in shown


# -- free chat -----------------------------------------------------------------------------------------------


MARK = "From the model’s own knowledge – not checked against your documents"


def free(page: AppTest, *, on: bool = True) -> AppTest:
    [switch] = [one for one in page.toggle if one.key and one.key.startswith("free-")]
    return switch.set_value(on).run()


def freely(question: Question) -> Answer:
    return answer(question.text, "Paris.", citations=(), mode=question.mode)


def test_free_chat_is_off_and_marked_when_it_is_on(visit: Visit, runtime: RuntimeDouble):
    runtime.settings = runtime.settings.model_copy(update={"llm_model": "openai:scripted"})
    runtime.script = freely
    page = visit()
    assert "Free chat: answers come from" not in html(page)
    free(page)
    assert "Free chat: answers come from" in html(page)
    assert page.chat_input(key="question").placeholder == "Ask the model, without your documents"
    ask(page, "Capital of France?")
    assert runtime.asked[0].mode is Mode.FREE
    assert html(page).count(MARK) == 1
    assert "Free chat: answers come from" in html(visit(c=page.query_params["c"]))
    assert "Free chat: answers come from" not in html(visit())


def test_a_later_question_on_documents_knows_what_was_said_freely(visit: Visit, runtime: RuntimeDouble):
    runtime.settings = runtime.settings.model_copy(update={"llm_model": "openai:scripted"})
    runtime.script = freely
    page = ask(free(visit()), "Capital of France?")
    runtime.script = lambda question: answer(question.text, "15 days [1].")
    ask(free(page, on=False), "How many days?", "15 days")
    assert [turn.mode for turn in runtime.asked[1].history] == [Mode.DOCUMENTS, Mode.FREE]
    assert runtime.asked[1].mode is Mode.DOCUMENTS
    assert html(page).count(MARK) == 1


def test_free_chat_rests_without_a_model_and_can_be_forbidden(visit: Visit, runtime: RuntimeDouble):
    [switch] = [one for one in visit().toggle if one.key and one.key.startswith("free-")]
    assert switch.disabled
    runtime.settings = runtime.settings.model_copy(update={"llm_model": "openai:x", "free_chat": False})
    assert [one for one in visit().toggle if one.key and one.key.startswith("free-")] == []


def test_a_notice_is_shown_with_its_values(visit: Visit, runtime: RuntimeDouble):
    notices = (
        Notice(code="no_model"),
        Notice(code="fallback_model", values={"model": "<b>x</b>", "failed": "y"}),
    )
    runtime.script = lambda question: answer(question.text, "So.", notices=notices)
    page = ask(visit(), "Hm?")
    assert "Written without a language model" in html(page)
    assert "&lt;b&gt;x&lt;/b&gt; did" in html(page)


def test_a_typed_answer_is_a_table_with_sources(visit: Visit, runtime: RuntimeDouble):
    typed = {"drugs": [{"name": "Aspirin [1]", "symptoms": ["pain", "fever"], "precautions": None}]}
    runtime.script = lambda question: answer(question.text, "", typed=typed, citations=(citation(),))
    page = ask(visit(), "Which drugs?")
    assert '<th scope="col">name</th>' in html(page)
    assert "<li>fever</li>" in html(page)
    assert 'class="d-mark"><a href="source/' in html(page)


def test_hostile_questions_and_answers_put_no_markup_on_the_page(visit: Visit, runtime: RuntimeDouble):
    runtime.script = lambda question: answer(question.text, '<img src="https://evil.example/x"> ok')
    page = ask(visit(), "![x](https://evil.example/y) <script>alert(1)</script>")
    assert '<img src="https' not in html(page)
    assert "<script>alert" not in html(page)
    assert "&lt;script&gt;alert" in html(page)


# -- what goes wrong --------------------------------------------------------------------------------------


def test_an_error_keeps_what_was_written_says_the_cure_and_offers_another_try(
    visit: Visit, runtime: RuntimeDouble
):
    runtime.error, runtime.words_before_error = (
        ModelAuthError("401 from https://api.example: OPENAI_API_KEY"),
        3,
    )
    page = ask(visit(), "How many days?", "d-error")
    assert "New colleagues have" in html(page)
    assert "Check the key" in html(page)
    assert "401 from https://api.example: OPENAI_API_KEY" in html(page)
    runtime.error = None
    act(page, "retry")
    until(page, "d-facts")
    assert html(page).count('class="d-user"') == 1


def test_after_a_model_error_the_question_can_go_without_a_model(visit: Visit, runtime: RuntimeDouble):
    runtime.error = ModelAuthError("401")
    page = ask(visit(), "How many days?", "d-error")
    runtime.error = None
    act(page, "without-model")
    until(page, "d-facts")
    assert [question.model for question in runtime.asked] == [None, "none"]


def test_an_answer_of_a_server_that_ended_is_marked_and_can_be_asked_again(
    visit: Visit, runtime: RuntimeDouble
):
    conversation = runtime.history.create(collection="default")
    runtime.history.append(conversation.id, Role.USER, "How many days?")
    runtime.history.append(conversation.id, Role.ASSISTANT, "New colleagues", status=Status.INTERRUPTED)
    page = visit(c=conversation.id)
    assert "New colleagues" in html(page)
    assert "Interrupted" in html(page)
    act(page, "retry")
    until(page, "15 days")


def test_a_conversation_that_is_gone_is_no_stack_trace(visit: Visit):
    page = visit(c="no-such-conversation")
    assert "no longer there" in html(page)
    assert not page.exception


def test_a_damaged_index_is_said_with_its_cure(visit: Visit, runtime: RuntimeDouble):
    def damaged(name: str | None = None) -> None:
        raise CollectionDamagedError("keyword/meta.json is broken: python -m ingest --rebuild")

    runtime.collection = damaged  # type: ignore[assignment]
    page = visit(lang="ko")
    assert "색인 파일이 손상되었습니다" in html(page)
    assert "keyword/meta.json is broken" in html(page)
    assert not page.exception


def test_whatever_fails_on_a_page_ends_in_a_card(visit: Visit, runtime: RuntimeDouble):
    def broken() -> list[str]:
        raise RuntimeError("boom")

    runtime.collections = broken  # type: ignore[method-assign]
    page = visit()
    assert "Something went wrong" in html(page)
    assert not page.exception


# -- options and language ---------------------------------------------------------------------------------


def test_options_are_kept_with_their_conversation(visit: Visit, runtime: RuntimeDouble):
    page = ask(visit(), "How many days?")
    conversation = page.query_params["c"]
    page.slider(key=f"top-k-{conversation}").set_value(9).run()
    runtime.asked.clear()
    ask(visit(c=conversation), "Again?")
    until(page, "d-facts")
    assert runtime.asked[0].top_k == 9
    assert runtime.history.conversation(conversation).settings["top_k"] == 9


def test_options_of_a_new_chat_reach_its_first_question(visit: Visit, runtime: RuntimeDouble):
    page = visit()
    page.slider(key="top-k-new").set_value(3).run()
    ask(page, "How many days?")
    assert runtime.asked[0].top_k == 3


def test_filters_of_a_chat_reach_its_questions_and_what_is_none_is_left_out(
    visit: Visit, runtime: RuntimeDouble
):
    page = visit()
    page.multiselect(key="filters-new").set_value(["author:Kim Minsu", "colour:red"]).run()
    assert any("colour" in caption.value for caption in page.caption)
    ask(page, "How many days?")
    assert runtime.asked[0].where == {"author": ("kim minsu",)}
    assert runtime.history.conversation(page.query_params["c"]).settings["filters"] == ["author:Kim Minsu"]


def test_settings_that_no_longer_fit_give_way(visit: Visit, runtime: RuntimeDouble):
    conversation = runtime.history.create(collection="default", settings={"temperature": 99, "top_k": 9})
    page = visit(c=conversation.id)
    assert not page.exception
    assert page.slider(key=f"top-k-{conversation.id}").value == 6


def test_the_language_can_be_chosen_and_travels_in_the_address(visit: Visit):
    page = visit()
    page.segmented_control(key="language-choice").set_value("ko").run()
    assert "무엇이 궁금하신가요?" in html(page)
    assert page.query_params["lang"] == "ko"
    page.button(key="new-chat").click().run()
    assert "무엇이 궁금하신가요?" in html(page)


def test_a_korean_browser_is_greeted_in_korean(visit: Visit, runtime: RuntimeDouble):
    runtime.settings = runtime.settings.model_copy(update={"language": "ko"})
    assert "무엇이 궁금하신가요?" in html(visit())


# -- conversations ----------------------------------------------------------------------------------------


def test_a_conversation_can_be_left_opened_renamed_and_deleted(visit: Visit, runtime: RuntimeDouble):
    page = ask(visit(), "How many days?")
    conversation = page.query_params["c"]
    page.button(key="new-chat").click().run()
    assert "c" not in page.query_params
    act(page, "open", conversation)
    assert page.query_params["c"] == conversation
    runtime.history.rename(conversation, "Leave")
    assert "Leave</span>" in html(page.run())


def test_stopping_keeps_what_was_written(visit: Visit, runtime: RuntimeDouble):
    runtime.held.set()
    conversation = runtime.history.create(collection="default")
    runtime.history.append(conversation.id, Role.USER, "How many days?")
    question = Question(text="How many days?")
    job = runtime.jobs.start(
        conversation.id, question, lambda cancelled: runtime.stream(question, None, cancelled)
    )
    while not job.text:
        job.wait(0.01)
    job.cancel()
    assert job.wait(10)
    page = visit(c=conversation.id)
    assert "New" in html(page)
    assert "Stopped." in html(page)


def test_errors_of_unknown_kinds_are_told_too():
    class Odd(DocentError):
        code = "odd"

    assert Texts("en").error(Odd("odd thing"))[1] == "odd thing"


def test_a_running_answer_shows_what_it_is_doing(runtime: RuntimeDouble):
    class Working:
        text = ""
        events: tuple[Prepared | Retrieved, ...] = ()
        question = Question(text="How many days?")
        marks: ClassVar[dict[int, int]] = {}

    job, say = Working(), Texts("en")
    assert "Searching" in live_html(job, say)
    job.question = Question(text="How many days?", form="drug_list")
    assert "Filling in the form" in live_html(job, say)
    job.events = (Retrieved(hits=(hit(1), hit(2)), seconds=0.1),)
    assert "Reading 2 passages" in live_html(job, say)
    sent = SentChunk(
        n=4, chunk_id="chunk-2", around=("chunk-2",), digest="", source=hit(2).chunk.source, rank=2, score=0.8
    )
    job.events += (Prepared(trace=Trace(version="1", asked=job.question, chunks=(sent,))),)
    job.text, job.marks = "Staff have 15 days [1] and more [7]", {1: 4}
    shown = live_html(job, say)
    assert 'd-mark" title="hr/larkspur-employee-handbook.pdf">1</sup>' in shown
    assert "[7]" in shown


def test_an_answer_after_which_nothing_can_be_suggested_leaves_the_page_whole(
    visit: Visit, runtime: RuntimeDouble
):
    chat = ask(visit(), "How many days?").query_params["c"]
    runtime.history.follow_ups.keep(runtime.history.messages(chat)[-1].id, ())
    page = visit(c=chat)
    assert "15 days" in html(page) and "d-error" not in html(page)
    assert page.chat_input(key="question")
