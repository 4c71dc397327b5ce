"""Invitations, personal access tokens, the audit trail, and whose each session is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from smartapp_adapters.storage.roles import APP, OPERATOR
from smartapp_adapters.storage.row_security import protect
from smartapp_adapters.storage.tables import Kind

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

#: Whoever is signed in stays so, and finds the session in their list.
WHOSE = {
    "sqlite": "UPDATE sessions SET person_id = json_extract(document, '$.person_id')",
    "postgresql": "UPDATE sessions SET person_id = document ->> 'person_id'",
}

#: The trail is only added to. A trigger holds that for everybody who reaches the table, its owner included.
APPEND_ONLY = {
    "sqlite": (
        (
            "CREATE TRIGGER trail_keeps_{what} BEFORE {what} ON trail "
            "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
        ),
    ),
    "postgresql": (
        (
            "CREATE OR REPLACE FUNCTION trail_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$"
        ),
        "CREATE TRIGGER trail_keeps_{what} BEFORE {what} ON trail FOR EACH ROW EXECUTE FUNCTION trail_is_append_only()",
    ),
}

#: What passes by those: emptying the table, and SQLite's INSERT OR REPLACE, whose DELETE fires no trigger.
APPEND_ONLY_TOO = {
    "sqlite": (
        "CREATE TRIGGER trail_keeps_ids BEFORE INSERT ON trail "
        "WHEN EXISTS (SELECT 1 FROM trail WHERE account_id = NEW.account_id AND id = NEW.id) "
        "BEGIN SELECT RAISE(IGNORE); END"
    ),
    "postgresql": (
        "CREATE TRIGGER trail_keeps_all BEFORE TRUNCATE ON trail "
        "FOR EACH STATEMENT EXECUTE FUNCTION trail_is_append_only()"
    ),
}


def upgrade() -> None:
    for column in (sa.Column("person_id", WORDS, nullable=True), sa.Column("seen_at", MOMENT, nullable=True)):
        op.add_column("sessions", column)
    op.create_index("sessions_by_person", "sessions", ["person_id"])
    for name in ("seen_at", "removed_at"):
        op.add_column("members", sa.Column(name, MOMENT, nullable=True))
    _create_tables()
    for table in ("invitations", "access_tokens", "trail"):
        protect(op.get_bind(), table, Kind.ACCOUNT)
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":  # nobody who serves may change it; signing out happens behind the operator's door
        op.execute(f"REVOKE UPDATE, DELETE ON trail FROM {APP}")
        op.execute(f"GRANT INSERT ON trail TO {OPERATOR}")
    op.execute(WHOSE[dialect])
    for what in ("UPDATE", "DELETE"):
        for statement in APPEND_ONLY[dialect]:
            op.execute(statement.format(what=what))
    op.execute(APPEND_ONLY_TOO[dialect])


def _create_tables() -> None:
    op.create_table(
        "invitations",
        sa.Column("account_id", WORDS, nullable=False),
        sa.Column("id", WORDS, nullable=False),
        sa.Column("email", WORDS, nullable=False),
        sa.Column("role", WORDS, nullable=False),
        sa.Column("invited_by", WORDS, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("secret_hash", WORDS, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "id"),
        sa.UniqueConstraint("account_id", "email", name="one_invitation_per_email"),
    )
    op.create_index("invitations_by_secret", "invitations", ["secret_hash"])
    op.create_table(
        "access_tokens",
        sa.Column("account_id", WORDS, nullable=False),
        sa.Column("id", WORDS, nullable=False),
        sa.Column("member_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("role", WORDS, nullable=False),
        sa.Column("hint", WORDS, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("secret_hash", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "id"),
    )
    op.create_index("access_tokens_by_member", "access_tokens", ["account_id", "member_id"])
    op.create_index("access_tokens_by_secret", "access_tokens", ["secret_hash"])
    op.create_table(
        "trail",
        sa.Column("account_id", WORDS, nullable=False),
        sa.Column("id", WORDS, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("deed", WORDS, nullable=False),
        sa.Column("via", WORDS, nullable=False),
        sa.Column("member_id", WORDS, nullable=True),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("token", WORDS, nullable=False),
        sa.Column("subject_id", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("details", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "id"),
    )
    op.create_index("trail_by_time", "trail", ["account_id", "at", "id"])
    op.create_index("trail_by_member", "trail", ["account_id", "member_id", "at", "id"])
    op.create_index("trail_by_deed", "trail", ["account_id", "deed", "at", "id"])
