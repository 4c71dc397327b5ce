"""
What happens by itself as time passes: sessions expire, periods end, invoices finalize, charges are tried again.

Everything due is done in the order of its moments and dated with them, however far the clock was moved at once.
"""

from collections.abc import Callable, Iterator
from typing import Any

import attrs

from smartapp_emulators.stripe import idempotency, invoicing
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.checkout import expire_session, settle_debit
from smartapp_emulators.stripe.creating import INCOMPLETE_S, expire_incomplete
from smartapp_emulators.stripe.drafting import Purpose, draft
from smartapp_emulators.stripe.objects import changed, keep
from smartapp_emulators.stripe.previewing import upcoming
from smartapp_emulators.stripe.renewing import period_ends, start_next_period
from smartapp_emulators.stripe.store import public
from smartapp_emulators.stripe.subscribing import cancel_now
from smartapp_emulators.stripe.updating import expire_pending

Json = dict[str, Any]

_HOUR_S = 3600
_DAY_S = 24 * _HOUR_S
#: How long before a renewal `invoice.upcoming` tells of it.
_NOTICE_S = 7 * _DAY_S
_EVENTS_KEPT_S = 30 * _DAY_S

_RENEWING = frozenset({"active", "past_due", "trialing", "unpaid"})


@attrs.frozen(order=True)
class _Due:
    moment: int
    identifier: str
    act: Callable[[Account, str], None] = attrs.field(order=False)


def catch_up(account: Account) -> None:
    """Do everything that fell due up to the clock's present. Call inside `changing()`."""
    present = account.clock.unix()
    while (first := min(_due(account), default=None)) is not None and first.moment <= present:
        with account.at(first.moment):
            first.act(account, first.identifier)


def tidy(account: Account) -> None:
    """Forget what Stripe forgets: events after thirty days, idempotency keys after one."""
    idempotency.forget_old(account)
    oldest = account.now() - _EVENTS_KEPT_S
    for event in account.store.rows("event"):
        if event["created"] < oldest:
            account.store.remove("event", event["id"])
    for delivery in account.store.rows("_delivery"):
        if account.store.get("event", delivery["event"]) is None:
            account.store.remove("_delivery", delivery["id"])


def _due(account: Account) -> Iterator[_Due]:
    store = account.store
    for session in store.rows("checkout.session"):
        if session["status"] == "open":
            yield _Due(session["expires_at"], session["id"], _expire)
    for invoice in store.rows("invoice"):
        if invoice["status"] == "draft" and invoice["automatically_finalizes_at"] is not None:
            yield _Due(invoice["automatically_finalizes_at"], invoice["id"], _bill)
        elif invoice["status"] == "open" and invoice.get("_settles_at") is not None:
            yield _Due(invoice["_settles_at"], invoice["id"], settle_debit)
        elif invoice["status"] == "open" and invoice["next_payment_attempt"] is not None:
            yield _Due(invoice["next_payment_attempt"], invoice["id"], _try)
    for subscription in store.rows("subscription"):
        if subscription["status"] == "incomplete":
            yield _Due(subscription["created"] + INCOMPLETE_S, subscription["id"], expire_incomplete)
        if subscription["status"] in _RENEWING:
            yield from _of_subscription(subscription)


def _of_subscription(subscription: Json) -> Iterator[_Due]:
    ends = period_ends(subscription)
    yield _Due(ends, subscription["id"], _renew)
    if subscription["pending_update"]:
        yield _Due(subscription["pending_update"]["expires_at"], subscription["id"], expire_pending)
    told = subscription.get("_told_until") == ends
    if not told and not subscription["cancel_at_period_end"] and subscription["status"] != "unpaid":
        starts = min(item["current_period_start"] for item in subscription["items"]["data"])
        yield _Due(max(ends - _NOTICE_S, starts), subscription["id"], _announce)


def _expire(account: Account, identifier: str) -> None:
    expire_session(account, identifier)


def _announce(account: Account, identifier: str) -> None:
    """Tell what the next renewal will cost; the invoice shown does not exist yet."""
    subscription = account.find("subscription", identifier)
    account.store.put("subscription", subscription | {"_told_until": period_ends(subscription)})
    account.emit("invoice.upcoming", upcoming(account, subscription))


def _renew(account: Account, identifier: str) -> None:
    """End a period: end the subscription with it, or begin the next and draft its invoice."""
    subscription = account.find("subscription", identifier)
    if subscription["pending_update"]:
        expire_pending(account, identifier)
        subscription = account.find("subscription", identifier)
    if subscription["cancel_at_period_end"]:
        cancel_now(account, identifier, reason="cancellation_requested")
        return
    before = public(subscription)
    ends = period_ends(subscription)
    lines = start_next_period(account, subscription)
    # An unpaid subscription goes on being invoiced, but nobody tries to collect: the drafts wait for a decision.
    finalizes_at = None if subscription["status"] == "unpaid" else ends + _HOUR_S
    draft(account, subscription, lines, Purpose("subscription_cycle", finalizes_at))
    keep(account, "subscription", subscription, "customer.subscription.updated", changed(before, subscription))


def _bill(account: Account, identifier: str) -> None:
    invoice = invoicing.finalize(account, identifier)
    if invoice["status"] == "open":
        _try(account, identifier)


def _try(account: Account, identifier: str) -> None:
    invoice = account.find("invoice", identifier)
    method = invoicing.method_for(account, invoice)
    if method is None:
        invoicing.miss(account, identifier, "generic_decline")
        return
    invoicing.charge(account, identifier, method, invoicing.verdict_for(account, method))
