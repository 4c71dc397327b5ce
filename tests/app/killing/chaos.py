"""
Customers of several companies at once, while a web server and a worker are killed every few seconds.

Everything is bounded: rounds, time and requests; everything stays on this machine.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

import attrs
from tests.app.killing import books
from tests.app.killing.customer import Customer, LostPatience
from tests.app.killing.site import Site
from tests.app.killing.world import Company

from smartapp_adapters.storage import SqlStorage
from smartapp_domain.identity import Role

#: Business time that passes at once, every now and then: what waits for a lost answer is looked at again. Long enough
#: for the provider's limit of 20 new invoices a day, which nobody but these customers would meet.
_LEAP_S: Final = 3 * 3600.0
_LEAP_EVERY_S: Final = 10.0
#: Leaps after the last kill, so that everything that waits comes due.
_LEAPS_AT_THE_END: Final = 3
#: What a busy machine may take longer, so that each company has bought something and each kind was killed.
_LONGER_S: Final = 90.0
#: How long customers may take to finish what they have begun.
_FINISH_WITHIN_S: Final = 60.0
_DAY_S: Final = 26 * 3600.0


@attrs.frozen
class Plan:
    """
    How much is done to a site.

    Attributes:
        seconds: How long kills go on and new rounds begin.
        kill_every_s: From when all web servers answer to the next kill: of one of them or of one worker, in turn.

    """

    seconds: float
    kill_every_s: float
    seed: int = 1


@attrs.define
class Figures:
    """What happened, to be reported; `faults` is empty when every promise was kept."""

    seconds: float = 0.0
    kills: dict[str, int] = attrs.Factory(lambda: {"serve": 0, "worker": 0})
    bought: int = 0
    stopped: int = 0
    gave_up: list[str] = attrs.field(factory=list)
    orders: int = 0
    licenses: int = 0
    faults: list[str] = attrs.field(factory=list)


@attrs.define
class Chaos:
    site: Site
    storage: SqlStorage
    companies: tuple[Company, ...]
    plan: Plan
    figures: Figures = attrs.Factory(Figures)
    held: list[tuple[int, str, int]] = attrs.field(init=False, factory=list)
    """What customers saw licensed: company, project, number of products."""
    _asked: dict[int, Any] = attrs.field(init=False, factory=dict)
    _begun: dict[int, threading.Event] = attrs.field(init=False)
    _over: threading.Event = attrs.field(init=False, factory=threading.Event)
    _lock: threading.Lock = attrs.field(init=False, factory=threading.Lock)

    def __attrs_post_init__(self) -> None:
        self._begun = {company.id: threading.Event() for company in self.companies}

    def run(self) -> Figures:
        """Let customers loose and kill; then let everything settle and compare all books."""
        began = time.monotonic()
        people = [(company, seat) for company in self.companies for seat in range(len(company.admins))]
        with ThreadPoolExecutor(len(people)) as threads:
            lives = [threads.submit(self._live, company, seat) for company, seat in people]
            self._kill(lives)
        self.figures.seconds = time.monotonic() - began
        self._settle()
        for life in lives:
            life.result()
        for company in self.companies:
            self._compare(company)
        self.figures.faults += books.waiting_for_people(self.storage)
        self.figures.faults += books.written_at_platform(self.site)
        return self.figures

    def _kill(self, lives: list["Future[None]"]) -> None:
        """Kill one process at a time until time is up, then keep everything running until all customers are done."""
        chance, turn = random.Random(self.plan.seed), 0  # noqa: S311 - which process dies is no secret
        ends = time.monotonic() + self.plan.seconds
        kill_at, leap_at = time.monotonic() + self.plan.kill_every_s, time.monotonic() + _LEAP_EVERY_S
        while not all(life.done() for life in lives) and time.monotonic() < ends + _LONGER_S + _FINISH_WITHIN_S:
            time.sleep(0.1)
            self.site.revive()
            moment = time.monotonic()
            if moment >= ends + _LONGER_S or (moment >= ends and self._seen_enough):
                self._over.set()
            elif not self.site.answers:
                kill_at = moment + self.plan.kill_every_s
            elif moment >= kill_at:
                kind = ("serve", "worker")[turn % 2]
                chance.choice([each for each in self.site.programs if kind in each.command]).kill()
                self.figures.kills[kind] += 1
                turn, kill_at = turn + 1, moment + self.plan.kill_every_s
            if moment >= leap_at:
                self.site.later(_LEAP_S)
                self._read_journal()
                leap_at = moment + _LEAP_EVERY_S
        self._over.set()

    def _live(self, company: Company, seat: int) -> None:
        """Be one admin: add projects one after the other, and stop renewing every third."""
        mine = company.projects[seat :: len(company.admins)]
        customer = Customer(
            self.site, company, company.admins[seat], seat % self.site.webs, lambda: None, lambda: None, patience_s=8
        )
        customer.hurt = lambda: self._go_elsewhere(customer)
        begun = self._begun[company.id]
        try:
            if self._try(customer.sign_in):
                self._let_them_buy(company)
            for number, project in enumerate(mine):
                if self._over.is_set():
                    return
                if self._add(customer, number, project):
                    begun.set()
        finally:
            customer.browser.close()

    def _let_them_buy(self, company: Company) -> None:
        """Give every admin who has arrived billing rights, as the owner would: else one of a company buys alone."""
        account = books.account_of(self.storage, company)
        with self.storage.transaction(account.id) as tx:
            for member in tx.members.all():
                if member.role is Role.ADMIN:
                    after = attrs.evolve(member, role=Role.ADMIN_WITH_BILLING, version=member.version + 1)
                    tx.members.put(after, replacing=member.version)

    def _add(self, customer: Customer, number: int, project: int) -> bool:
        products = ("planner", "safety") if number % 2 else ("planner",)
        if not self._try(lambda: customer.buy(project, *products)):
            return False
        with self._lock:
            self.figures.bought += 1
            self.held.append((customer.company.id, str(project), len(products)))
        if number % 3 == 1 and self._try(lambda: customer.stop_renewal(project, "Planner")):
            with self._lock:
                self.figures.stopped += 1
        return True

    def _try(self, act: Callable[[], None]) -> bool:
        """Do it; who loses patience while another admin is paying, or the site is gone, goes on with something else."""
        try:
            act()
        except LostPatience as error:
            with self._lock:
                self.figures.gave_up.append(str(error)[:2_000])
            return False
        return True

    @property
    def _seen_enough(self) -> bool:
        """Whether each company has bought something and each kind of process was killed."""
        return all(each.is_set() for each in self._begun.values()) and all(self.figures.kills.values())

    def _go_elsewhere(self, customer: Customer) -> None:
        """Go on at another web server, as a load balancer would see to; when time is up, drop everything."""
        if self._over.is_set():
            raise LostPatience("Time is up.")
        time.sleep(0.5)
        customer.web = (customer.web + 1) % self.site.webs

    def _settle(self) -> None:
        """Let everything that waits come due: first what was under way, then, a day later, pages nobody paid."""
        for leap_s in (*[_LEAP_S] * _LEAPS_AT_THE_END, _DAY_S):
            self.site.later(leap_s)
            books.at_rest(self.site, self.storage, *self.companies, tend=lambda: None, within_s=2)
        books.at_rest(self.site, self.storage, *self.companies, tend=lambda: None)
        self._read_journal()

    def _read_journal(self) -> None:
        """Note what the provider was asked since; it forgets what is older than five thousand requests."""
        asked = self.site.emulator("GET", self.site.stripe, "journal", params={"limit": 5_000})["requests"]
        self._asked |= {each["number"]: each for each in asked}

    def _compare(self, company: Company) -> None:
        found = books.read(self.storage, company)
        self.figures.orders += len(found.fulfilled)
        self.figures.licenses += len(found.licenses)
        self.figures.faults += books.faults(self.site, self.storage, company, self._asked.values())
        licensed = Counter(str(item.platform_project_id) for order in found.fulfilled for item, _ in order.sold)
        self.figures.faults += [
            f"a customer saw {project} licensed for {products} products, the ledger has {licensed[project]}"
            for company_id, project, products in self.held
            if company_id == company.id and licensed[project] != products
        ]
