"""Fulfill what is paid, exactly once: projects, links and licenses."""

from datetime import datetime

import attrs

from smartapp_domain.billing import Subscription
from smartapp_domain.catalog import Product
from smartapp_domain.ids import AccountId, LicenseId, OrderId, ProjectId
from smartapp_domain.jobs import JobKind
from smartapp_domain.licensing import License, first_paid, settle
from smartapp_domain.mapping import ExistingProject, MappingEvent, MappingState, ProjectMapping
from smartapp_domain.ordering import Order, OrderEvent, OrderItem, OrderState
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import Transaction
from smartapp_domain.project import Project
from smartapp_domain.selection import NOTHING
from smartapp_domain.use_cases.purchase_trail import note_granted
from smartapp_domain.use_cases.work import for_people, soon


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
