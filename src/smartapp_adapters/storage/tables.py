"""
Every table, and what kind of rows it holds.

The kind decides who may see a row: `ACCOUNT` rows belong to the account named in `account_id`, the first column of
their primary key; `OPERATOR` rows belong to no account and no account's door leads to them; `PUBLIC` rows are the same
for everybody. A table is made by `_table`, which asks for the kind, so none can be forgotten.
"""

import enum
from typing import Any, Final

import sqlalchemy as sa

from smartapp_adapters.storage.columns import Document, Moment, Words


class Kind(enum.Enum):
    ACCOUNT = "account"
    PUBLIC = "public"
    OPERATOR = "operator"


metadata: Final = sa.MetaData()
KINDS: Final[dict[str, Kind]] = {}


def _table(name: str, kind: Kind, *columns: sa.schema.SchemaItem) -> sa.Table:
    KINDS[name] = kind
    return sa.Table(name, metadata, *columns)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, Words, primary_key=True)


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, Words, nullable=False)


def _maybe(name: str, type_: Any = Words) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=True)


def _moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, Moment, nullable=False)


def _document() -> sa.Column[Any]:
    return sa.Column("document", Document, nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _unique_where(name: str, condition: str, *columns: str) -> sa.Index:
    where = sa.text(condition)
    return sa.Index(name, *columns, unique=True, sqlite_where=where, postgresql_where=where)


accounts = _table(
    "accounts",
    Kind.ACCOUNT,
    _key("account_id"),
    _words("platform"),
    _words("environment"),
    _words("company_id"),
    _words("name"),
    _moment("created_at"),
    sa.UniqueConstraint("platform", "environment", "company_id", name="one_account_per_company"),
)

people = _table(
    "people",
    Kind.OPERATOR,
    _key("id"),
    _words("platform"),
    _words("environment"),
    _words("platform_user_id"),
    _words("name"),
    _words("email"),
    sa.UniqueConstraint("platform", "environment", "platform_user_id", name="one_person_per_platform_user"),
)

sessions = _table(
    "sessions",
    Kind.OPERATOR,
    _key("id"),
    _moment("expires_at"),
    _document(),
    _maybe("sealed_grant", sa.LargeBinary),
    _maybe("key_id"),
    _maybe("person_id"),
    _maybe("seen_at", Moment),
    sa.Index("sessions_by_expiry", "expires_at"),
    sa.Index("sessions_by_person", "person_id"),
)

notices = _table(
    "notices",
    Kind.OPERATOR,
    _key("id"),
    _document(),
    sa.Column("body", sa.LargeBinary, nullable=False),
    _moment("received_at"),
    _maybe("handled_at", Moment),
    sa.Index("notices_by_handling", "handled_at"),
)

jobs = _table(
    "jobs",
    Kind.OPERATOR,
    _key("id"),
    _words("key"),
    _words("kind"),
    _maybe("account_id"),
    _words("subject"),
    _words("state"),
    _moment("due_at"),
    _moment("created_at"),
    _number("attempts"),
    _number("fence"),
    _maybe("leased_until", Moment),
    _maybe("problem"),
    _maybe("troubled_since", Moment),
    _maybe("wanted_at", Moment),
    _maybe("wanted_last", Moment),
    sa.Index("jobs_by_due", "state", "due_at", "id"),
    sa.Index("jobs_by_creation", "state", "created_at"),
    _unique_where("one_waiting_job_per_key", "state = 'waiting'", "key"),
)

members = _table(
    "members",
    Kind.ACCOUNT,
    _key("account_id"),
    _key("id"),
    _words("person_id"),
    _words("name"),
    _words("email"),
    _words("role"),
    _moment("joined_at"),
    _number("version"),
    _maybe("seen_at", Moment),
    _maybe("removed_at", Moment),
    sa.UniqueConstraint("account_id", "person_id", name="one_member_per_person"),
    sa.Index("members_by_person", "person_id"),
)

profiles = _table(
    "profiles",
    Kind.ACCOUNT,
    _key("account_id"),
    _key("id"),
    _words("name"),
    _words("email"),
    _maybe("customer_id"),
    _flag("is_default"),
    _number("version"),
    _unique_where("one_default_profile", "is_default", "account_id"),
)

#: `folded_…` and `search` hold `folding.folded` text: what sorting and searching compare.
platform_projects = _table(
    "platform_projects",
    Kind.ACCOUNT,
    _key("account_id"),
    _key("id"),
    _words("name"),
    _maybe("number"),
    _maybe("city"),
    _flag("active"),
    _words("apps"),
    _maybe("created_at", Moment),
    _words("folded_name"),
    _words("folded_number"),
    _words("search"),
    sa.Index("platform_projects_by_name", "account_id", "folded_name", "folded_number", "id"),
)

listings = _table(
    "listings",
    Kind.ACCOUNT,
    _key("account_id"),
    _words("installed"),
    _maybe("requested_at", Moment),
    _maybe("refreshed_at", Moment),
    _maybe("problem"),
    _maybe("lost"),
    _number("version"),
)

drafts = _table(
    "drafts",
    Kind.ACCOUNT,
    _key("account_id"),
    _key("member_id"),
    _key("platform_project_id"),
    _document(),
    sa.Index("drafts_by_project", "account_id", "platform_project_id"),
)

projects = _table(
    "projects",
    Kind.ACCOUNT,
    _key("account_id"),
    _key("id"),
    _words("name"),
    _maybe("number"),
    _moment("created_at"),
    _number("version"),
    _words("folded_name"),
    _words("folded_number"),
    _words("search"),
    sa.Index("projects_by_name", "account_id", "folded_name", "folded_number", "id"),
)

mappings = _table(
    "mappings",
    Kind.ACCOUNT,
    _key("account_id"),
    _key("platform_project_id"),
    _words("project_id"),
    _words("state"),
    _moment("linked_at"),
    _maybe("disconnected_at", Moment),
    _number("version"),
    sa.Index("mappings_by_project", "account_id", "project_id", "state", "platform_project_id"),
    _unique_where("one_live_link_per_project", "state IN ('linked', 'disconnected')", "account_id", "project_id"),
)

orders = _table(
    "orders",
    Kind.ACCOUNT,
    _key("account_id"),
    _key("id"),
    _words("member_id"),
    _words("state"),
    _flag("is_open"),
    _moment("created_at"),
    _maybe("checkout_id"),
    _maybe("extends_id"),
    _number("version"),
    _document(),
    sa.UniqueConstraint("account_id", "checkout_id", name="one_order_per_checkout"),
    sa.Index("orders_by_id", "id"),
    sa.Index("orders_by_age", "account_id", "is_open", "created_at"),
    _unique_where("one_open_order_per_subscription", "is_open", "account_id", "extends_id"),
)

#: What an order sells; while it is open, nobody else's open order may hold the same.
order_claims = _table(
    "order_claims",
    Kind.ACCOUNT,
    _key("account_id"),
    _key("order_id"),
    _key("platform_project_id"),
    _key("product"),
    _flag("is_open"),
    sa.Index("order_claims_by_project", "account_id", "platform_project_id"),
    _unique_where("one_open_order_per_product", "is_open", "account_id", "platform_project_id", "product"),
)

licenses = _table(
    "licenses",
    Kind.ACCOUNT,
    _key("account_id"),
    _key("id"),
    _words("project_id"),
    _words("product"),
    _words("subscription_id"),
    _moment("granted_at"),
    _maybe("ends_at", Moment),
    _maybe("ended_at", Moment),
    _number("version"),
    _document(),
    sa.Index("licenses_by_project", "account_id", "project_id", "product", "ends_at", "ended_at"),
    sa.Index("licenses_by_subscription", "account_id", "subscription_id"),
    _unique_where(
        "one_lasting_license_per_product",
        "ends_at IS NULL AND ended_at IS NULL",
        "account_id",
        "project_id",
        "product",
    ),
)

#: `id` stands for member, operation and the client's key together; the key itself is not kept.
keyed_requests = _table(
    "keyed_requests",
    Kind.ACCOUNT,
    _key("account_id"),
    _key("id"),
    _words("member_id"),
    _words("route"),
    _words("fingerprint"),
    _words("seed"),
    _moment("first_at"),
    _maybe("leased_until", Moment),
    _maybe("status", sa.Integer),
    _maybe("media_type"),
    _maybe("sealed_answer", sa.LargeBinary),
    _maybe("key_id"),
    _number("version"),
    sa.Index("keyed_requests_by_age", "first_at"),
)

subscriptions = _table(
    "subscriptions",
    Kind.ACCOUNT,
    _key("account_id"),
    _key("id"),
    _moment("as_of"),
    _document(),
    sa.Index("subscriptions_by_id", "id"),
)


def _connection() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("sealed_tokens", sa.LargeBinary, nullable=False),
        _words("key_id"),
        _number("version"),
        _words("state"),
        _number("fence"),
        _maybe("leased_until", Moment),
        _maybe("not_before", Moment),
        _moment("changed_at"),
    )


connections = _table("connections", Kind.ACCOUNT, _key("account_id"), _key("app"), *_connection())

#: What our service account acts with, one row per app; shared by all processes.
service_connections = _table("service_connections", Kind.OPERATOR, _key("app"), *_connection())

invitations = _table(
    "invitations",
    Kind.ACCOUNT,
    _key("account_id"),
    _key("id"),
    _words("email"),
    _words("role"),
    _words("invited_by"),
    _moment("expires_at"),
    _words("secret_hash"),
    _number("version"),
    sa.UniqueConstraint("account_id", "email", name="one_invitation_per_email"),
    sa.Index("invitations_by_secret", "secret_hash"),
)

access_tokens = _table(
    "access_tokens",
    Kind.ACCOUNT,
    _key("account_id"),
    _key("id"),
    _words("member_id"),
    _words("name"),
    _words("role"),
    _words("hint"),
    _moment("created_at"),
    _moment("expires_at"),
    _maybe("used_at", Moment),
    _words("secret_hash"),
    sa.Index("access_tokens_by_member", "account_id", "member_id"),
    sa.Index("access_tokens_by_secret", "secret_hash"),
)

#: The audit trail. Its rows are added and read, never changed: the database itself refuses that (migration 0003).
trail = _table(
    "trail",
    Kind.ACCOUNT,
    _key("account_id"),
    _key("id"),
    _moment("at"),
    _words("deed"),
    _words("via"),
    _maybe("member_id"),
    _words("name"),
    _words("token"),
    _words("subject_id"),
    _words("subject"),
    sa.Column("details", Document, nullable=False),
    sa.Index("trail_by_time", "account_id", "at", "id"),
    sa.Index("trail_by_member", "account_id", "member_id", "at", "id"),
    sa.Index("trail_by_deed", "account_id", "deed", "at", "id"),
)
