"""
From a reviewed draft to the provider's pay page.

Three guards stand against paying twice: the claims of an open order (one order per project × product), the closing of
an older pay page before a newer one opens, and the look at live subscriptions when an order is fulfilled.
"""

from datetime import timedelta

import attrs

from smartapp_domain.billing import Checkout
from smartapp_domain.catalog import Interval
from smartapp_domain.decisions import Reason, Refused, WayOut
from smartapp_domain.identity import Actor, BillingProfile, Right, require
from smartapp_domain.ids import OrderId, ProfileId
from smartapp_domain.jobs import JobKind
from smartapp_domain.ordering import Order, OrderEvent, OrderItem, OrderState
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import Stale, Taken, Transaction
from smartapp_domain.use_cases.map_projects import Reviewed, review_in, selections
from smartapp_domain.use_cases.settle_order import TAKEN, or_gone, settle_order
from smartapp_domain.use_cases.work import soon

#: How long after opening a pay page we look by ourselves what became of it, should no notice come.
FIRST_LOOK = timedelta(minutes=2)


@attrs.frozen
class CheckOut:
    """
    A wish to pay.

    Attributes:
        fingerprint: What the customer saw (`pricing.fingerprint`); anything else than now is refused.
        return_url: See `Payments.start_checkout`.

    """

    actor: Actor
    interval: Interval
    fingerprint: str
    return_url: str
    cancel_url: str


@attrs.frozen
class CheckoutStarted:
    order: Order
    checkout: Checkout


def check_out(command: CheckOut, ports: Ports) -> CheckoutStarted | Refused:
    """
    Store the order, then open its pay page.

    A crash after storing leaves an open order; the next try, or the job that looks after it, finds and continues it
    with the same idempotency key.
    """
    if refused := require(command.actor, Right.BUY):
        return refused
    if ports.payments.catalog_drift(ports.price_book):
        return Refused(
            Reason.CATALOG_DRIFT,
            "Prices are being updated, so nothing can be bought right now. Your choice is kept; try again later.",
            WayOut.SUPPORT,
        )
    if refused := _give_up_older_orders(command, ports):
        return refused
    order = _store_order(command, ports)
    if isinstance(order, Refused):
        return order
    return _open_pay_page(order, command, ports)


def _give_up_older_orders(command: CheckOut, ports: Ports) -> Refused | None:
    """Close the pay pages of the member's other open orders, so that no two can be paid."""
    for order in _mine(command, ports):
        if _can_go_on(order, command, ports):
            continue
        if order.checkout is not None:
            status = or_gone(ports.payments.close_checkout, order, order.checkout)
            if status.state in TAKEN:
                settle_order(order.account_id, order.id, ports)
                return Refused(
                    Reason.ALREADY_PAID,
                    "Your last order is paid already and is being set up. Open Project Central to see it.",
                    WayOut.PROJECT_CENTRAL,
                    about=order.id,
                )
        _close(order, OrderEvent.REPLACED, ports)
    return None


def _can_go_on(order: Order, command: CheckOut, ports: Ports) -> bool:
    """Tell whether this open order is the very one wanted again, with a page that can still be paid."""
    if order.fingerprint != command.fingerprint or order.state not in (OrderState.OPEN, OrderState.AWAITING_PAYMENT):
        return False
    return order.checkout is None or order.checkout.expires_at > ports.clock.now()


def _mine(command: CheckOut, ports: Ports) -> tuple[Order, ...]:
    with ports.reading(command.actor.account_id) as reading:
        return tuple(order for order in reading.orders.open() if order.member_id == command.actor.member_id)


def _close(order: Order, event: OrderEvent, ports: Ports) -> None:
    with ports.transaction(order.account_id) as tx:
        now = tx.orders.get(order.id)
        if now.state in (OrderState.OPEN, OrderState.AWAITING_PAYMENT):
            tx.orders.put(now.after(event), replacing=now.version)


def _store_order(command: CheckOut, ports: Ports) -> Order | Refused:
    actor = command.actor
    with ports.transaction(actor.account_id) as tx:
        for order in tx.orders.open():
            if order.member_id == actor.member_id and order.fingerprint == command.fingerprint:
                return order  # pressed twice, or back from the pay page: the same order, the same page
        reviewed = review_in(tx, actor, ports.clock.now(), ports)
        if refused := _not_for_sale(command, reviewed, ports):
            return refused
        order = _order(command, reviewed, _profile(tx, command, ports), ports)
        try:
            tx.orders.put(order, replacing=0)
        except Taken:
            return Refused(
                Reason.IN_OPEN_ORDER,
                "Another member of your company is paying for one of these projects right now. Reload and try again.",
                WayOut.PROJECTS,
            )
        soon(tx, JobKind.CHECK_ORDER, actor.account_id, order.id, ports, after=FIRST_LOOK)
    return order


def _not_for_sale(command: CheckOut, reviewed: Reviewed, ports: Ports) -> Refused | None:
    if reviewed.problems:
        return reviewed.problems[0]
    if reviewed.fingerprint(command.interval, ports) != command.fingerprint:
        return Refused(
            Reason.PRICE_CHANGED,
            "Your projects or the prices changed since this page was shown. Check the new total, then try again.",
            WayOut.SUBSCRIPTIONS,
        )
    if reviewed.quotes[command.interval].lines:
        return None
    return Refused(
        Reason.PRICE_ON_REQUEST,
        "Nothing of this can be bought online. Ask us for an offer.",
        WayOut.SUPPORT,
    )


def _profile(tx: Transaction, command: CheckOut, ports: Ports) -> BillingProfile:
    profile = tx.profiles.default()
    if profile is None:
        account = tx.accounts.get(command.actor.account_id)
        buyer = tx.members.get(command.actor.member_id)
        profile = BillingProfile(ProfileId(ports.ids.fresh()), account.id, account.name, buyer.email)
        tx.profiles.put(profile, replacing=0)
    return profile


def _order(command: CheckOut, reviewed: Reviewed, profile: BillingProfile, ports: Ports) -> Order:
    chosen = selections(reviewed.rows)
    items = [
        OrderItem(row.project.id, row.project.name, row.project.number, chosen[row.project.id], row.draft.target)
        for row in reviewed.rows
        if row.draft is not None
    ]
    return Order(
        id=OrderId(ports.ids.fresh()),
        account_id=command.actor.account_id,
        member_id=command.actor.member_id,
        profile_id=profile.id,
        quote=reviewed.quotes[command.interval],
        items=tuple(sorted(items, key=lambda item: item.platform_project_id)),
        price_book_version=ports.price_book.version,
        fingerprint=command.fingerprint,
        created_at=ports.clock.now(),
    )


def _open_pay_page(order: Order, command: CheckOut, ports: Ports) -> CheckoutStarted | Refused:
    with ports.reading(order.account_id) as reading:
        profile = reading.profiles.get(order.profile_id)
    if profile.customer_id is None:
        profile = _with_customer(profile, ports)
    assert profile.customer_id is not None
    checkout = order.checkout or ports.payments.start_checkout(
        order, profile.customer_id, return_url=command.return_url, cancel_url=command.cancel_url
    )
    with ports.transaction(order.account_id) as tx:
        now = tx.orders.get(order.id)
        if now.state is OrderState.OPEN:
            now = now.after(OrderEvent.CHECKOUT_STARTED, checkout=checkout)
            tx.orders.put(now, replacing=now.version - 1)
    if now.state is OrderState.CLOSED:
        return _overtaken(now, checkout, ports)
    return CheckoutStarted(now, checkout)


def _overtaken(order: Order, checkout: Checkout, ports: Ports) -> Refused:
    """Close a page whose order was given up while the page was being opened: paying it would buy nothing."""
    ports.payments.close_checkout(checkout.id)
    return Refused(
        Reason.PRICE_CHANGED,
        "You started another payment at the same moment. Check the new total, then try again.",
        WayOut.SUBSCRIPTIONS,
        about=order.id,
    )


def _with_customer(profile: BillingProfile, ports: Ports) -> BillingProfile:
    customer_id = ports.payments.customer(profile)
    try:
        with ports.transaction(profile.account_id) as tx:
            stored = attrs.evolve(profile, customer_id=customer_id, version=profile.version + 1)
            tx.profiles.put(stored, replacing=profile.version)
    except Stale:  # stored by a second try of the same moment: the provider gave both the same customer
        return attrs.evolve(profile, customer_id=customer_id)
    return stored
