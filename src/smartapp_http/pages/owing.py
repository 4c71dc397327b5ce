"""What Project Central and Manage Subscriptions say while an invoice or an order is not paid."""

from datetime import datetime

import attrs

from smartapp_domain.billing import InvoiceStatus, Subscription, SubscriptionStatus
from smartapp_domain.identity import Right
from smartapp_domain.licensing import LicenseState
from smartapp_domain.ordering import Order, OrderState
from smartapp_domain.ports.storage import Reading
from smartapp_http.present.owing import unpaid
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


def waiting_in(reading: Reading, web: Web) -> tuple[Order, ...]:
    """Return the member's own orders that nobody has paid yet."""
    if not web.actor.may(Right.BUY):
        return ()
    own = (order for order in reading.orders.open() if order.member_id == web.actor.member_id)
    return tuple(order for order in own if order.state is OrderState.AWAITING_PAYMENT)


def _may_owe(subscription: Subscription) -> bool:
    is_open = any(invoice.status is InvoiceStatus.OPEN for invoice in subscription.invoices)
    return subscription.is_live and (is_open or subscription.status not in _IN_ORDER)
