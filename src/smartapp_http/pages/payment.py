"""Where the pay page returns to: it says what is stored, and nothing earlier."""

from typing import Final

import attrs
from litestar import get, post
from litestar.di import NamedDependency

from smartapp_domain.identity import Right, require
from smartapp_domain.ids import CheckoutId, OrderId
from smartapp_domain.jobs import JobKind
from smartapp_domain.ordering import Order, OrderEvent, OrderState
from smartapp_domain.ports.payments import PaymentsUnavailable
from smartapp_domain.ports.storage import OPERATOR, NotFound
from smartapp_domain.use_cases.give_up import give_up
from smartapp_domain.use_cases.map_projects import review
from smartapp_domain.use_cases.settle_order import settle_order
from smartapp_http import links
from smartapp_http.access import RefusedByRule, needs
from smartapp_http.pages.owing import buyer_in
from smartapp_http.pools import VENDORS
from smartapp_http.present.buying import expired_view, payment_view
from smartapp_http.refusals import accepted
from smartapp_http.views import Area, paths
from smartapp_http.web import Html, Web

_NEVER_PAID: Final = frozenset({OrderEvent.EXPIRED.value, OrderEvent.REPLACED.value})


@get(links.RETURN, opt=needs(Right.MAP_PROJECTS), include_in_schema=False)
@VENDORS
def payment_return(web: NamedDependency[Web]) -> Html:
    """Look up what became of the payment, show it, and go to Project Central once everything is set up."""
    order = _settled(web)
    if order.state is OrderState.FULFILLED:
        return web.go(links.with_query(paths.CENTRAL, done=order.id))
    if order.state is OrderState.CLOSED and order.closed_because in _NEVER_PAID:
        return web.page("payment_canceled.html", expired_view(order, accepted(review(web.actor, web.ports))))
    view = payment_view(
        order, web.actor, poll_url="", ready=frozenset(), stuck_id=_stuck(web, order), buyer=_buyer(web, order)
    )
    if web.is_htmx and web.asked("shown") == view.state.value:
        return web.unchanged()
    if view.poll_url is not None:
        asked = {"cs": web.asked("cs"), "order": web.asked("order"), "shown": view.state.value}
        view = attrs.evolve(view, poll_url=links.with_query(links.RETURN, **asked))
    if web.is_htmx:
        return web.fragment("payment.html", view=view)
    return web.page("payment_progress.html", view, area=Area.MAPPING)


@post(paths.GIVE_UP, opt=needs(Right.BUY), status_code=200, include_in_schema=False)
@VENDORS
def give_up_payment(web: NamedDependency[Web]) -> Html:
    """Let go of a payment the card did not make, so that something else can be bought."""
    order = accepted(give_up(web.actor, OrderId(web.field("order")), web.ports))
    return web.go(links.with_query(links.RETURN, order=order.id))


def _settled(web: Web) -> Order:
    """
    Ask the provider; while it cannot be reached, what is stored already is what we can say.

    What somebody else pays, and how, is for roles that see billing (L-20).
    """
    account_id = web.actor.account_id
    checkout_id, order_id = CheckoutId(web.asked("cs")), OrderId(web.asked("order"))
    with web.ports.reading(account_id) as reading:
        order = reading.orders.get(order_id) if order_id else reading.orders.of_checkout(checkout_id)
    if order is None:
        raise NotFound("payment", checkout_id)
    if order.member_id != web.actor.member_id and (refused := require(web.actor, Right.VIEW_BILLING)):
        raise RefusedByRule(refused)
    try:
        return settle_order(account_id, order.id, web.ports)
    except PaymentsUnavailable:
        return order


def _buyer(web: Web, order: Order) -> str:
    with web.ports.reading(web.actor.account_id) as reading:
        return buyer_in(reading, order, web.actor)


def _stuck(web: Web, order: Order) -> str:
    """Return what to quote to support when the set-up of a paid order waits for a person; "" otherwise."""
    if order.state is not OrderState.PAID:
        return ""
    with web.ports.reading(OPERATOR) as reading:
        waits = any(job.kind is JobKind.FULFILL_ORDER for job in reading.jobs.failed(order.id))
    return str(order.id) if waits else ""


HANDLERS: Final = (payment_return, give_up_payment)
