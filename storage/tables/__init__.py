"""All tables, one module per noun. Migrations are written by hand; a test compares them with these."""

from storage.tables.action import action_card, action_item
from storage.tables.approval import approval, approval_card
from storage.tables.base import metadata
from storage.tables.calendar_link import calendar_link
from storage.tables.care import care_card, care_occurrence, care_task
from storage.tables.change import change, change_card, change_cause
from storage.tables.conversation import conversation
from storage.tables.drill import drill
from storage.tables.escalation import escalation
from storage.tables.escalation_policy import escalation_policy
from storage.tables.feed import feed
from storage.tables.handoff import handoff
from storage.tables.inbound_seen import inbound_seen
from storage.tables.incident import incident, incident_role, incident_service
from storage.tables.key_value import key_value
from storage.tables.lane import lane
from storage.tables.maintenance import maintenance, maintenance_occurrence, maintenance_post, maintenance_service
from storage.tables.moment import incident_moment, timeline_key
from storage.tables.outbox_message import outbox_message
from storage.tables.page import page
from storage.tables.person import person
from storage.tables.posted_card import posted_card
from storage.tables.problem import problem, problem_card, problem_incident
from storage.tables.review import review, review_card, review_draft, review_incident, review_section, review_text
from storage.tables.schedule import schedule
from storage.tables.schedule_override import schedule_override
from storage.tables.service import service
from storage.tables.similar import WORDS_TABLE, incident_kind, incident_term, similar_incident
from storage.tables.swap import swap
from storage.tables.team import team, team_member
from storage.tables.tenant_bucket import tenant_bucket
from storage.tables.timeline_entry import timeline_entry, timeline_revision
from storage.tables.update import stakeholder_update, update_delivery
from storage.tables.work import work

__all__ = [
    "WORDS_TABLE",
    "action_card",
    "action_item",
    "approval",
    "approval_card",
    "calendar_link",
    "care_card",
    "care_occurrence",
    "care_task",
    "change",
    "change_card",
    "change_cause",
    "conversation",
    "drill",
    "escalation",
    "escalation_policy",
    "feed",
    "handoff",
    "inbound_seen",
    "incident",
    "incident_kind",
    "incident_moment",
    "incident_role",
    "incident_service",
    "incident_term",
    "key_value",
    "lane",
    "maintenance",
    "maintenance_occurrence",
    "maintenance_post",
    "maintenance_service",
    "metadata",
    "outbox_message",
    "page",
    "person",
    "posted_card",
    "problem",
    "problem_card",
    "problem_incident",
    "review",
    "review_card",
    "review_draft",
    "review_incident",
    "review_section",
    "review_text",
    "schedule",
    "schedule_override",
    "service",
    "similar_incident",
    "stakeholder_update",
    "swap",
    "team",
    "team_member",
    "tenant_bucket",
    "timeline_entry",
    "timeline_key",
    "timeline_revision",
    "update_delivery",
    "work",
]
