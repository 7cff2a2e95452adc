"""A typed answer as HTML: its object as fields, tables and cards, with evidence at each value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from app.errors import DocentError
from app.ui.bar_html import icon
from app.ui.safe_markdown import Mark
from app.ui.typed.value_html import View, value_html

if TYPE_CHECKING:
    from app.answers.schemas import Schema
    from app.schemas import Answer
    from app.ui.texts import Texts


def schema_of(form: str) -> Schema | None:
    """The schema that an answer was asked for; None for one that is gone by now."""
    from app.ui import shell

    if not form:
        return None
    try:
        return shell.runtime().schemas.find(form).asked
    except DocentError:
        return None


def answer_html(answer: Answer, message_id: str, marks: Mapping[int, Mark], say: Texts) -> str:
    """The whole object.

    Args:
        marks: what `[n]` in its texts points to, where its values have no evidence of their own.
    """
    schema = schema_of(answer.form)
    evidence = {one.path: (i, one) for i, one in enumerate(answer.evidence, 1)}
    view = View(say, message_id, evidence, marks)
    body = value_html(view, answer.typed or {}, schema.fields if schema else (), "")
    return (
        f'<div class="d-answer d-typed" role="article" aria-label="{say.html("chat.docent")}" '
        f'data-json="{escape(as_json(answer.typed or {}))}" data-name="{escape(file_name(answer.form))}">'
        f"{_head(answer, schema, say)}{body}</div>"
    )


def partial_html(data: Mapping[str, Any], form: str, say: Texts) -> str:
    """The object as far as it has come; nothing of it has been checked."""
    schema = schema_of(form)
    view = View(say, pending=True)
    title = escape(schema.title(say.language)) if schema else ""
    told = f'<span role="status">{say.html("typed.coming")}</span>'
    body = value_html(view, dict(data), schema.fields if schema else (), "")
    head = f'<div class="d-typed-head"><strong>{title}</strong>{told}</div>'
    return f'<div class="d-answer d-typed d-live">{head}{body}</div>'


def as_json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2)


def file_name(form: str) -> str:
    return f"{form.partition('@')[0] or 'answer'}.json"


def _head(answer: Answer, schema: Schema | None, say: Texts) -> str:
    """What it is, how much of it was found, and what can be done with it."""
    title = f"<strong>{escape(schema.title(say.language))}</strong>" if schema else ""
    acts = _act("json-copy", "content_copy", "typed.copy", say) + _act(
        "json-save", "download", "typed.save", say
    )
    return f'<div class="d-typed-head">{title}<span>{_counts(answer, say)}</span>{acts}</div>'


def _counts(answer: Answer, say: Texts) -> str:
    if not answer.evidence:
        return ""
    found = sum(one.value is not None for one in answer.evidence)
    return say.html("typed.counts", found=found, count=len(answer.evidence))


def _act(act: str, sign: str, key: str, say: Texts) -> str:
    told = say.html(key)
    return (
        f'<button type="button" class="d-act" data-act="{act}" aria-label="{told}" title="{told}">'
        f"{icon(sign)}</button>"
    )
