"""Refunds over the API."""

from typing import Any

from smartapp_emulators.stripe import charges
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.errors import StripeError, invalid
from smartapp_emulators.stripe.listing import created_in, page
from smartapp_emulators.stripe.objects import changed, keep, merge_metadata, reference
from smartapp_emulators.stripe.operations import Call
from smartapp_emulators.stripe.store import public

Json = dict[str, Any]


def create(account: Account, call: Call) -> Json:
    holder: Json = {"metadata": {}}
    merge_metadata(holder, call.params.get("metadata"))
    return charges.refund(
        account, _charge(account, call), call.get("amount"), reason=call.get("reason"), metadata=holder["metadata"]
    )


def retrieve(account: Account, call: Call) -> Json:
    shown: Json = public(account.find("refund", call.ids[0]))
    return shown


def update(account: Account, call: Call) -> Json:
    row = account.find("refund", call.ids[0])
    before = public(row)
    merge_metadata(row, call.params.get("metadata"))
    previous = changed(before, row)
    if previous:
        account.emit("charge.refund.updated", row, previous)
    return keep(account, "refund", row, "refund.updated" if previous else None, previous)


def listed(account: Account, call: Call) -> Json:
    plain = {name: call.get(name) for name in ("charge", "payment_intent") if call.get(name) is not None}
    return page(
        call,
        (
            row
            for row in account.store.rows("refund")
            if all(row[name] == value for name, value in plain.items()) and created_in(row, call.get("created"))
        ),
    )


def _charge(account: Account, call: Call) -> Json:
    if call.get("charge") and call.get("payment_intent"):
        raise invalid("You may only specify one of these parameters: charge, payment_intent.", "payment_intent")
    if call.get("charge"):
        return reference(account, "charge", call, "charge")
    if not call.get("payment_intent"):
        raise StripeError("One of the following params should be provided for this request: payment_intent or charge.")
    intent = reference(account, "payment_intent", call, "payment_intent")
    if intent["status"] != "succeeded":
        raise StripeError(f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.")
    return account.find("charge", intent["latest_charge"])
