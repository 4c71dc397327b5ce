"""The `Changes` half of the `Payments` port on Stripe."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from smartapp_adapters.billing import changes, snapshots
from smartapp_adapters.billing.calls import Json
from smartapp_adapters.billing.errors import TRY_LATER
from smartapp_adapters.billing.stripe_reading import StripeReading
from smartapp_domain.billing import Checkout, CheckoutState, CheckoutStatus, PendingChange, Subscription
from smartapp_domain.catalog import Product
from smartapp_domain.ids import CheckoutId, CustomerId, SubscriptionId
from smartapp_domain.ordering import Extension, Order
from smartapp_domain.ports.payments import (
    CHARGED_WITHIN,
    ChangesUsedUp,
    ExtensionPreview,
    OutdatedChange,
    PaymentError,
    PaymentsRejected,
    TriedTooLongAgo,
    UnknownAtProvider,
)

#: How long Stripe lets a change wait for its payment; of one that waits no more, Stripe does not tell.
WAITS: Final = timedelta(hours=23)
#: How far Stripe's clock and ours may be apart when invoices are looked for by their date.
_CLOCKS_APART: Final = timedelta(days=1)

#: New invoices Stripe makes of one subscription within a day. Source: docs.stripe.com/rate-limits.
_INVOICES_A_DAY: Final = 20
_DAY: Final = timedelta(days=1)

_CARDS: Final = ("default_payment_method", "customer.invoice_settings.default_payment_method")


class StripeChanges(StripeReading):
    """
    Changes a subscription by one update that is paid at once or waits for its invoice.

    A crash between the update and the storing of its answer is healed by looking: the invoice of an order's change is
    known by the moment it is reckoned from, so nothing has to be stored or made to find it.
    """

    def preview(self, extension: Extension) -> ExtensionPreview:
        found = self._found(extension.subscription_id, *_CARDS)
        items = changes.grown(found, extension, self._calls)
        self._check_room(extension.subscription_id)
        return ExtensionPreview(
            due_cents=self._due(extension, items),
            renewal_cents=self._reckoned(extension.subscription_id, items=items, proration_behavior="none")["total"],
            renews_at=changes.renews_at(found),
            card=changes.card_words(found),
        )

    def extend(self, order: Order) -> CheckoutStatus:
        found = self._found(_extension(order).subscription_id)
        made = self._outcome(order, found)
        if made.state is not CheckoutState.EXPIRED:
            return made
        try:
            self._change(order, found)
        except PaymentError:  # an answer was lost, or another call for the same order was faster
            made = self.extension(order)
            if made.state is CheckoutState.EXPIRED:
                raise
            return made
        return self.extension(order)  # a repeated answer would be as old as the first one

    def extension(self, order: Order) -> CheckoutStatus:
        return self._outcome(order, self._found(_extension(order).subscription_id))

    def close_extension(self, order: Order) -> CheckoutStatus:
        found = self._found(_extension(order).subscription_id)
        invoice, _ = self._made(order, found)
        if invoice is None or invoice["status"] not in ("open", "uncollectible") or self._is_processing(invoice):
            return self._outcome(order, found)
        try:
            self._calls("give up a change", self._v1.invoices.void_invoice, invoice["id"])
        except PaymentsRejected:
            outcome = self.extension(order)
            if outcome.state is CheckoutState.OPEN:
                raise  # so it was not refused for being paid meanwhile
            return outcome
        return self.extension(order)

    def set_renewal(self, subscription_id: SubscriptionId, quantities: Mapping[Product, int]) -> Subscription:
        params = changes.renewing(self._found(subscription_id), quantities)
        if params:  # no key of ours: quantities are absolute, and the way back and forth would repeat an old answer
            self._calls("change a renewal", self._v1.subscriptions.update, subscription_id, params)
        return self.subscription(subscription_id)

    def renewal_cents(self, subscription_id: SubscriptionId) -> int | None:
        if changes.ends(self._found(subscription_id)):
            return None
        try:
            return int(self._reckoned(subscription_id)["total"])
        except UnknownAtProvider:  # it ended since
            return None

    def card_page(self, customer_id: CustomerId, *, return_url: str) -> str:
        self._follow_the_customer(customer_id)
        params = {
            "customer": customer_id,
            "return_url": return_url,
            "flow_data": {
                "type": "payment_method_update",
                "after_completion": {"type": "redirect", "redirect": {"return_url": return_url}},
            },
        }
        session = self._calls("open the card page", self._v1.billing_portal.sessions.create, params)
        return str(session["url"])

    def _follow_the_customer(self, customer_id: CustomerId) -> None:
        """
        Let the customer's default be what every subscription is charged with: the page changes no other.

        A subscription begun on a pay page has a method of its own, and goes on with it whatever the customer's default
        is. It becomes that default first (the newest one's, if there are several), so that something is stored always.
        """
        rows = self._calls.every("read subscriptions", self._v1.subscriptions.list, customer=customer_id)
        own = [row for row in rows if row["default_payment_method"] and not changes.is_over(row)]
        if own:
            default = {"default_payment_method": snapshots.id_of(own[0]["default_payment_method"])}
            self._calls("keep a card", self._v1.customers.update, customer_id, {"invoice_settings": default})
        for row in own:
            update = self._v1.subscriptions.update
            self._calls("let a subscription follow its customer", update, row["id"], {"default_payment_method": ""})

    def _due(self, extension: Extension, items: list[Json]) -> int:
        at = _unix(extension.prorated_at)
        details = {"items": items, "proration_behavior": "always_invoice", "proration_date": at}
        return int(self._reckoned(extension.subscription_id, **details)["amount_due"])

    def _reckoned(self, subscription_id: SubscriptionId, **details: object) -> Json:
        """Return the invoice that a change, or the next renewal, would make."""
        params: Json = {"subscription": subscription_id}
        if details:
            params["subscription_details"] = details
        return self._calls("preview an invoice", self._v1.invoices.create_preview, params)

    def _change(self, order: Order, found: Json) -> None:
        extension = _extension(order)
        items = changes.grown(found, extension, self._calls)
        self._check_room(extension.subscription_id)
        self._check_agreed(order, items)
        params = {
            "items": items,
            "proration_behavior": "always_invoice",
            "payment_behavior": "pending_if_incomplete",
            "proration_date": _unix(extension.prorated_at),
        }
        self._check_recent(order)
        update = self._v1.subscriptions.update
        subscription_id = extension.subscription_id
        # Tried once: another try of the SDK's would begin when the order may be given up already.
        self._calls("change a subscription", update, subscription_id, params, key=f"ext:{order.id}", retries=0)

    def _check_recent(self, order: Order) -> None:
        """Refuse to charge when it took so long to come here that the answer could come too late."""
        age = self._clock.now() - order.tried_at
        if age > CHARGED_WITHIN:
            raise TriedTooLongAgo(f"Order {order.id} was tried {age.seconds} s ago.", remedy=TRY_LATER)

    def _check_room(self, subscription_id: SubscriptionId) -> None:
        """Say what Stripe would answer like any other hurry: that it makes no more invoices of this one today."""
        since = {"gte": _unix(self._clock.now() - _DAY) + 1}
        if sum(1 for _ in self._invoices(subscription_id, created=since)) >= _INVOICES_A_DAY:
            raise ChangesUsedUp(
                f"Subscription {subscription_id} has had {_INVOICES_A_DAY} invoices within a day.",
                remedy=changes.TOMORROW,
            )

    def _check_agreed(self, order: Order, items: list[Json]) -> None:
        """Refuse to charge anything else than what the customer agreed to."""
        if order.due_cents is None:
            return
        due_cents = self._due(_extension(order), items)
        if due_cents != order.due_cents:
            raise OutdatedChange(
                f"Order {order.id} agreed to {order.due_cents} cents, and it would be {due_cents}.",
                remedy=changes.LOOK_AGAIN,
            )

    def _made(self, order: Order, found: Json) -> tuple[Json | None, PendingChange | None]:
        """Return the invoice of an order's change, and the change of any order that waits for payment."""
        extension = _extension(order)
        since = {"gte": _unix(extension.prorated_at - _CLOCKS_APART)}
        rows = list(self._invoices(extension.subscription_id, created=since))
        return changes.invoice_of(order, extension, rows), snapshots.pending_of(found, rows)

    def _outcome(self, order: Order, found: Json) -> CheckoutStatus:
        subscription_id = _extension(order).subscription_id
        invoice, pending = self._made(order, found)
        if invoice is not None and invoice["status"] == "open" and pending is None:
            # Made or paid between the two reads. Once more in this order, nothing that happens now can be missed.
            invoice, pending = self._made(order, self._found(subscription_id))
        if invoice is None:
            return CheckoutStatus(CheckoutId(order.id), CheckoutState.EXPIRED, order.id, subscription_id)
        waiting = pending if pending is not None and pending.invoice_id == invoice["id"] else None
        state = self._state(invoice, waits=waiting is not None)
        page = None if state is CheckoutState.EXPIRED else _page(invoice, waiting)
        return CheckoutStatus(CheckoutId(invoice["id"]), state, order.id, subscription_id, page=page)

    def _state(self, invoice: Json, *, waits: bool) -> CheckoutState:
        match invoice["status"]:
            case "paid":  # but what it paid for is not applied while it waits
                return CheckoutState.PROCESSING if waits else CheckoutState.PAID
            case "open" if waits:
                return CheckoutState.PROCESSING if self._is_processing(invoice) else CheckoutState.OPEN
        return CheckoutState.EXPIRED


def _extension(order: Order) -> Extension:
    if order.extends is None:
        raise ValueError(f"Order {order.id} extends nothing.")
    return order.extends


def _unix(moment: datetime) -> int:
    return int(moment.timestamp())


def _page(invoice: Json, waiting: PendingChange | None) -> Checkout:
    expires_at = waiting.expires_at if waiting else snapshots.moment(invoice["created"]) + WAITS
    return Checkout(CheckoutId(invoice["id"]), invoice["hosted_invoice_url"], expires_at)
