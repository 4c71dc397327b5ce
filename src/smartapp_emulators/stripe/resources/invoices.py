"""Invoices, their lines and payments over the API, to read."""

from typing import Any

from smartapp_emulators.stripe import invoicing
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.listing import created_in, page
from smartapp_emulators.stripe.operations import Call
from smartapp_emulators.stripe.store import public

Json = dict[str, Any]


def retrieve(account: Account, call: Call) -> Json:
    invoice: Json = public(account.find("invoice", call.ids[0]))
    return invoice


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
