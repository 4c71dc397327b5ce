"""The `Storage` and `TokenVault` ports on SQLite and PostgreSQL."""

from smartapp_adapters.storage.doors import OutOfReach
from smartapp_adapters.storage.inspection import Inspection
from smartapp_adapters.storage.migrations import DatabaseNewer
from smartapp_adapters.storage.roles import LoginUnfit
from smartapp_adapters.storage.sealing import KEY_BYTES, Keys, SealBroken
from smartapp_adapters.storage.tokens import SqlTokenVault
from smartapp_adapters.storage.transactions import SqlStorage, make_storage, migrate

__all__ = [
    "KEY_BYTES",
    "DatabaseNewer",
    "Inspection",
    "Keys",
    "LoginUnfit",
    "OutOfReach",
    "SealBroken",
    "SqlStorage",
    "SqlTokenVault",
    "make_storage",
    "migrate",
]
