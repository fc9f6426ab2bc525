"""The OpenAPI 3.1 document, made from the same table that serves the routes."""

from collections.abc import Iterable
from typing import Any

from server.api.schemas import SCHEMAS
from server.api.table import In, Parameter, Route
from server.settings import ApiRole

API_VERSION = "1"

_PROBLEMS = {
    "400": "A parameter is wrong; the detail names it.",
    "401": "The token is missing or not known.",
    "403": "The token's role does not allow this.",
    "404": "There is no such thing.",
    "409": "The key was used for another body.",
    "413": "The body is too large.",
    "422": "A field of the body is wrong; the detail names it.",
    "503": "The database does not answer; try again.",
}
_ABOUT = (
    "Reads what the bot knows, and takes down what changes. Times are RFC 3339 in UTC; people are named by their handles, services and teams by "
    "their ids in the organisation file. Errors are application/problem+json with a sentence in `detail`."
)


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """Describe these routes."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Incident API", "version": API_VERSION, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "paths": _paths(routes),
        "components": {
            "schemas": dict(SCHEMAS),
            "responses": {_name(status): _problem(status) for status in _PROBLEMS},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "A token of the setting API_TOKENS."}
            },
        },
    }


def _paths(routes: Iterable[Route]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for route in routes:
        found.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return found


def _operation(route: Route) -> dict[str, Any]:
    answered = {"200": _answer(route, "What was asked for.")}
    if route.takes:
        answered = {"201": _answer(route, "It is recorded."), "200": _answer(route, "It was recorded before.")}
    operation = {
        "operationId": route.name,
        "summary": route.summary,
        # OpenAPI lets schemes other than OAuth list the roles a call needs.
        "security": [{"bearer": [str(route.role)]}],
        "parameters": [_parameter(parameter) for parameter in route.parameters],
        "responses": {
            **answered,
            **{status: {"$ref": f"#/components/responses/{_name(status)}"} for status in _refusals(route)},
        },
    }
    if route.takes:
        schema = {"$ref": f"#/components/schemas/{route.takes}"}
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return operation


def _answer(route: Route, meaning: str) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{route.schema}"} if route.schema else {"type": "string"}
    return {"description": meaning, "content": {route.media: {"schema": schema}}}


def _refusals(route: Route) -> list[str]:
    places = {parameter.place for parameter in route.parameters}
    possible = {
        "400": bool(places & {In.QUERY, In.HEADER}) or bool(route.takes),
        "401": True,
        "403": route.role is not ApiRole.READ,
        "404": In.PATH in places or route.may_miss,
        **dict.fromkeys(("409", "413", "422"), bool(route.takes)),
        "503": True,
    }
    return [status for status, holds in possible.items() if holds]


def _parameter(parameter: Parameter[Any]) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": str(parameter.place),
        "required": parameter.place is In.PATH,
        "description": parameter.meaning,
        "schema": dict(parameter.schema),
    }


def _name(status: str) -> str:
    return f"Problem{status}"


def _problem(status: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    response: dict[str, Any] = {"description": _PROBLEMS[status], "content": content}
    if status == "503":
        response["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    return response
