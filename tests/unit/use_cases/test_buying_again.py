"""A second purchase adds to the subscription there is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest

from smartapp_domain.catalog import AddOn, Interval, Module
from smartapp_domain.decisions import Reason
from smartapp_domain.identity import Actor, Role
from smartapp_domain.ids import CustomerId, PlatformProjectId, SubscriptionId
from smartapp_domain.ledger import LicenseLedger
from smartapp_domain.licensing import License, LicenseState
from smartapp_domain.ordering import Extension, Order, OrderState
from smartapp_domain.ports.payments import ExtensionPreview, PaymentsRejected
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.testing.barriers import Barrier, Crash, Moment
from smartapp_domain.testing.payments import MemoryPayments
from smartapp_domain.testing.payments_cards import StoredCard
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.check_out import check_out
from smartapp_domain.use_cases.give_up import give_up
from smartapp_domain.use_cases.manage_members import About, change_role, remove_member
from smartapp_domain.use_cases.offer import OFFER_STANDS, make_offer
from tests.unit.use_cases.journey import (
    FIRST,
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


@attrs.frozen
class Overtaken:
    """A provider that reckons only after somebody else was faster."""

    inner: MemoryPayments
    first: Callable[[], object]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def preview(self, extension: Extension) -> ExtensionPreview:
        self.first()
        return self.inner.preview(extension)


def subscriptions(bench: Workbench, actor: Actor) -> list[SubscriptionId]:
    with bench.ports.reading(actor.account_id) as reading:
        return [each.id for each in reading.subscriptions.all()]


def licenses(bench: Workbench, actor: Actor) -> tuple[License, ...]:
    with bench.ports.reading(actor.account_id) as reading:
        return reading.licenses.all()


def order_of(bench: Workbench, order: Order) -> Order:
    with bench.ports.reading(order.account_id) as reading:
        return reading.orders.get(order.id)


def assert_in_order(bench: Workbench, actor: Actor) -> None:
    with bench.ports.reading(actor.account_id) as reading:
        ledger = LicenseLedger(reading.licenses.all(), reading.subscriptions.all())
    assert list(ledger.violations(bench.clock.now())) == []
    with bench.ports.reading(OPERATOR) as reading:
        assert reading.jobs.failed() == ()


def customer(bench: Workbench, subscription_id: SubscriptionId) -> CustomerId:
    return bench.payments.subscription(subscription_id).customer_id


def test_the_rest_of_the_period_is_due_today_and_everything_renews_together(
    bench: Workbench, owner: Actor, licensed: SubscriptionId
) -> None:
    pick(bench, owner, SECOND, Module.PLANNER, AddOn.PLANNER_BOARD)

    offer = offered(bench, owner)

    assert offer.extension is not None
    assert offer.extension.subscription_id == licensed
    assert offer.preview is not None
    assert 0 < offer.preview.due_cents < 29_500
    assert offer.preview.renewal_cents == 59_000
    assert offer.preview.renews_at == bench.payments.subscription(licensed).period_end
    assert offer.preview.card == "Visa ending in 4242"


def test_a_good_card_licenses_at_once_in_the_same_subscription(
    bench: Workbench, owner: Actor, licensed: SubscriptionId
) -> None:
    pick(bench, owner, SECOND, Module.PLANNER)
    due = offered(bench, owner).preview

    begun = started(buy(bench, owner))
    settled(bench)

    assert begun.order.state is OrderState.PAID
    assert order_of(bench, begun.order).state is OrderState.FULFILLED
    assert subscriptions(bench, owner) == [licensed]
    assert [each.state(bench.clock.now()) for each in licenses(bench, owner)] == [LicenseState.ACTIVE] * 2
    added = bench.payments.subscription(licensed).invoices[-1]
    assert due is not None
    assert added.total_cents == due.due_cents == begun.order.charged_cents
    assert_in_order(bench, owner)


def test_a_later_license_is_paid_by_its_own_line_and_then_by_the_renewal(
    bench: Workbench, owner: Actor, licensed: SubscriptionId
) -> None:
    pick(bench, owner, SECOND, Module.PLANNER)
    begun = started(buy(bench, owner))
    settled(bench)

    earlier, later = licenses(bench, owner)
    assert begun.order.extends is not None
    assert later.coverage[0].start == begun.order.extends.prorated_at > earlier.coverage[0].start
    bench.clock.move(25 * DAY)
    bench.payments.renew(licensed)
    settled(bench)

    ends = {each.covered_until for each in licenses(bench, owner)}
    assert ends == {bench.payments.subscription(licensed).period_end}
    assert_in_order(bench, owner)


@pytest.mark.parametrize("card", [StoredCard.DECLINES, StoredCard.CONFIRMS])
def test_a_card_that_does_not_pay_licenses_nothing_until_the_invoice_is_paid(
    bench: Workbench, owner: Actor, licensed: SubscriptionId, card: StoredCard
) -> None:
    bench.payments.change_card(customer(bench, licensed), card)
    pick(bench, owner, SECOND, Module.PLANNER)

    begun = started(buy(bench, owner))
    settled(bench)

    assert begun.order.state is OrderState.AWAITING_PAYMENT
    assert begun.checkout.url.startswith("https://pay.test/")
    assert len(licenses(bench, owner)) == 1
    assert bench.payments.subscription(licensed).quantity(Module.PLANNER) == 1
    bench.payments.pay_invoice(begun.checkout.id)
    settled(bench)
    assert order_of(bench, begun.order).state is OrderState.FULFILLED
    assert len(licenses(bench, owner)) == 2
    assert_in_order(bench, owner)


def test_an_invoice_nobody_pays_leaves_everything_as_it_was(
    bench: Workbench, owner: Actor, licensed: SubscriptionId
) -> None:
    bench.payments.change_card(customer(bench, licensed), StoredCard.DECLINES)
    pick(bench, owner, SECOND, Module.PLANNER)
    begun = started(buy(bench, owner))

    bench.work(DAY)
    settled(bench)

    assert order_of(bench, begun.order).state is OrderState.CLOSED
    with bench.ports.reading(owner.account_id) as reading:
        assert list(reading.drafts.get(owner.member_id).rows) == [SECOND]
    assert len(licenses(bench, owner)) == 1
    assert_in_order(bench, owner)


def test_a_payment_that_is_given_up_can_be_made_anew(bench: Workbench, owner: Actor, licensed: SubscriptionId) -> None:
    bench.payments.change_card(customer(bench, licensed), StoredCard.DECLINES)
    pick(bench, owner, SECOND, Module.PLANNER)
    first = started(buy(bench, owner))
    settled(bench)
    waiting = offered(bench, owner)

    given_up = give_up(owner, first.order.id, bench.ports)
    bench.payments.change_card(customer(bench, licensed), StoredCard.GOOD)
    second = started(buy(bench, owner))
    settled(bench)

    assert waiting.not_now is not None
    assert waiting.not_now.about == first.order.id
    assert isinstance(given_up, Order)
    assert given_up.state is OrderState.CLOSED
    assert order_of(bench, second.order).state is OrderState.FULFILLED
    assert len(licenses(bench, owner)) == 2
    assert_in_order(bench, owner)


def test_without_a_stored_card_a_pay_page_begins_another_subscription(
    bench: Workbench, owner: Actor, licensed: SubscriptionId
) -> None:
    bench.payments.change_card(customer(bench, licensed), StoredCard.NONE)
    pick(bench, owner, SECOND, Module.PLANNER)

    begun = started(buy(bench, owner))

    assert begun.order.extends is None
    assert begun.order.state is OrderState.AWAITING_PAYMENT


@pytest.mark.usefixtures("licensed")
def test_the_other_interval_is_a_subscription_of_its_own(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, SECOND, Module.PLANNER)

    assert offered(bench, owner, Interval.YEAR).extension is None


def test_pressing_twice_charges_once(bench: Workbench, owner: Actor, licensed: SubscriptionId) -> None:
    pick(bench, owner, SECOND, Module.PLANNER)
    accepted = accepting(owner, offered(bench, owner))

    first, second = started(check_out(accepted, bench.ports)), refused_or_same(check_out(accepted, bench.ports))
    settled(bench)

    assert second in (first.order.id, Reason.ALREADY_PAID)
    assert len(bench.payments.subscription(licensed).invoices) == 2
    assert_in_order(bench, owner)


def refused_or_same(result: object) -> object:
    return getattr(result, "reason", None) or started(result).order.id  # type: ignore[arg-type]


def test_an_answer_that_was_lost_is_found_by_the_job_and_not_charged_again(
    bench: Workbench, owner: Actor, licensed: SubscriptionId
) -> None:
    pick(bench, owner, SECOND, Module.PLANNER)
    accepted = accepting(owner, offered(bench, owner))

    with pytest.raises(Crash):
        check_out(accepted, crashing(bench.ports, Barrier(Moment.AFTER, "provider extend")))
    bench.work(timedelta(minutes=5))
    bench.work(timedelta(minutes=5))

    assert len(licenses(bench, owner)) == 2
    assert len(bench.payments.subscription(licensed).invoices) == 2
    assert_in_order(bench, owner)


def test_a_call_that_never_arrived_is_given_up_and_never_charged_later(
    bench: Workbench, owner: Actor, licensed: SubscriptionId
) -> None:
    pick(bench, owner, SECOND, Module.PLANNER)
    accepted = accepting(owner, offered(bench, owner))

    with pytest.raises(Crash):
        check_out(accepted, crashing(bench.ports, Barrier(Moment.BEFORE, "provider extend")))
    bench.work(timedelta(minutes=5))
    bench.work(timedelta(minutes=5))

    assert len(licenses(bench, owner)) == 1
    assert len(bench.payments.subscription(licensed).invoices) == 1
    assert offered(bench, owner).not_now is None
    assert_in_order(bench, owner)


@pytest.mark.usefixtures("licensed")
def test_an_old_offer_is_not_sold(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, SECOND, Module.PLANNER)
    accepted = accepting(owner, offered(bench, owner))

    bench.clock.move(OFFER_STANDS + timedelta(seconds=1))

    assert refused(check_out(accepted, bench.ports)).reason is Reason.PRICE_CHANGED
    assert_in_order(bench, owner)


@pytest.mark.usefixtures("licensed")
def test_another_moment_than_the_one_shown_is_not_sold(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, SECOND, Module.PLANNER)
    bench.clock.move(timedelta(minutes=20))
    accepted = accepting(owner, offered(bench, owner))
    assert accepted.prorated_at is not None

    cheaper = attrs.evolve(accepted, prorated_at=accepted.prorated_at - timedelta(minutes=10))

    assert refused(check_out(cheaper, bench.ports)).reason is Reason.PRICE_CHANGED


def test_two_admins_who_want_the_same_project_hear_who_is_faster(
    bench: Workbench, owner: Actor, colleague: Actor, licensed: SubscriptionId
) -> None:
    bench.payments.change_card(customer(bench, licensed), StoredCard.DECLINES)
    for actor, products in ((owner, (SECOND, THIRD)), (colleague, (SECOND,))):
        for project in products:
            pick(bench, actor, project, Module.PLANNER)
    mine, theirs = (accepting(actor, offered(bench, actor)) for actor in (owner, colleague))

    won = started(check_out(mine, bench.ports))
    lost = refused(check_out(theirs, bench.ports))

    assert lost.reason is Reason.IN_OPEN_ORDER
    assert "Dana is paying for FLUSHING HS - QUEENS right now." in lost.message
    assert lost.about == won.order.id


@pytest.mark.parametrize("wanted", [(SECOND,), (SECOND, THIRD)], ids=["nothing is added now", "it costs less now"])
def test_who_is_overtaken_while_the_provider_reckons_hears_of_the_project_and_by_whom(
    bench: Workbench, owner: Actor, colleague: Actor, licensed: SubscriptionId, wanted: tuple[PlatformProjectId, ...]
) -> None:
    pick(bench, owner, SECOND, Module.PLANNER)
    for project in wanted:
        pick(bench, colleague, project, Module.PLANNER)
    mine, theirs = (accepting(actor, offered(bench, actor)) for actor in (owner, colleague))
    payments: Any = Overtaken(bench.payments, lambda: started(check_out(mine, bench.ports)))

    lost = refused(check_out(theirs, attrs.evolve(bench.ports, payments=payments)))

    assert lost.reason is Reason.IN_OPEN_ORDER
    assert "Dana is paying for FLUSHING HS - QUEENS right now." in lost.message
    assert len(bench.payments.subscription(licensed).invoices) == 2


def test_two_admins_cannot_change_one_subscription_at_once(
    bench: Workbench, owner: Actor, colleague: Actor, licensed: SubscriptionId
) -> None:
    bench.payments.change_card(customer(bench, licensed), StoredCard.DECLINES)
    pick(bench, owner, SECOND, Module.PLANNER)
    pick(bench, colleague, THIRD, Module.SAFETY)
    mine, theirs = (accepting(actor, offered(bench, actor)) for actor in (owner, colleague))

    started(check_out(mine, bench.ports))
    lost = refused(check_out(theirs, bench.ports))

    assert lost.reason is Reason.IN_OPEN_ORDER
    assert "is adding projects to this subscription" in lost.message


def test_of_two_who_begin_at_once_one_begins_the_subscription_and_the_other_is_added_to_it(
    bench: Workbench, owner: Actor, colleague: Actor
) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)
    pick(bench, colleague, SECOND, Module.SAFETY)
    mine, theirs = (accepting(actor, offered(bench, actor)) for actor in (owner, colleague))

    begun = started(check_out(mine, bench.ports))
    lost = refused(check_out(theirs, bench.ports))
    told = offered(bench, colleague).not_now
    yearly = offered(bench, colleague, Interval.YEAR).not_now
    bench.payments.pay(begun.checkout.id)
    settled(bench)
    added = started(buy(bench, colleague))
    settled(bench)

    assert lost == told
    assert (lost.reason, lost.about) == (Reason.IN_OPEN_ORDER, begun.order.id)
    assert "Dana is paying for other projects right now" in lost.message
    assert yearly is None, "What renews apart anyway may begin at the same time."
    [subscription] = subscriptions(bench, owner)
    assert added.order.extends is not None
    assert added.order.extends.subscription_id == subscription


def test_who_is_removed_while_the_provider_reckons_has_nothing_charged(
    bench: Workbench, owner: Actor, colleague: Actor, licensed: SubscriptionId
) -> None:
    pick(bench, colleague, SECOND, Module.PLANNER)
    wish = accepting(colleague, offered(bench, colleague))
    payments: Any = Overtaken(bench.payments, lambda: remove_member(About(owner, colleague.member_id), bench.ports))

    lost = refused(check_out(wish, attrs.evolve(bench.ports, payments=payments)))

    assert lost.reason is Reason.REMOVED
    assert len(bench.payments.subscription(licensed).invoices) == 1


def test_who_lost_the_right_to_buy_while_the_provider_reckons_has_nothing_charged(
    bench: Workbench, owner: Actor, colleague: Actor, licensed: SubscriptionId
) -> None:
    pick(bench, colleague, SECOND, Module.PLANNER)
    wish = accepting(colleague, offered(bench, colleague))
    about = About(owner, colleague.member_id)
    payments: Any = Overtaken(bench.payments, lambda: change_role(about, Role.ADMIN, bench.ports))

    lost = refused(check_out(wish, attrs.evolve(bench.ports, payments=payments)))

    assert lost.reason is Reason.ROLE_TOO_LOW
    assert len(bench.payments.subscription(licensed).invoices) == 1


def test_nothing_is_added_while_an_invoice_is_not_paid(
    bench: Workbench, owner: Actor, licensed: SubscriptionId
) -> None:
    bench.clock.move(25 * DAY)
    bench.payments.renew(licensed, succeeds=False)
    settled(bench)
    pick(bench, owner, SECOND, Module.PLANNER)

    offer = offered(bench, owner)

    assert offer.not_now is not None
    assert offer.not_now.reason is Reason.PAYMENT_OVERDUE
    assert refused(buy(bench, owner)).reason is Reason.PAYMENT_OVERDUE


@pytest.mark.usefixtures("licensed")
def test_a_subscription_at_older_prices_is_left_as_it_is(bench: Workbench, owner: Actor) -> None:
    dearer = attrs.evolve(bench.ports.price_book, version=2, modules={Module.PLANNER: 30_000, Module.SAFETY: 60_000})
    bench.payments.publish_catalog(dearer)
    later = attrs.evolve(bench, ports=attrs.evolve(bench.ports, price_book=dearer))
    pick(later, owner, SECOND, Module.PLANNER)

    assert offered(later, owner).extension is None


def test_one_addition_too_many_is_said_before_anybody_presses_the_button(
    bench: Workbench, owner: Actor, licensed: SubscriptionId
) -> None:
    for number in range(20):
        pick(bench, owner, SECOND, Module.PLANNER)
        bench.payments.change_card(customer(bench, licensed), StoredCard.DECLINES)
        give_up(owner, started(buy(bench, owner)).order.id, bench.ports)
        bench.clock.move(timedelta(minutes=2 + number))

    offer = offered(bench, owner)
    bench.clock.move(DAY)

    assert offer.not_now is not None
    assert offer.not_now.reason is Reason.CHANGES_USED_UP
    assert "tomorrow" in offer.not_now.message
    assert offered(bench, owner).not_now is None


@pytest.mark.usefixtures("licensed")
def test_trouble_that_is_ours_is_not_blamed_on_the_subscription(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, SECOND, Module.PLANNER)
    bench.payments.fail_next(PaymentsRejected("Stripe does not accept the API key.", remedy="Contact support."))

    with pytest.raises(PaymentsRejected, match="API key"):
        make_offer(owner, Interval.MONTH, bench.ports)
