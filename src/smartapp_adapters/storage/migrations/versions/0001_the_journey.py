"""The tables of the purchase journey."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from smartapp_adapters.storage.row_security import protect
from smartapp_adapters.storage.tables import Kind

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# A migration says for ever what it once made, so these are not taken from `columns.py`.
WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

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
    _create_tables()
    for kind, tables in ((Kind.ACCOUNT, ACCOUNT_TABLES), (Kind.OPERATOR, OPERATOR_TABLES)):
        for table in tables:
            protect(op.get_bind(), table, kind)


def _unique_where(condition: str, name: str, table: str, columns: list[str]) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)


def _create_tables() -> None:
    op.create_table(
        "accounts",
        sa.Column("account_id", WORDS, nullable=False),
        sa.Column("platform", WORDS, nullable=False),
        sa.Column("environment", WORDS, nullable=False),
        sa.Column("company_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
        sa.UniqueConstraint("platform", "environment", "company_id", name="one_account_per_company"),
    )
    op.create_table(
        "connections",
        sa.Column("account_id", WORDS, nullable=False),
        sa.Column("app", WORDS, nullable=False),
        sa.Column("sealed_tokens", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", WORDS, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "app"),
    )
    op.create_table(
        "drafts",
        sa.Column("account_id", WORDS, nullable=False),
        sa.Column("member_id", WORDS, nullable=False),
        sa.Column("platform_project_id", WORDS, nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "member_id", "platform_project_id"),
    )
    op.create_index("drafts_by_project", "drafts", ["account_id", "platform_project_id"])
    op.create_table(
        "jobs",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("account_id", WORDS, nullable=True),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("leased_until", MOMENT, nullable=True),
        sa.Column("problem", WORDS, nullable=True),
        sa.Column("wanted_at", MOMENT, nullable=True),
        sa.Column("wanted_last", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("jobs_by_creation", "jobs", ["state", "created_at"])
    op.create_index("jobs_by_due", "jobs", ["state", "due_at", "id"])
    _unique_where("state = 'waiting'", "one_waiting_job_per_key", "jobs", ["key"])
    op.create_table(
        "licenses",
        sa.Column("account_id", WORDS, nullable=False),
        sa.Column("id", WORDS, nullable=False),
        sa.Column("project_id", WORDS, nullable=False),
        sa.Column("product", WORDS, nullable=False),
        sa.Column("subscription_id", WORDS, nullable=False),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "id"),
    )
    op.create_index("licenses_by_project", "licenses", ["account_id", "project_id", "product", "ends_at", "ended_at"])
    op.create_index("licenses_by_subscription", "licenses", ["account_id", "subscription_id"])
    _unique_where(
        "ends_at IS NULL AND ended_at IS NULL",
        "one_lasting_license_per_product",
        "licenses",
        ["account_id", "project_id", "product"],
    )
    op.create_table(
        "listings",
        sa.Column("account_id", WORDS, nullable=False),
        sa.Column("installed", WORDS, nullable=False),
        sa.Column("requested_at", MOMENT, nullable=True),
        sa.Column("refreshed_at", MOMENT, nullable=True),
        sa.Column("problem", WORDS, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_table(
        "mappings",
        sa.Column("account_id", WORDS, nullable=False),
        sa.Column("platform_project_id", WORDS, nullable=False),
        sa.Column("project_id", WORDS, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("linked_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "platform_project_id"),
    )
    op.create_index("mappings_by_project", "mappings", ["account_id", "project_id", "state", "platform_project_id"])
    _unique_where(
        "state IN ('linked', 'disconnected')", "one_live_link_per_project", "mappings", ["account_id", "project_id"]
    )
    op.create_table(
        "members",
        sa.Column("account_id", WORDS, nullable=False),
        sa.Column("id", WORDS, nullable=False),
        sa.Column("person_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("email", WORDS, nullable=False),
        sa.Column("role", WORDS, nullable=False),
        sa.Column("joined_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "id"),
        sa.UniqueConstraint("account_id", "person_id", name="one_member_per_person"),
    )
    op.create_index("members_by_person", "members", ["person_id"])
    op.create_table(
        "notices",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("handled_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "order_claims",
        sa.Column("account_id", WORDS, nullable=False),
        sa.Column("order_id", WORDS, nullable=False),
        sa.Column("platform_project_id", WORDS, nullable=False),
        sa.Column("product", WORDS, nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "order_id", "platform_project_id", "product"),
    )
    _unique_where(
        "is_open", "one_open_order_per_product", "order_claims", ["account_id", "platform_project_id", "product"]
    )
    op.create_index("order_claims_by_project", "order_claims", ["account_id", "platform_project_id"])
    op.create_table(
        "orders",
        sa.Column("account_id", WORDS, nullable=False),
        sa.Column("id", WORDS, nullable=False),
        sa.Column("member_id", WORDS, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("checkout_id", WORDS, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "id"),
        sa.UniqueConstraint("account_id", "checkout_id", name="one_order_per_checkout"),
    )
    op.create_index("orders_by_age", "orders", ["account_id", "is_open", "created_at"])
    op.create_index("orders_by_id", "orders", ["id"])
    op.create_table(
        "people",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("platform", WORDS, nullable=False),
        sa.Column("environment", WORDS, nullable=False),
        sa.Column("platform_user_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("email", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("platform", "environment", "platform_user_id", name="one_person_per_platform_user"),
    )
    op.create_table(
        "platform_projects",
        sa.Column("account_id", WORDS, nullable=False),
        sa.Column("id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("number", WORDS, nullable=True),
        sa.Column("city", WORDS, nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("apps", WORDS, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("folded_name", WORDS, nullable=False),
        sa.Column("folded_number", WORDS, nullable=False),
        sa.Column("search", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "id"),
    )
    op.create_index(
        "platform_projects_by_name", "platform_projects", ["account_id", "folded_name", "folded_number", "id"]
    )
    op.create_table(
        "profiles",
        sa.Column("account_id", WORDS, nullable=False),
        sa.Column("id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("email", WORDS, nullable=False),
        sa.Column("customer_id", WORDS, nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "id"),
    )
    _unique_where("is_default", "one_default_profile", "profiles", ["account_id"])
    op.create_table(
        "projects",
        sa.Column("account_id", WORDS, nullable=False),
        sa.Column("id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("number", WORDS, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("folded_name", WORDS, nullable=False),
        sa.Column("folded_number", WORDS, nullable=False),
        sa.Column("search", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "id"),
    )
    op.create_index("projects_by_name", "projects", ["account_id", "folded_name", "folded_number", "id"])
    op.create_table(
        "sessions",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("sealed_grant", sa.LargeBinary(), nullable=True),
        sa.Column("key_id", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("sessions_by_expiry", "sessions", ["expires_at"])
    op.create_table(
        "subscriptions",
        sa.Column("account_id", WORDS, nullable=False),
        sa.Column("id", WORDS, nullable=False),
        sa.Column("as_of", MOMENT, nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "id"),
    )
    op.create_index("subscriptions_by_id", "subscriptions", ["id"])
