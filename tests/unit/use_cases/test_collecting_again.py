"""Whoever pays the invoice that stopped everything gets everything back, also when months have passed."""

from datetime import timedelta

import pytest

from smartapp_domain.billing import InvoiceStatus, SubscriptionStatus
from smartapp_domain.catalog import Module
from smartapp_domain.identity import Actor
from smartapp_domain.ids import SubscriptionId
from smartapp_domain.licensing import LicenseState
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.collect_again import collect_again, set_aside_now
from tests.unit.use_cases.journey import FIRST, buy, pick, settled, started


@pytest.fixture
def subscription_id(bench: Workbench, owner: Actor) -> SubscriptionId:
    """A monthly subscription whose renewal failed for good; further months were invoiced and set aside."""
    pick(bench, owner, FIRST, Module.PLANNER)
    order = started(buy(bench, owner)).order
    assert order.checkout is not None
    bought = bench.payments.pay(order.checkout.id)
    settled(bench)
    pass_month(bench, bought, succeeds=False)
    bench.payments.become(bought, SubscriptionStatus.UNPAID)
    for _ in range(2):
        pass_month(bench, bought)
    return bought


def pass_month(bench: Workbench, bought: SubscriptionId, *, succeeds: bool | None = None) -> None:
    end = bench.payments.subscription(bought).period_end
    assert end is not None
    bench.clock.move(end - bench.clock.now())
    bench.payments.renew(bought, succeeds=succeeds)
    settled(bench)


def state(bench: Workbench, owner: Actor) -> LicenseState:
    with bench.ports.reading(owner.account_id) as reading:
        [license] = reading.licenses.all()
    return license.state(bench.clock.now())


def test_paying_the_open_invoice_has_the_running_period_collected(
    bench: Workbench, owner: Actor, subscription_id: SubscriptionId
) -> None:
    assert state(bench, owner) is LicenseState.SUSPENDED

    bench.payments.pay_open_invoice(subscription_id)
    settled(bench)

    *_, skipped, running = bench.payments.subscription(subscription_id).invoices
    assert (skipped.is_set_aside, running.is_set_aside) == (True, False)
    assert running.status is InvoiceStatus.OPEN
    assert state(bench, owner) is LicenseState.ACTIVE


def test_a_card_that_fails_for_it_too_leads_to_grace_and_suspension_again(
    bench: Workbench, owner: Actor, subscription_id: SubscriptionId
) -> None:
    bench.payments.pay_open_invoice(subscription_id)
    settled(bench)

    bench.payments.retry(subscription_id, succeeds=False)
    settled(bench)
    first = state(bench, owner)
    bench.clock.move(timedelta(days=15))

    assert (first, state(bench, owner)) == (LicenseState.GRACE, LicenseState.SUSPENDED)


def test_nothing_is_collected_while_something_older_is_owed_and_nothing_twice(
    bench: Workbench, owner: Actor, subscription_id: SubscriptionId
) -> None:
    before = bench.payments.subscription(subscription_id).invoices
    collect_again(owner.account_id, subscription_id, bench.ports)
    assert bench.payments.subscription(subscription_id).invoices == before

    bench.payments.pay_open_invoice(subscription_id)
    for _ in range(3):
        collect_again(owner.account_id, subscription_id, bench.ports)
    after = bench.payments.subscription(subscription_id)

    assert set_aside_now(after) is None
    assert [invoice.is_set_aside for invoice in after.invoices[-2:]] == [True, False]
