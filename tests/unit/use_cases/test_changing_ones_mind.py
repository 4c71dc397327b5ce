"""What happens to a pay page when its customer wants something else meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from smartapp_domain.billing import Checkout, CheckoutState
from smartapp_domain.catalog import Module
from smartapp_domain.decisions import Reason
from smartapp_domain.identity import Actor
from smartapp_domain.mapping import ExistingProject
from smartapp_domain.ordering import Order, OrderState
from smartapp_domain.ports.storage import Scope, Storage
from smartapp_domain.project import Project
from smartapp_domain.testing.payments import MemoryPayments
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.add_project import add_project
from smartapp_domain.use_cases.give_up import give_up
from smartapp_domain.use_cases.map_projects import choose_target
from tests.unit.use_cases.journey import FIRST, SECOND, buy, pick, refused, started


class SlowPayments(MemoryPayments):
    """A provider that lets something happen while it opens the next pay page."""

    meanwhile: Callable[[], object] | None = None
    slow_page: Checkout | None = None

    def start_checkout(self, *args: Any, **urls: Any) -> Checkout:
        happens, self.meanwhile = self.meanwhile, None
        if happens is None:
            return super().start_checkout(*args, **urls)
        happens()
        self.slow_page = super().start_checkout(*args, **urls)
        return self.slow_page


@attrs.define
class SlowReading:
    """Storage whose readers see an order as it was a moment ago."""

    inner: Storage
    older: Order | None = None

    @contextmanager
    def reading(self, scope: Scope) -> Iterator[Any]:
        with self.inner.reading(scope) as reading:
            yield SimpleNamespace(orders=SimpleNamespace(get=lambda _: self.older), members=reading.members)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def test_another_smartapp_project_chosen_after_the_pay_page_makes_another_order(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)
    before = started(buy(bench, owner))
    mine = add_project(owner, "Mine", bench.ports)
    assert isinstance(mine, Project)
    choose_target(owner, FIRST, ExistingProject(mine.id), bench.ports)

    after = started(buy(bench, owner))
    bench.payments.pay(after.checkout.id)
    bench.deliver()
    bench.work()

    assert bench.payments.checkout(before.checkout.id).state is CheckoutState.EXPIRED
    with bench.ports.reading(owner.account_id) as reading:
        linked = reading.mappings.of_platform_project(FIRST)
    assert linked is not None
    assert linked.project_id == mine.id


def test_a_page_whose_order_was_given_up_while_it_opened_cannot_be_paid(bench: Workbench, owner: Actor) -> None:
    payments = SlowPayments(bench.clock)
    bench = attrs.evolve(bench, payments=payments, ports=attrs.evolve(bench.ports, payments=payments))
    payments.publish_catalog(bench.ports.price_book)
    pick(bench, owner, FIRST, Module.PLANNER)

    def start_another() -> None:
        pick(bench, owner, SECOND, Module.SAFETY)
        started(buy(bench, owner))

    payments.meanwhile = start_another
    answer = refused(buy(bench, owner))

    assert answer.reason is Reason.PRICE_CHANGED
    assert payments.slow_page is not None
    with pytest.raises(ValueError, match="cannot be paid"):
        payments.pay(payments.slow_page.id)
    with bench.ports.reading(owner.account_id) as reading:
        [left] = reading.orders.open()
    assert left.state is OrderState.AWAITING_PAYMENT
    assert {item.platform_project_id for item in left.items} == {FIRST, SECOND}


def test_an_order_given_up_while_its_page_is_being_stored_has_that_page_closed(bench: Workbench, owner: Actor) -> None:
    storage: Any = SlowReading(bench.ports.storage)
    pick(bench, owner, FIRST, Module.PLANNER)
    order = started(buy(bench, owner)).order
    assert order.checkout is not None
    storage.older = attrs.evolve(order, state=OrderState.OPEN, checkout=None, version=1)

    closed = give_up(owner, order.id, attrs.evolve(bench.ports, storage=storage))

    assert isinstance(closed, Order)
    assert closed.state is OrderState.CLOSED
    assert bench.payments.checkout(order.checkout.id).state is CheckoutState.EXPIRED


def test_the_order_whose_place_another_took_says_so(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)
    older = started(buy(bench, owner)).order
    pick(bench, owner, SECOND, Module.PLANNER)

    started(buy(bench, owner))

    with bench.ports.reading(owner.account_id) as reading:
        assert reading.orders.get(older.id).closed_because == "replaced"


def test_what_is_ticked_while_the_pay_page_is_open_is_named_and_not_silently_dropped(
    bench: Workbench, owner: Actor
) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)
    begun = started(buy(bench, owner))
    pick(bench, owner, FIRST, Module.SAFETY)

    bench.payments.pay(begun.checkout.id)
    bench.deliver()
    bench.work()

    with bench.ports.reading(owner.account_id) as reading:
        order = reading.orders.get(begun.order.id)
        (license,) = reading.licenses.all()
    assert order.not_bought == ("Safety for TOTTENVILLE HS - STATEN ISLAND",)
    assert license.product is Module.PLANNER
