"""Corrected moments of incidents, each one kept, and key entries of timelines."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incident_moment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("moment", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incident_moment_incident_id")),
        sa.ForeignKeyConstraint(["author"], ["person.id"], name=op.f("fk_incident_moment_author")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_moment")),
    )
    op.create_index("ix_incident_moment_incident", "incident_moment", ["incident_id", "id"])
    op.create_table(
        "timeline_key",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id", "seq"],
            ["timeline_entry.incident_id", "timeline_entry.seq"],
            name="fk_timeline_key_entry",
        ),
        sa.PrimaryKeyConstraint("incident_id", "seq", name=op.f("pk_timeline_key")),
    )
