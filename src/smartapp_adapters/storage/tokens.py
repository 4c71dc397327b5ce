"""Where connections keep their tokens: sealed, bound to the account and the connection."""

import json
from typing import Any

import attrs
import sqlalchemy as sa

from smartapp_adapters.storage.doors import Database, open_door
from smartapp_adapters.storage.scoping import AccountRows, Door, OperatorRows
from smartapp_adapters.storage.sealing import Keys, SealBroken, Sealed, seal, unseal
from smartapp_adapters.storage.tables import connections, service_connections
from smartapp_domain.catalog import Module
from smartapp_domain.connections import Connection, ConnectionState, Tokens
from smartapp_domain.ports.storage import OPERATOR, Scope
from smartapp_domain.ports.tokens import ConnectionUnreadable
from smartapp_domain.wire import from_plain, to_plain


class SqlTokenVault:
    """The `TokenVault` port; takes the database of a `SqlStorage`."""

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database = database
        self._keys = keys

    def load(self, scope: Scope, app: Module) -> Connection | None:
        with open_door(self._database, scope, writing=False) as door:
            rows = _rows(door)
            row = rows.first(rows.select().where(rows.table.c.app == app.value))
        return None if row is None else self._opened(row, scope, app)

    def save(self, scope: Scope, app: Module, connection: Connection, *, replacing: int) -> None:
        # Sealed anew with every change, so that a new key also spreads by itself.
        sealed = seal(json.dumps(to_plain(connection.tokens)).encode(), self._keys, about=about(scope, app))
        columns = {
            "sealed_tokens": sealed.text,
            "key_id": sealed.key_id,
            "version": connection.version,
            "state": connection.state.value,
            "fence": connection.fence,
            "leased_until": connection.leased_until,
            "not_before": connection.not_before,
            "changed_at": connection.changed_at,
        }
        with open_door(self._database, scope, writing=True) as door:
            _rows(door).put("connection", {"app": app.value}, columns, replacing=replacing)

    def drop(self, scope: Scope, app: Module) -> None:
        with open_door(self._database, scope, writing=True) as door:
            rows = _rows(door)
            rows.delete(rows.table.c.app == app.value)

    def _opened(self, row: sa.Row[Any], scope: Scope, app: Module) -> Connection:
        known = attrs.evolve(
            Connection.none_yet(),
            changed_at=row.changed_at,
            version=row.version,
            state=ConnectionState(row.state),
            fence=row.fence,
            leased_until=row.leased_until,
            not_before=row.not_before,
        )
        try:
            text = unseal(Sealed(row.key_id, row.sealed_tokens), self._keys, about=about(scope, app))
        except SealBroken as error:
            raise ConnectionUnreadable(str(error), known) from error
        return attrs.evolve(known, tokens=from_plain(Tokens, json.loads(text)))


def about(scope: Scope, app: Module) -> tuple[str, ...]:
    """Return what a connection's tokens are sealed for."""
    return ("service_connections", app.value) if scope is OPERATOR else ("connections", scope, app.value)


def _rows(door: Door) -> AccountRows | OperatorRows:
    return OperatorRows(door, service_connections) if door.scope is OPERATOR else AccountRows(door, connections)
