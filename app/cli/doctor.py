"""`docent doctor`: what is configured, what is missing, and what to do about it."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from app.cli import common
from app.errors import DocentError, NotFoundError

if TYPE_CHECKING:
    from app.runtime import Runtime

# Below this a first index and its write-ahead logs may not fit.
LOW_DISK_BYTES = 500_000_000


class State(StrEnum):
    OK = "ok"
    NOTE = "note"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; a cure when something is to be done."""

    name: str
    state: State
    detail: str


Check = Callable[["Runtime"], Finding]


class Command(TyperCommand):
    """Lets the name after `--collection` be left out, which the option's type cannot say."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named: list[str] = []
        for arg, after in pairwise([*args, "-"]):
            named.append(arg)
            if arg in ("--collection", "-c") and after.startswith("-"):
                named.append("")
        return super().parse_args(ctx, named)


def command(
    collection: Annotated[
        str | None,
        typer.Option(
            "--collection",
            "-c",
            metavar="[NAME]",
            help="Tell of the health of a collection instead; without a name, of DOCENT_COLLECTION.",
        ),
    ] = None,
    as_json: common.AsJson = False,
) -> None:
    """Check the set-up, or a collection. Exit status 1 if something cannot work."""
    settings = common.settings(collection=collection or None)
    from app.runtime import build

    with build(settings) as runtime:
        if collection is not None:
            _tell_health(runtime, as_json=as_json)
            return
        findings = list(examine(runtime))
    if as_json:
        common.print_json([asdict(finding) for finding in findings])
    else:
        _show(findings)
    raise typer.Exit(1 if any(finding.state is State.FAIL for finding in findings) else 0)


def _tell_health(runtime: Runtime, *, as_json: bool) -> None:
    from app.cli.health_report import tell
    from ingest.health import health

    found = health(runtime.collection())
    if as_json:
        common.print_json(found.model_dump(mode="json"))
    else:
        tell(found)


def examine(runtime: Runtime) -> Iterator[Finding]:
    """Run every check; one that raises a DocentError has failed with its message."""
    for name, check in CHECKS.items():
        try:
            yield check(runtime)
        except DocentError as error:
            yield Finding(name, State.FAIL, str(error))


def _python(runtime: Runtime) -> Finding:
    return Finding(
        "python", State.OK, f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    )


def _settings(runtime: Runtime) -> Finding:
    from app.config import env_file, unknown_variables

    path = env_file()
    where = str(path) if path.is_file() else f"no {path} (defaults and variables only)"
    if unknown := unknown_variables():
        return Finding("settings", State.NOTE, f"{where}; without effect: {', '.join(unknown)} (misspelt?)")
    return Finding("settings", State.OK, where)


def _data(runtime: Runtime) -> Finding:
    from app.ready import checks

    found = checks.data(runtime)
    enough = checks.free_bytes(runtime.settings.data_dir.resolve()) > LOW_DISK_BYTES
    return Finding("data", State.OK if enough else State.NOTE, found)


def _plain(name: str) -> Check:
    """A check of `app.ready`, which has nothing to note."""

    def check(runtime: Runtime) -> Finding:
        from app.ready.checks import CHECKS as PARTS

        return Finding(name, State.OK, PARTS[name](runtime))

    return check


def _backend(runtime: Runtime) -> Finding:
    from app.ready import checks
    from vectorstore import backends

    return Finding("backend", State.OK, f"{checks.vectors(runtime)} (of {', '.join(backends())})")


def _collection(runtime: Runtime) -> Finding:
    from app.cli.generations import notes
    from ingest.fit import advice

    name = runtime.settings.collection
    try:
        collection = runtime.collection()
    except NotFoundError:
        return Finding(
            "collection", State.NOTE, f"{name!r} is empty; index a folder: python -m ingest ./docs"
        )
    if collection.embedding_name not in ("", runtime.settings.embedding_model):
        runtime.embedding_of(collection)
    documents, chunks = collection.counts()
    held = f"{name!r}: {documents:,} documents, {chunks:,} chunks"
    hint = advice(collection.unread, str((collection.embedding or {}).get("model")), name)
    hints = [*notes(collection, runtime.settings), *filter(None, [hint])]
    return Finding("collection", State.NOTE if hints else State.OK, ". ".join([held, *hints]))


def _threshold(runtime: Runtime) -> Finding:
    """From which score on questions are answered, and what that was measured with."""
    from app.chat.answerable import fits
    from app.chat.relevance import ENOUGH

    try:
        collection = runtime.collection()
    except NotFoundError:
        return Finding("answers", State.OK, f"from a match of {ENOUGH:.0%} on; measured with what is indexed")
    measured, weight = collection.calibration(), runtime.settings.dense_weight
    if measured is None or measured.dense_weight != weight:
        return Finding(
            "answers",
            State.NOTE,
            f"from a match of {ENOUGH:.0%} on, for all collections alike; the next run of python -m ingest "
            "measures it for this one",
        )
    detail = (
        f"from a match of {measured.threshold:.1%} on; of {measured.own} questions drawn from the documents "
        f"{measured.answered:.0%} are answered, of {measured.foreign} general ones {measured.refused:.0%} "
        "refused"
    )
    if not fits(measured, collection, weight):
        return Finding("answers", State.NOTE, f"{detail}; measured before the last change")
    return Finding("answers", State.OK, detail)


def _language_model(runtime: Runtime) -> Finding:
    from app.config import env_file

    model = runtime.language_model()
    if model is None:
        return Finding(
            "model",
            State.NOTE,
            "none is set, so answers are quoted sentences; set, for example, "
            f"DOCENT_LLM_MODEL=openai:gpt-4o-mini and OPENAI_API_KEY in {env_file()}",
        )
    return Finding("model", State.OK, model.check())


def _schemas(runtime: Runtime) -> Finding:
    from app.answers.schemas.shelf import told

    shelf = runtime.schemas
    count = f"{len(shelf.all())} for typed answers"
    if broken := shelf.unusable():
        return Finding("schemas", State.NOTE, f"{count}; not usable: {'; '.join(map(told, broken))}")
    return Finding("schemas", State.OK, count)


CHECKS: dict[str, Check] = {
    "python": _python,
    "settings": _settings,
    "data": _data,
    "database": _plain("database"),
    "embedding": _plain("embedding"),
    "backend": _backend,
    "keywords": _plain("keywords"),
    "collection": _collection,
    "answers": _threshold,
    "model": _language_model,
    "schemas": _schemas,
}


def _show(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table

    colours = {State.OK: "green", State.NOTE: "yellow", State.FAIL: "red"}
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for finding in findings:
        colour = colours[finding.state]
        table.add_row(f"[{colour}]{finding.state}[/]", finding.name, common.shown(finding.detail))
    Console().print(table)
