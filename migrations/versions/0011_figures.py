"""An index for figures: what was declared in a window."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_incident_declared_at", "incident", ["declared_at", "id"])
