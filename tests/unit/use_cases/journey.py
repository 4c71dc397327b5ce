"""Short words for what customers do, shared by the use-case tests."""

from smartapp_domain.catalog import Interval, Product
from smartapp_domain.decisions import Refused
from smartapp_domain.identity import Actor
from smartapp_domain.ids import PlatformProjectId
from smartapp_domain.mapping import Tick
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.check_out import CheckOut, CheckoutStarted, check_out
from smartapp_domain.use_cases.map_projects import Reviewed, Ticked, review, tick

FIRST = PlatformProjectId("4294967301")
SECOND = PlatformProjectId("4294967302")
THIRD = PlatformProjectId("4294967303")


def pick(bench: Workbench, actor: Actor, project: PlatformProjectId, *products: Product) -> Ticked | Refused:
    """Tick a project and these products of it."""
    boxes = [Tick(project, None, on=True), *(Tick(project, product, on=True) for product in products)]
    return tick(actor, boxes, bench.ports)


def buy(bench: Workbench, actor: Actor, interval: Interval = Interval.MONTH) -> CheckoutStarted | Refused:
    """Check out what is ticked, as the page would."""
    reviewed = review(actor, bench.ports)
    if isinstance(reviewed, Refused):
        return reviewed
    return check_out(wish(bench, actor, reviewed, interval), bench.ports)


def wish(bench: Workbench, actor: Actor, reviewed: Reviewed, interval: Interval = Interval.MONTH) -> CheckOut:
    return CheckOut(
        actor, interval, reviewed.fingerprint(interval, bench.ports), "https://app/{checkout}", "https://app"
    )


def started(result: CheckoutStarted | Refused) -> CheckoutStarted:
    assert isinstance(result, CheckoutStarted), result
    return result


def refused(result: object) -> Refused:
    assert isinstance(result, Refused), result
    return result
