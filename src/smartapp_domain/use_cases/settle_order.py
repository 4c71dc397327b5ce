"""
Find out what became of paying for an order.

Notices of the provider, the return page and a job that looks by itself all come here; whoever is first stores it, the
others find it done. What is paid is then fulfilled by a job.
"""

from collections.abc import Callable
from datetime import timedelta

from smartapp_domain.billing import Checkout, CheckoutState, CheckoutStatus
from smartapp_domain.identity import Actor, Via
from smartapp_domain.ids import AccountId, CheckoutId, OrderId
from smartapp_domain.jobs import JobKind
from smartapp_domain.ordering import Order, OrderEvent, OrderState
from smartapp_domain.ports import Ports
from smartapp_domain.ports.payments import CHARGE_LASTS, CHARGED_WITHIN, UnknownAtProvider
from smartapp_domain.ports.storage import Transaction
from smartapp_domain.use_cases.end_unpaid import is_left_over, report_closed_but_paid
from smartapp_domain.use_cases.purchase_trail import note_moved
from smartapp_domain.use_cases.work import soon

LOOK_AGAIN = timedelta(minutes=10)

#: How far the clocks of two machines may be apart.
CLOCKS_APART = timedelta(seconds=10)
#: How long a call that charges a card may be under way; only after that is an order without an answer given up.
IN_FLIGHT = CHARGED_WITHIN + CHARGE_LASTS + CLOCKS_APART


def settle_order(account_id: AccountId, order_id: OrderId, ports: Ports) -> Order:
    """
    Return the order as the provider's word makes it; raise `NotFound` for an unknown one.

    A paid order is stored as paid together with the job that fulfills it, so a crash right after loses nothing.
    """
    with ports.reading(account_id) as reading:
        order = reading.orders.get(order_id)
    if order.state in (OrderState.PAID, OrderState.FULFILLED):
        return order
    if order.state is OrderState.OPEN and order.extends is None:
        return _settle_without_page(order, ports)
    if order.state is OrderState.OPEN and ports.clock.now() - order.tried_at < IN_FLIGHT:
        return _look_again(order, IN_FLIGHT, ports)
    if order.checkout is None and order.extends is None and order.state is OrderState.CLOSED:
        return order
    return store_payment(order, payment_of(order, ports), ports)


def payment_of(order: Order, ports: Ports) -> CheckoutStatus:
    """Ask the provider what became of paying for an order that was offered to it."""
    if order.extends is not None:
        status = ports.payments.extension(order)
        # What counts as dropped may have left an invoice behind that somebody could still pay.
        return ports.payments.close_extension(order) if status.state is CheckoutState.EXPIRED else status
    assert order.checkout is not None
    return _or_gone(ports.payments.checkout, order, order.checkout)


def close_payment(order: Order, ports: Ports) -> CheckoutStatus:
    """See to it that an order cannot be paid any more; one already paid stays paid, and says so."""
    if order.extends is not None:
        return ports.payments.close_extension(order)
    assert order.checkout is not None
    return _or_gone(ports.payments.close_checkout, order, order.checkout)


def store_payment(
    order: Order,
    status: CheckoutStatus,
    ports: Ports,
    *,
    by: Actor | Via = Via.PROVIDER,
    unpaid: OrderEvent = OrderEvent.EXPIRED,
) -> Order:
    """
    Store what the provider said about paying for an order, with the job that follows; `by` made it say so.

    `unpaid` is what became of the order when it cannot be paid any more.
    """
    with ports.transaction(order.account_id) as tx:
        order = tx.orders.get(order.id)
        if order.state is OrderState.CLOSED and status.state in _TAKEN and not _paid_another(tx, order, status):
            report_closed_but_paid(tx, order, status.id, status.subscription_id, ports)
            return order
        after = _moved(order, status, unpaid)
        if after is not order:
            tx.orders.put(after, replacing=order.version)
            note_moved(tx, order, after, ports, by=by)
        if after.state is OrderState.PAID:
            soon(tx, JobKind.FULFILL_ORDER, order.account_id, order.id, ports)
        elif after.is_open:
            soon(tx, JobKind.CHECK_ORDER, order.account_id, order.id, ports, after=LOOK_AGAIN)
        elif is_left_over(after) and status.subscription_id is not None:
            soon(tx, JobKind.END_UNPAID, order.account_id, status.subscription_id, ports)
    return after


def _paid_another(tx: Transaction, order: Order, status: CheckoutStatus) -> bool:
    """Tell whether what was taken is for an order of the same change: one given up, and pressed for once more."""
    owner = tx.orders.of_checkout(status.id)
    return (owner is not None and owner.id != order.id) or any(
        order.extends is not None and each.extends == order.extends for each in tx.orders.open()
    )


def _moved(order: Order, status: CheckoutStatus, unpaid: OrderEvent) -> Order:
    if order.state is OrderState.OPEN and status.page is not None:
        order = order.after(OrderEvent.CHECKOUT_STARTED, checkout=status.page)
    event = _EVENTS.get((order.state, status.state))
    if event is None:
        return order
    return order.after(unpaid if event is OrderEvent.EXPIRED else event, subscription_id=status.subscription_id)


#: The customer's money is taken, or about to be.
_TAKEN = frozenset({CheckoutState.PAID, CheckoutState.PROCESSING})


def _or_gone(ask: Callable[[CheckoutId], CheckoutStatus], order: Order, checkout: Checkout) -> CheckoutStatus:
    """Ask the provider about a pay page; one it has forgotten cannot be paid any more, which is all we need to know."""
    try:
        return ask(checkout.id)
    except UnknownAtProvider:
        return CheckoutStatus(checkout.id, CheckoutState.EXPIRED, order.id)


_EVENTS = {
    (OrderState.OPEN, CheckoutState.EXPIRED): OrderEvent.EXPIRED,
    (OrderState.AWAITING_PAYMENT, CheckoutState.PAID): OrderEvent.PAYMENT_RECEIVED,
    (OrderState.AWAITING_PAYMENT, CheckoutState.PROCESSING): OrderEvent.PAYMENT_PROCESSING,
    (OrderState.AWAITING_PAYMENT, CheckoutState.FAILED): OrderEvent.PAYMENT_FAILED,
    (OrderState.AWAITING_PAYMENT, CheckoutState.EXPIRED): OrderEvent.EXPIRED,
    (OrderState.PROCESSING, CheckoutState.PAID): OrderEvent.PAYMENT_RECEIVED,
    (OrderState.PROCESSING, CheckoutState.FAILED): OrderEvent.PAYMENT_FAILED,
    (OrderState.PROCESSING, CheckoutState.EXPIRED): OrderEvent.PAYMENT_FAILED,
}

#: An order whose pay page was never stored is given up after this: its page, if any, has expired at the provider.
ABANDONED_AFTER = timedelta(hours=25)


def _settle_without_page(order: Order, ports: Ports) -> Order:
    if ports.clock.now() - order.created_at < ABANDONED_AFTER:
        return _look_again(order, LOOK_AGAIN, ports)
    return drop_order(order, OrderEvent.EXPIRED, ports, by=Via.WORKER)


def drop_order(order: Order, because: OrderEvent, ports: Ports, *, by: Actor | Via) -> Order:
    """Close an order that was never offered for payment; one that is by now is returned as it is."""
    with ports.transaction(order.account_id) as tx:
        now = tx.orders.get(order.id)
        if now.state is not OrderState.OPEN:
            return now
        closed = now.after(because)
        tx.orders.put(closed, replacing=now.version)
        note_moved(tx, now, closed, ports, by=by)
        return closed


def _look_again(order: Order, after: timedelta, ports: Ports) -> Order:
    with ports.transaction(order.account_id) as tx:
        order = tx.orders.get(order.id)
        if order.is_open:
            soon(tx, JobKind.CHECK_ORDER, order.account_id, order.id, ports, after=after)
    return order
