"""What a subscription is renewed for, and the page where the card is changed."""

from datetime import timedelta

import attrs
import pytest

from smartapp_domain.billing import CheckoutState, InvoiceStatus, SubscriptionStatus
from smartapp_domain.catalog import AddOn, Interval, Module
from smartapp_domain.ids import SubscriptionId
from smartapp_domain.ports.payments import PaymentsRejected, UnknownAtProvider
from smartapp_domain.ports.storage import in_transaction
from smartapp_domain.pricing import LIST_PRICES
from smartapp_domain.testing import builders
from smartapp_domain.testing.contracts.payments_annex import Annex, adds, due, ends
from smartapp_domain.testing.contracts.payments_world import PaymentsWorld


class RenewalContract(Annex):
    def test_a_lower_renewal_charges_and_credits_nothing_now(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)

        after = world.payments.set_renewal(
            subscription_id, {Module.PLANNER: 1, Module.SAFETY: 2, AddOn.SAFETY_BADGE: 1}
        )

        assert len(after.invoices) == 1
        assert {item.product: item.quantity for item in after.items} == {
            Module.PLANNER: 1,
            Module.SAFETY: 2,
            AddOn.PLANNER_BOARD: 0,
            AddOn.SAFETY_BADGE: 1,
        }
        assert after.cancel_at is None
        assert world.payments.renewal_cents(subscription_id) == 29_500 + 2 * 59_500

    def test_the_next_invoice_is_the_lower_one(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        world.payments.set_renewal(subscription_id, {Module.SAFETY: 1})

        world.end_period(subscription_id)

        after = world.payments.subscription(subscription_id)
        assert after.invoices[-1].total_cents == 59_500
        assert {line.product for line in after.invoices[-1].lines if line.quantity} == {Module.SAFETY}
        assert after.is_live

    def test_saying_it_twice_is_saying_it_once(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)

        first = world.payments.set_renewal(subscription_id, {Module.PLANNER: 1})
        again = world.payments.set_renewal(subscription_id, {Module.PLANNER: 1})

        assert attrs.evolve(again, as_of=first.as_of) == first

    def test_taking_it_back_costs_nothing(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        before = world.payments.subscription(subscription_id)
        world.payments.set_renewal(subscription_id, {Module.PLANNER: 1})

        after = world.payments.set_renewal(subscription_id, {item.product: item.quantity for item in before.items})

        assert attrs.evolve(after, as_of=before.as_of) == before

    def test_renewing_nothing_ends_it_with_its_period(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        before = world.payments.subscription(subscription_id)

        ending = world.payments.set_renewal(subscription_id, {Module.PLANNER: 0})

        assert ending.cancel_at == before.period_end
        assert (ending.items, ending.status) == (before.items, SubscriptionStatus.ACTIVE)
        assert ending.renewing(Module.PLANNER) == 0
        assert world.payments.renewal_cents(subscription_id) is None
        world.move(ends(world, subscription_id) - world.clock.now() + timedelta(hours=2))
        after = world.payments.subscription(subscription_id)
        assert (after.status, after.ended_at) == (SubscriptionStatus.CANCELED, before.period_end)
        assert len(after.invoices) == 1
        assert world.payments.renewal_cents(subscription_id) is None

    def test_an_end_can_be_taken_back_until_it_comes(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        world.payments.set_renewal(subscription_id, {})

        after = world.payments.set_renewal(subscription_id, {Module.PLANNER: 1, Module.SAFETY: 1})
        world.end_period(subscription_id)

        assert after.cancel_at is None
        assert (after.quantity(Module.PLANNER), after.quantity(Module.SAFETY)) == (1, 1)
        assert world.payments.subscription(subscription_id).is_live
        assert self.invoices(world, subscription_id)[-1].total_cents == 29_500 + 59_500

    def test_an_end_that_has_come_cannot_be_taken_back(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        world.cancel(subscription_id)

        with pytest.raises(PaymentsRejected):
            world.payments.set_renewal(subscription_id, {Module.PLANNER: 1})

    def test_nothing_is_renewed_that_was_never_bought(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world, {"tower": builders.PLANNER})

        with pytest.raises(PaymentsRejected):
            world.payments.set_renewal(subscription_id, {Module.PLANNER: 1, Module.SAFETY: 1})

        assert world.payments.renewal_cents(subscription_id) == 29_500

    def test_a_slot_that_was_released_is_paid_again_when_bought_again(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world, {"tower": builders.PLANNER, "depot": builders.PLANNER})
        world.payments.set_renewal(subscription_id, {Module.PLANNER: 1})

        order = self.adding(world, subscription_id, {"silo": builders.PLANNER})

        assert adds(order).renewal.quantity(Module.PLANNER) == 2
        assert world.payments.extend(order).state is CheckoutState.PAID
        assert self.invoices(world, subscription_id)[-1].total_cents == due(order) > 0

    def test_the_next_renewal_is_the_sum_of_the_items(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world, interval=Interval.YEAR)
        items = world.payments.subscription(subscription_id).items

        assert world.payments.renewal_cents(subscription_id) == sum(item.quantity * item.unit_cents for item in items)

    def test_unknown_subscriptions_are_said_to_be_unknown(self, world: PaymentsWorld) -> None:
        world.payments.publish_catalog(LIST_PRICES)

        with pytest.raises(UnknownAtProvider):
            world.payments.renewal_cents(SubscriptionId("sub_nobody"))
        with pytest.raises(UnknownAtProvider):
            world.payments.set_renewal(SubscriptionId("sub_nobody"), {})

    def test_a_card_typed_on_the_providers_page_is_charged_from_then_on(self, world: PaymentsWorld) -> None:
        subscription_id = self.bought(world, lasts=False)
        order = self.adding(world, subscription_id)
        before = world.payments.preview(adds(order)).card
        customer_id = world.payments.subscription(subscription_id).customer_id

        page = world.payments.card_page(customer_id, return_url="http://localhost/subscriptions")
        opened = world.payments.preview(adds(order)).card
        world.use_card_page(page)

        assert before == opened == "Visa ending in 0341"
        assert world.payments.preview(adds(order)).card == "Visa ending in 4242"
        assert world.payments.extend(order).state is CheckoutState.PAID
        world.end_period(subscription_id)
        assert self.invoices(world, subscription_id)[-1].status is InvoiceStatus.PAID

    def test_changes_refuse_to_be_called_inside_a_storage_transaction(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        order = self.adding(world, subscription_id)
        calls = (
            lambda: world.payments.preview(adds(order)),
            lambda: world.payments.extend(order),
            lambda: world.payments.extension(order),
            lambda: world.payments.close_extension(order),
            lambda: world.payments.set_renewal(subscription_id, {}),
            lambda: world.payments.renewal_cents(subscription_id),
        )
        token = in_transaction.set(True)
        try:
            for call in calls:
                with pytest.raises(RuntimeError, match="transaction"):
                    call()
        finally:
            in_transaction.reset(token)
