"""What can be done without a mouse: one table for palette, slash commands, shortcuts and their help."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from app.ui.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from collections.abc import Iterable

On = Literal["", "page", "conversation", "answer", "question", "running", "shown", "language", "theme"]


@dataclass(frozen=True, slots=True)
class Command:
    """One command; its name and hint are the texts `command.NAME` and `command.NAME_hint`.

    Attributes:
        name: what is typed after "/".
        act: what it does, as in `data-act`; that of the page's script is in `app.ui.actions`.
        on: what it needs, which becomes the value: the open conversation, its last answer or question, the
            answers that are being written, or the last button on the page that does the same ("shown"); ""
            for nothing. For the others the value is `value`.
        keys: the shortcut; "mod" is Ctrl or ⌘.
        local: the browser does it alone.
    """

    name: str
    icon: str
    act: str
    on: On = ""
    keys: str = ""
    value: str = ""
    local: bool = False


COMMANDS = (
    Command("new", "edit_square", "new", keys="mod+shift+o"),
    Command("find", "search", "palette", keys="mod+k", local=True),
    Command("copy", "content_copy", "copy", "answer", "mod+shift+c", local=True),
    Command("regenerate", "refresh", "regenerate", "answer", "alt+shift+r"),
    Command("edit", "edit", "edit", "question"),
    Command("variations", "difference", "variations", "answer"),
    Command("details", "receipt_long", "details", "answer"),
    Command("summary", "summarize", "summary", "shown"),
    Command("stop", "stop", "stop", "running", "escape"),
    Command("rename", "drive_file_rename_outline", "rename", "conversation"),
    Command("pin", "keep", "pin", "conversation"),
    Command("move", "drive_file_move", "move", "conversation"),
    Command("share", "link", "share", "conversation"),
    Command("export", "download", "export-conversation", "conversation"),
    Command("delete", "delete", "delete", "conversation", local=True),
    Command("deleted", "restore_from_trash", "deleted"),
    Command("search", "manage_search", "page", "page", value="search"),
    Command("documents", "folder_open", "page", "page", value="documents"),
    Command("tables", "table", "page", "page", value="tables"),
    Command("prompts", "lightbulb", "page", "page", value="prompts"),
    Command("schemas", "data_object", "page", "page", value="schemas"),
    Command("sidebar", "left_panel_close", "sidebar", keys="mod+b", local=True),
    Command("light", "light_mode", "theme", "theme", value="light", local=True),
    Command("dark", "dark_mode", "theme", "theme", value="dark", local=True),
    Command("system", "contrast", "theme", "theme", value="system", local=True),
    Command("english", "translate", "language", "language", value="en"),
    Command("korean", "translate", "language", "language", value="ko"),
    Command("help", "keyboard", "help", keys="mod+/", local=True),
)

# Keys that are no command: they act where the reader is.
KEYS = (
    ("focus", "/"),
    ("asked", "arrowup"),
    ("before", "alt+arrowup"),
    ("after", "alt+arrowdown"),
    ("help", "?"),
)

ROW_MENU = ("rename", "pin", "move", "share", "export", "delete")
"""Commands in the menu of a conversation."""


def available(acts: Container[str], pages: Container[str]) -> tuple[Command, ...]:
    """The commands that this page can carry out."""
    return tuple(
        one for one in COMMANDS if (one.local or one.act in acts) and (one.on != "page" or one.value in pages)
    )


def as_data(commands: Iterable[Command], say: Texts) -> list[dict[str, Any]]:
    """JSON for the browser; `also` are the names in all languages, by which a command is found as well."""
    return [
        {
            "name": one.name,
            "title": say(f"command.{one.name}"),
            "hint": say(f"command.{one.name}_hint"),
            "also": " ".join(Texts(language)(f"command.{one.name}") for language in LANGUAGES),
            "icon": one.icon,
            "keys": one.keys,
            "act": one.act,
            "on": one.on,
            "value": one.value,
            "row": one.name in ROW_MENU,
        }
        for one in commands
        if not (one.on == "language" and one.value == say.language)
    ]


def keys_as_data(say: Texts) -> list[dict[str, str]]:
    """The keys that are no command; JSON."""
    return [{"name": name, "keys": keys, "title": say(f"key.{name}")} for name, keys in KEYS]


WORDS = (
    "pin", "unpin", "deleted", "undo", "palette", "commands", "found", "searching", "nothing",
    "unreachable", "help", "slash", "single",
)  # fmt: skip
"""What the browser says of conversations, as `conversations.WORD`."""


def words(say: Texts) -> dict[str, str]:
    """JSON; `deleted` still has its placeholder."""
    return {word: say(f"conversations.{word}", title="{title}") for word in WORDS} | {
        "close": say("common.close")
    }
