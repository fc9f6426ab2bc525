"""Reviews, what they look at, their sections with every earlier text, and the messages in which people see them."""

from sqlalchemy import Boolean, Column, ForeignKey, ForeignKeyConstraint, Index, Integer, SmallInteger, Table

from storage.tables.base import metadata
from storage.types import CleanText, Json, UtcDateTime

review = Table(
    "review",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("owner", Integer, ForeignKey("person.id"), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("template", CleanText, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("severity", SmallInteger, nullable=False),
    Column("state", CleanText, nullable=False),
    Column("sides", Json, nullable=False),
    Column("sign_offs", Json, nullable=False),
    Column("skipped", CleanText, nullable=False),
    Column("reason", CleanText, nullable=False),
    Column("closed_by", Integer, ForeignKey("person.id")),
    Column("closed_at", UtcDateTime),
    Column("plan", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Index("ix_review_state", "state", "due_at", "id"),
    # Keys of work and messages are made of the id: it must never come back.
    sqlite_autoincrement=True,
)

review_incident = Table(
    "review_incident",
    metadata,
    Column("incident_id", Integer, ForeignKey("incident.id"), primary_key=True),
    Column("review_id", Integer, ForeignKey("review.id"), nullable=False, index=True),
    Column("position", SmallInteger, nullable=False),
)

review_section = Table(
    "review_section",
    metadata,
    Column("review_id", Integer, ForeignKey("review.id"), primary_key=True),
    Column("section_id", CleanText, primary_key=True),
    Column("position", SmallInteger, nullable=False),
    Column("title", CleanText, nullable=False),
    Column("hint", CleanText, nullable=False),
    Column("required", Boolean, nullable=False),
    Column("fill", CleanText),
    Column("text", CleanText, nullable=False),
    Column("version", Integer, nullable=False),
    Column("by", Integer, ForeignKey("person.id")),
    Column("at", UtcDateTime),
)

review_text = Table(
    "review_text",
    metadata,
    Column("review_id", Integer, primary_key=True),
    Column("section_id", CleanText, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("text", CleanText, nullable=False),
    Column("by", Integer, ForeignKey("person.id")),
    Column("at", UtcDateTime),
    ForeignKeyConstraint(
        ["review_id", "section_id"],
        ["review_section.review_id", "review_section.section_id"],
        name="fk_review_text_section",
    ),
)

review_draft = Table(
    "review_draft",
    metadata,
    Column("review_id", Integer, primary_key=True),
    Column("section_id", CleanText, primary_key=True),
    Column("person", Integer, ForeignKey("person.id"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("text", CleanText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(
        ["review_id", "section_id"],
        ["review_section.review_id", "review_section.section_id"],
        name="fk_review_draft_section",
    ),
)

review_card = Table(
    "review_card",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("review_id", Integer, ForeignKey("review.id"), nullable=False, index=True),
    Column("reader", Integer, ForeignKey("person.id")),  # NULL: several people read it
    Column("tenant_id", CleanText, nullable=False),
    Column("service_url", CleanText, nullable=False),
    Column("conversation_id", CleanText, nullable=False),
    Column("kind", CleanText, nullable=False),
    Column("team_id", CleanText),
    Column("person_object_id", CleanText),
    Column("activity_id", CleanText, nullable=False),
)
