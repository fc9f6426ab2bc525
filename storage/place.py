"""The columns of a place, wherever a row has one."""

from typing import Any

from sqlalchemy import Row

from domain.conversation import ConversationKind, Place

PLACE_FIELDS = ("tenant_id", "service_url", "kind", "team_id", "person_object_id")


def place_values(place: Place) -> dict[str, Any]:
    """Give the columns of a place, without its id."""
    object_id = place.person_object_id
    return {
        "tenant_id": place.tenant_id,
        "service_url": place.service_url,
        "kind": place.kind,
        "team_id": place.team_id,
        "person_object_id": object_id.lower() if object_id else None,
    }


def place_from(row: Row[Any], conversation_id: str) -> Place:
    """Read the columns of a place."""
    return Place(
        tenant_id=row.tenant_id,
        service_url=row.service_url,
        conversation_id=conversation_id,
        kind=ConversationKind(row.kind),
        team_id=row.team_id,
        person_object_id=row.person_object_id,
    )
