"""Adding to a subscription there is already: what is shown, and what is charged for it at once."""

from collections.abc import Mapping
from datetime import timedelta

import attrs
import pytest

from smartapp_domain.billing import CheckoutState, InvoiceStatus
from smartapp_domain.catalog import AddOn, Interval, Module
from smartapp_domain.ids import CheckoutId, OrderId, SubscriptionId
from smartapp_domain.ports.payments import (
    CHARGED_WITHIN,
    ChangesUsedUp,
    NothingToCharge,
    OutdatedChange,
    PaymentsRejected,
    TriedTooLongAgo,
    UnknownAtProvider,
)
from smartapp_domain.selection import Selection
from smartapp_domain.testing import builders
from smartapp_domain.testing.contracts.payments_annex import MORE, Annex, adds, due, ends, with_line
from smartapp_domain.testing.contracts.payments_world import PaymentsWorld


class PreviewContract(Annex):
    def test_one_change_too_many_within_a_day_is_refused_as_such(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        for number in range(20):
            order = self.adding(world, subscription_id, {f"annex {number}": builders.SAFETY}, id=f"order-{number + 2}")
            assert world.payments.extend(order).state is CheckoutState.PAID
            world.move(timedelta(minutes=30))
        extension = adds(order)
        one_more = attrs.evolve(
            extension,
            prorated_at=world.clock.now().replace(microsecond=0),
            renewal=with_line(extension.renewal, Module.SAFETY, extension.renewal.quantity(Module.SAFETY) + 1),
        )

        with pytest.raises(ChangesUsedUp):
            world.payments.preview(one_more)
        with pytest.raises(ChangesUsedUp):
            world.payments.extend(attrs.evolve(order, id=OrderId("order-99"), extends=one_more, due_cents=None))

        assert len(self.invoices(world, subscription_id)) == 21
        world.move(timedelta(days=1))
        assert self.adding(world, subscription_id, {"gate": builders.SAFETY}, id="order-100")

    @pytest.mark.parametrize("interval", list(Interval))
    @pytest.mark.parametrize(
        "wants",
        [
            pytest.param({"silo": builders.PLANNER}, id="one more"),
            pytest.param({"silo": Selection.of(Module.PLANNER, AddOn.PLANNER_BOARD)}, id="with what is included"),
            pytest.param({"silo": builders.SAFETY, "quay": builders.SAFETY}, id="a product it never had"),
            pytest.param(MORE, id="everything"),
        ],
    )
    def test_what_is_shown_is_charged_to_the_cent(
        self, world: PaymentsWorld, interval: Interval, wants: Mapping[str, Selection]
    ) -> None:
        subscription_id = self.live(world, {"tower": builders.PLANNER}, interval=interval)
        order = self.adding(world, subscription_id, wants)
        shown = world.payments.preview(adds(order))
        world.move(timedelta(minutes=4, seconds=1))

        status = world.payments.extend(attrs.evolve(order, created_at=world.clock.now()))

        after = world.payments.subscription(subscription_id)
        assert status.state is CheckoutState.PAID
        assert [invoice.status for invoice in after.invoices] == [InvoiceStatus.PAID] * 2
        assert after.invoices[-1].total_cents == shown.due_cents > 0
        assert world.payments.renewal_cents(subscription_id) == shown.renewal_cents

    def test_the_rest_of_the_period_is_reckoned_by_the_second(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world, {"tower": builders.PLANNER}, age=timedelta(days=10, seconds=7))

        order = self.adding(world, subscription_id, {"silo": builders.SAFETY})

        # March has 31 days: 59 500 × (21 days − 7 s) / 31 days
        assert order.due_cents == 40_306

    def test_the_preview_names_renewal_and_card(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        before = world.payments.subscription(subscription_id)
        order = self.adding(world, subscription_id)

        preview = world.payments.preview(adds(order))

        assert preview.renewal_cents == adds(order).renewal.total_cents
        assert preview.renews_at == before.period_end
        assert preview.card == "Visa ending in 4242"

    def test_a_preview_changes_nothing(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        before = world.payments.subscription(subscription_id)

        self.adding(world, subscription_id)

        assert attrs.evolve(world.payments.subscription(subscription_id), as_of=before.as_of) == before

    def test_what_is_included_costs_nothing_today(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world, {"tower": builders.PLANNER})
        order = self.adding(world, subscription_id, {"silo": Selection.of(Module.PLANNER, AddOn.PLANNER_BOARD)})
        board = attrs.evolve(
            order,
            due_cents=0,
            quote=attrs.evolve(order.quote, lines=order.quote.lines[1:]),
            extends=attrs.evolve(adds(order), renewal=with_line(adds(order).renewal, Module.PLANNER, 1)),
        )

        shown = world.payments.preview(adds(board))
        status = world.payments.extend(board)

        assert (shown.due_cents, shown.renewal_cents) == (0, 29_500)
        assert status.state is CheckoutState.PAID
        assert self.quantities(world, subscription_id)[AddOn.PLANNER_BOARD] == 1

    def test_without_a_stored_card_nothing_is_named(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        world.change_card(subscription_id, "none")

        order = self.adding(world, subscription_id)

        assert world.payments.preview(adds(order)).card is None

    def test_a_moment_outside_the_period_is_refused(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        order = self.adding(world, subscription_id)
        period = world.payments.subscription(subscription_id).items[0]

        for moment in (period.period_start - timedelta(seconds=1), period.period_end):
            with pytest.raises(OutdatedChange):
                world.payments.preview(attrs.evolve(adds(order), prorated_at=moment))

    def test_an_unknown_subscription_is_said_to_be_unknown(self, world: PaymentsWorld) -> None:
        order = self.adding(world, self.live(world))
        foreign = attrs.evolve(order, extends=attrs.evolve(adds(order), subscription_id=SubscriptionId("sub_nobody")))

        for ask in (world.payments.extension, world.payments.extend, world.payments.close_extension):
            with pytest.raises(UnknownAtProvider):
                ask(foreign)
        with pytest.raises(UnknownAtProvider):
            world.payments.preview(adds(foreign))


class ExtensionContract(Annex):
    def test_a_paid_change_holds_and_has_one_invoice(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        order = self.adding(world, subscription_id)

        status = world.payments.extend(order)

        after = world.payments.subscription(subscription_id)
        assert (status.state, status.order_id, status.subscription_id) == (
            CheckoutState.PAID,
            order.id,
            subscription_id,
        )
        assert status.id == CheckoutId(after.invoices[-1].id)
        assert status.page is not None
        assert self.quantities(world, subscription_id) == {
            line.product: line.quantity for line in adds(order).renewal.lines
        }
        assert after.pending is None
        assert after.order_id == "order-1"

    def test_credits_are_told_from_what_is_charged(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        before = self.quantities(world, subscription_id)
        order = self.adding(world, subscription_id)
        world.payments.extend(order)

        lines = self.invoices(world, subscription_id)[-1].lines

        rest = (adds(order).prorated_at, ends(world, subscription_id))
        assert {(line.period_start, line.period_end) for line in lines} == {rest}
        assert all(line.is_proration for line in lines)
        assert {line.product: line.quantity for line in lines if line.is_credit} == before
        assert {line.product: line.quantity for line in lines if not line.is_credit} == {
            line.product: line.quantity for line in adds(order).renewal.lines
        }
        assert all(line.amount_cents <= 0 if line.is_credit else line.amount_cents >= 0 for line in lines)

    def test_the_same_order_is_one_change(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        order = self.adding(world, subscription_id)

        first = world.payments.extend(order)
        world.move(timedelta(seconds=30))  # a crash lost the first answer
        again = world.payments.extend(order)

        assert again == first == world.payments.extension(order)
        assert len(self.invoices(world, subscription_id)) == 2

    def test_the_same_order_is_one_change_days_later(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        order = self.adding(world, subscription_id)
        first = world.payments.extend(order)
        world.move(timedelta(days=3))  # no idempotency key lives that long

        assert world.payments.extend(order) == first
        assert len(self.invoices(world, subscription_id)) == 2

    def test_the_same_order_is_one_change_though_there_would_be_room_for_it_again(self, world: PaymentsWorld) -> None:
        """A provider forgets its idempotency keys within a day or so; by then the renewal was lowered."""
        subscription_id = self.live(world)
        before = self.quantities(world, subscription_id)
        order = attrs.evolve(self.adding(world, subscription_id), due_cents=None)
        first = world.payments.extend(order)
        world.payments.set_renewal(subscription_id, before)
        lowered = self.quantities(world, subscription_id)
        world.move(timedelta(hours=25))

        again = world.payments.extend(attrs.evolve(order, retried_at=world.clock.now()))

        assert (again.state, again.id) == (CheckoutState.PAID, first.id)
        assert self.quantities(world, subscription_id) == lowered
        assert len(self.invoices(world, subscription_id)) == 2

    def test_changes_follow_one_another(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world, {"tower": builders.PLANNER})
        orders = []
        for number in (2, 3):
            order = self.adding(world, subscription_id, {f"silo-{number}": builders.PLANNER}, f"order-{number}")
            world.payments.extend(order)
            orders.append(order)

        assert {world.payments.extension(order).state for order in orders} == {CheckoutState.PAID}
        assert len({world.payments.extension(order).id for order in orders}) == 2
        assert self.quantities(world, subscription_id) == {Module.PLANNER: 3}

    def test_an_order_never_made_is_expired_and_stays_unmade(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        order = self.adding(world, subscription_id)
        before = world.payments.subscription(subscription_id)

        looked = world.payments.extension(order)
        closed = world.payments.close_extension(order)

        assert looked.state is closed.state is CheckoutState.EXPIRED
        assert looked.page is None
        assert attrs.evolve(world.payments.subscription(subscription_id), as_of=before.as_of) == before

    def test_nothing_is_charged_long_after_it_was_tried(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        order = self.adding(world, subscription_id)
        world.move(CHARGED_WITHIN + timedelta(seconds=1))

        with pytest.raises(TriedTooLongAgo):
            world.payments.extend(order)

        assert world.payments.extension(order).state is CheckoutState.EXPIRED
        assert len(self.invoices(world, subscription_id)) == 1
        tried_again = attrs.evolve(order, retried_at=world.clock.now())
        assert world.payments.extend(tried_again).state is CheckoutState.PAID

    def test_without_a_stored_card_nothing_happens(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        order = self.adding(world, subscription_id)
        world.change_card(subscription_id, "none")
        before = world.payments.subscription(subscription_id)

        with pytest.raises(NothingToCharge) as refusal:
            world.payments.extend(order)

        assert refusal.value.remedy
        assert attrs.evolve(world.payments.subscription(subscription_id), as_of=before.as_of) == before
        assert world.payments.extension(order).state is CheckoutState.EXPIRED

    def test_nothing_else_is_charged_than_was_agreed(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        order = self.adding(world, subscription_id)

        with pytest.raises(OutdatedChange):
            world.payments.extend(attrs.evolve(order, due_cents=due(order) - 1))

        assert len(self.invoices(world, subscription_id)) == 1

    def test_quantities_reckoned_from_an_older_state_are_refused(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        stale = self.adding(world, subscription_id, {"silo": builders.PLANNER}, "order-3")
        world.move(timedelta(seconds=5))
        world.payments.extend(self.adding(world, subscription_id))

        with pytest.raises(OutdatedChange) as refusal:
            world.payments.extend(stale)

        assert refusal.value.remedy
        assert len(self.invoices(world, subscription_id)) == 2

    def test_a_subscription_that_ends_is_not_added_to(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world)
        order = self.adding(world, subscription_id)
        world.payments.set_renewal(subscription_id, {})

        for ask in (lambda: world.payments.preview(adds(order)), lambda: world.payments.extend(order)):
            with pytest.raises(OutdatedChange):
                ask()

    def test_a_new_product_is_sold_at_the_agreed_price_alone(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world, {"tower": builders.PLANNER})
        order = self.adding(world, subscription_id, {"silo": builders.SAFETY})
        cheaper = with_line(adds(order).renewal, Module.SAFETY, 1, unit_cents=1)

        with pytest.raises(PaymentsRejected):
            world.payments.preview(attrs.evolve(adds(order), renewal=cheaper))

    def test_projects_added_renew_with_the_others(self, world: PaymentsWorld) -> None:
        subscription_id = self.live(world, {"tower": builders.PLANNER})
        order = self.adding(world, subscription_id)
        world.payments.extend(order)
        expected = world.payments.renewal_cents(subscription_id)

        world.end_period(subscription_id)

        renewal = self.invoices(world, subscription_id)[-1]
        assert (renewal.status, renewal.total_cents) == (InvoiceStatus.PAID, expected)
        assert expected == adds(order).renewal.total_cents
        assert {line.product: line.quantity for line in renewal.lines} == self.quantities(world, subscription_id)
