"""The dialog that asks what to vary between the answers to one question."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from app.errors import DocentError
from app.sampling import draw_seeds
from app.ui import compare, shell
from app.ui.options.labels import model_label, without_model
from app.ui.variations import next_question
from app.ui.variations.plan import FEWEST, MOST, Plan, Vary, temperatures
from app.ui.variations.start import start

if TYPE_CHECKING:
    from app.history import Message
    from app.ui.options import Options
    from app.ui.texts import Texts

_TEMPERATURES = ("0", "0.3", "0.5", "0.7", "1", "1.3")
_FIRST_TEMPERATURES = ("0", "0.5", "1")


def for_question(asked: Message, options: Options, say: Texts) -> None:
    """Open it for a question that was asked: it is answered at once, and the answers are compared."""

    def begin(plan: Plan) -> None:
        start(asked, plan, options)
        compare.open_(asked.id)

    _open(options, say, "about", lambda plan: say("variations.ask", count=len(plan.values)), begin)


def for_next_question(key: str, options: Options, say: Texts) -> None:
    """Open it for the question that is asked next.

    Args:
        key: id of the conversation, or "new".
    """
    _open(
        options,
        say,
        "about_next",
        lambda _: say("variations.use"),
        lambda plan: next_question.hold(key, plan),
    )


def _open(
    options: Options, say: Texts, about: str, label: Callable[[Plan], str], use: Callable[[Plan], None]
) -> None:
    @st.dialog(say("variations.title"), width="medium")
    def dialog() -> None:
        st.html(f'<p class="d-hint-line">{say.html(f"variations.{about}")}</p>')
        plan = _plan(options, say)
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button(say("common.cancel"), key="cancel-variations"):
                st.rerun()
            pressed = st.button(
                label(plan) if plan.is_ready else say("variations.too_few"),
                type="primary",
                disabled=not plan.is_ready,
                key="use-variations",
            )
        if pressed and _done(use, plan):
            st.rerun()

    dialog()


def _done(use: Callable[[Plan], None], plan: Plan) -> bool:
    """Whether it could be done; else it is told in the dialog why not."""
    try:
        use(plan)
    except DocentError as error:
        shell.error_card(error)
        return False
    return True


# -- what is varied ------------------------------------------------------------------------------------------


def _plan(options: Options, say: Texts) -> Plan:
    if without_model(options.model):
        st.caption(say("variations.only_models"))
        return _models(options, say)
    what = st.segmented_control(
        say("variations.what"),
        list(Vary),
        default=Vary.TEMPERATURE,
        format_func=lambda one: say(f"variations.{one}"),
        required=True,
        key="vary",
    )
    kinds = {Vary.TEMPERATURE: _temperatures, Vary.SEED: _seeds, Vary.MODEL: _models}
    return kinds[Vary(what or Vary.TEMPERATURE)](options, say)


def _temperatures(_: Options, say: Texts) -> Plan:
    written = st.multiselect(
        say("variations.temperatures"),
        _TEMPERATURES,
        _FIRST_TEMPERATURES,
        accept_new_options=True,
        max_selections=MOST,
        help=say("variations.temperatures_help"),
        select_all=False,
        key="vary-temperatures",
    )
    values, wrong = temperatures(written)
    if wrong:
        st.caption(shell.plain(say("variations.temperatures_wrong", values=", ".join(wrong))))
    return Plan(Vary.TEMPERATURE, tuple(values))


def _seeds(options: Options, say: Texts) -> Plan:
    count = st.segmented_control(
        say("variations.count"),
        range(FEWEST, MOST + 1),
        default=FEWEST,
        format_func=str,
        required=True,
        key="vary-seeds",
    )
    about = say("variations.seeds_about")
    st.caption(about if options.temperature else f"{about} {say('variations.seeds_alike')}")
    return Plan(Vary.SEED, draw_seeds(count or FEWEST))


def _models(options: Options, say: Texts) -> Plan:
    here = options.model or shell.runtime().settings.llm_model or "none"
    known = list(dict.fromkeys([here, *shell.runtime().models(), "none"]))
    chosen = st.multiselect(
        say("variations.models"),
        known,
        known[:FEWEST],
        format_func=lambda name: model_label(name, say),
        accept_new_options=True,
        max_selections=MOST,
        help=say("variations.models_help"),
        select_all=False,
        key="vary-models",
    )
    return Plan(Vary.MODEL, tuple(chosen))
