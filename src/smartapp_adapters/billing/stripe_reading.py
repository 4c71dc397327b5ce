"""What Stripe knows of a subscription, its invoices and the banks behind them."""

from collections.abc import Iterator
from typing import Any

import stripe

from smartapp_adapters.billing import snapshots
from smartapp_adapters.billing.calls import Json, StripeCalls
from smartapp_adapters.billing.settings import StripeSettings
from smartapp_domain.billing import Invoice, Subscription
from smartapp_domain.ids import SubscriptionId
from smartapp_domain.ports.clock import Clock


class StripeReading:
    """
    Reads; changes nothing.

    Args:
        settings: Which Stripe.
        clock: What time our side has; when Stripe is an emulator whose clock is moved, that one's.
        http: What the SDK sends requests with, instead of its own client on httpx.
    """

    def __init__(self, settings: StripeSettings, clock: Clock, *, http: stripe.HTTPClient | None = None) -> None:
        self._calls = StripeCalls(settings, http)
        self._v1 = self._calls.v1
        self._clock = clock

    def close(self) -> None:
        """Give back the connections."""
        self._calls.close()

    def subscription(self, subscription_id: SubscriptionId) -> Subscription:
        as_of = self._clock.now()  # before the first read: nothing in the snapshot is older than it says
        found = self._found(subscription_id)
        rows = list(self._invoices(subscription_id))
        invoices = [self._invoice(row, collecting=not found.get("pause_collection")) for row in rows]
        pending = snapshots.pending_of(found, rows)
        return snapshots.subscription_of(found, found["items"]["data"], invoices, as_of, pending=pending)

    def _found(self, subscription_id: SubscriptionId, *expand: str) -> Json:
        """Return Stripe's subscription with all of its items."""
        params = [{"expand": list(expand)}] if expand else []
        found = self._calls("read a subscription", self._v1.subscriptions.retrieve, subscription_id, *params)
        if found["items"]["has_more"]:
            rows = self._calls.every("read items", self._v1.subscription_items.list, subscription=subscription_id)
            found["items"] |= {"data": list(rows), "has_more": False}
        return found

    def _invoices(self, subscription_id: SubscriptionId, **filters: Any) -> Iterator[Json]:
        """Yield Stripe's invoices with all of their lines, the newest first."""
        rows = self._calls.every("read invoices", self._v1.invoices.list, subscription=subscription_id, **filters)
        for found in rows:
            if found["lines"]["has_more"]:
                lines = self._calls.every("read invoice lines", self._v1.invoices.line_items.list, found["id"])
                found["lines"] |= {"data": list(lines), "has_more": False}
            yield found

    def _invoice(self, found: Json, *, collecting: bool) -> Invoice:
        in_progress = self._is_processing(found)
        return snapshots.invoice_of(found, found["lines"]["data"], in_progress=in_progress, collecting=collecting)

    def _is_processing(self, invoice: Json) -> bool:
        """Tell whether a try to collect was made and the bank has not answered yet."""
        return invoice["status"] == "open" and invoice["attempted"] and self._in_progress(invoice["id"])

    def _in_progress(self, invoice_id: str) -> bool:
        """Tell whether a bank still has to answer; only the payment intents know."""
        payments = self._calls.every(
            "read payments", self._v1.invoice_payments.list, invoice=invoice_id, expand=["data.payment.payment_intent"]
        )
        intents = (payment["payment"].get("payment_intent") for payment in payments)
        return any(isinstance(intent, dict) and intent["status"] == "processing" for intent in intents)
