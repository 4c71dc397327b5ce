"""Changes of a subscription that the stored card does not pay: they wait, are paid by hand, run out or are given up."""

from datetime import timedelta

import attrs
import pytest

from smartapp_domain.billing import Checkout, CheckoutState, InvoiceStatus, SubscriptionStatus
from smartapp_domain.catalog import Module
from smartapp_domain.ids import CheckoutId, SubscriptionId
from smartapp_domain.ordering import Order
from smartapp_domain.testing import builders
from smartapp_domain.testing.contracts.payments_annex import Annex, adds
from smartapp_domain.testing.contracts.payments_world import PaymentsWorld


class UnpaidExtensionContract(Annex):
    @pytest.mark.parametrize("card", ["declines", "confirms"])
    def test_what_the_card_does_not_pay_changes_nothing_yet(self, world: PaymentsWorld, card: str) -> None:
        subscription_id = self.live(world)
        before = self.quantities(world, subscription_id)
        order = self.adding(world, subscription_id)
        world.change_card(subscription_id, card)

        status = world.payments.extend(order)

        after = world.payments.subscription(subscription_id)
        assert status.state is CheckoutState.OPEN
        assert status.page is not None
        assert world.clock.now() < status.page.expires_at <= world.clock.now() + timedelta(days=1)
        assert after.status is SubscriptionStatus.ACTIVE
        assert self.quantities(world, subscription_id) == before
        assert after.pending is not None
        assert (CheckoutId(after.pending.invoice_id), after.pending.expires_at) == (
            status.page.id,
            status.page.expires_at,
        )
        assert after.invoices[-1].status is InvoiceStatus.OPEN
        assert after.invoices[-1].failed_at is not None
        assert world.payments.extension(order) == status == world.payments.extend(order)

    def test_a_declined_change_is_made_when_its_page_is_paid(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        order, page = self.unpaid(world, subscription_id)
        world.move(timedelta(hours=5))

        assert world.pay_page(page)

        self._holds(world, subscription_id, order)

    def test_a_change_that_wants_confirming_is_made_when_confirmed(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        order, _ = self.unpaid(world, subscription_id, "confirms")

        world.confirm(subscription_id)

        self._holds(world, subscription_id, order)

    def _holds(self, world: PaymentsWorld, subscription_id: SubscriptionId, order: Order) -> None:
        after = world.payments.subscription(subscription_id)
        assert world.payments.extension(order).state is CheckoutState.PAID
        assert after.pending is None
        assert (after.invoices[-1].status, after.invoices[-1].total_cents) == (InvoiceStatus.PAID, order.due_cents)
        assert after.invoices[-1].failed_at is None
        assert self.quantities(world, subscription_id) == {
            line.product: line.quantity for line in adds(order).renewal.lines
        }

    def test_the_renewal_is_what_it_was_while_a_change_waits(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        expected = world.payments.renewal_cents(subscription_id)

        self.unpaid(world, subscription_id)

        assert world.payments.renewal_cents(subscription_id) == expected

    def test_nobody_pays_in_time(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        before = self.quantities(world, subscription_id)
        order, page = self.unpaid(world, subscription_id)

        world.move(page.expires_at - world.clock.now() + timedelta(seconds=1))

        self._gone(world, subscription_id, order, page)
        assert self.quantities(world, subscription_id) == before

    def test_a_change_given_up_cannot_be_paid_any_more(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        before = self.quantities(world, subscription_id)
        order, page = self.unpaid(world, subscription_id)

        closed = world.payments.close_extension(order)

        assert closed.state is CheckoutState.EXPIRED
        assert world.payments.close_extension(order) == closed
        self._gone(world, subscription_id, order, page)
        assert self.quantities(world, subscription_id) == before

    def _gone(self, world: PaymentsWorld, subscription_id: SubscriptionId, order: Order, page: Checkout) -> None:
        after = world.payments.subscription(subscription_id)
        assert after.pending is None
        assert after.invoices[-1].status is InvoiceStatus.VOID
        assert world.payments.extension(order).state is CheckoutState.EXPIRED
        assert not world.pay_page(page)
        tried_again = attrs.evolve(order, retried_at=world.clock.now())
        assert world.payments.extend(tried_again).state is CheckoutState.EXPIRED
        assert len(self.invoices(world, subscription_id)) == 2

    def test_what_is_paid_stays_paid(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        order = self.adding(world, subscription_id)
        paid = world.payments.extend(order)

        assert world.payments.close_extension(order) == paid
        assert self.invoices(world, subscription_id)[-1].status is InvoiceStatus.PAID

    def test_another_order_takes_the_place_of_one_given_up(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        first, _ = self.unpaid(world, subscription_id)
        world.payments.close_extension(first)
        world.change_card(subscription_id, "good")
        world.move(timedelta(seconds=20))

        second = self.adding(world, subscription_id, id="order-3")

        assert world.payments.extend(second).state is CheckoutState.PAID
        assert world.payments.extension(first).state is CheckoutState.EXPIRED

    def test_a_newer_change_takes_the_place_of_one_that_waits(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        first, page = self.unpaid(world, subscription_id)
        world.change_card(subscription_id, "good")
        world.move(timedelta(seconds=20))
        second = self.adding(world, subscription_id, {"silo": builders.PLANNER}, "order-3")

        assert world.payments.extend(second).state is CheckoutState.PAID

        assert world.payments.extension(first).state is CheckoutState.EXPIRED
        assert not world.pay_page(page)

    def test_saying_what_is_renewed_gives_up_a_change_that_waits(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        order, page = self.unpaid(world, subscription_id)

        after = world.payments.set_renewal(subscription_id, {Module.SAFETY: 1})

        assert after.pending is None
        assert world.payments.extension(order).state is CheckoutState.EXPIRED
        assert not world.pay_page(page)

    def test_a_bank_has_to_answer_first(self, world: PaymentsWorld) -> None:
        page = self.open_page(world)
        world.pay_by_bank(page)
        world.bank_answers(page)
        subscription_id = world.payments.checkout(page.id).subscription_id
        assert subscription_id is not None
        before = self.quantities(world, subscription_id)
        order = self.adding(world, subscription_id)

        status = world.payments.extend(order)

        assert status.state is CheckoutState.PROCESSING
        assert world.payments.close_extension(order).state is CheckoutState.PROCESSING
        assert self.quantities(world, subscription_id) == before
        assert self.invoices(world, subscription_id)[-1].failed_at is None

    def test_a_change_ends_with_the_subscription(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        order, _ = self.unpaid(world, subscription_id)

        world.cancel(subscription_id)

        assert world.payments.extension(order).state is CheckoutState.EXPIRED
        assert world.payments.close_extension(order).state is CheckoutState.EXPIRED
        assert self.invoices(world, subscription_id)[-1].status is InvoiceStatus.VOID
