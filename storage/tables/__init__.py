"""All tables, one module per noun. Migrations are written by hand; a test compares them with these."""

from storage.tables.base import metadata
from storage.tables.conversation import conversation
from storage.tables.escalation_policy import escalation_policy
from storage.tables.inbound_seen import inbound_seen
from storage.tables.incident import incident, incident_role, incident_service
from storage.tables.key_value import key_value
from storage.tables.lane import lane
from storage.tables.outbox_message import outbox_message
from storage.tables.person import person
from storage.tables.posted_card import posted_card
from storage.tables.schedule import schedule
from storage.tables.service import service
from storage.tables.team import team, team_member
from storage.tables.tenant_bucket import tenant_bucket
from storage.tables.timeline_entry import timeline_entry, timeline_revision

__all__ = [
    "conversation",
    "escalation_policy",
    "inbound_seen",
    "incident",
    "incident_role",
    "incident_service",
    "key_value",
    "lane",
    "metadata",
    "outbox_message",
    "person",
    "posted_card",
    "schedule",
    "service",
    "team",
    "team_member",
    "tenant_bucket",
    "timeline_entry",
    "timeline_revision",
]
