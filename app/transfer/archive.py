"""The JSON that Docent writes of conversations and reads again: all branches, settings, records and ratings.

Messages have numbers in place of ids. No path of this machine and no key is in it; see docs/conversations.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from app.config import COLLECTION_NAME
from app.errors import ImportFileError
from app.history import REASONS, Conversation, Failure, Message, Rating, Status, Verdict, Whole
from app.history.feedback import LONGEST_CORRECTION, LONGEST_WORDS
from app.schemas import Role, Trace
from app.transfer.limits import LARGEST_RECORD, LONGEST_TEXT, MOST_CONVERSATIONS, MOST_MESSAGES

FORMAT: Final = "docent-conversations"
VERSION = 1

IMPORTED = "imported"
"""The code of the notice on answers whose evidence was checked elsewhere; it is not exported."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Feedback(_Part):
    verdict: Verdict | None = None
    reason: Literal["", *REASONS] = ""  # type: ignore[valid-type]
    words: str = Field("", max_length=LONGEST_WORDS)
    correction: str = Field("", max_length=LONGEST_CORRECTION)
    changed: AwareDatetime | None = None


class Said(_Part):
    """A message.

    Attributes:
        id: its number, from 1, in the order in which the messages came.
        parent: the number of the message that it follows; None for a first one.
        record: the JSON of the finished answer, with its sources and its evidence.
        trace: how it came about; in it, other messages have their numbers.
    """

    id: int
    parent: int | None = None
    role: Role
    content: str = Field(max_length=LONGEST_TEXT)
    status: Status = Status.DONE
    record: dict[str, Any] | None = None
    trace: dict[str, Any] | None = None
    error: Failure | None = None
    feedback: Feedback | None = None
    created: AwareDatetime | None = None


class Talk(_Part):
    """A conversation; `shown` is the number of the last message of the branch that is shown."""

    title: str = ""
    collection: str = Field("", max_length=63)
    folder: str = ""
    pinned: bool = False
    settings: dict[str, Any] = {}
    shown: int | None = None
    created: AwareDatetime | None = None
    updated: AwareDatetime | None = None
    messages: Annotated[tuple[Said, ...], Field(max_length=MOST_MESSAGES)]


class Archive(_Part):
    format: Literal["docent-conversations"] = FORMAT
    version: int = VERSION
    exported: AwareDatetime | None = None
    conversations: Annotated[tuple[Talk, ...], Field(max_length=MOST_CONVERSATIONS)]


# -- writing -------------------------------------------------------------------------------------------------


def write(wholes: Sequence[Whole]) -> bytes:
    """The file: UTF-8, one line for each message's worth of fields, ending with a line end."""
    made = Archive(exported=datetime.now(UTC), conversations=tuple(map(talk, wholes)))
    return json.dumps(made.model_dump(mode="json"), ensure_ascii=False, indent=1).encode() + b"\n"


def talk(whole: Whole) -> Talk:
    """A conversation as it stands in the file."""
    held = whole.conversation
    numbers = {message.id: n for n, message in enumerate(whole.messages, 1)}
    ratings = {rating.message_id: rating for rating in whole.ratings}
    return Talk(
        title=held.title,
        collection=held.collection,
        folder=held.folder,
        pinned=held.pinned,
        settings=held.settings,
        shown=numbers.get(held.leaf or ""),
        created=held.created,
        updated=held.updated,
        messages=tuple(
            _said(one, numbers, ratings.get(one.id), whole.traces.get(one.id)) for one in whole.messages
        ),
    )


def _said(message: Message, numbers: dict[str, int], rating: Rating | None, trace: Trace | None) -> Said:
    return Said(
        id=numbers[message.id],
        parent=numbers.get(message.parent_id or ""),
        role=message.role,
        content=message.content,
        status=message.status,
        record=_record(message.record),
        trace=_traced(trace, numbers),
        error=_failure(message.error),
        feedback=Feedback.model_validate(rating.model_dump(exclude={"message_id"})) if rating else None,
        created=message.created,
    )


def _record(record: dict[str, Any] | None) -> dict[str, Any] | None:
    if record is None or not isinstance(notices := record.get("notices"), list):
        return record
    return record | {"notices": [one for one in notices if not _is_imported(one)]}


def _is_imported(notice: object) -> bool:
    return isinstance(notice, dict) and notice.get("code") == IMPORTED


def _traced(trace: Trace | None, numbers: dict[str, int]) -> dict[str, Any] | None:
    if trace is None:
        return None
    others = {name: numbers.get(getattr(trace, name) or "") for name in ("repeats", "continues")}
    return trace.model_dump(mode="json") | {
        name: None if number is None else str(number) for name, number in others.items()
    }


# The folders of an absolute path, of POSIX or of Windows, up to its last part.
_FOLDERS = re.compile(
    r"(?<![\w./\\:])(?:[A-Za-z]:[\\/]|/(?!/))(?:[^\s/\\'\"]+[\\/])+|sqlite:/+(?:[^\s/'\"]+/)*"
)


def _failure(failure: Failure | None) -> Failure | None:
    """Why there is no answer, without the folders of this machine."""
    if failure is None:
        return None
    values = {name: _FOLDERS.sub("", value) for name, value in failure.values.items()}
    return failure.model_copy(update={"message": _FOLDERS.sub("", failure.message), "values": values})


# -- reading -------------------------------------------------------------------------------------------------


def conversations(found: dict[str, Any]) -> list[Whole]:
    """The conversations of such a file, once it is parsed.

    Raises:
        ImportFileError: it is not of this form, or of a later version; the message names the place.
    """
    version = found.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise ImportFileError(
            f"It was written in version {version!r} of the format; this Docent reads up to {VERSION}. "
            "Install a newer one."
        )
    try:
        read = Archive.model_validate(found)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        raise ImportFileError(f"{place(problem['loc'])}: {problem['msg']}.") from None
    return [whole(one, number) for number, one in enumerate(read.conversations, 1)]


def place(location: Sequence[int | str]) -> str:
    """Where in a file something is: "conversations 2, messages 7, role"."""
    parts: list[str] = []
    for step in location:
        if isinstance(step, int) and parts:
            parts[-1] += f" {step + 1}"
        else:
            parts.append(str(step))
    return ", ".join(parts) or "The file"


def whole(found: Talk, number: int = 1) -> Whole:
    """A conversation of a file as it will be kept; its ids are those of the file.

    Raises:
        ImportFileError: a message follows one that does not stand before it, or is too large.
    """
    now = datetime.now(UTC)
    _check_size(f"conversations {number}", found.title, found.folder, found.settings)
    made = Conversation(
        id="",
        title=found.title,
        # A name that no collection can have might be a path.
        collection=found.collection if re.fullmatch(COLLECTION_NAME, found.collection) else "",
        settings=found.settings,
        created=_past(found.created, now),
        updated=_past(found.updated, now),
        pinned=found.pinned,
        folder=found.folder,
        leaf=None if found.shown is None else str(found.shown),
    )
    traces = {str(one.id): trace for one in found.messages if (trace := _trace(one.trace))}
    return Whole(made, tuple(_messages(found, number, now)), tuple(_ratings(found, now)), traces)


def _trace(found: dict[str, Any] | None) -> Trace | None:
    """None also for a trace of another version, which nothing could read."""
    try:
        return Trace.model_validate(found) if found else None
    except ValidationError:
        return None


def _messages(found: Talk, number: int, now: datetime) -> Iterator[Message]:
    seen: set[int] = set()
    for one in found.messages:
        where = f"conversations {number}, message {one.id}"
        if one.id in seen:
            raise ImportFileError(f"{where}: there are two with this number.")
        if one.parent is not None and one.parent not in seen:
            raise ImportFileError(f"{where}: it follows {one.parent}, which does not stand before it.")
        seen.add(one.id)
        _check_size(where, one.record, one.trace, one.error and one.error.model_dump())
        yield Message(
            id=str(one.id),
            conversation_id="",
            parent_id=None if one.parent is None else str(one.parent),
            role=one.role,
            content=one.content,
            status=one.status,
            record=_marked(one.record),
            error=one.error,
            created=_past(one.created, now),
        )


def _check_size(where: str, *kept: object) -> None:
    if len(json.dumps(kept)) > LARGEST_RECORD:
        raise ImportFileError(f"{where}: its record is larger than {LARGEST_RECORD:,} characters.")


def _marked(record: dict[str, Any] | None) -> dict[str, Any] | None:
    """With the notice that its evidence was not checked here: a file may say what it likes."""
    if record is None or not isinstance(record.get("notices", []), list):
        return record
    notices = [one for one in record.get("notices", []) if not _is_imported(one)]
    return record | {"notices": [*notices, {"code": IMPORTED, "values": {}}]}


def _ratings(found: Talk, now: datetime) -> Iterator[Rating]:
    for one in found.messages:
        if one.feedback is not None:
            values = one.feedback.model_dump() | {"changed": _past(one.feedback.changed, now)}
            yield Rating(message_id=str(one.id), **values)


def _past(moment: datetime | None, now: datetime) -> datetime:
    """Nothing comes from the future, where it would stay on top of all lists."""
    try:
        return min(moment.astimezone(UTC), now) if moment else now
    except OverflowError:
        return now
