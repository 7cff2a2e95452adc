"""The command line: `docent` and `python -m ingest`, thin skins over the two paths.

`--help` must answer at once: commands import what they need when they run.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable

import typer

from app.cli import (
    ask,
    common,
    database,
    doctor,
    export,
    extract,
    feedback,
    import_,
    ingest,
    migrate,
    prompts,
    replay,
    schemas,
    search,
    ui,
)
from app.errors import DocentError

INTERRUPTED = 130
"""The exit status that shells know for Ctrl-C, and that the command library ends with."""

_INTERRUPTED = "Interrupted. What was finished is kept; the same command goes on from there."

log = logging.getLogger(__name__)

app = typer.Typer(
    help="Answers questions from your own documents and shows the evidence for every sentence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: drawing it in boxes doubles the time until it shows
)
_ingest_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
_ingest_app.command()(ingest.command)
app.command("ui")(ui.command)
app.command("ingest")(ingest.command)
app.command("migrate")(migrate.command)
app.command("ask")(ask.command)
app.command("export")(export.command)
app.command("extract")(extract.command)
app.add_typer(prompts.app, name="prompts")
app.add_typer(schemas.app, name="schemas")
app.command("import")(import_.command)
app.add_typer(feedback.app, name="feedback")
app.add_typer(database.app, name="database")
app.command("replay")(replay.command)
app.command("search")(search.command)
app.command("doctor", cls=doctor.Command)(doctor.command)


def main() -> None:
    """Entry point of the console script `docent`."""
    guarded(app)


def ingest_main() -> None:
    """Entry point of `python -m ingest`."""
    guarded(_ingest_app)


def guarded(run: Callable[[], object]) -> None:
    """Run a command; whatever goes wrong ends in one line that a person can act on."""
    try:
        run()
    except DocentError as error:
        _fail(str(error), error.exit_code)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            _fail(_INTERRUPTED, INTERRUPTED)
        raise
    except BrokenPipeError:  # the reader of our output, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        _fail(
            f"{error.strerror or error}: {error.filename or 'no file named'}. Check the disk and its rights.",
            1,
        )
    except Exception as error:  # the last net: people never see a stack trace
        if _came_of_ctrl_c(error):
            _fail(_INTERRUPTED, INTERRUPTED)
        log.debug("unexpected error", exc_info=True)
        hint = "Set DOCENT_LOG_LEVEL=DEBUG to see where it happened, and report it."
        _fail(f"Unexpected {type(error).__name__}: {error}. {hint}", 1)


def _came_of_ctrl_c(error: BaseException | None) -> bool:
    """A module in C that is being imported makes an ImportError of it."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _fail(message: str, status: int) -> None:
    typer.echo(f"Error: {common.tame(message)}", err=True)
    sys.exit(status)
