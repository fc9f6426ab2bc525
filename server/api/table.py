"""What a route of the API is: one row that serves requests and writes its own documentation."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from aiohttp import web

from domain.errors import Refused
from server.problems import read_object
from server.settings import ApiRole
from usecases.ports import Clock, Database, Store

T = TypeVar("T")
Schema = Mapping[str, Any]
"""A JSON schema of the 2020-12 dialect, as OpenAPI 3.1 takes it."""


JSON = "application/json"
BODY_LIMIT = 64 * 1024
"""Bytes of a body; ours: many times what the longest words of one request need."""


class In(StrEnum):
    """Where a parameter stands, in OpenAPI's words."""

    PATH = "path"
    QUERY = "query"
    HEADER = "header"


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
    """What a request asks for, by parameter. `caller` names its token, `body` is its JSON where the route takes one."""

    def __init__(self, values: Mapping[str, Any], clock: Clock, *, caller: str, body: Any = None) -> None:
        self._values, self._clock = values, clock
        self.caller, self.body = caller, body

    def now(self, store: Store) -> datetime:
        """Tell the product's time, UTC."""
        return self._clock.now(store)

    def __getitem__(self, parameter: Parameter[T]) -> T:
        return self._values[parameter.name]


@dataclass(frozen=True, slots=True)
class Answered:
    """The text of an answer, JSON where nothing else is said."""

    text: bytes
    status: int = 200
    media: str = JSON
    file_name: str = ""
    """What a browser calls it when it is kept; empty: it is read, not kept."""


Answer = Callable[[Database, Asked], Awaitable[Answered]]


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
    schema: str = ""
    """Empty for an answer that is no JSON."""
    media: str = JSON
    answer: Answer
    takes: str = ""
    """The component of schemas.py that the body follows; such a route is a POST that answers 201, or 200 again."""
    may_miss: bool = False
    """Whether a query parameter may name a thing that is not there, which is a 404."""

    @property
    def method(self) -> str:
        """How it is asked."""
        return "POST" if self.takes else "GET"

    async def asked(self, request: web.Request, clock: Clock, *, caller: str) -> Asked:
        """Read a request. Raises Refused or Problem with a sentence that names what is wrong."""
        values = {parameter.name: _value(parameter, request) for parameter in self.parameters}
        body = await read_object(request, BODY_LIMIT) if self.takes else None
        return Asked(values, clock, caller=caller, body=body)


def _value(parameter: Parameter[T], request: web.Request) -> T:
    if parameter.place is In.PATH:
        return parameter.read(request.match_info[parameter.name])
    if parameter.place is In.HEADER:
        given = request.headers.getall(parameter.name, [])
    else:
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
