"""The forms the database has had, and bringing it to the newest one."""

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import InsufficientPrivilege
from sqlalchemy.exc import ProgrammingError

#: Whoever migrates PostgreSQL holds this lock; SQLite's writer lock does the same there.
_LOCK_NUMBER: Final = 7_305_829_164


def migrate_engine(engine: sa.Engine) -> None:
    """Apply what is missing, all of it or nothing. A second process waits, then finds nothing to do."""
    with engine.begin() as connection:  # on SQLite this takes the writer lock
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_NUMBER)))
        command.upgrade(alembic_config(connection), "head")


def is_newest(connection: sa.Connection) -> bool:
    """Return whether the database has the form this version needs."""
    try:
        found = MigrationContext.configure(connection).get_current_heads()
    except ProgrammingError as error:
        if isinstance(error.orig, InsufficientPrivilege):  # that of an earlier version, which granted nothing
            return False
        raise
    return set(found) == set(ScriptDirectory.from_config(_config()).get_heads())


def alembic_config(connection: sa.Connection) -> Config:
    config = _config()
    config.attributes["connection"] = connection
    return config


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
