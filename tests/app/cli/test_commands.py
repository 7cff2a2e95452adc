"""The command line, as a person and as a script use it."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest
from support.model_server import ModelServer

from app.cli import ingest_main, main
from app.config import Settings
from app.runtime import build

LEAVE = "# Leave\n\nEvery employee has 25 days of paid leave a year. Unused days expire on 31 March.\n"
REMOTE = "# Remote work\n\nWorking from home is possible on three days a week after the trial period.\n"
KOREAN = "# 휴가 규정\n\n연차 휴가는 1년에 15일입니다. 병가는 진단서를 내면 60일까지 쓸 수 있습니다.\n"


@dataclass
class Result:
    status: int
    out: str
    err: str

    def json(self) -> object:
        return json.loads(self.out)


Run = Callable[..., Result]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `docent …` in this process."""

    def call(*arguments: str | Path) -> Result:
        entry = main
        given = [str(argument) for argument in arguments]
        if given[0] == "python -m ingest":
            entry = ingest_main
        monkeypatch.setattr(sys, "argv", given if entry is ingest_main else ["docent", *given])
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit_:
            entry()
        captured = capsys.readouterr()
        return Result(int(exit_.value.code or 0), captured.out, captured.err)

    return call


def write_handbook(folder: Path) -> Path:
    folder.mkdir()
    (folder / "leave.md").write_text(LEAVE, encoding="utf-8")
    (folder / "remote.md").write_text(REMOTE, encoding="utf-8")
    (folder / "휴가.md").write_text(KOREAN, encoding="utf-8")
    return folder


@pytest.fixture
def handbook(tmp_path: Path) -> Path:
    return write_handbook(tmp_path / "handbook")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A handbook and the data folder that it was indexed into, once for all tests that only ask."""
    base = tmp_path_factory.mktemp("built")
    folder = write_handbook(base / "handbook")
    with build(Settings(data_dir=base / "data")) as runtime:
        runtime.ingest([folder])
    return folder, base / "data"


@pytest.fixture
def indexed(built: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The handbook; its data folder is a copy."""
    folder, data = built
    shutil.copytree(data, tmp_path / "data")
    monkeypatch.setenv("DOCENT_DATA_DIR", str(tmp_path / "data"))
    return folder


def test_prompts_are_listed_shown_checked_and_kept(run: Run, tmp_path: Path):
    listed = run("prompts", "list", "task", "--lang", "ko").out
    assert "task/summarise" in listed and "문서 요약" in listed and "auditor" not in listed
    file = tmp_path / "captain.md"
    file.write_text(run("prompts", "show", "auditor").out.replace("name: auditor", "name: captain"), "utf-8")
    assert run("prompts", "check", file, "--keep").out.endswith("Kept as version 1.\n")
    assert "own, version 1" in run("prompts", "list", "role").out
    file.write_text(file.read_text("utf-8").replace("a strict", "{a} strict"), "utf-8")
    refused = run("prompts", "check", file)
    assert refused.status == 2 and "Text: Line 1: {a} is no variable" in refused.err
    assert "There is no prompt 'nobody'" in run("prompts", "show", "nobody").err


def test_a_question_names_its_role_and_a_task_its_documents(run: Run, indexed: Path):
    seen = run("prompts", "preview", "days of leave?", "--role", "teacher", "--set", "audience=me", "--json")
    prompt = seen.json()
    assert "to me:" in prompt["system"] and "25 days" in prompt["human"] and prompt["tokens"] > 200
    assert run("ask", "days of leave?", "--role", "auditor", "--style", "table").status == 0
    assert "no role 'nobody'" in run("ask", "days of leave?", "--role", "nobody").err
    assert "The variables are: audience" in run("ask", "x?", "--role", "teacher", "--set", "a=b").err
    answer = run("ask", "/summarise @leave.md", "--json").json()
    assert {one["source"] for one in answer["citations"]} == {"leave.md"}
    assert [one["name"] for one in answer["prompts"]] == ["summarise"]


def test_help_names_every_command(run: Run):
    result = run("--help")
    assert result.status == 0
    for name in ("ui", "ingest", "ask", "search", "doctor"):
        assert name in result.out


def test_ingest_help_needs_nothing_heavy():
    code = (
        "import sys; sys.argv = ['ingest', '--help']\n"
        "from app.cli import ingest_main\n"
        "try:\n    ingest_main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'chromadb', 'onnxruntime', 'sqlalchemy', 'pydantic', 'rich'}\n"
        "sys.exit(','.join(heavy & set(sys.modules)) or 0)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "--rebuild" in result.stdout


def test_ingest_reports_what_it_did(run: Run, handbook: Path):
    first = run("python -m ingest", handbook, "--json").json()
    assert set(first) >= {
        "collection", "added", "updated", "unchanged", "deleted", "failed", "documents", "chunks", "seconds",
    }  # fmt: skip
    assert (first["written"], first["excluded"], first["planned"], first["estimate"]) == (3, 0, [], None)
    assert (first["collection"], first["added"], first["documents"], first["failed"]) == ("default", 3, 3, [])
    (handbook / "leave.md").write_text(LEAVE.replace("25", "30"), encoding="utf-8")
    (handbook / "remote.md").unlink()
    second = run("ingest", handbook, "--json").json()
    assert (second["added"], second["updated"], second["unchanged"], second["deleted"]) == (0, 1, 1, 1)
    assert second["documents"] == 2


def test_every_field_of_the_report_is_written_down(run: Run, handbook: Path):
    guide = (Path(__file__).parents[3] / "docs" / "indexing.md").read_text(encoding="utf-8")
    section = guide.partition("## JSON report of an ingest")[2].partition("\n## ")[0]
    for field in run("ingest", handbook, "--json").json():
        assert re.search(rf'[`"]{field}[`"]', section), field


def test_a_failed_file_is_named_and_the_others_are_indexed(run: Run, handbook: Path):
    (handbook / "broken.pdf").write_bytes(b"%PDF-1.7 and then nothing")
    result = run("ingest", handbook, "--json")
    report = result.json()
    assert result.status == 1
    assert report["added"] == 3
    assert [Path(failure["path"]).name for failure in report["failed"]] == ["broken.pdf"]
    assert report["failed"][0]["error"]


def test_dry_run_changes_nothing(run: Run, handbook: Path):
    assert run("ingest", handbook, "--dry-run", "--json").json()["added"] == 3
    assert run("search", "leave").status == 2


def test_the_summary_is_readable(run: Run, handbook: Path):
    result = run("ingest", handbook)
    assert result.status == 0
    assert "added" in result.out
    assert "default" in result.out


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["ingest", "no/such/folder"], 2, "no/such/folder"),
        (["ingest"], 2, "PATH"),
        (["ingest", ".", "--collection", "../evil"], 2, "without spaces"),
        (["search", "x", "--collection", "nowhere"], 2, "nowhere"),
        (["search"], 2, "--batch"),
        (["search", "x", "-k", "0"], 2, "-k"),
        (["search", "--batch", "none.jsonl"], 2, "none.jsonl"),
        (["ask", "x", "--collection", "nowhere"], 2, "ingest"),
        (["ask", "x", "--temperature", "9"], 2, "temperature"),
        (["ask", "x", "--preset", "wild"], 2, "creative"),
    ],
)
def test_wrong_use_is_said_in_a_line(run: Run, arguments: list[str], status: int, said: str):
    result = run(*arguments)
    assert result.status == status
    assert said in result.err
    assert "Traceback" not in result.err


def test_an_empty_folder_is_said(run: Run, tmp_path: Path):
    empty = tmp_path / "empty"
    empty.mkdir()
    result = run("ingest", empty)
    assert result.status == 2
    assert "empty" in result.err


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DOCENT_VECTOR_BACKEND", "faiis"),
        ("DOCENT_TOP_K", "many"),
        ("DOCENT_EMBEDDING_MODEL", "no/such-model"),
    ],
)
def test_a_wrong_setting_is_named(
    run: Run, handbook: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
):
    monkeypatch.setenv(variable, value)
    result = run("ingest", handbook)
    assert result.status == 2
    assert variable in result.err
    assert value in result.err


def test_text_that_the_model_cannot_read_is_said_with_the_setting_that_helps(run: Run, handbook: Path):
    assert 0.1 < run("ingest", handbook, "--json").json()["unread"] < 0.6
    assert "DOCENT_EMBEDDING_MODEL=" in run("ingest", handbook).out
    assert "--rebuild --collection default" in run("ingest", handbook).out
    [finding] = [one for one in run("doctor", "--json").json() if one["name"] == "collection"]
    assert finding["state"] == "note"
    assert "cannot read" in finding["detail"]
    (handbook / "휴가.md").unlink()
    (handbook / "leave.md").write_text(LEAVE + "More.\n", encoding="utf-8")
    assert run("ingest", handbook, "--json").json()["unread"] == 0.0
    assert "cannot read" not in run("ingest", handbook).out


def test_a_hit_names_the_member_of_an_archive_and_shows_tables(run: Run, tmp_path: Path):
    with ZipFile(tmp_path / "papers.zip", "w") as archive:
        archive.writestr("notes/prices.md", "# Prices\n\n| Item | Price |\n|---|---|\n| green tea | 5 |\n")
    assert run("ingest", tmp_path / "papers.zip", "--json").status == 0
    shown = run("search", "price of green tea", "-k", "1").out
    assert "papers.zip · notes/prices.md" in shown
    assert "|---|" not in shown
    assert re.search(r"green tea +5", shown)
    assert "papers.zip · notes/prices.md" in run("ask", "What is the price of green tea?").out


def test_nothing_of_a_document_speaks_to_the_terminal(run: Run, tmp_path: Path):
    hostile = tmp_path / "a\x1b[31m[red]\nb.md"
    hostile.write_text("# Zebra \x9b2J\n\nThe zebra eats \u202egrass [/bold] every day.\n", encoding="utf-8")
    outputs = [
        run("ingest", tmp_path, "--dry-run").out,
        run("ingest", tmp_path).out,
        run("search", "zebra grass").out,
        run("search", "zebra grass", "--explain").out,
        run("ask", "What does the zebra eat every day?").out,
    ]
    assert not [sign for out in outputs for sign in ("\x1b", "\x9b", "\u202e") if sign in out]
    assert "[red] b.md" in outputs[2] and "[/bold] every day" in outputs[2]


def test_search_gives_ranked_records(run: Run, indexed: Path):
    hits = run("search", "How many days of paid leave?", "-k", "2", "--json").json()
    assert [hit["rank"] for hit in hits] == [1, 2]
    assert set(hits[0]) == {
        "rank", "score", "dense", "keyword", "source", "page", "record_id", "chunk_id", "text",
    }  # fmt: skip
    assert hits[0]["source"] == "leave.md"
    assert "25 days" in hits[0]["text"]


def test_a_hit_explains_itself(run: Run, indexed: Path):
    hit = run("search", "How many days of paid leave?", "-k", "1", "--json", "--explain").json()[0]
    why = hit["explain"]
    assert (why["dense_rank"], why["keyword_rank"], why["rerank"], why["also_in"]) == (1, 1, None, [])
    assert why["dense_share"] + why["keyword_share"] == pytest.approx(hit["score"])
    assert {"paid", "day"} <= set(why["matched"])
    shown = run("search", "How many days of paid leave?", "--explain").out
    assert "cosine" in shown
    assert "BM25" in shown
    assert "days, paid, leave" in shown
    assert "█" in shown


@pytest.mark.parametrize(
    ("arguments", "sources"),
    [
        (["days", "--filter", "source=leave.md"], {"leave.md"}),
        (["days", "-f", "source=leave.md", "-f", "source=remote.md"], {"leave.md", "remote.md"}),
        (["source:leave.md days"], {"leave.md"}),
        (["source:휴가.md 병가"], {"휴가.md"}),
        (["folder:handbook type:md after:2000-01-01 days"], {"leave.md", "remote.md"}),
        (["before:2000-01-01 days"], set()),
        (["type:pdf days"], set()),
        (["days", "--filter", "source=nothing.md"], set()),
    ],
)
def test_filters_stand_in_the_query_or_beside_it(
    run: Run, indexed: Path, arguments: list[str], sources: set[str]
):
    hits = run("search", *arguments, "--json").json()
    assert {hit["source"] for hit in hits} == sources


def test_a_filter_that_cannot_be_is_named_with_the_fields_there_are(run: Run, indexed: Path):
    for command in ("search", "ask"):
        result = run(command, "days", "--filter", "colour=red")
        assert result.status == 2
        assert "'colour'" in result.err
        assert "source, folder, type, page" in result.err
    assert "page=['x']" in run("search", "days", "--filter", "page=x").err
    assert "field=value" in run("search", "days", "--filter", "page").err


def test_nothing_found_names_the_filters(run: Run, indexed: Path):
    assert "source=nothing.md" in run("search", "source:nothing.md days").out
    assert "beside the filter" in run("search", "source:leave.md").out
    assert "write some words" in run("search", "🙂").out


@pytest.mark.parametrize("query", ["x", '"leave (days AND', "leave " * 20_000, "12:30 http://x note: y"])
def test_odd_queries_are_searched(run: Run, indexed: Path, query: str):
    result = run("search", query, "-k", "10000", "--json")
    assert result.status == 0
    assert result.err == ""


def test_korean_is_found(run: Run, indexed: Path):
    assert run("search", "병가는 며칠인가요?", "--json").json()[0]["source"] == "휴가.md"


def test_search_in_batch_keeps_the_ids(run: Run, tmp_path: Path):
    records = [{"id": "d1", "title": "Whales", "text": "The blue whale is the largest animal."}]
    records += [{"id": "d2", "title": "Ants", "text": "Ants live in colonies."}]
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    queries = tmp_path / "queries.jsonl"
    queries.write_text(
        '{"id": "q1", "text": "largest animal"}\n{"id": 2, "text": "colonies of ants"}\n', encoding="utf-8"
    )
    report = run("ingest", corpus, "--json").json()
    assert (report["added"], report["documents"]) == (1, 2)
    lines = [
        json.loads(line) for line in run("search", "--batch", queries, "-k", "1", "--json").out.splitlines()
    ]
    assert [(line["id"], line["hits"][0]["record_id"]) for line in lines] == [("q1", "d1"), (2, "d2")]


def test_a_bad_line_of_a_batch_is_named(run: Run, indexed: Path, tmp_path: Path):
    queries = tmp_path / "queries.jsonl"
    queries.write_text('{"id": 1, "text": "leave"}\nnot json\n', encoding="utf-8")
    result = run("search", "--batch", queries)
    assert result.status == 2
    assert "Line 2" in result.err


def test_ask_answers_with_evidence(run: Run, indexed: Path):
    answer = run("ask", "How many days of paid leave does an employee have?", "--seed", "7", "--json").json()
    assert not answer["refused"]
    assert "25 days" in answer["answer"]
    assert "[1]" in answer["answer"]
    citation = answer["citations"][0]
    assert (citation["n"], citation["source"]) == (1, "leave.md")
    assert citation["quote"] in LEAVE
    assert answer["model"] is None
    assert answer["seed"] == 7
    assert set(answer["seconds"]) == {"retrieve", "first_token", "total", "timeline"}


def test_a_preset_fills_in_what_is_not_given(run: Run, indexed: Path):
    question = [
        "ask",
        "How many days of paid leave does an employee have?",
        "--preset",
        "창의적으로",
        "--json",
    ]
    assert run(*question).json()["temperature"] == 1
    assert run(*question, "--temperature", "0.2").json()["temperature"] == 0.2


def test_ask_shows_its_sources(run: Run, indexed: Path):
    result = run("ask", "연차 휴가는 며칠입니까?")
    assert result.status == 0
    assert "15일" in result.out
    assert "휴가.md" in result.out


def test_what_is_not_there_is_refused(run: Run, indexed: Path):
    answer = run("ask", "What does the volcano on Jupiter's moon Io emit?", "--json").json()
    assert answer["refused"]
    assert answer["citations"] == []


def test_a_question_without_words_is_refused_politely(run: Run, indexed: Path):
    result = run("ask", "   ")
    assert result.status == 2
    assert "Traceback" not in result.err


def test_doctor_is_content_without_a_key(run: Run):
    result = run("doctor", "--json")
    states = {finding["name"]: finding["state"] for finding in result.json()}
    assert result.status == 0
    assert states["embedding"] == states["database"] == states["keywords"] == "ok"
    assert states["model"] == "note"


def test_doctor_finds_what_cannot_work(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCENT_LLM_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("DOCENT_LLM_MODEL", "openai:some-model")
    monkeypatch.setenv("DOCENT_VECTOR_BACKEND", "nothing")
    result = run("doctor", "--json")
    states = {finding["name"]: finding["state"] for finding in result.json()}
    assert result.status == 1
    assert states["backend"] == "fail"
    assert states["model"] == "fail"


@pytest.mark.slow
def test_an_interrupted_first_ingest_is_told_and_goes_on(handbook: Path):
    """Ctrl-C in the middle: one line, status 130; a search names the cure; the same command goes on."""
    for number in range(300):
        (handbook / f"note-{number}.md").write_text(f"# Note {number}\n\n{LEAVE}", encoding="utf-8")
    command = [sys.executable, "-m", "ingest", str(handbook), "-c", "slow"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=_hear_ctrl_c) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if line.startswith("index"):
                running.send_signal(signal.SIGINT)
                break
        rest = running.stderr.read()
    assert running.returncode == 130
    assert "same command goes on" in rest and "Traceback" not in rest
    again = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    assert json.loads(again.stdout)["documents"] == 303


def _hear_ctrl_c() -> None:
    """A shell's background jobs are deaf to it, and so would be their children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


# -- refusals and free chat --------------------------------------------------------------------------------


def test_a_refusal_says_why_on_the_terminal_and_in_json(run: Run, indexed: Path):
    shown = run("ask", "What is the capital of France?")
    assert shown.status == 0
    assert "Nothing about “capital of France” in these 3 documents." in shown.out
    assert "add it: python -m ingest PATH --collection default" in shown.out
    answer = run("ask", "프랑스의 수도는 어디인가요?", "--json").json()
    assert answer["refused"]
    assert (answer["refusal"]["reason"], answer["refusal"]["missing"]) == ("off_topic", ["프랑스", "수도"])
    assert answer["refusal"]["documents"] == 3


def test_a_refusal_knows_the_filter_and_the_other_collections(run: Run, indexed: Path):
    run("ingest", indexed, "--collection", "second", "--json")
    refused = run("ask", "Who was Ada Lovelace?", "--filter", "source=leave.md", "--json").json()
    codes = {one["code"]: one["values"] for one in refused["refusal"]["suggestions"]}
    assert codes["lift_filter"] == {"filter": "source:leave.md"}
    assert codes["other_collections"] == {"names": "second"}


def test_the_doctor_and_the_health_report_tell_the_threshold(run: Run, indexed: Path):
    [finding] = [one for one in run("doctor", "--json").json() if one["name"] == "answers"]
    assert finding["state"] == "ok"
    assert "questions drawn from the documents" in finding["detail"]
    assert "Answers begin at a match of" in run("doctor", "--collection").out
    health = run("doctor", "--collection", "--json").json()
    assert 0 < health["calibration"]["threshold"] < 1


def test_free_chat_is_marked_on_the_terminal(
    run: Run, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DOCENT_LLM_BASE_URL", model_server.url)
    model_server.say("Paris [1].", "Paris.")
    shown = run("ask", "What is the capital of France?", "--free")
    assert (shown.status, shown.out.strip()) == (
        0,
        "From the model's own knowledge – not checked against your documents.\nParis.",
    )
    assert run("ask", "Capital?", "--free", "--json").json()["mode"] == "free"
    assert run("ask", "Capital?", "--free", "--schema", "cited_answer").status == 2


def test_free_chat_needs_a_model(run: Run):
    refused = run("ask", "What is the capital of France?", "--free")
    assert refused.status != 0
    assert "DOCENT_LLM_MODEL" in refused.err
    assert "knowledge" not in refused.out
