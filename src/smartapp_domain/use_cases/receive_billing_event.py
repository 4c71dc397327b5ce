"""Notices of the payment provider: stored once, answered at once, handled by a job that fetches the facts."""

from datetime import datetime

from smartapp_domain.billing import BillingEvent
from smartapp_domain.ids import AccountId, EventId
from smartapp_domain.jobs import JobKind
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import OPERATOR, AccountStore
from smartapp_domain.use_cases.settle_order import apply_subscription, settle_order
from smartapp_domain.use_cases.work import soon


class NotOursYet(Exception):
    """
    Raised when a notice names an order or subscription we do not know.

    The provider may be faster than our own commit, so the worker tries again; what is not ours at all ends in the
    operator's list.
    """


def receive_billing_event(body: bytes, signature: str, *, at: datetime, ports: Ports) -> bool:
    """
    Store a notice and the job that handles it in one commit; raise `UntrustedEvent`, storing nothing.

    `at` is real time. Returns False when the notice was known already.
    """
    event = ports.billing_events.read(body, signature, at)
    with ports.transaction(OPERATOR) as tx:
        fresh = tx.inbox.add(event, body, ports.clock.now())
        if fresh and _matters(event):
            soon(tx, JobKind.HANDLE_BILLING_EVENT, None, event.id, ports)
    return fresh


def handle_billing_event(event_id: EventId, ports: Ports) -> None:
    """Do what a stored notice pokes us to do: look at the order, the subscription, or both."""
    with ports.reading(OPERATOR) as reading:
        event = reading.inbox.get(event_id)
        account_id = _owner(event, reading.accounts)
    if account_id is None:
        raise NotOursYet(f"Notice {event.id} ({event.type}) names no order or subscription of ours.")
    if event.checkout_id is not None and event.order_id is not None:
        settle_order(account_id, event.order_id, ports)
    elif event.subscription_id is not None:
        with ports.reading(account_id) as reading:
            known = reading.subscriptions.get(event.subscription_id) is not None
        if known:  # before its order is fulfilled there is nothing to bring up to date
            apply_subscription(account_id, event.subscription_id, ports)
    with ports.transaction(OPERATOR) as tx:
        tx.inbox.handled(event.id, ports.clock.now())


def _matters(event: BillingEvent) -> bool:
    return event.order_id is not None or event.subscription_id is not None


def _owner(event: BillingEvent, accounts: AccountStore) -> AccountId | None:
    found = accounts.of_order(event.order_id) if event.order_id is not None else None
    if found is None and event.subscription_id is not None:
        found = accounts.of_subscription(event.subscription_id)
    return found
