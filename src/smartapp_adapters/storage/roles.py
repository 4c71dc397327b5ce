"""
The roles of a PostgreSQL database, what each login must be, and becoming the migrator.

Three group roles without a login: `smartapp_migrator` owns the tables, `smartapp_app` works behind an account's doors,
`smartapp_operator` behind the operator's. An installation grants each to a login of its own; `docs/operating.md` has
the commands and `docs/decisions/0008-two-logins.md` the reasons.
"""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event, exc

from smartapp_domain.ports.storage import StorageUnavailable

MIGRATOR: Final = "smartapp_migrator"
APP: Final = "smartapp_app"
OPERATOR: Final = "smartapp_operator"
ROLES: Final = (MIGRATOR, APP, OPERATOR)

SCOPE_SETTING: Final = "smartapp.scope"
_CHAPTER: Final = "See PostgreSQL in docs/operating.md."


class LoginUnfit(StorageUnavailable):
    """
    A login may do more or less than its part needs, or leads elsewhere; the text names what mends it.

    Attributes:
        operators: It is the operator's login.

    """

    def __init__(self, problem: str, *, operators: bool = False) -> None:
        super().__init__(problem)
        self.operators = operators


def expect(engine: sa.Engine, role: str) -> sa.Engine:
    """
    Let the engine refuse every login that is not exactly a member of `role`, with `LoginUnfit`.

    A superuser passes by row-level security, and a login with a second role, or with the right to give itself one,
    could take it: the net would be there and catch nothing.
    """

    @event.listens_for(engine, "connect")
    def _connected(dbapi: Any, _: Any) -> None:
        with dbapi.cursor() as cursor:
            login, strong, held = cursor.execute(_WHO, [list(ROLES)]).fetchone()
        dbapi.rollback()
        problem = _problem(login, role, strong=strong, held=set(held))
        if problem is not None:
            dbapi.close()
            raise LoginUnfit(f"{problem} {_CHAPTER}", operators=role == OPERATOR)

    return engine


_WHO: Final = """
SELECT current_user::text,
       ARRAY(SELECT rolname::text FROM pg_roles
             WHERE (rolsuper OR rolbypassrls OR rolcreaterole) AND pg_has_role(current_user, oid, 'MEMBER')),
       ARRAY(SELECT rolname::text FROM pg_roles
             WHERE rolname = ANY(%s) AND pg_has_role(current_user, oid, 'MEMBER'))
"""


def _problem(login: str, role: str, *, strong: list[str], held: set[str]) -> str | None:
    if login in strong:
        can = "passes by row-level security, or can give itself roles that do"
        return f"The login {login!r} {can}; use one that holds {role} and nothing else."
    if strong:
        names = ", ".join(sorted(strong))
        return f"The login {login!r} holds {names}, which can do anything: REVOKE {names} FROM {login}."
    if too_much := sorted(held - {role}):
        return f"The login {login!r} holds {', '.join(too_much)} too: REVOKE {', '.join(too_much)} FROM {login}."
    if role not in held:
        return f"The login {login!r} does not hold {role}: run `smartapp migrate`, then GRANT {role} TO {login}."
    return None


def become_migrator(connection: sa.Connection, tables: tuple[str, ...]) -> None:
    """
    Act as the migrator until the transaction ends, making the roles when they are missing.

    What an earlier version made belongs to the login that made it, and is handed over. Raise `LoginUnfit` when this
    login may not do something of it. Does nothing on SQLite.
    """
    if connection.dialect.name != "postgresql":
        return
    login = connection.scalar(sa.text("SELECT current_user"))
    missing = [role for role in ROLES if not _exists(connection, role)]
    by_hand = "; ".join([*(f"CREATE ROLE {role} NOLOGIN" for role in missing), f'GRANT {MIGRATOR} TO "{login}"'])
    for role in missing:
        _attempt(connection, _MAKE.format(role=role), by_hand)
    held = connection.scalar(sa.text("SELECT pg_has_role(CAST(:role AS name), 'MEMBER')"), {"role": MIGRATOR})
    _attempt(connection, f'GRANT {MIGRATOR} TO "{login}"', unless=held)
    schema = connection.scalar(sa.text("SELECT current_schema()"))
    opening = f'GRANT USAGE, CREATE ON SCHEMA "{schema}" TO {MIGRATOR}'
    _attempt(connection, opening, unless=_may_create(connection))
    if not _may_create(connection):  # whoever may not grant it is only warned
        raise _unfit(f"permission denied for schema {schema}", opening)
    for table, owner in connection.execute(_FOREIGN, {"tables": list(tables), "role": MIGRATOR}).all():
        _attempt(connection, f"ALTER TABLE {table} OWNER TO {MIGRATOR}", f"REASSIGN OWNED BY {owner} TO {MIGRATOR}")
    _attempt(connection, f"SET LOCAL ROLE {MIGRATOR}", f'GRANT {MIGRATOR} TO "{login}"')
    connection.execute(sa.text("SELECT set_config(:name, 'migrator', true)"), {"name": SCOPE_SETTING})


#: Roles belong to the whole server: another database's migration may make the same one at this moment.
_MAKE: Final = """
DO $$ BEGIN
    CREATE ROLE {role} NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""
_FOREIGN: Final = sa.text("""
    SELECT relname, pg_get_userbyid(relowner) FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relname = ANY(:tables)
      AND pg_get_userbyid(relowner) <> :role
""")


def _exists(connection: sa.Connection, role: str) -> bool:
    return bool(connection.scalar(sa.text("SELECT count(*) FROM pg_roles WHERE rolname = :role"), {"role": role}))


def _may_create(connection: sa.Connection) -> bool:
    asked = sa.text("SELECT has_schema_privilege(:role, current_schema(), 'CREATE')")
    return bool(connection.scalar(asked, {"role": MIGRATOR}))


def _attempt(connection: sa.Connection, statement: str, remedy: str = "", *, unless: bool = False) -> None:
    """Run a statement, or raise `LoginUnfit` with what somebody who may must run instead."""
    if unless:
        return
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(statement)
    except exc.ProgrammingError as error:
        raise _unfit(str(error.orig).partition("\n")[0], remedy or statement) from error


def _unfit(refusal: str, remedy: str) -> LoginUnfit:
    return LoginUnfit(f"{refusal}. Run as an administrator: {remedy}. {_CHAPTER}")
