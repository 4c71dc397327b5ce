"""Invoices, their lines and payments over the API."""

from typing import Any

from smartapp_emulators.stripe import invoicing, payments
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.cards import PROCESSING
from smartapp_emulators.stripe.errors import StripeError, card_error, invalid
from smartapp_emulators.stripe.listing import created_in, page
from smartapp_emulators.stripe.objects import keep
from smartapp_emulators.stripe.operations import Call
from smartapp_emulators.stripe.store import public
from smartapp_emulators.stripe.updating import NO_METHOD

Json = dict[str, Any]


def retrieve(account: Account, call: Call) -> Json:
    return _shown(account, call.ids[0])


def listed(account: Account, call: Call) -> Json:
    plain = {name: call.get(name) for name in ("customer", "status") if call.get(name) is not None}
    subscription = call.get("subscription")
    return page(
        call,
        (
            row
            for row in account.store.rows("invoice")
            if all(row[name] == value for name, value in plain.items())
            and subscription in {None, invoicing.subscription_of(row)}
            and created_in(row, call.get("created"))
        ),
    )


def lines(account: Account, call: Call) -> Json:
    return page(call, account.find("invoice", call.ids[0])["lines"]["data"][::-1])


def finalize(account: Account, call: Call) -> Json:
    invoice = account.find("invoice", call.ids[0])
    if invoice["status"] != "draft":
        raise StripeError("This invoice is already finalized, you can't re-finalize a non-draft invoice.")
    invoicing.finalize(account, invoice["id"])
    return _shown(account, invoice["id"])


def pay(account: Account, call: Call) -> Json:
    """Pay an invoice with a stored method; a decline answers 402 and is recorded as a try."""
    invoice = account.find("invoice", call.ids[0])
    if invoice["status"] == "draft":
        invoice = invoicing.finalize(account, invoice["id"])
    if invoice["status"] == "paid":
        if call.ids and account.find("invoice", call.ids[0])["amount_due"] == 0:
            return _shown(account, invoice["id"])
        raise StripeError("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] != "open":
        raise StripeError(f"This invoice is {invoice['status']} and cannot be paid.", code="invoice_not_editable")
    method = _method(account, invoice, call.get("payment_method"))
    verdict = invoicing.verdict_for(account, method)
    if not invoicing.charge(account, invoice["id"], method, verdict) and verdict != PROCESSING:
        told = payments.refusal(verdict)
        raise card_error(told["code"], told["message"], told["decline_code"])
    return _shown(account, invoice["id"])


def void(account: Account, call: Call) -> Json:
    _only_open(account, call, "void")
    return invoicing.void(account, call.ids[0])


def mark_uncollectible(account: Account, call: Call) -> Json:
    invoice = _only_open(account, call, "uncollectible")
    invoice |= {"status": "uncollectible", "next_payment_attempt": None, "auto_advance": False}
    invoice["status_transitions"]["marked_uncollectible_at"] = account.now()
    return keep(account, "invoice", invoice, "invoice.marked_uncollectible")


def items_listed(account: Account, call: Call) -> Json:
    customer, invoice, pending = call.get("customer"), call.get("invoice"), call.get("pending")
    return page(
        call,
        (
            row
            for row in account.store.rows("invoiceitem")
            if customer in {None, row["customer"]}
            and invoice in {None, row["invoice"]}
            and (pending is None or (row["invoice"] is None) == pending)
        ),
    )


def item(account: Account, call: Call) -> Json:
    found: Json = public(account.find("invoiceitem", call.ids[0]))
    return found


def payments_listed(account: Account, call: Call) -> Json:
    invoice, status = call.get("invoice"), call.get("status")
    intent = (call.get("payment") or {}).get("payment_intent")
    return page(
        call,
        (
            row
            for row in account.store.rows("invoice_payment")
            if invoice in {None, row["invoice"]}
            and status in {None, row["status"]}
            and intent in {None, row["payment"]["payment_intent"]}
            and created_in(row, call.get("created"))
        ),
    )


def payment(account: Account, call: Call) -> Json:
    found: Json = public(account.find("invoice_payment", call.ids[0]))
    return found


def _shown(account: Account, identifier: str) -> Json:
    invoice: Json = public(account.find("invoice", identifier))
    return invoice


def _method(account: Account, invoice: Json, chosen: str | None) -> Json:
    if chosen is None:
        method = invoicing.method_for(account, invoice)
        if method is None:
            raise StripeError(NO_METHOD, code="resource_missing")
        return method
    method = account.find("payment_method", chosen, "payment_method", status=400)
    if method["customer"] != invoice["customer"]:
        raise invalid("The payment method belongs to another customer.", "payment_method")
    return method


def _only_open(account: Account, call: Call, wanted: str) -> Json:
    invoice = account.find("invoice", call.ids[0])
    if invoice["status"] != "open":
        raise StripeError(f"Only an open invoice can become {wanted}; this one is {invoice['status']}.")
    return invoice
