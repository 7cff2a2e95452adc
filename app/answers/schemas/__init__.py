"""The schemas of typed answers, by name."""

from __future__ import annotations

from difflib import get_close_matches

from pydantic import BaseModel, ConfigDict, Field

from app.errors import UsageError


class Typed(BaseModel):
    """Base of all schemas: nothing beside the fields, and no silent change of types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class CitedAnswer(Typed):
    """An answer in words, with the passages that it stands on."""

    answer: str = Field(
        description="The answer, with the number of its passage behind each sentence, as [1]."
    )
    citations: list[int] = Field(description="Numbers of the passages that the answer stands on.")
    confidence: float = Field(ge=0, le=1, description="How far the passages prove it: 0 not at all, 1 fully.")


class Drug(Typed):
    """약 하나. Field names are Korean because the data is."""

    성분명: str = Field(description="유효 성분의 이름. Name of the active ingredient.")
    증상: list[str] = Field(description="이 약을 쓰는 증상. What it is taken for.")
    주의사항: list[str] = Field(description="사용할 때 주의할 점. Warnings and precautions.")


class DrugList(Typed):
    """약 정보: drugs with ingredient, symptoms and precautions."""

    약: list[Drug] = Field(description="문단에 나온 약 모두. Every drug that the passages name.")


# A new schema is a class and a line here.
_SCHEMAS: dict[str, type[BaseModel]] = {"cited_answer": CitedAnswer, "drug_list": DrugList}


def schemas() -> dict[str, type[BaseModel]]:
    """The schemas that an answer may be asked for, by name."""
    return dict(_SCHEMAS)


def find_schema(name: str) -> type[BaseModel]:
    """The schema with this name, or with the name of its class.

    Raises:
        UsageError: there is none; the message lists them.
    """
    by_name = {key.casefold(): schema for key, schema in _SCHEMAS.items()}
    by_name |= {schema.__name__.casefold(): schema for schema in _SCHEMAS.values()}
    wanted = name.strip().casefold()
    if wanted in by_name:
        return by_name[wanted]
    close = get_close_matches(wanted, by_name, 1)
    guess = f" Did you mean {close[0]!r}?" if close else ""
    raise UsageError(
        f"There is no schema {name!r}.{guess} Known ones are: {', '.join(_SCHEMAS)}.",
        schema=name,
        schemas=", ".join(_SCHEMAS),
    )
