"""
Find out what became of an order's pay page, and fulfill what is paid, exactly once.

Notices of the provider, the return page and a job that looks by itself all come here; whoever is first does it, the
others find it done.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import attrs

from smartapp_domain.billing import Checkout, CheckoutState, CheckoutStatus, Subscription
from smartapp_domain.catalog import Product
from smartapp_domain.identity import Actor, Via
from smartapp_domain.ids import AccountId, CheckoutId, LicenseId, OrderId, ProjectId, SubscriptionId
from smartapp_domain.jobs import JobKind
from smartapp_domain.licensing import License, agree, first_paid, settle
from smartapp_domain.mapping import ExistingProject, MappingEvent, MappingState, ProjectMapping
from smartapp_domain.ordering import Order, OrderEvent, OrderItem, OrderState
from smartapp_domain.ports import Ports
from smartapp_domain.ports.payments import CHARGE_LASTS, CHARGED_WITHIN, UnknownAtProvider
from smartapp_domain.ports.storage import Transaction
from smartapp_domain.project import Project
from smartapp_domain.selection import NOTHING
from smartapp_domain.use_cases.collect_again import set_aside_now
from smartapp_domain.use_cases.end_unpaid import is_left_over, report_closed_but_paid
from smartapp_domain.use_cases.purchase_trail import note_granted, note_moved, note_settled
from smartapp_domain.use_cases.work import for_people, soon

LOOK_AGAIN = timedelta(minutes=10)
#: What is under way has settled by then; what still differs is for people.
SECOND_LOOK = timedelta(minutes=2)
#: A lost notice about a renewal is made good after this.
RESYNC = timedelta(days=1)


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


class NotApplied(Exception):
    """Raised when an extension is paid, but the provider does not show its quantities yet: tried again."""


def fulfill_order(account_id: AccountId, order_id: OrderId, ports: Ports) -> Order:
    """
    Create the projects, links and licenses of a paid order in one transaction; later calls find it done.

    Raises `NotApplied` when an extension's quantities do not hold yet.

    Nothing paid is ever dropped: a product the project holds already, or a second live subscription of the same
    interval, goes to the operator's list beside what could be granted.
    """
    with ports.reading(account_id) as reading:
        order = reading.orders.get(order_id)
        if order.state is not OrderState.PAID or order.subscription_id is None:
            return order
        heard = reading.subscriptions.get(order.subscription_id)
    subscription = ports.payments.subscription(order.subscription_id)
    _check_applied(order, subscription)
    with ports.transaction(account_id) as tx:
        order = tx.orders.get(order_id)
        if order.state is not OrderState.PAID:
            return order
        if not tx.subscriptions.put(subscription, replacing=heard):  # nothing is granted by what may be an older answer
            soon(tx, JobKind.FULFILL_ORDER, account_id, order_id, ports)
            return order
        _report_second_subscription(tx, order, subscription, ports)
        for item in order.items:
            _grant(tx, order, item, subscription, ports)
        order = attrs.evolve(order.after(OrderEvent.FULFILLED), not_bought=_ticked_since(tx, order))
        tx.drafts.drop_everywhere([item.platform_project_id for item in order.items])
        tx.orders.put(order, replacing=order.version - 1)
        note_granted(tx, order, ports)
        # What happened since it was asked was told to nobody who knew the subscription.
        soon(tx, JobKind.SYNC_SUBSCRIPTION, account_id, subscription.id, ports)
        soon(tx, JobKind.CHECK_RENEWAL, account_id, subscription.id, ports)
    return order


def _check_applied(order: Order, subscription: Subscription) -> None:
    """Raise `NotApplied` unless the quantities that an extension paid for hold: nothing is licensed before."""
    lines = order.extends.renewal.lines if order.extends else ()
    short = [line.product.label for line in lines if subscription.quantity(line.product) < line.quantity]
    if short:
        raise NotApplied(
            f"Order {order.id} is paid, but {subscription.id} does not bill {', '.join(short)} for it yet."
        )


def _ticked_since(tx: Transaction, order: Order) -> tuple[str, ...]:
    """Name what the buyer ticked for the order's projects in another tab while the pay page was open."""
    draft = tx.drafts.get(order.member_id).selections
    return tuple(
        f"{product.label} for {item.name}"
        for item in order.items
        for product in draft.get(item.platform_project_id, NOTHING).products
        if product not in item.selection
    )


def _grant(tx: Transaction, order: Order, item: OrderItem, subscription: Subscription, ports: Ports) -> None:
    project = _project_for(tx, order, item, ports)
    now = ports.clock.now()
    held = {license.product for license in tx.licenses.of_projects([project.id]) if license.is_live(now)}
    for _, product in (pair for pair in order.sold if pair[0] is item):
        if product in held:
            _report_double(tx, order, item, product, ports)
            continue
        license = License(
            id=LicenseId(ports.ids.fresh()),
            account_id=order.account_id,
            project_id=project.id,
            product=product,
            subscription_id=subscription.id,
            order_id=order.id,
            granted_at=now,
            paid_from=_paid_from(order, product, subscription, now),
        )
        tx.licenses.put(attrs.evolve(settle(license, subscription), version=1), replacing=0)


def _paid_from(order: Order, product: Product, subscription: Subscription, now: datetime) -> datetime:
    return order.extends.prorated_at if order.extends else first_paid(product, subscription, now)


def _project_for(tx: Transaction, order: Order, item: OrderItem, ports: Ports) -> Project:
    """Return the Smartapp project of an item: the one it is linked with, the one chosen, or a new one of its name."""
    mapping = tx.mappings.of_platform_project(item.platform_project_id)
    if mapping is not None and mapping.state is not MappingState.UNLINKED:
        if mapping.state is MappingState.LINKED:
            tx.mappings.put(mapping.after(MappingEvent.FULFILLED), replacing=mapping.version)
        return tx.projects.get(mapping.project_id)
    project = _chosen_project(tx, item) or _new_project(tx, order, item, ports)
    tx.mappings.put(
        ProjectMapping(
            account_id=order.account_id,
            platform_project_id=item.platform_project_id,
            project_id=project.id,
            state=MappingState.LINKED,
            linked_at=ports.clock.now(),
            version=mapping.version + 1 if mapping else 1,
        ),
        replacing=mapping.version if mapping else 0,
    )
    return project


def _chosen_project(tx: Transaction, item: OrderItem) -> Project | None:
    """Return the existing project to link; None when a new one is wanted, or the chosen one was linked meanwhile."""
    target = item.target
    if not isinstance(target, ExistingProject):
        return None
    return next((project for project in tx.projects.unlinked() if project.id == target.project_id), None)


def _new_project(tx: Transaction, order: Order, item: OrderItem, ports: Ports) -> Project:
    project = Project(ProjectId(ports.ids.fresh()), order.account_id, item.name, item.number, ports.clock.now())
    tx.projects.put(project, replacing=0)
    return project


def _report_double(tx: Transaction, order: Order, item: OrderItem, product: Product, ports: Ports) -> None:
    for_people(
        tx,
        order.account_id,
        f"double:{order.id}:{item.platform_project_id}:{product.value}",
        f"Order {order.id} paid {product.label} for {item.name}, which holds it already through another subscription. "
        f"Refund it and lower the quantity of subscription {order.subscription_id}.",
        ports,
    )


def _report_second_subscription(tx: Transaction, order: Order, subscription: Subscription, ports: Ports) -> None:
    others = [
        each.id
        for each in tx.subscriptions.all()
        if each.is_live
        and each.interval is subscription.interval
        and each.id != subscription.id
        and each.cancel_at is None
    ]
    if others:
        for_people(
            tx,
            order.account_id,
            f"merge:{subscription.id}",
            f"Subscription {subscription.id} was paid beside {', '.join(others)} of the same interval. "
            "Both are in the ledger; merge them at the next renewal.",
            ports,
        )


def apply_subscription(account_id: AccountId, subscription_id: SubscriptionId, ports: Ports) -> None:
    """
    Fetch a subscription and bring its licenses to what its invoices say; an older answer changes nothing.

    When somebody else stored an answer while this one was on its way, nobody can tell which of the two is later: a job
    asks once more, so that the news this one was fetched for is never lost.
    """
    with ports.reading(account_id) as reading:
        heard = reading.subscriptions.get(subscription_id)
    subscription = ports.payments.subscription(subscription_id)
    with ports.transaction(account_id) as tx:
        if not tx.subscriptions.put(subscription, replacing=heard):
            soon(tx, JobKind.SYNC_SUBSCRIPTION, account_id, subscription_id, ports)
            return
        if subscription.is_live:
            soon(tx, JobKind.SYNC_SUBSCRIPTION, account_id, subscription_id, ports, after=RESYNC)
        held = tx.licenses.of_subscription(subscription_id)
        settled = tuple(settle(each, subscription) for each in held)
        for before, after in zip(held, settled, strict=True):
            if after is not before:
                tx.licenses.put(after, replacing=before.version)
        note_settled(tx, held, settled, ports, since=heard.as_of if heard else ports.clock.now())
        if set_aside_now(subscription):
            soon(tx, JobKind.COLLECT_AGAIN, account_id, subscription_id, ports)
        if subscription.is_live and not agree(subscription, settled, ports.clock.now()):
            soon(tx, JobKind.CHECK_RENEWAL, account_id, subscription_id, ports, after=SECOND_LOOK)
