from collections.abc import Callable
from datetime import timedelta

import attrs
import pytest

from smartapp_domain.billing import Checkout, CheckoutStatus, SubscriptionStatus
from smartapp_domain.catalog import AddOn, Interval, Module
from smartapp_domain.decisions import Reason, Refused, WayOut
from smartapp_domain.identity import Actor
from smartapp_domain.ids import CheckoutId, CustomerId, OrderId
from smartapp_domain.ledger import LicenseLedger
from smartapp_domain.licensing import LicenseState, Payment
from smartapp_domain.ordering import Order, OrderEvent, OrderState
from smartapp_domain.ports.payments import PaymentsUnavailable, UnknownAtProvider, UntrustedEvent
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.testing.builders import billing_event
from smartapp_domain.testing.payments import MemoryPayments
from smartapp_domain.testing.payments_cards import StoredCard
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.check_out import check_out
from smartapp_domain.use_cases.map_projects import Reviewed, review
from smartapp_domain.use_cases.receive_billing_event import SignedNotice, receive_billing_event, receive_billing_events
from smartapp_domain.use_cases.settle_order import settle_order
from tests.unit.use_cases.journey import FIRST, SECOND, THIRD, buy, pick, refused, started, wish


def ledger(bench: Workbench, actor: Actor) -> LicenseLedger:
    with bench.ports.reading(actor.account_id) as reading:
        return LicenseLedger(reading.licenses.all(), reading.subscriptions.all())


def held(bench: Workbench, actor: Actor) -> list[str]:
    return sorted(license.product.value for license in ledger(bench, actor).live(bench.clock.now()))


def ticked(bench: Workbench, actor: Actor) -> set[str]:
    with bench.ports.reading(actor.account_id) as reading:
        return set(reading.drafts.get(actor.member_id).rows)


def order_state(bench: Workbench, actor: Actor, order_id: OrderId) -> OrderState:
    with bench.ports.reading(actor.account_id) as reading:
        return reading.orders.get(order_id).state


def by_notice(bench: Workbench, _actor: Actor, _checkout_id: CheckoutId) -> None:
    bench.deliver()


def by_return_page(bench: Workbench, actor: Actor, checkout_id: CheckoutId) -> None:
    with bench.ports.reading(actor.account_id) as reading:
        order = reading.orders.of_checkout(checkout_id)
    assert order is not None
    settle_order(actor.account_id, order.id, bench.ports)


def by_looking(bench: Workbench, _actor: Actor, _checkout_id: CheckoutId) -> None:
    bench.work(timedelta(minutes=2))


def by_all_of_them_twice(bench: Workbench, actor: Actor, checkout_id: CheckoutId) -> None:
    events = bench.payments.take_events()
    for _ in range(2):
        bench.deliver(*events)
        by_return_page(bench, actor, checkout_id)
        bench.work(timedelta(minutes=11))


WAYS = [by_notice, by_return_page, by_looking, by_all_of_them_twice]


@pytest.mark.parametrize("way", WAYS)
def test_a_paid_order_is_fulfilled_exactly_once_whoever_brings_the_news(
    bench: Workbench, owner: Actor, way: Callable[[Workbench, Actor, CheckoutId], None]
) -> None:
    pick(bench, owner, FIRST, Module.PLANNER, AddOn.PLANNER_BOARD)
    pick(bench, owner, SECOND, Module.SAFETY)
    begun = started(buy(bench, owner))
    bench.payments.pay(begun.checkout.id)

    way(bench, owner, begun.checkout.id)
    bench.work()

    assert held(bench, owner) == ["planner", "planner_board", "safety"]
    assert order_state(bench, owner, begun.order.id) is OrderState.FULFILLED
    assert list(ledger(bench, owner).violations(bench.clock.now())) == []
    with bench.ports.reading(owner.account_id) as reading:
        tiles = reading.views.tiles(at=bench.clock.now(), query="", number=1, per_page=10).items
    assert [tile.project.name for tile in tiles] == ["FLUSHING HS - QUEENS", "TOTTENVILLE HS - STATEN ISLAND"]
    assert ticked(bench, owner) == set()


def test_reading_10_projects_of_the_same_name_stay_two_projects(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, SECOND, Module.PLANNER)
    pick(bench, owner, THIRD, Module.PLANNER)
    bench.payments.pay(started(buy(bench, owner)).checkout.id)
    bench.deliver()
    bench.work()

    with bench.ports.reading(owner.account_id) as reading:
        tiles = reading.views.tiles(at=bench.clock.now(), query="", number=1, per_page=10).items
    assert [(tile.project.name, tile.project.number) for tile in tiles] == [
        ("FLUSHING HS - QUEENS", "N0001"),
        ("FLUSHING HS - QUEENS", "N0002"),
    ]


def test_reading_21_there_is_no_trial_what_is_licensed_is_paid(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)
    subscription_id = bench.payments.pay(started(buy(bench, owner)).checkout.id)
    bench.deliver()
    bench.work()

    (license,) = ledger(bench, owner).licenses
    assert [period.payment for period in license.coverage] == [Payment.PAID]
    assert bench.payments.subscription(subscription_id).status is SubscriptionStatus.ACTIVE


def test_reading_22_the_invoice_is_the_quote_in_us_dollars_and_no_tax_is_added(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, FIRST, Module.PLANNER, Module.SAFETY)
    begun = started(buy(bench, owner))
    subscription_id = bench.payments.pay(begun.checkout.id)

    (invoice,) = bench.payments.subscription(subscription_id).invoices
    assert bench.ports.price_book.currency == "usd"
    assert invoice.total_cents == begun.order.quote.total_cents == 89_000


@pytest.mark.parametrize("ending", ["declined", "walked away", "expired"])
def test_reading_20_what_is_not_paid_creates_nothing_and_keeps_the_draft(
    bench: Workbench, owner: Actor, ending: str
) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)
    begun = started(buy(bench, owner))

    if ending == "declined":
        bench.payments.decline(begun.checkout.id)
    if ending == "expired":
        bench.payments.expire(begun.checkout.id)
    bench.deliver()
    bench.work(timedelta(minutes=15))

    assert held(bench, owner) == []
    assert ticked(bench, owner) == {FIRST}
    again = started(buy(bench, owner))
    assert (again.checkout.id == begun.checkout.id) is (ending != "expired")
    bench.payments.pay(again.checkout.id)
    bench.deliver()
    bench.work()
    assert held(bench, owner) == ["planner"]


def test_pressing_checkout_twice_is_one_order_and_one_page(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)

    one, two = started(buy(bench, owner)), started(buy(bench, owner))

    assert one.order.id == two.order.id
    assert one.checkout == two.checkout


def test_a_changed_draft_closes_the_older_page_before_a_new_one_opens(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)
    old = started(buy(bench, owner))
    pick(bench, owner, SECOND, Module.PLANNER)

    new = started(buy(bench, owner))

    with pytest.raises(ValueError, match="expired"):
        bench.payments.pay(old.checkout.id)
    assert order_state(bench, owner, old.order.id) is OrderState.CLOSED
    assert order_state(bench, owner, new.order.id) is OrderState.AWAITING_PAYMENT


def test_an_older_page_that_was_paid_meanwhile_is_fulfilled_and_the_new_order_refused(
    bench: Workbench, owner: Actor
) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)
    old = started(buy(bench, owner))
    pick(bench, owner, SECOND, Module.PLANNER)
    bench.payments.pay(old.checkout.id)

    said = refused(buy(bench, owner))
    bench.work()

    assert said.reason is Reason.ALREADY_PAID
    assert said.way_out is WayOut.PROJECT_CENTRAL
    assert held(bench, owner) == ["planner"]
    assert ticked(bench, owner) == {SECOND}


def test_two_members_cannot_buy_the_same_product_of_a_project_at_once(bench: Workbench, owner: Actor) -> None:
    (company,) = bench.world.companies
    other = bench.sign_in(bench.employ(company, "ed", admin=True), company)
    other = attrs.evolve(other, role=owner.role)
    pick(bench, owner, FIRST, Module.PLANNER)
    pick(bench, other, FIRST, Module.PLANNER)
    started(buy(bench, owner))

    said = refused(buy(bench, other))

    assert said.reason is Reason.IN_OPEN_ORDER
    assert "TOTTENVILLE HS - STATEN ISLAND" in said.message


def test_a_total_that_was_tampered_with_is_refused_and_nothing_happens(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)
    seen = review(owner, bench.ports)
    assert isinstance(seen, Reviewed)
    command = wish(bench, owner, seen)

    said = refused(check_out(attrs.evolve(command, fingerprint="0" * 64), bench.ports))
    other_interval = refused(check_out(attrs.evolve(command, interval=Interval.YEAR), bench.ports))

    assert said.reason is other_interval.reason is Reason.PRICE_CHANGED
    with bench.ports.reading(owner.account_id) as reading:
        assert reading.orders.open() == ()


def test_a_catalog_that_differs_stops_selling_and_keeps_the_draft(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)
    bench.payments.reprice(1, Module.PLANNER, Interval.MONTH, 1)

    said = refused(buy(bench, owner))

    assert said.reason is Reason.CATALOG_DRIFT
    assert ticked(bench, owner) == {FIRST}


@pytest.mark.usefixtures("owner")
def test_an_admin_without_billing_cannot_buy(bench: Workbench) -> None:
    (company,) = bench.world.companies
    admin = bench.sign_in(bench.employ(company, "ed", admin=True), company)
    pick(bench, admin, FIRST, Module.PLANNER)

    said = refused(buy(bench, admin))

    assert said.reason is Reason.ROLE_TOO_LOW
    assert "cannot buy licenses" in said.message


class PageLost(MemoryPayments):
    """Opens the page, but its answer never arrives."""

    lost = False

    def start_checkout(self, order: Order, customer_id: CustomerId, *, return_url: str, cancel_url: str) -> Checkout:
        page = super().start_checkout(order, customer_id, return_url=return_url, cancel_url=cancel_url)
        if not self.lost:
            self.lost = True
            raise PaymentsUnavailable("The answer was lost.", remedy="Try again.")
        return page


def test_an_answer_lost_after_the_page_was_made_is_continued_with_the_same_order_and_page(
    bench: Workbench, owner: Actor
) -> None:
    payments = PageLost(bench.clock)
    payments.publish_catalog(bench.ports.price_book)
    bench = attrs.evolve(bench, payments=payments, ports=attrs.evolve(bench.ports, payments=payments))
    pick(bench, owner, FIRST, Module.PLANNER)

    with pytest.raises(PaymentsUnavailable):
        buy(bench, owner)
    with bench.ports.reading(owner.account_id) as reading:
        (order,) = reading.orders.open()
    begun = started(buy(bench, owner))
    bench.payments.pay(begun.checkout.id)
    bench.deliver()
    bench.work()

    assert order.state is OrderState.OPEN
    assert begun.order.id == order.id
    assert held(bench, owner) == ["planner"]


def test_a_page_the_provider_forgot_does_not_stand_in_the_way(bench: Workbench, owner: Actor) -> None:
    forgetful = Forgetful(bench.clock)
    forgetful.publish_catalog(bench.ports.price_book)
    bench = attrs.evolve(bench, payments=forgetful, ports=attrs.evolve(bench.ports, payments=forgetful))
    pick(bench, owner, FIRST, Module.PLANNER)
    old = started(buy(bench, owner))
    pick(bench, owner, SECOND, Module.PLANNER)
    forgetful.forgotten = old.checkout.id

    new = started(buy(bench, owner))
    bench.work(timedelta(minutes=3))

    assert order_state(bench, owner, old.order.id) is OrderState.CLOSED
    assert order_state(bench, owner, new.order.id) is OrderState.AWAITING_PAYMENT


class Forgetful(MemoryPayments):
    """Has lost one of its pages."""

    forgotten: CheckoutId | None = None

    def checkout(self, checkout_id: CheckoutId) -> CheckoutStatus:
        self._may_know(checkout_id)
        return super().checkout(checkout_id)

    def close_checkout(self, checkout_id: CheckoutId) -> CheckoutStatus:
        self._may_know(checkout_id)
        return super().close_checkout(checkout_id)

    def _may_know(self, checkout_id: CheckoutId) -> None:
        if checkout_id == self.forgotten:
            raise UnknownAtProvider("Never heard of it.", remedy="Start again.")


def test_a_given_up_order_whose_page_was_paid_all_the_same_goes_to_a_person(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)
    begun = started(buy(bench, owner))
    with bench.ports.transaction(owner.account_id) as tx:
        order = tx.orders.get(begun.order.id)
        tx.orders.put(order.after(OrderEvent.REPLACED), replacing=order.version)
    bench.payments.pay(begun.checkout.id)

    bench.deliver()
    bench.work()

    with bench.ports.reading(OPERATOR) as reading:
        (notice,) = reading.jobs.failed()
    assert "was given up, but cs_" in (notice.problem or "")
    assert held(bench, owner) == []


def test_a_bank_that_takes_days_licenses_when_it_pays(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)
    begun = started(buy(bench, owner))
    bench.payments.pay_by_bank(begun.checkout.id)
    bench.deliver()
    bench.work()
    waiting = order_state(bench, owner, begun.order.id), held(bench, owner)

    bench.clock.move(timedelta(days=4))
    bench.payments.bank_answers(begun.checkout.id, paid=True)
    bench.deliver()
    bench.work()

    assert waiting == (OrderState.PROCESSING, [])
    assert held(bench, owner) == ["planner"]


def test_a_bank_that_refuses_licenses_nothing(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)
    begun = started(buy(bench, owner))
    bench.payments.pay_by_bank(begun.checkout.id)
    bench.deliver()
    bench.work()

    bench.payments.bank_answers(begun.checkout.id, paid=False)
    bench.deliver()
    bench.work()

    assert order_state(bench, owner, begun.order.id) is OrderState.CLOSED
    assert held(bench, owner) == []
    assert ticked(bench, owner) == {FIRST}


def test_a_second_subscription_of_the_same_interval_is_kept_and_shown_to_the_operator(
    bench: Workbench, owner: Actor
) -> None:
    for project in (FIRST, SECOND):
        pick(bench, owner, project, Module.PLANNER)
        subscription_id = bench.payments.pay(started(buy(bench, owner)).checkout.id)
        bench.deliver()
        bench.work()
        bench.payments.change_card(bench.payments.subscription(subscription_id).customer_id, StoredCard.NONE)

    assert held(bench, owner) == ["planner", "planner"]
    with bench.ports.reading(OPERATOR) as reading:
        (notice,) = reading.jobs.failed()
    assert "merge" in (notice.problem or "")


def test_a_renewal_that_fails_gives_grace_and_then_suspends(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)
    subscription = bench.payments.pay(started(buy(bench, owner)).checkout.id)
    bench.deliver()
    bench.work()
    bench.clock.move(timedelta(days=32))
    bench.payments.renew(subscription, succeeds=False)
    bench.deliver()
    bench.work()

    (license,) = ledger(bench, owner).licenses
    failed = license.coverage[-1].failed_at

    assert failed is not None
    assert license.state(bench.clock.now()) is LicenseState.GRACE
    assert license.state(failed + timedelta(days=14)) is LicenseState.SUSPENDED


def test_an_untrusted_notice_stores_nothing(bench: Workbench, owner: Actor) -> None:
    body, signature = bench.notices.signed(billing_event(), bench.clock.now())

    for bad_body, bad_signature, late in [
        (body + b" ", signature, timedelta(0)),
        (body, "forged", timedelta(0)),
        (body, signature, timedelta(seconds=301)),
        (body, signature, timedelta(seconds=-61)),
    ]:
        notice = SignedNotice(bad_body, bad_signature)
        with pytest.raises(UntrustedEvent):
            receive_billing_event(notice, at=bench.clock.now() + late, ports=bench.ports)
    assert bench.work() == []
    assert owner is not None


@pytest.mark.usefixtures("owner")
def test_notices_that_come_together_are_judged_one_by_one(bench: Workbench) -> None:
    now = bench.clock.now()
    one, two = (SignedNotice(*bench.notices.signed(billing_event(id), now)) for id in ("event-1", "event-2"))
    forged = SignedNotice(one.body, "forged")

    first, refusal, second, again = receive_billing_events([one, forged, two, one], at=now, ports=bench.ports)

    assert (first, second, again) == (True, True, False)
    assert isinstance(refusal, UntrustedEvent)
    with bench.ports.reading(OPERATOR) as reading:
        assert len(reading.jobs.due(now, 10)) == 2


def test_a_row_that_is_being_paid_by_somebody_else_says_so(bench: Workbench, owner: Actor) -> None:
    (company,) = bench.world.companies
    other = attrs.evolve(bench.sign_in(bench.employ(company, "ed", admin=True), company), role=owner.role)
    pick(bench, owner, FIRST, Module.PLANNER)
    started(buy(bench, owner))

    said: object = pick(bench, other, FIRST, Module.SAFETY)

    assert isinstance(said, Refused)
    assert said.reason is Reason.IN_OPEN_ORDER
