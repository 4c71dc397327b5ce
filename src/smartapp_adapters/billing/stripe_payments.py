"""The `Payments` port on Stripe."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from smartapp_adapters.billing import catalog, changes, snapshots
from smartapp_adapters.billing.calls import Json
from smartapp_adapters.billing.errors import AnswerLost, KeyReused
from smartapp_adapters.billing.stripe_changes import StripeChanges
from smartapp_domain.billing import Checkout, CheckoutState, CheckoutStatus, Subscription
from smartapp_domain.identity import BillingProfile
from smartapp_domain.ids import CheckoutId, CustomerId, InvoiceId, SubscriptionId
from smartapp_domain.ordering import Order
from smartapp_domain.ports.payments import CatalogDrift, PaymentsRejected, UnknownAtProvider
from smartapp_domain.pricing import PriceBook

#: Tries of one order within this time are worded alike, so that an idempotency key recognizes them.
CHECKOUT_WINDOW: Final = timedelta(minutes=30)
#: What is left of a page's life when its window ends. Stripe wants 30 minutes at least, by its own clock.
CHECKOUT_LEFT: Final = timedelta(minutes=35)
#: Stripe keeps idempotency keys a day at least; one that refuses us was used since then, give or take clocks.
_KEYS_LIVE: Final = timedelta(days=2)


class StripePayments(StripeChanges):
    """
    Sells through Stripe Checkout and reads what Stripe knows. One instance serves all threads of a process.

    A crash between a call and the storing of its answer is healed by calling again: either the idempotency key gives
    the same answer once more, or, when Stripe lost it or has the key in other words, what it made is looked up.
    """

    def publish_catalog(self, price_book: PriceBook) -> None:
        catalog.publish(price_book, self._calls)

    def catalog_drift(self, price_book: PriceBook) -> tuple[CatalogDrift, ...]:
        return tuple(catalog.drift(price_book, self._calls))

    def customer(self, profile: BillingProfile) -> CustomerId:
        if profile.customer_id is not None:
            return profile.customer_id
        params = {
            "name": profile.name,
            "email": profile.email,
            "metadata": {"profile_id": profile.id, "account_id": profile.account_id},
        }
        try:
            made = self._calls("create a customer", self._v1.customers.create, params, key=f"cus:{profile.id}")
        except (AnswerLost, KeyReused):
            found = self._made_earlier(profile)
            if found is None:
                raise
            made = found
        return CustomerId(made["id"])

    def _made_earlier(self, profile: BillingProfile) -> Json | None:
        since = {"gte": int((self._clock.now() - _KEYS_LIVE).timestamp())}
        recent = self._calls.every("look for a customer", self._v1.customers.list, created=since)
        return next((each for each in recent if each["metadata"].get("profile_id") == profile.id), None)

    def start_checkout(self, order: Order, customer_id: CustomerId, *, return_url: str, cancel_url: str) -> Checkout:
        params = self._page(order, customer_id, return_url, cancel_url)
        key = f"co:{order.id}:{order.fingerprint}"
        try:
            session = self._open(params, key)
        except (AnswerLost, KeyReused) as error:
            found = self._opened_earlier(order, customer_id)
            if found is not None:
                session = found
            elif isinstance(error, KeyReused):  # its page is gone and was not paid, so another one is safe
                session = self._open(params, f"{key}:{params['expires_at']}")
            else:
                raise
        # A page that is no longer open has no address; the return page tells what became of it.
        url = session["url"] or return_url.replace("{checkout}", session["id"])
        return Checkout(CheckoutId(session["id"]), url, snapshots.moment(session["expires_at"]))

    def _open(self, params: Json, key: str) -> Json:
        return self._calls("open a pay page", self._v1.checkout.sessions.create, params, key=key)

    def _page(self, order: Order, customer_id: CustomerId, return_url: str, cancel_url: str) -> Json:
        prices = catalog.price_ids(order.quote.lines, order.interval, order.price_book_version, self._calls)
        return {
            "mode": "subscription",
            "customer": customer_id,
            "client_reference_id": order.id,
            "line_items": [
                {"price": price, "quantity": line.quantity}
                for price, line in zip(prices, order.quote.lines, strict=True)
            ],
            "metadata": {"order_id": order.id, "fingerprint": order.fingerprint},
            "subscription_data": {
                "billing_mode": {"type": "flexible"},
                "metadata": {"order_id": order.id, "account_id": order.account_id},
            },
            "expires_at": int(self._expiry(order).timestamp()),
            "success_url": return_url.replace("{checkout}", "{CHECKOUT_SESSION_ID}"),
            "cancel_url": cancel_url,
            "automatic_tax": {"enabled": False},
        }

    def _expiry(self, order: Order) -> datetime:
        """Return an end that is the same for every try of the order within one window, and never too close."""
        windows = max(self._clock.now() - order.created_at, timedelta()) // CHECKOUT_WINDOW
        return order.created_at + (windows + 1) * CHECKOUT_WINDOW + CHECKOUT_LEFT

    def _opened_earlier(self, order: Order, customer_id: CustomerId) -> Json | None:
        sessions = self._calls.every("look for a pay page", self._v1.checkout.sessions.list, customer=customer_id)
        wanted = {"order_id": order.id, "fingerprint": order.fingerprint}
        return next((each for each in sessions if each["metadata"] == wanted and each["status"] != "expired"), None)

    def checkout(self, checkout_id: CheckoutId) -> CheckoutStatus:
        session = self._calls("read a pay page", self._v1.checkout.sessions.retrieve, checkout_id)
        return self._status(session)

    def close_checkout(self, checkout_id: CheckoutId) -> CheckoutStatus:
        try:
            # No key of ours: closing twice is harmless, while a remembered failure would be repeated for a day.
            return self._status(self._calls("close a pay page", self._v1.checkout.sessions.expire, checkout_id))
        except PaymentsRejected:
            status = self.checkout(checkout_id)
            if status.state is CheckoutState.OPEN:
                raise  # so it was not refused for being finished
            return status

    def end_unpaid(self, subscription_id: SubscriptionId) -> Subscription:
        found, rows = self._found(subscription_id), list(self._invoices(subscription_id))
        if any(self._took_money(row) for row in rows):
            return self.subscription(subscription_id)
        for row in rows:  # before the end, because an invoice outlives its subscription and can be paid on its page
            if row["status"] in ("open", "uncollectible") and not self._void(row["id"]):
                return self.subscription(subscription_id)
        if not changes.is_over(found):
            with suppress(UnknownAtProvider):  # it ended since
                self._calls("end a subscription", self._v1.subscriptions.cancel, subscription_id)
        return self.subscription(subscription_id)

    def collect_again(self, subscription_id: SubscriptionId, invoice_id: InvoiceId) -> None:
        found = next((row for row in self._invoices(subscription_id) if row["id"] == invoice_id), None)
        if found is not None and found["status"] == "draft" and not found["auto_advance"]:
            self._calls("collect an invoice", self._v1.invoices.update, invoice_id, {"auto_advance": True})

    def _took_money(self, invoice: Json) -> bool:
        return bool(invoice["amount_paid"]) or self._is_processing(invoice)

    def _void(self, invoice_id: str) -> bool:
        """Void an invoice; False when it was paid meanwhile."""
        try:
            self._calls("void an invoice", self._v1.invoices.void_invoice, invoice_id)
        except PaymentsRejected:
            if self._calls("read an invoice", self._v1.invoices.retrieve, invoice_id)["status"] == "open":
                raise
            return False
        return True

    def _status(self, session: Json) -> CheckoutStatus:
        order_id = snapshots.order_of(session)
        if order_id is None:
            raise UnknownAtProvider(
                f"Pay page {session['id']} carries no order of ours.", remedy="Start again from your projects."
            )
        subscription_id = snapshots.id_of(session.get("subscription"))
        return CheckoutStatus(
            CheckoutId(session["id"]),
            snapshots.checkout_state(session, refused=self._refused(session)),
            order_id,
            SubscriptionId(subscription_id) if subscription_id else None,
        )

    def _refused(self, session: Json) -> bool:
        invoice_id = snapshots.id_of(session.get("invoice"))
        if session["status"] != "complete" or session["payment_status"] != "unpaid" or invoice_id is None:
            return False
        return not self._in_progress(invoice_id)
