"""The guards around a charge, each in the one moment it is there for."""

from datetime import timedelta
from typing import Any

import attrs
import pytest

from smartapp_domain.billing import CheckoutState, CheckoutStatus, InvoiceStatus, Subscription
from smartapp_domain.catalog import Module
from smartapp_domain.decisions import Reason
from smartapp_domain.identity import Actor
from smartapp_domain.ids import OrderId, SubscriptionId
from smartapp_domain.licensing import License
from smartapp_domain.ordering import Extension, Order, OrderState
from smartapp_domain.ports import Ports
from smartapp_domain.ports.payments import ExtensionPreview
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.testing.barriers import Barrier, Crash, Moment
from smartapp_domain.testing.payments import MemoryPayments
from smartapp_domain.testing.payments_cards import StoredCard
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.change_renewal import ChangeRenewal, RenewalChanged, stop_renewal
from smartapp_domain.use_cases.check_out import CheckOut, check_out
from smartapp_domain.use_cases.fulfill_order import NotApplied, fulfill_order
from smartapp_domain.use_cases.give_up import give_up
from smartapp_domain.use_cases.offer import Offer, make_offer
from smartapp_domain.use_cases.settle_order import IN_FLIGHT, settle_order
from tests.unit.use_cases.journey import (
    SECOND,
    THIRD,
    accepting,
    buy,
    crashing,
    offered,
    pick,
    refused,
    settled,
    started,
)

DAY = timedelta(days=1)
AN_INSTANT = timedelta(seconds=1)


@pytest.fixture
def accepted(bench: Workbench, owner: Actor, licensed: SubscriptionId) -> CheckOut:  # noqa: ARG001 - it adds to that
    """Accept to add Planner for the second project."""
    pick(bench, owner, SECOND, Module.PLANNER)
    return accepting(owner, offered(bench, owner))


@attrs.frozen
class Provider:
    """A provider that says something of its own; what is not overridden, the one inside answers."""

    inner: MemoryPayments

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def within(self, ports: Ports) -> Ports:
        payments: Any = self
        return attrs.evolve(ports, payments=payments)


@attrs.frozen
class Behind(Provider):
    """Shows a subscription as it was before."""

    shown: Subscription

    def subscription(self, subscription_id: SubscriptionId) -> Subscription:
        assert subscription_id == self.shown.id
        return self.shown


@attrs.frozen
class Forgetful(Provider):
    """Counts a change as dropped while the invoice of it can still be paid."""

    def extension(self, order: Order) -> CheckoutStatus:
        return attrs.evolve(self.inner.extension(order), state=CheckoutState.EXPIRED, page=None)


@attrs.frozen
class Dearer(Provider):
    """Will charge more at each renewal than it said; what is due today is the same."""

    def preview(self, extension: Extension) -> ExtensionPreview:
        told = self.inner.preview(extension)
        return attrs.evolve(told, renewal_cents=told.renewal_cents + 1)


def licenses(bench: Workbench, actor: Actor) -> tuple[License, ...]:
    with bench.ports.reading(actor.account_id) as reading:
        return reading.licenses.all()


def order_of(bench: Workbench, actor: Actor, order_id: OrderId) -> Order:
    with bench.ports.reading(actor.account_id) as reading:
        return reading.orders.get(order_id)


def open_order(bench: Workbench, actor: Actor) -> Order:
    with bench.ports.reading(actor.account_id) as reading:
        (order,) = reading.orders.open()
    return order


def for_people(bench: Workbench) -> list[str]:
    with bench.ports.reading(OPERATOR) as reading:
        return [job.problem or "" for job in reading.jobs.failed()]


def cut_off(bench: Workbench, wish: CheckOut) -> Order:
    """Press the button and lose the process before the provider heard of it; the order stays open."""

    with pytest.raises(Crash):
        check_out(wish, crashing(bench.ports, Barrier(Moment.BEFORE, "provider extend")))
    return open_order(bench, wish.actor)


def test_what_is_paid_is_not_licensed_before_the_provider_bills_it(
    bench: Workbench, owner: Actor, licensed: SubscriptionId, accepted: CheckOut
) -> None:
    before = bench.payments.subscription(licensed)
    order = started(check_out(accepted, bench.ports)).order

    with pytest.raises(NotApplied, match="does not bill Planner"):
        fulfill_order(owner.account_id, order.id, Behind(bench.payments, before).within(bench.ports))

    assert order_of(bench, owner, order.id).state is OrderState.PAID
    assert len(licenses(bench, owner)) == 1
    settled(bench)
    assert order_of(bench, owner, order.id).state is OrderState.FULFILLED
    assert len(licenses(bench, owner)) == 2


def test_a_charge_that_may_be_under_way_is_waited_for_before_its_order_is_given_up(
    bench: Workbench, owner: Actor, accepted: CheckOut
) -> None:
    order = cut_off(bench, accepted)

    bench.clock.move(IN_FLIGHT - AN_INSTANT)
    waited = settle_order(owner.account_id, order.id, bench.ports)
    under_way = attrs.evolve(order, retried_at=bench.clock.now())  # it was sent in time, and takes long
    bench.payments.extend(under_way)
    bench.work(5 * IN_FLIGHT)

    assert waited.state is OrderState.OPEN
    assert order_of(bench, owner, order.id).state is OrderState.FULFILLED
    assert len(licenses(bench, owner)) == 2
    assert for_people(bench) == []


def test_a_charge_that_may_be_under_way_cannot_be_given_up(bench: Workbench, owner: Actor, accepted: CheckOut) -> None:
    order = cut_off(bench, accepted)

    at_once = refused(give_up(owner, order.id, bench.ports))
    bench.clock.move(IN_FLIGHT)
    later = give_up(owner, order.id, bench.ports)

    assert (at_once.reason, at_once.about) == (Reason.CHANGE_UNDER_WAY, order.id)
    assert isinstance(later, Order)
    assert later.state is OrderState.CLOSED


def test_nothing_else_is_bought_while_a_charge_may_be_under_way(
    bench: Workbench, owner: Actor, licensed: SubscriptionId, accepted: CheckOut
) -> None:
    order = cut_off(bench, accepted)
    pick(bench, owner, THIRD, Module.PLANNER)
    more = accepting(owner, offered(bench, owner))

    at_once = refused(check_out(more, bench.ports))

    assert (at_once.reason, at_once.about) == (Reason.CHANGE_UNDER_WAY, order.id)
    assert open_order(bench, owner) == order
    assert len(bench.payments.subscription(licensed).invoices) == 1


def test_an_invoice_left_behind_by_a_dropped_change_cannot_be_paid_any_more(
    bench: Workbench, owner: Actor, licensed: SubscriptionId, accepted: CheckOut
) -> None:
    bench.payments.change_card(bench.payments.subscription(licensed).customer_id, StoredCard.DECLINES)
    order = started(check_out(accepted, bench.ports)).order

    closed = settle_order(owner.account_id, order.id, Forgetful(bench.payments).within(bench.ports))

    assert closed.state is OrderState.CLOSED
    assert bench.payments.subscription(licensed).invoices[-1].status is InvoiceStatus.VOID


def test_a_product_paid_twice_is_licensed_once_and_goes_to_people(
    bench: Workbench, owner: Actor, licensed: SubscriptionId
) -> None:
    with bench.ports.transaction(owner.account_id) as tx:
        bought = tx.orders.get(licenses(bench, owner)[0].order_id)
        twice = attrs.evolve(bought, id=OrderId("twice"), checkout=None, state=OrderState.PAID, version=1)
        tx.orders.put(twice, replacing=0)

    fulfill_order(owner.account_id, twice.id, bench.ports)

    assert [each.order_id for each in licenses(bench, owner)] == [bought.id]
    (told,) = for_people(bench)
    assert "paid Planner for TOTTENVILLE HS - STATEN ISLAND, which holds it already" in told
    assert f"lower the quantity of subscription {licensed}" in told


@pytest.mark.usefixtures("licensed")
def test_a_subscription_beside_one_that_ends_is_nothing_to_merge(bench: Workbench, owner: Actor) -> None:
    (project_id,) = {each.project_id for each in licenses(bench, owner)}
    assert isinstance(stop_renewal(ChangeRenewal(owner, project_id), bench.ports), RenewalChanged)
    settled(bench)
    pick(bench, owner, SECOND, Module.PLANNER)
    begun = started(buy(bench, owner))
    assert begun.order.extends is None

    bench.payments.pay(begun.checkout.id)
    settled(bench)

    assert len(licenses(bench, owner)) == 2
    assert for_people(bench) == []


def test_an_offer_reckoned_from_a_later_moment_is_not_sold(bench: Workbench, owner: Actor, accepted: CheckOut) -> None:
    at = bench.clock.now() + timedelta(minutes=10)

    offer = make_offer(owner, accepted.interval, bench.ports, prorated_at=at)

    assert isinstance(offer, Offer)
    assert offer.not_now is not None
    assert offer.not_now.reason is Reason.PRICE_CHANGED
    cheaper = attrs.evolve(accepted, prorated_at=at, fingerprint=offer.fingerprint)
    assert refused(check_out(cheaper, bench.ports)).reason is Reason.PRICE_CHANGED


def test_a_renewal_that_became_dearer_is_agreed_to_anew(
    bench: Workbench, licensed: SubscriptionId, accepted: CheckOut
) -> None:
    told = refused(check_out(accepted, Dearer(bench.payments).within(bench.ports)))

    assert told.reason is Reason.PRICE_CHANGED
    assert len(bench.payments.subscription(licensed).invoices) == 1
