"""The Subscriptions page: what was chosen, what it costs, and the way to the pay page and back."""

from datetime import UTC, datetime
from typing import Final

from litestar import get, post
from litestar.di import NamedDependency

from smartapp_domain.catalog import Interval
from smartapp_domain.decisions import Reason, Refused, WayOut
from smartapp_domain.identity import Right
from smartapp_domain.use_cases.check_out import check_out
from smartapp_domain.use_cases.map_projects import Reviewed
from smartapp_domain.use_cases.offer import Offer, make_offer
from smartapp_http import links
from smartapp_http.access import needs
from smartapp_http.looking import look
from smartapp_http.pages.mapping import TO_PROBLEMS
from smartapp_http.pages.owing import waiting_in
from smartapp_http.paying import CANCELED, next_step, wish_to_pay
from smartapp_http.pools import PAGES, VENDORS
from smartapp_http.present.buying import subscriptions_view
from smartapp_http.present.connection import READ_AGAIN, marketplace
from smartapp_http.problems import status_of
from smartapp_http.refusals import accepted
from smartapp_http.remembered import payment_type
from smartapp_http.text import UNIX_DIGITS, whole_number
from smartapp_http.views import Area, Banner, Link, Tone, paths
from smartapp_http.web import BadForm, Html, Web

_NOTHING_CHARGED: Final = Banner(
    "Nothing was charged",
    "You left the payment page before paying, so no project was created. Your choice is kept: go on when you like.",
    Tone.INFO,
)


@get(paths.SUBSCRIPTIONS, opt=needs(Right.MAP_PROJECTS), include_in_schema=False)
@VENDORS
def subscriptions(web: NamedDependency[Web]) -> Html:
    """Show the offer; without anything that can be bought, go back to the rows."""
    look(web)
    banner = _NOTHING_CHARGED if web.asked("canceled") else None
    return _offer(web, payment_type(web, web.asked("interval")), banner=banner)


def _offer(web: Web, interval: Interval, *, banner: Banner | None = None, status: int = 200) -> Html:
    offer = accepted(make_offer(web.actor, interval, web.ports))
    if offer.reviewed.problems:
        return web.go(TO_PROBLEMS)
    shown = banner or _not_now(web, offer) or _warning(web, offer.reviewed)
    with web.ports.reading(web.actor.account_id) as reading:
        waiting = waiting_in(reading, web)
    host = web.settings.pay_host_name
    view = subscriptions_view(offer, web.actor, web.ports, pay_host=host, waiting=waiting, banner=shown)
    return web.page("subscriptions.html", view, area=Area.MAPPING, status=status)


def _not_now(web: Web, offer: Offer) -> Banner | None:
    refused = offer.not_now
    if refused is None:
        return None
    return Banner("Not at this moment", refused.message, Tone.WARN, _elsewhere(web, refused))


def _elsewhere(web: Web, refused: Refused) -> Link | None:
    """Return the way out, unless it leads to this very page, or to one that the role may not open."""
    closed = refused.way_out is WayOut.MANAGE_SUBSCRIPTIONS and not web.actor.may(Right.VIEW_BILLING)
    return None if closed or refused.way_out is WayOut.SUBSCRIPTIONS else links.way_out(refused, web.settings)


def _warning(web: Web, reviewed: Reviewed) -> Banner | None:
    """Repeat the one-app warning where the decision to pay is made (reading 1)."""
    if not reviewed.warnings:
        return None
    link = marketplace(web.settings)
    return Banner("One app is missing", " ".join(reviewed.warnings), Tone.WARN, link, READ_AGAIN)


@post(paths.INTERVAL, opt=needs(Right.MAP_PROJECTS), status_code=200, include_in_schema=False)
@VENDORS
def choose_interval(web: NamedDependency[Web]) -> Html:
    """Show the offer with the other payment type; htmx gets it at once, a plain form by its own address."""
    interval = payment_type(web, web.field("interval"))
    if not web.is_htmx:
        return web.go(links.with_query(paths.SUBSCRIPTIONS, interval=interval.value))
    answer = _offer(web, interval)
    answer.headers["HX-Replace-Url"] = links.with_query(paths.SUBSCRIPTIONS, interval=interval.value)
    return answer


@post(paths.CHECKOUT, opt=needs(Right.BUY), status_code=200, include_in_schema=False)
@VENDORS
def checkout(web: NamedDependency[Web]) -> Html:
    """Open the pay page for exactly what was shown; anything else is refused in words, on the page."""
    said = web.field("interval")
    if said not in {interval.value for interval in Interval}:
        raise BadForm("The form names no payment type.")
    interval = payment_type(web, said)
    shown_at = _shown_at(web.field("prorated_at"))
    decision = check_out(wish_to_pay(web, interval, web.field("fingerprint"), shown_at), web.ports)
    if isinstance(decision, Refused):
        return _not_sold(web, interval, decision)
    return web.go(next_step(decision))


def _shown_at(said: str) -> datetime | None:
    """Return the moment a prorated offer was reckoned from; none is in the form when nothing is prorated."""
    if not said:
        return None
    moment = whole_number(said, digits=UNIX_DIGITS)
    if moment is None:
        raise BadForm("The form names no moment.")
    return datetime.fromtimestamp(moment, UTC)


def _not_sold(web: Web, interval: Interval, refused: Refused) -> Html:
    """Answer a refusal where the customer can act on it: rows on Projects, prices here, the rest as an error page."""
    if refused.reason in _ON_PROJECTS:
        return web.go(TO_PROBLEMS)
    if refused.reason in _TITLES:
        banner = Banner(_TITLES[refused.reason], refused.message, Tone.WARN, _elsewhere(web, refused))
        return _offer(web, interval, banner=banner, status=status_of(refused))
    accepted(refused)
    raise AssertionError(refused)


#: What the Projects page says by itself, at the rows.
_ON_PROJECTS: Final = frozenset(
    {
        Reason.NOTHING_SELECTED,
        Reason.MODULE_MISSING,
        Reason.UNKNOWN_PROJECT,
        Reason.PROJECT_INACTIVE,
        Reason.CONNECTION_LOST,
    }
)
_TITLES: Final = {
    Reason.PRICE_CHANGED: "The offer changed. Nothing was charged",
    Reason.PRICE_ON_REQUEST: "Nothing to pay online",
    Reason.CATALOG_DRIFT: "Buying is paused. Nothing was charged",
    Reason.IN_OPEN_ORDER: "Somebody else is faster. Nothing was charged",
    Reason.PAYMENT_OVERDUE: "An invoice is not paid. Nothing was charged",
    Reason.CHANGES_USED_UP: "Enough changes for today. Nothing was charged",
    Reason.CHANGE_UNDER_WAY: "Your subscription is being changed. Nothing was charged",
}


@get(CANCELED, opt=needs(Right.MAP_PROJECTS), include_in_schema=False)
@PAGES
def canceled(web: NamedDependency[Web]) -> Html:
    """Come back from the pay page without paying."""
    return web.go(links.with_query(paths.SUBSCRIPTIONS, canceled=1))


HANDLERS: Final = (subscriptions, choose_interval, checkout, canceled)
