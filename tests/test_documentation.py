"""What the documentation names is there: files, commands, options, versions."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

import click
import pytest
import typer

from app.cli import app

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", ROOT / "examples/hr/README.md"]
PAGES += sorted((ROOT / "docs").rglob("*.md"))
COMMANDS = typer.main.get_command(app).commands
OTHER_PROGRAMS = {"pip", "make", "git", "ollama", "apt"}


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def options(command: click.Command) -> set[str]:
    """Those of a group are the options of its commands."""
    parts = [command, *getattr(command, "commands", {}).values()]
    return {option for part in parts for parameter in part.params for option in parameter.opts} | {"--help"}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_and_pictures_lead_somewhere(page: Path):
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", text_of(page))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_named_commands_and_their_options_exist(page: Path):
    calls = re.findall(r"\b(?:docent|python -m) (\w+)((?: +[^\s`|]+)*)", in_code(text_of(page)))
    wrong = [
        (command, option)
        for command, rest in calls
        for option in ["", *re.findall(r"(?<!\S)--?[a-z][a-z-]*", rest)]
        if command not in OTHER_PROGRAMS and not exists(command, option)
    ]
    assert wrong == []


def in_code(text: str) -> str:
    """The fenced blocks and the code spans of a page, a line each."""
    blocks = re.findall(r"```(?:sh|powershell)?\n(.*?)```", text, re.DOTALL)
    spans = re.findall(r"(?<!`)`([^`]+)`(?!`)", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return "\n".join(blocks + [" ".join(span.split()) for span in spans])


def exists(command: str, option: str) -> bool:
    if command in ("venv", "pytest"):
        return True
    return command in COMMANDS and (option == "" or option in options(COMMANDS[command]))


def test_every_command_and_option_is_documented():
    everything = "\n".join(map(text_of, PAGES))
    missing = [
        f"{name} {option}"
        for name, command in COMMANDS.items()
        for option in ["", *sorted(options(command) - {"--help"})]
        if (option.startswith("--") and option not in everything) or f"docent {name}" not in everything
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_torch_that_is_named_is_the_one_that_is_pinned(page: Path):
    [pinned] = re.findall(r"(?m)^torch==(\S+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"))
    assert set(re.findall(r"torch==([\d.]*\d)", text_of(page))) <= {pinned}


def test_everything_that_the_project_needs_is_pinned():
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pins = {canonical(line.split("==")[0]) for line in constraints.splitlines() if "==" in line}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = list(chain(project["dependencies"], *project["optional-dependencies"].values()))
    names = {canonical(re.match(r"[\w.-]+", requirement)[0]) for requirement in needed}
    assert len(names) > 20
    assert names - pins == {canonical(project["name"])}  # of its own extras


def test_no_pin_points_to_a_place():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    strange = [line for line in lines if not re.fullmatch(r"#.*|[\w.-]+==[\w.]+", line)]
    assert strange == []


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
