"""What a schema's own code makes of an object without the values that nothing supports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.answers.schemas.nulls import without_nulls

M = TypeVar("M", bound=BaseModel)


def valid(data: Mapping[str, Any], model: type[M]) -> M | None:
    """The object without what is null and may not be; None where that is the whole, or is not valid."""
    left = without_nulls(data, model.model_json_schema())
    try:
        return None if left is None else model.model_validate_json(json.dumps(left), strict=True)
    except ValidationError:
        return None
