"""Requests with an idempotency key, and the answers kept for repetitions."""

import sqlalchemy as sa
from alembic import op

from smartapp_adapters.storage.row_security import protect
from smartapp_adapters.storage.tables import Kind

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "keyed_requests",
        sa.Column("account_id", WORDS, nullable=False),
        sa.Column("id", WORDS, nullable=False),
        sa.Column("member_id", WORDS, nullable=False),
        sa.Column("route", WORDS, nullable=False),
        sa.Column("fingerprint", WORDS, nullable=False),
        sa.Column("seed", WORDS, nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("leased_until", MOMENT, nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("media_type", WORDS, nullable=True),
        sa.Column("sealed_answer", sa.LargeBinary(), nullable=True),
        sa.Column("key_id", WORDS, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "id"),
    )
    op.create_index("keyed_requests_by_age", "keyed_requests", ["first_at"])
    protect(op.get_bind(), "keyed_requests", Kind.ACCOUNT)
