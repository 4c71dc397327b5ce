"""The `Storage` and `TokenVault` ports on SQLite and PostgreSQL."""

from smartapp_adapters.storage.sealing import KEY_BYTES, Keys, SealBroken
from smartapp_adapters.storage.tokens import SqlTokenVault
from smartapp_adapters.storage.transactions import SqlStorage, make_storage, migrate

__all__ = ["KEY_BYTES", "Keys", "SealBroken", "SqlStorage", "SqlTokenVault", "make_storage", "migrate"]
