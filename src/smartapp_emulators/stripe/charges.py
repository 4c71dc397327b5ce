"""Charges: what the bank said to one try to take money, and what was given back of it."""

from typing import Any

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.cards import PROCESSING, SUCCEED
from smartapp_emulators.stripe.errors import StripeError, invalid
from smartapp_emulators.stripe.ids import new_id
from smartapp_emulators.stripe.objects import keep
from smartapp_emulators.stripe.payment_methods import refusal
from smartapp_emulators.stripe.periods import money

Json = dict[str, Any]


def new_charge(account: Account, intent: Json, method: Json, verdict: str) -> Json:
    """Return the trace of a try to pay an intent; nothing is stored."""
    return {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "STRIPE EMULATOR",
        "created": account.now(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _details(method, intent["amount"]),
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": intent["shipping"],
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "transfer_data": None,
        "transfer_group": None,
        **_outcome(verdict, intent["amount"]),
    }


def settle_charge(account: Account, charge_id: str, verdict: str) -> None:
    """Tell a pending charge how the bank decided."""
    charge = account.find("charge", charge_id)
    charge |= _outcome(verdict, charge["amount"])
    keep(account, "charge", charge, "charge.succeeded" if verdict == SUCCEED else "charge.failed")


def refund(account: Account, charge: Json, amount: int | None, *, reason: str | None, metadata: Json) -> Json:
    """
    Give money of a charge back; the invoice it paid stays paid.

    Args:
        account: The account.
        charge: A charge that succeeded.
        amount: Cents; none gives back everything that is left.
        reason: `duplicate`, `fraudulent` or `requested_by_customer`, if any was given.
        metadata: Of the refund.

    Raises:
        StripeError: There is nothing to give back, or not that much.
    """
    left = charge["amount_captured"] - charge["amount_refunded"]
    wanted = left if amount is None else amount
    _check_refund(charge, wanted, left)
    row = {
        "id": new_id("re"),
        "object": "refund",
        "amount": wanted,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": account.now(),
        "currency": charge["currency"],
        "customer": charge["customer"],
        "destination_details": _destination(charge),
        "metadata": metadata,
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
    back = charge["amount_refunded"] + wanted
    after = charge | {"amount_refunded": back, "refunded": back == charge["amount_captured"]}
    told = {name: charge[name] for name in ("amount_refunded", "refunded") if charge[name] != after[name]}
    keep(account, "charge", after, "charge.refunded", told)
    return keep(account, "refund", row, "refund.created")


def _details(method: Json, amount: int) -> Json:
    """Return how a charge shows its payment method: less than is stored, and what the network said."""
    kind = method["type"]
    if kind != "card":
        return {kind: method[kind], "type": kind}
    shown = {name: method["card"][name] for name in _SHOWN_OF_CARD}
    return {"card": {**shown, **_UNAVAILABLE, "amount_authorized": amount, "network": shown["brand"]}, "type": "card"}


_SHOWN_OF_CARD = (
    "brand",
    "checks",
    "country",
    "exp_month",
    "exp_year",
    "fingerprint",
    "funding",
    "last4",
    "regulated_status",
    "wallet",
)
_UNAVAILABLE = {
    "extended_authorization": {"status": "disabled"},
    "incremental_authorization": {"status": "unavailable"},
    "installments": None,
    "mandate": None,
    "multicapture": {"status": "unavailable"},
    "network_token": {"used": False},
    "three_d_secure": None,
}


def _check_refund(charge: Json, wanted: int, left: int) -> None:
    if charge["status"] != "succeeded":
        raise StripeError(f"Charge {charge['id']} did not succeed, so it cannot be refunded.", param="charge")
    if left == 0:
        raise StripeError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if wanted < 1:
        raise invalid("This value must be greater than or equal to 1.", "amount", "parameter_invalid_integer")
    if wanted > left:
        shown = money(wanted, charge["currency"]), money(left, charge["currency"])
        raise invalid(f"Refund amount ({shown[0]}) is greater than unrefunded amount on charge ({shown[1]})", "amount")


def _destination(charge: Json) -> Json:
    kind = charge["payment_method_details"]["type"]
    if kind != "card":
        return {kind: {"reference": None, "reference_status": "pending"}, "type": kind}
    card = {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}
    return {"card": card, "type": "card"}


def _outcome(verdict: str, amount: int) -> Json:
    if verdict in {SUCCEED, PROCESSING}:
        told = {
            "type": "authorized",
            "seller_message": "Payment complete.",
            "network_status": "approved_by_network",
            "network_advice_code": None,
            "network_decline_code": None,
            "advice_code": None,
            "reason": None,
            "risk_level": "normal",
            "risk_score": 20,
        }
        return {
            "status": "succeeded" if verdict == SUCCEED else "pending",
            "paid": True,
            "failure_code": None,
            "failure_message": None,
            "outcome": told,
            "captured": True,
            "amount_captured": amount,
        }
    error = refusal(verdict)
    told = {"type": "issuer_declined", "seller_message": error["message"], "network_status": "declined_by_network"}
    return {
        "status": "failed",
        "paid": False,
        "failure_code": error["code"],
        "failure_message": error["message"],
        "outcome": {**told, "reason": error["decline_code"]},
        "captured": False,
        "amount_captured": 0,
    }
