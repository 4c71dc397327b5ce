"""How the renewal of each connection stands, and the tokens of our service accounts."""

import sqlalchemy as sa
from alembic import op

from smartapp_adapters.storage.row_security import protect
from smartapp_adapters.storage.tables import Kind

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
#: When a connection of an earlier version came into its state is not known.
LONG_AGO = {"sqlite": "1970-01-01 00:00:00.000000", "postgresql": "1970-01-01 00:00:00+00"}


def upgrade() -> None:
    long_ago = LONG_AGO[op.get_bind().dialect.name]
    for column in (
        sa.Column("state", WORDS, nullable=False, server_default="ready"),
        sa.Column("fence", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("leased_until", MOMENT, nullable=True),
        sa.Column("not_before", MOMENT, nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False, server_default=long_ago),
    ):
        op.add_column("connections", column)
    op.create_table(
        "service_connections",
        sa.Column("app", WORDS, nullable=False),
        sa.Column("sealed_tokens", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", WORDS, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("leased_until", MOMENT, nullable=True),
        sa.Column("not_before", MOMENT, nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("app"),
    )
    protect(op.get_bind(), "service_connections", Kind.OPERATOR)
