"""How choices of the options are called on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.ui import shell

if TYPE_CHECKING:
    from app.ui.options.values import Options
    from app.ui.texts import Texts


def model_label(model: str, say: Texts) -> str:
    """How a choice of model is called on the page."""
    return say("options.no_model") if without_model(model) else model or _configured()


def without_model(model: str) -> bool:
    """Whether this choice answers without a language model."""
    return model == "none" or (not model and not _configured())


def _configured() -> str:
    settings = shell.runtime().settings
    return settings.llm_model or settings.llm_base_url  # a server that says itself which model it has


def form_label(form: str, say: Texts) -> str:
    """The title of a schema; its name where it is gone by now."""
    if not form:
        return say("form.text")
    schema = next((one for one in shell.runtime().schemas.all() if one.name == form), None)
    return form if schema is None else schema.title(say.language)


def summary(current: Options, say: Texts) -> str:
    """All that a reader should know at a glance, in one line."""
    model = model_label(current.model, say)
    parts = [say("options.free"), model] if current.free else [current.collection, model]
    if not current.free:
        parts += [form_label(current.form, say)] if current.form else []
        parts += [", ".join(current.filters)] if current.filters else []
    if current.preset and current.preset.temperature and not without_model(current.model):
        parts.append(say(f"sampling.{current.preset.name}"))
    return " · ".join(parts)
