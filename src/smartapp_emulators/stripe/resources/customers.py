"""Customers: who pays. Deleting one cancels its subscriptions at once."""

from typing import Any

from smartapp_emulators.stripe import payment_methods
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.errors import missing
from smartapp_emulators.stripe.ids import new_id
from smartapp_emulators.stripe.listing import created_in, page
from smartapp_emulators.stripe.objects import address, assign, changed, keep, merge_metadata
from smartapp_emulators.stripe.operations import Call
from smartapp_emulators.stripe.store import public
from smartapp_emulators.stripe.subscribing import cancel_now

Json = dict[str, Any]

_PLAIN = (
    "business_name",
    "individual_name",
    "description",
    "email",
    "name",
    "phone",
    "preferred_locales",
    "tax_exempt",
)


def new_customer(account: Account, *, email: str | None = None, name: str | None = None) -> Json:
    """Return a customer that is not stored yet."""
    return {
        "id": new_id("cus"),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": account.now(),
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": email,
        "invoice_prefix": new_id("x")[-8:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": name,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def create(account: Account, call: Call) -> Json:
    customer = new_customer(account)
    method = None
    if named := call.get("payment_method"):
        method = payment_methods.admit(account, payment_methods.resolve(account, named), customer["id"])
    _apply(account, customer, call, {named: method["id"]} if named and method else {})
    return keep(account, "customer", customer, "customer.created")


def retrieve(account: Account, call: Call) -> Json:
    found: Json = public(account.find("customer", call.ids[0]))
    return {"id": found["id"], "object": "customer", "deleted": True} if found.get("deleted") else found


def update(account: Account, call: Call) -> Json:
    customer = living(account, call.ids[0])
    before = public(customer)
    _apply(account, customer, call, {})
    previous = changed(before, customer)
    return keep(account, "customer", customer, "customer.updated" if previous else None, previous)


def delete(account: Account, call: Call) -> Json:
    customer = living(account, call.ids[0])
    for subscription in account.store.rows("subscription"):
        if subscription["customer"] == customer["id"] and subscription["status"] != "canceled":
            cancel_now(account, subscription["id"], reason="cancellation_requested")
    account.emit("customer.deleted", customer)
    account.store.put("customer", {**customer, "deleted": True})
    return {"id": customer["id"], "object": "customer", "deleted": True}


def listed(account: Account, call: Call) -> Json:
    email = call.get("email")
    return page(
        call,
        (
            row
            for row in account.store.rows("customer")
            if not row.get("deleted") and email in {None, row["email"]} and created_in(row, call.get("created"))
        ),
    )


def living(account: Account, identifier: str, param: str = "id", *, status: int = 404) -> Json:
    """
    Return a customer that was not deleted.

    Raises:
        StripeError: Unknown or deleted.
    """
    customer = account.find("customer", identifier, param, status=status)
    if customer.get("deleted"):
        raise missing("customer", identifier, param, status=status)
    return customer


def _apply(account: Account, customer: Json, call: Call, attached: Json) -> None:
    """Write parameters onto a customer; `attached` maps test ids to the methods they became in this request."""
    assign(customer, call, *_PLAIN, "shipping")
    if call.get("balance") is not None:
        customer["balance"] = call.params["balance"]
    if "address" in call.params:
        customer["address"] = address(call.params["address"])
    merge_metadata(customer, call.params.get("metadata"))
    settings = call.get("invoice_settings") or {}
    if "default_payment_method" in settings:
        chosen = attached.get(settings["default_payment_method"], settings["default_payment_method"])
        if chosen:
            where = "invoice_settings[default_payment_method]"
            payment_methods.of_customer(account, chosen, customer["id"], where)
        customer["invoice_settings"]["default_payment_method"] = chosen or None
