"""
Who may touch which rows, in one place.

Stores never write a statement of their own from nothing: they start from `AccountRows` or `OperatorRows`, which put the
account into every statement, or from `Door.own` in a join. On PostgreSQL row-level security repeats the same rule.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, Protocol, TypeVar

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from smartapp_adapters.storage.row_security import JOB_SETTING
from smartapp_adapters.storage.tables import KINDS, Kind
from smartapp_domain.ids import AccountId, JobId
from smartapp_domain.ports.storage import OPERATOR, OutOfScope, Scope, Stale

Values = Mapping[str, Any]
_INSERTS: Final[Mapping[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@cache
def _insert_if_free(dialect: str, table: sa.Table) -> sa.Insert:
    """Return the statement that adds one row or nothing; made once, because making it costs more than running it."""
    statement: sa.Insert = _INSERTS[dialect](table).on_conflict_do_nothing()
    return statement.execution_options(preserve_rowcount=True)


@attrs.define
class Door:
    """An open unit of work: on which connection, for which scope, and whether it may write."""

    connection: sa.Connection
    scope: Scope
    may_write: bool
    woken: list[JobId] = attrs.field(factory=list)

    @property
    def account_id(self) -> AccountId:
        if self.scope is OPERATOR:
            raise OutOfScope("This store belongs to an account; open a door with the account's id.")
        return self.scope

    def operator(self) -> None:
        if self.scope is not OPERATOR:
            raise OutOfScope("This store belongs to no account; open a door with OPERATOR.")

    def writing(self) -> None:
        if not self.may_write:
            raise OutOfScope("This door only reads; use `transaction` to write.")

    def holds(self, account_id: AccountId) -> None:
        """Raise `OutOfScope` when a value belongs to another account than the door."""
        if account_id != self.account_id:
            raise OutOfScope("The value belongs to another account than the door.")

    def own(self, table: sa.Table) -> sa.ColumnElement[bool]:
        """Return the condition every statement carries for every account table in it."""
        return table.c.account_id == self.account_id

    def see(self, job_id: JobId) -> None:
        """Let row-level security show this job, though it belongs to no account, until the transaction ends."""
        if self.connection.dialect.name == "postgresql":
            self.run(sa.select(sa.func.set_config(JOB_SETTING, job_id, sa.true())))

    def run(self, statement: sa.Executable, rows: Sequence[Values] | Values | None = None) -> sa.CursorResult[Any]:
        """Run a statement: once, with the values of its bound parameters, if any, or for each of several rows."""
        return self.connection.execute(statement, rows)


#: Statements of so many accounts are kept.
_ACCOUNTS_KEPT: Final = 1_000
T = TypeVar("T")


def kept_per_account(make: Callable[[Door], T]) -> Callable[[Door], T]:
    """
    Return a maker of statements that makes them once per account: making some costs more than running them.

    What is made holds the account itself, as every statement does, and must hold nothing else of the door.
    """
    kept: dict[tuple[type[Door], AccountId], T] = {}

    def of(door: Door) -> T:
        key = (type(door), door.account_id)
        found = kept.get(key)
        if found is None:
            if len(kept) >= _ACCOUNTS_KEPT:
                kept.clear()
            found = kept[key] = make(door)
        return found

    return of


class Versioned(Protocol):
    @property
    def version(self) -> int: ...


class _Rows:
    """Statements on one table, limited to what the door may touch."""

    def __init__(self, door: Door, table: sa.Table) -> None:
        self.door = door
        self.table = table

    def _limits(self) -> tuple[sa.ColumnElement[bool], ...]:
        raise NotImplementedError

    def _owned(self, values: Values) -> dict[str, Any]:
        raise NotImplementedError

    def select(self, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
        return sa.select(*(columns or (self.table,))).where(*self._limits())

    def all(self, statement: sa.Select[Any], values: Values | None = None) -> Sequence[sa.Row[Any]]:
        return self.door.run(statement, values).all()

    def first(self, statement: sa.Select[Any]) -> sa.Row[Any] | None:
        return self.door.run(statement).first()

    def update(self, values: Values, *where: sa.ColumnElement[bool]) -> int:
        """Change the rows that match; return how many."""
        self.door.writing()
        return self.door.run(sa.update(self.table).where(*self._limits(), *where).values(**values)).rowcount

    def delete(self, *where: sa.ColumnElement[bool]) -> int:
        self.door.writing()
        return self.door.run(sa.delete(self.table).where(*self._limits(), *where)).rowcount

    def insert(self, values: Values) -> bool:
        """Add a row; False, with the transaction still usable, when a unique place is taken."""
        self.door.writing()
        statement = _insert_if_free(self.door.connection.dialect.name, self.table)
        return self.door.connection.execute(statement, self._owned(values)).rowcount == 1

    def upsert(self, rows: Iterable[Values], *, replace: Iterable[str]) -> None:
        """Add rows; where the primary key is taken, replace these columns."""
        self.door.writing()
        owned = [self._owned(row) for row in rows]
        if not owned:
            return
        statement = self._insert()
        columns = {name: statement.excluded[name] for name in replace}
        self.door.run(statement.on_conflict_do_update(index_elements=list(self.table.primary_key), set_=columns), owned)

    def put(self, what: str, key: Values, values: Values, *, replacing: int) -> None:
        """Store a versioned row by compare-and-set, or raise `Stale`."""
        self.door.writing()
        fits = values["version"] > replacing
        if fits and replacing == 0:
            fits = self.insert({**key, **values})
        elif fits:
            where = [self.table.c[name] == value for name, value in key.items()]
            fits = self.update(values, *where, self.table.c.version == replacing) == 1
        if not fits:
            raise Stale(what, "/".join(key.values()) or str(self.door.scope))

    def _insert(self) -> Any:
        return _INSERTS[self.door.connection.dialect.name](self.table)


class AccountRows(_Rows):
    """The rows of an account table that belong to the door's account; no other row can be reached through it."""

    def __init__(self, door: Door, table: sa.Table) -> None:
        assert KINDS[table.name] is Kind.ACCOUNT
        super().__init__(door, table)

    def _limits(self) -> tuple[sa.ColumnElement[bool], ...]:
        return (self.door.own(self.table),)

    def _owned(self, values: Values) -> dict[str, Any]:
        return {**values, "account_id": self.door.account_id}

    def fitting(self, what: str, key: str, new: Versioned, replacing: int) -> None:
        """Raise `Stale` unless `new` may replace what is stored; for stores that check more before they write."""
        column = next(c for c in self.table.primary_key if c.name != "account_id")
        stored = self.first(self.select(self.table.c.version).where(column == key))
        if (stored.version if stored else 0) != replacing or new.version <= replacing:
            raise Stale(what, key)


class OperatorRows(_Rows):
    """The rows of an operator table; an account's door leads to none of them."""

    def __init__(self, door: Door, table: sa.Table) -> None:
        assert KINDS[table.name] is Kind.OPERATOR
        super().__init__(door, table)

    def _limits(self) -> tuple[sa.ColumnElement[bool], ...]:
        self.door.operator()
        return ()

    def _owned(self, values: Values) -> dict[str, Any]:
        self.door.operator()
        return dict(values)


class AcrossAccounts(OperatorRows):
    """
    An account table as the operator meets it: to find whose something is, and to open an account.

    Nothing else is granted to the operator on PostgreSQL; what changes an account's rows opens that account's door.
    """

    def __init__(self, door: Door, table: sa.Table) -> None:
        assert KINDS[table.name] is Kind.ACCOUNT
        _Rows.__init__(self, door, table)
