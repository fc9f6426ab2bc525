"""Reviews of incidents, their sections with every earlier text, and the messages in which people see them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sides", sa.Text(), nullable=False),
        sa.Column("sign_offs", sa.Text(), nullable=False),
        sa.Column("skipped", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["person.id"], name=op.f("fk_review_owner")),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("fk_review_closed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_review_state", "review", ["state", "due_at", "id"])
    op.create_table(
        "review_incident",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_review_incident_incident_id")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_review_incident_review_id")),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_review_incident")),
    )
    op.create_index(op.f("ix_review_incident_review_id"), "review_incident", ["review_id"])
    op.create_table(
        "review_section",
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("section_id", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("fill", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_review_section_review_id")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_review_section_by")),
        sa.PrimaryKeyConstraint("review_id", "section_id", name=op.f("pk_review_section")),
    )
    op.create_table(
        "review_text",
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("section_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["review_id", "section_id"],
            ["review_section.review_id", "review_section.section_id"],
            name="fk_review_text_section",
        ),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_review_text_by")),
        sa.PrimaryKeyConstraint("review_id", "section_id", "version", name=op.f("pk_review_text")),
    )
    op.create_table(
        "review_draft",
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("section_id", sa.Text(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id", "section_id"],
            ["review_section.review_id", "review_section.section_id"],
            name="fk_review_draft_section",
        ),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_review_draft_person")),
        sa.PrimaryKeyConstraint("review_id", "section_id", "person", name=op.f("pk_review_draft")),
    )
    op.create_table(
        "review_card",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("reader", sa.Integer(), nullable=True),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("service_url", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Text(), nullable=True),
        sa.Column("person_object_id", sa.Text(), nullable=True),
        sa.Column("activity_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_review_card_review_id")),
        sa.ForeignKeyConstraint(["reader"], ["person.id"], name=op.f("fk_review_card_reader")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_card")),
    )
    op.create_index(op.f("ix_review_card_review_id"), "review_card", ["review_id"])
