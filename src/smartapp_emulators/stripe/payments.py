"""Payment intents and charges: one try to take money, and the trace it leaves."""

from typing import Any

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.cards import CONFIRM, DECLINES, PROCESSING, SUCCEED
from smartapp_emulators.stripe.ids import new_id
from smartapp_emulators.stripe.objects import keep

Json = dict[str, Any]


def open_intent(account: Account, invoice: Json) -> Json:
    """Create the payment intent of a finalized invoice, and the record that joins them."""
    identifier = new_id("pi")
    intent = {
        "id": identifier,
        "object": "payment_intent",
        "amount": invoice["amount_due"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "client_secret": f"{identifier}_secret_{new_id('s')[-24:]}",
        "confirmation_method": "automatic",
        "created": account.now(),
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "customer_account": None,
        "description": _description(invoice),
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": None,
        "payment_method_types": ["card", "us_bank_account"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": "off_session",
        "shipping": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }
    account.store.put("invoice_payment", _joined(account, invoice, identifier))
    return keep(account, "payment_intent", intent, "payment_intent.created")


def take(account: Account, intent_id: str, method: Json, verdict: str) -> None:
    """Try to take the money of an intent with a payment method; `verdict` is what the bank says."""
    intent = account.find("payment_intent", intent_id)
    intent |= {"payment_method": method["id"], "last_payment_error": None, "next_action": None}
    if verdict == CONFIRM:
        intent |= {"status": "requires_action", "next_action": {"type": "use_stripe_sdk", "use_stripe_sdk": {}}}
        keep(account, "payment_intent", intent, "payment_intent.requires_action")
        return
    charge = _charge(account, intent, method, verdict)
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
    intent |= {"status": "succeeded", "amount_received": intent["amount"]}
    keep(account, "payment_intent", intent, "payment_intent.succeeded")
    joined = _joining(account, intent["id"])
    joined |= {"status": "paid", "amount_paid": intent["amount"]}
    joined["status_transitions"]["paid_at"] = account.now()
    keep(account, "invoice_payment", joined, "invoice_payment.paid")


def fail(account: Account, intent: Json, method: Json, verdict: str) -> None:
    intent |= {"status": "requires_payment_method", "payment_method": None}
    intent["last_payment_error"] = {**refusal(verdict), "payment_method": _shown(method)}
    keep(account, "payment_intent", intent, "payment_intent.payment_failed")


def settle_charge(account: Account, charge_id: str, verdict: str) -> None:
    """Tell a pending charge how the bank decided."""
    charge = account.find("charge", charge_id)
    charge |= _outcome(verdict)
    keep(account, "charge", charge, "charge.succeeded" if verdict == SUCCEED else "charge.failed")


def refusal(verdict: str) -> Json:
    """Return the error object of a decline."""
    told = DECLINES.get(verdict, DECLINES["generic_decline"])
    return {
        "code": told.code,
        "decline_code": told.decline_code,
        "message": told.message,
        "type": "card_error",
    }


def _charge(account: Account, intent: Json, method: Json, verdict: str) -> Json:
    identifier = new_id("ch")
    return {
        "id": identifier,
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
        "metadata": {},
        "on_behalf_of": None,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {method["type"]: method[method["type"]], "type": method["type"]},
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "transfer_data": None,
        "transfer_group": None,
        **_outcome(verdict, intent["amount"]),
    }


def _outcome(verdict: str, amount: int = 0) -> Json:
    if verdict in {SUCCEED, PROCESSING}:
        status = "succeeded" if verdict == SUCCEED else "pending"
        told = {
            "type": "authorized",
            "seller_message": "Payment complete.",
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
        }
        captured = {"captured": True, "amount_captured": amount} if amount else {}
        return {
            "status": status,
            "paid": True,
            "failure_code": None,
            "failure_message": None,
            "outcome": told,
            **captured,
        }
    error = refusal(verdict)
    told = {"type": "issuer_declined", "seller_message": error["message"], "network_status": "declined_by_network"}
    captured = {"captured": False, "amount_captured": 0}
    return {
        "status": "failed",
        "paid": False,
        "failure_code": error["code"],
        "failure_message": error["message"],
        "outcome": {**told, "reason": error["decline_code"]},
        **captured,
    }


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


def _joining(account: Account, intent_id: str) -> Json:
    for row in account.store.rows("invoice_payment"):
        if row["payment"]["payment_intent"] == intent_id:
            return account.find("invoice_payment", row["id"])
    raise LookupError(f"No invoice payment joins {intent_id}")


def _description(invoice: Json) -> str:
    return "Subscription creation" if invoice["billing_reason"] == "subscription_create" else "Subscription update"


def _shown(method: Json) -> Json:
    return {name: value for name, value in method.items() if not name.startswith("_")}
