"""The record of an answer as HTML: its times, what it was asked with, what it stood on, what was sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from app.chat import places
from app.originals.originals import SENT
from app.ui import bar_html
from app.ui.source_cards import file_name
from app.ui.viewer.address import address

if TYPE_CHECKING:
    from app.history import Message
    from app.schemas import Answer, Chunk, Said, SentChunk, Timeline, Tokens, Trace
    from app.ui.texts import Texts

_PARTS = ("condense", "search", "first_token", "rest")
_COPY = "copy"
_SMALLEST = 0.02  # of the bar: what is shorter must still be seen
_ROLES = {"system", "user", "assistant"}


def details_html(message: Message, trace: Trace | None, chunks: Mapping[str, Chunk], say: Texts) -> str:
    """All of it.

    Args:
        trace: None for an answer of before records were kept.
        chunks: those of the passages that are still in the collection, by id.
    """
    answer = message.answer
    if trace is None:
        note = f'<div class="d-note">{say.html("record.none")}</div>'
        return f'<div class="d-details">{note}{_old(answer, say) if answer else ""}</div>'
    parts = [
        timeline_html(answer.seconds.timeline, say) if answer else "",
        _facts(_reply(trace, say), say("record.reply")),
        _facts(_asked(trace, message.id, say), say("record.asked")),
        _passages(trace, message.id, chunks, say),
        _prompt(trace, say),
        _settings(trace, say),
    ]
    return f'<div class="d-details">{"".join(parts)}</div>'


def _old(answer: Answer, say: Texts) -> str:
    facts = [
        (say("options.model"), answer.model or say("options.no_model")),
        *_sampling(answer.temperature, None, answer.seed, None, say),
        (say("record.tokens"), _tokens(answer.tokens, say)),
        (say("record.total"), say("record.seconds", seconds=f"{answer.seconds.total:.2f}")),
    ]
    return _facts(facts, say("record.reply"))


# -- where the time went -----------------------------------------------------------------------------------


def timeline_html(timeline: Timeline, say: Texts) -> str:
    """A bar of the parts, and the same as a list, which is what is read aloud."""
    if not timeline.total:
        return ""
    parts = [(part, getattr(timeline, part)) for part in _PARTS]
    bar = "".join(
        f'<i class="d-part-{part}" style="flex-grow:{max(_SMALLEST, seconds / timeline.total):.4f}"></i>'
        for part, seconds in parts
        if seconds > 0
    )
    rows = "".join(
        f'<li><span class="d-key d-part-{part}" aria-hidden="true"></span>'
        f"<span>{say.html(f'record.part_{part}')}</span>"
        f"<b>{say.html('record.seconds', seconds=f'{seconds:.2f}')}</b></li>"
        for part, seconds in parts
    )
    total = say.html("record.took", seconds=f"{timeline.total:.2f}")
    return (
        f'<section><h4>{total}</h4><div class="d-timeline" aria-hidden="true">{bar}</div>'
        f'<ol class="d-times">{rows}</ol></section>'
    )


# -- facts -------------------------------------------------------------------------------------------------


def _facts(facts: Iterable[tuple[str, str]], title: str) -> str:
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts if value)
    return f'<section><h4>{escape(title)}</h4><dl class="d-facts-list">{rows}</dl></section>' if rows else ""


def _reply(trace: Trace, say: Texts) -> Iterator[tuple[str, str]]:
    yield say("options.model"), trace.model or say("options.no_model")
    if trace.model is None:
        return
    used = trace.sampling
    yield from _sampling(used.temperature, used.top_p, used.seed, used.max_tokens, say)
    yield say("record.fingerprint"), trace.fingerprint or say("record.not_told")
    yield say("record.response"), trace.response_id or say("record.not_told")
    yield say("record.tokens"), _tokens(trace.tokens, say)
    yield say("record.cost"), _cost(trace.cost, say)


def _sampling(
    temperature: float | None, top_p: float | None, seed: int | None, most: int | None, say: Texts
) -> Iterator[tuple[str, str]]:
    unset = say("record.default")
    yield say("options.temperature"), unset if temperature is None else f"{temperature:g}"
    yield say("record.top_p"), unset if top_p is None else f"{top_p:g}"
    yield say("record.seed"), say("record.seed_random") if seed is None else str(seed)
    yield say("record.max_tokens"), unset if most is None else f"{most:,}"


def _tokens(tokens: Tokens, say: Texts) -> str:
    if not tokens.total:
        return say("record.not_told")
    return say(
        "record.tokens_of",
        prompt=f"{tokens.prompt:,}",
        completion=f"{tokens.completion:,}",
        total=f"{tokens.total:,}",
    )


def _cost(cost: float | None, say: Texts) -> str:
    if cost is None:
        return say("record.cost_unknown")
    return say("record.cost_none") if cost == 0 else f"US$ {cost:.6f}".rstrip("0")


def _asked(trace: Trace, message_id: str, say: Texts) -> Iterator[tuple[str, str]]:
    if trace.standalone != trace.asked.text:
        yield say("record.standalone"), trace.standalone
    if trace.asked.form:
        yield say("options.form"), trace.asked.form
    if trace.collection:
        yield say("options.collection"), say("record.state", name=trace.collection, state=trace.generation)
        yield say("record.embedding"), trace.embedding
        yield say("options.top_k"), str(trace.asked.top_k)
        yield say("record.threshold"), "" if trace.threshold is None else f"{trace.threshold:.3f}"
        weight = trace.dense_weight
        yield say("record.weights"), "" if weight is None else _weights(weight, say)
    filters = (f"{name}: {value}" for name, values in trace.asked.where.items() for value in values)
    yield say("record.filters"), ", ".join(filters)
    yield say("record.history"), say.plural("record.turns", len(trace.asked.history))
    yield say("record.version"), trace.version
    yield say("record.message"), message_id


def _weights(dense: float, say: Texts) -> str:
    return say("record.weights_of", dense=f"{100 * dense:.0f} %", words=f"{100 - 100 * dense:.0f} %")


# -- what it stood on --------------------------------------------------------------------------------------


def _passages(trace: Trace, message_id: str, chunks: Mapping[str, Chunk], say: Texts) -> str:
    if not trace.chunks:
        return ""
    rows = "".join(_passage(one, message_id, chunks.get(one.chunk_id), say) for one in trace.chunks)
    title = say.html("record.passages", count=len(trace.chunks))
    return f'<section><h4>{title}</h4><ol class="d-sent">{rows}</ol></section>'


def _passage(one: SentChunk, message_id: str, chunk: Chunk | None, say: Texts) -> str:
    href = escape(address(message_id, one.n, say.language, among=SENT))
    name = ", ".join(filter(None, (file_name(one.source), _place(one, chunk, say))))
    told = [say("record.scores", rank=one.rank, score=f"{one.score:.3f}")]
    told += [say("record.dense", value=f"{one.dense:.3f}")] if one.dense is not None else []
    told += [say("record.keyword", value=f"{one.keyword:.2f}")] if one.keyword is not None else []
    told += [say("record.rerank", value=f"{one.rerank:.3f}")] if one.rerank is not None else []
    told += [say("record.neighbours", count=len(one.around) - 1)] if len(one.around) > 1 else []
    told += [say("record.gone")] if chunk is None else []
    cited = say("record.cited", n=one.cited) if one.cited else say("record.not_cited")
    return (
        f'<li value="{one.n}"><a href="{href}" target="_blank" rel="noopener">{escape(name)}</a> '
        f'<span class="d-{"cited" if one.cited else "uncited"}">{escape(cited)}</span>'
        f"<small>{escape(' · '.join(told))}</small></li>"
    )


def _place(one: SentChunk, chunk: Chunk | None, say: Texts) -> str:
    if chunk is not None:
        return places.place(chunk, say.language)
    return f"p. {one.page}" if one.page else ""


# -- what was sent -----------------------------------------------------------------------------------------


def _prompt(trace: Trace, say: Texts) -> str:
    if not trace.prompt:
        return ""
    messages = "".join(_message(one, say) for one in trace.prompt)
    whole = "\n\n".join(f"[{one.role}]\n{one.content}" for one in trace.prompt)
    hashes = [say("record.hash", hash=trace.prompt_hash[:16])]
    hashes += [say("record.template", name=name, hash=value) for name, value in trace.templates.items()]
    return (
        f"<section><h4>{say.html('record.prompt')}{bar_html.button('copy', 'prompt', say, text=whole)}</h4>"
        f'{messages}<p class="d-hashes">{escape(" · ".join(hashes))}</p></section>'
    )


def _message(one: Said, say: Texts) -> str:
    role = say.html(f"record.role_{one.role}") if one.role in _ROLES else escape(one.role)
    size = say.html("record.characters", count=f"{len(one.content):,}")
    return (
        f'<details class="d-fold"><summary>{role} <small>{size}</small></summary>'
        f'<pre tabindex="0">{escape(one.content)}</pre></details>'
    )


def _settings(trace: Trace, say: Texts) -> str:
    rows = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(_shown(value))}</dd>"
        for name, value in trace.settings.items()
        if value not in (None, "")
    )
    return (
        f'<details class="d-fold"><summary>{say.html("record.settings")}</summary>'
        f'<dl class="d-facts-list">{rows}</dl></details>'
    )


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
