"""`docent schemas`: what typed answers may be asked for, shown, and checked before it is used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import common
from app.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from app.answers.schemas import Schema

app = typer.Typer(
    help="Schemas of typed answers: list them, read them, check your own.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


@app.command("list")
def list_(
    language: Annotated[str, typer.Option("--lang", help="en or ko: which of its texts.")] = "en",
    as_json: common.AsJson = False,
) -> None:
    """List all schemas, and what could not be taken up."""
    from app.answers.schemas.shelf import told
    from app.runtime import build

    with build(common.settings()) as runtime:
        schemas, unusable = runtime.schemas.all(), runtime.schemas.unusable()
    if as_json:
        broken = [{"where": one.where, "problems": told(one).splitlines()} for one in unusable]
        common.print_json({"schemas": [_record(one) for one in schemas], "unusable": broken})
        return
    for one in schemas:
        about = f"{one.title(language)} ({_origin(one)}). {one.about(language)}"
        typer.echo(f"{common.one_line(one.name):18} {common.one_line(about)}")
    for broken_one in unusable:
        typer.echo(common.tame(told(broken_one)), err=True)


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as invoice, or my_form@2.")],
    as_yaml: Annotated[bool, typer.Option("--yaml", help="As the file of a schema instead.")] = False,
) -> None:
    """Print a schema as JSON Schema."""
    import json

    from app.answers.schemas import as_yaml as yaml_of
    from app.runtime import build

    with build(common.settings()) as runtime:
        schema = runtime.schemas.find(name)
    if not as_yaml:
        described = {"$schema": _DRAFT, "x-name": schema.name} | schema.json_schema
        typer.echo(common.tame(json.dumps(described, ensure_ascii=False, indent=2)))
    elif schema.definition is None:
        raise UsageError(
            f"The schema {schema.name!r} is a Python class ({schema.where}) and has no such file."
        )
    else:
        typer.echo(common.tame(yaml_of(schema.definition)), nl=False)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A schema as YAML, or a JSON Schema.")],
    keep: Annotated[bool, typer.Option("--keep", help="Keep it as your own schema if all is well.")] = False,
) -> None:
    """Check a schema of your own: each problem with its place and the cure."""
    from app.answers.schemas import Schema, problem_text
    from app.answers.schemas.files import check_file

    if not file.is_file():
        raise NotFoundError(f"The file {str(file)!r} does not exist; check the path.", path=str(file))
    definition, problems = check_file(file)
    if definition is None:
        raise UsageError("\n".join(f"{file.name}: {problem_text(one, 'en')}" for one in problems))
    schema = Schema.of(definition, "file")
    fields = sum(1 for _ in definition.walk())
    typer.echo(f"{common.one_line(schema.name)} is sound: {fields} fields.")
    if keep:
        from app.runtime import build

        with build(common.settings()) as runtime:
            kept = runtime.schemas.save(definition)
        typer.echo(f"Kept as version {kept.version}.")


def _origin(schema: Schema) -> str:
    """Where it is from, in a few words."""
    if schema.version:
        return f"own, version {schema.version}"
    return schema.where or schema.source


def _record(schema: Schema) -> dict[str, object]:
    return {
        "name": schema.name,
        "title": schema.titles,
        "description": schema.description,
        "source": schema.source,
        "where": schema.where,
        "version": schema.version,
        "many": schema.many,
        "fields": [field.name for field in schema.fields],
        "hash": schema.hash,
    }
