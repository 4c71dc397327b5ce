"""
Find out what became of an order's pay page, and fulfill what is paid, exactly once.

Notices of the provider, the return page and a job that looks by itself all come here; whoever is first does it, the
others find it done.
"""

from collections.abc import Callable
from datetime import timedelta

import attrs

from smartapp_domain.billing import Checkout, CheckoutState, CheckoutStatus, Subscription
from smartapp_domain.catalog import Product
from smartapp_domain.ids import AccountId, CheckoutId, LicenseId, OrderId, ProjectId, SubscriptionId
from smartapp_domain.jobs import JobKind
from smartapp_domain.licensing import License, settle
from smartapp_domain.mapping import ExistingProject, MappingEvent, MappingState, ProjectMapping
from smartapp_domain.ordering import Order, OrderEvent, OrderItem, OrderState
from smartapp_domain.ports import Ports
from smartapp_domain.ports.payments import UnknownAtProvider
from smartapp_domain.ports.storage import Transaction
from smartapp_domain.project import Project
from smartapp_domain.selection import NOTHING
from smartapp_domain.use_cases.work import for_people, soon

LOOK_AGAIN = timedelta(minutes=10)
#: A lost notice about a renewal is made good after this.
RESYNC = timedelta(days=1)


def settle_order(account_id: AccountId, order_id: OrderId, ports: Ports) -> Order:
    """
    Return the order as the provider's word makes it; raise `NotFound` for an unknown one.

    A paid order is stored as paid together with the job that fulfills it, so a crash right after loses nothing.
    """
    with ports.reading(account_id) as reading:
        order = reading.orders.get(order_id)
    if order.state is OrderState.OPEN:
        return _settle_without_page(order, ports)
    if order.checkout is None or order.state in (OrderState.PAID, OrderState.FULFILLED):
        return order
    status = or_gone(ports.payments.checkout, order, order.checkout)
    with ports.transaction(account_id) as tx:
        order = tx.orders.get(order_id)
        if order.state is OrderState.CLOSED and status.state in TAKEN:
            _report_closed_but_paid(tx, order, status, ports)
            return order
        event = _EVENTS.get((order.state, status.state))
        if event is not None:
            order = order.after(event, subscription_id=status.subscription_id)
            tx.orders.put(order, replacing=order.version - 1)
        if order.state is OrderState.PAID:
            soon(tx, JobKind.FULFILL_ORDER, account_id, order.id, ports)
        elif order.is_open:
            soon(tx, JobKind.CHECK_ORDER, account_id, order.id, ports, after=LOOK_AGAIN)
    return order


#: The customer's money is taken, or about to be.
TAKEN = frozenset({CheckoutState.PAID, CheckoutState.PROCESSING})


def or_gone(ask: Callable[[CheckoutId], CheckoutStatus], order: Order, checkout: Checkout) -> CheckoutStatus:
    """Ask the provider about a pay page; one it has forgotten cannot be paid any more, which is all we need to know."""
    try:
        return ask(checkout.id)
    except UnknownAtProvider:
        return CheckoutStatus(checkout.id, CheckoutState.EXPIRED, order.id)


def _report_closed_but_paid(tx: Transaction, order: Order, status: CheckoutStatus, ports: Ports) -> None:
    for_people(
        tx,
        order.account_id,
        f"closed:{order.id}",
        f"Order {order.id} was given up, but its page {status.id} was paid (subscription {status.subscription_id}). "
        "Nothing was licensed. Refund it, or grant by hand what it names.",
        ports,
    )


_EVENTS = {
    (OrderState.AWAITING_PAYMENT, CheckoutState.PAID): OrderEvent.PAYMENT_RECEIVED,
    (OrderState.AWAITING_PAYMENT, CheckoutState.PROCESSING): OrderEvent.PAYMENT_PROCESSING,
    (OrderState.AWAITING_PAYMENT, CheckoutState.FAILED): OrderEvent.PAYMENT_FAILED,
    (OrderState.AWAITING_PAYMENT, CheckoutState.EXPIRED): OrderEvent.EXPIRED,
    (OrderState.PROCESSING, CheckoutState.PAID): OrderEvent.PAYMENT_RECEIVED,
    (OrderState.PROCESSING, CheckoutState.FAILED): OrderEvent.PAYMENT_FAILED,
}

#: An order whose pay page was never stored is given up after this: its page, if any, has expired at the provider.
ABANDONED_AFTER = timedelta(hours=25)


def _settle_without_page(order: Order, ports: Ports) -> Order:
    with ports.transaction(order.account_id) as tx:
        order = tx.orders.get(order.id)
        if order.state is OrderState.OPEN:
            if ports.clock.now() - order.created_at >= ABANDONED_AFTER:
                order = order.after(OrderEvent.EXPIRED)
                tx.orders.put(order, replacing=order.version - 1)
            else:
                soon(tx, JobKind.CHECK_ORDER, order.account_id, order.id, ports, after=LOOK_AGAIN)
    return order


def fulfill_order(account_id: AccountId, order_id: OrderId, ports: Ports) -> Order:
    """
    Create the projects, links and licenses of a paid order in one transaction; later calls find it done.

    Nothing paid is ever dropped: a product the project holds already, or a second live subscription of the same
    interval, goes to the operator's list beside what could be granted.
    """
    with ports.reading(account_id) as reading:
        order = reading.orders.get(order_id)
    if order.state is not OrderState.PAID or order.subscription_id is None:
        return order
    subscription = ports.payments.subscription(order.subscription_id)
    with ports.transaction(account_id) as tx:
        order = tx.orders.get(order_id)
        if order.state is not OrderState.PAID:
            return order
        _report_second_subscription(tx, order, subscription, ports)
        tx.subscriptions.put(subscription)
        for item in order.items:
            _grant(tx, order, item, subscription, ports)
        order = attrs.evolve(order.after(OrderEvent.FULFILLED), not_bought=_ticked_since(tx, order))
        tx.drafts.drop_everywhere([item.platform_project_id for item in order.items])
        tx.orders.put(order, replacing=order.version - 1)
        soon(tx, JobKind.SYNC_SUBSCRIPTION, account_id, subscription.id, ports, after=RESYNC)
    return order


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
        )
        tx.licenses.put(attrs.evolve(settle(license, subscription), version=1), replacing=0)


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
        if each.is_live and each.interval is subscription.interval and each.id != subscription.id
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
    """Fetch a subscription and bring its licenses to what its invoices say; an older answer changes nothing."""
    subscription = ports.payments.subscription(subscription_id)
    with ports.transaction(account_id) as tx:
        if subscription.is_live:
            soon(tx, JobKind.SYNC_SUBSCRIPTION, account_id, subscription_id, ports, after=RESYNC)
        if not tx.subscriptions.put(subscription):
            return
        for license in tx.licenses.of_subscription(subscription_id):
            settled = settle(license, subscription)
            if settled is not license:
                tx.licenses.put(settled, replacing=license.version)
