"""`read`: the conversations in a file of any known kind, told by what is in it and not by its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Any

from app.errors import ImportFileError
from app.history import Whole
from app.transfer import archive, chatgpt, markdown, open_webui
from app.transfer.limits import LARGEST_MB, MOST_CONVERSATIONS, parsed, within

_Reader = tuple[Callable[[Any], bool], Callable[[Any, int], Whole | None]]
_OTHERS: Sequence[_Reader] = (
    (chatgpt.fits, chatgpt.conversation),
    (open_webui.fits, open_webui.conversation),
)
_KINDS = (
    "Docent's own JSON and Markdown, conversations.json of ChatGPT, chats of Open WebUI, and Markdown with "
    '"**User:**" and "**Assistant:**", or "## You" and "## Docent"'
)


def read(name: str, data: bytes) -> list[Whole]:
    """The conversations of a file, with ids that hold in it alone; see `Wholes.add`.

    Args:
        name: of the file, for messages, and for the title of a conversation that has none.

    Raises:
        ImportFileError: it holds no conversations, is broken (the message says where), or is too large.
    """
    try:
        found = _read(PurePath(name).stem, data)
    except ImportFileError as error:
        raise ImportFileError(f"{PurePath(name).name!r} cannot be imported. {error}") from None
    if not found:
        raise ImportFileError(f"{PurePath(name).name!r} holds no conversation. What can be read: {_KINDS}.")
    return found


def _read(stem: str, data: bytes) -> list[Whole]:
    if len(data) > LARGEST_MB * 1_000_000:
        raise ImportFileError(f"It has more than {LARGEST_MB} MB. Split it.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ImportFileError(f"Line {line} is no text in UTF-8. Save it in UTF-8.") from None
    if text.lstrip()[:1] in ("{", "["):
        return _json(parsed(text))
    found = markdown.conversation(text, stem)
    return [found] if found else []


def _json(found: Any) -> list[Whole]:
    if isinstance(found, dict) and found.get("format") == archive.FORMAT:
        return archive.conversations(found)
    listed = found if isinstance(found, list) else [found]
    within(len(listed), MOST_CONVERSATIONS, "conversations")
    wholes: list[Whole] = []
    for number, one in enumerate(listed, 1):
        made = _of_others(one, number)
        if made is not None:
            wholes.append(made)
    return wholes


def _of_others(found: Any, number: int) -> Whole | None:
    for fits, conversation in _OTHERS:
        if fits(found):
            return conversation(found, number)
    raise ImportFileError(f"Entry {number} of its list is no conversation. What can be read: {_KINDS}.")
