"""Planned care: tasks, each time they are due, the messages about them, and how many hours a team has for it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("team", sa.Column("care_hours_per_week", sa.Float(), nullable=True))
    op.create_table(
        "care_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("owner", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("rule", "starts", "zone")),
        sa.Column("hours", sa.Float(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("sign_off", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_by", sa.Integer(), nullable=True),
        sa.Column("stop_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], ["person.id"], name=op.f(f"fk_care_task_{name}"))
            for name in ("owner", "made_by", "stopped_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_task")),
    )
    op.create_index(op.f("ix_care_task_team"), "care_task", ["team"])
    running = sa.text("stopped_at IS NULL")
    op.create_index("ix_care_task_running", "care_task", ["id"], postgresql_where=running, sqlite_where=running)
    op.create_table(
        "care_occurrence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("number", sa.Float(), nullable=True),
        sa.Column("hours", sa.Float(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("signed_off_by", sa.Integer(), nullable=True),
        sa.Column("signed_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["task"], ["care_task.id"], name=op.f("fk_care_occurrence_task")),
        *(
            sa.ForeignKeyConstraint([name], ["person.id"], name=op.f(f"fk_care_occurrence_{name}"))
            for name in ("closed_by", "signed_off_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_occurrence")),
        sa.UniqueConstraint("task", "due_at", name="uq_care_occurrence_task_due_at"),
    )
    is_open = sa.text("state = 'open'")
    op.create_index(
        "ix_care_occurrence_open",
        "care_occurrence",
        ["task"],
        unique=True,
        postgresql_where=is_open,
        sqlite_where=is_open,
    )
    op.create_table(
        "care_card",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("occurrence_id", sa.Integer(), nullable=False),
        sa.Column("reader", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["occurrence_id"], ["care_occurrence.id"], name=op.f("fk_care_card_occurrence_id")),
        sa.ForeignKeyConstraint(["reader"], ["person.id"], name=op.f("fk_care_card_reader")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_card")),
    )
    op.create_index(op.f("ix_care_card_occurrence_id"), "care_card", ["occurrence_id"])
