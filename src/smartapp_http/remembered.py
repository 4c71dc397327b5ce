"""What a browser keeps between pages that is too small for the database."""

from typing import Final

from smartapp_domain.catalog import Interval
from smartapp_domain.use_cases.offer import bought_last
from smartapp_http.cookies import cookie, no_cookie
from smartapp_http.web import Web

INTERVAL_COOKIE: Final = "smartapp_interval"
LEFT_COOKIE: Final = "smartapp_left"


def payment_type(web: Web, said: str) -> Interval:
    """
    Return what was said, else what was chosen before for this draft, else what was bought last (docs/domain.md L-15).

    Unsigned: it only preselects, it buys nothing. A choice counts until the account buys something.
    """
    known = {interval.value: interval for interval in Interval}
    with web.ports.reading(web.actor.account_id) as reading:
        bought = bought_last(reading, web.ports.price_book)
    since = f"{bought.at.timestamp():.0f}" if bought else ""
    if said in known:
        _remember(web, f"{said}.{since}")
        return known[said]
    chosen, _, then = web.request.cookies.get(INTERVAL_COOKIE, "").partition(".")
    if chosen in known and then == since:
        return known[chosen]
    return (bought and bought.adds_to) or Interval.YEAR


def _remember(web: Web, choice: str) -> None:
    """Keep the choice for every way back to the offer."""
    lifetime_s = int(web.settings.session_lifetime.total_seconds())
    web.cookies.append(cookie(INTERVAL_COOKIE, choice, lifetime_s, web.settings))


def forget(web: Web) -> None:
    """Leave nothing to whoever uses this browser next."""
    web.cookies.append(no_cookie(INTERVAL_COOKIE, web.settings))


def note_left(web: Web) -> None:
    """Keep that the person signed out themselves: a page they go back to is not one whose sign-in has ended."""
    lifetime_s = int(web.settings.session_lifetime.total_seconds())
    web.cookies.append(cookie(LEFT_COOKIE, "1", lifetime_s, web.settings))


def has_left(web: Web) -> bool:
    return LEFT_COOKIE in web.request.cookies


def note_back(web: Web) -> None:
    """Forget an earlier sign-out, once somebody is signed in."""
    if has_left(web):
        web.cookies.append(no_cookie(LEFT_COOKIE, web.settings))
