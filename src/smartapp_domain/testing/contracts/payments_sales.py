"""The catalog, customers and pay pages of a payment provider."""

from datetime import timedelta

import attrs
import pytest

from smartapp_domain.billing import (
    CheckoutState,
)
from smartapp_domain.catalog import AddOn, Module
from smartapp_domain.ids import CheckoutId, CustomerId, SubscriptionId
from smartapp_domain.ports.payments import PaymentsRejected, UnknownAtProvider
from smartapp_domain.ports.storage import in_transaction
from smartapp_domain.pricing import LIST_PRICES, OnRequest, PriceBook
from smartapp_domain.testing import builders
from smartapp_domain.testing.contracts.payments_world import PaymentsWorld, Shop


class CatalogContract(Shop):
    def test_what_was_published_may_be_sold(self, world: PaymentsWorld) -> None:
        world.payments.publish_catalog(LIST_PRICES)

        assert world.payments.catalog_drift(LIST_PRICES) == ()

    def test_what_was_never_published_is_missing_price_by_price(self, world: PaymentsWorld) -> None:
        drift = world.payments.catalog_drift(LIST_PRICES)

        assert len(drift) == 8
        assert {each.theirs for each in drift} == {"missing"}
        assert any("29500" in each.ours for each in drift)

    def test_publishing_again_changes_nothing(self, world: PaymentsWorld) -> None:
        world.payments.publish_catalog(LIST_PRICES)
        world.payments.publish_catalog(LIST_PRICES)

        assert world.payments.catalog_drift(LIST_PRICES) == ()

    def test_an_amount_that_exists_is_never_changed_but_told(self, world: PaymentsWorld) -> None:
        world.payments.publish_catalog(LIST_PRICES)
        dearer = attrs.evolve(LIST_PRICES, modules={Module.PLANNER: 30_000, Module.SAFETY: 59_500})

        world.payments.publish_catalog(dearer)

        drift = world.payments.catalog_drift(dearer)
        assert len(drift) == 2
        assert "30000" in drift[1].ours
        assert "29500" in drift[1].theirs
        assert world.payments.catalog_drift(LIST_PRICES) == ()

    def test_a_new_version_stands_beside_the_old_one(self, world: PaymentsWorld) -> None:
        dearer = attrs.evolve(LIST_PRICES, version=2, modules={Module.PLANNER: 30_000, Module.SAFETY: 59_500})

        world.payments.publish_catalog(LIST_PRICES)
        world.payments.publish_catalog(dearer)

        assert world.payments.catalog_drift(LIST_PRICES) == ()
        assert world.payments.catalog_drift(dearer) == ()

    def test_what_people_sell_needs_no_price_there(self, world: PaymentsWorld) -> None:
        by_people = PriceBook(1, LIST_PRICES.modules, {AddOn.PLANNER_BOARD: OnRequest(), AddOn.SAFETY_BADGE: 0})

        drift = world.payments.catalog_drift(by_people)

        assert len(drift) == 6

    def test_a_customer_is_made_once(self, world: PaymentsWorld) -> None:
        first = world.payments.customer(builders.profile())
        second = world.payments.customer(builders.profile())
        other = world.payments.customer(builders.profile("umbrella-billing", "umbrella"))

        assert first == second
        assert other != first

    def test_a_customer_we_know_is_not_made_again(self, world: PaymentsWorld) -> None:
        known = builders.profile(customer_id=CustomerId("cus_known"))

        assert world.payments.customer(known) == "cus_known"


class CheckoutContract(Shop):
    def test_a_page_is_open_for_half_an_hour_at_least(self, world: PaymentsWorld) -> None:
        page = self.open_page(world)

        status = world.payments.checkout(page.id)
        assert (status.id, status.state, status.order_id) == (page.id, CheckoutState.OPEN, "order-1")
        assert status.subscription_id is None
        assert page.url.startswith("http")
        assert timedelta(minutes=30) <= page.expires_at - world.clock.now() <= timedelta(hours=24)

    def test_the_same_order_has_the_same_page(self, world: PaymentsWorld) -> None:
        order = self.order(world)
        page = self.open_page(world, order)
        world.move(timedelta(minutes=4))

        again = self.page(world, order)

        assert again == page

    def test_the_same_order_has_the_same_page_half_an_hour_later(self, world: PaymentsWorld) -> None:
        order = self.order(world)
        page = self.open_page(world, order)
        world.move(timedelta(minutes=33))

        assert self.page(world, order).id == page.id

    def test_an_order_that_waited_long_still_gets_a_page(self, world: PaymentsWorld) -> None:
        order = self.order(world)
        world.move(timedelta(hours=20))

        page = self.open_page(world, order)

        assert page.expires_at - world.clock.now() >= timedelta(minutes=30)

    def test_an_order_whose_page_expired_gets_another(self, world: PaymentsWorld) -> None:
        order = self.order(world)
        page = self.open_page(world, order)
        world.move(timedelta(hours=3))

        again = self.page(world, order)

        assert again.id != page.id
        assert world.payments.checkout(page.id).state is CheckoutState.EXPIRED
        assert world.payments.checkout(again.id).state is CheckoutState.OPEN

    def test_other_contents_get_another_page(self, world: PaymentsWorld) -> None:
        page = self.open_page(world)

        other = self.page(world, attrs.evolve(self.order(world), fingerprint="f" * 64))

        assert other.id != page.id

    def test_nothing_is_sold_at_a_price_the_provider_does_not_have(self, world: PaymentsWorld) -> None:
        order = self.order(world)

        with pytest.raises(PaymentsRejected) as refusal:
            self.page(world, order)

        assert refusal.value.remedy

    def test_nothing_is_sold_at_another_price_than_agreed(self, world: PaymentsWorld) -> None:
        world.payments.publish_catalog(LIST_PRICES)
        cheaper = attrs.evolve(LIST_PRICES, modules={Module.PLANNER: 1, Module.SAFETY: 59_500})

        with pytest.raises(PaymentsRejected):
            self.page(world, builders.order(price_book=cheaper, created_at=world.clock.now()))

    def test_a_paid_page_says_so_and_names_the_subscription(self, world: PaymentsWorld) -> None:
        page = self.open_page(world)

        world.pay(page)

        status = world.payments.checkout(page.id)
        assert status.state is CheckoutState.PAID
        assert status.order_id == "order-1"
        assert status.subscription_id is not None

    def test_a_declined_card_makes_nothing_and_can_be_replaced(self, world: PaymentsWorld) -> None:
        page = self.open_page(world)

        world.decline(page)

        status = world.payments.checkout(page.id)
        assert (status.state, status.subscription_id) == (CheckoutState.OPEN, None)
        world.pay(page)
        assert world.payments.checkout(page.id).state is CheckoutState.PAID

    def test_a_closed_page_is_gone_and_may_be_closed_twice(self, world: PaymentsWorld) -> None:
        page = self.open_page(world)

        first = world.payments.close_checkout(page.id)
        second = world.payments.close_checkout(page.id)

        assert first.state is CheckoutState.EXPIRED
        assert second == first
        assert world.payments.checkout(page.id) == first

    def test_a_paid_page_cannot_be_closed(self, world: PaymentsWorld) -> None:
        page = self.open_page(world)
        world.pay(page)

        closed = world.payments.close_checkout(page.id)

        assert closed.state is CheckoutState.PAID
        assert closed.subscription_id is not None

    def test_a_page_nobody_pays_expires(self, world: PaymentsWorld) -> None:
        page = self.open_page(world)

        world.move(page.expires_at - world.clock.now() + timedelta(minutes=1))

        assert world.payments.checkout(page.id).state is CheckoutState.EXPIRED

    def test_a_bank_debit_is_processing_until_the_bank_confirms(self, world: PaymentsWorld) -> None:
        page = self.open_page(world)
        world.pay_by_bank(page)

        before = world.payments.checkout(page.id)
        world.bank_answers(page)

        assert before.state is CheckoutState.PROCESSING
        assert world.payments.checkout(page.id).state is CheckoutState.PAID

    def test_a_bank_debit_that_bounces_has_failed(self, world: PaymentsWorld) -> None:
        page = self.open_page(world)
        world.pay_by_bank(page, covered=False)
        world.bank_answers(page)

        assert world.payments.checkout(page.id).state is CheckoutState.FAILED

    def test_unknown_pages_and_subscriptions_are_said_to_be_unknown(self, world: PaymentsWorld) -> None:
        with pytest.raises(UnknownAtProvider) as refusal:
            world.payments.checkout(CheckoutId("cs_test_nobody"))
        with pytest.raises(UnknownAtProvider):
            world.payments.close_checkout(CheckoutId("cs_test_nobody"))
        with pytest.raises(UnknownAtProvider):
            world.payments.subscription(SubscriptionId("sub_nobody"))

        assert refusal.value.remedy

    def test_it_refuses_to_be_called_inside_a_storage_transaction(self, world: PaymentsWorld) -> None:
        token = in_transaction.set(True)
        try:
            with pytest.raises(RuntimeError, match="transaction"):
                world.payments.catalog_drift(LIST_PRICES)
        finally:
            in_transaction.reset(token)
