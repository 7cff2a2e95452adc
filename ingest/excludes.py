"""Which files are left out: patterns of the command line, and `.docentignore` files, as git reads its own."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import StorageError, UsageError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILE = ".docentignore"


@dataclass(frozen=True, slots=True)
class Excludes:
    """The rules that hold in a folder, those that decide first in front; made by `of_root` and `inside`.

    As git has it, the last pattern that matches decides, and one that begins with "!" takes a file in again;
    rules of a folder go before those of the folders above it, and those of the command line before all.
    """

    rules: Sequence[tuple[Path, GitIgnoreSpec]] = ()
    given: int = 0

    @classmethod
    def of_root(cls, root: Path, patterns: Sequence[str]) -> Excludes:
        """The rules of the command line, for paths below `root`.

        Raises:
            UsageError: a pattern means nothing.
        """
        return cls(((root, _spec(patterns, "--exclude")),), 1) if patterns else cls()

    def inside(self, folder: Path) -> Excludes:
        """These, and those of the folder's own file.

        Raises:
            UsageError: a pattern in it means nothing.
            StorageError: it may not be read; what it keeps out is not to be indexed by mistake.
        """
        file = folder / IGNORE_FILE
        try:
            lines = file.read_text(encoding="utf-8-sig", errors="replace").splitlines()
        except OSError as error:
            raise StorageError(
                f"{file} cannot be read ({error.strerror}): give this user the right to. Nothing was changed."
            ) from error
        own = (folder, _spec(lines, str(file)))
        return Excludes((*self.rules[: self.given], own, *self.rules[self.given :]), self.given)

    def leave_out(self, path: Path, *, is_folder: bool = False) -> bool:
        """Whether this file, or this folder with all below it, is left out."""
        for base, spec in self.rules:
            name = unicodedata.normalize("NFC", path.relative_to(base).as_posix())
            decision = spec.check_file(f"{name}/" if is_folder else name).include
            if decision is not None:
                return decision
        return False


def _spec(lines: Sequence[str], where: str) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(unicodedata.normalize("NFC", line) for line in lines)
    except ValueError as error:
        raise UsageError(f"{where}: {error}. Patterns are those of .gitignore, such as '*.log'.") from error
