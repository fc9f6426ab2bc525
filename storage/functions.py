"""SQL functions that the two databases spell differently."""

from typing import Any

from sqlalchemy import Float
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


class seconds_between(GenericFunction[float]):  # noqa: N801 - reads as the SQL function it is
    """Tell how many seconds after its second moment the first one is; SQLite knows them to about 40 microseconds."""

    type = Float()
    inherit_cache = True


@compiles(seconds_between, "sqlite")
def _by_julian_day(element: seconds_between, compiler: SQLCompiler, **options: Any) -> str:  # pyright: ignore[reportUnusedFunction]
    later, earlier = (compiler.process(clause, **options) for clause in element.clauses)
    return f"((julianday({later}) - julianday({earlier})) * 86400.0)"


@compiles(seconds_between, "postgresql")
def _by_epoch(element: seconds_between, compiler: SQLCompiler, **options: Any) -> str:  # pyright: ignore[reportUnusedFunction]
    later, earlier = (compiler.process(clause, **options) for clause in element.clauses)
    return f"extract(epoch from ({later} - {earlier}))"
