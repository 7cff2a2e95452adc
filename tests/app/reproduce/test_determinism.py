"""Without a model, a question has the same answer, byte by byte, in every process and with every index."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.config import load_settings
from app.runtime import build

DOCS = Path(__file__).parents[3] / "docs"
QUESTIONS = """\
How do I index a folder?
Which files can Docent read?
How do I switch the vector store to FAISS?
Which settings control text recognition?
What is the capital of France?
How do I export a conversation?
What does DOCENT_TOP_K do?
Can I use a language model on my own server?
How are citations checked?
What happens if a file is deleted?
How do I rebuild an index with another embedding model?
What does a refusal say?
How can I filter a question by file?
How big may an uploaded file be?
Does Docent need a network?
How many people work on the moon?
What is free chat?
How do I set the language of the pages?
Which Python version is needed?
What is a collection?
How do I see what changed in a file?
What does the seed do?
What is the temperature?
How do I ask for a typed answer?
What are scanned pages?
How do I stop an answer?
한글 파일을 읽을 수 있나요?
프랑스의 수도는 어디인가요?
언어 모델 없이도 답할 수 있나요?
폴더를 색인하려면 어떻게 하나요?
답변을 어떻게 내보내나요?
인용은 어떻게 확인하나요?
임베딩 모델을 바꾸려면 무엇을 해야 하나요?
검색 결과를 걸러 낼 수 있나요?
"""
# What is printed is all that is kept of an answer but its times.
ASK = """
import sys
from app.config import load_settings
from app.runtime import build
from app.schemas import Question
with build(load_settings()) as runtime:
    for question in sys.stdin.buffer.read().decode().splitlines():
        answer = runtime.answer(Question(text=question))
        sys.stdout.buffer.write(answer.model_dump_json(exclude={"seconds"}).encode() + b"\\n")
"""


def answers(data: Path, questions: Sequence[str], hash_seed: str) -> list[bytes]:
    path = os.pathsep.join(map(str, (DOCS.parent, *filter(None, sys.path))))
    variables = {"DOCENT_DATA_DIR": str(data), "PYTHONHASHSEED": hash_seed, "PYTHONPATH": path}
    asked = "\n".join(questions).encode()
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        input=asked,
        env={**os.environ, **variables},
        capture_output=True,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.mark.slow
def test_the_same_question_has_the_same_answer(tmp_path: Path):
    questions = QUESTIONS.splitlines()
    assert len(questions) > 30
    for backend in ("chroma", "faiss"):
        with build(load_settings(data_dir=tmp_path, vector_backend=backend)) as runtime:
            runtime.ingest([DOCS / "asking.md"], rebuild=backend == "faiss")
        # In another process, in another order.
        forth, back = answers(tmp_path, questions, "1"), answers(tmp_path, questions[::-1], "4242")
        assert len(forth) == len(questions)
        assert forth == back[::-1]
