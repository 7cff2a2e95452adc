"""`docent ask`: one question, answered with its evidence."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import common, export, prompts, support_report, typed_report
from app.errors import DocentError
from app.language import Language, detect_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from app.runtime import Runtime
    from app.schemas import Answer, Citation, Question


def command(
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    collection: common.Collection = None,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", help='"provider:model", or "none" for answers without a model.'),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Temperature and top_p: precise (정확하게), balanced (균형있게), creative (창의적으로).",
        ),
    ] = None,
    temperature: Annotated[float | None, typer.Option(min=0, max=2)] = None,
    seed: Annotated[
        int | None, typer.Option(help="Same seed, same words, where the server supports it.")
    ] = None,
    top_p: Annotated[float | None, typer.Option(min=0.001, max=1)] = None,
    max_tokens: Annotated[int | None, typer.Option(min=1)] = None,
    top_k: Annotated[int | None, typer.Option("--top-k", "-k", min=1, max=50)] = None,
    filters: common.Filters = None,
    role: prompts.Role = "",
    style: prompts.Style = "",
    examples: prompts.Examples = "",
    values: prompts.Values = None,
    free: Annotated[
        bool,
        typer.Option("--free", help="Let the model answer from its own knowledge, without the documents."),
    ] = False,
    schema: Annotated[
        str | None,
        typer.Option(help="Answer with a typed object of this schema, each value with what it stands on."),
    ] = None,
    keep_unsupported: Annotated[
        bool,
        typer.Option("--keep-unsupported", help="Keep values of the object that nothing supports, marked."),
    ] = False,
    as_json: common.AsJson = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Export the answer, too, to .md, .docx or .pdf."),
    ] = None,
    force: common.Force = False,
) -> None:
    """Ask the collection; every sentence of the answer names its source.

    A task is a question as well: docent ask "/summarise @handbook.pdf"; see docent prompts list task.
    """
    from app.chat.free import check_free
    from app.chat.retrieve.query import parse_filters
    from app.export import format_of, turn_of
    from app.runtime import build
    from app.sampling import with_preset
    from app.schemas import Mode, Question, Sampling
    from prompts import free_notice

    if free and (filters or schema):
        raise typer.BadParameter("goes neither with --filter nor with --schema", param_hint="--free")
    sampling = with_preset(
        Sampling(temperature=temperature, seed=seed, top_p=top_p, max_tokens=max_tokens), preset
    )
    settings = common.settings(collection=collection)
    if output is not None:  # an answer may cost time and money: what cannot be written is told before
        export.check_target(output, force=force)
    with build(settings) as runtime:
        asked = Question(
            text=question,
            sampling=sampling,
            top_k=top_k,
            model=model,
            prompt=prompts.choice(role, style, examples, values, runtime.prompts),
            mode=Mode.FREE if free else Mode.DOCUMENTS,
            keep_unsupported=keep_unsupported or None,
            where=dict(parse_filters(filters, runtime.collection().fields)) if filters else {},
        )
        if free and not as_json:
            check_free(runtime.language_model(model), settings)
            typer.secho(free_notice(detect_language(question)), fg="magenta")
        if schema is not None:
            answer = runtime.typed_answer(asked, schema)
        elif as_json:
            answer = runtime.answer(asked)
        else:
            answer = _stream(runtime, asked)
    if as_json:
        common.print_json(answer.model_dump(mode="json"))
    else:
        typed_report.show(answer)
        _show_refusal(answer)
        _show_sources(answer)
        support_report.show(answer)
    if output is not None:
        made = export.make([turn_of(answer)], format_of(output), settings, collection=settings.collection)
        export.write(made, output, force=force)


def _stream(runtime: Runtime, question: Question) -> Answer:
    """Print the words as they come; return the checked answer."""
    from app.schemas import Done, Token

    try:
        for event in runtime.stream(question):
            if isinstance(event, Token):
                typer.echo(common.tame(event.text), nl=False)
            elif isinstance(event, Done):
                return event.answer
    finally:
        typer.echo("")  # an error has a line of its own
    raise DocentError("The answer ended early; ask again.")


def _show_refusal(answer: Answer) -> None:
    """Why there is no answer, what comes closest, and what may help."""
    if answer.refusal is None:
        return
    from prompts.refusals import refusal_lines

    console = _console()
    language = detect_language(answer.question)
    said = refusal_lines(answer.refusal, answer.standalone, language)
    console.print(common.one_line(said.why))
    if answer.refusal.closest:
        console.print(f"\n{said.closest}")
    _show_citations(console, answer.refusal.closest, language)
    console.print()
    for line in filter(None, (said.measured, *said.suggestions)):
        console.print(common.one_line(line), style="dim")


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False, markup=False, soft_wrap=True)


def _show_citations(console: Console, citations: Sequence[Citation], language: Language) -> None:
    from app.chat import places, tables

    for citation in citations:
        where = common.one_line(places.named(citation, language))
        console.print(f"[{citation.n}] {where}: “{common.one_line(tables.flat(citation.quote))}”")
        if about := age(citation, language):
            console.print(f"    {about}", style="dim")


def _show_sources(answer: Answer) -> None:
    from prompts import notice_text

    console = _console()
    if answer.citations:
        console.print()
    _show_citations(console, answer.citations, detect_language(answer.question))
    for notice in answer.notices:
        console.print(f"\n{common.one_line(notice_text(notice, answer.question))}", style="dim")


_CHANGED: dict[Language, str] = {"en": "changed since it was indexed", "ko": "색인한 뒤 바뀜"}


def age(citation: Citation, language: Language) -> str:
    """The day of the source's last change, how long ago that is, and whether it changed since."""
    from app.chat import places

    if citation.modified is None:
        return ""
    old = places.age(citation.modified, date.today(), language)
    changed = _CHANGED[language] if citation.changed else ""
    return " · ".join(part for part in (citation.modified, old, changed) if part)
