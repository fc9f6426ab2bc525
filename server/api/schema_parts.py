"""What the schemas of the API share."""

from collections.abc import Mapping
from typing import Any

from server.api.table import Schema

MOMENT = {"type": "string", "format": "date-time", "pattern": "Z$", "description": "RFC 3339, UTC."}
MOMENT_OR_NULL = {**MOMENT, "type": ["string", "null"]}
HANDLE = {"type": "string", "description": "A person's handle: the id in the organisation file."}


def structure(properties: Mapping[str, Schema], *, optional: tuple[str, ...] = (), **more: Any) -> Schema:
    """Describe an object whose fields are all there but the optional ones."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "properties": dict(properties), **more}


def page_of(item: str, next_: Schema) -> Schema:
    """Describe one page of a list of the component `item`."""
    items = {"type": "array", "items": {"$ref": f"#/components/schemas/{item}"}}
    return structure({"items": items, "next": next_}, additionalProperties=False)
