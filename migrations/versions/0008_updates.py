"""Updates for stakeholders of incidents, with where each of them goes and what the last one has promised."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incident", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("incident", sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "stakeholder_update",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("author", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_final", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("audiences", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_stakeholder_update_incident_id")),
        sa.ForeignKeyConstraint(["author"], ["person.id"], name=op.f("fk_stakeholder_update_author")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stakeholder_update")),
    )
    op.create_index("ix_stakeholder_update_incident", "stakeholder_update", ["incident_id", "id"])
    op.create_table(
        "update_delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("update_id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("way", "target", "name", "state", "reason")),
        sa.Column("conversation_id", sa.Text(), nullable=True),
        sa.Column("activity_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["update_id"], ["stakeholder_update.id"], name=op.f("fk_update_delivery_update_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_update_delivery_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_update_delivery")),
    )
    op.create_index(op.f("ix_update_delivery_update_id"), "update_delivery", ["update_id"])
    op.create_index("ix_update_delivery_target", "update_delivery", ["incident_id", "target", "id"])
