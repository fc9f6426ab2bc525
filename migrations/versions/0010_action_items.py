"""Action items, and the messages in which people see them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "action_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("incident", sa.Integer(), nullable=True),
        sa.Column("factor", sa.Text(), nullable=False),
        sa.Column("repair", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["person.id"], name=op.f("fk_action_item_owner")),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_action_item_incident")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_action_item_made_by")),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("fk_action_item_closed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_item")),
    )
    op.create_index("ix_action_item_owner", "action_item", ["owner", "state", "due_on"])
    op.create_index("ix_action_item_state", "action_item", ["state", "due_on", "id"])
    op.create_index(op.f("ix_action_item_incident"), "action_item", ["incident"])
    op.create_table(
        "action_card",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("reader", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action_item.id"], name=op.f("fk_action_card_action_id")),
        sa.ForeignKeyConstraint(["reader"], ["person.id"], name=op.f("fk_action_card_reader")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_card")),
    )
    op.create_index(op.f("ix_action_card_action_id"), "action_card", ["action_id"])
