import attrs
import pytest

from smartapp_domain.catalog import AddOn, Interval, Module
from smartapp_domain.decisions import Reason, Refused, WayOut
from smartapp_domain.identity import Actor, Role
from smartapp_domain.ids import PlatformCompanyId, PlatformProjectId, ProjectId
from smartapp_domain.mapping import ExistingProject, NewProject, Tick
from smartapp_domain.ports.views import Part, Sort
from smartapp_domain.project import Project
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.add_project import add_project
from smartapp_domain.use_cases.map_projects import Reviewed, Ticked, choose_target, review, tick
from tests.unit.use_cases.journey import FIRST, SECOND, THIRD, buy, pick, refused, started


def reviewed(bench: Workbench, actor: Actor) -> Reviewed:
    result = review(actor, bench.ports)
    assert isinstance(result, Reviewed), result
    return result


def license_first(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)
    bench.payments.pay(started(buy(bench, owner)).checkout.id)
    bench.deliver()
    bench.work()


def test_reading_05_the_footer_counts_new_ticks_only(bench: Workbench, owner: Actor) -> None:
    license_first(bench, owner)

    result = pick(bench, owner, SECOND, Module.SAFETY, AddOn.SAFETY_BADGE)

    assert isinstance(result, Ticked)
    assert result.summary.projects == 1
    assert dict(result.summary.counts) == {Module.SAFETY: 1, AddOn.SAFETY_BADGE: 1}


def test_reading_06_next_needs_a_project_and_a_module_on_each(bench: Workbench, owner: Actor) -> None:
    nothing = reviewed(bench, owner)
    pick(bench, owner, FIRST)
    pick(bench, owner, SECOND, Module.PLANNER)
    bare = reviewed(bench, owner)

    assert [problem.reason for problem in nothing.problems] == [Reason.NOTHING_SELECTED]
    assert [(problem.reason, problem.about) for problem in bare.problems] == [(Reason.MODULE_MISSING, FIRST)]
    assert "TOTTENVILLE HS - STATEN ISLAND has no module." in bare.problems[0].message


def test_reading_13_every_box_of_a_licensed_row_is_locked(bench: Workbench, owner: Actor) -> None:
    license_first(bench, owner)

    for box in [None, *Module, *AddOn]:
        for on in (True, False):
            assert refused(tick(owner, [Tick(FIRST, box, on=on)], bench.ports)).reason is Reason.LICENSED
    assert refused(choose_target(owner, FIRST, NewProject(), bench.ports)).reason is Reason.LICENSED


def test_reading_14_a_licensed_row_says_how_to_go_on(bench: Workbench, owner: Actor) -> None:
    license_first(bench, owner)

    said = refused(tick(owner, [Tick(FIRST, None, on=False)], bench.ports))

    assert said.way_out is WayOut.MANAGE_SUBSCRIPTIONS
    assert said.message == (
        "TOTTENVILLE HS - STATEN ISLAND is already licensed. To change it, open Project Central → Manage Subscriptions."
    )


def test_reading_04_planner_safety_and_both_partition_what_is_licensed(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, FIRST, Module.PLANNER, AddOn.PLANNER_BOARD)
    pick(bench, owner, SECOND, Module.SAFETY)
    pick(bench, owner, THIRD, Module.PLANNER, Module.SAFETY)
    bench.payments.pay(started(buy(bench, owner)).checkout.id)
    bench.deliver()
    bench.work()

    found: dict[Part, list[str]] = {}
    with bench.ports.reading(owner.account_id) as reading:
        counts = reading.views.counts(at=bench.clock.now())
        for part in Part:
            page = reading.views.mapping_page(
                owner.member_id, part, at=bench.clock.now(), query="", sort=Sort.NUMBER, number=1, per_page=10
            )
            found[part] = [row.project.id for row in page.items]

    assert found == {
        Part.NOT_LICENSED: [],
        Part.LICENSED: [FIRST, SECOND, THIRD],
        Part.PLANNER: [FIRST],
        Part.SAFETY: [SECOND],
        Part.BOTH: [THIRD],
    }
    assert dict(counts) == {part: len(ids) for part, ids in found.items()}


def test_one_locked_row_among_many_ticks_changes_none_of_them(bench: Workbench, owner: Actor) -> None:
    license_first(bench, owner)

    refused(tick(owner, [Tick(SECOND, None, on=True), Tick(FIRST, None, on=True)], bench.ports))

    with bench.ports.reading(owner.account_id) as reading:
        assert reading.drafts.get(owner.member_id).rows == {}


def test_a_project_nobody_knows_is_refused_and_says_what_to_do(bench: Workbench, owner: Actor) -> None:
    said = refused(tick(owner, [Tick(PlatformProjectId("1"), None, on=True)], bench.ports))

    assert said.reason is Reason.UNKNOWN_PROJECT
    assert "Reload the page" in said.message


def test_a_ticked_project_that_became_inactive_can_be_let_go(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)
    world = bench.world.projects[company_of(bench)]
    bench.world.add_projects(company_of(bench), attrs.evolve(world[FIRST], active=False))
    bench.sign_in(next(iter(bench.world.people)), company_of(bench))

    stuck = reviewed(bench, owner)
    again = refused(tick(owner, [Tick(FIRST, Module.SAFETY, on=True)], bench.ports))
    let_go = tick(owner, [Tick(FIRST, None, on=False)], bench.ports)

    assert [problem.reason for problem in stuck.problems] == [again.reason] == [Reason.PROJECT_INACTIVE]
    assert isinstance(let_go, Ticked)
    assert let_go.summary.projects == 0


def test_two_members_tick_without_meeting(bench: Workbench, owner: Actor) -> None:
    other = bench.sign_in(bench.employ(company_of(bench), "ed", admin=True), company_of(bench))

    pick(bench, owner, FIRST, Module.PLANNER)
    pick(bench, other, FIRST, Module.SAFETY)

    assert [row.draft.selection.products for row in reviewed(bench, owner).rows if row.draft] == [(Module.PLANNER,)]
    assert [row.draft.selection.products for row in reviewed(bench, other).rows if row.draft] == [(Module.SAFETY,)]


def company_of(bench: Workbench) -> PlatformCompanyId:
    (company_id,) = bench.world.companies
    return company_id


def test_somebody_without_the_right_ticks_nothing(bench: Workbench, owner: Actor) -> None:
    guest = bench.sign_in(bench.employ(company_of(bench), "flo"), company_of(bench))

    said = refused(pick(bench, guest, FIRST, Module.PLANNER))

    assert guest.role is Role.TEAM_MEMBER
    assert said.reason is Reason.ROLE_TOO_LOW
    assert owner.account_id == guest.account_id


def test_reading_01_a_module_without_its_app_is_a_warning(bench: Workbench, owner: Actor) -> None:
    bench.world.uninstall(company_of(bench), Module.SAFETY)
    bench.sign_in(next(iter(bench.world.people)), company_of(bench))
    pick(bench, owner, FIRST, Module.SAFETY)

    result = reviewed(bench, owner)

    assert result.problems == ()
    (warning,) = result.warnings
    assert warning.startswith("The Safety app is not installed in your company. Safety can be bought now;")


def test_reading_09_an_existing_project_without_a_link_can_be_chosen(bench: Workbench, owner: Actor) -> None:
    mine = add_project(owner, "  My own   site ", bench.ports)
    assert isinstance(mine, Project)

    choose_target(owner, FIRST, ExistingProject(mine.id), bench.ports)
    pick(bench, owner, FIRST, Module.PLANNER)
    bench.payments.pay(started(buy(bench, owner)).checkout.id)
    bench.deliver()
    bench.work()

    assert mine.name == "My own site"
    with bench.ports.reading(owner.account_id) as reading:
        mapping = reading.mappings.of_platform_project(FIRST)
        assert mapping is not None
        assert mapping.project_id == mine.id
        assert reading.projects.unlinked() == ()


def test_reading_09_a_project_that_is_gone_or_linked_cannot_be_chosen(bench: Workbench, owner: Actor) -> None:
    license_first(bench, owner)
    with bench.ports.reading(owner.account_id) as reading:
        mapping = reading.mappings.of_platform_project(FIRST)
    assert mapping is not None

    for target in (ExistingProject(mapping.project_id), ExistingProject(ProjectId("nobody's"))):
        assert refused(choose_target(owner, SECOND, target, bench.ports)).reason is Reason.LINK_TAKEN


def test_reading_12_one_existing_project_is_not_linked_with_two_projects_of_one_order(
    bench: Workbench, owner: Actor
) -> None:
    mine = add_project(owner, "My own site", bench.ports)
    assert isinstance(mine, Project)
    for project in (FIRST, SECOND):
        pick(bench, owner, project, Module.PLANNER)
        choose_target(owner, project, ExistingProject(mine.id), bench.ports)

    result = reviewed(bench, owner)

    assert [row.project.id for row in result.rows] == [SECOND]  # FLUSHING comes before TOTTENVILLE
    assert [(problem.reason, problem.about) for problem in result.problems] == [(Reason.LINK_TAKEN, FIRST)]


def test_reading_18_both_intervals_are_priced_and_a_year_is_twelve_months(bench: Workbench, owner: Actor) -> None:
    pick(bench, owner, FIRST, Module.PLANNER)
    pick(bench, owner, THIRD, Module.PLANNER, Module.SAFETY)

    quotes = reviewed(bench, owner).quotes

    assert quotes[Interval.MONTH].total_cents == 118_500
    assert quotes[Interval.YEAR].total_cents == 12 * 118_500


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "\u2060 \u00ad", "\u202e\ufeff", "\x07"])
def test_a_name_must_say_something_that_can_be_seen(bench: Workbench, owner: Actor, name: str) -> None:
    assert refused(add_project(owner, name, bench.ports)).reason is Reason.NAME_MISSING


@pytest.mark.parametrize("turning", ["\u202a", "\u202e", "\u2066", "\u2069"])
def test_a_name_must_not_turn_the_text_around_it(bench: Workbench, owner: Actor, turning: str) -> None:
    decision = refused(add_project(owner, f"Tower {turning}gnp.exe", bench.ports))

    assert decision.reason is Reason.NAME_MISLEADS
    assert f"(U+{ord(turning):04X})" in decision.message


def test_a_name_may_be_of_any_script(bench: Workbench, owner: Actor) -> None:
    assert not isinstance(add_project(owner, "برج Ø \u200fTower 塔", bench.ports), Refused)


def test_a_name_must_fit(bench: Workbench, owner: Actor) -> None:
    assert "200 is the limit" in refused(add_project(owner, "x" * 201, bench.ports)).message
