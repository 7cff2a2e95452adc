"""The part of a conversation that is on the page, turn by turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.schemas import Mode, Role
from app.ui import bar_html, turn_html
from app.ui.summary_html import summary_html
from app.ui.window import Window

if TYPE_CHECKING:
    from app.history import Message, Tree
    from app.runtime import Runtime
    from app.ui.texts import Texts


@dataclass(frozen=True)
class Branch:
    """A window of the branch that is shown.

    Attributes:
        messages: those in the window.
        before, after: how many there are beyond it.
    """

    tree: Tree
    ids: Sequence[str]
    messages: Sequence[Message]
    before: int
    after: int

    @classmethod
    def of(cls, runtime: Runtime, tree: Tree, shown: Window) -> Branch:
        """Those of a window."""
        ids = [node.id for node in tree.branch()]
        messages = runtime.history.load(ids[shown.start : shown.stop])
        return cls(tree, ids, messages, shown.start, len(ids) - shown.stop)

    def html(self, runtime: Runtime, live: frozenset[str], mode: Mode, say: Texts) -> Iterator[str]:
        """One string for each thing on the page.

        Args:
            live: ids of the answers that are being written.
        """
        shown = [message.id for message in self.messages]
        files = runtime.history.attachments.of(shown)
        ratings = runtime.history.feedback.of(shown)
        again = runtime.history.traces.repeating(shown)
        summary = runtime.memory.summary(list(self.ids), mode)
        if self.before:
            yield bar_html.step("earlier", self.before, say)
        for message in self.messages:
            versions = [node.id for node in self.tree.siblings(message.id)]
            if message.role is Role.USER:
                yield turn_html.question(message, versions, say, files.get(message.id, ()))
            elif message.id in live:
                yield turn_html.live(message.id, say)
            else:
                rating, is_repeated = ratings.get(message.id), message.id in again
                yield turn_html.answer(message, versions, say, is_repeated=is_repeated, rating=rating)
            if summary is not None and summary.message_id == message.id:
                yield summary_html(message, summary, say)
        if self.after:
            yield bar_html.step("later", self.after, say)
