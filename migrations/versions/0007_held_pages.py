"""Escalations that maintenance holds back are live too."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live = sa.text("state IN ('waiting', 'running', 'held')")
    op.drop_index("ix_escalation_live", table_name="escalation")
    op.create_index("ix_escalation_live", "escalation", ["id"], postgresql_where=live, sqlite_where=live)
