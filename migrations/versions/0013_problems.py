"""What incidents are compared by, and problems that are made of those that are alike."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "CREATE TABLE incident_words (incident_id INTEGER PRIMARY KEY REFERENCES incident (id), "
            "title TEXT NOT NULL, body TEXT NOT NULL, words TSVECTOR NOT NULL)"
        )
        # Without a list of pending words, which every search would read from end to end.
        op.execute("CREATE INDEX ix_incident_words_words ON incident_words USING gin (words) WITH (fastupdate = off)")
    else:
        op.execute("CREATE VIRTUAL TABLE incident_words USING fts5(title, body, tokenize='porter unicode61')")
    op.add_column("incident", sa.Column("compared", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "incident_term",
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("incidents", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("term", name=op.f("pk_incident_term")),
    )
    op.create_table(
        "incident_kind",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incident_kind_incident_id")),
        sa.PrimaryKeyConstraint("incident_id", "service_id", name=op.f("pk_incident_kind")),
    )
    op.create_index("ix_incident_kind_kind", "incident_kind", ["service_id", "words", "incident_id"])
    op.create_table(
        "similar_incident",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("services", sa.Text(), nullable=False),
        sa.Column("same_kind", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_similar_incident_incident_id")),
        sa.ForeignKeyConstraint(["other_id"], ["incident.id"], name=op.f("fk_similar_incident_other_id")),
        sa.PrimaryKeyConstraint("incident_id", "position", name=op.f("pk_similar_incident")),
    )
    op.create_table(
        "problem",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("owner", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["person.id"], name=op.f("fk_problem_owner")),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("fk_problem_closed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_problem_state", "problem", ["state", "due_on", "id"])
    op.create_table(
        "problem_incident",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_problem_incident_incident_id")),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"], name=op.f("fk_problem_incident_problem_id")),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_problem_incident")),
    )
    op.create_index(op.f("ix_problem_incident_problem_id"), "problem_incident", ["problem_id"])
    op.create_table(
        "problem_card",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("reader", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"], name=op.f("fk_problem_card_problem_id")),
        sa.ForeignKeyConstraint(["reader"], ["person.id"], name=op.f("fk_problem_card_reader")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem_card")),
    )
    op.create_index(op.f("ix_problem_card_problem_id"), "problem_card", ["problem_id"])
