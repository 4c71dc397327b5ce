"""Where user-level connections keep their tokens: sealed, bound to the account and the connection."""

import json

import sqlalchemy as sa

from smartapp_adapters.storage.doors import open_door
from smartapp_adapters.storage.scoping import AccountRows
from smartapp_adapters.storage.sealing import Keys, Sealed, seal, unseal
from smartapp_adapters.storage.tables import connections
from smartapp_domain.catalog import Module
from smartapp_domain.ids import AccountId
from smartapp_domain.ports.tokens import Tokens
from smartapp_domain.wire import from_plain, to_plain


class SqlTokenVault:
    """The `TokenVault` port; takes the engine of a `SqlStorage`."""

    def __init__(self, engine: sa.Engine, keys: Keys) -> None:
        self._engine = engine
        self._keys = keys

    def load(self, account_id: AccountId, app: Module) -> Tokens | None:
        with open_door(self._engine, account_id, writing=False) as door:
            rows = AccountRows(door, connections)
            row = rows.first(rows.select().where(connections.c.app == app.value))
        if row is None:
            return None
        opened = unseal(Sealed(row.key_id, row.sealed_tokens), self._keys, about=_about(account_id, app))
        return from_plain(Tokens, json.loads(opened))

    def save(self, account_id: AccountId, app: Module, tokens: Tokens, *, replacing: int) -> None:
        sealed = seal(json.dumps(to_plain(tokens)).encode(), self._keys, about=_about(account_id, app))
        columns = {"sealed_tokens": sealed.text, "key_id": sealed.key_id, "version": tokens.version}
        with open_door(self._engine, account_id, writing=True) as door:
            rows = AccountRows(door, connections)
            rows.put("connection", {"app": app.value}, columns, replacing=replacing)

    def drop(self, account_id: AccountId, app: Module) -> None:
        with open_door(self._engine, account_id, writing=True) as door:
            AccountRows(door, connections).delete(connections.c.app == app.value)


def _about(account_id: AccountId, app: Module) -> tuple[str, ...]:
    return ("connections", account_id, app.value)
