"""
From a reviewed draft to the provider's pay page, or to one change of the subscription there is.

Five guards stand against paying twice: the claims of an open order (one order per project × product), one open order
per subscription that is added to, one member at a time who begins a subscription of an interval, the closing of an
older pay page before a newer one opens, and the look at live subscriptions when an order is fulfilled.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import attrs

from smartapp_domain.billing import Checkout
from smartapp_domain.catalog import Interval
from smartapp_domain.decisions import Reason, Refused, WayOut
from smartapp_domain.identity import Actor, BillingProfile, Right, Via, require
from smartapp_domain.ids import OrderId, ProfileId
from smartapp_domain.jobs import JobKind
from smartapp_domain.ordering import Order, OrderEvent, OrderItem, OrderState
from smartapp_domain.ports import Ports
from smartapp_domain.ports.payments import ChangesUsedUp, NothingToCharge, OutdatedChange, PaymentsRejected
from smartapp_domain.ports.storage import Reading, Stale, Taken, Transaction
from smartapp_domain.use_cases.authority import still_may
from smartapp_domain.use_cases.give_up import give_up_older, own_orders
from smartapp_domain.use_cases.map_projects import Reviewed, review_in, selections
from smartapp_domain.use_cases.offer import Offer, begun_by_another, extension_in, make_offer, not_changed
from smartapp_domain.use_cases.purchase_trail import note_placed
from smartapp_domain.use_cases.settle_order import drop_order, store_payment
from smartapp_domain.use_cases.work import soon

#: How long after opening a pay page we look by ourselves what became of it, should no notice come.
FIRST_LOOK: Final = timedelta(minutes=2)


@attrs.frozen
class CheckOut:
    """
    A wish to pay.

    Attributes:
        fingerprint: What the customer saw (`Offer.fingerprint`); anything else than now is refused.
        return_url: See `Payments.start_checkout`.
        prorated_at: For an offer to extend a subscription, the moment it was reckoned from.

    """

    actor: Actor
    interval: Interval
    fingerprint: str
    return_url: str
    cancel_url: str
    prorated_at: datetime | None = None


@attrs.frozen
class CheckoutStarted:
    """The order as it stands: paid already when the stored card was charged, else payable on `checkout`'s page."""

    order: Order
    checkout: Checkout


def check_out(command: CheckOut, ports: Ports) -> CheckoutStarted | Refused:
    """
    Store the order, then open its pay page or change the subscription.

    A crash after storing leaves an open order. With a pay page, the next try or the job that looks after it finds and
    continues it with the same idempotency key. A stored card is never charged while nobody is watching: the job only
    finds out whether the change was made, and gives the order up when it was not.
    """
    if refused := require(command.actor, Right.BUY):
        return refused
    if ports.payments.catalog_drift(ports.price_book):
        return Refused(
            Reason.CATALOG_DRIFT,
            "Prices are being updated, so nothing can be bought right now. Your choice is kept; try again later.",
            WayOut.SUPPORT,
        )
    if refused := give_up_older(command.actor, command.fingerprint, ports):
        return refused
    order = _tried_again(command, ports) or _new_order(command, ports)
    if isinstance(order, Refused):
        return _clash(command, ports) or order
    return _open_pay_page(order, command, ports) if order.extends is None else _extend(order, ports)


def _tried_again(command: CheckOut, ports: Ports) -> Order | Refused | None:
    """Return the order of a button pressed twice, or of somebody back from the pay page: the same order, one page."""
    same = [order for order in own_orders(command.actor, ports) if order.fingerprint == command.fingerprint]
    if not same:
        return None
    with ports.transaction(command.actor.account_id) as tx:
        if refused := still_may(tx, command.actor, Right.BUY):
            return refused
        order = tx.orders.get(same[0].id)
        if order.extends is None or order.state is not OrderState.OPEN:
            return order
        order = attrs.evolve(order, retried_at=ports.clock.now(), version=order.version + 1)
        tx.orders.put(order, replacing=order.version - 1)  # so that the job that gives up the silent ones waits
    return order


def _new_order(command: CheckOut, ports: Ports) -> Order | Refused:
    actor = command.actor
    offer = make_offer(actor, command.interval, ports, prorated_at=command.prorated_at)
    if isinstance(offer, Refused):
        return offer
    if refused := _not_for_sale(command, offer):
        return refused
    try:
        with ports.transaction(actor.account_id) as tx:
            return _store_order(tx, command, offer, ports)
    except Taken:  # an order of the same moment was stored first, and can be seen now
        later = make_offer(actor, command.interval, ports, prorated_at=command.prorated_at)
        return later if isinstance(later, Refused) else _not_for_sale(command, later) or _changed()


def _store_order(tx: Transaction, command: CheckOut, offer: Offer, ports: Ports) -> Order | Refused:
    actor = command.actor
    if refused := still_may(tx, actor, Right.BUY):
        return refused
    for order in tx.orders.open():
        if order.member_id == actor.member_id and order.fingerprint == command.fingerprint:
            return order
    reviewed = review_in(tx, actor, ports.clock.now(), ports)
    if reviewed.problems:
        return reviewed.problems[0]
    if refused := _differs(tx, command, reviewed, offer, ports):
        return refused
    order = _order(command, offer, _profile(tx, command, ports), ports)
    tx.orders.put(order, replacing=0)
    note_placed(tx, actor, order, ports)
    soon(tx, JobKind.CHECK_ORDER, actor.account_id, order.id, ports, after=FIRST_LOOK)
    return order


def _differs(reading: Reading, command: CheckOut, reviewed: Reviewed, offer: Offer, ports: Ports) -> Refused | None:
    """Refuse what is not any more, at the moment of storing, what the provider was asked about before."""
    same = reviewed.fingerprint(command.interval, ports) == offer.reviewed.fingerprint(command.interval, ports)
    if offer.extension is None:
        return begun_by_another(reading, command.actor, command.interval) or (None if same else _changed())
    extension = extension_in(
        reading,
        command.actor,
        reviewed,
        command.interval,
        ports.price_book,
        at=ports.clock.now(),
        prorated_at=offer.extension.prorated_at,
    )
    if isinstance(extension, Refused):
        return extension
    return None if same and extension == offer.extension else _changed()


def _not_for_sale(command: CheckOut, offer: Offer) -> Refused | None:
    if offer.reviewed.problems:
        return offer.reviewed.problems[0]
    if offer.not_now is not None:
        return offer.not_now
    if offer.fingerprint != command.fingerprint:
        return _changed()
    if offer.quote.lines:
        return None
    return Refused(
        Reason.PRICE_ON_REQUEST,
        "Nothing of this can be bought online. Ask us for an offer.",
        WayOut.SUPPORT,
    )


def _changed() -> Refused:
    return Refused(
        Reason.PRICE_CHANGED,
        "Your projects or the prices changed since this page was shown. Check the new total, then try again.",
        WayOut.SUBSCRIPTIONS,
    )


def _clash(command: CheckOut, ports: Ports) -> Refused | None:
    """
    Return the refusal that names all the projects another member is paying for, if that is why nothing was sold.

    Looks afresh: an order stored at the same moment also shows as a total that changed, or a subscription that changes.
    """
    actor = command.actor
    with ports.reading(actor.account_id) as reading:
        problems = review_in(reading, actor, ports.clock.now(), ports).problems
        blocked = {problem.about for problem in problems if problem.reason is Reason.IN_OPEN_ORDER}
        for order in reading.orders.open():
            taken = [item.name for item in order.items if item.platform_project_id in blocked]
            if taken and order.member_id != actor.member_id:
                return _paying_for(reading.members.get(order.member_id).name, taken, order)
    return None


def _paying_for(name: str, taken: Iterable[str], order: Order) -> Refused:
    projects = sorted(taken)
    shown = ", ".join(projects[:MOST_NAMED]) + (f" and {more} more" if (more := len(projects) - MOST_NAMED) > 0 else "")
    return Refused(
        Reason.IN_OPEN_ORDER,
        f"{name} is paying for {shown} right now. Take {'it' if len(projects) == 1 else 'them'} off your choice, or "
        "wait until that payment is finished or given up.",
        WayOut.PROJECTS,
        about=order.id,
    )


#: How many clashing projects one sentence names.
MOST_NAMED: Final = 5


def _profile(tx: Transaction, command: CheckOut, ports: Ports) -> BillingProfile:
    profile = tx.profiles.default()
    if profile is None:
        account = tx.accounts.get(command.actor.account_id)
        buyer = tx.members.get(command.actor.member_id)
        profile = BillingProfile(ProfileId(ports.ids.fresh()), account.id, account.name, buyer.email)
        tx.profiles.put(profile, replacing=0)
    return profile


def _order(command: CheckOut, offer: Offer, profile: BillingProfile, ports: Ports) -> Order:
    reviewed = offer.reviewed
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
        quote=offer.quote,
        items=tuple(sorted(items, key=lambda item: item.platform_project_id)),
        price_book_version=ports.price_book.version,
        fingerprint=command.fingerprint,
        created_at=ports.clock.now(),
        extends=offer.extension,
        due_cents=offer.preview.due_cents if offer.preview else None,
    )


def _extend(order: Order, ports: Ports) -> CheckoutStarted | Refused:
    """Charge the stored card for an order whose intent is stored; what it does not pay is left to the page."""
    try:
        status = ports.payments.extend(order) if order.state is OrderState.OPEN else ports.payments.extension(order)
    except PaymentsRejected as error:  # so nothing was changed, and asking again would not help
        drop_order(order, OrderEvent.EXPIRED, ports, by=Via.PROVIDER)
        return _not_charged(error)
    after = store_payment(order, status, ports)
    if after.checkout is None or after.state is OrderState.CLOSED:
        return _changed()
    return CheckoutStarted(after, after.checkout)


def _not_charged(error: PaymentsRejected) -> Refused:
    """Return the refusal for the customer; what is no matter of theirs goes on as the error it is."""
    match error:
        case ChangesUsedUp() | OutdatedChange():
            return not_changed(error)
        case NothingToCharge():
            return Refused(Reason.PRICE_CHANGED, f"Nothing was charged. {error.remedy}", WayOut.SUBSCRIPTIONS)
    raise error


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
