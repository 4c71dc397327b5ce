"""The life of an invoice: drafted, finalized, paid or tried again, and what each step means for its subscription."""

from collections.abc import Mapping
from typing import Any

from smartapp_emulators.stripe import payment_methods, payments, resumption
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.cards import CONFIRM, PROCESSING, SUCCEED
from smartapp_emulators.stripe.objects import keep
from smartapp_emulators.stripe.settings import setting
from smartapp_emulators.stripe.subscribing import apply_pending, cancel_now, change_status, waits_for

Json = dict[str, Any]

_DAY_S = 24 * 3600

#: Days after the first failure at which a charge is tried again: eight tries in two weeks, then the subscription is
#: unpaid. The provider chooses its moments by a model nobody can see; these are fixed, so that tests can name them.
RETRY_DAYS = (1, 3, 5, 7, 9, 11, 13, 14)

#: Less than this is not charged but added to what the customer owes with the next invoice: the smallest charge in US
#: dollars.
LEAST_CHARGE = 50

#: How long a bank debit is processing.
_SETTLING_S = 4 * _DAY_S


def finalize(account: Account, invoice_id: str) -> Json:
    """Give a draft its number, its payment intent and its page; one that asks for nothing is paid at once."""
    invoice = account.find("invoice", invoice_id)
    customer = account.find("customer", invoice["customer"])
    owed = customer["balance"] + invoice["total"]
    due = owed if owed >= LEAST_CHARGE else 0
    invoice |= {
        "status": "open",
        "number": f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04}",
        "starting_balance": customer["balance"],
        "ending_balance": owed - due,
        "amount_due": due,
        "amount_remaining": due,
        "automatically_finalizes_at": None,
        "effective_at": account.now(),
        "hosted_invoice_url": f"{account.base_url}/i/{invoice_id}",
        "invoice_pdf": f"{account.base_url}/i/{invoice_id}/pdf",
    }
    invoice["status_transitions"]["finalized_at"] = account.now()
    customer |= {"balance": owed - due, "next_invoice_sequence": customer["next_invoice_sequence"] + 1}
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


def settle(account: Account, invoice_id: str, *, attempts: int = 1, out_of_band: bool = False) -> None:
    """Mark an invoice paid, here or `out_of_band`; a subscription that waited for it is active again."""
    invoice = account.find("invoice", invoice_id)
    paid = "amount_paid_off_stripe" if out_of_band else "amount_paid"
    invoice |= {
        "status": "paid",
        paid: invoice["amount_due"],
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
    if subscription:
        resumption.paid(account, subscription, invoice_id)
    if subscription and subscription["status"] in {"past_due", "unpaid", "incomplete"} and not _owing(account, invoice):
        change_status(account, subscription["id"], "active")


def miss(account: Account, invoice_id: str, verdict: str) -> None:
    """Record a failed try and plan the next one; when none is left the account's setting decides what follows."""
    invoice = account.find("invoice", invoice_id)
    subscription = account.store.get("subscription", subscription_of(invoice) or "")
    waiting = subscription is not None and waits_for(subscription, invoice_id)
    first = invoice.setdefault("_first_failure", account.now())
    tries = invoice["attempt_count"] + 1
    retried = invoice["billing_reason"] in _RETRIED and not waiting
    left = [first + day * _DAY_S for day in RETRY_DAYS if first + day * _DAY_S > account.now()] if retried else []
    upcoming = left[0] if left else None
    invoice |= {"attempted": True, "attempt_count": tries, "next_payment_attempt": upcoming}
    keep(account, "invoice", invoice, "invoice.payment_failed")
    if verdict == CONFIRM:
        account.emit("invoice.payment_action_required", invoice)
    # What a waiting change is for has not been applied, so nothing is overdue.
    if subscription and not waiting and subscription["status"] in {"active", "past_due", "trialing"}:
        _fall_behind(account, subscription, final=retried and upcoming is None)


#: Why an invoice that is tried again was made.
_RETRIED = frozenset({"subscription_cycle", "subscription_update"})


def _fall_behind(account: Account, subscription: Json, *, final: bool) -> None:
    after = setting(account, "after_retries") if final else "past_due"
    if after == "canceled":
        cancel_now(account, subscription["id"], reason="payment_failed")
    else:
        change_status(account, subscription["id"], after)


def method_for(account: Account, invoice: Json) -> Json | None:
    """Return what is charged unasked: the invoice's own method, the subscription's, or the customer's default."""
    subscription = account.store.get("subscription", subscription_of(invoice) or "") or {}
    chosen = invoice["default_payment_method"] or subscription.get("default_payment_method")
    return default_method(account, invoice["customer"], chosen)


def default_method(account: Account, customer: str, chosen: str | None = None) -> Json | None:
    """Return the `chosen` method, else the customer's default, if there is any."""
    default = account.find("customer", customer)["invoice_settings"]["default_payment_method"]
    named = chosen or default
    return account.store.get("payment_method", named) if named else None


def verdict_for(account: Account, method: Json, *, present: bool = False) -> str:
    """Return what the bank says to a charge, as a rule without the customer; `/_emulator` may have decided it."""
    customer = account.find("customer", method["customer"]) if method["customer"] else {}
    planned = customer.get("_next_charges")
    if not planned:
        return payment_methods.verdict(method, present=present)
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
    stop_asking(account, invoice, "void_invoice")
    return keep(account, "invoice", invoice, "invoice.voided")


def stop_asking(account: Account, invoice: Json, reason: str | None) -> None:
    """Give up the payment intent of an invoice that will not be paid by it."""
    intent = account.store.get("payment_intent", invoice.get("_payment_intent") or "")
    if intent is not None and intent["status"] not in {"succeeded", "canceled"}:
        payments.give_up(account, intent["id"], reason)


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
