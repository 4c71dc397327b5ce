"""Where user-level connections keep what the platform gave them to act later on."""

from datetime import datetime
from typing import Protocol

import attrs

from smartapp_domain.catalog import Module
from smartapp_domain.ids import AccountId


@attrs.frozen
class Tokens:
    """What one connection may act with. Never logged, never stored unsealed."""

    access_token: str = attrs.field(repr=False)
    expires_at: datetime
    refresh_token: str | None = attrs.field(default=None, repr=False)
    version: int = 1


class TokenVault(Protocol):
    """One connection per account and app. Each call is a unit of work of its own, durable when it returns."""

    def load(self, account_id: AccountId, app: Module) -> Tokens | None: ...

    def save(self, account_id: AccountId, app: Module, tokens: Tokens, *, replacing: int) -> None:
        """Store over version `replacing` (0: new); raise `Stale`, writing nothing, if late."""
        ...

    def drop(self, account_id: AccountId, app: Module) -> None:
        """Forget the connection; unknown ones are fine."""
        ...
