"""Values, estimates and counts of tables in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.ui.options.labels import model_label

if TYPE_CHECKING:
    from app.answers.schemas.fields import Field
    from app.tables import Plan
    from app.tables.estimate import Estimate
    from app.ui.texts import Texts


NOTHING = "–"
"""What stands in an empty cell."""


def heading(plan: Plan, say: Texts) -> str:
    """What a table is called."""
    return f"{plan.title(say.language)} · {plan.collection}"


def value_text(value: Any, field: Field, say: Texts, unit: str = "") -> str:
    """A value as people read it; "" for none."""
    if isinstance(value, list):
        if field.kind == "object":
            return say.plural("tables.entries", len(value)) if value else ""
        return ", ".join(value_text(one, field, say) for one in value if one is not None)
    if value is None:
        return ""
    if isinstance(value, bool):
        return say("chat.is_true" if value else "chat.is_false")
    if isinstance(value, int | float) and field.kind == "money":
        amount = f"{value:,.2f}".removesuffix(".00") if isinstance(value, float) else f"{value:,}"
        return f"{amount} {unit or field.unit}".strip()
    if isinstance(value, float):
        return f"{value:.15g}"
    return (
        ", ".join(f"{name}: {one}" for name, one in value.items())
        if isinstance(value, Mapping)
        else str(value)
    )


def estimate_text(ahead: Estimate, model: str | None, say: Texts) -> str:
    """What a run would take, in one or two sentences."""
    if not ahead.documents:
        return say("tables.nothing_to_do")
    parts = [say.plural("tables.to_ask", ahead.documents)]
    if ahead.unchanged:
        parts.append(say.plural("tables.unchanged", ahead.unchanged))
    if ahead.removed:
        parts.append(say.plural("tables.removed", ahead.removed))
    if ahead.seconds is not None:
        parts.append(
            say("tables.takes", time=duration(ahead.seconds, say), basis=say(f"tables.basis_{ahead.basis}"))
        )
    if model is None:
        parts.append(say("tables.free"))
    else:
        tokens = f"{ahead.tokens.total:,}"
        known = ahead.dollars is not None
        price = say("tables.price", dollars=f"{ahead.dollars:.2f}") if known else say("tables.no_price")
        parts += [say("tables.tokens", tokens=tokens, model=model_label(model, say)), price]
    return " · ".join(parts)


def duration(seconds: float, say: Texts) -> str:
    if seconds < 90:
        return say("tables.seconds", n=max(1, round(seconds)))
    if seconds < 5400:
        return say("tables.minutes", n=round(seconds / 60))
    return say("tables.hours", n=f"{seconds / 3600:.1f}")


def filler_label(label: str, say: Texts) -> str:
    """Who fills a table."""
    return say("tables.by_rules") if label in ("rules", "") else model_label(label, say)
