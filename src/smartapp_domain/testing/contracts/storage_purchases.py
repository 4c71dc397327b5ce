"""Orders with their claims, licenses that never overlap, and snapshots of subscriptions."""

from datetime import timedelta

import attrs
import pytest

from smartapp_domain.billing import SubscriptionStatus
from smartapp_domain.catalog import AddOn, Module
from smartapp_domain.ids import PlatformProjectId, ProjectId, SubscriptionId
from smartapp_domain.licensing import License
from smartapp_domain.mapping import ExistingProject
from smartapp_domain.ordering import Order, OrderEvent
from smartapp_domain.ports.storage import NotFound, Stale, Storage, Taken
from smartapp_domain.selection import Selection
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.contracts.storage_bench import ACME, StorageBench

TOWER = PlatformProjectId("tower")
DAY = timedelta(days=1)


def _fulfilled(order: Order) -> Order:
    started = order.after(OrderEvent.CHECKOUT_STARTED, checkout=some.checkout(f"checkout-{order.id}"))
    return started.after(OrderEvent.PAYMENT_RECEIVED).after(OrderEvent.FULFILLED)


class OrderContract(StorageBench):
    def test_an_order_comes_back_whole(self, opened: Storage) -> None:
        order = some.order(wants={"tower": Selection.of(*Module, *AddOn), "annex": some.SAFETY})
        items = tuple(attrs.evolve(item, target=ExistingProject(ProjectId("barn"))) for item in order.items)
        order = attrs.evolve(order, items=items, subscription_id=SubscriptionId("s"), checkout=some.checkout())

        with opened.transaction(ACME) as tx:
            tx.orders.put(order, replacing=0)

        with opened.reading(ACME) as reading:
            assert reading.orders.get(order.id) == order
            assert reading.orders.of_checkout(some.checkout().id) == order
            assert reading.orders.of_checkout(some.checkout("other").id) is None

    def test_open_orders_are_listed_oldest_first(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.orders.put(some.order("b", wants={"b": some.PLANNER}, created_at=some.NOON + DAY), replacing=0)
            tx.orders.put(some.order("c", wants={"c": some.PLANNER}), replacing=0)
            tx.orders.put(some.order("d", wants={"d": some.PLANNER}).after(OrderEvent.EXPIRED), replacing=0)

        with opened.reading(ACME) as reading:
            assert [order.id for order in reading.orders.open()] == ["c", "b"]

    def test_closed_additions_to_a_subscription_are_found_by_when_they_were_placed(self, opened: Storage) -> None:
        def adding(id: str, *, to: str = "subscription-1", days: int = 0) -> Order:
            subscription = some.subscription(to)
            return some.extending(subscription, some.order(id, wants={id: some.PLANNER}), at=some.NOON + days * DAY)

        with opened.transaction(ACME) as tx:
            for order in (adding("b", days=2), adding("c", days=1), adding("old"), adding("other", to="s-2", days=1)):
                tx.orders.put(order.after(OrderEvent.EXPIRED), replacing=0)
            tx.orders.put(adding("open", days=1), replacing=0)
            tx.orders.put(some.order("plain", created_at=some.NOON + DAY).after(OrderEvent.EXPIRED), replacing=0)

        with opened.reading(ACME) as reading:
            found = reading.orders.closed_extensions(SubscriptionId("subscription-1"), some.NOON + DAY)
        assert [order.id for order in found] == ["c", "b"]

    def test_fulfilled_orders_of_a_project_are_listed_newest_first(self, opened: Storage) -> None:
        old, new = some.order("old"), some.order("new", created_at=some.NOON + DAY)
        with opened.transaction(ACME) as tx:
            tx.orders.put(_fulfilled(old), replacing=0)
            tx.orders.put(_fulfilled(new), replacing=0)
            tx.orders.put(_fulfilled(some.order("other", wants={"annex": some.PLANNER})), replacing=0)
            tx.orders.put(some.order("open", wants={"tower": some.SAFETY}), replacing=0)

        with opened.reading(ACME) as reading:
            assert reading.orders.of_project(TOWER) == (_fulfilled(new), _fulfilled(old))

    def test_a_late_writer_is_told_and_changes_nothing(self, opened: Storage) -> None:
        paying = some.order().after(OrderEvent.CHECKOUT_STARTED, checkout=some.checkout())
        with opened.transaction(ACME) as tx:
            tx.orders.put(some.order(), replacing=0)
            tx.orders.put(paying, replacing=1)

        with opened.transaction(ACME) as tx, pytest.raises(Stale):
            tx.orders.put(some.order().after(OrderEvent.EXPIRED), replacing=1)
        with opened.reading(ACME) as reading:
            assert reading.orders.open() == (paying,)

    def test_two_open_orders_cannot_hold_the_same_product_of_a_project(self, opened: Storage) -> None:
        both = some.order("order-2", wants={"annex": some.PLANNER, "tower": some.PLANNER})

        with opened.transaction(ACME) as tx:
            tx.orders.put(some.order(), replacing=0)
            with pytest.raises(Taken):
                tx.orders.put(both, replacing=0)
        # Of the refused order nothing is left: neither itself, nor its hold on the other project.
        with opened.transaction(ACME) as tx:
            with pytest.raises(NotFound):
                tx.orders.get(both.id)
            tx.orders.put(some.order("order-3", wants={"annex": some.PLANNER}), replacing=0)

    def test_other_products_of_the_same_project_are_free(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.orders.put(some.order(), replacing=0)
            tx.orders.put(some.order("order-2", wants={"tower": some.SAFETY}), replacing=0)

            assert len(tx.orders.open()) == 2

    @pytest.mark.parametrize("over", [some.order().after(OrderEvent.EXPIRED), _fulfilled(some.order())])
    def test_an_order_that_is_over_lets_go(self, opened: Storage, over: Order) -> None:
        with opened.transaction(ACME) as tx:
            tx.orders.put(some.order(), replacing=0)
            tx.orders.put(over, replacing=1)

            tx.orders.put(some.order("order-2"), replacing=0)

    def test_a_pay_page_belongs_to_one_order(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.orders.put(some.order(checkout=some.checkout()), replacing=0)
            with pytest.raises(Taken):
                tx.orders.put(some.order("2", wants={"annex": some.PLANNER}, checkout=some.checkout()), replacing=0)

    def test_an_unknown_order_is_not_found(self, opened: Storage) -> None:
        with opened.reading(ACME) as reading, pytest.raises(NotFound):
            reading.orders.get(some.order().id)


class LicenseContract(StorageBench):
    def test_licenses_come_back_whole_by_granting(self, opened: Storage) -> None:
        later = some.license("a", project_id="annex", granted_at=some.NOON + DAY, product=AddOn.PLANNER_BOARD)
        ending = some.license("b", ends_at=some.NOON + DAY, paused=True)

        with opened.transaction(ACME) as tx:
            tx.licenses.put(later, replacing=0)
            tx.licenses.put(ending, replacing=0)

        with opened.reading(ACME) as reading:
            assert reading.licenses.all() == (ending, later)
            assert reading.licenses.of_projects(iter([ProjectId("annex")])) == (later,)
            assert reading.licenses.of_projects([]) == ()
            assert reading.licenses.of_subscription(SubscriptionId("subscription-1")) == (ending, later)
            assert reading.licenses.of_subscription(SubscriptionId("subscription-2")) == ()

    def test_a_product_is_held_once_per_project(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.licenses.put(some.license(), replacing=0)
            with pytest.raises(Taken):
                tx.licenses.put(some.license("license-2", granted_at=some.NOON + DAY), replacing=0)
            tx.licenses.put(some.license("license-3", product=Module.SAFETY), replacing=0)
            tx.licenses.put(some.license("license-4", project_id="annex"), replacing=0)

            assert len(tx.licenses.all()) == 3

    @pytest.mark.parametrize("ended", [some.license(ends_at=some.NOON + DAY), some.license(ended_at=some.NOON + DAY)])
    def test_an_ended_license_may_be_followed_by_another(self, opened: Storage, ended: License) -> None:
        over = some.NOON + DAY
        with opened.transaction(ACME) as tx:
            tx.licenses.put(ended, replacing=0)
            with pytest.raises(Taken):
                tx.licenses.put(some.license("license-2", granted_at=over - timedelta(seconds=1)), replacing=0)

            tx.licenses.put(some.license("license-2", granted_at=over), replacing=0)

    def test_an_ended_license_cannot_come_back_beside_its_successor(self, opened: Storage) -> None:
        over = some.NOON + DAY
        with opened.transaction(ACME) as tx:
            tx.licenses.put(some.license(ends_at=over), replacing=0)
            tx.licenses.put(some.license("license-2", granted_at=over), replacing=0)

            with pytest.raises(Taken):
                tx.licenses.put(some.license(ends_at=None, version=2), replacing=1)
            assert tx.licenses.all()[0] == some.license(ends_at=over)

    def test_release_and_undo_replace_by_version(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.licenses.put(some.license(), replacing=0)
            tx.licenses.put(some.license(ends_at=some.NOON + DAY, version=2), replacing=1)
            tx.licenses.put(some.license(version=3), replacing=2)
            with pytest.raises(Stale):
                tx.licenses.put(some.license(ends_at=some.NOON, version=3), replacing=2)

            assert tx.licenses.all() == (some.license(version=3),)


class SubscriptionContract(StorageBench):
    def test_snapshots_come_back_whole(self, opened: Storage) -> None:
        other = some.subscription("other", invoices=(), items=(), cancel_at=some.NOON, ended_at=some.NOON)

        with opened.transaction(ACME) as tx:
            assert tx.subscriptions.put(some.subscription(), replacing=None)
            assert tx.subscriptions.put(other, replacing=None)

        with opened.reading(ACME) as reading:
            assert reading.subscriptions.get(SubscriptionId("subscription-1")) == some.subscription()
            assert set(reading.subscriptions.all()) == {some.subscription(), other}
            assert reading.subscriptions.get(SubscriptionId("unknown")) is None

    @pytest.mark.parametrize("age", [-DAY, timedelta(0), DAY], ids=["earlier", "same moment", "later"])
    @pytest.mark.parametrize("known", ["none", "this one", "another one"])
    def test_a_snapshot_replaces_the_one_its_writer_knew_whatever_clocks_say(
        self, opened: Storage, age: timedelta, known: str
    ) -> None:
        first = some.subscription()
        paused = some.subscription(status=SubscriptionStatus.PAUSED, as_of=some.NOON + age)
        replacing = {"none": None, "this one": first, "another one": attrs.evolve(first, invoices=())}[known]

        with opened.transaction(ACME) as tx:
            tx.subscriptions.put(first, replacing=None)
            is_stored = tx.subscriptions.put(paused, replacing=replacing)

        with opened.reading(ACME) as reading:
            (stored,) = reading.subscriptions.all()
        assert is_stored is (known == "this one")
        assert stored == (paused if is_stored else first)

    def test_a_snapshot_that_is_not_there_is_not_replaced(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            assert not tx.subscriptions.put(some.subscription(), replacing=some.subscription())

        with opened.reading(ACME) as reading:
            assert reading.subscriptions.all() == ()
