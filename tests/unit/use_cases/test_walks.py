"""
Random walks through the use cases.

After every step the ledger's invariants hold at rest, and the state a page would show equals one computed here from
the provider's invoices alone, with no help from `smartapp_domain.licensing`.
"""

import os
from datetime import datetime, timedelta

import attrs
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from smartapp_domain.billing import Invoice, InvoiceLine, InvoiceStatus, Subscription, SubscriptionStatus
from smartapp_domain.catalog import PRODUCTS, Interval, Module, Product
from smartapp_domain.identity import Actor
from smartapp_domain.ids import CheckoutId, PlatformProjectId
from smartapp_domain.ledger import LicenseLedger
from smartapp_domain.licensing import License, LicenseState
from smartapp_domain.mapping import Tick
from smartapp_domain.ports.storage import Storage
from smartapp_domain.testing.memory import MemoryStorage
from smartapp_domain.testing.payments_cards import StoredCard
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.apply_subscription import apply_subscription
from smartapp_domain.use_cases.change_renewal import ChangeRenewal, resume_renewal, stop_renewal
from smartapp_domain.use_cases.check_out import CheckoutStarted
from smartapp_domain.use_cases.give_up import give_up
from smartapp_domain.use_cases.map_projects import tick
from tests.unit.use_cases.journey import FIRST, SECOND, THIRD, Slow, buy, settled

PROJECTS = [FIRST, SECOND, THIRD]
DAY = timedelta(days=1)
GRACE_DAYS = 14


def shown_by_invoices(subscription: Subscription, license: License, at: datetime) -> LicenseState:
    """Return what a bookkeeper would say who has the invoices, and knows what was bought and released when."""
    over = [moment for moment in (subscription.ended_at, license.ends_at) if moment is not None]
    if over and min(over) <= at:
        return LicenseState.ENDED
    lines = [(i, line) for i in subscription.invoices for line in i.lines if bought_by(line, license)]
    good = LicenseState.ENDING if license.ends_at else LicenseState.ACTIVE
    paid_until = max((line.period_end for i, line in lines if i.status is InvoiceStatus.PAID), default=at - 999 * DAY)
    if at < paid_until:
        return good
    end = max(line.period_end for _, line in lines)
    if any(
        is_lost(i, subscription) for i, line in lines if at < line.period_end or paid_until < line.period_end == end
    ):
        return LicenseState.SUSPENDED
    owed = [i for i, line in lines if line.period_end > paid_until and not is_lost(i, subscription)]
    failed = [i.failed_at for i in owed if i.failed_at is not None]
    since = min(failed) if failed else (end if at >= end else None)
    if since is None:
        return good
    return LicenseState.GRACE if at < since + GRACE_DAYS * DAY else LicenseState.SUSPENDED


def bought_by(line: InvoiceLine, license: License) -> bool:
    """Tell what a line charges for: the rest of a period for one purchase, a whole period for all before it."""
    if line.product is not license.product or line.is_credit or not line.quantity:
        return False
    if line.is_proration:
        return line.period_start == license.paid_from
    return line.period_start >= license.paid_from and (license.ends_at is None or line.period_start < license.ends_at)


def is_lost(invoice: Invoice, subscription: Subscription) -> bool:
    """Tell whether nobody tries to collect an invoice any more."""
    gave_up = subscription.status is SubscriptionStatus.UNPAID and invoice.failed_at is not None
    closed = (InvoiceStatus.VOID, InvoiceStatus.UNCOLLECTIBLE, InvoiceStatus.DRAFT)
    return gave_up or invoice.status in closed


class Customers(RuleBasedStateMachine):
    """Two members of one company tick, buy, pay, decline and walk away; notices come late, twice and out of order."""

    def fresh_storage(self) -> Storage:
        return MemoryStorage()

    @initialize()
    def begin(self) -> None:
        self.bench = Workbench.of(self.fresh_storage())
        company = self.bench.company("77", "TOWER", "BRIDGE", "BRIDGE")
        owner = self.bench.sign_in(self.bench.employ(company, "dana", admin=True), company)
        other = self.bench.sign_in(self.bench.employ(company, "ed", admin=True), company)
        self.actors: list[Actor] = [owner, attrs.evolve(other, role=owner.role)]
        self.pages: list[CheckoutId] = []
        self.invoices: list[CheckoutId] = []
        self.held_back: list[object] = []

    @rule(
        who=st.integers(0, 1),
        project=st.sampled_from(PROJECTS),
        product=st.one_of(st.none(), st.sampled_from(PRODUCTS)),
        on=st.booleans(),
    )
    def tick(self, who: int, project: PlatformProjectId, product: Product | None, on: bool) -> None:  # noqa: FBT001 - drawn
        tick(self.actors[who], [Tick(project, product, on=on)], self.bench.ports)

    @rule(
        who=st.integers(0, 1),
        interval=st.sampled_from([Interval.MONTH, Interval.MONTH, Interval.YEAR]),
        also=st.lists(st.tuples(st.sampled_from(PROJECTS), st.sampled_from(PRODUCTS)), max_size=3),
        then=st.sampled_from(["pays", "pays", "pays", "is declined", "waits"]),
    )
    def check_out(self, who: int, interval: Interval, also: list[tuple[PlatformProjectId, Product]], then: str) -> None:
        """Go to a pay page, ticking a little more on the way: a walk that ticks blindly seldom comes that far."""
        for project, product in also:
            tick(self.actors[who], [Tick(project, product, on=True)], self.bench.ports)
        result = buy(self.bench, self.actors[who], interval)
        if not isinstance(result, CheckoutStarted):
            event(f"checkout was refused: {result.reason.value}")
            return
        extends = result.order.extends is not None
        event(f"an order {'extends' if extends else 'begins'} a subscription: {result.order.state.value}")
        (self.invoices if extends else self.pages).append(result.checkout.id)
        if then != "waits" and not extends:
            self.visit_a_page(0, then == "pays")

    @precondition(lambda self: self.pages)
    @rule(back=st.integers(0, 3), pays=st.booleans())
    def visit_a_page(self, back: int, pays: bool) -> None:  # noqa: FBT001 - drawn
        page = self.pages[-1 - back % len(self.pages)]
        try:
            if pays:
                self.bench.payments.pay(page)
            else:
                self.bench.payments.decline(page)
        except ValueError:
            event("a closed page was visited")

    @precondition(lambda self: self.invoices)
    @rule(back=st.integers(0, 3))
    def pay_an_invoice(self, back: int) -> None:
        """Pay by hand what the stored card did not, if it can still be paid."""
        try:
            self.bench.payments.pay_invoice(self.invoices[-1 - back % len(self.invoices)])
        except ValueError:
            event("a closed invoice was visited")

    @rule(who=st.integers(0, 1))
    def give_up(self, who: int) -> None:
        with self.bench.ports.reading(self.actors[who].account_id) as reading:
            mine = [each for each in reading.orders.open() if each.member_id == self.actors[who].member_id]
        for order in mine:
            give_up(self.actors[who], order.id, self.bench.ports)

    @rule(card=st.sampled_from([StoredCard.GOOD, StoredCard.DECLINES, StoredCard.CONFIRMS, StoredCard.NONE]))
    def change_card(self, card: StoredCard) -> None:
        for subscription in self._subscriptions():
            self.bench.payments.change_card(subscription.customer_id, card)

    @rule(project=st.integers(0, 2), module=st.sampled_from([None, Module.PLANNER, Module.SAFETY]), again=st.booleans())
    def change_renewal(self, project: int, module: Module | None, again: bool) -> None:  # noqa: FBT001 - drawn
        with self.bench.ports.reading(self.actors[0].account_id) as reading:
            held = sorted({license.project_id for license in reading.licenses.all()})
        if held:
            chosen = held[project % len(held)]
            wish = ChangeRenewal(self.actors[0], chosen, frozenset({module}) if module else None)
            changed = (resume_renewal if again else stop_renewal)(wish, self.bench.ports)
            event(f"{'resuming' if again else 'stopping'}: {type(changed).__name__}")

    @rule(project=st.integers(0, 2), again=st.booleans(), succeeds=st.sampled_from([True, False, None]))
    def change_renewal_in_the_last_second(self, project: int, again: bool, succeeds: bool | None) -> None:  # noqa: FBT001 - drawn
        """Stop or resume just before a period ends: the provider renews before anybody tells it."""
        ending = [each.items[0].period_end for each in self._subscriptions() if each.is_live]
        if ending:
            self.bench.clock.move(max(min(ending) - self.bench.clock.now() - timedelta(seconds=1), timedelta(0)))
            self.change_renewal(project, None, again)
            self.bench.clock.move(timedelta(seconds=1))
            self._renew(succeeds)

    @rule(order=st.randoms(use_true_random=False), twice=st.booleans(), keep=st.booleans())
    def notices_arrive(self, order: object, twice: bool, keep: bool) -> None:  # noqa: FBT001 - drawn
        events = [*self.held_back, *self.bench.payments.take_events()]
        order.shuffle(events)  # type: ignore[attr-defined]
        self.held_back = events[:1] if keep else []
        for notice in [*events, *(events if twice else [])]:
            self.bench.deliver(notice)  # type: ignore[arg-type]

    @rule(minutes=st.integers(0, 40))
    def workers_run(self, minutes: int) -> None:
        self.bench.work(timedelta(minutes=minutes))

    @rule(days=st.sampled_from([1, 13, 14, 16, 31, 40]), succeeds=st.sampled_from([True, False, None]))
    def days_pass(self, days: int, succeeds: bool | None) -> None:  # noqa: FBT001 - drawn
        """Let time pass; what is to be renewed is paid or not, or was not tried yet (`None`)."""
        self.bench.clock.move(days * DAY)
        self._renew(succeeds)

    def _renew(self, succeeds: bool | None) -> None:  # noqa: FBT001 - drawn
        for subscription in self._subscriptions():
            if subscription.is_live and self.bench.clock.now() >= subscription.items[0].period_end:
                self.bench.payments.renew(subscription.id, succeeds=succeeds, tried=succeeds is not None)

    @rule(succeeds=st.booleans())
    def the_provider_tries_again(self, succeeds: bool) -> None:  # noqa: FBT001 - drawn
        for subscription in self._subscriptions():
            tries = succeeds or subscription.status is not SubscriptionStatus.UNPAID  # then only people pay
            if tries and subscription.is_live and any(i.status is InvoiceStatus.OPEN for i in subscription.invoices):
                self.bench.payments.retry(subscription.id, succeeds=succeeds)

    @rule(who=st.integers(0, 5), news=st.sampled_from(["paid", "refused", "canceled"]))
    def an_answer_comes_late(self, who: int, news: str) -> None:
        """Let a worker be so slow that others hear the next news, and do all their work, before it stores its own."""
        known = [each for each in self._subscriptions() if each.is_live]
        if not known:
            return
        subscription = known[who % len(known)]

        def meanwhile() -> None:
            if news == "canceled":
                self.bench.payments.become(subscription.id, SubscriptionStatus.CANCELED)
            elif any(invoice.status is InvoiceStatus.OPEN for invoice in subscription.invoices):
                self.the_provider_tries_again(news == "paid")
            settled(self.bench)

        slow = Slow(self.bench.payments, meanwhile)
        apply_subscription(self.actors[0].account_id, subscription.id, slow.within(self.bench.ports))

    @rule()
    def the_provider_stops_collecting(self) -> None:
        for subscription in self._subscriptions():
            if subscription.status is SubscriptionStatus.PAST_DUE:
                self.bench.payments.become(subscription.id, SubscriptionStatus.UNPAID)

    def _subscriptions(self) -> list[Subscription]:
        with self.bench.ports.reading(self.actors[0].account_id) as reading:
            known = reading.subscriptions.all()
        return [self.bench.payments.subscription(subscription.id) for subscription in known]

    def _ticked(self) -> set[PlatformProjectId]:
        with self.bench.ports.reading(self.actors[0].account_id) as reading:
            return {project for actor in self.actors for project in reading.drafts.get(actor.member_id).rows}

    def _locked(self, at: datetime) -> set[PlatformProjectId]:
        with self.bench.ports.reading(self.actors[0].account_id) as reading:
            rows = reading.views.mapping_rows(self.actors[0].member_id, PROJECTS, at=at)
        return {project for project, row in rows.items() if row.licenses}

    @invariant()
    def after_all_news_the_books_agree(self) -> None:
        """Bring everybody up to date on a copy of nothing: news first, then compare."""
        if not hasattr(self, "bench"):
            return
        self.bench.deliver(*self.bench.payments.take_events(), *self.held_back)  # type: ignore[arg-type]
        self.held_back = []
        self.bench.work(timedelta(minutes=3))
        now = self.bench.clock.now()
        with self.bench.ports.reading(self.actors[0].account_id) as reading:
            ledger = LicenseLedger(reading.licenses.all(), reading.subscriptions.all())
            open_orders = reading.orders.open()
        assert list(ledger.violations(now)) == []
        claims = [claim for order in open_orders for claim in order.claims]
        assert len(claims) == len(set(claims))
        assert not self._ticked() & self._locked(now)
        for license in ledger.licenses:
            event(f"a license was {license.state(now).value}")
            theirs = self.bench.payments.subscription(license.subscription_id)
            assert license.state(now) is shown_by_invoices(theirs, license, now)
            assert license.change_sent


#: How many walks; the campaign asks for more.
WALKS = int(os.environ.get("SMARTAPP_WALKS", "120"))

Customers.TestCase.settings = settings(max_examples=WALKS, stateful_step_count=30, deadline=None)
TestCustomers = Customers.TestCase
