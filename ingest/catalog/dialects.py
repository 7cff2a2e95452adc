"""What databases say differently: texts that are compared byte by byte, and a look into a JSON list."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Dialect, Integer, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class Words(TypeDecorator[str]):
    """A text of any length, sorted by its bytes; in PostgreSQL without NULs, which it cannot hold."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Text(collation="C"))
        return dialect.type_descriptor(self.impl_instance)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return value.replace("\0", "") if value and dialect.name == "postgresql" else value


class last_page(FunctionElement[int]):
    """The page of the last of a chunk's `page_turns`; NULL where there is none."""

    type = Integer()
    inherit_cache = True


@compiles(last_page, "sqlite")
def _sqlite_last_page(element: last_page, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_extract({compiler.process(element.clauses, **kw)}, '$[#-1][1]')"


@compiles(last_page, "postgresql")
def _postgresql_last_page(element: last_page, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(({compiler.process(element.clauses, **kw)})::json -> -1 ->> 1)::integer"
