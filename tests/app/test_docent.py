"""Docent from Python, as the documentation shows it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel
from support.model_server import ModelServer, Reply

from app import docent
from app.config import Settings, load_settings
from app.errors import NotFoundError, TypedAnswerError, UsageError
from app.runtime import build
from app.schemas import Question, Support

PAGE = Path(__file__).parents[2] / "docs" / "typed-answers.md"
HANDBOOK = "# Leave\n\nEvery employee has 25 days of paid leave a year. Unused days expire on 31 March.\n"


class Rest(BaseModel):
    days: int
    hours: int | None = None


class Leave(BaseModel):
    days: int
    carried: int | None = None
    rest: Rest | None = None
    names: list[str] = []


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docent")
    (folder / "leave.md").write_text(HANDBOOK, encoding="utf-8")
    with build(Settings(data_dir=folder / "data")) as runtime:
        runtime.ingest([folder / "leave.md"])
    return folder / "data"


@pytest.fixture(scope="module")
def serving() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture
def server(serving: ModelServer) -> ModelServer:
    serving.reset()
    return serving


@pytest.fixture(scope="module")
def settings(serving: ModelServer, data_dir: Path) -> Iterator[Settings]:
    yield Settings(data_dir=data_dir, llm_base_url=serving.url, llm_model="scripted-model", llm_retries=0)
    docent.close()


def test_an_object_with_its_evidence(server: ModelServer, settings: Settings):
    server.say(json.dumps({"days": 25, "carried": 7, "rest": {"days": 3, "hours": None}, "names": ["Ann"]}))
    typed = docent.ask("How many days of paid leave?", schema=Leave, settings=settings)
    assert typed.value == Leave(days=25)
    assert typed.data == {"days": 25, "carried": None, "rest": {"days": None, "hours": None}, "names": [None]}
    proof = typed.evidence["days"]
    assert (proof.original, proof.support) == ("25 days", Support.SUPPORTED)
    assert proof.citation is not None
    assert proof.citation in typed.answer.citations
    assert proof.citation.quote == "Every employee has 25 days of paid leave a year."
    reasons = {path: one.reasons[0].code for path, one in typed.evidence.items() if one.reasons}
    assert reasons == {
        "carried": "no_support",
        "rest.days": "no_support",
        "rest.hours": "not_found",
        "names.0": "no_support",
    }
    assert typed.record.held_by == "json_schema"
    assert typed.record.templates["schemas/leave"]


def test_an_object_without_what_it_needs_is_none(server: ModelServer, settings: Settings):
    server.say(json.dumps({"days": 99, "carried": None, "rest": None, "names": []}))
    typed = docent.ask("How many days of paid leave?", schema=Leave, settings=settings)
    assert typed.value is None
    assert typed.data["days"] is None
    assert not typed.answer.refused
    assert typed.evidence["days"].reasons[0].code == "no_support"


def test_values_without_support_may_be_kept(server: ModelServer, settings: Settings):
    server.say(json.dumps({"days": 99, "carried": None, "rest": None, "names": []}))
    typed = docent.ask("How many days of leave?", schema=Leave, settings=settings, keep_unsupported=True)
    assert typed.value == Leave(days=99)
    assert typed.evidence["days"].support is Support.NOT
    assert typed.record.asked.keep_unsupported is True


def test_without_a_schema_it_is_an_answer(server: ModelServer, settings: Settings):
    server.say("Employees have 25 days of paid leave [1].")
    answer = docent.ask(Question(text="How many days of paid leave?"), settings=settings)
    assert answer.citations[0].source == "leave.md"
    assert docent.ask("How many days of paid leave?", settings=settings, model="none").model is None


def test_a_schema_by_its_name(server: ModelServer, settings: Settings):
    server.say(json.dumps({"answer": "It is 25 days of paid leave [1].", "citations": [1], "confidence": 1}))
    typed = docent.ask("How many days of paid leave?", schema="cited_answer", settings=settings)
    assert typed.value is not None
    assert typed.evidence["answer"].support is Support.SUPPORTED


def test_nothing_relevant_is_refused(server: ModelServer, settings: Settings):
    typed = docent.ask("Who won the chess final in 1972?", schema=Leave, settings=settings)
    assert (typed.value, typed.data, typed.evidence) == (None, {}, {})
    assert typed.answer.refused
    assert server.requests == []


def test_errors_are_docents(server: ModelServer, settings: Settings):
    with pytest.raises(UsageError, match="There is no schema 'nothing'"):
        docent.ask("Days?", schema="nothing", settings=settings)
    with pytest.raises(UsageError, match="BaseModel"):
        docent.ask("Days?", schema=dict, settings=settings)  # type: ignore[type-var]
    with pytest.raises(NotFoundError):
        docent.ask("Days?", schema=Leave, settings=settings, collection="nowhere")
    server.default = Reply("{")
    with pytest.raises(TypedAnswerError) as raised:
        docent.ask("How many days of paid leave?", schema=Leave, settings=settings)
    assert raised.value.values["schema"] == "leave"


def example() -> str:
    page = PAGE.read_text(encoding="utf-8")
    [found] = [one for one in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "docent.ask" in one]
    return str(found)


def test_the_documented_example_runs(
    server: ModelServer,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setenv("DOCENT_DATA_DIR", str(data_dir))
    monkeypatch.setenv("DOCENT_LLM_BASE_URL", server.url)
    server.say(json.dumps({"days": 25, "expires": "31 March"}))
    exec(compile(example(), str(PAGE), "exec"), {"__name__": "example"})
    docent.close()
    assert capsys.readouterr().out.splitlines() == [
        "25",
        "days 25 25 days supported leave.md",
        "expires 31 March 31 March supported leave.md",
    ]
    assert load_settings().llm_base_url == server.url


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_type_checker_understands_it(tmp_path: Path):
    root = PAGE.parents[1]
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text(f"{example()}\nplain = docent.ask('Why?')\nprint(plain.citations[0].quote)\n")
    wrong.write_text(f"{example()}\ntyped.value.days\ntyped.answer.typo\n")
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(root / ".mypy_cache")]
    done = subprocess.run(
        [*command, str(right), str(wrong)], capture_output=True, text=True, cwd=root, check=False
    )
    told = [line for line in done.stdout.splitlines() if str(tmp_path) in line or ": error:" in line]
    assert not any("right.py" in line for line in told), done.stdout
    assert [line for line in told if 'Item "None" of "Leave | None"' in line]
    assert [line for line in told if '"Answer" has no attribute "typo"' in line]
