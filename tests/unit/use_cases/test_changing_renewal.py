"""Stopping the renewal of a project, and taking that back."""

from collections.abc import Callable
from datetime import timedelta

import attrs
import pytest

from smartapp_domain.catalog import AddOn, Module
from smartapp_domain.decisions import Reason, Refused
from smartapp_domain.identity import Actor, Role
from smartapp_domain.ids import ProjectId, SubscriptionId
from smartapp_domain.ledger import LicenseLedger
from smartapp_domain.licensing import License, LicenseState
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.testing.barriers import Barrier, Crash, Moment
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.change_renewal import ChangeRenewal, RenewalChanged, resume_renewal, stop_renewal
from smartapp_domain.use_cases.manage_members import About, change_role, remove_member
from smartapp_domain.use_cases.run_job import run_job
from tests.unit.use_cases.journey import FIRST, SECOND, buy, crashing, given, offered, pick, refused, settled, started

DAY = timedelta(days=1)
Change = Callable[[ChangeRenewal, Ports], RenewalChanged | Refused]


@pytest.fixture
def licensed(bench: Workbench, owner: Actor) -> SubscriptionId:
    """Buy both modules with their add-ons for the first project, and Planner for the second, ten days ago."""
    pick(bench, owner, FIRST, Module.PLANNER, Module.SAFETY, AddOn.PLANNER_BOARD, AddOn.SAFETY_BADGE)
    pick(bench, owner, SECOND, Module.PLANNER)
    subscription_id = bench.payments.pay(started(buy(bench, owner)).checkout.id)
    settled(bench)
    bench.clock.move(10 * DAY)
    bench.work()
    return subscription_id


def project(bench: Workbench, owner: Actor, which: int = 0) -> ProjectId:
    with bench.ports.reading(owner.account_id) as reading:
        mapping = reading.mappings.of_platform_project((FIRST, SECOND)[which])
    assert mapping is not None
    return mapping.project_id


def held(bench: Workbench, owner: Actor, which: int = 0) -> tuple[License, ...]:
    with bench.ports.reading(owner.account_id) as reading:
        return reading.licenses.of_projects([project(bench, owner, which)])


def states(bench: Workbench, owner: Actor, which: int = 0) -> dict[str, LicenseState]:
    return {each.product.value: each.state(bench.clock.now()) for each in held(bench, owner, which)}


def assert_in_order(bench: Workbench, owner: Actor) -> None:
    with bench.ports.reading(owner.account_id) as reading:
        ledger = LicenseLedger(reading.licenses.all(), reading.subscriptions.all())
    assert list(ledger.violations(bench.clock.now())) == []
    with bench.ports.reading(OPERATOR) as reading:
        assert reading.jobs.failed() == ()


def stop(bench: Workbench, owner: Actor, which: int = 0, *modules: Module) -> RenewalChanged:
    wish = ChangeRenewal(owner, project(bench, owner, which), frozenset(modules) or None)
    changed = stop_renewal(wish, bench.ports)
    assert isinstance(changed, RenewalChanged), changed
    return changed


def resume(bench: Workbench, owner: Actor, which: int = 0) -> RenewalChanged:
    changed = resume_renewal(ChangeRenewal(owner, project(bench, owner, which)), bench.ports)
    assert isinstance(changed, RenewalChanged), changed
    return changed


def test_a_module_ends_with_its_add_on_at_the_end_of_what_is_paid(
    bench: Workbench, owner: Actor, licensed: SubscriptionId
) -> None:
    end = bench.payments.subscription(licensed).period_end

    changed = stop(bench, owner, 0, Module.SAFETY)
    settled(bench)

    assert {each.product for each in changed.licenses} == {Module.SAFETY, AddOn.SAFETY_BADGE}
    assert {each.ends_at for each in changed.licenses} == {end}
    assert states(bench, owner)["safety"] is LicenseState.ENDING
    assert states(bench, owner)["planner"] is LicenseState.ACTIVE
    after = bench.payments.subscription(licensed)
    assert (after.quantity(Module.SAFETY), after.quantity(Module.PLANNER)) == (0, 2)
    assert len(after.invoices) == 1
    assert_in_order(bench, owner)


def test_what_was_stopped_is_not_on_the_next_invoice_and_can_be_bought_again(
    bench: Workbench, owner: Actor, licensed: SubscriptionId
) -> None:
    stop(bench, owner, 1)
    settled(bench)

    bench.clock.move(25 * DAY)
    invoice = bench.payments.renew(licensed)
    settled(bench)

    assert invoice.total_cents == 29_500 + 59_500
    assert states(bench, owner, 1) == {"planner": LicenseState.ENDED}
    assert pick(bench, owner, SECOND, Module.PLANNER)
    assert offered(bench, owner).extension is not None
    assert_in_order(bench, owner)


def test_undoing_in_time_is_as_if_nothing_had_been(bench: Workbench, owner: Actor, licensed: SubscriptionId) -> None:
    stop(bench, owner, 1)
    settled(bench)

    resume(bench, owner, 1)
    settled(bench)

    assert states(bench, owner, 1) == {"planner": LicenseState.ACTIVE}
    after = bench.payments.subscription(licensed)
    assert after.quantity(Module.PLANNER) == 2
    assert len(after.invoices) == 1
    assert_in_order(bench, owner)


def test_stopping_everything_ends_the_subscription_and_undoing_one_project_keeps_it(
    bench: Workbench, owner: Actor, licensed: SubscriptionId
) -> None:
    stop(bench, owner, 0)
    stop(bench, owner, 1)
    settled(bench)
    ending = bench.payments.subscription(licensed)

    resume(bench, owner, 1)
    settled(bench)

    assert ending.cancel_at == ending.period_end
    after = bench.payments.subscription(licensed)
    assert after.cancel_at is None
    assert (after.quantity(Module.PLANNER), after.quantity(Module.SAFETY)) == (1, 0)
    assert_in_order(bench, owner)


def test_a_subscription_that_ends_is_not_added_to(bench: Workbench, owner: Actor, licensed: SubscriptionId) -> None:
    del licensed
    stop(bench, owner, 0)
    stop(bench, owner, 1)
    settled(bench)
    third = next(row for row in bench.world.projects[next(iter(bench.world.companies))] if row not in (FIRST, SECOND))
    pick(bench, owner, third, Module.PLANNER)

    assert offered(bench, owner).extension is None


@pytest.mark.usefixtures("licensed")
def test_doing_it_twice_changes_nothing_more(bench: Workbench, owner: Actor) -> None:
    stop(bench, owner, 0)

    assert stop(bench, owner, 0).licenses == ()
    assert resume(bench, owner, 1).licenses == ()


@pytest.mark.usefixtures("licensed")
def test_it_takes_the_right_to_buy(bench: Workbench, owner: Actor) -> None:
    admin = attrs.evolve(owner, role=Role.ADMIN)

    no = stop_renewal(ChangeRenewal(admin, project(bench, owner)), bench.ports)

    assert refused(no).reason is Reason.ROLE_TOO_LOW
    assert states(bench, owner)["planner"] is LicenseState.ACTIVE


def test_what_has_ended_cannot_be_undone(bench: Workbench, owner: Actor, licensed: SubscriptionId) -> None:
    stop(bench, owner, 1)
    settled(bench)
    bench.clock.move(25 * DAY)
    bench.payments.renew(licensed)
    settled(bench)

    late = resume_renewal(ChangeRenewal(owner, project(bench, owner, 1)), bench.ports)

    assert refused(late).reason is Reason.NOT_LICENSED


def test_a_wish_that_came_too_late_runs_to_the_end_of_the_period_that_was_billed(
    bench: Workbench, owner: Actor, licensed: SubscriptionId
) -> None:
    stop(bench, owner, 1)  # stored, but no worker has told the provider before it renews
    bench.clock.move(25 * DAY)
    bench.payments.renew(licensed)

    settled(bench)

    (planner,) = held(bench, owner, 1)
    assert planner.ends_at == bench.payments.subscription(licensed).period_end
    assert planner.state(bench.clock.now()) is LicenseState.ENDING
    assert_in_order(bench, owner)


def test_an_end_that_was_set_at_the_provider_ends_the_licenses_here(
    bench: Workbench, owner: Actor, licensed: SubscriptionId
) -> None:
    bench.payments.set_renewal(licensed, {})

    settled(bench)

    assert set(states(bench, owner).values()) == {LicenseState.ENDING}
    assert_in_order(bench, owner)


@pytest.mark.parametrize("moment", Moment)
@pytest.mark.parametrize("place", ["provider set_renewal", "commit change_renewal._store_told"])
def test_a_crash_while_telling_the_provider_is_made_good(
    bench: Workbench, owner: Actor, licensed: SubscriptionId, moment: Moment, place: str
) -> None:
    stop(bench, owner, 1)
    with bench.ports.reading(OPERATOR) as reading:
        due = reading.jobs.due(bench.clock.now(), 10)

    with pytest.raises(Crash):
        [run_job(job_id, crashing(bench.ports, Barrier(moment, place))) for job_id in due]
    bench.work(timedelta(minutes=2))

    assert bench.payments.subscription(licensed).quantity(Module.PLANNER) == 1
    assert all(each.change_sent for each in held(bench, owner, 1))
    assert_in_order(bench, owner)


def test_books_that_differ_are_shown_to_the_operator_once_a_day(
    bench: Workbench, owner: Actor, licensed: SubscriptionId
) -> None:
    for planners in (7, 8):
        bench.payments.set_renewal(licensed, {Module.PLANNER: planners})  # by hand, at the provider
        settled(bench)
        bench.work(timedelta(minutes=5))

    with bench.ports.reading(OPERATOR) as reading:
        (notice,) = reading.jobs.failed()
    assert "will renew for 206500 cents, but the ledger adds up to 118500" in (notice.problem or "")
    assert "2 × Planner, 1 × Safety" in (notice.problem or "")
    assert {each.state(bench.clock.now()) for each in held(bench, owner)} == {LicenseState.ACTIVE}


@pytest.mark.usefixtures("licensed")
@pytest.mark.parametrize("how", [stop_renewal, resume_renewal])
@pytest.mark.parametrize(("lost", "reason"), [("membership", Reason.REMOVED), ("right", Reason.ROLE_TOO_LOW)])
def test_who_was_removed_or_demoted_since_the_request_began_changes_no_renewal(
    bench: Workbench, owner: Actor, how: Change, lost: str, reason: Reason
) -> None:
    company = next(iter(bench.world.companies))
    ed = given(bench, bench.sign_in(bench.employ(company, "ed"), company), Role.SUPER_ADMIN)
    if how is resume_renewal:
        stop(bench, owner)
    before = held(bench, owner)
    if lost == "membership":
        remove_member(About(owner, ed.member_id), bench.ports)
    else:
        change_role(About(owner, ed.member_id), Role.ADMIN, bench.ports)

    told = refused(how(ChangeRenewal(ed, project(bench, owner)), bench.ports))

    assert told.reason is reason
    assert held(bench, owner) == before
