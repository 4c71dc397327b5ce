"""A stored card is charged while somebody waits for it, or not at all; what was charged later reaches people."""

from collections.abc import Callable
from datetime import timedelta

import attrs
import pytest

from smartapp_domain.catalog import Module
from smartapp_domain.identity import Actor
from smartapp_domain.ids import SubscriptionId
from smartapp_domain.ordering import Order, OrderState
from smartapp_domain.ports import Ports
from smartapp_domain.ports.payments import CHARGE_LASTS, CHARGED_WITHIN, Payments, TriedTooLongAgo
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.check_out import check_out
from smartapp_domain.use_cases.settle_order import IN_FLIGHT
from tests.unit.use_cases.journey import FIRST, SECOND, accepting, buy, offered, pick, settled, started

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def subscription(bench: Workbench, owner: Actor) -> SubscriptionId:
    """Buy Planner for a project, ten days ago, and choose another one."""
    pick(bench, owner, FIRST, Module.PLANNER)
    subscription_id = bench.payments.pay(started(buy(bench, owner)).checkout.id)
    settled(bench)
    bench.work(10 * DAY)
    pick(bench, owner, SECOND, Module.PLANNER)
    return subscription_id


def charging(bench: Workbench, extend: Callable[[Order], object]) -> Ports:
    class Slow:
        def __getattr__(self, name: str) -> object:
            return extend if name == "extend" else getattr(bench.payments, name)

    payments: Payments = Slow()  # type: ignore[assignment]
    return attrs.evolve(bench.ports, payments=payments)


def told(bench: Workbench) -> list[str]:
    with bench.ports.reading(OPERATOR) as reading:
        return [job.problem or "" for job in reading.jobs.failed() if job.subject.startswith("closed:")]


def stored(bench: Workbench, order: Order) -> Order:
    with bench.ports.reading(order.account_id) as reading:
        return reading.orders.get(order.id)


def charged_late(bench: Workbench, owner: Actor) -> Order:
    """Let the provider make a change that it was sent long ago, when its order had been given up."""
    sent: list[Order] = []

    def lost(order: Order) -> object:
        sent.append(order)
        raise SystemExit

    with pytest.raises(SystemExit):
        check_out(accepting(owner, offered(bench, owner)), charging(bench, lost))
    bench.work(IN_FLIGHT)
    (order,) = sent
    assert stored(bench, order).state is OrderState.CLOSED
    bench.payments.extend(attrs.evolve(order, retried_at=bench.clock.now()))
    return order


def test_a_charge_has_come_to_its_end_before_its_order_is_given_up() -> None:
    assert CHARGED_WITHIN + CHARGE_LASTS < IN_FLIGHT


def test_what_led_to_a_charge_took_too_long_so_nothing_is_charged(
    bench: Workbench, owner: Actor, subscription: SubscriptionId
) -> None:
    def slow(order: Order) -> object:
        bench.work(IN_FLIGHT)  # a worker looks meanwhile
        return bench.payments.extend(order)

    with pytest.raises(TriedTooLongAgo):
        check_out(accepting(owner, offered(bench, owner)), charging(bench, slow))
    settled(bench)

    assert len(bench.payments.subscription(subscription).invoices) == 1
    assert told(bench) == []


@pytest.mark.usefixtures("subscription")
def test_what_was_charged_after_all_reaches_people_with_its_order(bench: Workbench, owner: Actor) -> None:
    order = charged_late(bench, owner)

    settled(bench)

    (problem,) = told(bench)
    assert f"Order {order.id} was given up, but" in problem


@pytest.mark.usefixtures("subscription")
def test_an_order_of_the_same_change_that_was_pressed_for_again_owns_what_was_paid(
    bench: Workbench, owner: Actor
) -> None:
    wish = accepting(owner, offered(bench, owner))
    sent: list[Order] = []

    def lost(order: Order) -> object:
        sent.append(order)
        raise SystemExit

    with pytest.raises(SystemExit):
        check_out(wish, charging(bench, lost))
    bench.work(IN_FLIGHT)
    again = started(check_out(wish, bench.ports)).order
    paid = bench.payments.extension(again)

    class Alike:
        """Knows a change by its lines, so that it says the same of both orders."""

        def __getattr__(self, name: str) -> object:
            return (
                (lambda order: attrs.evolve(paid, order_id=order.id))
                if name == "extension"
                else getattr(bench.payments, name)
            )

    payments: Payments = Alike()  # type: ignore[assignment]
    alike = attrs.evolve(bench, ports=attrs.evolve(bench.ports, payments=payments))
    settled(alike)

    assert stored(bench, sent[0]).state is OrderState.CLOSED
    assert stored(bench, again).state is OrderState.FULFILLED
    assert told(bench) == []
