"""What a run is asked to do: which files it looks at, and what is then to be done with them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import StorageError, UsageError
from ingest.catalog import FileRecord
from ingest.loaders import suffixes
from ingest.pipeline.look import look
from ingest.pipeline.progress import Watch
from ingest.plan import Plan, make_plan, recipe
from ingest.scan import Scan, name_of
from vectorstore.keywords import keywords_for

if TYPE_CHECKING:
    from app.config import Settings
    from ingest.web import Site


@dataclass(frozen=True, slots=True)
class Task:
    """See `sync` for the attributes."""

    paths: Sequence[Path | Site]
    rebuild: bool = False
    exclude: Sequence[str] = ()
    retry: Collection[str] | None = None
    following: bool = False

    @property
    def may_be_empty(self) -> bool:
        return self.rebuild or self.retry is not None

    def look(self, settings: Settings, collection: str, watch: Watch) -> Scan:
        """See `sync` for what is raised."""
        return look(self.paths, settings, collection, watch, exclude=self.exclude, retry=self.retry)

    def planner(self, seen: Scan, settings: Settings) -> Callable[[list[FileRecord]], Plan]:
        """Makes the plan from the rows of the catalogue; raises as `sync` does."""

        def plan(known: list[FileRecord]) -> Plan:
            made = make_plan(seen, known, settings, leave_failed=self.following)
            if self.following:
                _check_not_emptied(seen, made)
            elif seen.alone is None:
                _check_not_empty(seen, made)
            return made

        return plan

    def key(self, settings: Settings) -> str:
        """What must be equal for several workers to share a run: a JSON object of names and values.

        Raises:
            NotFoundError: a path is not there.
        """
        paths = [name_of(path) if isinstance(path, Path) else repr(path) for path in self.paths]
        values = {
            "PATHS": sorted(paths),
            "--exclude": list(self.exclude),
            "--rebuild": self.rebuild,
            "--retry-failed": None if self.retry is None else sorted(self.retry),
            "--watch": self.following,
            "DOCENT_CHUNK_TOKENS": recipe(settings),
            "DOCENT_EMBEDDING_MODEL": settings.embedding_model,
            "DOCENT_VECTOR_BACKEND": settings.vector_backend,
            "DOCENT_KEYWORD_BACKEND": keywords_for(settings),
        }
        return json.dumps(values, ensure_ascii=False)


def _check_not_empty(seen: Scan, plan: Plan) -> None:
    if seen.roots and not (seen.files or plan.gone or seen.unreadable):
        raise UsageError(
            f"Nothing to index in {', '.join(seen.roots)}: no file there ends in {' '.join(suffixes())}."
        )


def _check_not_emptied(seen: Scan, plan: Plan) -> None:
    """A disk that is not mounted any more leaves an empty folder behind."""
    for root in seen.emptied:
        lost = sum(record.path.startswith(f"{root}/") for record in plan.gone)
        if lost:
            raise StorageError(
                f"The folder {root!r} is empty, and {lost:,} files of it are indexed: they are kept, in case "
                "it is a disk that comes back. To remove them, index the folder once without --watch.",
                path=root,
            )
