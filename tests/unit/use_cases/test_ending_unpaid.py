"""A bank that refuses later: the order is closed, and what it began at the provider is ended."""

from datetime import timedelta

import attrs
import pytest

from smartapp_domain.billing import BillingEvent, SubscriptionStatus
from smartapp_domain.catalog import Module
from smartapp_domain.decisions import Reason, WayOut
from smartapp_domain.identity import Actor
from smartapp_domain.ids import EventId, SubscriptionId
from smartapp_domain.jobs import Job
from smartapp_domain.mapping import Tick
from smartapp_domain.ordering import Order, OrderState
from smartapp_domain.ports.payments import Payments, PaymentsUnavailable
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.check_out import check_out
from smartapp_domain.use_cases.give_up import give_up
from smartapp_domain.use_cases.map_projects import tick
from tests.unit.use_cases.journey import FIRST, SECOND, accepting, buy, offered, pick, refused, settled, started

DAY = timedelta(days=1)


@pytest.fixture
def order(bench: Workbench, owner: Actor) -> Order:
    """Order Planner, to be paid from a bank account."""
    pick(bench, owner, FIRST, Module.PLANNER)
    return started(buy(bench, owner)).order


def by_bank(bench: Workbench, order: Order) -> SubscriptionId:
    assert order.checkout is not None
    subscription_id = bench.payments.pay_by_bank(order.checkout.id)
    settled(bench)
    bench.clock.move(4 * DAY)
    return subscription_id


def refuse(bench: Workbench, order: Order) -> None:
    assert order.checkout is not None
    bench.payments.bank_answers(order.checkout.id, paid=False)


def stored(bench: Workbench, order: Order) -> Order:
    with bench.ports.reading(order.account_id) as reading:
        return reading.orders.get(order.id)


def told(bench: Workbench) -> tuple[Job, ...]:
    with bench.ports.reading(OPERATOR) as reading:
        return reading.jobs.failed()


def test_what_the_bank_refused_is_ended_at_the_provider(bench: Workbench, order: Order) -> None:
    subscription_id = by_bank(bench, order)

    refuse(bench, order)
    settled(bench)

    assert stored(bench, order).state is OrderState.CLOSED
    assert bench.payments.subscription(subscription_id).status is SubscriptionStatus.CANCELED
    with pytest.raises(ValueError, match="is over"):
        bench.payments.retry(subscription_id, succeeds=True)
    assert told(bench) == ()


def test_it_is_ended_once_the_provider_can_be_reached_again(bench: Workbench, order: Order) -> None:
    subscription_id = by_bank(bench, order)
    refuse(bench, order)
    bench.deliver()
    out_of_reach = PaymentsUnavailable("Down.", remedy="Wait.")
    bench.payments.fail_next(*[out_of_reach] * 4)
    bench.work()

    for _ in range(4):
        bench.work(timedelta(hours=1))

    assert not bench.payments.subscription(subscription_id).is_live


def test_it_can_be_bought_again_in_another_way(bench: Workbench, owner: Actor, order: Order) -> None:
    first = by_bank(bench, order)
    refuse(bench, order)
    settled(bench)

    second = bench.payments.pay(started(buy(bench, owner)).checkout.id)
    settled(bench)

    assert not bench.payments.subscription(first).is_live
    with bench.ports.reading(owner.account_id) as reading:
        assert [each.subscription_id for each in reading.licenses.all()] == [second]
    assert told(bench) == ()


def something_else(bench: Workbench, owner: Actor) -> None:
    tick(owner, [Tick(FIRST, None, on=False)], bench.ports)
    pick(bench, owner, SECOND, Module.PLANNER)


@pytest.mark.parametrize("known", [False, True], ids=["still waiting", "known to be processing"])
def test_buying_something_else_ends_what_the_bank_refused_though_no_notice_came(
    bench: Workbench, owner: Actor, order: Order, *, known: bool
) -> None:
    assert order.checkout is not None
    something_else(bench, owner)
    subscription_id = bench.payments.pay_by_bank(order.checkout.id)
    if known:
        settled(bench)
    refuse(bench, order)
    bench.payments.take_events()  # they never arrive

    started(buy(bench, owner))
    closed = stored(bench, order)
    bench.work()

    assert (closed.closed_because, closed.subscription_id) == ("payment_failed", subscription_id)
    assert not bench.payments.subscription(subscription_id).is_live


@pytest.mark.parametrize("known", [False, True], ids=["still waiting", "known to be processing"])
def test_while_the_bank_works_something_else_waits_and_the_words_say_for_what(
    bench: Workbench, owner: Actor, order: Order, *, known: bool
) -> None:
    assert order.checkout is not None
    something_else(bench, owner)
    bench.payments.pay_by_bank(order.checkout.id)
    if known:
        settled(bench)

    said = refused(buy(bench, owner))

    assert (said.reason, said.way_out, said.about) == (Reason.PAYMENT_PROCESSING, WayOut.PAYMENT, order.id)
    assert "The bank has not confirmed your last payment yet." in said.message
    assert stored(bench, order).state is OrderState.PROCESSING


def test_money_that_came_in_all_the_same_is_shown_to_people(bench: Workbench, order: Order) -> None:
    subscription_id = by_bank(bench, order)
    refuse(bench, order)
    bench.payments.pay_open_invoice(subscription_id)  # on the page the provider mailed

    settled(bench)

    (notice,) = told(bench)
    assert notice.subject == f"closed:{order.id}"
    assert subscription_id in (notice.problem or "")
    assert bench.payments.subscription(subscription_id).is_live


def test_a_later_notice_about_a_closed_orders_subscription_reaches_people(bench: Workbench, order: Order) -> None:
    """The order was given up before its page was known, and the page was paid all the same."""
    assert order.checkout is not None
    with bench.ports.transaction(order.account_id) as tx:
        forgotten = attrs.evolve(order, state=OrderState.CLOSED, checkout=None, version=order.version + 1)
        tx.orders.put(forgotten, replacing=order.version)
    subscription_id = bench.payments.pay(order.checkout.id)

    settled(bench)

    (notice,) = told(bench)
    assert subscription_id in (notice.problem or "")


def test_a_bank_that_is_asked_again_is_waited_for(bench: Workbench, order: Order) -> None:
    subscription_id = by_bank(bench, order)
    refuse(bench, order)
    bench.deliver()
    kept = bench.payments.subscription(subscription_id)
    asked = attrs.evolve(kept.invoices[-1], failed_at=None)
    bench.payments._store(attrs.evolve(kept, invoices=(asked,)))
    bench.work()
    assert bench.payments.subscription(subscription_id).is_live

    bench.payments.retry(subscription_id, succeeds=False)
    bench.work(DAY)

    assert not bench.payments.subscription(subscription_id).is_live


def test_a_subscription_that_is_licensed_is_never_ended(bench: Workbench, owner: Actor, order: Order) -> None:
    assert order.checkout is not None
    subscription_id = bench.payments.pay(order.checkout.id)
    settled(bench)
    give_up(owner, order.id, bench.ports)

    bench.deliver(BillingEvent(EventId("evt-late"), "invoice.paid", bench.clock.now(), None, order.id, subscription_id))
    bench.work(DAY)

    assert bench.payments.subscription(subscription_id).is_live
    assert told(bench) == ()


def test_an_order_that_never_got_its_page_can_be_given_up(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)
    wish = accepting(owner, offered(bench, owner))

    class PageLess:
        def __getattr__(self, name: str) -> object:
            if name == "start_checkout":
                raise PaymentsUnavailable("Down.", remedy="Wait.")
            return getattr(bench.payments, name)

    payments: Payments = PageLess()  # type: ignore[assignment]
    with pytest.raises(PaymentsUnavailable):
        check_out(wish, attrs.evolve(bench.ports, payments=payments))
    with bench.ports.reading(owner.account_id) as reading:
        (order,) = reading.orders.open()

    closed = give_up(owner, order.id, bench.ports)

    assert isinstance(closed, Order)
    assert closed.state is OrderState.CLOSED
    assert stored(bench, order) == closed
