"""Invoices over the API, to act on: made by hand, changed while a draft, finalized, paid, given up."""

from typing import Any

from smartapp_emulators.stripe import drafting, invoicing, payment_methods
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.cards import CONFIRM, PROCESSING
from smartapp_emulators.stripe.drafting import Purpose
from smartapp_emulators.stripe.errors import StripeError, invalid, missing_parameter
from smartapp_emulators.stripe.invoice_items import line_of, new_item
from smartapp_emulators.stripe.invoice_shapes import Line
from smartapp_emulators.stripe.objects import assign, changed, keep, merge_metadata, reference
from smartapp_emulators.stripe.operations import Call
from smartapp_emulators.stripe.resources.customers import living
from smartapp_emulators.stripe.resources.invoice_items import wanted_line
from smartapp_emulators.stripe.store import public
from smartapp_emulators.stripe.subscribing import FINAL, update_event, waits_for
from smartapp_emulators.stripe.updating import NO_METHOD, withdraw

Json = dict[str, Any]

_PLAIN = ("description", "footer", "statement_descriptor")
#: What may still change once an invoice is finalized.
_LATER = frozenset({"metadata", "auto_advance", "default_payment_method", "expand"})
_HOUR_S = 3600


def create(account: Account, call: Call) -> Json:
    """Make a draft. One of a subscription takes what waits for it; one of none only when asked to."""
    _only_charged(call)
    subscription = reference(account, "subscription", call, "subscription") if call.get("subscription") else None
    customer = _customer(account, call, subscription)
    currency = call.get("currency") or (subscription or customer)["currency"] or "usd"
    included = call.get("pending_invoice_items_behavior", "include" if subscription else "exclude") == "include"
    finalizes_at = account.now() + _HOUR_S if call.get("auto_advance") else None
    purpose = Purpose("manual", finalizes_at, collects=included)
    draft = drafting.new_draft(account, customer, currency.lower(), purpose, subscription=subscription)
    _apply(account, draft, call)
    if customer["currency"] is None:
        account.store.put("customer", customer | {"currency": draft["currency"]})
    return keep(account, "invoice", draft, "invoice.created")


def update(account: Account, call: Call) -> Json:
    invoice = account.find("invoice", call.ids[0])
    _only_charged(call)
    for name in call.params:
        if invoice["status"] != "draft" and name not in _LATER:
            raise StripeError("This invoice is no longer editable.", code="invoice_not_editable", param=name)
    before = public(invoice)
    _apply(account, invoice, call)
    if invoice["status"] == "draft" and call.get("auto_advance") is not None:
        invoice["automatically_finalizes_at"] = account.now() + _HOUR_S if call.params["auto_advance"] else None
    previous = changed(before, invoice)
    return keep(account, "invoice", invoice, "invoice.updated" if previous else None, previous)


def delete(account: Account, call: Call) -> Json:
    """Delete a draft made by hand; what was put on it waits again."""
    invoice = account.find("invoice", call.ids[0])
    if invoice["status"] != "draft":
        raise StripeError("You can only delete draft invoices.", code="invoice_not_editable")
    if invoice["billing_reason"] != "manual":
        raise StripeError("You can't delete invoices created by subscriptions.", code="invoice_not_editable")
    for row in account.store.rows("invoiceitem"):
        if row["invoice"] == invoice["id"]:
            account.store.put("invoiceitem", row | {"invoice": None})
    account.store.remove("invoice", invoice["id"])
    account.emit("invoice.deleted", invoice)
    return {"id": invoice["id"], "object": "invoice", "deleted": True}


def add_lines(account: Account, call: Call) -> Json:
    """Put lines onto a draft: waiting invoice items, sums, or one-time prices."""
    invoice = account.find("invoice", call.ids[0])
    if invoice["status"] != "draft":
        raise StripeError("This invoice is no longer editable.", code="invoice_not_editable")
    before = public(invoice)
    for index, given in enumerate(call.params["lines"]):
        drafting.add_line(account, invoice, _line(account, invoice, given, f"lines[{index}]"), None)
    merge_metadata(invoice, call.params.get("invoice_metadata"))
    return keep(account, "invoice", invoice, "invoice.updated", changed(before, invoice))


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
            return _shown(account, invoice["id"])
    if invoice["status"] == "paid":
        raise StripeError("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] not in {"open", "uncollectible"}:
        raise StripeError(f"This invoice is {invoice['status']} and cannot be paid.", code="invoice_not_editable")
    if call.get("paid_out_of_band"):
        invoicing.stop_asking(account, invoice, None)
        invoicing.settle(account, invoice["id"], attempts=0, out_of_band=True)
        return _shown(account, invoice["id"])
    method = _method(account, invoice, call.get("payment_method"))
    # Nobody is there to authenticate unless the caller says so, and even then an API call cannot show the window.
    said = invoicing.verdict_for(account, method)
    if not invoicing.charge(account, invoice["id"], method, said) and said != PROCESSING:
        raise _unpaid(account, invoice, said)
    return _shown(account, invoice["id"])


def void(account: Account, call: Call) -> Json:
    invoice = account.find("invoice", call.ids[0])
    if invoice["status"] not in {"open", "uncollectible"}:
        raise _not_now(invoice, "void")
    subscription = account.store.get("subscription", invoicing.subscription_of(invoice) or "")
    if subscription is None or not waits_for(subscription, invoice["id"]):
        return invoicing.void(account, invoice["id"])
    before = public(subscription)  # the change that waited for this invoice is given up with it
    withdraw(account, subscription)
    update_event(account, before, subscription)
    return _shown(account, invoice["id"])


def mark_uncollectible(account: Account, call: Call) -> Json:
    invoice = account.find("invoice", call.ids[0])
    if invoice["status"] not in {"draft", "open"}:
        raise _not_now(invoice, "uncollectible")
    if invoice["status"] == "draft":
        invoice = invoicing.finalize(account, invoice["id"])
    invoice |= {"status": "uncollectible", "next_payment_attempt": None, "auto_advance": False}
    invoice["status_transitions"]["marked_uncollectible_at"] = account.now()
    return keep(account, "invoice", invoice, "invoice.marked_uncollectible")


def _not_now(invoice: Json, wanted: str) -> StripeError:
    return StripeError(f"Only an open invoice can become {wanted}; this one is {invoice['status']}.")


def _customer(account: Account, call: Call, subscription: Json | None) -> Json:
    named = call.get("customer") or (subscription or {}).get("customer")
    if named is None:
        raise missing_parameter("customer")
    customer = living(account, named, "customer", status=400)
    if subscription is None:
        return customer
    if subscription["customer"] != customer["id"]:
        raise invalid("The subscription belongs to another customer.", "subscription")
    if subscription["status"] in FINAL:
        raise invalid("The subscription has ended.", "subscription")
    return customer


def _unpaid(account: Account, invoice: Json, said: str) -> StripeError:
    intent = account.find("payment_intent", invoice["_payment_intent"])
    error = payment_methods.declined(said, charge=intent["latest_charge"], payment_intent=public(intent))
    if said == CONFIRM:
        error.code = "invoice_payment_intent_requires_action"
        error.message = (
            "This payment requires additional user action before it can be completed successfully. Payment can be "
            "completed on the hosted invoice page, or with the PaymentIntent of the invoice."
        )
    return error


def _only_charged(call: Call) -> None:
    if call.get("collection_method", "charge_automatically") != "charge_automatically":
        raise invalid("The Stripe emulator offers collection_method=charge_automatically only.", "collection_method")


def _apply(account: Account, invoice: Json, call: Call) -> None:
    assign(invoice, call, *_PLAIN)
    merge_metadata(invoice, call.params.get("metadata"))
    if call.get("auto_advance") is not None:
        invoice["auto_advance"] = call.params["auto_advance"]
    if chosen := call.get("default_payment_method"):
        payment_methods.of_customer(account, chosen, invoice["customer"], "default_payment_method")
        invoice["default_payment_method"] = chosen


def _line(account: Account, invoice: Json, given: Json, where: str) -> Line:

    if not given.get("invoice_item"):
        line = wanted_line(account, given, default_currency=invoice["currency"])
        made = new_item(account, invoice["customer"], line, subscription=None) | {"invoice": invoice["id"]}
        keep(account, "invoiceitem", made, "invoiceitem.created")
        return line_of(made)
    row = account.find("invoiceitem", given["invoice_item"], f"{where}[invoice_item]", status=400)
    if row["invoice"] is not None or row["customer"] != invoice["customer"]:
        raise invalid("The invoice item is on an invoice already, or of another customer.", f"{where}[invoice_item]")
    account.store.put("invoiceitem", row | {"invoice": invoice["id"]})
    return line_of(row)


def _method(account: Account, invoice: Json, chosen: str | None) -> Json:
    if chosen is not None:
        return payment_methods.of_customer(account, chosen, invoice["customer"], "payment_method")
    method = invoicing.method_for(account, invoice)
    if method is None:
        raise StripeError(NO_METHOD, code="resource_missing")
    return method


def _shown(account: Account, identifier: str) -> Json:
    invoice: Json = public(account.find("invoice", identifier))
    return invoice
