"""SQL functions that the two databases spell differently."""

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from storage.types import CleanText


class lines(GenericFunction[str]):  # noqa: N801 - reads as the SQL function it is
    """Aggregate texts into one, one a line, in no promised order; NULL where there are none."""

    type = CleanText()
    inherit_cache = True


@compiles(lines, "sqlite")
def _group_concat(element: lines, compiler: SQLCompiler, **options: Any) -> str:  # pyright: ignore[reportUnusedFunction]
    return f"group_concat({compiler.process(element.clauses, **options)}, char(10))"


@compiles(lines, "postgresql")
def _string_agg(element: lines, compiler: SQLCompiler, **options: Any) -> str:  # pyright: ignore[reportUnusedFunction]
    return f"string_agg({compiler.process(element.clauses, **options)}, chr(10))"
