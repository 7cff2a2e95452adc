"""Two answers to one question held against each other: their words, and what shaped them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from app.schemas import Answer, Frozen, SentChunk, Trace
from app.worddiff import likeness

# These are held against each other by what the model was asked with in effect.
_ELSEWHERE = frozenset({"temperature", "seed", "top_p", "max_tokens", "top_k", "llm_model"})
_MOST_NAMES = 5


class Finding(Frozen):
    """What is the same in two answers, has changed, or cannot be known; see `prompts/changes.yaml`.

    Attributes:
        code: names a text, which `values` fill.
    """

    about: Literal["words", "model", "seed", "documents", "prompt", "settings", "version"]
    state: Literal["same", "changed", "unknown"]
    code: str
    values: dict[str, str] = Field(default_factory=dict)


class Comparison(Frozen):
    """The outcome.

    Attributes:
        same: the answers are equal, sign by sign.
        likeness: how much of them is the same words in the same order, in [0, 1].
    """

    same: bool
    likeness: float
    findings: tuple[Finding, ...]


def compare(before: Answer, after: Answer, was: Trace, now: Trace) -> Comparison:
    """Hold an answer against a later one."""
    alike = likeness(before.answer, after.answer)
    same = before.answer == after.answer
    words = Finding(
        about="words",
        state="same" if same else "changed",
        code="words_same" if same else "words_changed",
        values={} if same else {"percent": str(min(99, int(100 * alike)))},
    )
    rest = (*_model(was, now), *_seed(was, now), *_documents(was, now), *_prompt(was, now))
    return Comparison(
        same=same, likeness=alike, findings=(words, *rest, *_settings(was, now), *_version(was, now))
    )


def _model(was: Trace, now: Trace) -> Iterator[Finding]:
    values = {"before": was.model or "–", "after": now.model or "–"}
    if was.model != now.model:
        yield Finding(about="model", state="changed", code="model_changed", values=values)
    elif was.model is None:
        yield Finding(about="model", state="same", code="model_none")
    elif was.fingerprint is None or now.fingerprint is None:
        yield Finding(about="model", state="unknown", code="fingerprint_unknown", values=values)
    else:
        same = was.fingerprint == now.fingerprint
        values |= {"fingerprint_before": was.fingerprint, "fingerprint_after": now.fingerprint}
        code = "fingerprint_same" if same else "fingerprint_changed"
        yield Finding(about="model", state="same" if same else "changed", code=code, values=values)


def _seed(was: Trace, now: Trace) -> Iterator[Finding]:
    """Only a model draws lots."""
    if now.model is None:
        return
    before, after = was.sampling.seed, now.sampling.seed
    if before is None and after is None:
        dropped = was.asked.sampling.seed is not None
        yield Finding(about="seed", state="unknown", code="seed_dropped" if dropped else "seed_none")
    else:
        same = before == after
        values = {"before": _shown(before), "after": _shown(after)}
        code = "seed_same" if same else "seed_changed"
        yield Finding(about="seed", state="same" if same else "changed", code=code, values=values)


def _documents(was: Trace, now: Trace) -> Iterator[Finding]:
    if not was.collection and not now.collection:
        return
    values = {
        "count": str(len(now.chunks)),
        "before": _shown(was.generation),
        "after": _shown(now.generation),
        "embedding_before": was.embedding,
        "embedding_after": now.embedding,
    }
    if was.embedding != now.embedding:
        yield Finding(about="documents", state="changed", code="embedding_changed", values=values)
    old, new = [one.digest for one in was.chunks], [one.digest for one in now.chunks]
    if old == new:
        moved = was.generation != now.generation
        code = "documents_other_state" if moved else "documents_same"
        code = code if new else f"{code}_none"
        yield Finding(about="documents", state="same", code=code, values=values)
    elif sorted(old) == sorted(new):
        yield Finding(about="documents", state="changed", code="documents_order", values=values)
    else:
        gone = [one for one in was.chunks if one.digest not in set(new)]
        come = [one for one in now.chunks if one.digest not in set(old)]
        values |= {"gone": _named(gone), "come": _named(come)}
        code = "documents_both" if gone and come else "documents_gone" if gone else "documents_come"
        yield Finding(about="documents", state="changed", code=code, values=values)


def _prompt(was: Trace, now: Trace) -> Iterator[Finding]:
    if not (was.prompt or now.prompt):
        return
    edited = sorted(
        name
        for name in was.templates.keys() | now.templates.keys()
        if was.templates.get(name) != now.templates.get(name)
    )
    values = {"names": ", ".join(edited), "before": was.prompt_hash[:12], "after": now.prompt_hash[:12]}
    if edited:
        yield Finding(about="prompt", state="changed", code="templates_changed", values=values)
    elif was.prompt_hash != now.prompt_hash:
        yield Finding(about="prompt", state="changed", code="prompt_changed", values=values)
    else:
        yield Finding(about="prompt", state="same", code="prompt_same", values=values)


def _settings(was: Trace, now: Trace) -> Iterator[Finding]:
    changes = [f"{name} {_shown(before)} → {_shown(after)}" for name, before, after in _changed(was, now)]
    if changes:
        values = {"changes": "; ".join(changes)}
        yield Finding(about="settings", state="changed", code="settings_changed", values=values)
    else:
        yield Finding(about="settings", state="same", code="settings_same")


def _changed(was: Trace, now: Trace) -> Iterator[tuple[str, Any, Any]]:
    """Settings that differ, and what else was asked with: name, before, after."""
    before, after = _all_settings(was), _all_settings(now)
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield name, before.get(name), after.get(name)


def _all_settings(trace: Trace) -> Mapping[str, Any]:
    kept: dict[str, Any] = {name: value for name, value in trace.settings.items() if name not in _ELSEWHERE}
    drawn = trace.sampling.model_dump(exclude={"seed"})
    threshold = None if trace.threshold is None else round(trace.threshold, 4)
    kept |= {"held_by": trace.held_by} if trace.held_by else {}
    return {**kept, **drawn, "top_k": trace.asked.top_k, "threshold": threshold}


def _version(was: Trace, now: Trace) -> Iterator[Finding]:
    same = was.version == now.version
    values = {"before": was.version, "after": now.version}
    code = "version_same" if same else "version_changed"
    yield Finding(about="version", state="same" if same else "changed", code=code, values=values)


def _named(chunks: list[SentChunk]) -> str:
    names = list(dict.fromkeys(one.source + (f" ({one.page})" if one.page else "") for one in chunks))
    return ", ".join(names[:_MOST_NAMES]) + (", …" if len(names) > _MOST_NAMES else "")


def _shown(value: object) -> str:
    return "–" if value is None or value == "" else str(value)
