"""What a conversation is asked with, and the panel that sets it: a list of sections, one module each."""

from app.ui.options.labels import form_label, model_label
from app.ui.options.panel import panel
from app.ui.options.values import TEXT, Options

__all__ = ["TEXT", "Options", "form_label", "model_label", "panel"]
