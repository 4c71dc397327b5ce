"""Billing portal sessions: a link by which a customer looks after payment methods and invoices, for a short while."""

import time
from typing import Any
from urllib.parse import urlsplit

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.errors import invalid, missing_parameter
from smartapp_emulators.stripe.ids import new_id
from smartapp_emulators.stripe.objects import keep
from smartapp_emulators.stripe.operations import Call
from smartapp_emulators.stripe.resources.customers import living

Json = dict[str, Any]

KIND = "billing_portal.session"
#: The one configuration there is: payment methods and invoices, nothing of the subscription.
_CONFIGURATION = "bpc_1StripeEmulatorDefault"


def create(account: Account, call: Call) -> Json:
    if not call.get("customer"):
        raise missing_parameter("customer")
    customer = living(account, call.params["customer"], "customer", status=400)
    secret = new_id("bps")
    session = {
        "id": secret,
        "object": KIND,
        "configuration": _CONFIGURATION,
        "created": account.now(),
        "customer": customer["id"],
        "customer_account": None,
        "flow": _flow(call),
        "livemode": False,
        "locale": call.get("locale"),
        "on_behalf_of": None,
        "return_url": _url(call.get("return_url"), "return_url"),
        "url": f"{account.base_url}/p/session/{secret}",
        # Like a signature, a link that lets anybody in ages in real time, wherever business time stands.
        "_used_at": int(time.time()),
        "_opened": False,
    }
    return keep(account, KIND, session, "billing_portal.session.created")


def _flow(call: Call) -> Json | None:
    given = call.get("flow_data")
    if not given:
        return None
    if given["type"] != "payment_method_update":
        raise invalid("The Stripe emulator offers the flow payment_method_update only.", "flow_data[type]")
    after = given.get("after_completion") or {"type": "portal_homepage"}
    redirect = after.get("redirect")
    if after["type"] == "redirect" and not redirect:
        raise missing_parameter("flow_data[after_completion][redirect]")
    if redirect:
        _url(redirect["return_url"], "flow_data[after_completion][redirect][return_url]")
    return {
        "after_completion": {
            "hosted_confirmation": after.get("hosted_confirmation"),
            "redirect": redirect,
            "type": after["type"],
        },
        "subscription_cancel": None,
        "subscription_update": None,
        "subscription_update_confirm": None,
        "type": given["type"],
    }


def _url(value: str | None, param: str) -> str | None:
    if value is not None and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc):
        raise invalid("Not a valid URL", param, "url_invalid")
    return value
