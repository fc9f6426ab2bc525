"""Everything the first release stores."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _conversation()
    _escalation_policy()
    _inbound_seen()
    _key_value()
    _lane()
    _person()
    _schedule()
    _tenant_bucket()
    _incident()
    _team()
    _incident_role()
    _incident_service()
    _outbox_message()
    _posted_card()
    _service()
    _team_member()
    _timeline_entry()
    _timeline_revision()


def _conversation() -> None:
    op.create_table(
        "conversation",
        sa.Column("base_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("service_url", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Text(), nullable=True),
        sa.Column("person_object_id", sa.Text(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("base_id", name=op.f("pk_conversation")),
    )
    op.create_index("ix_conversation_person_object_id", "conversation", ["person_object_id", "seen_at"], unique=False)
    op.create_index("ix_conversation_tenant_id", "conversation", ["tenant_id", "seen_at"], unique=False)


def _escalation_policy() -> None:
    op.create_table(
        "escalation_policy",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_policy")),
    )


def _inbound_seen() -> None:
    op.create_table(
        "inbound_seen",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_inbound_seen")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_inbound_seen_at_ms"), "inbound_seen", ["at_ms"], unique=False)


def _key_value() -> None:
    op.create_table(
        "key_value",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_key_value")),
    )


def _lane() -> None:
    op.create_table(
        "lane",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("enq_seq", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("tat", sa.BigInteger(), nullable=False),
        sa.Column("tat2", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lane")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index(
        "ix_lane_ready",
        "lane",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("next_at < 253402300799000"),
        sqlite_where=sa.text("next_at < 253402300799000"),
    )


def _person() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("handle_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=True),
        sa.Column("tenant_id", sa.Text(), nullable=True),
        sa.Column("channel_user_id", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("admin", sa.Boolean(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("handle_key", name=op.f("uq_person_handle_key")),
        sa.UniqueConstraint("object_id", name=op.f("uq_person_object_id")),
    )
    op.create_index("ix_person_channel_user_id", "person", ["channel_user_id"], unique=False)
    op.create_index(op.f("ix_person_name_key"), "person", ["name_key"], unique=False)


def _schedule() -> None:
    op.create_table(
        "schedule",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
    )


def _tenant_bucket() -> None:
    op.create_table(
        "tenant_bucket",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("tat", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_tenant_bucket")),
        postgresql_with={"fillfactor": "50"},
    )


def _incident() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("declared_by", sa.Integer(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_by", sa.Integer(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mitigated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("entry_seq", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["acknowledged_by"], ["person.id"], name=op.f("fk_incident_acknowledged_by")),
        sa.ForeignKeyConstraint(["declared_by"], ["person.id"], name=op.f("fk_incident_declared_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        postgresql_with={"fillfactor": "80"},
        sqlite_autoincrement=True,
    )
    op.create_index("ix_incident_acknowledged_by", "incident", ["acknowledged_by", "id"], unique=False)
    op.create_index("ix_incident_declared_by", "incident", ["declared_by", "id"], unique=False)
    op.create_index(
        "ix_incident_open",
        "incident",
        ["id"],
        unique=False,
        postgresql_where=sa.text("status <> 'resolved'"),
        sqlite_where=sa.text("status <> 'resolved'"),
    )


def _team() -> None:
    op.create_table(
        "team",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("id_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("working_hours", sa.Text(), nullable=False),
        sa.Column("capacity_hours_per_week", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["person.id"], name=op.f("fk_team_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("id_key", name=op.f("uq_team_id_key")),
    )


def _incident_role() -> None:
    op.create_table(
        "incident_role",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incident_role_incident_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_incident_role_person_id")),
        sa.PrimaryKeyConstraint("incident_id", "role", name=op.f("pk_incident_role")),
    )
    op.create_index("ix_incident_role_person", "incident_role", ["person_id", "incident_id"], unique=False)


def _incident_service() -> None:
    op.create_table(
        "incident_service",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incident_service_incident_id")),
        sa.PrimaryKeyConstraint("incident_id", "service_id", name=op.f("pk_incident_service")),
    )
    op.create_index("ix_incident_service_service", "incident_service", ["service_id", "incident_id"], unique=False)


def _outbox_message() -> None:
    op.create_table(
        "outbox_message",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("lane_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("begun_ms", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("coalesce_key", sa.Text(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("not_before_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("finished_ms", sa.BigInteger(), nullable=True),
        sa.Column("activity_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_outbox_message_incident_id")),
        sa.ForeignKeyConstraint(["lane_id"], ["lane.id"], name=op.f("fk_outbox_message_lane_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_outbox_message_dedupe_key")),
        sa.UniqueConstraint("lane_id", "seq", name=op.f("uq_outbox_message_lane_id_seq")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index(
        "ix_outbox_message_given_up",
        "outbox_message",
        ["incident_id", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('dead', 'unknown')"),
        sqlite_where=sa.text("state IN ('dead', 'unknown')"),
    )
    op.create_index(
        "ix_outbox_message_sent",
        "outbox_message",
        ["finished_ms"],
        unique=False,
        postgresql_where=sa.text("state = 'sent'"),
        sqlite_where=sa.text("state = 'sent'"),
    )
    op.create_index(
        "ix_outbox_message_waiting",
        "outbox_message",
        ["lane_id", "seq"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "uq_outbox_message_coalesce",
        "outbox_message",
        ["coalesce_key"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )


def _posted_card() -> None:
    op.create_table(
        "posted_card",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("service_url", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("base_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Text(), nullable=True),
        sa.Column("person_object_id", sa.Text(), nullable=True),
        sa.Column("activity_id", sa.Text(), nullable=True),
        sa.Column("original", sa.Boolean(), nullable=False),
        sa.Column("sent_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_posted_card_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posted_card")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_posted_card_activity", "posted_card", ["activity_id", "base_id"], unique=False)
    op.create_index("ix_posted_card_base_id", "posted_card", ["base_id", "incident_id"], unique=False)
    op.create_index("ix_posted_card_conversation_id", "posted_card", ["conversation_id", "incident_id"], unique=False)
    op.create_index(op.f("ix_posted_card_incident_id"), "posted_card", ["incident_id"], unique=False)


def _service() -> None:
    op.create_table(
        "service",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("id_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("operations", sa.Text(), nullable=True),
        sa.Column("tier", sa.Integer(), nullable=True),
        sa.Column("escalation_policy", sa.Text(), nullable=True),
        sa.Column("runbooks", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["escalation_policy"], ["escalation_policy.id"], name=op.f("fk_service_escalation_policy")
        ),
        sa.ForeignKeyConstraint(["operations"], ["team.id"], name=op.f("fk_service_operations")),
        sa.ForeignKeyConstraint(["owner"], ["team.id"], name=op.f("fk_service_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service")),
        sa.UniqueConstraint("id_key", name=op.f("uq_service_id_key")),
    )


def _team_member() -> None:
    op.create_table(
        "team_member",
        sa.Column("team_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_team_member_person_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_team_member_team_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id", "person_id", name=op.f("pk_team_member")),
    )
    op.create_index(op.f("ix_team_member_person_id"), "team_member", ["person_id"], unique=False)


def _timeline_entry() -> None:
    op.create_table(
        "timeline_entry",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_activity", sa.Text(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revised", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["actor"], ["person.id"], name=op.f("fk_timeline_entry_actor")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_timeline_entry_incident_id")),
        sa.PrimaryKeyConstraint("incident_id", "seq", name=op.f("pk_timeline_entry")),
        sa.UniqueConstraint("source_activity", name=op.f("uq_timeline_entry_source_activity")),
    )


def _timeline_revision() -> None:
    op.create_table(
        "timeline_revision",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id", "seq"],
            ["timeline_entry.incident_id", "timeline_entry.seq"],
            name="fk_timeline_revision_entry",
        ),
        sa.PrimaryKeyConstraint("incident_id", "seq", "number", name=op.f("pk_timeline_revision")),
    )
