"""Moving a subscription into its next period."""

from typing import Any

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.invoice_shapes import Line, period_line
from smartapp_emulators.stripe.periods import period_end

Json = dict[str, Any]


def period_ends(subscription: Json) -> int:
    """Return when the first of its items has to be renewed."""
    return min(int(item["current_period_end"]) for item in subscription["items"]["data"])


def start_next_period(account: Account, subscription: Json) -> list[Line]:
    """Move the items that end first into their next period, in place, and return the lines that pay for it."""
    ends = period_ends(subscription)
    lines = []
    for item in subscription["items"]["data"]:
        if item["current_period_end"] == ends:
            following = period_end(subscription["billing_cycle_anchor"], ends, item["price"]["recurring"])
            item |= {"current_period_start": ends, "current_period_end": following}
            lines.append(period_line(item, account.find("product", item["price"]["product"])))
    return lines
