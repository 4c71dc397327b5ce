"""Why the platform does not let us in, where it does not, and since when a job has met an outage."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("listings", sa.Column("lost", WORDS))
    op.add_column("jobs", sa.Column("troubled_since", sa.DateTime(timezone=True)))
