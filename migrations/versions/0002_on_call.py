"""On-call, escalation and handoff: what is due later, who is paged, who hands over to whom."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _new_columns()
    _the_bot()
    _work()
    _schedule_override()
    _calendar_link()
    _feed()
    _escalation()
    _drill()
    _page()
    _handoff()
    _swap()


def _new_columns() -> None:
    """Each has a default or may be empty, so that neither database copies a table for it."""
    op.add_column("incident", sa.Column("paged", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("incident", sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("incident", sa.Column("remind_every_s", sa.Integer(), nullable=True))
    op.add_column("incident", sa.Column("remind_off", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("service", sa.Column("severity_policies", sa.Text(), server_default="{}", nullable=False))
    op.add_column("team", sa.Column("channel_by_command", sa.Boolean(), server_default=sa.false(), nullable=False))


def _the_bot() -> None:
    """Give the bot a row, for what it writes itself. No folded handle begins with a space: nobody has or gets this key."""
    person = sa.table(
        "person",
        *(sa.column(name, sa.Text()) for name in ("handle", "handle_key", "name", "name_key", "time_zone")),
        *(sa.column(name, sa.Boolean()) for name in ("admin", "listed", "active")),
        sa.column("id", sa.Integer()),
    )
    op.execute(
        sa.insert(person).values(
            id=0,
            handle="incident-bot",
            handle_key=" 0",
            name="Incident bot",
            name_key="incident bot",
            time_zone="UTC",
            admin=False,
            listed=False,
            active=False,
        )
    )


def _work() -> None:
    op.create_table(
        "work",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("available_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_work_dedupe_key")),
        postgresql_with={"fillfactor": "80"},
    )
    for name, columns, state in (
        ("ix_work_ready", ["available_at", "id"], 0),
        ("ix_work_subject", ["subject"], 0),
        ("ix_work_done", ["done_at"], 2),
        ("ix_work_dead", ["id"], 3),
    ):
        _partial_index(name, "work", columns, f"state = {state}")


def _schedule_override() -> None:
    op.create_table(
        "schedule_override",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_schedule_override_made_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_schedule_override_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_override")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_schedule_override_schedule", "schedule_override", ["schedule", "id"], unique=False)


def _calendar_link() -> None:
    op.create_table(
        "calendar_link",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner", "owner_id", name=op.f("pk_calendar_link")),
        sa.UniqueConstraint("secret", name=op.f("uq_calendar_link_secret")),
    )


def _feed() -> None:
    op.create_table(
        "feed",
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("shifts", sa.Text(), nullable=False),
        sa.Column("good_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("schedule", name=op.f("pk_feed")),
    )


def _escalation() -> None:
    op.create_table(
        "escalation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_escalation_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
    )
    op.create_index("ix_escalation_incident_id", "escalation", ["incident_id", "id"], unique=False)
    _partial_index("ix_escalation_live", "escalation", ["id"], "state IN ('waiting', 'running')")


def _drill() -> None:
    op.create_table(
        "drill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("service_url", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Text(), nullable=True),
        sa.Column("person_object_id", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_drill_asked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill")),
    )


def _page() -> None:
    op.create_table(
        "page",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("escalation_id", sa.Integer(), nullable=True),
        sa.Column("drill_id", sa.Integer(), nullable=True),
        sa.Column("step", sa.Integer(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bundled_into", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=True) for name in _PLACE),
        sa.Column("activity_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["bundled_into"], ["page.id"], name=op.f("fk_page_bundled_into")),
        sa.ForeignKeyConstraint(["drill_id"], ["drill.id"], name=op.f("fk_page_drill_id")),
        sa.ForeignKeyConstraint(["escalation_id"], ["escalation.id"], name=op.f("fk_page_escalation_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_page_incident_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_page_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index("ix_page_incident_id", "page", ["incident_id", "id"], unique=False)
    op.create_index("ix_page_person_id", "page", ["person_id", "due_at"], unique=False)
    _partial_index("ix_page_drill_id", "page", ["drill_id"], "drill_id IS NOT NULL")
    _partial_index("ix_page_bundled_into", "page", ["bundled_into"], "bundled_into IS NOT NULL")


_PLACE = ("tenant_id", "service_url", "conversation_id", "kind", "team_id", "person_object_id")


def _handoff() -> None:
    op.create_table(
        "handoff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("outgoing", sa.Integer(), nullable=False),
        sa.Column("incoming", sa.Integer(), nullable=False),
        sa.Column("boundary_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_handoff_decided_by")),
        sa.ForeignKeyConstraint(["incoming"], ["person.id"], name=op.f("fk_handoff_incoming")),
        sa.ForeignKeyConstraint(["outgoing"], ["person.id"], name=op.f("fk_handoff_outgoing")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff")),
        sa.UniqueConstraint("schedule", "boundary_at", "outgoing", "incoming", name="uq_handoff_shift_change"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_handoff_boundary_at", "handoff", ["boundary_at", "id"], unique=False)
    for person in ("outgoing", "incoming"):
        _partial_index(f"ix_handoff_{person}", "handoff", [person, "boundary_at"], "state IN ('prepared', 'offered')")


def _swap() -> None:
    op.create_table(
        "swap",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("asker", sa.Integer(), nullable=False),
        sa.Column("other", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.DateTime(timezone=True), nullable=False)
            for name in ("gives_from", "gives_to", "takes_from", "takes_to", "asked_at")
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["asker"], ["person.id"], name=op.f("fk_swap_asker")),
        sa.ForeignKeyConstraint(["other"], ["person.id"], name=op.f("fk_swap_other")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swap")),
    )


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=False, postgresql_where=condition, sqlite_where=condition)
