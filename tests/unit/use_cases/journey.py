"""Short words for what customers do, shared by the use-case tests."""

from collections.abc import Callable
from typing import Any

import attrs

from smartapp_domain.catalog import Interval, Product
from smartapp_domain.decisions import Refused
from smartapp_domain.identity import Actor, Role
from smartapp_domain.ids import PlatformProjectId
from smartapp_domain.mapping import Tick
from smartapp_domain.ports import Ports
from smartapp_domain.testing.barriers import Barrier, Crash, with_barriers
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.check_out import CheckOut, CheckoutStarted, check_out
from smartapp_domain.use_cases.map_projects import Reviewed, Ticked, tick
from smartapp_domain.use_cases.offer import Offer, make_offer

FIRST = PlatformProjectId("4294967301")
SECOND = PlatformProjectId("4294967302")
THIRD = PlatformProjectId("4294967303")


@attrs.frozen
class Slow:
    """A provider whose answers take so long that `meanwhile` happens before they arrive, the first time."""

    inner: Any
    meanwhile: Callable[[], object]
    slow: frozenset[str] = frozenset({"subscription"})
    over: list[bool] = attrs.field(factory=list)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        return (lambda *asked: self._late(found(*asked))) if name in self.slow else found

    def _late(self, answer: object) -> object:
        if not self.over:
            self.over.append(True)
            self.meanwhile()
        return answer

    def within(self, ports: Ports) -> Ports:
        return attrs.evolve(ports, payments=self)


def pick(bench: Workbench, actor: Actor, project: PlatformProjectId, *products: Product) -> Ticked | Refused:
    """Tick a project and these products of it."""
    boxes = [Tick(project, None, on=True), *(Tick(project, product, on=True) for product in products)]
    return tick(actor, boxes, bench.ports)


def buy(bench: Workbench, actor: Actor, interval: Interval = Interval.MONTH) -> CheckoutStarted | Refused:
    """Check out what is ticked, as the page would."""
    offer = make_offer(actor, interval, bench.ports)
    if isinstance(offer, Refused):
        return offer
    return check_out(accepting(actor, offer), bench.ports)


def accepting(actor: Actor, offer: Offer) -> CheckOut:
    """Return the wish to pay for exactly what was shown."""
    shown_at = offer.extension.prorated_at if offer.extension else None
    return CheckOut(
        actor, offer.interval, offer.fingerprint, "https://app/{checkout}", "https://app", prorated_at=shown_at
    )


def wish(bench: Workbench, actor: Actor, reviewed: Reviewed, interval: Interval = Interval.MONTH) -> CheckOut:
    return CheckOut(
        actor, interval, reviewed.fingerprint(interval, bench.ports), "https://app/{checkout}", "https://app"
    )


def offered(bench: Workbench, actor: Actor, interval: Interval = Interval.MONTH) -> Offer:
    offer = make_offer(actor, interval, bench.ports)
    assert isinstance(offer, Offer), offer
    return offer


def given(bench: Workbench, actor: Actor, role: Role) -> Actor:
    """Let a member have a role, as an Owner would."""
    with bench.ports.transaction(actor.account_id) as tx:
        member = tx.members.get(actor.member_id)
        tx.members.put(attrs.evolve(member, role=role, version=member.version + 1), replacing=member.version)
    return attrs.evolve(actor, role=role)


def settled(bench: Workbench) -> None:
    """Let all news arrive and all work be done."""
    bench.deliver()
    bench.work()


def crashing(ports: Ports, at: Barrier) -> Ports:
    """Return ports on which the process ends at a barrier."""

    def reach(barrier: Barrier) -> None:
        if barrier == at:
            raise Crash(str(barrier))

    return with_barriers(ports, reach)


def started(result: CheckoutStarted | Refused) -> CheckoutStarted:
    assert isinstance(result, CheckoutStarted), result
    return result


def refused(result: object) -> Refused:
    assert isinstance(result, Refused), result
    return result
