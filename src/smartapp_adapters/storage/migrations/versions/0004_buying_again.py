"""Orders that add to a subscription, and from when each license is paid."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
LICENSES = sa.table("licenses", sa.column("account_id", WORDS), sa.column("id", WORDS), sa.column("document", DOCUMENT))


def upgrade() -> None:
    op.add_column("orders", sa.Column("extends_id", WORDS))
    where = sa.text("is_open")
    op.create_index(
        "one_open_order_per_subscription",
        "orders",
        ["account_id", "extends_id"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )
    _say_from_when_licenses_are_paid()


def _say_from_when_licenses_are_paid() -> None:
    """Until now a license began with its subscription, so with its first period."""
    connection = op.get_bind()
    for row in connection.execute(sa.select(LICENSES)).all():
        starts = [period["start"] for period in row.document.get("coverage", [])]
        said = {**row.document, "paid_from": min(starts, default=row.document["granted_at"])}
        mine = (LICENSES.c.account_id == row.account_id, LICENSES.c.id == row.id)
        connection.execute(sa.update(LICENSES).where(*mine).values(document=said))
