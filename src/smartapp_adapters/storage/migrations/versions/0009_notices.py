"""Notices are found by when they were handled, so that old ones can be forgotten."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("notices_by_handling", "notices", ["handled_at"])
