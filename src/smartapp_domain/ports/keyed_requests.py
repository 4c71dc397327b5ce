"""Where requests with an idempotency key are remembered; what raises what is said in `ports.storage`."""

from datetime import datetime
from typing import Protocol

from smartapp_domain.idempotency import KeyedRequest, RequestKey
from smartapp_domain.ids import AccountId


class KeyedRequestStore(Protocol):
    """Requests of one account, by member, operation and key. Answers are sealed at rest: they show what was said."""

    def get(self, key: RequestKey) -> KeyedRequest | None:
        """Return the request; one whose answer does not open any more comes without it, free to be claimed again."""
        ...

    def put(self, request: KeyedRequest, *, replacing: int) -> None:
        """Store over version `replacing` (0: new); raise `Stale`, writing nothing, if late."""
        ...

    def drop_begun_before(self, at: datetime) -> int:
        """Forget requests first claimed before that moment; return how many."""
        ...

    def accounts_with_begun_before(self, at: datetime) -> tuple[AccountId, ...]:
        """Return which accounts have such requests. Scope: OPERATOR."""
        ...
