"""What Project Central and Manage Subscriptions say while an invoice or an order is not paid."""

from datetime import datetime

import attrs

from smartapp_domain.billing import InvoiceStatus, Subscription, SubscriptionStatus
from smartapp_domain.identity import Actor, Right
from smartapp_domain.licensing import LicenseState
from smartapp_domain.ordering import Order, OrderState
from smartapp_domain.ports.storage import Reading
from smartapp_http.present.owing import Waiting, unpaid
from smartapp_http.views import Banner
from smartapp_http.web import Web

_IN_ORDER = frozenset({SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING})


@attrs.frozen
class Owing:
    """`inactive` counts the projects whose licenses are suspended."""

    banners: tuple[Banner, ...]
    inactive: int


def owing_in(reading: Reading, web: Web, at: datetime) -> Owing:
    """Look at the licenses of those subscriptions alone that may owe something."""
    banners: list[Banner] = []
    inactive = set()
    for each in reading.subscriptions.all():
        if _may_owe(each):
            held = reading.licenses.of_subscription(each.id)
            email = web.settings.support_email
            banners += unpaid(each, each.invoices, held, at=at, actor=web.actor, support_email=email)
            inactive |= {x.project_id for x in held if x.state(at) is LicenseState.SUSPENDED}
    return Owing(tuple(dict.fromkeys(banners)), len(inactive))


def waiting_in(reading: Reading, web: Web) -> tuple[Waiting, ...]:
    """Return the orders that nobody has paid yet, for who may pay them or give them up."""
    if not web.actor.may(Right.BUY):
        return ()
    found = (Waiting(order, buyer_in(reading, order, web.actor)) for order in reading.orders.open())
    return tuple(each for each in found if _waits(each))


def buyer_in(reading: Reading, order: Order, actor: Actor) -> str:
    """Return who began an order, "" for whoever looks."""
    return "" if order.member_id == actor.member_id else reading.members.get(order.member_id).name


def _waits(each: Waiting) -> bool:
    """One's own that never got a page goes on with Checkout; somebody else's can only be given up."""
    return each.order.state is OrderState.AWAITING_PAYMENT or (each.order.state is OrderState.OPEN and each.buyer != "")


def _may_owe(subscription: Subscription) -> bool:
    is_open = any(invoice.status is InvoiceStatus.OPEN for invoice in subscription.invoices)
    return subscription.is_live and (is_open or subscription.status not in _IN_ORDER)
