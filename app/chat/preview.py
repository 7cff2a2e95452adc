"""The prompt as it would be sent, without sending it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.chat.context import Passage
from app.chat.tokens import count_tokens
from app.schemas import Frozen, PromptUsed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.prompting import Chosen


class Preview(Frozen):
    """What a model would be sent.

    Attributes:
        system, human: the two texts.
        tokens: about how many tokens both are, for which the count errs on the safe side.
        passages: how many of them stand in it; with none, a question is refused and nothing is sent.
        prompts: which parts it was put together from.
    """

    system: str
    human: str
    tokens: int
    passages: int
    prompts: tuple[PromptUsed, ...]


def preview(
    question: str, passages: Sequence[Passage], wording: Chosen, task: tuple[PromptUsed, ...] = ()
) -> Preview:
    """The prompt for a question that has no history."""
    from app.chat.generate import prompted

    given: dict[str, Any] = {
        "question": question,
        "standalone": question,
        "history": [],
        "passages": passages,
    }
    system, human = (message.text for message in prompted(wording).invoke(given).to_messages())
    tokens = count_tokens(system) + count_tokens(human)
    return Preview(
        system=system, human=human, tokens=tokens, passages=len(passages), prompts=(*wording.used, *task)
    )
