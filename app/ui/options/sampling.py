"""How freely the model chooses its words: a preset, or each value by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.sampling import PRESETS, SeedMode
from app.ui import shell
from app.ui.options.labels import without_model
from app.ui.options.widgets import following

if TYPE_CHECKING:
    from app.ui.options.values import Options
    from app.ui.texts import Texts

OWN = "own"
"""In place of a preset's name: values of one's own."""

_LEAST_TOP_P = 0.01


def section(current: Options, key: str, say: Texts) -> Options:
    """Nothing to set without a model, whose answers are the documents' own sentences."""
    if without_model(current.model):
        st.caption(say("sampling.no_model"))
        return current
    chosen = _preset(current, key, say)
    with st.expander(say("sampling.by_hand"), key=f"by-hand-{key}"):
        by_hand = _by_hand(current, key, say)
    # A preset that was just chosen; the values below follow it when the page is drawn anew.
    return by_hand if chosen is current else chosen


def _preset(current: Options, key: str, say: Texts) -> Options:
    here = current.preset.name if current.preset else OWN
    name = st.segmented_control(
        say("sampling.preset"),
        [*PRESETS, *([OWN] if here == OWN else [])],
        default=here,
        format_func=lambda one: say(f"sampling.{one}"),
        required=True,
        help=say("sampling.preset_help"),
        key=following(f"preset-{key}", here),
    )
    st.caption(say(f"sampling.{here}_hint"))
    return current.with_preset(PRESETS[name]) if name in PRESETS and name != here else current


def _by_hand(current: Options, key: str, say: Texts) -> Options:
    values = {
        "temperature": _temperature(current.temperature, key, say),
        "top_p": _top_p(current.top_p, key, say),
    }
    seeded = _seed(current, key, say)
    return seeded.model_copy(update={**values, "max_tokens": _max_tokens(current.max_tokens, key, say)})


def _temperature(now: float | None, key: str, say: Texts) -> float | None:
    shown = now or 0.0
    value = st.slider(
        say("options.temperature"),
        0.0,
        2.0,
        shown,
        step=0.05,
        help=say("options.temperature_help"),
        key=following(f"temperature-{key}", shown),
    )
    return now if value == shown else value  # untouched: what was not set stays the model's own default


def _top_p(now: float | None, key: str, say: Texts) -> float | None:
    shown = max(_LEAST_TOP_P, 1.0 if now is None else now)
    value = st.slider(
        say("sampling.top_p"),
        _LEAST_TOP_P,
        1.0,
        shown,
        step=0.01,
        help=say("sampling.top_p_help"),
        key=following(f"top-p-{key}", shown),
    )
    return now if value == shown else value


def _seed(current: Options, key: str, say: Texts) -> Options:
    chosen = st.segmented_control(
        say("options.seed"),
        [mode.value for mode in SeedMode],
        default=current.seed_mode.value,
        format_func=lambda one: say(f"sampling.seed_{one}"),
        required=True,
        help=say("options.seed_help"),
        key=following(f"seed-mode-{key}", current.seed_mode.value),
    )
    mode = SeedMode(chosen or current.seed_mode)
    if mode is SeedMode.FIXED:
        seed = st.number_input(
            say("sampling.seed_number"),
            value=current.seed,
            step=1,
            placeholder=say("sampling.seed_open"),
            key=following(f"seed-{key}", current.seed),
        )
        return current.model_copy(update={"seed_mode": mode, "seed": seed})
    drawn = mode is SeedMode.CONVERSATION and current.drawn is not None
    st.caption(say("sampling.seed_drawn", seed=current.drawn) if drawn else say(f"sampling.seed_{mode}_hint"))
    return current.model_copy(update={"seed_mode": mode})


def _max_tokens(now: int | None, key: str, say: Texts) -> int | None:
    limit = shell.runtime().settings.max_tokens
    return st.number_input(
        say("sampling.max_tokens"),
        min_value=1,
        value=now,
        step=1,
        placeholder=say("sampling.max_tokens_open") if limit is None else f"{limit:,}",
        help=say("sampling.max_tokens_help"),
        key=following(f"max-tokens-{key}", now),
    )
