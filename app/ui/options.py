"""What a conversation is asked with (collection, form, model, sampling), and the panel that sets it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.schemas import Mode, Question, Sampling, Turn
from app.ui import filter_box, only_box, shell

if TYPE_CHECKING:
    from app.config import Settings
    from app.history import Conversation
    from app.ui.texts import Texts

TEXT = ""
"""The form of a plain answer; any other form is the name of a schema."""

MOST_PASSAGES = 20


class Options(BaseModel):
    """Kept with each conversation.

    Attributes:
        form: "" for an answer in words, else the name of a schema.
        model: "" for the configured one, "none" for answers without a model, else "provider:model".
        filters: each "field:value"; only passages that match are searched.
        free: talk to the model without the documents, where the settings allow that.
        only: ids of the only files that are asked, until that is lifted; () for all.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    collection: str
    form: str = TEXT
    model: str = ""
    temperature: float | None = Field(default=None, ge=0, le=2)
    seed: int | None = None
    top_k: int = Field(default=6, ge=1, le=50)
    filters: tuple[str, ...] = ()
    free: bool = False
    only: tuple[str, ...] = ()

    @classmethod
    def initial(cls, settings: Settings) -> Options:
        """What the settings say."""
        return cls(
            collection=settings.collection,
            temperature=settings.temperature,
            seed=settings.seed,
            top_k=settings.top_k,
        )

    @classmethod
    def of(cls, conversation: Conversation, settings: Settings) -> Options:
        """Those of a conversation."""
        return cls.restored({**conversation.settings, "collection": conversation.collection}, settings)

    @classmethod
    def restored(cls, kept: dict[str, Any], settings: Settings) -> Options:
        """From what was kept; what does not fit any more gives way to the settings."""
        initial = cls.initial(settings)
        try:
            found = cls.model_validate({**initial.model_dump(), **kept})
            return found.model_copy(update={"free": found.free and settings.free_chat})
        except ValidationError:
            return initial

    def kept(self) -> dict[str, Any]:
        """What a conversation keeps beside its collection."""
        return self.model_dump(exclude={"collection"})

    def where(self, text: str) -> dict[str, Any]:
        """What a question with these words is limited to; files that it names itself go before those here."""
        from app.chat.retrieve.query import mentions

        chosen = dict(filter_box.where(self.filters, self.collection))
        if not mentions(text) and (files := only_box.held(self)):
            chosen["file_id"] = tuple(files)
        return chosen

    def question(self, text: str, history: tuple[Turn, ...]) -> Question:
        return Question(
            text=text,
            history=history,
            sampling=Sampling(temperature=self.temperature, seed=self.seed),
            top_k=self.top_k,
            model=self.model or None,
            where={} if self.free else self.where(text),
            mode=Mode.FREE if self.free else Mode.DOCUMENTS,
            form="" if self.free else self.form,
        )


def model_label(model: str, say: Texts) -> str:
    """How a choice of model is called on the page."""
    configured = shell.runtime().settings.llm_model
    if model == "none" or (not model and not configured):
        return say("options.no_model")
    return model or configured


def form_label(form: str, say: Texts) -> str:
    key = f"form.{form or 'text'}"
    return say(key) if say.has(key) else form


def panel(current: Options, key: str, on_change: Callable[[Options], None]) -> None:
    """A popover with all options; `on_change` gets the new ones as soon as one is changed.

    Args:
        key: tells the widgets of one conversation from those of another.
    """
    say = shell.texts()
    label = _label(current, say)
    with st.popover(shell.plain(label), icon=":material/tune:", type="tertiary"):
        chosen = _widgets(current, key, say)
    if chosen != current:
        on_change(chosen)


def _label(current: Options, say: Texts) -> str:
    model = model_label(current.model, say)
    if current.free:
        return f"{say('options.free')} · {model}"
    parts = [current.collection, model]
    parts += [form_label(current.form, say)] if current.form else []
    return " · ".join([*parts, *([", ".join(current.filters)] if current.filters else [])])


def _widgets(current: Options, key: str, say: Texts) -> Options:
    runtime = shell.runtime()
    free = _free(current, key, say)
    collections = sorted({*runtime.collections(), current.collection})
    collection = st.selectbox(
        say("options.collection"), collections, collections.index(current.collection), key=f"collection-{key}"
    )
    filters = filter_box.choose(current.filters, collection, f"filters-{key}", say)
    forms = [TEXT, *_forms()]
    form = st.selectbox(
        say("options.form"),
        forms,
        forms.index(current.form) if current.form in forms else 0,
        format_func=lambda name: form_label(name, say),
        help=say("options.form_help"),
        disabled=free,
        key=f"form-{key}",
    )
    models = list(dict.fromkeys(["", *runtime.models(), "none", current.model]))
    model = st.selectbox(
        say("options.model"),
        models,
        models.index(current.model),
        format_func=lambda name: model_label(name, say),
        accept_new_options=True,
        help=say("options.model_help"),
        key=f"model-{key}",
    )
    return current.model_copy(
        update={
            "collection": collection,
            "filters": filters,
            "free": free,
            "form": form,
            "model": model or "",
            **_sampling(current, key, say),
        }
    )


def _free(current: Options, key: str, say: Texts) -> bool:
    """The switch of free chat; there is none where it is forbidden, and it rests without a model."""
    runtime = shell.runtime()
    if not runtime.settings.free_chat:
        return False
    usable = current.model not in ("", "none") or (not current.model and bool(runtime.settings.llm_model))
    return st.toggle(
        say("options.free"),
        value=current.free,
        help=say("options.free_help" if usable else "options.free_needs_model"),
        disabled=not usable and not current.free,
        key=f"free-{key}",
    )


def _sampling(current: Options, key: str, say: Texts) -> dict[str, Any]:
    temperature = st.slider(
        say("options.temperature"),
        0.0,
        2.0,
        current.temperature or 0.0,
        0.1,
        help=say("options.temperature_help"),
        key=f"temperature-{key}",
    )
    seed = st.number_input(
        say("options.seed"),
        value=current.seed,
        step=1,
        placeholder=say("options.seed_random"),
        help=say("options.seed_help"),
        key=f"seed-{key}",
    )
    top_k = st.slider(
        say("options.top_k"),
        1,
        max(MOST_PASSAGES, current.top_k),
        current.top_k,
        help=say("options.top_k_help"),
        key=f"top-k-{key}",
    )
    unset = current.temperature is None and temperature == 0.0  # not touched: the model's own default
    return {"temperature": None if unset else temperature, "seed": seed, "top_k": top_k}


def _forms() -> list[str]:
    from app.answers import schemas

    return list(schemas())
