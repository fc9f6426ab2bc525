"""In which life of its incident a moment was corrected: a correction of an earlier one says nothing of a later one."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incident_moment", sa.Column("cycle", sa.Integer(), server_default="0", nullable=False))
    op.execute(
        "UPDATE incident_moment SET cycle = "
        "(SELECT incident.cycle FROM incident WHERE incident.id = incident_moment.incident_id)"
    )
