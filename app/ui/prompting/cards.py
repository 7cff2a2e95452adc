"""Prompts as cards, and what is told of one, as HTML. All that people wrote is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from app.ui.bar_html import icon, offers

if TYPE_CHECKING:
    from app.history import OwnPrompt
    from app.ui.texts import Texts
    from prompts.library import Kind, Part

ICONS = {"role": "person", "style": "format_paragraph", "examples": "format_quote", "task": "task_alt"}


def reference(part: Part) -> str:
    """How the buttons of a part name it."""
    return f"{part.kind}/{part.name}"


def words(part: Part) -> str:
    """What a search looks at."""
    texts = (part.name, part.title.en, part.title.ko, part.description.en, part.description.ko)
    return " ".join(texts).casefold()


def section_html(kind: Kind, parts: Sequence[Part], say: Texts) -> str:
    cards = "".join(f"<li>{_card(part, say)}</li>" for part in parts)
    head = f"<h2>{icon(ICONS[kind])} {say.html(f'prompts.kind_{kind}')}</h2>"
    about = f"<p>{say.html(f'prompts.about_{kind}')}</p>"
    return f'<section class="d-prompts">{head}{about}<ul>{cards}</ul></section>'


def _card(part: Part, say: Texts) -> str:
    own = _badge(say("prompts.own", version=part.version)) if part.version else ""
    model = _badge(say("prompts.needs_model")) if needs_model(part) else ""
    value, title = escape(reference(part)), escape(part.title[say.language])
    return (
        f'<article><h3><button type="button" data-act="prompt-open" data-value="{value}">{title}</button>'
        f"</h3><p>{escape(part.description[say.language])}</p>"
        f'<div class="d-foot"><code>{escape(part.name)}</code>{own}{model}'
        f"{_use(value, title, say)}</div></article>"
    )


def _use(value: str, title: str, say: Texts) -> str:
    label = say.html("prompts.use")
    return (
        f'<button type="button" class="d-use" data-act="prompt-use" data-value="{value}" '
        f'aria-label="{label}: {title}">{label}</button>'
    )


def needs_model(part: Part) -> bool:
    return part.kind == "task" and part.without_model == "none"


def _badge(text: str) -> str:
    return f'<span class="d-badge">{escape(text)}</span>'


def details_html(part: Part, say: Texts) -> str:
    """All that is known of a part: its text in both languages, variables, examples."""
    body = f'<p class="d-lead">{escape(part.description[say.language])}</p>'
    if needs_model(part):
        body += f'<div class="d-note">{say.html("prompts.needs_model_more")}</div>'
    if part.variables:
        rows = "".join(_variable(name, part, say) for name in part.variables)
        body += f'<h4>{say.html("prompts.variables")}</h4><dl class="d-variables">{rows}</dl>'
    other = say("prompts.text_ko" if say.language == "en" else "prompts.text_en")
    body += _text(say("prompts.text"), part.text[say.language], say)
    if part.text.en != part.text.ko:
        body += _text(other, part.text.ko if say.language == "en" else part.text.en, say)
    if part.examples:
        asked = "".join(f"<li>{escape(one[say.language])}</li>" for one in part.examples)
        body += f"<h4>{say.html('prompts.examples')}</h4><ul>{asked}</ul>"
    version = f" · {say('prompts.version', version=part.version)}" if part.version else ""
    facts = f"{reference(part)}{version} · {say('prompts.hash')} {part.hash}"
    return f'<div class="d-prompt">{body}<p class="d-facts">{escape(facts)}</p></div>'


def acts_html(part: Part, say: Texts) -> str:
    """What can be done with it; one of the library is copied and stays."""
    edit = "prompts.edit_it" if part.version else "prompts.copy"
    acts = [("prompt-use", say("prompts.use")), ("prompt-edit", say(edit))]
    acts += [("prompt-delete", say("prompts.delete"))] if part.version else []
    return offers(acts, reference(part))


def _text(title: str, text: str, say: Texts) -> str:
    return f"<h4>{escape(title)}</h4>{pre(text) if text else '<p>' + say.html('prompts.no_text') + '</p>'}"


def pre(text: str, label: str = "") -> str:
    """A text as it stands; what is longer than the box can be reached by the keyboard."""
    named = f' aria-label="{escape(label)}"' if label else ""
    return f'<pre class="d-pre" tabindex="0"{named}>{escape(text)}</pre>'


def _variable(name: str, part: Part, say: Texts) -> str:
    one = part.variables[name]
    title, hint = one.title[say.language] or name, one.hint[say.language]
    default = (
        say("prompts.must_be_given")
        if one.default is None
        else say("prompts.default", value=one.default[say.language] or "–")
    )
    told = " · ".join(filter(None, (hint, default)))
    return f"<dt><code>{escape('{' + name + '}')}</code> {escape(title)}</dt><dd>{escape(told)}</dd>"


def undo_html(gone: str, say: Texts) -> str:
    """A line on what was just deleted."""
    name = escape(gone.partition("/")[2])
    button = _restore(gone, say("prompts.undo"))
    return f'<div class="d-note d-undo" role="status">{say.html("prompts.deleted", name=name)} {button}</div>'


def _restore(gone: str, words: str) -> str:
    act = f'data-act="prompt-restore" data-value="{escape(gone)}"'
    return f'<button type="button" {act}>{escape(words)}</button>'


def deleted_html(gone: Sequence[OwnPrompt], say: Texts) -> str:
    """Those that can be brought back, folded away."""
    rows = "".join(
        f"<li><code>{escape(f'{one.kind}/{one.name}')}</code> "
        f"{_restore(f'{one.kind}/{one.name}', say('prompts.restore'))}</li>"
        for one in gone
    )
    title = escape(say.plural("prompts.gone", len(gone)))
    return f'<details class="d-note d-gone"><summary>{title}</summary><ul>{rows}</ul></details>'
