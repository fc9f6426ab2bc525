"""Maintenance windows, how their occurrences ended, and where people see them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "maintenance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts_at", moment, nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.Column("lasts_s", sa.Integer(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("owner", sa.Integer(), nullable=False),
        sa.Column("scheduled_by", sa.Integer(), nullable=False),
        sa.Column("scheduled_at", moment, nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("rule_starts", sa.Text(), nullable=True),
        sa.Column("slot", moment, nullable=True),
        sa.Column("impact", sa.Text(), nullable=False),
        sa.Column("runbook", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("done_by", sa.Integer(), nullable=True),
        sa.Column("done_at", moment, nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("signed_off_by", sa.Integer(), nullable=True),
        sa.Column("cancelled_by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("unapproved", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], ["person.id"], name=op.f(f"fk_maintenance_{name}"))
            for name in ("owner", "scheduled_by", "done_by", "signed_off_by", "cancelled_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maintenance")),
        sqlite_autoincrement=True,
    )
    running = sa.text("state IN ('in_progress', 'overrun')")
    op.create_index("ix_maintenance_running", "maintenance", ["id"], postgresql_where=running, sqlite_where=running)
    coming = sa.text("state IN ('awaiting_approval', 'planned')")
    op.create_index(
        "ix_maintenance_coming", "maintenance", ["starts_at", "id"], postgresql_where=coming, sqlite_where=coming
    )
    op.create_table(
        "maintenance_service",
        sa.Column("maintenance_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        _of_window("maintenance_service"),
        sa.PrimaryKeyConstraint("maintenance_id", "service_id", name=op.f("pk_maintenance_service")),
    )
    op.create_index("ix_maintenance_service_service", "maintenance_service", ["service_id", "maintenance_id"])
    op.create_table(
        "maintenance_occurrence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("maintenance_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", moment, nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ended_at", moment, nullable=False),
        sa.Column("ended_by", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("signed_off_by", sa.Integer(), nullable=True),
        _of_window("maintenance_occurrence"),
        *(
            sa.ForeignKeyConstraint([name], ["person.id"], name=op.f(f"fk_maintenance_occurrence_{name}"))
            for name in ("ended_by", "signed_off_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maintenance_occurrence")),
    )
    op.create_index(op.f("ix_maintenance_occurrence_maintenance_id"), "maintenance_occurrence", ["maintenance_id"])
    op.create_table(
        "maintenance_post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("maintenance_id", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("tenant_id", "service_url", "conversation_id", "kind")
        ),
        sa.Column("team_id", sa.Text(), nullable=True),
        sa.Column("person_object_id", sa.Text(), nullable=True),
        sa.Column("reader", sa.Integer(), nullable=True),
        sa.Column("activity_id", sa.Text(), nullable=True),
        _of_window("maintenance_post"),
        sa.ForeignKeyConstraint(["reader"], ["person.id"], name=op.f("fk_maintenance_post_reader")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maintenance_post")),
        sa.UniqueConstraint("maintenance_id", "conversation_id", name="uq_maintenance_post_place"),
    )


def _of_window(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["maintenance_id"], ["maintenance.id"], name=op.f(f"fk_{table}_maintenance_id"))
