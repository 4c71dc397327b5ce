"""Payment intents, charges and payment methods over the API: read only, they are made by paying."""

from typing import Any

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.errors import missing
from smartapp_emulators.stripe.listing import created_in, page
from smartapp_emulators.stripe.operations import Call
from smartapp_emulators.stripe.resources.customers import living
from smartapp_emulators.stripe.store import public

Json = dict[str, Any]


def intent(account: Account, call: Call) -> Json:
    return _shown(account, "payment_intent", call)


def charge(account: Account, call: Call) -> Json:
    return _shown(account, "charge", call)


def charges(account: Account, call: Call) -> Json:
    customer, payment_intent = call.get("customer"), call.get("payment_intent")
    return page(
        call,
        (
            row
            for row in account.store.rows("charge")
            if customer in {None, row["customer"]}
            and payment_intent in {None, row["payment_intent"]}
            and created_in(row, call.get("created"))
        ),
    )


def method(account: Account, call: Call) -> Json:
    return _shown(account, "payment_method", call)


def methods(account: Account, call: Call) -> Json:
    customer = call.get("customer")
    if customer is None:
        return page(call, ())
    return _methods_of(account, call, living(account, customer, "customer", status=400)["id"])


def methods_of_customer(account: Account, call: Call) -> Json:
    return _methods_of(account, call, living(account, call.ids[0])["id"])


def _methods_of(account: Account, call: Call, customer: str) -> Json:
    kind = call.get("type")
    rows = (
        row
        for row in account.store.rows("payment_method")
        if row["customer"] == customer and kind in {None, row["type"]}
    )
    return page(call, rows)


def _shown(account: Account, kind: str, call: Call) -> Json:
    row = account.store.get(kind, call.ids[0])
    if row is None:
        raise missing(kind, call.ids[0], "intent" if kind == "payment_intent" else kind)
    shown: Json = public(row)
    return shown
