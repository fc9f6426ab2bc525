"""What a route of the API is: one row that serves requests and writes its own documentation."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from aiohttp import web

from domain.errors import Refused
from server.settings import ApiRole
from usecases.ports import Clock, Database, Store

T = TypeVar("T")
Schema = Mapping[str, Any]
"""A JSON schema of the 2020-12 dialect, as OpenAPI 3.1 takes it."""


class In(StrEnum):
    """Where a parameter stands, in OpenAPI's words."""

    PATH = "path"
    QUERY = "query"


@dataclass(frozen=True, kw_only=True, eq=False)
class Parameter(Generic[T]):
    """One parameter: `read` turns its text into a value or raises ValueError saying what it "must be …".

    A query parameter that is missing or empty has the `default`; one that no route knows is ignored.
    """

    name: str
    place: In = In.QUERY
    meaning: str
    schema: Schema
    read: Callable[[str], T]
    default: T


class Asked:
    """What a request asks for, by parameter."""

    def __init__(self, values: Mapping[str, Any], clock: Clock) -> None:
        self._values, self._clock = values, clock

    def now(self, store: Store) -> datetime:
        """Tell the product's time, UTC."""
        return self._clock.now(store)

    def __getitem__(self, parameter: Parameter[T]) -> T:
        return self._values[parameter.name]


Answer = Callable[[Database, Asked], Awaitable[bytes]]
"""Gives the JSON text of an answer."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """One route. `schema` names the component of schemas.py that its answers follow."""

    path: str
    name: str
    """Unique; OpenAPI's operationId."""
    summary: str
    parameters: tuple[Parameter[Any], ...] = ()
    role: ApiRole = ApiRole.READ
    """What the caller's token must at least allow."""
    schema: str
    answer: Answer
    may_miss: bool = False
    """Whether a query parameter may name a thing that is not there, which is a 404."""

    def asked(self, request: web.Request, clock: Clock) -> Asked:
        """Read the parameters of a request. Raises Refused with a sentence that names the one that is wrong."""
        return Asked({parameter.name: _value(parameter, request) for parameter in self.parameters}, clock)


def _value(parameter: Parameter[T], request: web.Request) -> T:
    if parameter.place is In.PATH:
        return parameter.read(request.match_info[parameter.name])
    given = request.query.getall(parameter.name, [])
    if len(given) > 1:
        raise Refused(f"{parameter.name} is given {len(given)} times; once is the most.")
    text = given[0].strip() if given else ""
    if not text:
        return parameter.default
    try:
        return parameter.read(text)
    except ValueError as fault:
        raise Refused(f"{parameter.name} {fault}.") from None
