"""Notices of the payment provider: stored once, answered at once, handled by a job that fetches the facts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import attrs

from smartapp_domain.billing import BillingEvent
from smartapp_domain.ids import AccountId, EventId, OrderId, SubscriptionId
from smartapp_domain.jobs import JobKind
from smartapp_domain.ports import Ports
from smartapp_domain.ports.payments import UntrustedEvent
from smartapp_domain.ports.storage import OPERATOR, AccountStore, NotFound, Transaction
from smartapp_domain.use_cases.apply_subscription import apply_subscription
from smartapp_domain.use_cases.end_unpaid import end_unpaid, is_left_over
from smartapp_domain.use_cases.settle_order import settle_order
from smartapp_domain.use_cases.work import soon

#: How long after an order was placed a notice about its subscription may be about it, though it was closed.
CLOSED_LATELY: Final = timedelta(days=1)


#: The provider may be faster than our own commit. After this the commit has been made, or never will be.
OURS_BY_THEN: Final = timedelta(minutes=5)


class NotOursYet(Exception):
    """
    Raised when a notice names an order or subscription we do not know.

    The provider may be faster than our own commit, so the worker tries again. What says that it is about an account of
    ours ends in the operator's list; anything else is about a neighbor at the provider, and is done with.
    """


@attrs.frozen
class _Named:
    """What of ours a notice names; an order of another account than its subscription's is none of ours."""

    account_id: AccountId
    order_id: OrderId | None


@attrs.frozen
class SignedNotice:
    """A notice as it came: raw bytes, and the signature over them."""

    body: bytes = attrs.field(repr=False)
    signature: str = attrs.field(repr=False)


def receive_billing_event(notice: SignedNotice, *, at: datetime, ports: Ports) -> bool:
    """
    Store a notice and the job that handles it in one commit; raise `UntrustedEvent`, storing nothing.

    `at` is real time. Returns False when the notice was known already.
    """
    (outcome,) = receive_billing_events([notice], at=at, ports=ports)
    if isinstance(outcome, UntrustedEvent):
        raise outcome
    return outcome


def receive_billing_events(
    notices: Sequence[SignedNotice], *, at: datetime, ports: Ports
) -> tuple[bool | UntrustedEvent, ...]:
    """
    Store several notices with their jobs in one commit; those that cannot be trusted are left out and returned as such.

    Says for each, in order, whether it was new.
    """
    read = [_read(notice, at, ports) for notice in notices]
    if all(isinstance(event, UntrustedEvent) for event in read):
        return tuple(event for event in read if isinstance(event, UntrustedEvent))
    with ports.transaction(OPERATOR) as tx:
        return tuple(
            event if isinstance(event, UntrustedEvent) else _store(tx, event, notice.body, ports)
            for event, notice in zip(read, notices, strict=True)
        )


def _read(notice: SignedNotice, at: datetime, ports: Ports) -> BillingEvent | UntrustedEvent:
    try:
        return ports.billing_events.read(notice.body, notice.signature, at)
    except UntrustedEvent as refused:
        return refused


def _store(tx: Transaction, event: BillingEvent, body: bytes, ports: Ports) -> bool:
    fresh = tx.inbox.add(event, body, ports.clock.now())
    if fresh and _matters(event):
        soon(tx, JobKind.HANDLE_BILLING_EVENT, None, event.id, ports)
    return fresh


def handle_billing_event(event_id: EventId, ports: Ports) -> None:
    """Do what a stored notice pokes us to do: look at the order, the subscription, or both."""
    with ports.reading(OPERATOR) as reading:
        event = reading.inbox.get(event_id)
        named = _named(event, reading.accounts)
        is_ours = named is not None or _names_an_account(event, reading.accounts)
    if named is not None:
        _act_on(event, named, ports)
    elif is_ours or ports.clock.now() - event.created_at < OURS_BY_THEN:
        raise NotOursYet(f"Notice {event.id} ({event.type}) names no order or subscription of ours.")
    with ports.transaction(OPERATOR) as tx:
        tx.inbox.handled(event.id, ports.clock.now())


def _act_on(event: BillingEvent, named: _Named, ports: Ports) -> None:
    if event.checkout_id is not None and named.order_id is not None:
        settle_order(named.account_id, named.order_id, ports)
    elif event.subscription_id is not None:
        _look_at(named.account_id, event.subscription_id, named.order_id, ports)


def _look_at(account_id: AccountId, subscription_id: SubscriptionId, order_id: OrderId | None, ports: Ports) -> None:
    with ports.reading(account_id) as reading:
        known = reading.subscriptions.get(subscription_id) is not None
        began = reading.orders.get(order_id) if order_id is not None else None
        adding = [each for each in reading.orders.open() if each.adds_to(subscription_id)]
        # A charge that came through after its order was given up is news as well: of money taken for nothing.
        closed = reading.orders.closed_extensions(subscription_id, ports.clock.now() - CLOSED_LATELY)
    if known:
        apply_subscription(account_id, subscription_id, ports)
    elif began is not None and is_left_over(began):  # else there is nothing to bring up to date before it is fulfilled
        end_unpaid(account_id, subscription_id, ports)
    for order in (*adding, *closed):
        settle_order(account_id, order.id, ports)


def _matters(event: BillingEvent) -> bool:
    return event.order_id is not None or event.subscription_id is not None


def _named(event: BillingEvent, accounts: AccountStore) -> _Named | None:
    by_order = accounts.of_order(event.order_id) if event.order_id is not None else None
    by_subscription = accounts.of_subscription(event.subscription_id) if event.subscription_id is not None else None
    account_id = by_subscription or by_order
    if account_id is None:
        return None
    return _Named(account_id, event.order_id if by_order == account_id else None)


def _names_an_account(event: BillingEvent, accounts: AccountStore) -> bool:
    """Tell whether it is about an account of ours, though what it names is gone: a person has to know."""
    if event.account_id is None:
        return False
    try:
        accounts.get(event.account_id)
    except NotFound:
        return False
    return True
