"""Checkout Sessions in subscription mode: an offer to pay, with a page; nothing else exists until it is paid."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.checkout import expire_session
from smartapp_emulators.stripe.errors import StripeError, invalid, missing_parameter, not_emulated
from smartapp_emulators.stripe.ids import new_id
from smartapp_emulators.stripe.listing import created_in, page
from smartapp_emulators.stripe.objects import at_most, keep, merge_metadata
from smartapp_emulators.stripe.operations import Call
from smartapp_emulators.stripe.resources.customers import living
from smartapp_emulators.stripe.store import public

Json = dict[str, Any]

_MOST_LINES = 20
_SHORTEST_S = 30 * 60
_LONGEST_S = 24 * 3600
#: What the emulator's pay page offers.
METHOD_TYPES = ("card", "us_bank_account")


def create(account: Account, call: Call) -> Json:
    _only_subscriptions(call)
    lines = [_line(account, given, index) for index, given in enumerate(call.get("line_items") or [])]
    _fit_together(lines)
    customer = living(account, call.params["customer"], "customer", status=400) if call.get("customer") else None
    if customer and call.get("customer_email"):
        raise invalid("You may only specify one of these parameters: customer, customer_email.", "customer_email")
    identifier, total = new_id("cs_test"), sum(line["amount_total"] for line in lines)
    data = call.get("subscription_data") or {}
    session = {
        **_BLANK,
        "id": identifier,
        "amount_subtotal": total,
        "amount_total": total,
        "cancel_url": call.get("cancel_url"),
        "client_reference_id": call.get("client_reference_id"),
        "created": account.now(),
        "currency": lines[0]["currency"],
        "customer": customer["id"] if customer else None,
        "customer_creation": None if customer else "always",
        "customer_details": _details(customer, call.get("customer_email")),
        "customer_email": call.get("customer_email"),
        "expires_at": _expiry(account, call.get("expires_at")),
        "metadata": {},
        "payment_method_types": _methods(call),
        "success_url": _url(call, "success_url"),
        "url": f"{account.base_url}/c/pay/{identifier}",
        "_line_items": lines,
        "_subscription_data": data,
    }
    merge_metadata(session, call.params.get("metadata"))
    return keep(account, "checkout.session", session)


def retrieve(account: Account, call: Call) -> Json:
    found: Json = public(account.find("checkout.session", call.ids[0]))
    return found


def update(account: Account, call: Call) -> Json:
    session = account.find("checkout.session", call.ids[0])
    merge_metadata(session, call.params.get("metadata"))
    return keep(account, "checkout.session", session)


def expire(account: Account, call: Call) -> Json:
    session = account.find("checkout.session", call.ids[0])
    if session["status"] != "open":
        message = f'Only Checkout Sessions with a status in ["open"] can be expired. This one is {session["status"]}.'
        raise StripeError(message)
    return expire_session(account, session["id"])


def listed(account: Account, call: Call) -> Json:
    plain = {name: call.get(name) for name in ("customer", "status", "subscription") if call.get(name) is not None}
    return page(
        call,
        (
            row
            for row in account.store.rows("checkout.session")
            if all(row[name] == value for name, value in plain.items()) and created_in(row, call.get("created"))
        ),
    )


def line_items(account: Account, call: Call) -> Json:
    session = account.find("checkout.session", call.ids[0])
    return page(call, session["_line_items"][::-1])  # lines are listed in the order they were given


def _only_subscriptions(call: Call) -> None:
    if call.get("mode") is None:
        raise missing_parameter("mode")
    if call.get("mode") != "subscription":
        raise invalid("The Stripe emulator offers mode=subscription only.", "mode")
    if call.get("ui_mode", "hosted_page") != "hosted_page":
        raise invalid("The Stripe emulator offers ui_mode=hosted_page only.", "ui_mode")
    if (call.get("automatic_tax") or {}).get("enabled"):
        raise not_emulated("automatic_tax[enabled]")
    if not call.get("line_items"):
        raise missing_parameter("line_items")
    at_most(call.params["line_items"], _MOST_LINES, "line_items")


def _line(account: Account, given: Json, index: int) -> Json:
    where = f"line_items[{index}]"
    if not given.get("price"):
        raise missing_parameter(f"{where}[price]")
    price = account.find("price", given["price"], f"{where}[price]", status=400)
    product = account.find("product", price["product"])
    if not (price["active"] and product["active"]):
        raise invalid(f"The price specified is inactive: {price['id']}.", f"{where}[price]")
    if price["recurring"] is None:
        raise invalid("The Stripe emulator offers recurring prices in Checkout only.", f"{where}[price]")
    quantity = given.get("quantity")
    if quantity is None:
        raise missing_parameter(f"{where}[quantity]")
    if quantity < 1:
        raise invalid(
            "This value must be greater than or equal to 1.", f"{where}[quantity]", "parameter_invalid_integer"
        )
    amount = price["unit_amount"] * quantity
    return {
        "id": new_id("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": product["name"],
        "metadata": given.get("metadata") or {},
        "price": public(price),
        "quantity": quantity,
    }


def _fit_together(lines: list[Json]) -> None:
    periods = {(line["price"]["recurring"]["interval"], line["price"]["recurring"]["interval_count"]) for line in lines}
    if len(periods) > 1:
        raise invalid("Checkout does not support multiple prices with different billing intervals.", "line_items")
    if len({line["currency"] for line in lines}) > 1:
        raise invalid("All prices of a Checkout Session need the same currency.", "line_items")


def _expiry(account: Account, wanted: int | None) -> int:
    now = account.now()
    if wanted is None:
        return now + _LONGEST_S
    if wanted < now + _SHORTEST_S:
        raise invalid("`expires_at` must be at least 30 minutes after the Checkout Session is created.", "expires_at")
    if wanted > now + _LONGEST_S:
        raise invalid("`expires_at` must be at most 24 hours after the Checkout Session is created.", "expires_at")
    return wanted


def _methods(call: Call) -> list[str]:
    allowed = call.get("allowed_payment_method_types") or METHOD_TYPES
    excluded = call.get("excluded_payment_method_types") or []
    left = [name for name in METHOD_TYPES if name in allowed and name not in excluded]
    if not left:
        offered = " and ".join(METHOD_TYPES)
        raise invalid(f"No payment method type is left; the emulator offers {offered}.", "allowed_payment_method_types")
    return left


def _url(call: Call, name: str) -> str:
    value: str | None = call.get(name)
    if value is None:
        raise missing_parameter(name)
    if urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc:
        raise invalid("Not a valid URL", name, "url_invalid")
    return value


def _details(customer: Json | None, email: str | None) -> Json | None:
    if customer is None and email is None:
        return None
    known = customer or {}
    return {
        "address": known.get("address"),
        "business_name": None,
        "email": known.get("email") or email,
        "individual_name": None,
        "name": None,  # typed on the page, also by a customer whose name is known
        "phone": known.get("phone"),
        "tax_exempt": "none",
        "tax_ids": None,
    }


_BLANK: Mapping[str, Any] = {
    "object": "checkout.session",
    "adaptive_pricing": {"enabled": False},
    "after_expiration": None,
    "allow_promotion_codes": None,
    "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
    "billing_address_collection": None,
    "branding_settings": {"display_name": "Stripe emulator"},
    "client_secret": None,
    "collected_information": {"business_name": None, "individual_name": None, "shipping_details": None},
    "consent": None,
    "consent_collection": None,
    "currency_conversion": None,
    "custom_fields": [],
    "custom_text": {
        "after_submit": None,
        "shipping_address": None,
        "submit": None,
        "terms_of_service_acceptance": None,
    },
    "customer_account": None,
    "discounts": [],
    "integration_identifier": None,
    "invoice": None,
    "invoice_creation": None,
    "livemode": False,
    "locale": None,
    "mode": "subscription",
    "origin_context": None,
    "payment_intent": None,
    "payment_link": None,
    "payment_method_collection": "always",
    "payment_method_configuration_details": None,
    "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
    "payment_status": "unpaid",
    "permissions": None,
    "phone_number_collection": {"enabled": False},
    "recovered_from": None,
    "saved_payment_method_options": {
        "allow_redisplay_filters": ["always"],
        "payment_method_remove": "disabled",
        "payment_method_save": None,
    },
    "setup_intent": None,
    "shipping_address_collection": None,
    "shipping_cost": None,
    "shipping_options": [],
    "status": "open",
    "submit_type": None,
    "subscription": None,
    "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
    "ui_mode": "hosted_page",
    "wallet_options": None,
}
