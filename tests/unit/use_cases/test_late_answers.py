"""The provider's answers are stored in the order they were given, whatever clocks say and however slow a process is."""

from datetime import timedelta

import pytest

from smartapp_domain.billing import Subscription, SubscriptionStatus
from smartapp_domain.catalog import Module
from smartapp_domain.identity import Actor
from smartapp_domain.ids import SubscriptionId
from smartapp_domain.licensing import License, LicenseState
from smartapp_domain.ordering import Order, OrderState
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.apply_subscription import apply_subscription
from smartapp_domain.use_cases.change_renewal import ChangeRenewal, RenewalChanged, stop_renewal, tell_renewal
from smartapp_domain.use_cases.fulfill_order import fulfill_order
from smartapp_domain.use_cases.settle_order import settle_order
from tests.unit.use_cases.journey import FIRST, SECOND, Slow, buy, pick, settled, started

DAY = timedelta(days=1)


@pytest.fixture
def paid(bench: Workbench, owner: Actor) -> Order:
    """Pay for Planner for the first project; nothing is fulfilled yet."""
    pick(bench, owner, FIRST, Module.PLANNER)
    begun = started(buy(bench, owner))
    bench.payments.pay(begun.checkout.id)
    order = settle_order(owner.account_id, begun.order.id, bench.ports)
    assert order.state is OrderState.PAID
    return order


@pytest.fixture
def licensed(bench: Workbench, paid: Order) -> SubscriptionId:
    """Hold Planner for the first project, bought ten days ago."""
    settled(bench)
    bench.work(10 * DAY)
    assert paid.subscription_id is not None
    return paid.subscription_id


@pytest.fixture
def added(bench: Workbench, owner: Actor, licensed: SubscriptionId) -> Order:  # noqa: ARG001 - it adds to that
    """Pay for adding Planner for the second project; nothing of it is fulfilled yet."""
    pick(bench, owner, SECOND, Module.PLANNER)
    return settle_order(owner.account_id, started(buy(bench, owner)).order.id, bench.ports)


def licenses(bench: Workbench, owner: Actor) -> tuple[License, ...]:
    with bench.ports.reading(owner.account_id) as reading:
        return reading.licenses.all()


def states(bench: Workbench, owner: Actor) -> list[LicenseState]:
    return [each.state(bench.clock.now()) for each in licenses(bench, owner)]


def stored(bench: Workbench, owner: Actor) -> Subscription:
    with bench.ports.reading(owner.account_id) as reading:
        (subscription,) = reading.subscriptions.all()
    return subscription


def failed(bench: Workbench) -> list[str]:
    with bench.ports.reading(OPERATOR) as reading:
        return [f"{job.kind.value}: {job.problem}" for job in reading.jobs.failed()]


def cancel(bench: Workbench, subscription_id: SubscriptionId) -> None:
    bench.payments.become(subscription_id, SubscriptionStatus.CANCELED)


@pytest.mark.parametrize("ahead", [timedelta(seconds=9), timedelta(hours=3)], ids=["skew", "jump"])
def test_who_pays_is_let_in_again_though_another_machine_looked_by_a_later_clock(
    bench: Workbench, owner: Actor, licensed: SubscriptionId, ahead: timedelta
) -> None:
    end = bench.payments.subscription(licensed).period_end
    assert end is not None
    bench.clock.move(end - bench.clock.now())
    bench.payments.renew(licensed, succeeds=False)
    settled(bench)
    bench.work(15 * DAY)
    apply_subscription(owner.account_id, licensed, bench.elsewhere(ahead).ports)
    before = states(bench, owner)

    bench.payments.pay_open_invoice(licensed)
    settled(bench)

    assert (before, states(bench, owner)) == ([LicenseState.SUSPENDED], [LicenseState.ACTIVE])


def test_an_end_is_heard_though_a_clock_jumped_ahead_and_back(
    bench: Workbench, owner: Actor, licensed: SubscriptionId
) -> None:
    apply_subscription(owner.account_id, licensed, bench.elsewhere(3 * DAY).ports)

    cancel(bench, licensed)
    settled(bench)

    assert states(bench, owner) == [LicenseState.ENDED]


def test_an_older_answer_changes_nothing_even_if_its_clock_is_ahead(
    bench: Workbench, owner: Actor, licensed: SubscriptionId
) -> None:
    there = bench.elsewhere(timedelta(seconds=9))

    def ended_meanwhile() -> None:
        cancel(bench, licensed)
        settled(bench)

    apply_subscription(owner.account_id, licensed, Slow(there.ports.payments, ended_meanwhile).within(there.ports))

    assert stored(bench, owner).status is SubscriptionStatus.CANCELED
    assert states(bench, owner) == [LicenseState.ENDED]


def test_an_answer_that_another_one_overtook_is_asked_for_again_at_once(
    bench: Workbench, owner: Actor, licensed: SubscriptionId
) -> None:
    def heard_elsewhere() -> None:
        bench.clock.move(timedelta(seconds=1))
        apply_subscription(owner.account_id, licensed, bench.ports)
        cancel(bench, licensed)
        bench.payments.take_events()  # and the notice of it is lost

    apply_subscription(owner.account_id, licensed, Slow(bench.payments, heard_elsewhere).within(bench.ports))
    bench.work()

    assert states(bench, owner) == [LicenseState.ENDED]
    assert failed(bench) == []


def test_what_ends_while_its_order_is_fulfilled_is_seen_at_once(bench: Workbench, owner: Actor, paid: Order) -> None:
    def ended_meanwhile() -> None:
        assert paid.subscription_id is not None
        bench.clock.move(timedelta(seconds=2))
        cancel(bench, paid.subscription_id)
        bench.payments.take_events()  # whoever hears of it now knows no such subscription yet

    fulfilled = fulfill_order(owner.account_id, paid.id, Slow(bench.payments, ended_meanwhile).within(bench.ports))
    bench.work()

    assert fulfilled.state is OrderState.FULFILLED
    assert states(bench, owner) == [LicenseState.ENDED]


def test_nothing_is_granted_by_an_older_answer(
    bench: Workbench, owner: Actor, licensed: SubscriptionId, added: Order
) -> None:
    def ended_meanwhile() -> None:
        bench.clock.move(timedelta(seconds=2))
        cancel(bench, licensed)
        apply_subscription(owner.account_id, licensed, bench.ports)

    waits = fulfill_order(owner.account_id, added.id, Slow(bench.payments, ended_meanwhile).within(bench.ports))
    at_first = states(bench, owner)
    bench.work()

    assert (waits.state, at_first) == (OrderState.PAID, [LicenseState.ENDED])
    assert states(bench, owner) == [LicenseState.ENDED, LicenseState.ENDED]
    assert failed(bench) == []


def test_telling_a_renewal_stores_no_older_answer(bench: Workbench, owner: Actor, licensed: SubscriptionId) -> None:
    (license,) = licenses(bench, owner)
    assert isinstance(stop_renewal(ChangeRenewal(owner, license.project_id), bench.ports), RenewalChanged)

    def ended_meanwhile() -> None:
        bench.clock.move(timedelta(seconds=2))
        cancel(bench, licensed)
        apply_subscription(owner.account_id, licensed, bench.ports)

    slow = Slow(bench.payments, ended_meanwhile, frozenset({"set_renewal"}))
    tell_renewal(owner.account_id, licensed, slow.within(bench.ports))
    at_once = states(bench, owner), stored(bench, owner).status
    bench.work(timedelta(minutes=1))

    assert at_once == ([LicenseState.ENDED], SubscriptionStatus.CANCELED)
    assert all(each.change_sent for each in licenses(bench, owner))
    assert failed(bench) == []


@pytest.mark.parametrize("stopped", [True, False], ids=["something to tell", "nothing to tell"])
def test_telling_a_renewal_loses_no_news_though_another_answer_was_stored_meanwhile(
    bench: Workbench, owner: Actor, licensed: SubscriptionId, added: Order, *, stopped: bool
) -> None:
    fulfill_order(owner.account_id, added.id, bench.ports)
    settled(bench)
    license, _ = licenses(bench, owner)
    if stopped:
        assert isinstance(stop_renewal(ChangeRenewal(owner, license.project_id), bench.ports), RenewalChanged)

    def heard_elsewhere() -> None:
        bench.clock.move(timedelta(seconds=1))
        apply_subscription(owner.account_id, licensed, bench.ports)
        cancel(bench, licensed)
        bench.payments.take_events()  # and the notice of it is lost

    slow = Slow(bench.payments, heard_elsewhere, frozenset({"set_renewal"}))
    tell_renewal(owner.account_id, licensed, slow.within(bench.ports))
    bench.work(timedelta(minutes=1))

    assert stored(bench, owner).status is SubscriptionStatus.CANCELED
    assert states(bench, owner) == [LicenseState.ENDED, LicenseState.ENDED]
    assert failed(bench) == []


def test_two_workers_with_one_paid_order_grant_it_once(bench: Workbench, owner: Actor, paid: Order) -> None:
    def other_worker() -> None:
        bench.work()

    found = fulfill_order(owner.account_id, paid.id, Slow(bench.payments, other_worker).within(bench.ports))

    assert found.state is OrderState.FULFILLED
    assert len(licenses(bench, owner)) == 1
    assert failed(bench) == []
    with bench.ports.reading(OPERATOR) as reading:
        assert reading.jobs.due(bench.clock.now(), 10) == ()


def test_a_fulfilled_order_is_not_even_asked_about(bench: Workbench, owner: Actor, paid: Order) -> None:
    settled(bench)
    asked: list[object] = []

    again = fulfill_order(owner.account_id, paid.id, Slow(bench.payments, lambda: asked.append(1)).within(bench.ports))

    assert again.state is OrderState.FULFILLED
    assert asked == []
    assert len(licenses(bench, owner)) == 1
