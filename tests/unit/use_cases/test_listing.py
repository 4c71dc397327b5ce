from collections.abc import Iterator
from datetime import timedelta

import attrs
import pytest

from smartapp_domain.catalog import Module
from smartapp_domain.identity import Actor
from smartapp_domain.ids import AccountId, PlatformCompanyId
from smartapp_domain.jobs import MAX_ATTEMPTS, JobState
from smartapp_domain.ports.platform import AnswerUnusable, AppNotInstalled, PlatformUnavailable
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.ports.views import Part, Sort
from smartapp_domain.project import PlatformProject
from smartapp_domain.testing.platform import MemoryPlatform
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.refresh_projects import look_now, refresh_projects
from tests.unit.use_cases.journey import FIRST, SECOND

COMPANY = PlatformCompanyId("77")


def listed(bench: Workbench, actor: Actor) -> list[str]:
    with bench.ports.reading(actor.account_id) as reading:
        page = reading.views.mapping_page(
            actor.member_id,
            Part.NOT_LICENSED,
            at=bench.clock.now(),
            query="",
            sort=Sort.NAME,
            number=1,
            per_page=50,
        )
    return [row.project.id for row in page.items]


def refresh(bench: Workbench, actor: Actor) -> None:
    look_now(actor, bench.ports)
    bench.work()


def test_reading_03_only_active_permitted_projects_are_listed_and_the_others_are_named(
    bench: Workbench, owner: Actor
) -> None:
    for app in Module:
        bench.world.install(COMPANY, app, [FIRST])

    refresh(bench, owner)

    assert listed(bench, owner) == [FIRST]
    with bench.ports.reading(owner.account_id) as reading:
        names, total = reading.views.not_permitted(10)
    assert total == 2
    assert {project.name for project in names} == {"FLUSHING HS - QUEENS"}


def test_reading_01_what_only_one_app_may_use_is_listed_for_that_app(bench: Workbench, owner: Actor) -> None:
    bench.world.uninstall(COMPANY, Module.SAFETY)
    bench.world.install(COMPANY, Module.PLANNER, [SECOND])

    refresh(bench, owner)

    with bench.ports.reading(owner.account_id) as reading:
        assert reading.platform_projects.get(SECOND).apps == {Module.PLANNER}
        assert reading.platform_projects.listing().installed == {Module.PLANNER}


def test_an_app_that_is_uninstalled_meanwhile_takes_nothing_from_the_other(bench: Workbench, owner: Actor) -> None:
    class SafetyGone(MemoryPlatform):
        def projects(
            self, account_id: AccountId, company_id: PlatformCompanyId, app: Module
        ) -> Iterator[PlatformProject]:
            if app is Module.SAFETY:
                raise AppNotInstalled("Gone.", remedy="Install it.")
            return super().projects(account_id, company_id, app)

    refresh_projects(owner.account_id, attrs.evolve(bench.ports, platform=SafetyGone(bench.world)))

    with bench.ports.reading(owner.account_id) as reading:
        assert reading.platform_projects.listing().installed == {Module.PLANNER}
        assert reading.platform_projects.get(FIRST).apps == {Module.PLANNER}


def test_a_list_that_breaks_off_changes_nothing_but_the_words_on_the_page(bench: Workbench, owner: Actor) -> None:
    before = listed(bench, owner)
    bench.world.cut_after = 1

    with pytest.raises(AnswerUnusable):
        refresh_projects(owner.account_id, bench.ports)

    assert listed(bench, owner) == before
    with bench.ports.reading(owner.account_id) as reading:
        assert "broke off" in (reading.platform_projects.listing().problem or "")


def test_a_failure_is_tried_again_and_then_waits_for_a_person(bench: Workbench, owner: Actor) -> None:
    bench.world.cut_after = 1
    refresh(bench, owner)

    for _ in range(MAX_ATTEMPTS - 1):
        with bench.ports.reading(OPERATOR) as reading:
            assert reading.jobs.failed() == ()
        bench.work(timedelta(minutes=20))

    with bench.ports.reading(OPERATOR) as reading:
        (job,) = reading.jobs.failed()
    assert (job.state, job.attempts) == (JobState.FAILED, MAX_ATTEMPTS)
    assert "broke off" in (job.problem or "")


def test_an_outage_is_outlasted_however_long_it_takes(bench: Workbench, owner: Actor) -> None:
    bench.world.trouble = PlatformUnavailable("Down.", remedy="Try later.")
    bench.world.install(COMPANY, Module.PLANNER, [FIRST])
    bench.world.install(COMPANY, Module.SAFETY, [FIRST])
    refresh(bench, owner)
    for _ in range(3 * 24 * 4):
        bench.work(timedelta(minutes=15))
    bench.world.trouble = None

    bench.work(timedelta(minutes=15))

    assert listed(bench, owner) == [FIRST]
    with bench.ports.reading(OPERATOR) as reading:
        assert reading.jobs.failed() == ()


def test_the_platforms_own_wish_to_wait_is_kept(bench: Workbench, owner: Actor) -> None:
    bench.world.trouble = PlatformUnavailable("Busy.", remedy="Wait.", retry_after_s=600)
    refresh(bench, owner)
    bench.world.trouble = None

    assert bench.work(timedelta(seconds=599)) == []
    assert len(bench.work(timedelta(seconds=1))) == 1
