"""The wish to pay, with the addresses the pay page comes back to; the same for the page and the API."""

from datetime import datetime
from typing import Final

from smartapp_domain.catalog import Interval
from smartapp_domain.use_cases.check_out import CheckOut, CheckoutStarted
from smartapp_http.links import RETURN, with_query
from smartapp_http.web import Web

CANCELED: Final = "/checkout/canceled"


def wish_to_pay(web: Web, interval: Interval, fingerprint: str, prorated_at: datetime | None = None) -> CheckOut:
    base = web.settings.base_url
    return CheckOut(
        web.actor,
        interval,
        fingerprint,
        return_url=f"{base}{RETURN}?cs={{checkout}}",
        cancel_url=f"{base}{CANCELED}",
        prorated_at=prorated_at,
    )


def next_step(started: CheckoutStarted) -> str:
    """Return where the browser goes: to the pay page, or to ours when a stored card was charged."""
    if started.order.extends is None:
        return started.checkout.url
    return progress_of(started.order.id)


def progress_of(order_id: str) -> str:
    return with_query(RETURN, order=order_id)
