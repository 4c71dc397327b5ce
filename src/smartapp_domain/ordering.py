"""An order: a priced snapshot of a draft, waiting to be paid and then fulfilled exactly once."""

import enum
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

import attrs

from smartapp_domain.billing import Checkout
from smartapp_domain.catalog import Interval, Product
from smartapp_domain.ids import AccountId, MemberId, OrderId, PlatformProjectId, ProfileId, SubscriptionId
from smartapp_domain.lifecycle import advance
from smartapp_domain.mapping import Target
from smartapp_domain.pricing import Quote
from smartapp_domain.selection import Selection


class OrderState(enum.Enum):
    """Open means that it still claims its products: the first four states."""

    OPEN = "open"
    AWAITING_PAYMENT = "awaiting_payment"
    PROCESSING = "processing"
    PAID = "paid"
    FULFILLED = "fulfilled"
    CLOSED = "closed"


class OrderEvent(enum.Enum):
    CHECKOUT_STARTED = "checkout_started"
    PAYMENT_PROCESSING = "payment_processing"
    PAYMENT_RECEIVED = "payment_received"
    PAYMENT_FAILED = "payment_failed"
    EXPIRED = "expired"
    REPLACED = "replaced"
    FULFILLED = "fulfilled"


_S, _E = OrderState, OrderEvent
#: Every legal move; an absent pair is illegal. The diagram in docs/domain.md is drawn from this.
ORDER_TRANSITIONS: Mapping[tuple[OrderState, OrderEvent], OrderState] = MappingProxyType(
    {
        (_S.OPEN, _E.CHECKOUT_STARTED): _S.AWAITING_PAYMENT,
        (_S.OPEN, _E.EXPIRED): _S.CLOSED,
        (_S.OPEN, _E.REPLACED): _S.CLOSED,
        (_S.AWAITING_PAYMENT, _E.PAYMENT_PROCESSING): _S.PROCESSING,
        (_S.AWAITING_PAYMENT, _E.PAYMENT_RECEIVED): _S.PAID,
        (_S.AWAITING_PAYMENT, _E.PAYMENT_FAILED): _S.CLOSED,
        (_S.AWAITING_PAYMENT, _E.EXPIRED): _S.CLOSED,
        (_S.AWAITING_PAYMENT, _E.REPLACED): _S.CLOSED,
        (_S.PROCESSING, _E.PAYMENT_RECEIVED): _S.PAID,
        (_S.PROCESSING, _E.PAYMENT_FAILED): _S.CLOSED,
        (_S.PAID, _E.FULFILLED): _S.FULFILLED,
    }
)

OPEN_STATES = frozenset({_S.OPEN, _S.AWAITING_PAYMENT, _S.PROCESSING, _S.PAID})


@attrs.frozen
class OrderItem:
    """One project of an order, with the name it had when it was ordered."""

    platform_project_id: PlatformProjectId
    name: str
    number: str | None
    selection: Selection
    target: Target


@attrs.frozen
class Extension:
    """
    How an order adds to a subscription there is already, by one change of it.

    Attributes:
        renewal: Every product of the subscription with its absolute quantity afterwards: what each renewal costs then.
        prorated_at: From when the rest of the period is reckoned, whole seconds. What is shown and what is charged
            name the same moment, so both come to the same cent.

    Source: docs/domain.md L-36.

    """

    subscription_id: SubscriptionId
    renewal: Quote
    price_book_version: int
    prorated_at: datetime


@attrs.frozen
class Order:
    """
    What somebody agreed to pay.

    Attributes:
        fingerprint: Hash of projects, products and prices (`pricing.fingerprint`); part of the provider's
            idempotency key, so the same order never makes two pay pages.
        items: Sorted by platform project id.
        not_bought: What the buyer ticked for these projects after the page was opened, as "Safety for TOWER": it was
            not part of what was paid, and the rows are licensed now, so it is named instead of dropped.
        extends: Set when it adds to a subscription instead of beginning one.
        due_cents: For an extension, what the rest of the period costs; else None, because the quote is due at once.
        checkout: The page where it can be paid. An extension has one once its invoice is made.
        retried_at: For an extension, when a stored card was last asked for it again, its answer having been lost.

    """

    id: OrderId
    account_id: AccountId
    member_id: MemberId
    profile_id: ProfileId
    quote: Quote
    items: tuple[OrderItem, ...]
    price_book_version: int
    fingerprint: str
    created_at: datetime
    state: OrderState = OrderState.OPEN
    checkout: Checkout | None = None
    subscription_id: SubscriptionId | None = None
    closed_because: str | None = None
    not_bought: tuple[str, ...] = ()
    extends: Extension | None = None
    due_cents: int | None = None
    retried_at: datetime | None = None
    version: int = 1

    @property
    def tried_at(self) -> datetime:
        """When it was last tried to charge for it; its answer may be under way for a while after."""
        return self.retried_at or self.created_at

    @property
    def charged_cents(self) -> int:
        """What it costs today."""
        return self.quote.total_cents if self.due_cents is None else self.due_cents

    @property
    def interval(self) -> Interval:
        return self.quote.interval

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def sold(self) -> Iterable[tuple[OrderItem, Product]]:
        """Every project × product in it, add-ons that are only sold on request left out."""
        priced = {line.product for line in self.quote.lines}
        return ((item, product) for item in self.items for product in item.selection.products if product in priced)

    @property
    def claims(self) -> frozenset[tuple[PlatformProjectId, Product]]:
        """The project × products that no other open order may hold (docs/domain.md L-30)."""
        return frozenset((item.platform_project_id, product) for item, product in self.sold)

    def adds_to(self, id: SubscriptionId) -> bool:
        """Tell whether it changes this subscription, instead of beginning one."""
        return self.extends is not None and self.extends.subscription_id == id

    def extends_same(self, other: "Order") -> bool:
        """Tell whether both change one subscription, which only one open order may do at a time (L-37)."""
        return other.extends is not None and self.adds_to(other.extends.subscription_id)

    def after(
        self, event: OrderEvent, *, checkout: Checkout | None = None, subscription_id: SubscriptionId | None = None
    ) -> "Order":
        """Return the order after a legal event, one version later; raise `IllegalMove` otherwise."""
        state = advance(ORDER_TRANSITIONS, self.state, event)
        return attrs.evolve(
            self,
            state=state,
            checkout=checkout or self.checkout,
            subscription_id=subscription_id or self.subscription_id,
            closed_because=event.value if state is OrderState.CLOSED else self.closed_because,
            version=self.version + 1,
        )
