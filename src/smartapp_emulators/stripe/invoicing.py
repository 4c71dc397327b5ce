"""The life of an invoice: drafted, finalized, paid or tried again, and what each step means for its subscription."""

from collections.abc import Mapping, Sequence
from typing import Any

from smartapp_emulators.stripe import invoice_items, payments
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.cards import CONFIRM, PROCESSING, SUCCEED
from smartapp_emulators.stripe.ids import new_id
from smartapp_emulators.stripe.invoice_shapes import Line, blank_invoice, embedded, line_object
from smartapp_emulators.stripe.objects import keep
from smartapp_emulators.stripe.subscribing import apply_pending, change_status, waits_for

Json = dict[str, Any]

_DAY_S = 24 * 3600

#: Days after the first failure at which a charge is tried again: eight tries in two weeks, then the subscription is
#: unpaid. The provider chooses its moments by a model nobody can see; these are fixed, so that tests can name them.
RETRY_DAYS = (1, 3, 5, 7, 9, 11, 13, 14)


#: How long a bank debit is processing.
_SETTLING_S = 4 * _DAY_S


def draft(
    account: Account, subscription: Json, lines: Sequence[Line], reason: str, *, finalizes_at: int | None
) -> Json:
    """
    Create a draft and make it the subscription's latest invoice; invoice items that were waiting go onto it.

    Args:
        account: The account.
        subscription: What it bills; changed in place, stored by the caller.
        lines: What it charges for.
        reason: `subscription_create`, `subscription_cycle` or `subscription_update`.
        finalizes_at: When it finalizes itself; none leaves it a draft until somebody does.
    """
    customer = account.find("customer", subscription["customer"])
    identifier = new_id("in")
    charged = [*invoice_items.collect(account, subscription["id"], identifier), *lines]
    total = sum(line.amount for line in charged)
    due = max(total + customer["balance"], 0)
    invoice = {
        **blank_invoice(account, identifier, customer, subscription["currency"]),
        "amount_due": due,
        "amount_remaining": due,
        "auto_advance": finalizes_at is not None,
        "automatically_finalizes_at": finalizes_at,
        "billing_reason": reason,
        "lines": embedded(identifier, [line_object(line, identifier, subscription) for line in charged]),
        "parent": {
            "quote_details": None,
            "subscription_details": {"metadata": subscription["metadata"], "subscription": subscription["id"]},
            "type": "subscription_details",
        },
        "period_start": min((line.start for line in charged), default=account.now()),
        "period_end": account.now(),
        "subtotal": total,
        "subtotal_excluding_tax": total,
        "total": total,
        "total_excluding_tax": total,
    }
    subscription["latest_invoice"] = identifier
    return keep(account, "invoice", invoice, "invoice.created")


def finalize(account: Account, invoice_id: str) -> Json:
    """Give a draft its number, its payment intent and its page; one that asks for nothing is paid at once."""
    invoice = account.find("invoice", invoice_id)
    customer = account.find("customer", invoice["customer"])
    balance = customer["balance"] + invoice["total"]
    invoice |= {
        "status": "open",
        "number": f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04}",
        "starting_balance": customer["balance"],
        "ending_balance": min(balance, 0),
        "amount_due": max(balance, 0),
        "amount_remaining": max(balance, 0),
        "automatically_finalizes_at": None,
        "effective_at": account.now(),
        "hosted_invoice_url": f"{account.base_url}/i/{invoice_id}",
        "invoice_pdf": f"{account.base_url}/i/{invoice_id}/pdf",
    }
    invoice["status_transitions"]["finalized_at"] = account.now()
    customer |= {"balance": min(balance, 0), "next_invoice_sequence": customer["next_invoice_sequence"] + 1}
    account.store.put("customer", customer)
    if invoice["amount_due"] > 0:
        invoice["_payment_intent"] = payments.open_intent(account, invoice)["id"]
    keep(account, "invoice", invoice, "invoice.finalized")
    if invoice["amount_due"] == 0:
        settle(account, invoice_id, attempts=0)
    return account.find("invoice", invoice_id)


def charge(account: Account, invoice_id: str, method: Json, verdict: str) -> bool:
    """Try to pay an open invoice; tell whether it is paid now."""
    invoice = account.find("invoice", invoice_id)
    payments.take(account, invoice["_payment_intent"], method, verdict)
    if verdict == SUCCEED:
        settle(account, invoice_id)
        return True
    if verdict == PROCESSING:
        waiting = {"attempted": True, "next_payment_attempt": None, "_settles_at": account.now() + _SETTLING_S}
        account.store.put("invoice", invoice | waiting)
        return False
    miss(account, invoice_id, verdict)
    return False


def settle(account: Account, invoice_id: str, *, attempts: int = 1) -> None:
    """Mark an invoice paid; a subscription that waited for it is active again."""
    invoice = account.find("invoice", invoice_id)
    invoice |= {
        "status": "paid",
        "amount_paid": invoice["amount_due"],
        "amount_remaining": 0,
        "attempt_count": invoice["attempt_count"] + attempts,
        "attempted": True,
        "auto_advance": False,
        "next_payment_attempt": None,
    }
    invoice["status_transitions"]["paid_at"] = account.now()
    keep(account, "invoice", invoice, "invoice.paid")
    account.emit("invoice.payment_succeeded", invoice)
    subscription = account.store.get("subscription", subscription_of(invoice) or "")
    if subscription and waits_for(subscription, invoice_id):
        apply_pending(account, subscription)
    if subscription and subscription["status"] in {"past_due", "unpaid", "incomplete"} and not _owing(account, invoice):
        change_status(account, subscription["id"], "active")


def miss(account: Account, invoice_id: str, verdict: str) -> None:
    """Record a failed try and plan the next one; when none is left the subscription is unpaid."""
    invoice = account.find("invoice", invoice_id)
    first = invoice.setdefault("_first_failure", account.now())
    tries = invoice["attempt_count"] + 1
    left = RETRY_DAYS[tries - 1 :] if invoice["billing_reason"] == "subscription_cycle" else ()
    upcoming = first + left[0] * _DAY_S if left else None
    invoice |= {"attempted": True, "attempt_count": tries, "next_payment_attempt": upcoming}
    keep(account, "invoice", invoice, "invoice.payment_failed")
    if verdict == CONFIRM:
        account.emit("invoice.payment_action_required", invoice)
    subscription = account.store.get("subscription", subscription_of(invoice) or "")
    if subscription and waits_for(subscription, invoice_id):
        return  # what was paid for has not been applied, so nothing is overdue
    if subscription and subscription["status"] in {"active", "past_due", "trialing"}:
        exhausted = upcoming is None and invoice["billing_reason"] == "subscription_cycle"
        change_status(account, subscription["id"], "unpaid" if exhausted else "past_due")


def method_for(account: Account, invoice: Json) -> Json | None:
    """Return what is charged without the customer present: the subscription's method, else the customer's default."""
    subscription = account.store.get("subscription", subscription_of(invoice) or "")
    chosen = (subscription or {}).get("default_payment_method")
    if chosen is None:
        chosen = account.find("customer", invoice["customer"])["invoice_settings"]["default_payment_method"]
    return account.store.get("payment_method", chosen) if chosen else None


def verdict_for(account: Account, method: Json) -> str:
    """Return what the bank says to a charge without the customer present; `/_emulator` may have decided it."""
    customer = account.find("customer", method["customer"])
    planned = customer.get("_next_charges")
    if not planned:
        later: str = method["_later"]
        return later
    left = planned["count"]
    if left is not None:
        customer["_next_charges"] = {**planned, "count": left - 1} if left > 1 else None
        account.store.put("customer", customer)
    verdict: str = planned["verdict"]
    return verdict


def void(account: Account, invoice_id: str) -> Json:
    """Give up an open invoice for good; credit it had used up goes back to the customer."""
    invoice = account.find("invoice", invoice_id)
    used = invoice["ending_balance"] - invoice["starting_balance"]
    if used:
        customer = account.find("customer", invoice["customer"])
        account.store.put("customer", customer | {"balance": customer["balance"] - used})
    invoice |= {"status": "void", "next_payment_attempt": None, "auto_advance": False}
    invoice["status_transitions"]["voided_at"] = account.now()
    return keep(account, "invoice", invoice, "invoice.voided")


def counts(invoice: Mapping[str, Any]) -> bool:
    """Tell whether an invoice stands: it was finalized and not given up."""
    return invoice["status"] in {"open", "paid", "uncollectible"}


def subscription_of(invoice: Mapping[str, Any]) -> str | None:
    parent = invoice.get("parent") or {}
    identifier: str | None = (parent.get("subscription_details") or {}).get("subscription")
    return identifier


def _owing(account: Account, settled: Json) -> bool:
    """Tell whether the subscription's newest finalized invoice is still open; older ones do not hold it back."""
    wanted = subscription_of(settled)
    final = [row for row in account.store.rows("invoice") if subscription_of(row) == wanted and row["number"]]
    return bool(final) and final[-1]["status"] == "open"
