"""Payment methods over the API: made from test cards, stored with customers, taken away from them."""

from typing import Any

from smartapp_emulators.stripe import magic, payment_methods
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.card_form import BANK_ACCOUNTS
from smartapp_emulators.stripe.cards import PUBLISHED_CARDS, passes_luhn
from smartapp_emulators.stripe.errors import StripeError, card_error, invalid, missing, missing_parameter
from smartapp_emulators.stripe.listing import page
from smartapp_emulators.stripe.objects import address, assign, changed, keep, merge_metadata
from smartapp_emulators.stripe.operations import Call
from smartapp_emulators.stripe.resources.customers import living
from smartapp_emulators.stripe.store import public

Json = dict[str, Any]

_KIND = "payment_method"
_LIVE_CARD = (
    "Your card was declined. Your request was in test mode, but used a non test (live) card. For a list of valid test "
    "cards, visit: https://stripe.com/docs/testing."
)


def create(account: Account, call: Call) -> Json:
    match call.get("type"):
        case None:
            raise missing_parameter("type")
        case "card":
            method = _card(account, call)
        case "us_bank_account":
            method = _bank(account, call)
        case other:
            raise invalid(f"The Stripe emulator offers cards and US bank accounts, not {other}.", "type")
    _apply(method, call)
    return keep(account, _KIND, method)


def retrieve(account: Account, call: Call) -> Json:
    return _shown(_found(account, call.ids[0]))


def update(account: Account, call: Call) -> Json:
    method = _found(account, call.ids[0])
    if method["customer"] is None:
        raise StripeError("You must save this PaymentMethod to a customer before you can update it.")
    before = public(method)
    _apply(method, call)
    if dates := call.get("card"):
        method["card"] |= {name: dates[name] for name in ("exp_month", "exp_year") if name in dates}
    previous = changed(before, method)
    return keep(account, _KIND, method, "payment_method.updated" if previous else None, previous)


def attach(account: Account, call: Call) -> Json:
    if not call.get("customer"):
        raise missing_parameter("customer")
    customer = living(account, call.params["customer"], "customer", status=400)
    named = call.ids[0]
    method = payment_methods.resolve(account, named) if named in magic.METHODS else _found(account, named)
    return _shown(payment_methods.admit(account, method, customer["id"]))


def detach(account: Account, call: Call) -> Json:
    """Take a method away from its customer; whatever it was the default of has none afterwards."""
    method = _found(account, call.ids[0])
    owner = method["customer"]
    if owner is None:
        raise StripeError("The payment method you provided is not attached to a customer so detachment is impossible.")
    customer = account.find("customer", owner)
    if customer["invoice_settings"]["default_payment_method"] == method["id"]:
        customer["invoice_settings"]["default_payment_method"] = None
        keep(account, "customer", customer, "customer.updated")
    for subscription in account.store.rows("subscription"):
        if subscription["default_payment_method"] == method["id"]:
            account.store.put("subscription", subscription | {"default_payment_method": None})
    after = method | {"customer": None, "_detached": True}
    return keep(account, _KIND, after, "payment_method.detached", {"customer": owner})


def listed(account: Account, call: Call) -> Json:
    customer = call.get("customer")
    if customer is None:
        return page(call, ())
    return _of(account, call, living(account, customer, "customer", status=400)["id"])


def of_customer(account: Account, call: Call) -> Json:
    return _of(account, call, living(account, call.ids[0])["id"])


def one_of_customer(account: Account, call: Call) -> Json:
    customer = living(account, call.ids[0])["id"]
    found = account.store.get(_KIND, call.ids[1])
    if found is None or found["customer"] != customer:
        raise missing(_KIND, call.ids[1], _KIND)
    return _shown(found)


def _of(account: Account, call: Call, customer: str) -> Json:
    kind = call.get("type")
    rows = (row for row in account.store.rows(_KIND) if row["customer"] == customer and kind in {None, row["type"]})
    return page(call, rows)


def _found(account: Account, identifier: str) -> Json:
    return account.find(_KIND, identifier, _KIND)


def _shown(row: Json) -> Json:
    shown: Json = public(row)
    return shown


def _card(account: Account, call: Call) -> Json:
    given = call.get("card") or {}
    token = given.get("token")
    if token is not None and token not in magic.TOKENS:
        raise missing("token", token, "card[token]", status=400)
    number = magic.TOKENS[token] if token else str(given.get("number", "")).replace(" ", "")
    if not number:
        raise missing_parameter("card[number]")
    if not number.isdigit() or not passes_luhn(number):
        raise card_error("incorrect_number", "Your card number is incorrect.", param="card[number]")
    if number not in PUBLISHED_CARDS:
        raise card_error("card_declined", _LIVE_CARD, "test_mode_live_card")
    if token:
        method = payment_methods.card_method(account, number)
    else:
        for name in ("exp_month", "exp_year"):
            if given.get(name) is None:
                raise missing_parameter(f"card[{name}]")
        method = payment_methods.card_method(account, number, expires=(given["exp_year"], given["exp_month"]))
    return method | {"allow_redisplay": call.get("allow_redisplay", "unspecified")}


def _bank(account: Account, call: Call) -> Json:
    given = call.get("us_bank_account") or {}
    routing, number = given.get("routing_number", "110000000"), given.get("account_number", "000123456789")
    if number not in BANK_ACCOUNTS:
        told = " or ".join(BANK_ACCOUNTS)
        raise invalid(f"Use a test account number: {told}.", "us_bank_account[account_number]")
    return payment_methods.bank_method(account, routing, number) | {"_settles": BANK_ACCOUNTS[number]}


def _apply(method: Json, call: Call) -> None:
    given = call.get("billing_details") or {}
    details = method["billing_details"]
    for name in ("email", "name", "phone"):
        if name in given:
            details[name] = given[name] or None
    if "address" in given:
        details["address"] = address(given["address"]) or dict.fromkeys(details["address"])
    assign(method, call, "allow_redisplay")
    merge_metadata(method, call.params.get("metadata"))
