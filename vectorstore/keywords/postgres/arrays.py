"""Arrays of whole numbers in PostgreSQL's binary form, as fast as numpy writes them."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from psycopg import Cursor

# By numpy's name: the type of an element, and that of an array of them.
_OIDS = {"int16": (21, 1005), "int32": (23, 1007)}


def takes_arrays(cursor: Cursor[Any]) -> None:
    """What the cursor copies as integer[] or smallint[] may be an array of int32 or int16."""
    from psycopg.adapt import Dumper
    from psycopg.pq import Format

    def dumper(kind: str) -> type[Dumper]:
        element, array = _OIDS[kind]

        class ArrayDumper(Dumper):
            format = Format.BINARY
            oid = array

            def dump(self, obj: Any) -> bytes:
                return packed(obj, element)

        return ArrayDumper

    for kind in _OIDS:
        cursor.adapters.register_dumper(np.ndarray, dumper(kind))


def packed(values: np.ndarray[Any, Any], element: int) -> bytes:
    """Dimensions, whether there are nulls, the type; length and first index; then each with its size."""
    if not len(values):
        return struct.pack("!iii", 0, 0, element)
    size = values.dtype.itemsize
    sized = np.empty(len(values), dtype=[("size", ">i4"), ("value", f">i{size}")])
    sized["size"], sized["value"] = size, values
    return struct.pack("!iiiii", 1, 0, element, len(values), 1) + sized.tobytes()
