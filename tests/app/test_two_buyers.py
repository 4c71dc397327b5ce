"""Two admins of one company press the button at the same moment, for projects that overlap."""

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest
from tests.servers.storages import Fresh
from tests.unit.use_cases.journey import FIRST, SECOND, THIRD, accepting, buy, offered, pick, settled, started

from smartapp_domain.catalog import Module
from smartapp_domain.decisions import Reason, Refused
from smartapp_domain.identity import Actor, Role
from smartapp_domain.ids import PlatformProjectId
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.check_out import CheckOut, CheckoutStarted, check_out
from smartapp_domain.use_cases.manage_members import About, RoleChanged, change_role

NAMES = ("TOTTENVILLE HS", "FLUSHING HS", "P.S. 26")
#: Threads interleave otherwise each time; every round is a company of its own.
ROUNDS = 4


@pytest.fixture(params=["sqlite", "postgres"])
def fresh(request: pytest.FixtureRequest) -> Fresh:
    """Return what gives a storage with no rows, each time it is called."""
    make: Fresh = request.getfixturevalue(f"fresh_{request.param}")
    return make


@attrs.frozen
class Pair:
    """Two admins who may buy, and know nothing of each other."""

    bench: Workbench
    dana: Actor
    pat: Actor

    @classmethod
    def on(cls, bench: Workbench) -> "Pair":
        company = bench.company("77", *NAMES)
        dana = bench.sign_in(bench.employ(company, "dana", admin=True), company)
        pat = bench.sign_in(bench.employ(company, "pat", admin=True), company)
        accepted = change_role(About(dana, pat.member_id), Role.SUPER_ADMIN, bench.ports)
        assert isinstance(accepted, RoleChanged)
        return cls(bench, dana, attrs.evolve(pat, role=Role.SUPER_ADMIN))

    def subscribe(self) -> None:
        """Let the company have a subscription and a stored card."""
        pick(self.bench, self.dana, FIRST, Module.SAFETY)
        self.bench.payments.pay(started(buy(self.bench, self.dana)).checkout.id)
        settled(self.bench)

    def press_at_once(
        self, danas: Iterable[PlatformProjectId], pats: Iterable[PlatformProjectId]
    ) -> tuple[CheckoutStarted | Refused, CheckoutStarted | Refused]:
        for actor, projects in ((self.dana, danas), (self.pat, pats)):
            for project in projects:
                pick(self.bench, actor, project, Module.PLANNER)
        wishes = [accepting(actor, offered(self.bench, actor)) for actor in (self.dana, self.pat)]
        together = threading.Barrier(len(wishes))

        def press(wish: CheckOut) -> CheckoutStarted | Refused:
            together.wait()
            return check_out(wish, self.bench.ports)

        with ThreadPoolExecutor(len(wishes)) as pool:
            first, second = pool.map(press, wishes)
        return first, second

    def open_orders(self) -> int:
        with self.bench.ports.reading(self.dana.account_id) as reading:
            return len(reading.orders.open())


@pytest.mark.parametrize("adding", [False, True], ids=["a pay page", "the stored card"])
def test_of_two_who_buy_overlapping_projects_at_once_one_buys_and_the_other_hears_which(
    fresh: Fresh, *, adding: bool
) -> None:
    for _ in range(ROUNDS):
        pair = Pair.on(Workbench.of(fresh()))
        if adding:
            pair.subscribe()

        answers = pair.press_at_once((FIRST, SECOND), (SECOND, THIRD))

        (won,) = [answer for answer in answers if isinstance(answer, CheckoutStarted)]
        (lost,) = [answer for answer in answers if isinstance(answer, Refused)]
        faster = "Dana" if isinstance(answers[0], CheckoutStarted) else "Pat"
        assert lost.reason is Reason.IN_OPEN_ORDER
        assert lost.message.startswith(f"{faster} is paying for FLUSHING HS right now.")
        assert lost.about == won.order.id
        assert pair.open_orders() == 1


def test_of_two_who_begin_with_different_projects_at_once_one_waits_for_the_other(fresh: Fresh) -> None:
    for _ in range(ROUNDS):
        pair = Pair.on(Workbench.of(fresh()))

        answers = pair.press_at_once((FIRST,), (THIRD,))

        (won,) = [answer for answer in answers if isinstance(answer, CheckoutStarted)]
        (lost,) = [answer for answer in answers if isinstance(answer, Refused)]
        assert (lost.reason, lost.about) == (Reason.IN_OPEN_ORDER, won.order.id)
        assert "is paying for other projects right now" in lost.message
        assert pair.open_orders() == 1
