"""
What a customer is offered for the ticked projects.

Either a new subscription, paid on the provider's page, or an extension of the one there is: then the rest of its
period is charged at once, and everything renews together.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import attrs

from smartapp_domain.billing import Subscription, SubscriptionStatus
from smartapp_domain.catalog import Interval
from smartapp_domain.decisions import Reason, Refused, WayOut
from smartapp_domain.identity import Actor, Right, require
from smartapp_domain.licensing import License, agree
from smartapp_domain.ordering import Extension, Order, OrderState
from smartapp_domain.ports import Ports
from smartapp_domain.ports.payments import ChangesUsedUp, ExtensionPreview, OutdatedChange
from smartapp_domain.ports.storage import Reading
from smartapp_domain.pricing import PriceBook, Quote, QuoteLine, grouped
from smartapp_domain.use_cases.change_renewal import changing_order
from smartapp_domain.use_cases.map_projects import Reviewed, review_in

#: For how long a prorated amount stands once it was shown.
OFFER_STANDS: Final = timedelta(minutes=30)
_CAN_GROW: Final = frozenset({SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING})


@attrs.frozen
class Offer:
    """
    What is shown, and what the fingerprint stands for.

    Attributes:
        extension: Set with `preview` when it adds to a subscription.
        not_now: Why it cannot be bought at this moment; the choice is kept.

    """

    reviewed: Reviewed
    interval: Interval
    fingerprint: str
    extension: Extension | None = None
    preview: ExtensionPreview | None = None
    not_now: Refused | None = None

    @property
    def quote(self) -> Quote:
        return self.reviewed.quotes[self.interval]


def make_offer(
    actor: Actor, interval: Interval, ports: Ports, *, prorated_at: datetime | None = None
) -> Offer | Refused:
    """
    Return the offer for the member's draft; its `reviewed.problems` say what keeps it from being one.

    `prorated_at` asks for an extension reckoned from that moment, as it was shown; without it, from now.
    """
    if refused := require(actor, Right.MAP_PROJECTS):
        return refused
    now = ports.clock.now()
    with ports.reading(actor.account_id) as reading:
        reviewed = review_in(reading, actor, now, ports)
        extension = extension_in(reading, actor, reviewed, interval, ports.price_book, at=now, prorated_at=prorated_at)
        begun = begun_by_another(reading, actor, interval)
    plain = reviewed.fingerprint(interval, ports)
    if isinstance(extension, Refused):
        return Offer(reviewed, interval, plain, not_now=extension)
    if extension is None:
        return Offer(reviewed, interval, plain, not_now=begun)
    try:
        preview = ports.payments.preview(extension)
    except (ChangesUsedUp, OutdatedChange) as error:
        return Offer(reviewed, interval, plain, not_now=not_changed(error))
    if preview.card is None:
        return Offer(reviewed, interval, plain, not_now=begun)
    return Offer(reviewed, interval, _fingerprint(plain, extension, preview), extension, preview)


def _fingerprint(plain: str, extension: Extension, preview: ExtensionPreview) -> str:
    agreed = (
        plain,
        extension.subscription_id,
        extension.prorated_at.isoformat(),
        preview.due_cents,
        preview.renewal_cents,
    )
    return hashlib.sha256("\n".join(map(str, agreed)).encode()).hexdigest()


def extension_in(
    reading: Reading,
    actor: Actor,
    reviewed: Reviewed,
    interval: Interval,
    price_book: PriceBook,
    *,
    at: datetime,
    prorated_at: datetime | None = None,
) -> Extension | Refused | None:
    """Return how the draft would add to a live subscription of the interval; None when it begins one of its own."""
    wanted = reviewed.quotes[interval]
    if reviewed.problems or not wanted.lines:
        return None
    subscription = _growing(reading.subscriptions.all(), interval, price_book)
    if subscription is None:
        return None
    moment = (prorated_at or at).replace(microsecond=0)
    if refused := _not_now(subscription, reading, actor, moment, at):
        return refused
    if prorated_at is not None and not at - OFFER_STANDS <= prorated_at <= at:
        return Refused(
            Reason.PRICE_CHANGED,
            "This offer is old, and what is due today has changed since. Check the new total, then try again.",
            WayOut.SUBSCRIPTIONS,
        )
    return Extension(subscription.id, _grown(subscription, wanted), price_book.version, moment)


def begun_by_another(reading: Reading, actor: Actor, interval: Interval) -> Refused | None:
    """Refuse to begin a subscription while another member begins one of the interval: both would renew, apart."""
    for order in reading.orders.open():
        if order.extends is None and order.interval is interval and order.member_id != actor.member_id:
            return Refused(
                Reason.IN_OPEN_ORDER,
                f"{reading.members.get(order.member_id).name} is paying for other projects right now, and yours are "
                "added to the same subscription. Wait until that is finished or given up, then try again. Your choice "
                "is kept.",
                WayOut.SUBSCRIPTIONS,
                about=order.id,
            )
    return None


@attrs.frozen
class Bought:
    """When the account bought last, and the payment type of the subscription that the next purchase adds to."""

    at: datetime
    adds_to: Interval | None


def bought_last(reading: Reading, book: PriceBook) -> Bought | None:
    """Return what the last purchases say about the next one; of several subscriptions the one used last is added to."""
    subscriptions = reading.subscriptions.all()
    growing = (_growing(subscriptions, interval, book) for interval in Interval)
    intervals = {each.id: each.interval for each in growing if each}
    licenses = sorted(reading.licenses.all(), key=lambda each: each.granted_at, reverse=True)
    if not licenses:
        return None
    used = (intervals[each.subscription_id] for each in licenses if each.subscription_id in intervals)
    return Bought(licenses[0].granted_at, next(used, None))


def _growing(subscriptions: Iterable[Subscription], interval: Interval, book: PriceBook) -> Subscription | None:
    """
    Return the subscription that purchases of this interval are added to.

    One that ends, or that bills other prices than are sold today, is left to run as it is.
    """
    return next(
        (
            each
            for each in subscriptions
            if each.interval is interval and each.is_live and each.cancel_at is None and _sold_alike(each, book)
        ),
        None,
    )


def _sold_alike(subscription: Subscription, book: PriceBook) -> bool:
    return all(
        item.unit_cents == book.unit_cents(item.product, subscription.interval)
        for item in subscription.items
        if item.quantity
    )


def _not_now(
    subscription: Subscription, reading: Reading, actor: Actor, moment: datetime, at: datetime
) -> Refused | None:
    if subscription.status not in _CAN_GROW:
        return Refused(
            Reason.PAYMENT_OVERDUE,
            "An invoice of your subscription is not paid. Pay it first, then add projects. Your choice is kept.",
            WayOut.MANAGE_SUBSCRIPTIONS,
        )
    order = changing_order(subscription.id, reading)
    if order is not None and order.member_id != actor.member_id:
        return added_to_by(reading.members.get(order.member_id).name, order)
    if order is not None and order.state is not OrderState.OPEN:
        return _not_finished(order)
    if _is_changing(subscription, reading.licenses.of_subscription(subscription.id), moment, at):
        return _under_way()
    return None


def not_changed(error: ChangesUsedUp | OutdatedChange) -> Refused:
    """Return the refusal of a change the provider did not take: one too many, or renewed or changed meanwhile."""
    if isinstance(error, ChangesUsedUp):
        return Refused(Reason.CHANGES_USED_UP, f"{error.remedy} Your choice is kept.", WayOut.SUBSCRIPTIONS)
    return _under_way()


def _under_way() -> Refused:
    return Refused(
        Reason.CHANGE_UNDER_WAY,
        "Your subscription is being changed or renewed at this moment. Try again in a minute. Your choice is kept.",
        WayOut.SUBSCRIPTIONS,
    )


def added_to_by(name: str, order: Order) -> Refused:
    """Return the refusal while another member's order changes the subscription: two changes at once would collide."""
    return Refused(
        Reason.IN_OPEN_ORDER,
        f"{name} is adding projects to this subscription right now. Wait until that is paid or given up, then try "
        "again. Your choice is kept.",
        WayOut.SUBSCRIPTIONS,
        about=order.id,
    )


def _not_finished(order: Order) -> Refused:
    return Refused(
        Reason.IN_OPEN_ORDER,
        "Your last order waits for its payment. Finish it or give it up first. Your choice is kept.",
        WayOut.PAYMENT,
        about=order.id,
    )


def _is_changing(subscription: Subscription, held: Iterable[License], moment: datetime, at: datetime) -> bool:
    """Tell whether provider and ledger do not agree yet about what is renewed, or which period it is."""
    inside = all(item.period_start <= moment < item.period_end for item in subscription.items)
    return not agree(subscription, held, at) or not inside or subscription.pending is not None


def _grown(subscription: Subscription, wanted: Quote) -> Quote:
    units = {item.product: item.unit_cents for item in subscription.items}
    units |= {line.product: line.unit_cents for line in wanted.lines}
    quantities = {each: subscription.quantity(each) + wanted.quantity(each) for each in units}
    lines = (QuoteLine(each, quantities[each], units[each]) for each in grouped(units) if quantities[each])
    return Quote(subscription.interval, tuple(lines))
