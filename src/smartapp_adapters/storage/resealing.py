"""
Giving stored secrets a new key while everything runs.

Rows are read, opened and sealed anew in small batches; a row that somebody changed meanwhile is left alone, because
they sealed it themselves. A new column with sealed secrets belongs into `SEALED`, or its old key can never go.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

import attrs
import sqlalchemy as sa

from smartapp_adapters.storage import keyed_requests, sessions, tokens
from smartapp_adapters.storage.doors import Database, open_door
from smartapp_adapters.storage.scoping import AccountRows, AcrossAccounts, Door, OperatorRows
from smartapp_adapters.storage.sealing import Keys, SealBroken, Sealed, seal, unseal
from smartapp_adapters.storage.tables import KINDS, Kind
from smartapp_adapters.storage.tables import connections as connections_table
from smartapp_adapters.storage.tables import keyed_requests as keyed_table
from smartapp_adapters.storage.tables import service_connections as service_table
from smartapp_adapters.storage.tables import sessions as sessions_table
from smartapp_domain.catalog import Module
from smartapp_domain.ids import AccountId
from smartapp_domain.ports.storage import OPERATOR

#: Rows per transaction: on SQLite everybody else waits for it.
BATCH: Final = 100


@attrs.frozen
class _SealedColumn:
    """One column of sealed secrets; `about` says what a row's secret was sealed for."""

    column: sa.Column[Any]
    about: Callable[[Any], tuple[str, ...]]

    @property
    def table(self) -> sa.Table:
        assert isinstance(self.column.table, sa.Table)
        return self.column.table

    @property
    def order(self) -> sa.Column[Any]:
        """Return the key by which rows of one scope are told apart."""
        return next(each for each in self.table.primary_key if each.name != "account_id")


SEALED: Final = (
    _SealedColumn(connections_table.c.sealed_tokens, lambda row: tokens.about(row.account_id, Module(row.app))),
    _SealedColumn(service_table.c.sealed_tokens, lambda row: tokens.about(OPERATOR, Module(row.app))),
    _SealedColumn(keyed_table.c.sealed_answer, lambda row: keyed_requests.about(row.account_id, row.id)),
    _SealedColumn(sessions_table.c.sealed_grant, lambda row: sessions.about(row.id)),
)


@attrs.frozen
class Resealed:
    """What one batch came to; `unreadable` counts rows by the id of the key they would need."""

    sealed: int
    unreadable: Counter[str]


@attrs.frozen
class Seals:
    """The sealed secrets of a database, by key."""

    database: Database
    keys: Keys

    def counted(self) -> dict[str, Counter[str]]:
        """Return, for each key id that is given or used, how many rows of each table are sealed with it."""
        found: dict[str, Counter[str]] = {id: Counter() for id in self.keys.by_id}
        with open_door(self.database, OPERATOR, writing=False) as door:
            for each in SEALED:
                rows, key_id = _everybodys(door, each.table), each.table.c.key_id
                asked = (
                    rows.select(key_id, sa.func.count().label("held")).where(each.column.is_not(None)).group_by(key_id)
                )
                for row in rows.all(asked):
                    found.setdefault(row.key_id, Counter())[each.table.name] += row.held
        return found

    def resealed(self, *, batch: int = BATCH) -> Iterator[Resealed]:
        """Seal with the current key what another one holds, a batch at each step; may be stopped and repeated."""
        for each in SEALED:
            if KINDS[each.table.name] is Kind.ACCOUNT:
                for account_id in self._accounts(each):
                    yield from self._in_scope(each, account_id, batch)
            else:
                yield from self._in_scope(each, OPERATOR, batch)

    def _accounts(self, sealed: _SealedColumn) -> list[AccountId]:
        column = sealed.table.c.account_id
        with open_door(self.database, OPERATOR, writing=False) as door:
            rows = _everybodys(door, sealed.table)
            return [
                row[0] for row in rows.all(rows.select(column).where(*self._due(sealed)).distinct().order_by(column))
            ]

    def _in_scope(self, sealed: _SealedColumn, scope: Any, batch: int) -> Iterator[Resealed]:
        after = ""
        while True:
            with open_door(self.database, scope, writing=True) as door:
                rows = _own(door, sealed.table)
                due = rows.select().where(*self._due(sealed), sealed.order > after).order_by(sealed.order).limit(batch)
                found = rows.all(due)
                done = self._seal_anew(sealed, rows, found)
            if not found:
                return
            yield done
            after = getattr(found[-1], sealed.order.name)

    def _seal_anew(self, sealed: _SealedColumn, rows: "AccountRows | OperatorRows", found: Any) -> Resealed:
        count, unreadable = 0, Counter[str]()
        for row in found:
            old = getattr(row, sealed.column.name)
            about = sealed.about(row)
            try:
                secret = unseal(Sealed(row.key_id, old), self.keys, about=about)
            except SealBroken:
                unreadable[row.key_id] += 1
                continue
            fresh = seal(secret, self.keys, about=about)
            # The old text is the version: no two are alike, so nobody's change can be missed.
            where = (sealed.order == getattr(row, sealed.order.name), sealed.column == old)
            count += rows.update({sealed.column.name: fresh.text, "key_id": fresh.key_id}, *where)
        return Resealed(count, unreadable)

    def _due(self, sealed: _SealedColumn) -> tuple[sa.ColumnElement[bool], ...]:
        return sealed.column.is_not(None), sealed.table.c.key_id != self.keys.current_id


def _everybodys(door: Door, table: sa.Table) -> OperatorRows:
    return AcrossAccounts(door, table) if KINDS[table.name] is Kind.ACCOUNT else OperatorRows(door, table)


def _own(door: Door, table: sa.Table) -> "AccountRows | OperatorRows":
    return AccountRows(door, table) if KINDS[table.name] is Kind.ACCOUNT else OperatorRows(door, table)
