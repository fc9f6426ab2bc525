"""Changes, the incidents they are behind, and the messages in which people see them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _changes()
    op.create_table(
        "change_cause",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("linked_by", sa.Integer(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_change_cause_incident_id")),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_change_cause_change_id")),
        sa.ForeignKeyConstraint(["linked_by"], ["person.id"], name=op.f("fk_change_cause_linked_by")),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_change_cause")),
    )
    op.create_index(op.f("ix_change_cause_change_id"), "change_cause", ["change_id"])
    op.create_table(
        "change_card",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("tenant_id", "service_url", "conversation_id", "base_id", "kind")
        ),
        sa.Column("team_id", sa.Text(), nullable=True),
        sa.Column("person_object_id", sa.Text(), nullable=True),
        sa.Column("reader", sa.Integer(), nullable=True),
        sa.Column("activity_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_change_card_change_id")),
        sa.ForeignKeyConstraint(["reader"], ["person.id"], name=op.f("fk_change_card_reader")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_card")),
    )
    op.create_index(op.f("ix_change_card_change_id"), "change_card", ["change_id"])


def _changes() -> None:
    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("title", "service", "risk")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("rollback", "links", "comment")),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("caller", "request_key", "request_digest")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_change_recorded_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_change_ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
    )
    op.create_index("ix_change_service", "change", ["service", "at", "id"])
    op.create_index("ix_change_at", "change", ["at", "id"])
    op.create_index("ix_change_request", "change", ["caller", "request_key"], unique=True)
