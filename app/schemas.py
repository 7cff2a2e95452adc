"""What crosses a boundary between units: passages, hits, questions, answers, events and reports.

Passages are plain dataclasses, because an ingest makes them by the hundred thousand. Whatever is
stored or printed as JSON is a frozen pydantic model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that a chunk was read from, as it was then: tells its age, and whether it changed since.

    Attributes:
        path: absolute, in NFC.
        mtime_ns: its last change, in nanoseconds since 1970.
        dated: the day that the document itself names as that of its last change, such as 2024-03-02.
    """

    path: str
    size: int
    mtime_ns: int
    dated: str | None = None


PageTurns = tuple[tuple[int, int], ...]
"""For each page that begins within a text: where in the text, and its number."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of a document, the unit of search and of citation.

    Attributes:
        id: uuid5 of document and content; stable between runs.
        document_id: uuid5 of the file's path and the record's id.
        text: the passage as it stands in the document, without title and headings.
        ordinal: place among the document's chunks, from 0.
        page: 1-based page or slide, where the format has pages.
        headings: the path of headings that the passage stands under, outermost first.
        title: the document's title.
        source: the file's path below the folder that was ingested, with "/" and in NFC; for showing.
        record_id: the `id` of a JSONL record; the path of a member of an archive; an attachment's name.
        page_turns: where in the text further pages begin.
        page_label: what is printed on its pages ("iv", "iv–v"), where that is not their numbers.
        lines: first and last line of the file, or row of the sheet, from 1.
        metadata: what the document says of itself: author, date, tags, …
        origin: None for a chunk that is of no file.
        suspicions: why parts of it look like instructions to a model, or are hidden from readers; codes of
            `ingest.suspicion`.
        suspicious_spans: where in the text these parts begin and end.
    """

    id: str
    document_id: str
    text: str
    ordinal: int
    page: int | None
    headings: tuple[str, ...]
    title: str
    source: str
    record_id: str | None = None
    page_turns: PageTurns = ()
    page_label: str | None = None
    lines: tuple[int, int] | None = None
    metadata: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    origin: Origin | None = None
    suspicions: tuple[str, ...] = ()
    suspicious_spans: tuple[tuple[int, int], ...] = ()

    @property
    def page_end(self) -> int | None:
        """The page on which it ends, where that is another one."""
        return self.page_turns[-1][1] if self.page_turns else None

    def page_at(self, offset: int) -> int | None:
        """The page on which this character of the text stands."""
        return next((page for start, page in reversed(self.page_turns) if start <= offset), self.page)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a search found a chunk, and put it where it stands.

    Attributes:
        dense_rank: from 1 among the nearest by vector; None when it is not among the candidates.
        keyword_rank: the same among the best by word.
        dense_share: what the vector adds to the fused score, in [0, 1].
        keyword_share: what the words add; both together are the score.
        rerank: the cross-encoder's score in [0, 1], which then decides the order; None without one.
        matched: the terms of the query that the chunk contains, as the keyword index cuts them.
    """

    dense_rank: int | None
    keyword_rank: int | None
    dense_share: float
    keyword_share: float
    rerank: float | None = None
    matched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that a search found.

    Attributes:
        rank: from 1.
        score: the fused score in [0, 1]; it ranks the hits unless a reranker or MMR is set.
        dense: cosine of query and chunk in [-1, 1]; None when the dense search did not see it.
        keyword: BM25 score (≥ 0, no upper bound); None when the keyword search did not see it.
        also_in: other files that have the very same passage, which is shown once.
    """

    rank: int
    score: float
    dense: float | None
    keyword: float | None
    chunk: Chunk
    explain: Explanation | None = None
    also_in: tuple[str, ...] = ()


class Frozen(BaseModel):
    """A value object that is stored or printed as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Role(StrEnum):
    USER = "user"
    ASSISTANT = "assistant"


class Mode(StrEnum):
    """What an answer may stand on: the documents and nothing else, or what the model knows."""

    DOCUMENTS = "documents"
    FREE = "free"


class Turn(Frozen):
    """One message of a conversation, as the chain sees it; `mode` is that of an answer."""

    role: Role
    content: str
    mode: Mode = Mode.DOCUMENTS


class Sampling(Frozen):
    """How the model is to draw its words. None leaves a parameter to the model's own default."""

    temperature: float | None = Field(default=None, ge=0, le=2)
    seed: int | None = None
    top_p: float | None = Field(default=None, gt=0, le=1)
    max_tokens: int | None = Field(default=None, ge=1)


class PromptChoice(Frozen):
    """By which parts of the prompt an answer is worded; a part that is "" is the one of the settings.

    Attributes:
        role, style, examples: names of the library or of somebody's own; "name@3" is a version of one's own.
        values: of the variables that the parts ask for.
    """

    role: str = ""
    style: str = ""
    examples: str = ""
    values: dict[str, str] = {}


class PromptUsed(Frozen):
    """A part of the prompt that an answer was made with.

    Attributes:
        kind: role, style, examples or task.
        version: of one of somebody's own; None for one of the library.
        hash: of its content.
    """

    kind: str
    name: str
    version: int | None
    hash: str


class Question(Frozen):
    """What the user asks, with all that shapes the answer.

    Attributes:
        history: earlier turns, oldest first, without this question.
        summary: what stands for the turns before those; no evidence, as they are none.
        top_k: how many chunks the answer may stand on.
        model: "provider:model"; None takes the configured one, "none" answers without a model.
        where: only passages that match these filters, field by field; see `app.chat.retrieve.query`.
        prompt: how the answer is worded; a task stands in the text itself, see `app.chat.tasks`.
        form: name of the schema that a typed answer is to fill; "" for an answer in words.
        keep_unsupported: whether values of a typed answer that nothing supports stay in it, marked; None
            leaves that to the settings.
    """

    text: str
    history: tuple[Turn, ...] = ()
    summary: str = ""
    sampling: Sampling = Sampling()
    top_k: int | None = Field(default=None, ge=1, le=50)
    model: str | None = None
    where: dict[str, tuple[str | int, ...]] = {}
    mode: Mode = Mode.DOCUMENTS
    prompt: PromptChoice = PromptChoice()
    form: str = ""
    keep_unsupported: bool | None = None


class Citation(Frozen):
    """The place that a mark `[n]` of an answer points to.

    Attributes:
        quote: the very words of the chunk that the sentence stands on.
        context: the whole passage, in which `quote` occurs.
        score: the hit's fused score.
        page_end, page_label, lines, metadata: see `Chunk`.
        modified: day of the source's last change, such as 2024-03-02, where it is known.
        changed: the file is another one than was indexed.
        suspicions: see `Chunk`.
    """

    n: int
    source: str
    page: int | None
    quote: str
    score: float
    chunk_id: str
    context: str = ""
    title: str = ""
    headings: tuple[str, ...] = ()
    record_id: str | None = None
    page_end: int | None = None
    page_label: str | None = None
    lines: tuple[int, int] | None = None
    metadata: dict[str, tuple[str, ...]] = {}
    modified: str | None = None
    changed: bool = False
    suspicions: tuple[str, ...] = ()


class Support(StrEnum):
    """How far the cited places carry a sentence of an answer."""

    SUPPORTED = "supported"
    PARTLY = "partly"
    NOT = "not supported"


class Reason(Frozen):
    """Why a sentence is not, or only partly, supported, or was mended: `code` names a text, `values` fill it.

    Codes, whose texts are in `prompts/reasons.yaml`: number, date, money, unit, name, word, negation (what
    the cited place does not have, or has otherwise), words (too little of it stands there), citation_added,
    citation_corrected, other_language (only numbers and names could be compared). Of the values of typed
    answers also: not_found (nothing says it), needs_model (rules cannot fill it), no_support (`said` by the
    model stands nowhere), ambiguous (`values` stand there as well).
    """

    code: str
    values: dict[str, str] = {}


class CheckedSentence(Frozen):
    """One sentence of an answer, held against the places that it cites.

    Attributes:
        text: without its marks.
        citations: the numbers `[n]` that it stands on, after wrong ones were corrected.
        support: by rules alone, without a model.
        reasons: empty for a sentence that is supported as it was cited.
    """

    text: str
    citations: tuple[int, ...]
    support: Support
    reasons: tuple[Reason, ...] = ()

    @property
    def told(self) -> tuple[Reason, ...]:
        """The reasons worth a reader's time: of what stands nowhere, the details are beside the point."""
        nowhere = [one for one in self.reasons if one.code in ("no_citation", "words")]
        return (nowhere[0],) if nowhere and self.support is Support.NOT else self.reasons


class FieldEvidence(Frozen):
    """What one value of a typed answer stands on.

    Attributes:
        path: where it is in the object, such as `약.0.성분명`.
        value: as it is in the object, normalised; None where nothing supports one.
        original: as it stands in the document; "" where there is none.
        unit: of a number or an amount of money, such as `KRW`; "" where none is named.
        citation: where it stands; None where it stands nowhere.
        support: by rules alone, without a model.
        reasons: why it is null, or not or only partly supported.
    """

    path: str
    value: Any = None
    original: str = ""
    unit: str = ""
    citation: Citation | None = None
    support: Support = Support.NOT
    reasons: tuple[Reason, ...] = ()


class Contradiction(Frozen):
    """Two citations that say different things of one matter.

    Attributes:
        citations: their numbers.
        quotes: the sentence of each.
        values: the number or date of each, as it stands there.
    """

    citations: tuple[int, int]
    quotes: tuple[str, str]
    values: tuple[str, str]


class Refusal(Frozen):
    """Why a question was not answered, and what comes closest.

    Attributes:
        reason: off_topic (nothing in the documents resembles it), not_found (the model, or the choice of
            sentences, found no answer in what resembles it).
        missing: words of the question that stand in none of the passages that were found.
        documents: how many documents were searched.
        closest: the nearest passages, best first, numbered from 1.
        score: that of the nearest one; from `enough` on a question is answered.
        suggestions: what may help, most promising first; codes, whose texts are in `prompts/refusals.yaml`:
            lift_filter, other_collections, own_words, add_documents.
    """

    reason: str
    missing: tuple[str, ...] = ()
    documents: int = 0
    closest: tuple[Citation, ...] = ()
    score: float = 0.0
    enough: float = 0.0
    suggestions: tuple[Reason, ...] = ()


class Calibration(Frozen):
    """From which score on a collection's passages are worth an answer, and what that was measured with.

    Attributes:
        threshold: of the best hit's fused score, in [0, 1].
        own: how many questions were drawn from the collection; `answered` is the share of them that is.
        foreign: how many general questions were asked; `refused` is the share of them that is.
        generation: of the collection when it was measured.
        dense_weight: DOCENT_DENSE_WEIGHT of that time, on which all scores depend.
    """

    threshold: float = Field(ge=0, le=1)
    own: int = 0
    answered: float = 1.0
    foreign: int = 0
    refused: float = 1.0
    generation: int = 0
    dense_weight: float | None = None


class Tokens(Frozen):
    prompt: int = 0
    completion: int = 0
    total: int = 0


class Timeline(Frozen):
    """Where the time of an answer went, in seconds; the parts follow one another and add up to the total.

    Attributes:
        condense: making a question that stands alone.
        search: finding the passages.
        first_token: from the passages to the first word.
        rest: from the first word to the checked answer.
    """

    condense: float = 0.0
    search: float = 0.0
    first_token: float = 0.0
    rest: float = 0.0

    @property
    def total(self) -> float:
        return self.condense + self.search + self.first_token + self.rest


class Seconds(Frozen):
    """How long an answer took.

    Attributes:
        retrieve: the search.
        first_token: from the question to the first word.
        total: from the question to the checked answer.
        timeline: where all that went.
    """

    retrieve: float = 0.0
    first_token: float = 0.0
    total: float = 0.0
    timeline: Timeline = Timeline()

    @classmethod
    def of(cls, timeline: Timeline) -> Seconds:
        first = timeline.condense + timeline.search + timeline.first_token
        return cls(retrieve=timeline.search, first_token=first, total=timeline.total, timeline=timeline)


class Notice(Frozen):
    """Something the user should know about an answer: `code` names a text, `values` fill it.

    Codes, whose values are named at their texts in `prompts/notices.yaml`: no_model, parameter_dropped,
    fallback_model, marks_removed, history_summarised, stopped, length, typed_repair, expansion_ignored,
    expansion_failed, suspicious_passage, document_sampled, imported, files_unread, part_declined.
    """

    code: str
    values: dict[str, str] = {}


class Said(Frozen):
    """A message as it was sent to a model; `role` is "system", "user" or "assistant"."""

    role: str
    content: str


class SentChunk(Frozen):
    """A passage that an answer could stand on, and why it was chosen.

    Attributes:
        n: its number in the prompt, from 1.
        cited: its number in the answer while it was written; None where it was not cited.
        around: ids of the chunks that it was shown with, itself included, in the order of the document.
        digest: of the text of all these, so that a change shows.
        rank, score, dense, keyword: see `Hit`.
        rerank: see `Explanation`.
    """

    n: int
    cited: int | None = None
    chunk_id: str
    around: tuple[str, ...]
    digest: str
    source: str
    title: str = ""
    page: int | None = None
    rank: int
    score: float
    dense: float | None = None
    keyword: float | None = None
    rerank: float | None = None


class Trace(Frozen):
    """The record of an answer: all that shaped it, so that it can be explained and made again. No secrets.

    Attributes:
        version: of Docent.
        asked: the question as it was asked, with the turns before it that fit, and with the model and the
            sampling that were meant, whether they came from the question or from the settings.
        settings: those that shape an answer; see `app.chat.record`.
        collection, generation, embedding: what was searched, its state, and the model of its vectors; empty
            in free chat.
        threshold: from which score on a question was answered.
        dense_weight: the share of the vectors in the scores; None where that is not known.
        standalone: what was searched for.
        chunks: what the answer could stand on, in the order of the prompt; empty for a refusal off topic.
        prompt: the messages as they were sent; empty without a model.
        prompt_hash: of these.
        templates: the prompt files that were used, each with a hash of its text.
        model, fingerprint, response_id: what the server said of itself; None where it said nothing.
        sampling: what the model was asked with, without what it does not accept.
        cost: in US dollars; 0 for a model on a private machine, None where its price is not known.
        repeats: the message whose answer this one is made again from.
        continues: the message whose unfinished answer this one goes on with.
        held_by: of a typed answer, how the server held the model to the schema; see `app.llm.forms`.
        repairs: of a typed answer, how often it was asked for again because it did not fit.
        parts: of a typed answer, from how many parts of the passages it was put together.
    """

    version: str
    asked: Question
    settings: dict[str, Any] = {}
    collection: str = ""
    generation: int | None = None
    embedding: str = ""
    threshold: float | None = None
    dense_weight: float | None = None
    standalone: str = ""
    chunks: tuple[SentChunk, ...] = ()
    prompt: tuple[Said, ...] = ()
    prompt_hash: str = ""
    templates: dict[str, str] = {}
    model: str | None = None
    fingerprint: str | None = None
    response_id: str | None = None
    sampling: Sampling = Sampling()
    tokens: Tokens = Tokens()
    cost: float | None = None
    repeats: str | None = None
    continues: str | None = None
    held_by: str = ""
    repairs: int = 0
    parts: int = 0


class Answer(Frozen):
    """A finished answer; the JSON of `docent ask --json`.

    Attributes:
        sentences: what it says, sentence by sentence, with how far that is supported.
        score: the share of its sentences that is supported, those partly counting half; None where there is
            nothing to hold against the documents.
        refusal: why there is no answer, where there is none.
        prompts: by which parts of the prompt a model was told to word it.
        trace: how it came about; conversations keep it apart.
        form: of a typed answer, what finds its schema: `invoice`, or `my_form@3` for a version of one's own.
        evidence: of a typed answer, what each value stands on.
    """

    question: str
    standalone: str
    answer: str
    refused: bool
    citations: tuple[Citation, ...]
    model: str | None
    temperature: float | None
    seed: int | None
    fingerprint: str | None
    tokens: Tokens
    seconds: Seconds
    notices: tuple[Notice, ...] = ()
    typed: dict[str, Any] | None = None
    form: str = ""
    evidence: tuple[FieldEvidence, ...] = ()
    mode: Mode = Mode.DOCUMENTS
    sentences: tuple[CheckedSentence, ...] = ()
    score: float | None = None
    contradictions: tuple[Contradiction, ...] = ()
    refusal: Refusal | None = None
    prompts: tuple[PromptUsed, ...] = ()
    trace: Trace | None = None


# -- events: what the chain tells while it works, the same for browser and command line ------------


class Preparing(Frozen):
    """Files that the question came with are being indexed: how many are done, and which one is in hand."""

    kind: Literal["preparing"] = "preparing"
    done: int = 0
    total: int = 0
    name: str = ""


class Condensed(Frozen):
    kind: Literal["condensed"] = "condensed"
    standalone: str


class Retrieved(Frozen):
    kind: Literal["retrieved"] = "retrieved"
    hits: tuple[Hit, ...]
    seconds: float


class Prepared(Frozen):
    """What the answer will stand on is known; `trace` has no reply yet. Comes before the first word."""

    kind: Literal["prepared"] = "prepared"
    trace: Trace


class Token(Frozen):
    """A piece of the answer's text, to be appended to what came before.

    Attributes:
        cites: marks `[n]` that are new in it -> the number of the passage in the prompt.
    """

    kind: Literal["token"] = "token"
    text: str
    cites: dict[int, int] = {}


class Partial(Frozen):
    """The object of a typed answer as far as it has come: for showing only, nothing of it has been checked.

    Attributes:
        data: of the schema's shape, with what is not there yet left out.
    """

    kind: Literal["partial"] = "partial"
    data: dict[str, Any]


class Told(Frozen):
    kind: Literal["told"] = "told"
    notice: Notice


class Done(Frozen):
    """The last event: the checked answer, whose text replaces the streamed one."""

    kind: Literal["done"] = "done"
    answer: Answer


Event = Preparing | Condensed | Retrieved | Prepared | Token | Partial | Told | Done


# -- ingestion -------------------------------------------------------------------------------------


class FailedFile(Frozen):
    path: str
    error: str


class SuspiciousFile(Frozen):
    """A file with `chunks` that hold suspicious text; `codes` says why, see `ingest.suspicion`."""

    path: str
    codes: tuple[str, ...]
    chunks: int


class PlannedFile(Frozen):
    """What a run would do with a file of `size` bytes, and about how many chunks that are."""

    path: str
    change: Literal["add", "update", "delete"]
    size: int
    chunks: int


class Estimate(Frozen):
    """What a run would take, about.

    Attributes:
        seconds: None where there is nothing to tell it by.
        cost: in US dollars; 0 for a model on this machine, None where the server's price is not known.
        basis: what these figures are taken from, a sentence.
    """

    chunks: int
    tokens: int
    seconds: float | None
    cost: float | None
    basis: str


class WorkerShare(Frozen):
    """What one of several workers did of a run that they shared.

    Attributes:
        worker: its process and machine.
        workers: how many took part.
        added, updated, failed: files that this one did.
        written: their chunks.
        taken_over: those of its files that another worker had begun, which then was lost.
        leads: whether this one ended the run.
    """

    worker: str
    workers: int = 1
    added: int = 0
    updated: int = 0
    failed: int = 0
    written: int = 0
    taken_over: int = 0
    leads: bool = False


class IngestReport(Frozen):
    """The JSON of `python -m ingest --json`.

    `added`, `updated`, `unchanged` and `deleted` count files; `excluded` counts those of the deleted that are
    still there and are left out now. `documents` and `chunks` count what the collection holds afterwards
    (each record of a JSONL file is a document), and `written` the chunks of the added and updated files.
    `unread` is the share of its text that the embedding model cannot read, in [0, 1]; None where that is not
    known. `suspicious` names those of the added and updated files whose text addresses a model, or is hidden
    from readers. `half_built` names the embedding model that a rebuild was begun for and not finished. Of a
    run that several workers shared, all this is of the whole, and `share` of one. Only a dry run has
    `planned` and `estimate`.
    """

    collection: str
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    excluded: int = 0
    failed: tuple[FailedFile, ...] = ()
    documents: int = 0
    chunks: int = 0
    written: int = 0
    seconds: float = 0.0
    unread: float | None = None
    half_built: str = ""
    suspicious: tuple[SuspiciousFile, ...] = ()
    share: WorkerShare | None = None
    planned: tuple[PlannedFile, ...] = ()
    estimate: Estimate | None = None


class FileStatus(StrEnum):
    PENDING = "pending"
    INDEXED = "indexed"
    FAILED = "failed"


class FileVersion(Frozen):
    """A file as it was when it was indexed.

    Attributes:
        mtime_ns: its last change, in nanoseconds since 1970.
        indexed_at: ISO 8601, UTC.
    """

    sha256: str
    size: int
    mtime_ns: int
    indexed_at: str


class FileInfo(Frozen):
    """A file of a collection, as the documents page lists it.

    Attributes:
        mtime_ns: the last change of what is indexed, in nanoseconds since 1970; 0 where that is not known.
        textless_pages: numbers of the pages on which no text was found.
        versions: how many versions of it were indexed, one after the other.
    """

    id: str
    source: str
    path: str
    status: FileStatus
    error: str | None
    pages: int | None
    documents: int
    chunks: int
    size: int
    indexed_at: str | None
    mtime_ns: int = 0
    textless_pages: tuple[int, ...] = ()
    versions: int = 1
