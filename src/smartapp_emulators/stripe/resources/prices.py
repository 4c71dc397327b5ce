"""Prices: immutable in amount. A new amount is a new price, to which a lookup key can be moved."""

from typing import Any

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.errors import StripeError, invalid
from smartapp_emulators.stripe.ids import new_id
from smartapp_emulators.stripe.listing import created_in, page
from smartapp_emulators.stripe.objects import assign, at_most, changed, keep, merge_metadata
from smartapp_emulators.stripe.operations import Call
from smartapp_emulators.stripe.store import public

Json = dict[str, Any]

_LONGEST_LOOKUP_KEY = 200
_LOOKUP_KEYS_PER_LIST = 10
#: The longest period allowed: three years.
_LONGEST = {"day": 1095, "week": 156, "month": 36, "year": 3}


def create(account: Account, call: Call) -> Json:
    return make(account, call.params)


def make(account: Account, given: Json) -> Json:
    """Create a price from parameters that name their product."""
    if not given.get("product"):
        raise invalid("Missing required param: product.", "product", "parameter_missing")
    account.find("product", given["product"], "product", status=400)
    if not isinstance(given.get("unit_amount"), int) or given["unit_amount"] < 0:
        raise invalid("A price needs a unit_amount: whole cents, zero or more.", "unit_amount", "parameter_missing")
    price = {
        "id": new_id("price"),
        "object": "price",
        "active": given.get("active", True),
        "billing_scheme": "per_unit",
        "created": account.now(),
        "currency": given["currency"].lower(),
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": given.get("nickname") or None,
        "product": given["product"],
        "recurring": _recurring(given.get("recurring")),
        "tax_behavior": given.get("tax_behavior") or "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring" if given.get("recurring") else "one_time",
        "unit_amount": given["unit_amount"],
        "unit_amount_decimal": str(given["unit_amount"]),
    }
    merge_metadata(price, given.get("metadata"))
    _claim_lookup_key(account, price, given)
    return keep(account, "price", price, "price.created")


def retrieve(account: Account, call: Call) -> Json:
    found: Json = public(account.find("price", call.ids[0]))
    return found


def update(account: Account, call: Call) -> Json:
    price = account.find("price", call.ids[0])
    before = public(price)
    wanted = call.get("tax_behavior")
    if wanted and price["tax_behavior"] not in {"unspecified", wanted}:
        raise invalid("tax_behavior cannot be changed once it is set.", "tax_behavior")
    assign(price, call, "active", "nickname")
    price["tax_behavior"] = wanted or price["tax_behavior"]
    merge_metadata(price, call.params.get("metadata"))
    _claim_lookup_key(account, price, call.params)
    previous = changed(before, price)
    return keep(account, "price", price, "price.updated" if previous else None, previous)


def listed(account: Account, call: Call) -> Json:
    keys = call.get("lookup_keys")
    at_most(keys or [], _LOOKUP_KEYS_PER_LIST, "lookup_keys")
    plain = {name: call.get(name) for name in ("active", "currency", "product", "type") if call.get(name) is not None}
    recurring = call.get("recurring") or {}
    return page(
        call,
        (
            row
            for row in account.store.rows("price")
            if all(row[name] == value for name, value in plain.items())
            and (keys is None or row["lookup_key"] in keys)
            and all((row["recurring"] or {}).get(name) == value for name, value in recurring.items())
            and created_in(row, call.get("created"))
        ),
    )


def _recurring(given: Any) -> Json | None:
    if not given:
        return None
    interval, count = given["interval"], given.get("interval_count", 1)
    if not 1 <= count <= _LONGEST[interval]:
        raise invalid("A recurring price can have a period of at most three years.", "recurring[interval_count]")
    if given.get("usage_type", "licensed") != "licensed":
        raise invalid("The Stripe emulator offers usage_type=licensed only.", "recurring[usage_type]")
    return {
        "interval": interval,
        "interval_count": count,
        "meter": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }


def _claim_lookup_key(account: Account, price: Json, given: Json) -> None:
    if "lookup_key" not in given:
        return
    key = given["lookup_key"] or None
    if key and len(key) > _LONGEST_LOOKUP_KEY:
        raise invalid(f"A lookup_key can be at most {_LONGEST_LOOKUP_KEY} characters.", "lookup_key")
    for other in account.store.rows("price"):
        if key and other["lookup_key"] == key and other["id"] != price["id"]:
            if not given.get("transfer_lookup_key"):
                message = f"A price (`{other['id']}`) already uses that lookup key."
                raise StripeError(message, code="resource_already_exists", param="lookup_key")
            previous = {"lookup_key": key}
            keep(account, "price", {**other, "lookup_key": None}, "price.updated", previous)
    price["lookup_key"] = key
