"""Payment intents: a sum to be taken, tried until it succeeds or is given up. Which status may follow is a table."""

from collections.abc import Mapping
from typing import Any

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.cards import CONFIRM, PROCESSING, SUCCEED
from smartapp_emulators.stripe.charges import new_charge
from smartapp_emulators.stripe.ids import new_id
from smartapp_emulators.stripe.objects import keep
from smartapp_emulators.stripe.payment_methods import refusal
from smartapp_emulators.stripe.store import public

Json = dict[str, Any]

#: Which statuses an intent may be confirmed in, and canceled in.
CONFIRMABLE = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})

#: How much of an invoice's id its payment refers to.
_REFERENCE = 25

#: What an intent has not: not yet, or because nothing here can give it.
_UNSET = (
    "application",
    "application_fee_amount",
    "automatic_payment_methods",
    "canceled_at",
    "cancellation_reason",
    "customer_account",
    "excluded_payment_method_types",
    "last_payment_error",
    "latest_charge",
    "next_action",
    "on_behalf_of",
    "payment_method",
    "payment_method_configuration_details",
    "payment_method_options",
    "processing",
    "receipt_email",
    "review",
    "setup_future_usage",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
)


def new_intent(
    account: Account, amount: int, currency: str, *, customer: str | None, description: str | None, **more: Any
) -> Json:
    """Return an intent that waits for a payment method; nothing is stored. `more` are fields of it."""
    identifier = new_id("pi")
    return {
        **dict.fromkeys(_UNSET),
        "id": identifier,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "capture_method": "automatic",
        "client_secret": f"{identifier}_secret_{new_id('s')[-24:]}",
        "confirmation_method": "automatic",
        "created": account.now(),
        "currency": currency,
        "customer": customer,
        "description": description,
        "livemode": False,
        "metadata": {},
        "payment_method_types": ["card", "us_bank_account"],
        "status": "requires_payment_method",
        **more,
    }


def open_intent(account: Account, invoice: Json) -> Json:
    """Create the payment intent of a finalized invoice, and the record that joins them."""
    described, again = _description(invoice), None if invoice["parent"] is None else "off_session"
    intent = new_intent(
        account,
        invoice["amount_due"],
        invoice["currency"],
        customer=invoice["customer"],
        description=described,
        setup_future_usage=again,
        payment_details={"customer_reference": None, "order_reference": invoice["id"][:_REFERENCE]},
    )
    account.store.put("invoice_payment", _joined(account, invoice, intent["id"]))
    return keep(account, "payment_intent", intent, "payment_intent.created")


def take(account: Account, intent_id: str, method: Json, verdict: str) -> None:
    """Try to take the money of an intent with a payment method; `verdict` is what the bank says."""
    intent = account.find("payment_intent", intent_id)
    intent |= {"payment_method": method["id"], "last_payment_error": None, "next_action": None}
    if verdict == CONFIRM:
        intent |= {"status": "requires_action", "next_action": {"type": "use_stripe_sdk", "use_stripe_sdk": {}}}
        keep(account, "payment_intent", intent, "payment_intent.requires_action")
        return
    charge = new_charge(account, intent, method, verdict)
    intent["latest_charge"] = charge["id"]
    if verdict == SUCCEED:
        keep(account, "charge", charge, "charge.succeeded")
        succeed(account, intent)
    elif verdict == PROCESSING:
        keep(account, "charge", charge, "charge.pending")
        keep(account, "payment_intent", {**intent, "status": "processing"}, "payment_intent.processing")
    else:
        keep(account, "charge", charge, "charge.failed")
        fail(account, intent, method, verdict)


def succeed(account: Account, intent: Json) -> None:
    intent |= {"status": "succeeded", "amount_received": intent["amount"], "next_action": None}
    keep(account, "payment_intent", intent, "payment_intent.succeeded")
    joined = _joining(account, intent["id"])
    if joined is not None:
        joined |= {"status": "paid", "amount_paid": intent["amount"]}
        joined["status_transitions"]["paid_at"] = account.now()
        keep(account, "invoice_payment", joined, "invoice_payment.paid")


def fail(account: Account, intent: Json, method: Json, verdict: str) -> None:
    intent |= {"status": "requires_payment_method", "payment_method": None, "next_action": None}
    intent["last_payment_error"] = {**refusal(verdict), "payment_method": public(method)}
    keep(account, "payment_intent", intent, "payment_intent.payment_failed")


def give_up(account: Account, intent_id: str, reason: str | None) -> Json:
    """Cancel an intent that was not paid, and the record that joins it to its invoice."""
    intent = account.find("payment_intent", intent_id)
    intent |= {"status": "canceled", "canceled_at": account.now(), "cancellation_reason": reason, "next_action": None}
    joined = _joining(account, intent_id)
    if joined is not None:
        joined["status"] = "canceled"
        joined["status_transitions"]["canceled_at"] = account.now()
        account.store.put("invoice_payment", joined)
    return keep(account, "payment_intent", intent, "payment_intent.canceled")


def invoice_of(account: Account, intent_id: str) -> str | None:
    """Return the invoice an intent pays, if any."""
    joined = _joining(account, intent_id)
    return joined["invoice"] if joined else None


def _joined(account: Account, invoice: Json, intent_id: str) -> Json:
    return {
        "id": new_id("inpay"),
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": invoice["amount_due"],
        "created": account.now(),
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": intent_id, "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }


def _joining(account: Account, intent_id: str) -> Json | None:
    for row in account.store.rows("invoice_payment"):
        if row["payment"]["payment_intent"] == intent_id:
            return account.find("invoice_payment", row["id"])
    return None


#: How a payment is described, by the reason of its invoice.
_REASONS: Mapping[str, str] = {"subscription_create": "Subscription creation", "manual": "Payment for Invoice"}


def _description(invoice: Json) -> str:
    return _REASONS.get(invoice["billing_reason"], "Subscription update")
