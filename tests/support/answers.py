"""Answers with their citations, as a conversation keeps them."""

from __future__ import annotations

from app.schemas import Answer, Citation, Seconds, Tokens

QUOTE = "연차 휴가는 1년에 15일이다."


def citation(n: int = 1, **changes: object) -> Citation:
    given = {
        "n": n,
        "source": "hr/휴가 규정.pdf",
        "page": 3,
        "quote": QUOTE,
        "score": 0.8,
        "chunk_id": f"c{n}",
    }
    return Citation.model_validate(given | changes)


def answer(text: str = "연차는 15일입니다 [1].", *citations: Citation, **changes: object) -> Answer:
    given = {
        "question": "휴가는 며칠인가요?",
        "standalone": "휴가는 며칠인가요?",
        "answer": text,
        "refused": False,
        "citations": citations or (citation(),),
        "model": "openai:scripted",
        "temperature": 0.0,
        "seed": 7,
        "fingerprint": None,
        "tokens": Tokens(),
        "seconds": Seconds(),
    }
    return Answer.model_validate(given | changes)
