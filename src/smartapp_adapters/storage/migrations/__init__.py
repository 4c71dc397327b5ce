"""The forms the database has had, and bringing it to the newest one."""

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

#: Whoever migrates PostgreSQL holds this lock; SQLite's writer lock does the same there.
_LOCK_NUMBER: Final = 7_305_829_164


def migrate_engine(engine: sa.Engine) -> None:
    """Apply what is missing, all of it or nothing. A second process waits, then finds nothing to do."""
    with engine.begin() as connection:  # on SQLite this takes the writer lock
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_NUMBER)))
        command.upgrade(alembic_config(connection), "head")


def alembic_config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
