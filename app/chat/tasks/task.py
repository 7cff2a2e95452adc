"""A task on its way: which documents it is about, what the model is told, and what is said without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from app.chat.context import Passage
from app.chat.extractive import extract
from app.chat.retrieve.query import Where
from app.chat.retriever import as_document
from app.chat.tasks.command import Command, read
from app.chat.tasks.comparison import comparison
from app.chat.tasks.documents import Documents, Whole
from app.chat.tasks.summary import length_of, summary
from app.config import env_file
from app.errors import ConfigurationError
from app.language import Language, detect_language
from app.prompting import Shelf
from app.schemas import Hit, Notice
from prompts import refusal_text
from prompts.library import Kind
from prompts.variables import unfenced
from vectorstore.tokens import tokenize


@dataclass(frozen=True, slots=True)
class Task:
    """A command with the documents that it is about."""

    command: Command
    wholes: tuple[Whole, ...]

    @property
    def language(self) -> Language:
        """That of what was typed, the name of the task included."""
        command = self.command
        return detect_language(" ".join([command.called, command.text, *command.values.values()]))

    @property
    def question(self) -> str:
        """What the model is asked; what was said beside the command comes last.

        Raises:
            ConfigurationError: a variable has neither a value nor a default.
        """
        command, language = self.command, self.language
        built_in = {
            "refusal": refusal_text(language),
            "question": command.text,
            "documents": ", ".join(f"“{whole.source}”" for whole in self.wholes),
        }
        asked = command.part.filled(language, command.values, built_in)
        beside = command.text if "{question}" not in command.part.text[language] else ""
        return unfenced(f"{asked}\n\n{beside}".strip())

    @property
    def hits(self) -> tuple[Hit, ...]:
        return tuple(hit for whole in self.wholes for hit in whole.hits)

    def retriever(self) -> BaseRetriever:
        """Finds these documents, whatever is asked."""
        return _Given(documents=[as_document(hit) for hit in self.hits])

    def notices(self) -> Iterator[Notice]:
        """Which documents were too long to be read as a whole."""
        for whole in self.wholes:
            if len(whole.hits) < whole.total:
                values = {"source": whole.source, "shown": str(len(whole.hits)), "total": str(whole.total)}
                yield Notice(code="document_sampled", values=values)

    def check(self, has_model: bool) -> None:
        """Raise ConfigurationError if it cannot be done without a language model, and there is none."""
        part = self.command.part
        if not has_model and part.without_model == "none":
            raise ConfigurationError(
                f"The task {part.title[self.language]!r} needs a language model, and none is set. Set "
                "DOCENT_LLM_MODEL, for example to 'openai:gpt-4o-mini' with OPENAI_API_KEY or to "
                f"'ollama:qwen3', in {env_file()}.",
                task=part.name,
            )

    def quoted(self, passages: Sequence[Passage]) -> str:
        """What is said without a model; "" if the documents hold no sentence for it."""
        return _WITHOUT_MODEL[self.command.part.without_model](self, passages)

    def value(self, name: str) -> str:
        part = self.command.part
        return self.command.values.get(name) or part.defaults(self.language).get(name, "")


def task_of(question: str, where: Where, shelf: Shelf, documents: Documents) -> Task | None:
    """The task that a question asks for; None for any other question.

    Args:
        where: filters that stand beside the question.

    Raises:
        NotFoundError, UsageError: see `whole_documents`.
    """
    command = read(question, lambda name: shelf.find(Kind.TASK, name))
    if command is None:
        return None
    return Task(command, tuple(documents(command.documents, where, command.part.documents)))


class _Given(BaseRetriever):
    documents: list[Document]

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        return self.documents


def _by_document(task: Task, passages: Sequence[Passage]) -> list[tuple[str, list[Passage]]]:
    grouped = groupby(passages, key=lambda passage: passage.hit.chunk.source)
    return [(source, list(some)) for source, some in grouped]


def _summary(task: Task, passages: Sequence[Passage]) -> str:
    focus = (
        f"{task.value('focus')} {task.command.text}"
        if task.command.values.get("focus")
        else task.command.text
    )
    count = length_of(task.value("length"))
    found = _by_document(task, passages)
    each = max(2, count // len(found)) if len(found) > 1 else count
    return "\n\n".join(filter(None, (summary(some, each, frozenset(tokenize(focus))) for _, some in found)))


def _comparison(task: Task, passages: Sequence[Passage]) -> str:
    aspect = f"{task.command.values.get('aspect', '')} {task.command.text}".strip()
    return comparison(_by_document(task, passages), aspect)


def _sentences(task: Task, passages: Sequence[Passage]) -> str:
    return extract(" ".join([*task.command.values.values(), task.command.text]), passages)


_WITHOUT_MODEL: Mapping[str, Callable[[Task, Sequence[Passage]], str]] = {
    "summary": _summary,
    "comparison": _comparison,
    "sentences": _sentences,
    "none": lambda task, passages: "",
}
