"""The answer in words as an object: the one schema whose values are not looked for in the documents."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class CitedAnswer(BaseModel):
    """An answer in words, with the passages that it stands on."""

    model_config = ConfigDict(extra="forbid", strict=True)

    answer: str = Field(
        description="The answer, with the number of its passage behind each sentence, as [1]."
    )
    citations: list[int] = Field(description="Numbers of the passages that the answer stands on.")
    confidence: float = Field(ge=0, le=1, description="How far the passages prove it: 0 not at all, 1 fully.")
