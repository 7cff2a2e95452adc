"""The settings model, `.env.example` and the documentation name the same settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.config import Settings, env_name, load_settings

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / ".env.example"
VARIABLES = {env_name(field): field for field in Settings.model_fields}


def documented() -> dict[str, tuple[str, str]]:
    """Variable -> (the comment above it, its value), in the file's order."""
    entries, comment = {}, ""
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            comment = line.removeprefix("# ")
        elif line:
            name, _, value = line.partition("=")
            assert name not in entries, f"{name} stands twice"
            entries[name] = (comment, value)
    return entries


@pytest.fixture
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def test_the_example_names_every_setting_in_the_order_of_the_model():
    assert list(documented()) == list(VARIABLES)


@pytest.mark.parametrize("name", VARIABLES)
def test_the_comment_is_the_description(name: str):
    assert documented()[name][0] == Settings.model_fields[VARIABLES[name]].description


def written(default: object) -> str:
    """A default as people write it."""
    if isinstance(default, bool):
        return str(default).lower()
    return "" if default is None else str(default)


@pytest.mark.parametrize("name", VARIABLES)
def test_the_value_is_the_default(name: str):
    assert documented()[name][1] == written(Settings.model_fields[VARIABLES[name]].default)


@pytest.mark.usefixtures("no_variables")
def test_an_unchanged_copy_changes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("DOCENT_ENV_FILE", str(EXAMPLE))
    copied = load_settings()
    monkeypatch.setenv("DOCENT_ENV_FILE", str(tmp_path / "none"))
    assert copied == load_settings()


@pytest.mark.parametrize("page", ["README.md", "docs/settings.md"])
@pytest.mark.parametrize("name", VARIABLES)
def test_the_documentation_has_its_row(name: str, page: str):
    field = Settings.model_fields[VARIABLES[name]]
    default = f"`{value}`" if (value := written(field.default)) else ""
    row = f"| `{name}` | {default} | {field.description} |"
    assert row in (ROOT / page).read_text(encoding="utf-8").splitlines()
