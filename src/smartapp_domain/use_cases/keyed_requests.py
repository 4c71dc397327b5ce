"""Doing a request that has an idempotency key once. Times here are real time, like those of sessions."""

from contextlib import suppress
from datetime import datetime

from smartapp_domain.decisions import Refused
from smartapp_domain.idempotency import KEPT_FOR, KeptAnswer, KeyedRequest, RequestKey, claim
from smartapp_domain.ids import AccountId
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import OPERATOR, Stale, StorageUnavailable


def begin(
    account_id: AccountId, key: RequestKey, fingerprint: str, *, at: datetime, ports: Ports
) -> KeyedRequest | KeptAnswer | Refused:
    """Claim the key and return the claim, for whoever does the work now; or return the answer of before, or a no."""
    with ports.transaction(account_id) as tx:
        found = tx.keyed_requests.get(key)
        decision = claim(found, key, fingerprint, ports.ids.fresh(), at=at)
        if isinstance(decision, KeyedRequest):
            tx.keyed_requests.put(decision, replacing=found.version if found else 0)
    return decision


def keep(account_id: AccountId, request: KeyedRequest, ports: Ports) -> bool:
    """Store what came of a claim (`answered`, `given_up`); False when its lease ran out and another holds the key."""
    try:
        with ports.transaction(account_id) as tx:
            tx.keyed_requests.put(request, replacing=request.version - 1)
    except Stale:
        return False
    return True


def forget_old(at: datetime, ports: Ports) -> int:
    """Forget every request whose time is over, return how many; an account that is busy is left for the next time."""
    before = at - KEPT_FOR
    with ports.reading(OPERATOR) as reading:
        accounts = reading.keyed_requests.accounts_with_begun_before(before)
    forgotten = 0
    for account_id in accounts:
        with suppress(StorageUnavailable), ports.transaction(account_id) as tx:
            forgotten += tx.keyed_requests.drop_begun_before(before)
    return forgotten
