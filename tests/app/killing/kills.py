"""The journey of one company, with kills at places somebody chose."""

from collections.abc import Callable, Iterator
from typing import Final

import attrs
from tests.app.killing import books
from tests.app.killing.customer import AWAY_S, Customer
from tests.app.killing.site import Site
from tests.app.killing.world import Company

from smartapp_adapters.storage import SqlStorage

#: What a customer does, in order.
STEPS: Final = ("sign in", "buy", "buy again", "stop renewal")


@attrs.frozen
class Kill:
    """Die at `barrier`, such as "after provider extend", when it is passed in this step for the first time."""

    step: str
    barrier: str

    def __str__(self) -> str:
        return f"{self.barrier} in {self.step}"


@attrs.define
class Player:
    """
    Plays journeys on a site, one company each.

    Attributes:
        unreached: Kills whose barrier was not passed in their step.
        passed: Which barriers were passed in which step, in order of the first time.

    """

    site: Site
    storage: SqlStorage
    unreached: list[Kill] = attrs.field(factory=list)
    passed: dict[Kill, None] = attrs.field(factory=dict)
    _waiting: list[Kill] = attrs.field(init=False, factory=list)

    def play(self, company: Company, *kills: Kill) -> list[str]:
        """Walk the whole journey, dying where `kills` say, in their order; return what was lost or doubled."""
        self.site.emulator("DELETE", self.site.stripe, "journal")
        customer = Customer(self.site, company, company.admins[0], 0, self._bring_back, self._tend)
        first, second = company.projects[:2]
        acts: dict[str, Callable[[], None]] = {
            "sign in": customer.sign_in,
            "buy": lambda: customer.buy(first, "planner", "safety", "planner_board"),
            "buy again": lambda: customer.buy(second, "planner"),
            "stop renewal": lambda: customer.stop_renewal(first, "Safety"),
        }
        for step in STEPS:
            self._act(step, acts[step], [kill for kill in kills if kill.step == step], company)
        customer.browser.close()
        return [*self._faults(company)]

    def _act(self, step: str, act: Callable[[], None], kills: list[Kill], company: Company) -> None:
        before = len(self.site.reached())
        self._waiting = list(kills)
        self._arm_next()
        act()
        if step != "sign in":
            books.at_rest(self.site, self.storage, company, tend=self._tend)
        if not self.site.disarm():
            self.unreached.append(kills[-len(self._waiting) - 1])
        self.unreached += self._waiting
        self._tend()
        self.passed |= dict.fromkeys(Kill(step, barrier) for barrier in self.site.reached()[before:])

    def _arm_next(self) -> None:
        if self._waiting:
            self.site.arm(self._waiting.pop(0).barrier)

    def _bring_back(self) -> None:
        """Start what died; the customer comes back three minutes later, which is when leases have run out, too."""
        self._tend()
        self.site.await_webs(tend=self._tend)

    def _tend(self) -> None:
        """Start what died, as a supervisor does, whether or not the customer noticed."""
        if self.site.is_hurt:
            if not self.site.armed:  # before anything goes on, so that it meets the next one
                self._arm_next()
            self.site.revive()
            self.site.await_webs(tend=self._tend)
            self.site.later(AWAY_S)

    def _faults(self, company: Company) -> Iterator[str]:
        yield from books.faults(self.site, self.storage, company, books.requests(self.site))
        yield from books.waiting_for_people(self.storage)
        yield from books.written_at_platform(self.site)
        found = books.read(self.storage, company)
        if len(found.licenses) != 4 or len(found.fulfilled) != 2:
            yield f"{len(found.fulfilled)} orders, {len(found.licenses)} licenses"
        if [each.product.label for each in found.licenses if each.ends_at] != ["Safety"]:
            yield "Not exactly Safety ends"
