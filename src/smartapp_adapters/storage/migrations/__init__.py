"""The forms the database has had, and bringing it to the newest one."""

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from alembic.util import CommandError
from psycopg.errors import InsufficientPrivilege, LockNotAvailable
from sqlalchemy.exc import OperationalError, ProgrammingError

from smartapp_adapters.storage.row_security import mend
from smartapp_domain.ports.storage import StorageUnavailable

_IN_USE: Final = (
    "A table that has to change is in use by somebody who does not let go of it. Nothing was changed: run "
    "`smartapp migrate` again, with the web and the workers stopped if need be."
)


class DatabaseNewer(StorageUnavailable):
    """The database has a form that only a newer version knows."""

    def __init__(self) -> None:
        super().__init__("The database is of a newer version. Install that version, or restore the back-up.")


#: As long as the address, the login or the server says, else ten seconds.
_PATIENT: Final = sa.text(
    "SELECT set_config('lock_timeout', coalesce(nullif(current_setting('lock_timeout'), '0'), '10s'), true)"
)
#: Whoever migrates PostgreSQL holds this lock; SQLite's writer lock does the same there.
_LOCK_NUMBER: Final = 7_305_829_164


def migrate_engine(engine: sa.Engine) -> None:
    """Apply what is missing, all of it or nothing. A second process waits, then finds nothing to do."""
    try:
        with engine.begin() as connection:  # on SQLite this takes the writer lock
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_NUMBER)))
                # Who waits for a table holds up everybody who comes after.
                connection.execute(_PATIENT)
            command.upgrade(alembic_config(connection), "head")
            mend(connection)  # still the migrator, as `env.py` left it
    except CommandError as error:
        if isinstance(error.__cause__, ResolutionError):
            raise DatabaseNewer from error
        raise
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise StorageUnavailable(_IN_USE) from error
        raise


def is_newest(connection: sa.Connection) -> bool:
    """Return whether the database has the form this version needs; raise `DatabaseNewer` when it is past that."""
    try:
        found = MigrationContext.configure(connection).get_current_heads()
    except ProgrammingError as error:
        if isinstance(error.orig, InsufficientPrivilege):  # that of an earlier version, which granted nothing
            return False
        raise
    known = ScriptDirectory.from_config(_config())
    if not set(found) <= {each.revision for each in known.walk_revisions()}:
        raise DatabaseNewer
    return set(found) == set(known.get_heads())


def alembic_config(connection: sa.Connection) -> Config:
    config = _config()
    config.attributes["connection"] = connection
    return config


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
