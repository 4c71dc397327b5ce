"""
The purchase journey with an end at any instruction that matters, and what people and workers do afterwards.

`run` plays it once and crashes at one barrier; then everything is started again on what was stored, and the customer
does what customers do: look at the page again and press the button again while what they wanted is not there.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any, NoReturn

import attrs

from smartapp_domain.billing import Invoice, InvoiceStatus, SubscriptionStatus
from smartapp_domain.catalog import AddOn, Module
from smartapp_domain.identity import Actor
from smartapp_domain.ids import PlatformProjectId, ProjectId, SubscriptionId
from smartapp_domain.ledger import LicenseLedger
from smartapp_domain.licensing import License, LicenseState
from smartapp_domain.mapping import Tick
from smartapp_domain.ordering import Order, OrderState
from smartapp_domain.ports.payments import Payments, PaymentsUnavailable
from smartapp_domain.ports.storage import OPERATOR, Storage
from smartapp_domain.testing.barriers import Barrier, Crash, with_barriers
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.apply_subscription import RESYNC
from smartapp_domain.use_cases.change_renewal import ChangeRenewal, resume_renewal, stop_renewal
from smartapp_domain.use_cases.check_out import CheckOut, CheckoutStarted, check_out
from smartapp_domain.use_cases.give_up import give_up
from smartapp_domain.use_cases.map_projects import tick
from tests.unit.use_cases.journey import FIRST, SECOND, THIRD, accepting, buy, offered, pick

PROJECTS = ("TOTTENVILLE HS - STATEN ISLAND", "FLUSHING HS - QUEENS", "P.S. 26 - BROOKLYN")
#: Every place where the journey may end, before it or after it. A new commit or write has to be added here, so that it
#: is known to be crashed at.
PLACES = {
    "commit change_renewal._change",
    "commit change_renewal._store_told",
    "commit change_renewal.tell_renewal",
    "commit check_out._new_order",
    "commit check_out._open_pay_page",
    "commit check_out._tried_again",
    "commit check_out._with_customer",
    "commit collect_again.collect_again",
    "commit end_unpaid.end_unpaid",
    "commit enter_account._named",
    "commit enter_account._open_account",
    "commit enter_account.identify",
    "commit join_account.join_account",
    "commit map_projects.save_rows",
    "commit receive_billing_event.handle_billing_event",
    "commit receive_billing_event.receive_billing_events",
    "commit refresh_projects.refresh_projects",
    "commit run_job.run_job",
    "commit settle_order._look_again",
    "commit apply_subscription.apply_subscription",
    "commit settle_order.drop_order",
    "commit fulfill_order.fulfill_order",
    "commit settle_order.store_payment",
    "provider close_checkout",
    "provider close_extension",
    "provider collect_again",
    "provider customer",
    "provider end_unpaid",
    "provider extend",
    "provider set_renewal",
    "provider start_checkout",
}
_PEOPLE = "no money: one transaction about people and their rights, which is done or not"
_OPERATOR = "an operator's command: one transaction, which is done or not"
#: Where sign-ins end; that module holds its places against this one.
SIGN_INS = "who is signed in: played in tests/app/web/test_crashed_sign_ins.py"
#: Where no journey of this file ends, a place or a whole module, and why that is none.
NOT_PLAYED = {
    "commit add_project": "no money: one transaction each, which is done or not",
    "commit change_renewal._tell_again_unless": "only asks for a job once more; played in test_telling_late.py",
    "commit change_renewal.check_renewal": "only tells people that the books differ, which they never do here",
    "commit invite_people": _PEOPLE,
    "commit keyed_requests": "the API's keys: played in tests/app/api/test_idempotency.py",
    "commit manage_members": _PEOPLE,
    "commit open_card_page": "no money: one line of the trail, before the page is shown",
    "commit own_access": _PEOPLE,
    "commit refresh_projects.look_if_old": "no money: only asks for a fresh list of projects",
    "commit refresh_projects.look_now": "no money: only asks for a fresh list of projects",
    "commit refresh_projects._tell": "no money: the projects of an account that may not be listed",
    "commit run_job.hand_back": "a worker that stops instead of crashing: played in tests/app/workers",
    "commit smartapp_http.sessions._seen": SIGN_INS,
    "commit smartapp_http.sessions._used": SIGN_INS,
    "commit smartapp_http.sessions.begin": SIGN_INS,
    "commit smartapp_http.sessions.end": SIGN_INS,
    "commit smartapp_http.sessions.entered": SIGN_INS,
    "commit smartapp_http.sessions.signed_in": SIGN_INS,
    "commit smartapp_http.sessions.take_state": SIGN_INS,
    "commit smartapp_http.sessions.visitor": "forgets a session no key opens, or the next request does",
    "commit smartapp_workers.leases.renew": "a lease that is not renewed runs out: played in tests/app/workers",
    "commit smartapp_workers.operating.resolve_job": _OPERATOR,
    "commit smartapp_workers.operating.retry_job": _OPERATOR,
    "commit work": "the hints of a person or a worker, which hold no data",
    "provider card_page": "a page where nothing is paid; one too many expires at the provider",
    "provider publish_catalog": "an operator's command, before anything is sold",
}
#: More tries than any single crash can make necessary.
TRIES = 6


@attrs.frozen
class OutOfReach:
    """A provider that answers what is asked, and can be told neither to charge nor to open a page."""

    inner: Payments

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def extend(self, order: Order) -> NoReturn:
        raise PaymentsUnavailable(f"No way to {order.id}.", remedy="Try again.")

    def start_checkout(self, order: Order, *_: object, **__: object) -> NoReturn:
        raise PaymentsUnavailable(f"No page for {order.id}.", remedy="Try again.")


@attrs.define
class Journey:
    """One customer's way, on ports that may crash; `reached` lists the barriers in order."""

    bench: Workbench
    crash_at: int | None = None
    reached: list[Barrier] = attrs.field(factory=list)
    refused: list[SubscriptionId] = attrs.field(factory=list)

    @classmethod
    def on(cls, storage: Storage, crash_at: int | None = None) -> "Journey":
        calm = Workbench.of(storage)
        journey = cls(calm, crash_at)
        journey.bench = attrs.evolve(calm, ports=with_barriers(calm.ports, journey._reach))
        return journey

    def _reach(self, barrier: Barrier) -> None:
        self.reached.append(barrier)
        if len(self.reached) - 1 == self.crash_at:
            raise Crash(str(barrier))

    def run(self) -> None:
        """Play all steps; each is done again, as people do, when it ended in the middle."""
        company = self.bench.company("77", *PROJECTS)
        person = self.bench.employ(company, "dana", admin=True)
        owner = self._until(lambda: self.bench.sign_in(person, company), lambda: True)
        assert owner is not None
        self._until(lambda: pick(self.bench, owner, SECOND, Module.PLANNER), lambda: True)
        self._until(lambda: self._changed_mind(owner), lambda: self._nothing_open(owner))
        self._until(lambda: self._refused_purchase(owner), lambda: bool(self.refused) and self._settle())
        self._until(lambda: tick(owner, [Tick(SECOND, None, on=False)], self.bench.ports), lambda: True)
        for project, products in (
            (FIRST, (Module.PLANNER, Module.SAFETY, AddOn.PLANNER_BOARD)),
            (SECOND, (Module.PLANNER,)),
        ):
            self._until(lambda p=project, q=products: pick(self.bench, owner, p, *q), lambda: True)  # type: ignore[misc]
            wanted = {(project, product) for product in products}
            self._until(lambda: self._purchase(owner), lambda w=wanted: w <= self._held(owner))  # type: ignore[misc]
            self.bench.clock.move(timedelta(days=5))
        self._until(lambda: pick(self.bench, owner, THIRD, Module.PLANNER), lambda: True)
        self._until(lambda: self._unanswered(owner), lambda: self._nothing_open(owner))
        self._until(lambda: self._declined(owner), lambda: self._nothing_open(owner))
        self._until(lambda: self._purchase(owner), lambda: (THIRD, Module.PLANNER) in self._held(owner))
        first = self._project(owner, FIRST)
        self._until(lambda: stop_renewal(ChangeRenewal(owner, first), self.bench.ports), self._settle)
        self._until(lambda: resume_renewal(ChangeRenewal(owner, first), self.bench.ports), self._settle)
        self._until(
            lambda: stop_renewal(ChangeRenewal(owner, first, frozenset({Module.SAFETY})), self.bench.ports),
            self._settle,
        )
        self._check(owner)
        self._pay_late(owner)

    def _until(self, step: Callable[[], object], done: Callable[[], bool]) -> Actor | None:
        for _ in range(TRIES):
            answer: object = None
            try:
                answer = step()
                finished = done()
            except Crash:
                self.bench.clock.move(timedelta(minutes=3))  # it is started again, and people come back
                continue
            if finished:
                return answer if isinstance(answer, Actor) else None
        raise AssertionError(f"{TRIES} tries did not get there after a crash {self._where()}.")

    def _where(self) -> str:
        return "nowhere" if self.crash_at is None else str(self.reached[self.crash_at])

    def _purchase(self, owner: Actor) -> None:
        """Press Checkout, pay whatever page there is, and let everything settle."""
        result = buy(self.bench, owner)
        if isinstance(result, CheckoutStarted) and result.order.state is OrderState.AWAITING_PAYMENT:
            pay = self.bench.payments.pay_invoice if result.order.extends else self.bench.payments.pay
            with suppress(ValueError):  # paid before the crash: the page sends one straight back
                pay(result.checkout.id)
        self._settle()

    def _changed_mind(self, owner: Actor) -> None:
        """Give up what never got a page, choose one more while a pay page is open, and give up the other page, too."""
        self._press_out_of_reach(accepting(owner, offered(self.bench, owner)))
        self._give_up(owner)
        buy(self.bench, owner)
        pick(self.bench, owner, FIRST, Module.PLANNER)
        buy(self.bench, owner)
        tick(owner, [Tick(FIRST, None, on=False)], self.bench.ports)
        self._give_up(owner)

    def _unanswered(self, owner: Actor) -> None:
        """Press while the provider is out of reach, once more a minute later, and leave it at that."""
        wanted = accepting(owner, offered(self.bench, owner))
        for _ in range(2):
            self._press_out_of_reach(wanted)
            self.bench.work(timedelta(minutes=1))

    def _press_out_of_reach(self, wanted: CheckOut) -> None:
        payments: Any = OutOfReach(self.bench.ports.payments)
        with suppress(PaymentsUnavailable):
            check_out(wanted, attrs.evolve(self.bench.ports, payments=payments))

    def _declined(self, owner: Actor) -> None:
        """Have a card that is declined, and give up instead of paying on the invoice's page."""
        with self.bench.ports.reading(owner.account_id) as reading:
            (subscription,) = reading.subscriptions.all()
        self.bench.payments.change_card(self.bench.payments.subscription(subscription.id).customer_id, "declines")
        buy(self.bench, owner)
        self._give_up(owner)

    def _pay_late(self, owner: Actor) -> None:
        """Let a renewal fail for good and another period pass, and pay the invoice that stopped everything."""
        with self.bench.ports.reading(owner.account_id) as reading:
            (bought,) = (each.id for each in reading.subscriptions.all())
        self._pass_period(bought, succeeds=False)
        self.bench.payments.become(bought, SubscriptionStatus.UNPAID)
        self._pass_period(bought)
        before = len(self.bench.payments.subscription(bought).invoices)
        self.bench.payments.pay_open_invoice(bought)
        self._until(self._settle, lambda: self._next_look() and not self._running(bought).is_set_aside)
        assert self._running(bought).status is InvoiceStatus.OPEN, self._where()
        self.bench.payments.retry(bought, succeeds=True)
        self._until(self._settle, self._next_look)
        now = self.bench.clock.now()
        with self.bench.ports.reading(owner.account_id) as reading:
            states = [each.state(now) for each in reading.licenses.all()]
        with self.bench.ports.reading(OPERATOR) as reading:
            assert reading.jobs.failed() == (), self._where()
        assert set(states) == {LicenseState.ACTIVE, LicenseState.ENDED}, self._where()
        assert len(self.bench.payments.subscription(bought).invoices) == before, self._where()

    def _pass_period(self, bought: SubscriptionId, *, succeeds: bool | None = None) -> None:
        end = self.bench.payments.subscription(bought).period_end
        assert end is not None
        self.bench.clock.move(end - self.bench.clock.now())
        self.bench.payments.renew(bought, succeeds=succeeds)
        self._until(lambda: None, self._settle)

    def _running(self, bought: SubscriptionId) -> Invoice:
        """Return the invoice of the period that runs."""
        return self.bench.payments.subscription(bought).invoices[-1]

    def _give_up(self, owner: Actor) -> None:
        for order in self._open(owner):
            give_up(owner, order.id, self.bench.ports)

    def _open(self, owner: Actor) -> tuple[Order, ...]:
        with self.bench.ports.reading(owner.account_id) as reading:
            return reading.orders.open()

    def _nothing_open(self, owner: Actor) -> bool:
        return self._settle() and not self._open(owner)

    def _refused_purchase(self, owner: Actor) -> None:
        """Pay from a bank account, and let the bank refuse days later."""
        if self.refused:
            return
        result = buy(self.bench, owner)
        assert isinstance(result, CheckoutStarted)
        subscription_id = self.bench.payments.pay_by_bank(result.checkout.id)
        self.refused.append(subscription_id)
        self.bench.payments.bank_answers(result.checkout.id, paid=False)

    def _settle(self) -> bool:
        self.bench.deliver()
        self.bench.work(timedelta(minutes=3))
        return True

    def _next_look(self) -> bool:
        """Wait for the look that makes good for a notice that was lost."""
        self.bench.work(RESYNC)
        return self._settle()

    def _held(self, owner: Actor) -> set[tuple[PlatformProjectId, object]]:
        return set(self._licensed(owner))

    def _licensed(self, owner: Actor) -> Iterator[tuple[PlatformProjectId, object]]:
        with self.bench.ports.reading(owner.account_id) as reading:
            for platform_id in (FIRST, SECOND, THIRD):
                mapping = reading.mappings.of_platform_project(platform_id)
                held = reading.licenses.of_projects([mapping.project_id]) if mapping else ()
                yield from ((platform_id, license.product) for license in held)

    def _project(self, owner: Actor, platform_id: PlatformProjectId) -> ProjectId:
        with self.bench.ports.reading(owner.account_id) as reading:
            mapping = reading.mappings.of_platform_project(platform_id)
        assert mapping is not None
        return mapping.project_id

    def _check(self, owner: Actor) -> None:
        """Nothing is lost and nothing is doubled, in our books and in the provider's."""
        now = self.bench.clock.now()
        with self.bench.ports.reading(owner.account_id) as reading:
            licenses, stored = reading.licenses.all(), reading.subscriptions.all()
            assert reading.orders.open() == (), self._where()
            assert len(reading.projects.unlinked()) == 0, self._where()
        with self.bench.ports.reading(OPERATOR) as reading:
            assert reading.jobs.failed() == (), self._where()
        assert sorted(self._licensed(owner), key=str) == sorted(set(self._licensed(owner)), key=str), self._where()
        assert len(licenses) == 5, self._where()
        assert list(LicenseLedger(licenses, stored).violations(now)) == [], self._where()
        (subscription,) = stored
        theirs = self.bench.payments.subscription(subscription.id)
        assert not any(self.bench.payments.subscription(each).is_live for each in self.refused), self._where()
        assert [each.status for each in theirs.invoices].count(InvoiceStatus.PAID) == 3, self._where()
        assert {each.status for each in theirs.invoices} <= {InvoiceStatus.PAID, InvoiceStatus.VOID}, self._where()
        assert theirs.invoices[0].total_cents == 29_500 + 59_500, self._where()
        assert _released(licenses) == {Module.SAFETY}, self._where()


def _released(licenses: tuple[License, ...]) -> set[object]:
    return {license.product for license in licenses if license.ends_at is not None}
