"""What is stopped or undone, and what the provider hears of it: late, in the wrong order, or while somebody buys."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest

from smartapp_domain.catalog import Interval, Module
from smartapp_domain.decisions import Reason, Refused, WayOut
from smartapp_domain.identity import Actor, Role
from smartapp_domain.ids import PlatformProjectId, ProjectId, SubscriptionId
from smartapp_domain.jobs import LEASE
from smartapp_domain.ledger import LicenseLedger
from smartapp_domain.licensing import License, LicenseState
from smartapp_domain.ordering import OrderState
from smartapp_domain.ports import Ports
from smartapp_domain.ports.payments import Payments
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.testing.payments_cards import StoredCard
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.apply_subscription import apply_subscription
from smartapp_domain.use_cases.change_renewal import ChangeRenewal, RenewalChanged, resume_renewal, stop_renewal
from smartapp_domain.use_cases.fulfill_order import fulfill_order
from smartapp_domain.use_cases.give_up import give_up
from smartapp_domain.use_cases.run_job import Outcome, run_job
from smartapp_domain.use_cases.settle_order import settle_order
from tests.unit.use_cases.journey import FIRST, SECOND, THIRD, buy, given, offered, pick, refused, settled, started

DAY, HOUR, MINUTE, SECOND_LONG = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
_Change = Callable[[ChangeRenewal, Ports], RenewalChanged | Refused]


@pytest.fixture
def subscription(bench: Workbench, owner: Actor) -> SubscriptionId:
    """Buy Planner for two projects, ten days ago."""
    for project in (FIRST, SECOND):
        pick(bench, owner, project, Module.PLANNER)
    subscription_id = bench.payments.pay(started(buy(bench, owner)).checkout.id)
    settled(bench)
    bench.work(10 * DAY)
    return subscription_id


def project(bench: Workbench, owner: Actor, which: PlatformProjectId) -> ProjectId:
    with bench.ports.reading(owner.account_id) as reading:
        mapping = reading.mappings.of_platform_project(which)
    assert mapping is not None
    return mapping.project_id


def change(how: _Change, bench: Workbench, owner: Actor, which: PlatformProjectId = SECOND) -> RenewalChanged | Refused:
    return how(ChangeRenewal(owner, project(bench, owner, which)), bench.ports)


def to_the_end(bench: Workbench, subscription: SubscriptionId, *, before: timedelta = timedelta(0)) -> None:
    end = bench.payments.subscription(subscription).period_end
    assert end is not None
    bench.clock.move(end - bench.clock.now() - before)


def undo_at_the_last_second(bench: Workbench, owner: Actor, subscription: SubscriptionId) -> None:
    """Undo a stop that the provider knows of so late that its period turns before any worker can say so."""
    change(stop_renewal, bench, owner)
    settled(bench)
    to_the_end(bench, subscription, before=SECOND_LONG)
    change(resume_renewal, bench, owner)


def held(bench: Workbench, owner: Actor, which: PlatformProjectId = SECOND) -> tuple[License, ...]:
    with bench.ports.reading(owner.account_id) as reading:
        return reading.licenses.of_projects([project(bench, owner, which)])


def states(bench: Workbench, owner: Actor, which: PlatformProjectId = SECOND) -> list[LicenseState]:
    return [each.state(bench.clock.now()) for each in held(bench, owner, which)]


def told(bench: Workbench) -> list[str]:
    with bench.ports.reading(OPERATOR) as reading:
        return [f"{job.kind.value}: {job.problem}" for job in reading.jobs.failed()]


def assert_in_order(bench: Workbench, owner: Actor) -> None:
    with bench.ports.reading(owner.account_id) as reading:
        licenses = reading.licenses.all()
        ledger = LicenseLedger(licenses, reading.subscriptions.all())
    assert list(ledger.violations(bench.clock.now())) == []
    assert all(each.change_sent and each.undone_end is None for each in licenses)


def with_payments(bench: Workbench, **calls: Callable[..., Any]) -> Ports:
    """Return the ports with these calls of the provider in place of its own."""

    class Interposed:
        def __getattr__(self, name: str) -> object:
            return calls.get(name) or getattr(bench.payments, name)

    payments: Payments = Interposed()  # type: ignore[assignment]
    return attrs.evolve(bench.ports, payments=payments)


def work_once(bench: Workbench, ports: Ports) -> list[Outcome]:
    with bench.ports.reading(OPERATOR) as reading:
        due = reading.jobs.due(bench.clock.now(), 100)
    return [run_job(job_id, ports) for job_id in due]


def test_an_undo_told_after_the_renewal_ends_as_it_was_stopped(
    bench: Workbench, owner: Actor, subscription: SubscriptionId
) -> None:
    undo_at_the_last_second(bench, owner, subscription)
    bench.clock.move(SECOND_LONG)

    invoice = bench.payments.renew(subscription)
    settled(bench)
    bench.work(MINUTE)

    assert invoice.total_cents == 29_500
    assert states(bench, owner) == [LicenseState.ENDED]
    assert states(bench, owner, FIRST) == [LicenseState.ACTIVE]
    assert bench.payments.subscription(subscription).quantity(Module.PLANNER) == 1
    (notice,) = told(bench)
    assert "did not renew Planner of FLUSHING HS - QUEENS" in notice
    with bench.ports.reading(owner.account_id) as reading:
        assert reading.trail.page(limit=1)[0].deed.value == "licenses_changed"
    assert_in_order(bench, owner)


def test_an_undo_of_everything_told_after_the_end_ends_as_it_was_stopped(
    bench: Workbench, owner: Actor, subscription: SubscriptionId
) -> None:
    for which in (FIRST, SECOND):
        change(stop_renewal, bench, owner, which)
    settled(bench)
    to_the_end(bench, subscription, before=SECOND_LONG)
    change(resume_renewal, bench, owner, FIRST)

    bench.clock.move(2 * SECOND_LONG)
    settled(bench)

    assert states(bench, owner, FIRST) == states(bench, owner) == [LicenseState.ENDED]
    (notice,) = told(bench)
    assert "did not renew Planner of TOTTENVILLE HS" in notice
    assert_in_order(bench, owner)


def test_an_undo_in_time_is_remembered_by_nobody(bench: Workbench, owner: Actor, subscription: SubscriptionId) -> None:
    change(stop_renewal, bench, owner)
    change(resume_renewal, bench, owner)  # both before any worker ran
    to_the_end(bench, subscription)

    invoice = bench.payments.renew(subscription)
    settled(bench)

    assert invoice.total_cents == 2 * 29_500
    assert states(bench, owner) == [LicenseState.ACTIVE]
    assert told(bench) == []
    assert_in_order(bench, owner)


def test_stopping_once_more_does_not_give_the_next_period_away(
    bench: Workbench, owner: Actor, subscription: SubscriptionId
) -> None:
    undo_at_the_last_second(bench, owner, subscription)
    bench.clock.move(SECOND_LONG)
    bench.payments.renew(subscription)
    apply_subscription(owner.account_id, subscription, bench.ports)
    change(stop_renewal, bench, owner)

    settled(bench)

    assert states(bench, owner) == [LicenseState.ENDED]
    assert_in_order(bench, owner)


def test_what_was_billed_goes_to_those_who_are_to_go_on(
    bench: Workbench, owner: Actor, subscription: SubscriptionId
) -> None:
    undo_at_the_last_second(bench, owner, subscription)
    change(stop_renewal, bench, owner, FIRST)
    bench.clock.move(SECOND_LONG)

    bench.payments.renew(subscription)
    settled(bench)

    assert states(bench, owner) == [LicenseState.ACTIVE]
    assert states(bench, owner, FIRST) == [LicenseState.ENDED]
    assert told(bench) == []
    assert_in_order(bench, owner)


def test_a_period_that_turns_while_the_provider_is_told_is_seen(
    bench: Workbench, owner: Actor, subscription: SubscriptionId
) -> None:
    undo_at_the_last_second(bench, owner, subscription)

    def turning(*said: Any) -> object:
        bench.clock.move(SECOND_LONG)
        bench.payments.renew(subscription)
        return bench.payments.set_renewal(*said)

    work_once(bench, with_payments(bench, set_renewal=turning))
    settled(bench)
    bench.work(MINUTE)

    assert states(bench, owner) == [LicenseState.ENDED]
    assert bench.payments.subscription(subscription).quantity(Module.PLANNER) == 1
    assert_in_order(bench, owner)


@pytest.mark.parametrize("how", [stop_renewal, resume_renewal])
def test_nothing_is_stopped_or_undone_while_an_addition_waits_for_its_payment(
    bench: Workbench, owner: Actor, subscription: SubscriptionId, how: _Change
) -> None:
    if how is resume_renewal:
        change(stop_renewal, bench, owner)
        settled(bench)
    bench.payments.change_card(bench.payments.subscription(subscription).customer_id, StoredCard.DECLINES)
    pick(bench, owner, THIRD, Module.PLANNER)
    order = started(buy(bench, owner)).order
    company = next(iter(bench.world.companies))
    other = given(bench, bench.sign_in(bench.employ(company, "ed"), company), Role.SUPER_ADMIN)

    mine, others = (refused(change(how, bench, actor)) for actor in (owner, other))
    give_up(owner, order.id, bench.ports)

    assert (mine.reason, mine.way_out, mine.about) == (Reason.CHANGE_UNDER_WAY, WayOut.PAYMENT, order.id)
    assert (others.reason, others.way_out) == (Reason.CHANGE_UNDER_WAY, WayOut.MANAGE_SUBSCRIPTIONS)
    assert "Dana is adding projects" in others.message
    assert isinstance(change(how, bench, owner), RenewalChanged)


def test_what_changed_while_the_provider_was_told_is_told_again(
    bench: Workbench, owner: Actor, subscription: SubscriptionId
) -> None:
    pick(bench, owner, THIRD, Module.PLANNER)
    started(buy(bench, owner))
    bench.work()
    change(stop_renewal, bench, owner, FIRST)

    def with_news(*said: Any) -> object:
        answer = bench.payments.set_renewal(*said)
        apply_subscription(owner.account_id, subscription, bench.ports)  # another worker has the notice of the purchase
        return answer

    work_once(bench, with_payments(bench, set_renewal=with_news))
    settled(bench)
    bench.work(MINUTE)

    assert_in_order(bench, owner)


def test_who_was_overtaken_does_not_have_the_last_word(
    bench: Workbench, owner: Actor, subscription: SubscriptionId
) -> None:
    change(stop_renewal, bench, owner)

    def much_later(*said: Any) -> object:
        bench.work(LEASE + SECOND_LONG)  # somebody else takes over, and the stop is undone
        change(resume_renewal, bench, owner)
        bench.work()
        return bench.payments.set_renewal(*said)

    assert Outcome.OUTRUN in work_once(bench, with_payments(bench, set_renewal=much_later))
    settled(bench)

    assert bench.payments.subscription(subscription).quantity(Module.PLANNER) == 2
    assert_in_order(bench, owner)


def test_who_was_overtaken_before_telling_tells_nothing(
    bench: Workbench, owner: Actor, subscription: SubscriptionId
) -> None:
    change(stop_renewal, bench, owner)
    words: list[object] = []

    def much_later(*asked: Any) -> object:
        bench.work(LEASE + SECOND_LONG)
        return bench.payments.subscription(*asked)

    work_once(bench, with_payments(bench, subscription=much_later, set_renewal=words.append))

    assert words == []
    assert bench.payments.subscription(subscription).quantity(Module.PLANNER) == 1


def test_a_late_stop_does_not_rise_again_over_what_was_bought_since(
    bench: Workbench, owner: Actor, subscription: SubscriptionId
) -> None:
    change(stop_renewal, bench, owner)
    to_the_end(bench, subscription)
    bench.payments.renew(subscription)
    bench.clock.move(SECOND_LONG)
    pick(bench, owner, SECOND, Module.PLANNER)
    order = started(buy(bench, owner, Interval.YEAR)).order
    assert order.checkout is not None
    bench.payments.pay(order.checkout.id)
    settle_order(owner.account_id, order.id, bench.ports)
    fulfill_order(owner.account_id, order.id, bench.ports)

    settled(bench)
    bench.work(HOUR)

    assert states(bench, owner) == [LicenseState.ENDED, LicenseState.ACTIVE]
    (notice,) = told(bench)
    assert "Refund the period that nobody uses" in notice
    assert_in_order(bench, owner)


def test_a_paid_order_that_people_have_does_not_keep_others_from_being_told(
    bench: Workbench, owner: Actor, subscription: SubscriptionId
) -> None:
    pick(bench, owner, THIRD, Module.PLANNER)
    order = started(buy(bench, owner)).order
    bench.payments.set_renewal(subscription, {Module.PLANNER: 2})  # by hand, at the provider
    assert refused(change(stop_renewal, bench, owner)).about == order.id
    for _ in range(40):
        bench.work(MINUTE)

    assert isinstance(change(stop_renewal, bench, owner), RenewalChanged)
    bench.work()

    with bench.ports.reading(owner.account_id) as reading:
        assert reading.orders.get(order.id).state is OrderState.PAID
    assert bench.payments.subscription(subscription).quantity(Module.PLANNER) == 1
    assert_in_order(bench, owner)


def test_at_rest_nothing_is_told_again(bench: Workbench, owner: Actor, subscription: SubscriptionId) -> None:
    change(stop_renewal, bench, owner)
    settled(bench)
    words: list[object] = []

    for _ in range(5):
        bench.clock.move(MINUTE)
        work_once(bench, with_payments(bench, set_renewal=words.append))

    assert words == []
    assert bench.payments.subscription(subscription).quantity(Module.PLANNER) == 1
    assert offered(bench, owner).not_now is None
