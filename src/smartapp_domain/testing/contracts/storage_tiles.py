"""Project Central and Manage Subscriptions."""

from datetime import timedelta

import pytest

from smartapp_domain.catalog import AddOn, Module
from smartapp_domain.ids import ProjectId, SubscriptionId
from smartapp_domain.mapping import MappingState
from smartapp_domain.ordering import OrderEvent
from smartapp_domain.ports.storage import NotFound, Storage
from smartapp_domain.ports.views import Page, ProjectBilling, Tile
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.contracts.storage_bench import ACME, StorageBench

DAY = timedelta(days=1)


def _tiles(storage: Storage, query: str = "", number: int = 1, per_page: int = 10) -> Page[Tile]:
    with storage.reading(ACME) as reading:
        return reading.views.tiles(at=some.NOON, query=query, number=number, per_page=per_page)


def _billing(storage: Storage, id: str = "tower") -> ProjectBilling:
    with storage.reading(ACME) as reading:
        return reading.views.project_billing(ProjectId(id))


class TilesContract(StorageBench):
    def test_tiles_are_listed_by_name_then_number_in_pages(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            for id, name, number in (("a", "Zoo", None), ("b", "bar", "2"), ("c", "Bar", None), ("d", "Ávila", None)):
                tx.projects.put(some.project(id, name=name, number=number), replacing=0)

        assert [tile.project.id for tile in _tiles(opened).items] == ["d", "c", "b", "a"]
        assert [tile.project.id for tile in _tiles(opened, number=9, per_page=3).items] == ["a"]
        assert [tile.project.id for tile in _tiles(opened, "BAR 2").items] == ["b"]
        assert _tiles(opened, "nothing") == Page((), 1, 1, 0)

    def test_a_tile_shows_its_platform_project_and_every_license(self, opened: Storage) -> None:
        some.license_tower(opened)
        ended = some.license("gone", product=Module.SAFETY, granted_at=some.NOON - DAY, ended_at=some.NOON)
        with opened.transaction(ACME) as tx:
            tx.licenses.put(ended, replacing=0)
            tx.projects.put(some.project("own"), replacing=0)

        own, tower = _tiles(opened).items

        assert own == Tile(some.project("own"), None, ())
        assert tower == Tile(some.project(), some.platform_project(), (ended, some.license()), some.mapping())

    def test_licensed_projects_whose_link_is_disconnected_are_named_and_counted(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            for id in ("b", "a", "linked", "old"):
                state = MappingState.LINKED if id == "linked" else MappingState.DISCONNECTED
                tx.projects.put(some.project(id, name=id), replacing=0)
                tx.mappings.put(some.mapping(id, state=state), replacing=0)
                for module in Module:
                    ended_at = some.NOON if id == "old" else None
                    held = some.license(f"{id}-{module.value}", project_id=id, product=module, ended_at=ended_at)
                    tx.licenses.put(held, replacing=0)

        with opened.reading(ACME) as reading:
            first, total = reading.views.disconnected(1, at=some.NOON)

        assert ([project.id for project in first], total) == (["a"], 2)

    def test_a_link_remembers_since_when_it_is_disconnected(self, opened: Storage) -> None:
        lost = some.mapping().seen(usable=False, at=some.NOON + DAY)
        with opened.transaction(ACME) as tx:
            tx.projects.put(some.project(), replacing=0)
            tx.mappings.put(some.mapping(), replacing=0)
            tx.mappings.put(lost, replacing=1)

        with opened.reading(ACME) as reading:
            assert reading.mappings.live() == (lost,)
        assert lost.disconnected_at == some.NOON + DAY

    def test_tiles_that_ever_had_a_license_are_paged_alone(self, opened: Storage) -> None:
        some.license_tower(opened)
        with opened.transaction(ACME) as tx:
            tx.projects.put(some.project("own"), replacing=0)

        with opened.reading(ACME) as reading:
            page = reading.views.tiles(at=some.NOON, query="", number=1, per_page=10, licensed=True)

        assert (page.total, [tile.project.id for tile in page.items]) == (1, ["tower"])

    def test_an_old_link_is_not_shown(self, opened: Storage) -> None:
        some.license_tower(opened)
        with opened.transaction(ACME) as tx:
            tx.mappings.put(some.mapping(state=MappingState.UNLINKED, version=2), replacing=1)

        (tile,) = _tiles(opened).items
        assert tile.platform_project is None

    def test_billing_shows_the_orders_invoices_and_prices_of_one_project(self, opened: Storage) -> None:
        some.license_tower(opened)
        order = some.order().after(OrderEvent.CHECKOUT_STARTED).after(OrderEvent.PAYMENT_RECEIVED)
        other = some.order("order-2", wants={"annex": some.PLANNER})
        with opened.transaction(ACME) as tx:
            tx.orders.put(order.after(OrderEvent.FULFILLED), replacing=0)
            tx.orders.put(other, replacing=0)

        billing = _billing(opened)

        assert billing.tile == _tiles(opened).items[0]
        assert billing.orders == (order.after(OrderEvent.FULFILLED),)
        assert billing.invoices == (some.invoice(),)
        assert billing.unit_cents == {Module.PLANNER: 354_000}

    def test_invoices_are_those_of_the_licensed_time_newest_first(self, opened: Storage) -> None:
        some.license_tower(opened)
        year = some.YEAR
        line = some.invoice_line
        renewed = some.invoice(
            "renewed", line(period_start=some.NOON + year, period_end=some.NOON + 2 * year), created_at=some.NOON + year
        )
        before = some.invoice("before", line(period_start=some.NOON - year, period_end=some.NOON))
        safety = some.invoice("safety", line(Module.SAFETY))
        added = some.invoice("added", line(is_proration=True), created_at=some.NOON + DAY)
        bill = (before, some.invoice(), safety, renewed, added)
        with opened.transaction(ACME) as tx:
            billed = some.subscription(invoices=bill, as_of=some.NOON + DAY)
            assert tx.subscriptions.put(billed, replacing=some.subscription())
            tx.subscriptions.put(some.subscription("other", invoices=(some.invoice("other"),)), replacing=None)

        assert [invoice.id for invoice in _billing(opened).invoices] == ["renewed", "added", "invoice-1"]

    def test_a_product_its_subscription_lost_keeps_the_price_of_its_order(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.projects.put(some.project(), replacing=0)
            tx.orders.put(some.order(), replacing=0)
            tx.licenses.put(some.license(), replacing=0)
            tx.licenses.put(some.license("board", product=AddOn.PLANNER_BOARD), replacing=0)
            tx.subscriptions.put(some.subscription(items=()), replacing=None)
            lonely = some.license("lonely", product=Module.SAFETY, subscription_id=SubscriptionId("gone"))
            tx.licenses.put(lonely, replacing=0)

        assert _billing(opened).unit_cents == {Module.PLANNER: 354_000}

    def test_a_project_of_nobody_is_not_found(self, opened: Storage) -> None:
        with opened.reading(ACME) as reading, pytest.raises(NotFound):
            reading.views.project_billing(ProjectId("nowhere"))
