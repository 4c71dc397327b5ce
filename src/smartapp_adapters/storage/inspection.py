"""Looking at a database without changing it: for whoever must find out why something does not work."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Final

import attrs
import sqlalchemy as sa

from smartapp_adapters.storage.columns import Moment
from smartapp_adapters.storage.doors import Database, open_door
from smartapp_adapters.storage.migrations import is_newest
from smartapp_adapters.storage.resealing import SEALED
from smartapp_adapters.storage.roles import APP
from smartapp_adapters.storage.roles import OPERATOR as OPERATOR_ROLE
from smartapp_adapters.storage.row_security import holes
from smartapp_adapters.storage.scoping import AcrossAccounts, OperatorRows
from smartapp_adapters.storage.sealing import Keys, SealBroken, Sealed, unseal
from smartapp_adapters.storage.tables import KINDS, Kind, jobs
from smartapp_domain.jobs import JobKind, JobState
from smartapp_domain.ports.storage import OPERATOR

_MAY_SHADOW: Final = sa.text("""
    SELECT quote_ident(current_user), quote_ident(current_database()),
           has_database_privilege(current_database(), 'TEMPORARY')
""")


@attrs.frozen
class Queue:
    """
    The job table at one moment.

    Attributes:
        overdue: Jobs that are free and were due before the moment asked for, `oldest` the first of them.
        failed: Jobs that wait for a person.
        next_pulse: When the pulse is due next; None when no worker ever ran here.

    """

    overdue: int
    oldest: datetime | None
    failed: int
    next_pulse: datetime | None


@attrs.frozen
class Inspection:
    """Every method raises `StorageUnavailable` when the database does not answer."""

    database: Database
    keys: Keys

    def is_newest(self) -> bool:
        """Tell whether the database has the form this version needs."""
        with open_door(self.database, OPERATOR, writing=False) as door:
            return is_newest(door.connection)

    def time(self) -> datetime | None:
        """Return what time a database server has; None for SQLite, which has this machine's."""
        with open_door(self.database, OPERATOR, writing=False) as door:
            if door.connection.dialect.name == "sqlite":
                return None
            now: datetime = door.run(sa.select(sa.type_coerce(sa.func.clock_timestamp(), Moment))).scalar_one()
            return now

    def unguarded(self) -> tuple[str, ...]:
        """Return a sentence for each hole in row-level security; SQLite has none to have holes in."""
        if self.database.engine.dialect.name == "sqlite":
            return ()
        return tuple(self._holes())

    def _holes(self) -> Iterator[str]:
        guarded = [name for name, kind in KINDS.items() if kind is not Kind.PUBLIC]
        with self.database.engine.connect() as connection:
            yield from (hole.says for hole in holes(connection))
            # Nothing was said about whose rows are meant, so none may be there.
            connection.rollback()
            yield from (f"{table} shows rows to whoever names no account." for table in self._open(connection, guarded))

    def _open(self, connection: sa.Connection, tables: list[str]) -> Iterator[str]:
        for table in tables:
            if KINDS[table] is not Kind.ACCOUNT:
                continue
            may_look = connection.scalar(sa.select(sa.func.has_table_privilege(table, "SELECT")))
            if may_look and connection.scalar(
                sa.select(sa.exists(sa.select(sa.literal(1)).select_from(sa.table(table))))
            ):
                yield table

    def shadows(self) -> str | None:
        """Return the statement that takes the right to make temporary tables from our logins; None if none has it."""
        if self.database.engine.dialect.name == "sqlite":
            return None
        logins = []
        for engine in (self.database.engine, self.database.operator_engine):
            with engine.connect() as connection:
                login, database, may = connection.execute(_MAY_SHADOW).one()
            if may:
                logins.append(login)
        return (
            f"REVOKE TEMPORARY ON DATABASE {database} FROM {', '.join(('PUBLIC', APP, OPERATOR_ROLE, *logins))}"
            if logins
            else None
        )

    def queue(self, *, overdue_since: datetime) -> Queue:
        """Return how the work stands; a job counts as overdue when it was due before that moment and nobody has it."""
        waits = jobs.c.state == JobState.WAITING.value
        free = sa.or_(jobs.c.leased_until.is_(None), jobs.c.leased_until <= overdue_since)
        with open_door(self.database, OPERATOR, writing=False) as door:
            rows = OperatorRows(door, jobs)
            number, oldest = sa.func.count().label("number"), sa.func.min(jobs.c.due_at).label("oldest")
            late = rows.all(rows.select(number, oldest).where(waits, jobs.c.due_at <= overdue_since, free))[0]
            failed = rows.all(rows.select(number).where(jobs.c.state == JobState.FAILED.value))[0]
            pulse = rows.first(rows.select(jobs.c.due_at).where(waits, jobs.c.kind == JobKind.PULSE.value))
        return Queue(late.number, late.oldest, failed.number, pulse.due_at if pulse else None)

    def unopened(self) -> Counter[str]:
        """Return the ids of given keys that do not open what names them, with how many of a few rows tried."""
        found: Counter[str] = Counter()
        with open_door(self.database, OPERATOR, writing=False) as door:
            for each in SEALED:
                of_account = KINDS[each.table.name] is Kind.ACCOUNT
                rows = AcrossAccounts(door, each.table) if of_account else OperatorRows(door, each.table)
                for key_id in self.keys.by_id:
                    asked = rows.select().where(each.column.is_not(None), each.table.c.key_id == key_id).limit(3)
                    for row in rows.all(asked):
                        try:
                            sealed = Sealed(key_id, getattr(row, each.column.name))
                            unseal(sealed, self.keys, about=each.about(row))
                        except SealBroken:
                            found[key_id] += 1
        return found
