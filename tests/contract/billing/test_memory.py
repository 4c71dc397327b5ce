"""The provider in memory keeps the promises that tests of everything else lean on."""

from datetime import datetime, timedelta

import attrs
import pytest
from tests.contract.billing.worlds import MemoryWorld

from smartapp_domain.billing import BillingEvent, CheckoutState, InvoiceStatus, SubscriptionStatus
from smartapp_domain.catalog import Interval, Module
from smartapp_domain.ids import SubscriptionId
from smartapp_domain.ports.payments import PaymentsUnavailable
from smartapp_domain.pricing import LIST_PRICES
from smartapp_domain.testing import builders
from smartapp_domain.testing.contracts.billing_events import BillingEventsContract
from smartapp_domain.testing.contracts.payments import CANCEL_URL, RETURN_URL, PaymentsContract
from smartapp_domain.testing.payments import MemoryBillingEvents, MemoryPayments

pytestmark = pytest.mark.contract


class TestMemoryPayments(PaymentsContract):
    @pytest.fixture
    def world(self) -> MemoryWorld:
        return MemoryWorld()


@attrs.frozen
class MemorySender:
    reader: MemoryBillingEvents = attrs.Factory(MemoryBillingEvents)

    def body(self, event: BillingEvent) -> bytes:
        return self.reader.signed(event, event.created_at)[0]

    def signature(self, body: bytes, at: datetime) -> str:
        return self.reader.signature(body, at)


class TestMemoryBillingEvents(BillingEventsContract):
    @pytest.fixture
    def sender(self) -> MemorySender:
        return MemorySender()


@pytest.fixture
def world() -> MemoryWorld:
    return MemoryWorld()


@pytest.fixture
def subscription_id(world: MemoryWorld) -> SubscriptionId:
    return bought(world.payments)


def bought(payments: MemoryPayments, **changes: object) -> SubscriptionId:
    payments.publish_catalog(LIST_PRICES)
    order = builders.order(interval=Interval.MONTH, **changes)
    page = payments.start_checkout(
        order, payments.customer(builders.profile()), return_url=RETURN_URL, cancel_url=CANCEL_URL
    )
    return payments.pay(page.id)


def test_it_tells_what_happened_in_order(world: MemoryWorld) -> None:
    bought(world.payments)

    kinds = [event.type for event in world.payments.take_events()]

    assert kinds == ["checkout.session.completed", "customer.subscription.created", "invoice.paid"]
    assert world.payments.take_events() == ()


def test_it_tells_of_failures_and_recovery(world: MemoryWorld, subscription_id: SubscriptionId) -> None:
    world.payments.take_events()
    world.clock.move(timedelta(days=31))

    world.payments.renew(subscription_id, succeeds=False)
    world.payments.retry(subscription_id, succeeds=True)

    assert [(event.type, event.subscription_id) for event in world.payments.take_events()] == [
        ("invoice.payment_failed", subscription_id),
        ("customer.subscription.updated", subscription_id),
        ("invoice.paid", subscription_id),
        ("customer.subscription.updated", subscription_id),
    ]


def test_a_period_cannot_end_before_its_time(world: MemoryWorld, subscription_id: SubscriptionId) -> None:
    with pytest.raises(ValueError, match="Move the clock"):
        world.payments.renew(subscription_id)

    assert len(world.payments.subscription(subscription_id).invoices) == 1


def test_a_subscription_bought_on_the_31st_returns_to_the_31st(world: MemoryWorld) -> None:
    world.clock.move(datetime(2027, 1, 31, 12, tzinfo=world.clock.now().tzinfo) - world.clock.now())
    subscription_id = bought(world.payments, created_at=world.clock.now())

    ends = []
    for _ in range(3):
        period_end = world.payments.subscription(subscription_id).items[0].period_end
        ends.append((period_end.month, period_end.day))
        world.clock.move(period_end - world.clock.now())
        world.payments.renew(subscription_id)

    assert ends == [(2, 28), (3, 31), (4, 30)]


def test_a_page_can_be_paid_once(world: MemoryWorld) -> None:
    bought(world.payments)
    paid = next(event.checkout_id for event in world.payments.take_events() if event.checkout_id)

    with pytest.raises(ValueError, match="paid"):
        world.payments.pay(paid)


def test_an_outage_is_over_after_the_calls_it_was_meant_for(world: MemoryWorld) -> None:
    world.payments.fail_next(PaymentsUnavailable("Down.", remedy="Wait."))

    with pytest.raises(PaymentsUnavailable):
        world.payments.publish_catalog(LIST_PRICES)
    world.payments.publish_catalog(LIST_PRICES)

    assert world.payments.catalog_drift(LIST_PRICES) == ()


def test_a_price_changed_behind_our_back_is_drift(world: MemoryWorld) -> None:
    world.payments.publish_catalog(LIST_PRICES)

    world.payments.reprice(1, Module.PLANNER, Interval.MONTH, 1)
    world.payments.reprice(1, Module.SAFETY, Interval.YEAR, None)

    assert [(each.ours, each.theirs) for each in world.payments.catalog_drift(LIST_PRICES)] == [
        ("29500 cents", "1 cents"),
        ("714000 cents", "missing"),
    ]


def test_an_invoice_can_be_written_off(world: MemoryWorld, subscription_id: SubscriptionId) -> None:
    world.clock.move(timedelta(days=31))
    invoice = world.payments.renew(subscription_id, succeeds=False)

    world.payments.write_off(subscription_id, invoice.id, InvoiceStatus.UNCOLLECTIBLE)

    after = world.payments.subscription(subscription_id)
    assert after.invoices[-1].status is InvoiceStatus.UNCOLLECTIBLE
    assert after.status is SubscriptionStatus.PAST_DUE


def test_the_browser_returns_with_the_id_of_the_page(world: MemoryWorld) -> None:
    world.payments.publish_catalog(LIST_PRICES)
    customer_id = world.payments.customer(builders.profile())

    page = world.payments.start_checkout(builders.order(), customer_id, return_url=RETURN_URL, cancel_url=CANCEL_URL)

    assert world.payments.return_to(page.id) == f"http://localhost/return?checkout={page.id}"
    assert world.payments.checkout(page.id).state is CheckoutState.OPEN
