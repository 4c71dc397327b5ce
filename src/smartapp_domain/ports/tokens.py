"""Where connections live: what lets us work on the platform while nobody is signed in."""

from typing import Protocol

from smartapp_domain.catalog import Module
from smartapp_domain.connections import Connection
from smartapp_domain.ports.storage import Scope, StorageError


class ConnectionUnreadable(StorageError):
    """
    Raised when a connection's tokens do not open: their key is not among ours, or the row was changed.

    Attributes:
        known: All but the tokens, as none yet, so that whoever has others may store them over this very version.

    """

    def __init__(self, problem: str, known: Connection) -> None:
        super().__init__(problem)
        self.known = known


class TokenVault(Protocol):
    """
    One connection per account and app, and under `OPERATOR` one per app: that of our own service account.

    Each call is a unit of work of its own, durable when it returns, so that others see a claim before the platform
    hears of it. Whoever changes a connection loads it, decides (`smartapp_domain.connections`) and saves; of two that
    do so at once, in whatever process, the second is told.
    """

    def load(self, scope: Scope, app: Module) -> Connection | None:
        """Return the connection as it is stored now; raise `ConnectionUnreadable` when it does not open."""
        ...

    def save(self, scope: Scope, app: Module, connection: Connection, *, replacing: int) -> None:
        """Store over version `replacing` (0: new); raise `Stale`, writing nothing, if late."""
        ...

    def drop(self, scope: Scope, app: Module) -> None:
        """Forget the connection; unknown and unreadable ones are fine."""
        ...
