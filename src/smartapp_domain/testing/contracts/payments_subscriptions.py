"""Subscriptions and invoices of a payment provider, as time and banks change them."""

from datetime import UTC, datetime, timedelta

import pytest

from smartapp_domain.billing import (
    Checkout,
    Invoice,
    InvoiceStatus,
    Subscription,
    SubscriptionStatus,
)
from smartapp_domain.catalog import AddOn, Interval, Module
from smartapp_domain.ids import CheckoutId
from smartapp_domain.testing import builders
from smartapp_domain.testing.contracts.payments_world import PaymentsWorld, Shop


class SubscriptionContract(Shop):
    def test_what_was_paid_is_what_was_ordered(self, world: PaymentsWorld) -> None:
        order = self.order(world)
        subscription = world.payments.subscription(self.bought(world, order))

        assert subscription.status is SubscriptionStatus.ACTIVE
        assert subscription.is_live
        assert subscription.order_id == order.id
        assert subscription.interval is Interval.MONTH
        assert subscription.customer_id == world.payments.customer(builders.profile())
        assert {(i.product, i.quantity, i.unit_cents) for i in subscription.items} == {
            (line.product, line.quantity, line.unit_cents) for line in order.quote.lines
        }

    def test_included_add_ons_are_counted_too(self, world: PaymentsWorld) -> None:
        subscription = world.payments.subscription(self.bought(world))

        assert subscription.quantity(AddOn.PLANNER_BOARD) == 1
        assert subscription.quantity(Module.SAFETY) == 2

    def test_the_first_invoice_is_paid_and_covers_the_first_period(self, world: PaymentsWorld) -> None:
        order = self.order(world)
        subscription = world.payments.subscription(self.bought(world, order))

        (invoice,) = subscription.invoices
        assert invoice.status is InvoiceStatus.PAID
        assert invoice.total_cents == order.quote.total_cents
        assert invoice.failed_at is None
        assert invoice.number
        assert {(line.product, line.quantity, line.amount_cents) for line in invoice.lines} == {
            (line.product, line.quantity, line.amount_cents) for line in order.quote.lines
        }
        assert {(line.period_start, line.period_end) for line in invoice.lines} == {
            (item.period_start, item.period_end) for item in subscription.items
        }

    @pytest.mark.parametrize(("interval", "shortest_days"), [(Interval.MONTH, 28), (Interval.YEAR, 365)])
    def test_a_period_is_as_long_as_the_interval(
        self, world: PaymentsWorld, interval: Interval, shortest_days: int
    ) -> None:
        subscription = world.payments.subscription(self.bought(world, self.order(world, interval=interval)))

        assert subscription.interval is interval
        for item in subscription.items:
            assert (
                timedelta(0) <= item.period_end - item.period_start - timedelta(days=shortest_days) <= timedelta(days=3)
            )

    def test_a_snapshot_is_as_old_as_the_call(self, world: PaymentsWorld) -> None:
        subscription_id = self.bought(world)
        asked_at = world.clock.now()

        subscription = world.payments.subscription(subscription_id)

        assert asked_at <= subscription.as_of <= world.clock.now()
        assert subscription.as_of.tzinfo is UTC

    def test_two_orders_are_two_subscriptions(self, world: PaymentsWorld) -> None:
        first = self.bought(world, self.order(world, "order-1"))
        second = self.bought(world, self.order(world, "order-2"))

        assert first != second
        assert world.payments.subscription(second).order_id == "order-2"

    def test_a_renewal_adds_a_paid_invoice_for_the_next_period(self, world: PaymentsWorld) -> None:
        subscription_id = self.bought(world)
        before = world.payments.subscription(subscription_id)

        world.end_period(subscription_id)

        after = world.payments.subscription(subscription_id)
        assert [invoice.status for invoice in after.invoices] == [InvoiceStatus.PAID] * 2
        assert after.status is SubscriptionStatus.ACTIVE
        assert _start(after) == _end(before)
        assert {line.period_start for line in after.invoices[-1].lines} == {_end(before)}

    def test_a_failed_renewal_is_open_and_says_since_when(self, world: PaymentsWorld) -> None:
        subscription_id = self.bought(world, lasts=False)
        due_at = _end(world.payments.subscription(subscription_id))

        world.end_period(subscription_id)

        after = world.payments.subscription(subscription_id)
        assert after.status is SubscriptionStatus.PAST_DUE
        assert after.is_live
        invoice = after.invoices[-1]
        assert invoice.status is InvoiceStatus.OPEN
        assert _between(due_at, invoice.failed_at, world.clock.now())
        assert invoice.next_attempt_at is not None
        assert invoice.next_attempt_at > world.clock.now()
        assert invoice.hosted_url is not None

    def test_paying_late_makes_everything_right_again(self, world: PaymentsWorld) -> None:
        subscription_id = self.bought(world, lasts=False)
        world.end_period(subscription_id)

        world.pay_open_invoice(subscription_id)

        after = world.payments.subscription(subscription_id)
        assert after.status is SubscriptionStatus.ACTIVE
        assert after.invoices[-1].status is InvoiceStatus.PAID
        assert after.invoices[-1].failed_at is None
        assert after.invoices[-1].next_attempt_at is None

    def test_after_the_last_try_nobody_collects_what_follows(self, world: PaymentsWorld) -> None:
        subscription_id = self.bought(world, lasts=False)
        world.end_period(subscription_id)
        world.stop_collecting(subscription_id)
        due_at = _end(world.payments.subscription(subscription_id))

        world.end_period(subscription_id)

        unpaid = world.payments.subscription(subscription_id)
        assert unpaid.status is SubscriptionStatus.UNPAID
        assert _owes(unpaid.invoices[-2])
        assert not unpaid.invoices[-2].is_set_aside
        assert _is_left(unpaid.invoices[-1])
        assert {line.period_start for line in unpaid.invoices[-1].lines} == {due_at}

        world.pay_open_invoice(subscription_id)

        after = world.payments.subscription(subscription_id)
        assert after.status is SubscriptionStatus.ACTIVE
        assert after.invoices[-2].status is InvoiceStatus.PAID
        assert _is_left(after.invoices[-1])

        world.end_period(subscription_id)

        assert world.payments.subscription(subscription_id).invoices[-1].status is InvoiceStatus.PAID

    def test_what_was_set_aside_is_collected_again_when_it_is_asked_for(self, world: PaymentsWorld) -> None:
        subscription_id = self.bought(world, lasts=False)
        world.end_period(subscription_id)
        world.stop_collecting(subscription_id)
        world.end_period(subscription_id)
        world.pay_open_invoice(subscription_id)
        left = world.payments.subscription(subscription_id).invoices[-1]
        assert _is_left(left)

        for _ in range(2):
            world.payments.collect_again(subscription_id, left.id)

        again = world.payments.subscription(subscription_id).invoices[-1]
        assert (again.id, again.total_cents) == (left.id, left.total_cents)
        assert not again.is_set_aside
        assert again.failed_at is None

    def test_a_bank_that_has_not_answered_has_not_refused(self, world: PaymentsWorld) -> None:
        page = self.open_page(world)
        world.pay_by_bank(page)

        (invoice,) = self._subscription(world, page).invoices

        assert invoice.status is InvoiceStatus.OPEN
        assert invoice.failed_at is None

    def test_a_bank_that_refused_leaves_a_failed_invoice(self, world: PaymentsWorld) -> None:
        page = self.open_page(world)
        world.pay_by_bank(page, covered=False)
        world.bank_answers(page)

        (invoice,) = self._subscription(world, page).invoices

        assert _owes(invoice)

    def test_a_canceled_subscription_is_over_and_keeps_its_invoices(self, world: PaymentsWorld) -> None:
        subscription_id = self.bought(world)

        world.cancel(subscription_id)

        after = world.payments.subscription(subscription_id)
        assert not after.is_live
        assert after.status is SubscriptionStatus.CANCELED
        assert after.ended_at == world.clock.now()
        assert len(after.invoices) == 1

    def test_what_was_never_paid_is_ended_and_cannot_be_paid_any_more(self, world: PaymentsWorld) -> None:
        refused = self._refused_by_the_bank(world)
        (owed,) = refused.invoices
        world.move(timedelta(hours=3))

        after = world.payments.end_unpaid(refused.id)
        again = world.payments.end_unpaid(refused.id)

        assert (after.is_live, again.is_live) == (False, False)
        assert [invoice.status for invoice in after.invoices] == [InvoiceStatus.VOID]
        assert not world.pay_page(Checkout(CheckoutId(owed.id), owed.hosted_url or "", world.clock.now()))

    def test_what_was_paid_after_all_is_not_ended(self, world: PaymentsWorld) -> None:
        refused = self._refused_by_the_bank(world)
        world.pay_open_invoice(refused.id)

        after = world.payments.end_unpaid(refused.id)

        assert after.is_live
        assert [invoice.status for invoice in after.invoices] == [InvoiceStatus.PAID]

    def test_what_a_bank_works_on_is_not_ended(self, world: PaymentsWorld) -> None:
        page = self.open_page(world)
        world.pay_by_bank(page)

        after = world.payments.end_unpaid(self._subscription(world, page).id)

        assert after.is_live
        assert [invoice.status for invoice in after.invoices] == [InvoiceStatus.OPEN]

    def _refused_by_the_bank(self, world: PaymentsWorld) -> Subscription:
        page = self.open_page(world)
        world.pay_by_bank(page, covered=False)
        world.bank_answers(page)
        return self._subscription(world, page)

    def _subscription(self, world: PaymentsWorld, page: Checkout) -> Subscription:
        subscription_id = world.payments.checkout(page.id).subscription_id
        assert subscription_id is not None
        return world.payments.subscription(subscription_id)


def _start(subscription: Subscription) -> datetime:
    (start,) = {item.period_start for item in subscription.items}
    return start


def _end(subscription: Subscription) -> datetime:
    (end,) = {item.period_end for item in subscription.items}
    return end


def _between(earliest: datetime, moment: datetime | None, latest: datetime) -> bool:
    return moment is not None and earliest <= moment <= latest


def _is_left(invoice: Invoice) -> bool:
    return invoice.status is InvoiceStatus.DRAFT and invoice.is_set_aside and invoice.failed_at is None


def _owes(invoice: Invoice) -> bool:
    return invoice.status is InvoiceStatus.OPEN and invoice.failed_at is not None
