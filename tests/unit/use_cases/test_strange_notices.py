"""Notices that name what we do not have: a neighbor's, something lost, or a little of each."""

from datetime import timedelta

import attrs
import pytest

from smartapp_domain.billing import BillingEvent, SubscriptionStatus
from smartapp_domain.catalog import Module
from smartapp_domain.identity import Actor
from smartapp_domain.ids import AccountId, CheckoutId, OrderId, SubscriptionId
from smartapp_domain.licensing import LicenseState
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.testing.builders import billing_event
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.receive_billing_event import OURS_BY_THEN
from smartapp_domain.use_cases.run_job import Outcome
from tests.unit.use_cases.journey import FIRST, buy, pick, started

SECOND_LONG = timedelta(seconds=1)


def foreign(bench: Workbench, **names: str) -> BillingEvent:
    """Return a notice of this moment about a subscription nobody here has heard of."""
    about = {"checkout_id": None, "order_id": None, "subscription_id": SubscriptionId("sub_next_door")}
    return billing_event(**{"created_at": bench.clock.now(), **about, **names})


def failed(bench: Workbench) -> list[str]:
    with bench.ports.reading(OPERATOR) as reading:
        return [job.problem or "" for job in reading.jobs.failed()]


def handled(bench: Workbench) -> int:
    """Return how many notices are done with; they are forgotten."""
    with bench.ports.transaction(OPERATOR) as tx:
        return tx.inbox.forget_handled(bench.clock.now() + SECOND_LONG)


def work_for_hours(bench: Workbench) -> None:
    for _ in range(12):
        bench.work(timedelta(minutes=20))


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize(
    "names",
    [
        {},
        {"order_id": OrderId("user-42")},
        {"order_id": OrderId("id-of-staging"), "account_id": AccountId("account-of-staging")},
        {"checkout_id": CheckoutId("cs_next_door"), "order_id": OrderId("user-42")},
    ],
    ids=["nothing", "an order", "an order and its account", "a pay page"],
)
def test_a_notice_about_a_neighbor_is_done_with_and_bothers_nobody(bench: Workbench, names: dict[str, str]) -> None:
    bench.deliver(foreign(bench, **names))
    at_first = bench.work()
    before = handled(bench)

    bench.work(OURS_BY_THEN - SECOND_LONG)
    just_before = handled(bench)
    bench.work(timedelta(minutes=15))

    assert (at_first, before, just_before) == ([Outcome.AGAIN], 0, 0)
    assert handled(bench) == 1
    work_for_hours(bench)
    assert failed(bench) == []


def test_a_notice_about_an_account_of_ours_and_an_order_we_lost_waits_for_a_person(
    bench: Workbench, owner: Actor
) -> None:
    bench.deliver(foreign(bench, order_id=OrderId("lost"), account_id=owner.account_id))

    work_for_hours(bench)

    (problem,) = failed(bench)
    assert "no order or subscription of ours" in problem
    assert handled(bench) == 0


def test_a_notice_that_is_faster_than_our_commit_is_heard_once_that_is_made(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)
    bench.payments.pay(started(buy(bench, owner)).checkout.id)
    *others, paid = bench.payments.take_events()

    bench.deliver(attrs.evolve(paid, order_id=None))  # so that only the subscription is named, which nobody knows yet
    at_first = bench.work()
    bench.deliver(*others)
    for _ in range(2):
        bench.work(timedelta(seconds=30))

    assert at_first[0] is Outcome.AGAIN
    assert handled(bench) == len(others) + 1
    assert failed(bench) == []


@pytest.mark.parametrize("order_id", ["nobody's", "of another account"])
@pytest.mark.parametrize("pay_page", [None, CheckoutId("cs_gone")])
def test_news_of_a_subscription_of_ours_is_heard_whatever_order_it_names(
    bench: Workbench, owner: Actor, licensed: SubscriptionId, order_id: str, pay_page: CheckoutId | None
) -> None:
    if order_id != "nobody's":
        company = bench.company("78", "ELSEWHERE")
        other = bench.sign_in(bench.employ(company, "eve", admin=True), company)
        pick(bench, other, next(iter(bench.world.projects[company])), Module.PLANNER)
        order_id = started(buy(bench, other)).order.id
    bench.payments.become(licensed, SubscriptionStatus.CANCELED)
    (news,) = bench.payments.take_events()

    bench.deliver(attrs.evolve(news, order_id=OrderId(order_id), checkout_id=pay_page))
    bench.work()

    with bench.ports.reading(owner.account_id) as reading:
        (license,) = reading.licenses.all()
    assert license.state(bench.clock.now()) is LicenseState.ENDED
    assert failed(bench) == []
