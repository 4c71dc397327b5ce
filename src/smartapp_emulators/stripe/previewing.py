"""Previews: the invoice a change, or the mere passing of time, would make. Everything it does is taken back."""

from typing import Any

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.changes import plan
from smartapp_emulators.stripe.drafting import Purpose, draft
from smartapp_emulators.stripe.errors import StripeError, missing_parameter
from smartapp_emulators.stripe.ids import new_id
from smartapp_emulators.stripe.operations import Call
from smartapp_emulators.stripe.renewing import period_ends, start_next_period
from smartapp_emulators.stripe.subscribing import FINAL
from smartapp_emulators.stripe.updating import apply, check_moment, hold, restarts

Json = dict[str, Any]


def create_preview(account: Account, call: Call) -> Json:
    """Preview the invoice of a change (always_invoice), or the next renewal with it."""
    if not call.get("subscription"):
        raise missing_parameter("subscription")
    subscription = account.find("subscription", call.params["subscription"], "subscription", status=400)
    if subscription["status"] in FINAL:
        raise _nothing(subscription)
    mark = account.store.mark()
    try:
        return _preview(account, subscription, call.get("subscription_details") or {})
    finally:
        account.store.back_to(mark)


def upcoming(account: Account, subscription: Json) -> Json:
    """Return the next renewal's invoice as `invoice.upcoming` tells it."""
    mark = account.store.mark()
    try:
        return _renewal(account, subscription)
    finally:
        account.store.back_to(mark)


def _preview(account: Account, subscription: Json, details: Json) -> Json:
    behavior = details.get("proration_behavior") or "create_prorations"
    restart = restarts(details)
    if details.get("items") or restart:
        at = details.get("proration_date") or account.now()
        check_moment(subscription, at)
        change = plan(account, subscription, details.get("items") or [], at, restart=restart)
        hold(account, subscription, change, behavior)
        apply(subscription, change)
        if change.at_once or behavior == "always_invoice":
            return _shown(draft(account, subscription, change.full, Purpose("subscription_update")))
    if subscription["cancel_at_period_end"]:
        raise _nothing(subscription)
    return _renewal(account, subscription)


def _renewal(account: Account, subscription: Json) -> Json:
    ends = period_ends(subscription)
    with account.at(ends):
        lines = start_next_period(account, subscription)
        return _shown(draft(account, subscription, lines, Purpose("upcoming", ends)))


def _shown(invoice: Json) -> Json:
    identifier = new_id("upcoming_in")
    lines = invoice["lines"] | {"url": f"/v1/invoices/{identifier}/lines"}
    return invoice | {"id": identifier, "lines": lines, "next_payment_attempt": invoice["automatically_finalizes_at"]}


def _nothing(subscription: Json) -> StripeError:
    message = f"No upcoming invoices for customer: '{subscription['customer']}'"
    return StripeError(message, status=404, code="invoice_upcoming_none")
