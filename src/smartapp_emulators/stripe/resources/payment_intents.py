"""Payment intents and charges over the API: create, confirm, cancel, and read what came of it."""

from typing import Any

from smartapp_emulators.stripe import invoicing, payment_methods, payments
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.cards import CONFIRM, PROCESSING, SUCCEED
from smartapp_emulators.stripe.errors import StripeError, invalid
from smartapp_emulators.stripe.listing import created_in, page
from smartapp_emulators.stripe.objects import assign, changed, keep, merge_metadata
from smartapp_emulators.stripe.operations import Call
from smartapp_emulators.stripe.resources.customers import living
from smartapp_emulators.stripe.store import public

Json = dict[str, Any]

_KIND = "payment_intent"
_PLAIN = (
    "description",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
)


def create(account: Account, call: Call) -> Json:
    currency = call.params["currency"].lower()
    customer = living(account, call.params["customer"], "customer", status=400) if call.get("customer") else None
    intent = payments.new_intent(
        account,
        _amount(call.params["amount"]),
        currency,
        customer=customer["id"] if customer else None,
        description=None,
        payment_method_types=call.get("payment_method_types") or ["card"],
    )
    if call.get("automatic_payment_methods"):
        intent["automatic_payment_methods"] = {"allow_redirects": "always", **call.params["automatic_payment_methods"]}
    _apply(account, intent, call)
    keep(account, _KIND, intent, "payment_intent.created")
    if call.get("confirm"):
        return _confirmed(account, intent, call)
    if call.get("off_session") is not None:
        raise invalid("off_session can only be passed together with confirm=true.", "off_session")
    return _shown(account, intent["id"])


def retrieve(account: Account, call: Call) -> Json:
    return _shown(account, _found(account, call)["id"])


def update(account: Account, call: Call) -> Json:
    intent = _found(account, call)
    _must_be(intent, payments.CONFIRMABLE, "update")
    before = public(intent)
    if call.get("amount") is not None:
        intent["amount"] = _amount(call.params["amount"])
    _apply(account, intent, call)
    return keep(account, _KIND, intent, "payment_intent.updated" if changed(before, intent) else None)


def confirm(account: Account, call: Call) -> Json:
    intent = _found(account, call)
    _must_be(intent, payments.CONFIRMABLE, "confirm")
    _apply(account, intent, call)
    account.store.put(_KIND, intent)
    return _confirmed(account, intent, call)


def cancel(account: Account, call: Call) -> Json:
    intent = _found(account, call)
    if payments.invoice_of(account, intent["id"]) is not None:
        raise StripeError(
            "You cannot cancel this PaymentIntent because it was created by an invoice. Void the invoice instead.",
            code="payment_intent_unexpected_state",
        )
    _must_be(intent, payments.CONFIRMABLE, "cancel")
    return payments.give_up(account, intent["id"], call.get("cancellation_reason"))


def listed(account: Account, call: Call) -> Json:
    return _of_customer(account, call, _KIND)


def charge(account: Account, call: Call) -> Json:
    shown: Json = public(account.find("charge", call.ids[0], "charge"))
    return shown


def charges(account: Account, call: Call) -> Json:
    wanted = call.get("payment_intent")
    return _of_customer(account, call, "charge", **({"payment_intent": wanted} if wanted else {}))


def authenticate(account: Account, intent_id: str, *, succeeded: bool) -> Json:
    """
    Do what a person does in the bank's window for an intent that waits for it.

    Raises:
        ValueError: The intent does not wait for an authentication.
    """
    intent = account.store.get(_KIND, intent_id)
    if intent is None or intent["status"] != "requires_action":
        raise ValueError(f"Payment intent {intent_id} does not wait for an authentication.")
    method = account.find("payment_method", intent["payment_method"])
    if succeeded:
        method = payment_methods.authenticated(method)
        account.store.put("payment_method", method)
    _charge(account, intent, method, method["_first"] if succeeded else CONFIRM, asked=True)
    return _shown(account, intent_id)


def _confirmed(account: Account, intent: Json, call: Call) -> Json:
    method = account.store.get("payment_method", intent["payment_method"] or "")
    if method is None:
        raise StripeError(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method or ConfirmationToken.",
            code="payment_intent_unexpected_state",
            payment_intent=public(intent),
        )
    absent = call.get("off_session") not in {None, "false"}
    said = invoicing.verdict_for(account, method, present=not absent)
    refuses = absent or bool(call.get("error_on_requires_action"))
    if said == CONFIRM and not refuses:
        _charge(account, intent, method, CONFIRM, asked=False)
        return _shown(account, intent["id"])
    _charge(account, intent, method, said, asked=said == CONFIRM)
    after = account.find(_KIND, intent["id"])
    if said not in {SUCCEED, PROCESSING}:
        raise payment_methods.declined(
            said, charge=after["latest_charge"], payment_intent=public(after), payment_method=public(method)
        )
    if after["setup_future_usage"] and after["customer"] and method["customer"] is None:
        payment_methods.attach(account, method, after["customer"])
    return _shown(account, intent["id"])


def _charge(account: Account, intent: Json, method: Json, said: str, *, asked: bool) -> None:
    """Charge an intent, or the invoice it belongs to; `asked` tells that a wish for authentication is a refusal now."""
    invoice = payments.invoice_of(account, intent["id"])
    if asked and said == CONFIRM:
        payments.fail(account, intent, method, CONFIRM)
        if invoice is not None:
            invoicing.miss(account, invoice, CONFIRM)
    elif invoice is not None:
        invoicing.charge(account, invoice, method, said)
    else:
        payments.take(account, intent["id"], method, said)


def _apply(account: Account, intent: Json, call: Call) -> None:
    assign(intent, call, *_PLAIN)
    merge_metadata(intent, call.params.get("metadata"))
    named = call.get("payment_method")
    if not named:
        return
    method = payment_methods.resolve(account, named)
    owner = method["customer"]
    if owner is not None and owner != intent["customer"]:
        raise StripeError(
            "The provided PaymentMethod was previously attached to another customer, or the PaymentIntent names none. "
            "Pass the customer it belongs to.",
            param="payment_method",
        )
    intent["payment_method"] = method["id"]
    if intent["status"] == "requires_payment_method":
        intent["status"] = "requires_confirmation"


def _amount(wanted: int) -> int:
    if wanted < invoicing.LEAST_CHARGE:
        raise invalid("Amount must be at least $0.50 usd", "amount", "amount_too_small")
    return wanted


def _must_be(intent: Json, statuses: frozenset[str], act: str) -> None:
    if intent["status"] not in statuses:
        allowed = ", ".join(sorted(statuses))
        raise StripeError(
            f"You cannot {act} this PaymentIntent because it has a status of {intent['status']}. Only a PaymentIntent "
            f"with one of the following statuses may be {act}{'ed' if act != 'update' else 'd'}: {allowed}.",
            code="payment_intent_unexpected_state",
            payment_intent=public(intent),
        )


def _found(account: Account, call: Call) -> Json:
    return account.find(_KIND, call.ids[0], "intent")


def _shown(account: Account, identifier: str) -> Json:
    shown: Json = public(account.find(_KIND, identifier))
    return shown


def _of_customer(account: Account, call: Call, kind: str, **plain: str) -> Json:
    customer = call.get("customer")
    return page(
        call,
        (
            row
            for row in account.store.rows(kind)
            if customer in {None, row["customer"]}
            and all(row[name] == value for name, value in plain.items())
            and created_in(row, call.get("created"))
        ),
    )
