"""What an ingest tells on a terminal: a summary of a run, the plan of a dry run, a line for each of many."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from app.cli.common import print_json, shown
from app.cli.generations import half_built
from app.errors import DocentError
from app.ui.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.schemas import Estimate, FailedFile, IngestReport, PlannedFile, SuspiciousFile, WorkerShare

# More lines than this of a plan are for `--json`.
_PLAN_LINES = 50
_MOST_NAMED = 20
_SIGNS = {"add": ("+", "green"), "update": ("~", "yellow"), "delete": ("-", "red")}


def summarise(report: IngestReport, findings: Iterable[str]) -> None:
    """The whole of one run, and what is worth a look now, a sentence each."""
    console = Console()
    console.print(_table(report, f"Collection {report.collection}"))
    console.print(
        f"It holds {report.documents:,} documents, {report.chunks:,} chunks. {report.seconds:.1f} s."
    )
    if report.share is not None and report.share.workers > 1:
        console.print(_share(report.share), highlight=False)
    if report.excluded:
        console.print(f"{report.excluded:,} of the deleted are still there and excluded now.")
    _failures(console, report.failed)
    _suspicions(console, report.suspicious)
    if report.half_built:
        console.print(
            f"[yellow]note[/] {shown(half_built(report.half_built, report.collection))}", soft_wrap=True
        )
    for finding in findings:
        console.print(f"[yellow]note[/] {shown(finding)}", soft_wrap=True)


def _share(share: WorkerShare) -> str:
    files = share.added + share.updated
    line = (
        f"{share.workers:,} workers shared this. This one ({share.worker}) did {files:,} files, "
        f"{share.written:,} chunks; {share.failed:,} failed"
    )
    return f"{line}; {share.taken_over:,} taken over from lost workers." if share.taken_over else f"{line}."


def tell_plan(report: IngestReport) -> None:
    """What a run would do."""
    console = Console()
    for file in report.planned[:_PLAN_LINES]:
        console.print(_planned(file), soft_wrap=True, highlight=False)
    if len(report.planned) > _PLAN_LINES:
        console.print(f"… and {len(report.planned) - _PLAN_LINES:,} more; --json names all")
    console.print(_table(report, f"Collection {report.collection} (dry run: nothing was changed)"))
    if report.estimate is not None and report.estimate.chunks:
        console.print(_estimate(report.estimate), soft_wrap=True)
    _failures(console, report.failed)


def _planned(file: PlannedFile) -> str:
    sign, colour = _SIGNS[file.change]
    about = "" if file.change == "delete" else "about "
    return (
        f"[{colour}]{sign}[/] {shown(file.path)}  [dim]{file.size / 1000:,.1f} kB, "
        f"{about}{file.chunks:,} {'chunk' if file.chunks == 1 else 'chunks'}[/]"
    )


def _estimate(estimate: Estimate) -> str:
    time_ = "unknown" if estimate.seconds is None else _span(estimate.seconds)
    if estimate.cost is None:
        cost = f"; cost: unknown, for about {estimate.tokens:,} tokens"
    elif estimate.cost:
        cost = f"; cost: about ${estimate.cost:,.4f} for {estimate.tokens:,} tokens"
    else:
        cost = ""
    return f"About {estimate.chunks:,} chunks; time: {time_}{cost}. {estimate.basis}"


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"about {seconds:.0f} s"
    return f"about {seconds / 60:.0f} min" if seconds < 5400 else f"about {seconds / 3600:.1f} h"


def _table(report: IngestReport, title: str) -> Table:
    table = Table(title=title)
    files = {
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "deleted": report.deleted,
        "failed": len(report.failed),
    }
    for name in files:
        table.add_column(name, justify="right")
    table.add_row(*(f"{number:,}" for number in files.values()))
    return table


def _failures(console: Console, failed: tuple[FailedFile, ...]) -> None:
    for failure in failed:
        console.print(f"[red]failed[/] {shown(failure.path)}: {shown(failure.error)}", soft_wrap=True)


def _suspicions(console: Console, files: tuple[SuspiciousFile, ...]) -> None:
    """Which of the files of this run address a model, or hide text; the passages are in the health report."""
    say = Texts("en")
    for file in files[:_MOST_NAMED]:
        why = "; ".join(say(f"suspicion.{code}") for code in file.codes)
        line = f"[yellow]suspicious[/] {shown(file.path)}: {shown(why)} ({file.chunks:,})"
        console.print(line, soft_wrap=True)
    if len(files) > _MOST_NAMED:
        console.print(f"… and {len(files) - _MOST_NAMED:,} more; --json names all")


class Rounds:
    """A line for each run of `--watch` that changed something, for its failures, and for what goes wrong."""

    def __init__(self) -> None:
        self._console = Console()
        self._failed: set[FailedFile] = set()
        self._quiet = False

    def __call__(self, outcome: IngestReport | DocentError) -> None:
        now = time.strftime("%H:%M:%S")
        if isinstance(outcome, DocentError):
            self._console.print(f"{now} [red]waiting[/] {shown(str(outcome))}", soft_wrap=True)
            self._quiet = False
            return
        changes = {name: getattr(outcome, name) for name in ("added", "updated", "deleted")}
        fresh = [failure for failure in outcome.failed if failure not in self._failed]
        self._failed = set(outcome.failed)
        if any(changes.values()) or fresh or not self._quiet:
            counts = ", ".join(f"{number:,} {name}" for name, number in changes.items())
            line = f"{now} {counts}, {len(outcome.failed):,} failed · {outcome.documents:,} documents held"
            self._console.print(f"{line} · {outcome.seconds:.1f} s", highlight=False, soft_wrap=True)
        _failures(self._console, tuple(fresh))
        self._quiet = True

    def end(self) -> None:
        self._console.print("Stopped watching. What was finished is kept.")


class JsonRounds:
    """A JSON object a line: each report, or `{"error": …}`."""

    def __call__(self, outcome: IngestReport | DocentError) -> None:
        if isinstance(outcome, DocentError):
            print_json({"error": str(outcome)})
        else:
            print_json(outcome.model_dump(mode="json"))

    def end(self) -> None:
        """Nothing: whoever reads this knows."""
