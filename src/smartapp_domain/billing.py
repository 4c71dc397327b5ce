"""What a payment provider knows, in our words: subscriptions, their items and the invoices that pay for them."""

import enum
from collections.abc import Iterator
from datetime import datetime

import attrs

from smartapp_domain.catalog import Interval, Product
from smartapp_domain.ids import AccountId, CheckoutId, CustomerId, EventId, InvoiceId, OrderId, SubscriptionId


class SubscriptionStatus(enum.Enum):
    """`UNKNOWN` is a status newer than this code: the last decision stays and somebody is told."""

    INCOMPLETE = "incomplete"
    INCOMPLETE_EXPIRED = "incomplete_expired"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    CANCELED = "canceled"
    PAUSED = "paused"
    UNKNOWN = "unknown"


class InvoiceStatus(enum.Enum):
    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    UNCOLLECTIBLE = "uncollectible"
    VOID = "void"


@attrs.frozen
class InvoiceLine:
    """
    One product for one period; `period_end` is exclusive.

    Attributes:
        is_proration: It is about the rest of a period, because quantities changed in the middle of it.
        is_credit: It gives unused time back instead of charging; it pays for nothing.

    """

    id: str
    product: Product
    quantity: int
    amount_cents: int
    period_start: datetime
    period_end: datetime
    is_proration: bool = False
    is_credit: bool = False

    @property
    def charges(self) -> bool:
        return not self.is_credit and self.quantity > 0


@attrs.frozen
class Invoice:
    """
    An invoice of a subscription.

    Attributes:
        failed_at: When the first attempt to collect it failed; None while nothing failed.
        next_attempt_at: When the provider tries again.
        hosted_url: The provider's page where it can be read and paid.
        is_set_aside: A draft that the provider will not collect by itself, having given up on an older one.

    """

    id: InvoiceId
    number: str | None
    status: InvoiceStatus
    total_cents: int
    created_at: datetime
    lines: tuple[InvoiceLine, ...] = ()
    failed_at: datetime | None = None
    next_attempt_at: datetime | None = None
    hosted_url: str | None = None
    pdf_url: str | None = None
    is_set_aside: bool = False


@attrs.frozen
class SubscriptionItem:
    """One product of a subscription: how many projects, in which current period (`period_end` exclusive)."""

    product: Product
    quantity: int
    unit_cents: int
    period_start: datetime
    period_end: datetime


@attrs.frozen
class PendingChange:
    """A change of quantities that waits for its invoice to be paid; until then the old ones hold."""

    invoice_id: InvoiceId
    expires_at: datetime


@attrs.frozen
class Subscription:
    """
    A subscription as the provider described it.

    Snapshots are whole: a later one replaces an earlier one, never the other way round.

    Attributes:
        as_of: When the provider was asked, by the clock of whoever asked. It says nothing about which of two snapshots
            is later: clocks differ, and are set back.
        cancel_at: Set when it will not be renewed: its items stay as they are until then.
        order_id: The order that began it.

    """

    id: SubscriptionId
    customer_id: CustomerId
    status: SubscriptionStatus
    interval: Interval
    items: tuple[SubscriptionItem, ...]
    invoices: tuple[Invoice, ...]
    as_of: datetime
    cancel_at: datetime | None = None
    ended_at: datetime | None = None
    order_id: OrderId | None = None
    pending: PendingChange | None = None

    @property
    def is_live(self) -> bool:
        return self.ended_at is None and self.status not in _OVER

    @property
    def lines(self) -> Iterator[InvoiceLine]:
        """Every line of its invoices."""
        return (line for invoice in self.invoices for line in invoice.lines)

    def quantity(self, product: Product) -> int:
        return sum(item.quantity for item in self.items if item.product is product)

    def renewing(self, product: Product) -> int:
        """Return for how many projects the next period will be billed."""
        return 0 if self.cancel_at is not None else self.quantity(product)

    @property
    def period_end(self) -> datetime | None:
        """End of the current period; None while it has no items of ours."""
        return min((item.period_end for item in self.items), default=None)


_OVER = frozenset({SubscriptionStatus.CANCELED, SubscriptionStatus.INCOMPLETE_EXPIRED})


class CheckoutState(enum.Enum):
    """What became of a customer's visit to the pay page."""

    OPEN = "open"
    PROCESSING = "processing"
    """Finished, but the bank has not confirmed the money yet."""
    PAID = "paid"
    FAILED = "failed"
    """Finished, and the bank refused later."""
    EXPIRED = "expired"


@attrs.frozen
class Checkout:
    """The provider's pay page for one order."""

    id: CheckoutId
    url: str
    expires_at: datetime


@attrs.frozen
class CheckoutStatus:
    """
    What became of paying for an order.

    Attributes:
        page: The invoice of an order that extends a subscription, also once it is paid: such an order is charged at
            once, and asking is how one learns where to pay what the card did not. None when there is nothing to pay.

    """

    id: CheckoutId
    state: CheckoutState
    order_id: OrderId
    subscription_id: SubscriptionId | None = None
    page: Checkout | None = None


@attrs.frozen
class BillingEvent:
    """
    A provider's notice that something changed: a poke, never a source of facts.

    Whoever handles it fetches the current object by the id it names.

    Attributes:
        order_id: The order that what it is about was made for, as far as it says so; perhaps a neighbor's.
        account_id: The account of that order, likewise.

    """

    id: EventId
    type: str
    created_at: datetime
    checkout_id: CheckoutId | None = None
    order_id: OrderId | None = None
    subscription_id: SubscriptionId | None = None
    account_id: AccountId | None = None
