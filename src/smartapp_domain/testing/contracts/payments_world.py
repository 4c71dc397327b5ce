"""A payment provider under test, the people on its other side, and the steps that several tests take."""

from datetime import timedelta
from typing import Protocol

import attrs
import pytest

from smartapp_domain.billing import (
    Checkout,
)
from smartapp_domain.catalog import AddOn, Interval, Module
from smartapp_domain.ids import CustomerId, SubscriptionId
from smartapp_domain.ordering import Order
from smartapp_domain.ports.clock import Clock
from smartapp_domain.ports.payments import Payments
from smartapp_domain.pricing import LIST_PRICES
from smartapp_domain.selection import Selection
from smartapp_domain.testing import builders

RETURN_URL = "http://localhost/return?checkout={checkout}"
CANCEL_URL = "http://localhost/subscriptions"

EVERYTHING = Selection.of(Module.PLANNER, Module.SAFETY, AddOn.PLANNER_BOARD, AddOn.SAFETY_BADGE)
WANTS = {"tower": EVERYTHING, "depot": Selection.of(Module.PLANNER), "bridge": Selection.of(Module.SAFETY)}


class PaymentsWorld(Protocol):
    """A provider under test, with the customers, banks and time on its other side."""

    @property
    def payments(self) -> Payments: ...

    @property
    def clock(self) -> Clock:
        """The clock the provider and our side go by."""
        ...

    def move(self, by: timedelta) -> None: ...

    def pay(self, checkout: Checkout, *, lasts: bool = True) -> None:
        """Pay an open page with a good card; unless it `lasts`, the card is declined when charged later."""
        ...

    def decline(self, checkout: Checkout) -> None:
        """Try to pay an open page with a card that is declined."""
        ...

    def pay_by_bank(self, checkout: Checkout, *, covered: bool = True) -> None:
        """Pay from a bank account; the bank answers in `bank_answers`, and pays if the account is `covered`."""
        ...

    def bank_answers(self, checkout: Checkout) -> None: ...

    def end_period(self, subscription_id: SubscriptionId) -> None:
        """Let time pass until the next period has begun and its invoice was charged."""
        ...

    def pay_open_invoice(self, subscription_id: SubscriptionId) -> None:
        """Let the customer pay what a failed charge left open."""
        ...

    def stop_collecting(self, subscription_id: SubscriptionId) -> None:
        """Let the provider try an open invoice for the last time, in vain."""
        ...

    def change_card(self, subscription_id: SubscriptionId, card: str) -> None:
        """Let what is stored be "good", be one that "declines" or "confirms" whenever it is charged, or be "none"."""
        ...

    def use_card_page(self, url: str) -> None:
        """Let the customer type a good card on the page of `Payments.card_page`."""
        ...

    def confirm(self, subscription_id: SubscriptionId) -> None:
        """Let the customer pay the open invoice with a card that the bank wants confirmed, and confirm it."""
        ...

    def pay_page(self, page: Checkout) -> bool:
        """Let the customer try to pay an invoice on its page with a good card; tell whether money was taken."""
        ...

    def cancel(self, subscription_id: SubscriptionId) -> None:
        """End a subscription now, by hand."""
        ...


class Shop:
    """Steps that several tests take."""

    @pytest.fixture
    def world(self) -> PaymentsWorld:
        raise NotImplementedError("Override the fixture `world` with the provider under test.")

    def order(self, world: PaymentsWorld, id: str = "order-1", *, interval: Interval = Interval.MONTH) -> Order:
        return attrs.evolve(builders.order(id, wants=WANTS, interval=interval), created_at=world.clock.now())

    def open_page(self, world: PaymentsWorld, order: Order | None = None) -> Checkout:
        world.payments.publish_catalog(LIST_PRICES)
        return self.page(world, order or self.order(world))

    def page(self, world: PaymentsWorld, order: Order, customer_id: CustomerId | None = None) -> Checkout:
        customer_id = customer_id or world.payments.customer(builders.profile())
        return world.payments.start_checkout(order, customer_id, return_url=RETURN_URL, cancel_url=CANCEL_URL)

    def bought(self, world: PaymentsWorld, order: Order | None = None, *, lasts: bool = True) -> SubscriptionId:
        page = self.open_page(world, order)
        world.pay(page, lasts=lasts)
        subscription_id = world.payments.checkout(page.id).subscription_id
        assert subscription_id is not None
        return subscription_id
