"""From files into PostgreSQL and back: everything comes along, nothing is embedded, and the source stays."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from doubles import WordModel

from app.config import Settings
from app.errors import CollectionBusyError, CollectionDamagedError, UsageError
from app.history import History
from app.history.moving import copy_conversations
from app.schemas import Role
from ingest.catalog.transfer import fingerprint
from ingest.collection import Collection, Writer, beside, home_of, restore
from ingest.collection.moving import Moved, move
from ingest.pipeline import sync

LONG = "제목 " * 2_000  # as a heading longer than what PostgreSQL's usual indexes hold


def quiet(step: str, done: int, total: int) -> None:
    """Nobody looks."""


@pytest.fixture
def files(docs: Path, tmp_path: Path) -> Settings:
    """A collection in files, of two runs."""
    (docs / "nul.md").write_text(f"# {LONG}\n\nText with a NUL\0 in it.\n", encoding="utf-8")
    settings = Settings(
        data_dir=tmp_path / "data", vector_backend="faiss", chunk_tokens=64, embedding_model="words"
    )
    sync([docs], settings, WordModel(), collection="default")
    (docs / "pay.txt").write_text("Salaries are paid on the 20th.", encoding="utf-8")
    sync([docs], settings, WordModel(), collection="default")
    return settings


@pytest.fixture
def in_postgres(files: Settings, database_url: str) -> Settings:
    """The same settings with a database of its own."""
    return Settings.model_validate(files.model_dump() | {"database_url": database_url})


def moved(source: Settings, target: Settings, *, replacing: bool = False) -> Moved:
    return move("default", source, target, replacing=replacing, tell=quiet)


def state(settings: Settings) -> dict[str, tuple[int, str]]:
    home = home_of("default", settings)
    with closing(home.catalog(home.generations().current)) as catalog:
        return fingerprint(catalog, quiet)


def hits(settings: Settings) -> list[object]:
    with Collection.open("default", settings) as held:
        nearest = held.dense(WordModel().embed_query("leave"), 3)
        return [nearest, [hit.id for hit in held.keyword("salaries paid", 3)], held.counts()]


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "database" not in path.parts and path.suffix not in (".sqlite-shm", ".lock")
    }


def test_there_and_back_again(files: Settings, in_postgres: Settings, docs: Path, tmp_path: Path) -> None:
    found, before = hits(files), digests(files.data_dir)
    there = moved(files, in_postgres)
    assert (there.was_there, there.complete) == (False, True)
    assert (there.rows["files"], there.rows["versions"]) == (4, 5)
    assert state(in_postgres) == state(files)
    assert hits(in_postgres) == found
    assert moved(files, in_postgres).was_there
    after = {path: digest for path, digest in digests(files.data_dir).items() if path in before}
    assert after == before

    model = WordModel()
    assert sync([docs], in_postgres, model, collection="default").unchanged == 4
    (docs / "new.txt").write_text("Parking is free.", encoding="utf-8")
    assert sync([docs], in_postgres, model, collection="default").added == 1
    assert len(model.embedded) == 1

    empty = files.model_copy(update={"data_dir": tmp_path / "another"})
    assert moved(in_postgres, empty).complete
    assert state(empty) == state(in_postgres)
    assert hits(empty) == hits(in_postgres)
    assert sync([docs], empty, model, collection="default").unchanged == 5
    assert len(model.embedded) == 1


def test_another_collection_of_that_name_is_only_replaced_when_wanted(
    files: Settings, in_postgres: Settings, docs: Path
) -> None:
    (docs / "other.txt").write_text("Bicycles stand in the yard.", encoding="utf-8")
    sync([docs / "other.txt"], in_postgres, WordModel(), collection="default")
    with pytest.raises(UsageError, match="--replace"):
        moved(files, in_postgres)
    with Collection.open("default", in_postgres) as reader:
        assert reader.counts() == (1, 1)
        assert moved(files, in_postgres, replacing=True).complete
        reader.refresh()
        assert reader.counts() == (4, 4)
    kept = beside("default", in_postgres)
    assert kept.previous is not None and kept.next is None
    restore("default", in_postgres)
    with Collection.open("default", in_postgres) as reader:
        assert reader.counts() == (1, 1)


@pytest.mark.parametrize("step", ["copy documents", "copy vectors", "compare chunks", "index"])
def test_what_was_stopped_goes_on_where_it_was(files: Settings, in_postgres: Settings, step: str) -> None:
    class Stopped(Exception):
        pass

    copied: list[str] = []

    def stop(now: str, done: int, total: int) -> None:
        if now == step and (done or "compare" in now):
            raise Stopped

    def watch(now: str, done: int, total: int) -> None:
        if now.startswith("copy") and done == 0:
            copied.append(now)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ingest.catalog.transfer._PART", 1)
        with pytest.raises(Stopped):
            move("default", files, in_postgres, replacing=False, tell=stop)
        home = home_of("default", in_postgres)
        assert not home.has(home.generations().current)  # nothing half serves
        assert move("default", files, in_postgres, replacing=False, tell=watch).complete
    assert "copy files" not in copied or step == "compare chunks"
    assert state(in_postgres) == state(files)
    assert len(home.names()) == 1


def test_a_copy_that_is_not_equal_never_serves(files: Settings, in_postgres: Settings) -> None:
    def spoil(step: str, done: int, total: int) -> None:
        if step == "copy runs":
            home = home_of("default", in_postgres)
            with closing(home.catalog(str(home.generations().next), write=True)) as catalog:
                catalog.files.forget_recipes()

    with pytest.raises(CollectionDamagedError, match=r"not equal to its source \(files\)"):
        move("default", files, in_postgres, replacing=False, tell=spoil)
    home = home_of("default", in_postgres)
    assert not home.has(home.generations().current)


def test_who_writes_is_not_copied_meanwhile(files: Settings, in_postgres: Settings) -> None:
    for settings in (files, in_postgres):
        with Writer.open("default", settings), pytest.raises(CollectionBusyError):
            moved(files, in_postgres)


# -- conversations -----------------------------------------------------------------------------------


def test_conversations_come_along_and_what_was_gone_on_with_stays(tmp_path: Path, database_url: str) -> None:
    source = f"sqlite:///{tmp_path / 'conversations.sqlite'}", "DOCENT_DATA_DIR"
    target = database_url, "DOCENT_DATABASE_URL"
    there = History(database_url)
    there.append(there.create(title="of another server").id, Role.USER, "number one there")
    here = History(source[0])
    made = here.create(title="휴가", settings={"모델": "없음"})
    words = [here.append(made.id, Role.USER, f"휴가는 며칠인가요? {n}") for n in range(450)]
    here.prompts.save("role", "captain", "Aye.")
    copied = copy_conversations(source, target, quiet)
    assert (copied.added["conversations"], copied.added["messages"], copied.added["prompts"]) == (1, 450, 1)
    assert [one.id for one in there.messages(made.id)] == [one.id for one in words]
    assert there.messages(made.id) == here.messages(made.id)
    assert [found.conversation.id for found in there.search("며칠")] == [made.id]
    assert there.prompts.get("role", "captain").content == "Aye."

    there.rename(made.id, "gone on with there")
    here.append(made.id, Role.USER, "one more")
    again = copy_conversations(source, target, quiet)
    assert (again.added["messages"], again.differing["conversations"]) == (1, 1)
    assert there.conversation(made.id).title == "gone on with there"
    back = f"sqlite:///{tmp_path / 'back.sqlite'}", "DOCENT_DATA_DIR"
    assert copy_conversations(target, back, quiet).added["messages"] == 452
    there.close()
    here.close()


# -- as a command ------------------------------------------------------------------------------------


def docent(settings: Settings, *arguments: str, url: str = "") -> subprocess.CompletedProcess[str]:
    given = {
        "DOCENT_DATA_DIR": str(settings.data_dir),
        "DOCENT_VECTOR_BACKEND": "faiss",
        "DOCENT_DATABASE_URL": url,
        "DOCENT_ENV_FILE": str(settings.data_dir / "none"),
    }
    command = [sys.executable, "-c", "from app.cli import main; main()", *arguments]
    return subprocess.run(command, env=os.environ | given, capture_output=True, text=True, check=False)


def test_the_command_tells_what_came_along(files: Settings, database_url: str) -> None:
    History(f"sqlite:///{files.data_dir / 'conversations.sqlite'}").close()
    done = docent(files, "database", "import", "--json", url=database_url)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["collections"][0]["collection"] == "default"
    assert said["conversations"] is not None
    again = docent(files, "database", "import", url=database_url)
    assert "is there already, and equal (4 documents, 4 chunks)" in again.stdout
    without = docent(files, "database", "export")
    assert without.returncode == 2 and "Set DOCENT_DATABASE_URL" in without.stderr
