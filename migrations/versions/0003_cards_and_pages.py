"""Handoff cards stand with their handoff, where until now a name per person held them; waiting pages are found at once."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_POSTGRES = """
UPDATE handoff SET {person}_card = (
    SELECT card ->> 1 FROM key_value, json_array_elements(CAST(key_value.value AS json)) AS card
     WHERE key_value.name = 'handoff.cards:' || handoff.{person} AND CAST(card ->> 0 AS integer) = handoff.id)"""
_SQLITE = """
UPDATE handoff SET {person}_card = (
    SELECT json_extract(card.value, '$[1]') FROM key_value, json_each(key_value.value) AS card
     WHERE key_value.name = 'handoff.cards:' || handoff.{person} AND json_extract(card.value, '$[0]') = handoff.id)"""


def upgrade() -> None:
    on_postgres = op.get_context().dialect.name == "postgresql"
    for person in ("outgoing", "incoming"):
        op.add_column("handoff", sa.Column(f"{person}_card", sa.Text(), nullable=True))
        op.execute((_POSTGRES if on_postgres else _SQLITE).format(person=person))
    op.execute("DELETE FROM key_value WHERE name LIKE 'handoff.cards:%'")
    waiting = sa.text("state = 'open' AND class = 'page'")
    op.create_index(
        "ix_outbox_message_pages",
        "outbox_message",
        ["lane_id", "seq"],
        postgresql_where=waiting,
        sqlite_where=waiting,
    )
