"""The wish to pay, with the addresses the pay page comes back to; the same for the page and the API."""

from typing import Final

from smartapp_domain.catalog import Interval
from smartapp_domain.use_cases.check_out import CheckOut
from smartapp_http.web import Web

CANCELED: Final = "/checkout/canceled"
RETURN: Final = "/checkout/return"


def wish_to_pay(web: Web, interval: Interval, fingerprint: str) -> CheckOut:
    base = web.settings.base_url
    return CheckOut(
        web.actor,
        interval,
        fingerprint,
        return_url=f"{base}{RETURN}?cs={{checkout}}",
        cancel_url=f"{base}{CANCELED}",
    )
