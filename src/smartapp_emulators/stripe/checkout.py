"""
Paying a Checkout Session.

Since API version 2025-03-31 the subscription and its first invoice are made only after the payment succeeded: a decline
leaves the session open and creates nothing.
"""

from typing import Any

from smartapp_emulators.stripe import charges, invoicing, payment_methods, payments
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.cards import SUCCEED
from smartapp_emulators.stripe.drafting import Purpose, draft
from smartapp_emulators.stripe.invoice_shapes import period_line
from smartapp_emulators.stripe.objects import keep
from smartapp_emulators.stripe.subscribing import new_subscription

Json = dict[str, Any]


def expire_session(account: Account, session_id: str) -> Json:
    session = account.find("checkout.session", session_id) | {"status": "expired", "url": None}
    return keep(account, "checkout.session", session, "checkout.session.expired")


def complete(account: Account, session_id: str, method: Json, verdict: str = SUCCEED) -> Json:
    """
    Turn an open session into a subscription with its first invoice.

    Args:
        account: The account.
        session_id: An open session.
        method: The payment method, not stored yet.
        verdict: What the bank said: success, or for a bank debit that it is processing.
    """
    session = account.find("checkout.session", session_id)
    customer = _customer(account, session, method)
    method = payment_methods.attach(account, method, customer["id"])
    subscription = _subscription(account, session, customer, method)
    invoice_id = _first_invoice(account, subscription, method, verdict)
    account.store.put("subscription", subscription)
    account.emit("customer.subscription.created", subscription)
    session |= {
        "customer": customer["id"],
        "customer_details": _details(customer, method),
        "invoice": invoice_id,
        "payment_status": "paid" if verdict == SUCCEED else "unpaid",
        "status": "complete",
        "subscription": subscription["id"],
        "url": None,
    }
    return keep(account, "checkout.session", session, "checkout.session.completed")


def return_url(session: Json) -> str:
    """Return where the buyer goes after paying."""
    url: str = session["success_url"]
    return url.replace("{CHECKOUT_SESSION_ID}", session["id"]).replace("%7BCHECKOUT_SESSION_ID%7D", session["id"])


def settle_debit(account: Account, invoice_id: str, verdict: str | None = None) -> None:
    """
    Let the bank decide a debit that was processing: paid, or failed with the subscription past due.

    Args:
        account: The account.
        invoice_id: An invoice whose debit is processing.
        verdict: The decision; by default the one the test account number stands for.
    """
    invoice = account.find("invoice", invoice_id)
    intent = account.find("payment_intent", invoice["_payment_intent"])
    method = account.find("payment_method", intent["payment_method"])
    decided = verdict or method["_settles"]
    account.store.put("invoice", invoice | {"_settles_at": None})
    charges.settle_charge(account, intent["latest_charge"], decided)
    if decided == SUCCEED:
        payments.succeed(account, intent)
        invoicing.settle(account, invoice_id)
    else:
        payments.fail(account, intent, method, decided)
        invoicing.miss(account, invoice_id, decided)
    _tell_session(account, invoice_id, paid=decided == SUCCEED)


def _tell_session(account: Account, invoice_id: str, *, paid: bool) -> None:
    for row in account.store.rows("checkout.session"):
        if row["invoice"] == invoice_id and row["payment_status"] == "unpaid":
            after = row | ({"payment_status": "paid"} if paid else {})
            outcome = "async_payment_succeeded" if paid else "async_payment_failed"
            keep(account, "checkout.session", after, f"checkout.session.{outcome}")


def _customer(account: Account, session: Json, method: Json) -> Json:
    from smartapp_emulators.stripe.resources.customers import new_customer  # noqa: PLC0415 - resources import this module

    if session["customer"]:
        customer = account.find("customer", session["customer"])
        if customer["currency"] is None:
            keep(
                account,
                "customer",
                customer | {"currency": session["currency"]},
                "customer.updated",
                {"currency": None},
            )
        return customer
    billing = method["billing_details"]
    made = new_customer(account, email=session["customer_email"] or billing["email"], name=billing["name"])
    keep(account, "customer", made | {"currency": session["currency"]}, "customer.created")
    return made


def _subscription(account: Account, session: Json, customer: Json, method: Json) -> Json:
    wanted = []
    for line in session["_line_items"]:
        price = account.find("price", line["price"]["id"])
        wanted.append((price, line["quantity"], line["metadata"]))
    subscription = new_subscription(account, customer["id"], wanted, session["_subscription_data"])
    subscription["default_payment_method"] = method["id"]
    return subscription


def _first_invoice(account: Account, subscription: Json, method: Json, verdict: str) -> str:
    items = subscription["items"]["data"]
    lines = [period_line(item, account.find("product", item["price"]["product"])) for item in items]
    invoice = draft(account, subscription, lines, Purpose("subscription_create"))
    finalized = invoicing.finalize(account, invoice["id"])
    if finalized["status"] == "open":
        invoicing.charge(account, finalized["id"], method, verdict)
    identifier: str = finalized["id"]
    return identifier


def _details(customer: Json, method: Json) -> Json:
    billing = method["billing_details"]
    return {
        "address": billing["address"],
        "business_name": None,
        "email": customer["email"] or billing["email"],
        "individual_name": None,
        "name": billing["name"] or customer["name"],
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }
