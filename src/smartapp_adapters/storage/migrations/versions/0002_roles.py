"""Roles of the database: migrator, app, operator."""

from alembic import op

from smartapp_adapters.storage.roles import APP, OPERATOR
from smartapp_adapters.storage.row_security import protect
from smartapp_adapters.storage.tables import Kind

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ACCOUNT_TABLES = (
    "accounts",
    "connections",
    "drafts",
    "licenses",
    "listings",
    "mappings",
    "members",
    "order_claims",
    "orders",
    "platform_projects",
    "profiles",
    "projects",
    "subscriptions",
)
OPERATOR_TABLES = ("jobs", "notices", "people", "sessions")


def upgrade() -> None:
    """Take back what 0001, when it was new, granted to whoever said so; the roles are there already (`env.py`)."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for kind, tables in ((Kind.ACCOUNT, ACCOUNT_TABLES), (Kind.OPERATOR, OPERATOR_TABLES)):
        for table in tables:
            op.execute(f"DROP POLICY IF EXISTS own_rows ON {table}")
            protect(op.get_bind(), table, kind)
    op.execute(f"GRANT SELECT ON alembic_version TO {APP}, {OPERATOR}")
