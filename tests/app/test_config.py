"""Where settings come from, which source wins, and what a bad value says."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.config import Settings, env_file, env_name, load_settings
from app.errors import ConfigurationError, UsageError

SECRET = "sk-very-secret-0123456789"


@pytest.fixture(autouse=True)
def empty_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A working directory without a .env, and no variable set."""
    for field in Settings.model_fields:
        monkeypatch.delenv(env_name(field), raising=False)
    monkeypatch.delenv("DOCENT_ENV_FILE", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_env(folder: Path, text: str, name: str = ".env") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_without_any_configuration_everything_has_a_default():
    settings = load_settings()
    assert (settings.data_dir, settings.collection, settings.vector_backend) == (
        Path("data"),
        "default",
        "chroma",
    )
    assert settings.llm_model == ""


def test_a_variable_sets_a_field(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCENT_TOP_K", "9")
    assert load_settings().top_k == 9


def test_the_file_in_the_working_directory_is_read(empty_place: Path):
    write_env(empty_place, "DOCENT_COLLECTION=인사팀\nDOCENT_VECTOR_BACKEND=faiss\n")
    settings = load_settings()
    assert (settings.collection, settings.vector_backend) == ("인사팀", "faiss")


def test_the_file_is_looked_up_when_asked_for_not_at_import(
    monkeypatch: pytest.MonkeyPatch, empty_place: Path
):
    elsewhere = empty_place / "elsewhere"
    elsewhere.mkdir()
    write_env(elsewhere, "DOCENT_TOP_K=3\n")
    assert load_settings().top_k == 6
    monkeypatch.chdir(elsewhere)
    assert load_settings().top_k == 3


def test_docent_env_file_names_another_file(monkeypatch: pytest.MonkeyPatch, empty_place: Path):
    write_env(empty_place, "DOCENT_TOP_K=3\n")
    other = write_env(empty_place, "DOCENT_TOP_K=4\n", "other.env")
    monkeypatch.setenv("DOCENT_ENV_FILE", str(other))
    assert env_file() == other
    assert load_settings().top_k == 4


def test_a_variable_wins_over_the_file_and_an_override_over_both(
    monkeypatch: pytest.MonkeyPatch, empty_place: Path
):
    write_env(empty_place, "DOCENT_TOP_K=3\n")
    monkeypatch.setenv("DOCENT_TOP_K", "4")
    assert load_settings().top_k == 4
    assert load_settings(top_k=5).top_k == 5


def test_an_override_of_none_is_no_override(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCENT_COLLECTION", "hr")
    assert load_settings(collection=None).collection == "hr"


def test_an_empty_value_keeps_the_default(monkeypatch: pytest.MonkeyPatch, empty_place: Path):
    write_env(empty_place, "DOCENT_MAX_TOKENS=\nOPENAI_API_KEY=\n")
    monkeypatch.setenv("DOCENT_TOP_K", "")
    settings = load_settings()
    assert (settings.top_k, settings.max_tokens, settings.openai_api_key) == (6, 1024, None)


@pytest.mark.parametrize(
    ("variable", "field"), [("OPENAI_API_KEY", "openai_api_key"), ("GROQ_API_KEY", "groq_api_key")]
)
def test_the_providers_own_variables_are_read_from_both_places(
    variable: str, field: str, monkeypatch: pytest.MonkeyPatch, empty_place: Path
):
    write_env(empty_place, f"{variable}=from-file\n")
    assert getattr(load_settings(), field).get_secret_value() == "from-file"
    monkeypatch.setenv(variable, "from-environment")
    assert getattr(load_settings(), field).get_secret_value() == "from-environment"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DOCENT_TOP_K", "many"),
        ("DOCENT_TOP_K", "0"),
        ("DOCENT_PORT", "70000"),
        ("DOCENT_TEMPERATURE", "3"),
        ("DOCENT_DENSE_WEIGHT", "-0.1"),
        ("DOCENT_COLLECTION", "../other"),
        ("DOCENT_EMBEDDING_RUNTIME", "cuda"),
        ("DOCENT_LANGUAGE", "fr"),
    ],
)
def test_a_bad_value_is_named_with_its_variable_and_the_file(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert f"{variable}={value!r}" in str(caught.value)
    assert str(env_file()) in str(caught.value)


def test_every_bad_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCENT_TOP_K", "many")
    monkeypatch.setenv("DOCENT_PORT", "0")
    with pytest.raises(UsageError) as caught:
        load_settings()
    assert len(str(caught.value).splitlines()) == 2
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("field", ["llm_api_key", "embedding_api_key", "openai_api_key", "groq_api_key"])
def test_a_secret_shows_in_no_representation(field: str):
    settings = load_settings(**{field: SECRET})
    assert getattr(settings, field).get_secret_value() == SECRET
    shown = (repr(settings), str(settings), str(settings.model_dump()), settings.model_dump_json())
    assert not [text for text in shown if SECRET in text]


@pytest.mark.parametrize("field", ["llm_api_key", "openai_api_key"])
def test_a_secret_shows_in_no_message(field: str):
    with pytest.raises(ConfigurationError) as caught:
        load_settings(**{field: [SECRET]})
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_message_about_another_setting_shows_no_secret(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv("DOCENT_TOP_K", "many")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert SECRET not in str(caught.value)


def test_settings_do_not_change_after_they_are_read():
    with pytest.raises(ValidationError, match="frozen"):
        load_settings().top_k = 7
