"""Has one question answered in several ways at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.ui import asking, shell

if TYPE_CHECKING:
    from app.history import Message
    from app.ui.options import Options
    from app.ui.variations.plan import Plan


def start(asked: Message, plan: Plan, options: Options) -> None:
    """Begin all answers; the conversation shows the first of them.

    Raises:
        UsageError: another question of this conversation is being answered.
    """
    shell.runtime().jobs.check_free(asked.conversation_id, asked.id)
    for number, variant in enumerate(plan.variants(options)):
        asking.answer(asked, variant, shown=number == 0)
