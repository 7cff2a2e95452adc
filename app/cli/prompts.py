"""`docent prompts`: what a prompt is put together from, shown, checked, and seen as it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import common
from app.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from app.language import Language
    from app.prompting import Shelf
    from app.schemas import PromptChoice
    from prompts.library import Kind, Part

app = typer.Typer(
    help="Roles, styles, examples and tasks: list them, read them, check your own.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Reference = Annotated[str, typer.Argument(metavar="NAME", help="Such as role/auditor or just auditor.")]
Language_ = Annotated[str, typer.Option("--lang", help="en or ko: which of its texts.")]
Role = Annotated[str, typer.Option(help="Who answers, such as auditor; see: docent prompts list.")]
Style = Annotated[str, typer.Option(help="How, such as step_by_step.")]
Examples = Annotated[str, typer.Option(help="Sample answers for the model, such as citations.")]
Values = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="NAME=VALUE", help="A variable of the role, style or examples; repeatable."
    ),
]


def choice(role: str, style: str, examples: str, values: Sequence[str] | None, shelf: Shelf) -> PromptChoice:
    """The parts that were named, and values for their variables.

    Raises:
        UsageError: a value is not of the form NAME=VALUE, or no part has such a variable.
        ConfigurationError: there is no such part.
    """
    from app.schemas import PromptChoice
    from prompts.library import Kind

    named = {Kind.ROLE: role, Kind.STYLE: style, Kind.EXAMPLES: examples}
    parts = [shelf.find(kind, name) for kind, name in named.items() if name]
    known = [variable for part in parts for variable in part.variables]
    given: dict[str, str] = {}
    for one in values or ():
        name, equals, value = one.partition("=")
        if not equals or name.strip() not in known:
            there = ", ".join(known) or "none; choose a part that has some"
            raise UsageError(f"--set {one!r} names no variable as NAME=VALUE. The variables are: {there}.")
        given[name.strip()] = value
    return PromptChoice(role=role, style=style, examples=examples, values=given)


@app.command("list")
def list_(
    kind: Annotated[
        str | None, typer.Argument(help="role, style, examples or task; all unless given.")
    ] = None,
    language: Language_ = "en",
    as_json: common.AsJson = False,
) -> None:
    """List the library and your own prompts."""
    from app.runtime import build

    with build(common.settings()) as runtime:
        parts = [part for one in _kinds(kind) for part in runtime.prompts.all(one)]
    if as_json:
        common.print_json([_record(part) for part in parts])
        return
    code = _language(language)
    for part in parts:
        own = f" (own, version {part.version})" if part.version else ""
        name = f"{part.kind}/{part.name}"
        told = f"{part.title[code]}{own}. {part.description[code]}"
        typer.echo(f"{common.one_line(name):24} {common.one_line(told)}")


@app.command()
def show(name: Reference, as_json: common.AsJson = False) -> None:
    """Print a prompt as its file, to read, copy or keep it."""
    from app.runtime import build
    from prompts.library import as_markdown

    with build(common.settings()) as runtime:
        part = _find(runtime.prompts, name)
    if as_json:
        common.print_json(_record(part) | {"text": part.text.model_dump()})
    else:
        typer.echo(common.tame(as_markdown(part)), nl=False)


@app.command()
def preview(
    question: Annotated[str, typer.Argument(help="A sample question, or a task such as '/summarise @FILE'.")],
    role: Role = "",
    style: Style = "",
    examples: Examples = "",
    values: Values = None,
    collection: common.Collection = None,
    as_json: common.AsJson = False,
) -> None:
    """Print the prompt as it would be sent for a question, with passages of the collection."""
    from app.runtime import build
    from app.schemas import Question

    with build(common.settings(collection=collection)) as runtime:
        chosen = choice(role, style, examples, values, runtime.prompts)
        seen = runtime.pipeline().preview(Question(text=question, prompt=chosen))
    if as_json:
        common.print_json(seen.model_dump(mode="json"))
        return
    typer.secho("System", bold=True)
    typer.echo(common.tame(seen.system))
    typer.secho("\nUser", bold=True)
    typer.echo(common.tame(seen.human))
    typer.echo(f"\nAbout {seen.tokens:,} tokens, {seen.passages} passages.", err=True)
    if not seen.passages:
        typer.echo(
            "Nothing in the collection resembles this question: it would be refused unasked.", err=True
        )


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A prompt as a Markdown file.")],
    keep: Annotated[bool, typer.Option("--keep", help="Keep it as your own prompt if all is well.")] = False,
) -> None:
    """Check a prompt of your own: each problem with its place and the cure."""
    from prompts.checking import read

    part = read(_text(file))
    typer.echo(f"{part.kind}/{part.name} is sound.")
    if keep:
        from app.runtime import build

        with build(common.settings()) as runtime:
            kept = runtime.prompts.save(part)
        typer.echo(f"Kept as version {kept.version}.")


def _text(file: Path) -> str:
    if not file.is_file():
        raise NotFoundError(f"The file {str(file)!r} does not exist; check the path.", path=str(file))
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"The file {str(file)!r} is no text in UTF-8; save it as UTF-8.") from None


def _kinds(kind: str | None) -> list[Kind]:
    from prompts.library import Kind

    if kind is not None and kind not in list(Kind):
        raise typer.BadParameter(f"is one of {', '.join(Kind)}", param_hint="KIND")
    return [Kind(kind)] if kind else list(Kind)


def _find(shelf: Shelf, name: str) -> Part:
    """By kind and name, or by a name that one kind alone has."""
    from app.errors import ConfigurationError

    kind, slash, rest = name.partition("/")
    if slash:
        return shelf.find(_kinds(kind)[0], rest)
    for one in _kinds(None):
        try:
            return shelf.find(one, name)
        except ConfigurationError:
            continue
    raise NotFoundError(f"There is no prompt {name!r}. To see them all: docent prompts list")


def _language(code: str) -> Language:
    if code not in ("en", "ko"):
        raise typer.BadParameter("is en or ko", param_hint="--lang")
    return "ko" if code == "ko" else "en"


def _record(part: Part) -> dict[str, object]:
    return {
        "kind": part.kind,
        "name": part.name,
        "version": part.version,
        "hash": part.hash,
        "title": part.title.model_dump(),
        "description": part.description.model_dump(),
        "variables": {name: one.model_dump() for name, one in part.variables.items()},
    }
