"""The app is uninstalled, a connection revoked, a project no longer permitted, in the middle of anything."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import attrs
import pytest

from smartapp_domain.catalog import Module
from smartapp_domain.decisions import Reason
from smartapp_domain.identity import Actor
from smartapp_domain.ids import PlatformCompanyId, SubscriptionId
from smartapp_domain.installation import FRESH, Lost, ProjectListing
from smartapp_domain.ledger import LicenseLedger
from smartapp_domain.licensing import LicenseState
from smartapp_domain.mapping import MappingState
from smartapp_domain.ports.payments import PaymentsUnavailable
from smartapp_domain.ports.platform import AccessDenied, PlatformError, ReconnectNeeded
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.project import PlatformProject
from smartapp_domain.testing.payments_cards import StoredCard
from smartapp_domain.testing.platform import MemoryPlatform
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.change_renewal import ChangeRenewal, stop_renewal
from smartapp_domain.use_cases.check_out import check_out
from smartapp_domain.use_cases.refresh_projects import look_if_old, look_now
from tests.unit.use_cases.journey import FIRST, SECOND, THIRD, accepting, buy, offered, pick, refused, settled, started

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


def revoke(bench: Workbench) -> None:
    bench.world.trouble = ReconnectNeeded("The sign-in was revoked.", remedy="Sign in again.")


def forbid(bench: Workbench) -> None:
    for app in Module:
        bench.world.install(COMPANY, app, [])


def restore(bench: Workbench) -> None:
    bench.world.trouble = None
    for app in Module:
        bench.world.install(COMPANY, app)


def look_again(bench: Workbench, owner: Actor) -> None:
    look_now(owner, bench.ports)
    bench.work()


GoOn = Callable[[], object]


def page_open(bench: Workbench, owner: Actor) -> GoOn:
    """Leave at an open pay page; it is paid after all."""
    pick(bench, owner, FIRST, Module.PLANNER)
    page = started(buy(bench, owner)).checkout
    return lambda: bench.payments.pay(page.id)


def addition_waiting(bench: Workbench, owner: Actor) -> GoOn:
    """Add to a subscription with a card that does not pay; its invoice is paid later."""
    subscription = bought(bench, owner)
    bench.payments.change_card(bench.payments.subscription(subscription).customer_id, StoredCard.DECLINES)
    pick(bench, owner, SECOND, Module.SAFETY)
    waiting = started(buy(bench, owner))
    settled(bench)
    return lambda: bench.payments.pay_invoice(waiting.checkout.id)


def offer_shown(bench: Workbench, owner: Actor) -> GoOn:
    """Look at an offer; Checkout is refused, and nothing is ordered."""
    pick(bench, owner, FIRST, Module.PLANNER)
    shown = accepting(owner, offered(bench, owner))

    def press() -> None:
        no = refused(check_out(shown, bench.ports))
        assert no.reason in (Reason.CONNECTION_LOST, Reason.UNKNOWN_PROJECT)
        with bench.ports.reading(owner.account_id) as reading:
            assert reading.orders.open() == ()
            assert list(reading.drafts.get(owner.member_id).rows) == [FIRST]

    return press


def renewal_failed(bench: Workbench, owner: Actor) -> GoOn:
    """Let a renewal fail; the next try works."""
    subscription = bought(bench, owner)
    bench.clock.move(32 * DAY)
    bench.payments.renew(subscription, succeeds=False)
    settled(bench)
    return lambda: bench.payments.retry(subscription, succeeds=True)


def stop_untold(bench: Workbench, owner: Actor) -> GoOn:
    """Stop a renewal of which the provider has not heard; it hears of it."""
    subscription = bought(bench, owner)
    with bench.ports.reading(owner.account_id) as reading:
        project = reading.licenses.all()[0].project_id
    bench.payments.fail_next(PaymentsUnavailable("Stripe does not answer.", remedy="Wait."))
    stop_renewal(ChangeRenewal(owner, project), bench.ports)

    def told() -> None:
        bench.work(timedelta(hours=1))
        assert bench.payments.subscription(subscription).cancel_at is not None

    return told


def bought(bench: Workbench, owner: Actor) -> SubscriptionId:
    pick(bench, owner, FIRST, Module.PLANNER)
    subscription = bench.payments.pay(started(buy(bench, owner)).checkout.id)
    settled(bench)
    return subscription


@pytest.mark.parametrize("loss", [uninstall, revoke, forbid])
@pytest.mark.parametrize(
    ("middle", "state"),
    [
        (page_open, LicenseState.ACTIVE),
        (addition_waiting, LicenseState.ACTIVE),
        (offer_shown, None),
        (renewal_failed, LicenseState.ACTIVE),
        (stop_untold, LicenseState.ENDING),
    ],
)
def test_whatever_is_under_way_when_the_platform_is_lost_ends_as_it_would_have(
    bench: Workbench,
    owner: Actor,
    middle: Callable[[Workbench, Actor], GoOn],
    state: LicenseState | None,
    loss: Callable[[Workbench], None],
) -> None:
    go_on = middle(bench, owner)
    loss(bench)
    look_again(bench, owner)
    go_on()
    settled(bench)

    with bench.ports.reading(owner.account_id) as reading:
        held = reading.licenses.all()
        ledger = LicenseLedger(held, reading.subscriptions.all())
    assert {each.state(bench.clock.now()) for each in held} == ({state} if state else set())
    assert list(ledger.violations(bench.clock.now())) == []
    with bench.ports.reading(OPERATOR) as reading:
        assert reading.jobs.failed() == ()
    if loss is not forbid:
        bench.world.calls.clear()
        for _ in range(12):
            bench.work(timedelta(hours=1))
        assert len(bench.world.calls) <= 1, "A look that was due already may come; then it is left alone for a day."

    restore(bench)
    look_again(bench, owner)

    assert listing(bench, owner).lost is None
    assert set(links(bench, owner).values()) <= {MappingState.LINKED}
    if middle is offer_shown:
        assert started(buy(bench, owner)).order.items[0].platform_project_id == FIRST


def test_nothing_new_is_sold_for_a_project_we_may_not_use(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)
    uninstall(bench)
    bench.work(timedelta(hours=1))

    no = refused(buy(bench, owner))

    assert no.reason is Reason.CONNECTION_LOST
    with bench.ports.reading(owner.account_id) as reading:
        assert reading.orders.open() == ()
        assert list(reading.drafts.get(owner.member_id).rows) == [FIRST]


def test_checkout_waits_for_no_platform(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)
    bench.clock.move(FRESH)
    bench.world.calls.clear()

    started(buy(bench, owner))

    assert bench.world.calls == []


def test_whoever_looks_at_an_old_listing_asks_for_a_fresh_one_once(bench: Workbench, owner: Actor) -> None:
    old = listing(bench, owner)
    bench.clock.move(FRESH)

    asked = look_if_old(old, bench.ports)

    assert asked.is_running
    assert look_if_old(old, bench.ports) == asked, "Who saw the old one a moment before asks no second time."
    assert look_if_old(asked, bench.ports) == asked
    bench.work()
    assert listing(bench, owner).refreshed_at == bench.clock.now()


def test_a_platform_that_lost_us_is_not_asked_because_somebody_looks(bench: Workbench, owner: Actor) -> None:
    uninstall(bench)
    look_again(bench, owner)
    bench.clock.move(FRESH)
    lost = listing(bench, owner)

    assert look_if_old(lost, bench.ports) is lost
