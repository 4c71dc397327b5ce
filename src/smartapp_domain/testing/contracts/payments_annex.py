"""Steps of a second purchase, which several tests take."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import attrs

from smartapp_domain.billing import Checkout, Invoice
from smartapp_domain.catalog import Interval, Module, Product
from smartapp_domain.ids import SubscriptionId
from smartapp_domain.ordering import Extension, Order
from smartapp_domain.pricing import Quote
from smartapp_domain.selection import Selection
from smartapp_domain.testing import builders
from smartapp_domain.testing.contracts.payments_world import EVERYTHING, PaymentsWorld, Shop

LATER = timedelta(days=9, hours=5, minutes=17, seconds=43)
#: One more project of everything, and one of Safety alone.
MORE = {"silo": EVERYTHING, "quay": builders.SAFETY}


class Annex(Shop):
    """Steps of a second purchase."""

    def live(
        self,
        world: PaymentsWorld,
        wants: Mapping[str, Selection] | None = None,
        *,
        interval: Interval = Interval.MONTH,
        age: timedelta = LATER,
    ) -> SubscriptionId:
        """Return a subscription that was paid some time ago."""
        order = self.order(world, interval=interval)
        if wants is not None:
            order = builders.order(wants=wants, interval=interval, created_at=world.clock.now())
        subscription_id = self.bought(world, order)
        world.move(age)
        return subscription_id

    def adding(
        self,
        world: PaymentsWorld,
        subscription_id: SubscriptionId,
        wants: Mapping[str, Selection] | None = None,
        id: str = "order-2",
    ) -> Order:
        """Return an order for more projects, as somebody agreed to it after seeing the preview."""
        subscription = world.payments.subscription(subscription_id)
        plain = builders.order(id, wants=wants or MORE, interval=subscription.interval)
        order = builders.extending(subscription, plain, at=world.clock.now())
        return attrs.evolve(order, due_cents=world.payments.preview(adds(order)).due_cents)

    def unpaid(
        self, world: PaymentsWorld, subscription_id: SubscriptionId, card: str = "declines"
    ) -> tuple[Order, Checkout]:
        """Return an order whose change the stored card did not pay, and where it can be paid."""
        order = self.adding(world, subscription_id)
        world.change_card(subscription_id, card)
        page = world.payments.extend(order).page
        assert page is not None
        return order, page

    def quantities(self, world: PaymentsWorld, subscription_id: SubscriptionId) -> dict[Product, int]:
        return {item.product: item.quantity for item in world.payments.subscription(subscription_id).items}

    def invoices(self, world: PaymentsWorld, subscription_id: SubscriptionId) -> tuple[Invoice, ...]:
        return world.payments.subscription(subscription_id).invoices


def adds(order: Order) -> Extension:
    assert order.extends is not None
    return order.extends


def due(order: Order) -> int:
    assert order.due_cents is not None
    return order.due_cents


def ends(world: PaymentsWorld, subscription_id: SubscriptionId) -> datetime:
    """Return when the period does."""
    period_end = world.payments.subscription(subscription_id).period_end
    assert period_end is not None
    return period_end


def with_line(renewal: Quote, product: Module, quantity: int, *, unit_cents: int | None = None) -> Quote:
    lines = [
        attrs.evolve(line, quantity=quantity, unit_cents=line.unit_cents if unit_cents is None else unit_cents)
        if line.product is product
        else line
        for line in renewal.lines
    ]
    return attrs.evolve(renewal, lines=tuple(lines))
