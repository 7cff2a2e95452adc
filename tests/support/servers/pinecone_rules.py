"""What Pinecone documents that it refuses, and how it filters."""

from __future__ import annotations

import json
import re
from typing import Any

MOST_ROWS, MOST_FOUND, MOST_METADATA, MOST_VALUES = 1000, 10_000, 40 * 1024, 10_000
COMPARED = {
    "$eq": lambda held, value: _same(held, value),
    "$ne": lambda held, value: not _same(held, value),
    "$in": lambda held, values: any(_same(held, value) for value in values),
    "$nin": lambda held, values: not any(_same(held, value) for value in values),
    "$exists": lambda held, value: (held is not None) is value,
}


class Refused(Exception):
    """An answer with an error status."""

    def __init__(self, status: int, code: str, message: str, retry_after: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.retry_after = status, code, retry_after


def require(fits: bool, message: str) -> None:
    if not fits:
        raise Refused(400, "INVALID_ARGUMENT", message)


def check_create(body: Any) -> None:
    name = body.get("name", "")
    require(bool(re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,43}[a-z0-9])?", name)), f"name {name!r} is not valid")
    vector = body.get("schema", {}).get("fields", {}).get("_values", {})
    require(vector.get("type") == "dense_vector", "schema.fields must hold a searched field")
    require(1 <= vector.get("dimension", 0) <= 20_000, "dimension must be 1 to 20000")
    require(vector.get("metric") in ("cosine", "dotproduct", "euclidean"), "metric is not valid")
    deployment = body.get("deployment", {})
    require(deployment.get("deployment_type") == "managed", "deployment_type must be managed")
    require(deployment.get("cloud") in ("aws", "gcp", "azure"), "cloud is not valid")
    require(bool(deployment.get("region")), "region is missing")


def check_rows(rows: Any, dimension: int) -> None:
    require(isinstance(rows, list) and len(rows) > 0, "vectors is empty")
    require(len(rows) <= MOST_ROWS, f"Request exceeds the maximum of {MOST_ROWS} vectors")
    for row in rows:
        check_id(row.get("id"))
        check_values(row.get("values"), dimension)
        check_metadata(row.get("metadata") or {})


def check_id(id: Any) -> None:
    require(isinstance(id, str) and 1 <= len(id) <= 512, "an ID must have 1 to 512 characters")
    require(id.isascii() and "\0" not in id, "Vector ID must be ASCII")


def check_values(values: Any, dimension: int) -> None:
    require(
        isinstance(values, list) and len(values) == dimension,
        f"Vector dimension {len(values or [])} does not match the dimension of the index {dimension}",
    )
    require(any(values), "Dense vectors must contain at least one non-zero value")


def check_metadata(fields: dict[str, Any]) -> None:
    require(len(json.dumps(fields, ensure_ascii=False).encode()) <= MOST_METADATA, "Metadata exceeds 40 KB")
    for key, value in fields.items():
        require(bool(key) and not key.startswith("$"), f"metadata key {key!r} is not valid")
        plain = isinstance(value, str | int | float)
        words = isinstance(value, list) and all(isinstance(each, str) for each in value)
        require(plain or words, f"Metadata value must be a string, number, boolean or list of strings: {key}")


def check_query(body: Any, dimension: int) -> None:
    require(1 <= body.get("topK", 0) <= MOST_FOUND, f"topK must be 1 to {MOST_FOUND}")
    require(isinstance(body.get("vector"), list), "vector is missing")
    require(len(body["vector"]) == dimension, f"Vector dimension {len(body['vector'])} is not {dimension}")
    if body.get("filter") is not None:
        check_filter(body["filter"])


def check_filter(where: Any) -> None:
    require(isinstance(where, dict) and bool(where), "filter must be an object with a condition")
    for key, wanted in where.items():
        if key in ("$and", "$or"):
            require(isinstance(wanted, list) and bool(wanted), f"{key} takes a list")
            for each in wanted:
                check_filter(each)
        else:
            require(not key.startswith("$"), f"{key} is no operator here")
            _check_condition(wanted)


def _check_condition(wanted: Any) -> None:
    for operator, value in (wanted if isinstance(wanted, dict) else {"$eq": wanted}).items():
        require(operator in COMPARED, f"{operator} is not a supported operator")
        if operator in ("$in", "$nin"):
            require(isinstance(value, list) and 1 <= len(value) <= MOST_VALUES, f"{operator} takes a list")
            words = all(isinstance(each, str) for each in value)
            numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in value)
            require(words or numbers, f"{operator} takes strings or numbers")
        else:
            require(isinstance(value, str | int | float), f"{operator} takes a string, number or boolean")


def matches(where: Any, fields: dict[str, Any]) -> bool:
    """Whether metadata fit a filter."""
    if not where:
        return True
    return all(_fits(key, wanted, fields) for key, wanted in where.items())


def _fits(key: str, wanted: Any, fields: dict[str, Any]) -> bool:
    if key == "$and":
        return all(matches(each, fields) for each in wanted)
    if key == "$or":
        return any(matches(each, fields) for each in wanted)
    conditions = wanted if isinstance(wanted, dict) else {"$eq": wanted}
    return all(COMPARED[operator](fields.get(key), value) for operator, value in conditions.items())


def _same(held: Any, value: Any) -> bool:
    """Numbers are numbers, whole or not; true is none; a list holds a value."""
    if isinstance(held, list):
        return value in held
    if isinstance(held, bool) or isinstance(value, bool):
        return held is value
    numbers = isinstance(held, int | float) and isinstance(value, int | float)
    return held == value if numbers else type(held) is type(value) and held == value
