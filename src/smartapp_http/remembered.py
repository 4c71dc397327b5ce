"""What a browser keeps between pages that is too small for the database: the payment type chosen last."""

from typing import Final

from smartapp_domain.catalog import Interval
from smartapp_http.cookies import cookie, no_cookie
from smartapp_http.web import Web

INTERVAL_COOKIE: Final = "smartapp_interval"


def payment_type(web: Web, said: str) -> Interval:
    """Return what was said, else what was chosen before; Yearly until somebody chose (reading 18)."""
    known = {interval.value: interval for interval in Interval}
    if said in known:
        remember(web, known[said])
        return known[said]
    return known.get(web.request.cookies.get(INTERVAL_COOKIE, ""), Interval.YEAR)


def remember(web: Web, interval: Interval) -> None:
    """Keep the choice for every way back to the offer. Unsigned: it only preselects, it buys nothing."""
    lifetime_s = int(web.settings.session_lifetime.total_seconds())
    web.cookies.append(cookie(INTERVAL_COOKIE, interval.value, lifetime_s, web.settings))


def forget(web: Web) -> None:
    """Leave nothing to whoever uses this browser next."""
    web.cookies.append(no_cookie(INTERVAL_COOKIE, web.settings))
