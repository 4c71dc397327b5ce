"""The app is uninstalled, a connection revoked, a project no longer permitted, in the middle of anything."""

from collections import Counter
from datetime import timedelta

import attrs
import pytest

from smartapp_domain.catalog import Module
from smartapp_domain.decisions import Reason
from smartapp_domain.identity import Actor
from smartapp_domain.ids import PlatformCompanyId
from smartapp_domain.installation import Lost, ProjectListing
from smartapp_domain.licensing import LicenseState
from smartapp_domain.mapping import MappingState
from smartapp_domain.ports.platform import AccessDenied, PlatformError, ReconnectNeeded
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.project import PlatformProject
from smartapp_domain.testing.platform import MemoryPlatform
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.refresh_projects import request_refresh
from tests.unit.use_cases.journey import FIRST, SECOND, THIRD, buy, pick, refused, settled, started

COMPANY = PlatformCompanyId("77")
DAY = timedelta(days=1)


def listing(bench: Workbench, owner: Actor) -> ProjectListing:
    with bench.ports.reading(owner.account_id) as reading:
        return reading.platform_projects.listing()


def links(bench: Workbench, owner: Actor) -> dict[str, MappingState]:
    with bench.ports.reading(owner.account_id) as reading:
        return {each.platform_project_id: each.state for each in reading.mappings.live()}


def known(bench: Workbench, owner: Actor) -> dict[str, PlatformProject]:
    with bench.ports.reading(owner.account_id) as reading:
        return dict(reading.platform_projects.some([FIRST, SECOND, THIRD]))


@pytest.fixture
def licensed(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)
    pick(bench, owner, SECOND, Module.SAFETY)
    bench.payments.pay(started(buy(bench, owner)).checkout.id)
    settled(bench)


def uninstall(bench: Workbench) -> None:
    for app in Module:
        bench.world.uninstall(COMPANY, app)


@pytest.mark.usefixtures("licensed")
def test_an_uninstall_shows_within_the_hour_and_takes_nothing_away(bench: Workbench, owner: Actor) -> None:
    uninstall(bench)

    bench.work(timedelta(hours=1))

    assert listing(bench, owner).lost is Lost.UNINSTALLED
    assert set(links(bench, owner).values()) == {MappingState.DISCONNECTED}
    assert all(not project.apps for project in known(bench, owner).values())
    with bench.ports.reading(owner.account_id) as reading:
        assert {each.state(bench.clock.now()) for each in reading.licenses.all()} == {LicenseState.ACTIVE}
    with bench.ports.reading(OPERATOR) as reading:
        assert reading.jobs.failed() == ()


@pytest.mark.usefixtures("licensed")
def test_a_platform_that_does_not_let_us_in_is_asked_once_a_day(bench: Workbench, owner: Actor) -> None:
    uninstall(bench)
    bench.work(timedelta(hours=1))
    bench.world.calls.clear()

    for _ in range(3 * 24):
        bench.work(timedelta(hours=1))

    assert listing(bench, owner).lost is Lost.UNINSTALLED
    assert max(Counter(bench.world.calls).values()) <= 3


@pytest.mark.usefixtures("licensed")
def test_installing_again_restores_every_link(bench: Workbench, owner: Actor) -> None:
    uninstall(bench)
    bench.work(timedelta(hours=1))
    for app in Module:
        bench.world.install(COMPANY, app)

    bench.work(DAY)

    assert listing(bench, owner).lost is None
    assert set(links(bench, owner).values()) == {MappingState.LINKED}
    assert all(project.apps for project in known(bench, owner).values())


@pytest.mark.usefixtures("licensed")
def test_a_project_that_is_not_permitted_any_more_is_disconnected_alone(bench: Workbench, owner: Actor) -> None:
    for app in Module:
        bench.world.install(COMPANY, app, [SECOND, THIRD])

    bench.work(timedelta(hours=1))

    assert listing(bench, owner).lost is None
    assert links(bench, owner) == {FIRST: MappingState.DISCONNECTED, SECOND: MappingState.LINKED}


class Refusing(MemoryPlatform):
    """A platform that lets nobody in, and says why."""

    def __init__(self, platform: MemoryPlatform, why: PlatformError) -> None:
        super().__init__(platform._world)
        self._why = why

    def installed(self, *_: object) -> frozenset[Module]:
        self._world.calls.append("installed")
        raise self._why


@pytest.mark.parametrize(
    ("why", "lost"),
    [
        (ReconnectNeeded("The sign-in was revoked.", remedy="Sign in again."), Lost.RECONNECT),
        (AccessDenied("The service account may not list projects.", remedy="Give it the right."), Lost.DENIED),
    ],
)
@pytest.mark.usefixtures("licensed")
def test_a_revoked_connection_rests_and_says_so(bench: Workbench, owner: Actor, why: PlatformError, lost: Lost) -> None:
    platform = bench.ports.platform
    assert isinstance(platform, MemoryPlatform)
    revoked = attrs.evolve(bench, ports=attrs.evolve(bench.ports, platform=Refusing(platform, why)))
    bench.world.calls.clear()

    for _ in range(2 * 24):
        revoked.work(timedelta(hours=1))

    assert listing(bench, owner).lost is lost
    assert why.remedy in (listing(bench, owner).problem or "")
    assert set(links(bench, owner).values()) == {MappingState.DISCONNECTED}
    assert len(bench.world.calls) <= 3
    with bench.ports.reading(OPERATOR) as reading:
        assert reading.jobs.failed() == ()


def test_an_uninstall_while_the_pay_page_is_open_still_licenses_what_is_paid(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)
    page = started(buy(bench, owner)).checkout
    uninstall(bench)
    with bench.ports.transaction(owner.account_id) as tx:
        request_refresh(tx, owner.account_id, bench.ports)
    bench.work()

    bench.payments.pay(page.id)
    settled(bench)
    bench.work(DAY)

    with bench.ports.reading(owner.account_id) as reading:
        assert {each.state(bench.clock.now()) for each in reading.licenses.all()} == {LicenseState.ACTIVE}
    assert links(bench, owner) == {FIRST: MappingState.DISCONNECTED}


def test_nothing_new_is_sold_for_a_project_we_may_not_use(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)
    uninstall(bench)
    bench.work(timedelta(hours=1))

    no = refused(buy(bench, owner))

    assert no.reason is Reason.UNKNOWN_PROJECT
    with bench.ports.reading(owner.account_id) as reading:
        assert reading.orders.open() == ()
        assert list(reading.drafts.get(owner.member_id).rows) == [FIRST]
