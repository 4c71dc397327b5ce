import re
from collections.abc import Callable, Collection
from typing import Any

import pytest
from tests.app.web.surfer import Surfer, words

from smartapp_adapters.storage.views import SqlViews
from smartapp_domain.catalog import Module
from smartapp_domain.identity import Role
from smartapp_domain.ids import MemberId, PlatformCompanyId, PlatformProjectId, PlatformUserId
from smartapp_domain.project import PlatformProject
from smartapp_domain.testing.workbench import Workbench


@pytest.fixture
def ids(owner: Surfer) -> list[str]:
    return owner.ids()


def test_a_tick_answers_with_its_row_and_the_sums(owner: Surfer, ids: list[str]) -> None:
    answer = owner.tick(ids[0], "planner")

    assert answer.text.lstrip().startswith(f'<tr role="row" id="row-{ids[0]}"')
    assert 'hx-swap-oob="innerHTML:#summary"' in answer.text
    assert "1 project, 1 Planner, 0 Safety" in words(answer)


def test_the_enablement_chain_is_in_the_row(owner: Surfer, ids: list[str]) -> None:
    def enabled(answer_text: str) -> set[str]:
        boxes = re.findall(r'<input type="checkbox" id="(\w+)-\d+"[^>]*?( disabled)?>', answer_text)
        return {name for name, disabled in boxes if not disabled}

    assert enabled(owner.get(f"/projects?q={'P.S.'}").text) >= {"tick"}
    assert enabled(owner.tick(ids[0]).text) == {"tick", "planner", "safety"}
    assert enabled(owner.tick(ids[0], "planner").text) == {"tick", "planner", "safety", "planner_board"}
    assert enabled(owner.tick(ids[0], "safety").text) == {"tick", "planner", "safety", "planner_board", "safety_badge"}


def test_reading_07_unticking_cascades_and_reticking_restores_nothing(owner: Surfer, ids: list[str]) -> None:
    owner.tick(ids[0], "planner", "planner_board")

    owner.htmx("/projects/ticks", project=ids[0], product="planner", on="0")
    answer = owner.tick(ids[0], "planner")

    assert "1 project, 1 Planner, 0 Safety" in words(answer)
    assert "Planner Board, 0" not in words(answer)


def test_ticks_survive_paging_search_and_reload(owner: Surfer, ids: list[str]) -> None:
    owner.tick(ids[0], "planner")

    for path in ("/projects", "/projects?q=zzz", "/projects?page=9", "/projects?sort=newest&filter=not-licensed"):
        assert "1 project, 1 Planner, 0 Safety" in words(owner.get(path))


def test_repeated_names_are_told_apart_by_their_numbers(owner: Surfer) -> None:
    page = owner.get("/projects")

    assert 'aria-label="FLUSHING HS (N0001)"' in page.text
    assert 'aria-label="Planner, FLUSHING HS (N0002)"' in page.text
    assert 'aria-label="Planner, P.S. 26"' in page.text


def test_reading_08_search_sort_and_paging_are_links_and_survive_each_other(
    owner: Surfer, bench: Workbench, company: PlatformCompanyId
) -> None:
    bench.world.add_projects(
        company, *(PlatformProject(PlatformProjectId(str(n)), f"School {n:03d}", f"S{n:03d}") for n in range(60))
    )
    bench.world.install(company, Module.PLANNER)
    owner.post("/projects/refresh")
    bench.work()

    first = owner.get("/projects?q=school&sort=number")
    assert "Page 1 of 2" in words(first)
    next_page = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert next_page is not None
    second = owner.get(next_page.group(1).replace("&amp;", "&"))
    assert "Page 2 of 2" in words(second)
    assert len(re.findall(r'id="row-', second.text)) == 10


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999", "1;drop"])
def test_any_page_number_shows_a_page(owner: Surfer, number: str) -> None:
    assert owner.get(f"/projects?page={number}&lpage={number}&filter=x&sort=y").status_code == 200


def test_select_all_ticks_the_page_and_nothing_else(owner: Surfer, ids: list[str]) -> None:
    answer = owner.htmx("/projects/ticks/page", project=ids[:3], on="1")

    assert "3 projects, 0 Planner, 0 Safety" in words(answer)
    assert re.findall(r'id="row-(\d+)"', answer.text) == ids[:3]
    assert "NOT LICENSED 4 projects, 3 on this page" in words(answer)


def test_a_licensed_row_answers_every_edit_in_the_same_words(owner: Surfer, ids: list[str]) -> None:
    owner.buy({ids[3]: ["planner"]})
    name = "TOTTENVILLE HS"
    sentence = f"{name} is already licensed. To change it, open Project Central → Manage Subscriptions."

    for path, fields in (
        ("/projects/ticks", {"product": "planner", "on": "0"}),
        ("/projects/ticks", {"product": "", "on": "0"}),
        ("/projects/ticks", {"product": "safety", "on": "1"}),
        ("/projects/targets", {"target": ""}),
        ("/projects/ticks/page", {"on": "0"}),
    ):
        fragment, page = owner.htmx(path, project=ids[3], **fields), owner.post(path, project=ids[3], **fields)
        assert (fragment.status_code, page.status_code) == (409, 409)
        assert sentence in words(fragment)
        assert sentence in words(page)
        assert re.search(r'<a href="/central/[^"]+/subscription">Manage Subscriptions</a>', fragment.text)
    ticks = {"ticks": [{"project": ids[3], "on": False, "product": "planner"}]}
    problem = owner.api("PUT", "/ticks", ticks).json()
    assert problem["detail"] == sentence
    assert problem["reason"] == "licensed"
    assert problem["way_out"]["url"].endswith("/subscription")
    assert owner.ids("/projects?filter=planner") == [ids[3]]


def test_a_refused_tick_gives_the_row_back_as_it_is(owner: Surfer, ids: list[str]) -> None:
    owner.buy({ids[3]: ["planner"]})

    answer = owner.htmx("/projects/ticks", project=ids[3], product="planner", on="0")

    assert re.search(rf'id="planner-{ids[3]}"[^>]*checked aria-disabled', answer.text)


def test_an_unknown_project_and_one_of_another_company_get_the_same_answer(
    owner: Surfer, bench: Workbench, anybody: Callable[[], Surfer]
) -> None:
    other = bench.company("88", "Harbor", "Pier", "Quay", "Dock", "Mole")
    theirs = anybody()
    theirs.sign_in(bench.employ(other, "mia", admin=True))
    foreign = next(id for id in theirs.ids() if id not in owner.ids())

    def told(id: str) -> list[tuple[int, str]]:
        fields = {"project": id, "product": "planner", "on": "1"}
        answers = [owner.htmx("/projects/ticks", **fields), owner.post("/projects/ticks", **fields)]
        return [(answer.status_code, re.sub(r"[0-9a-f]{16}", "", words(answer))) for answer in answers]

    assert told(foreign) == told("404404")
    assert [status for status, _ in told(foreign)] == [404, 404]


def test_an_unknown_product_or_a_missing_state_changes_nothing(owner: Surfer, ids: list[str]) -> None:
    for fields in ({"product": "crane", "on": "1"}, {"product": "planner", "on": "maybe"}, {"product": "planner"}):
        answer = owner.post("/projects/ticks", project=ids[0], **fields)

        assert answer.status_code == 400
        assert "Nothing was changed" in words(answer)
    assert "0 projects" in words(owner.get("/projects"))


def test_without_script_the_whole_page_is_saved_at_once(owner: Surfer, ids: list[str]) -> None:
    answer = owner.post("/projects/save", whole_page="1", shown=ids, project=ids[:2])
    assert "Your ticks are saved." in words(owner.follow(answer))

    owner.post("/projects/save", whole_page="1", shown=ids, project=[ids[0]], planner=[ids[0]], safety_badge=[ids[0]])

    assert "1 project, 1 Planner, 0 Safety" in words(owner.get("/projects"))
    assert "Your ticks are saved." not in words(owner.get("/projects"))


def test_without_script_select_all_and_next_work(owner: Surfer, ids: list[str]) -> None:
    owner.post("/projects/save", whole_page="1", select_all="1", shown=ids)
    assert "4 projects, 0 Planner, 0 Safety" in words(owner.get("/projects"))

    answer = owner.post("/projects/next", whole_page="1", shown=ids, project=[ids[1]], safety=[ids[1]])

    assert answer.headers["location"] == "/subscriptions"
    assert "1 project. You pay once" in words(owner.follow(answer))


def test_without_script_untouched_licensed_rows_are_fine_and_touched_ones_refused(
    owner: Surfer, ids: list[str]
) -> None:
    owner.buy({ids[3]: ["planner"]})

    same = owner.post("/projects/save", shown=ids, project=[ids[3], ids[0]], planner=[ids[3]])
    changed = owner.post("/projects/save", shown=ids, project=[ids[3], ids[1]], planner=[ids[3]], safety=[ids[3]])

    assert same.status_code == 303
    assert changed.status_code == 409
    assert "is already licensed" in words(changed)
    assert "1 project, 0 Planner, 0 Safety" in words(owner.get("/projects"))


def test_without_script_a_page_is_saved_whole_or_not_at_all(owner: Surfer, ids: list[str]) -> None:
    owner.tick(ids[0], "planner")

    answer = owner.post("/projects/save", shown=ids, project=ids[:3], **{f"target-{ids[0]}": "no-such-project"})

    assert answer.status_code == 409
    assert "That Smartapp project is linked already, or is not there any more." in words(answer)
    assert "1 project, 1 Planner, 0 Safety" in words(owner.get("/projects"))


def test_a_page_of_ticks_is_written_in_as_many_statements_as_one(
    owner: Surfer, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = SqlViews.mapping_rows

    def all_at_once(views: SqlViews, member_id: MemberId, wanted: Collection[PlatformProjectId], **at: Any) -> Any:
        assert len(wanted) > 1, "A row was read alone."
        return rows(views, member_id, wanted, **at)

    monkeypatch.setattr(SqlViews, "mapping_rows", all_at_once)
    ticks = {"ticks": [{"project": id, "on": True, "product": None} for id in ids]}

    assert owner.htmx("/projects/ticks/page", project=ids, on="1").status_code == 200
    assert owner.post("/projects/save", shown=ids, project=ids[:2]).status_code == 303
    assert owner.api("PUT", "/ticks", ticks).status_code == 200


def test_a_single_tick_works_as_a_plain_form_too(owner: Surfer, ids: list[str]) -> None:
    answer = owner.client.post(
        "/projects/ticks",
        data={"project": ids[0], "product": "", "on": "1", "_csrf_token": owner.token()},
        headers={"referer": "http://testserver.local/projects?q=HS"},
        follow_redirects=False,
    )

    assert answer.headers["location"] == "/projects?q=HS"
    assert "Your ticks are saved." in words(owner.follow(answer))


def test_reading_09_a_row_can_be_linked_to_an_existing_smartapp_project(owner: Surfer, ids: list[str]) -> None:
    owner.post("/central/add", name="Old Harbor")
    shown = owner.tick(ids[0], "planner")
    target = re.search(r'<option value="([^"]+)">Old Harbor', shown.text)
    assert target is not None

    answer = owner.htmx("/projects/targets", project=ids[0], target=target.group(1))
    assert re.search(r'<option value="[^"]+" selected>Old Harbor', answer.text)
    owner.buy({ids[0]: []})

    assert "1 project, 1 licensed" in words(owner.get("/central"))
    assert "Old Harbor" in words(owner.get("/central"))
    assert "Renamed in Procore" in words(owner.get("/central"))


def test_a_smartapp_project_that_is_not_there_cannot_be_chosen(owner: Surfer, ids: list[str]) -> None:
    answer = owner.htmx("/projects/targets", project=ids[0], target="no-such-project")

    assert answer.status_code == 409
    assert "That Smartapp project is linked already, or is not there any more." in words(answer)


def test_reading_03_missing_projects_are_named_with_the_reason(
    owner: Surfer, bench: Workbench, company: PlatformCompanyId, dana: PlatformUserId
) -> None:
    bench.world.add_projects(company, PlatformProject(PlatformProjectId("5"), "Hidden Yard"))
    owner.sign_in(dana)

    page = words(owner.get("/projects"))

    assert "Don't see your project?" in page
    assert "Hidden Yard not permitted" in page


def test_two_members_have_their_own_ticks_and_never_pay_for_the_same_project(  # noqa: PLR0917 - fixtures
    owner: Surfer,
    anybody: Callable[[], Surfer],
    bench: Workbench,
    company: PlatformCompanyId,
    ids: list[str],
    give_role: Callable[[str, Role], None],
) -> None:
    lee = anybody()
    lee.sign_in(bench.employ(company, "lee", admin=True))
    give_role("lee", Role.ADMIN_WITH_BILLING)
    owner.tick(ids[0], "planner")
    assert "0 projects" in words(lee.get("/projects"))
    lee.tick(ids[0], "planner")
    owner.pay_page()

    answer = lee.htmx("/projects/ticks", project=ids[0], product="safety", on="1")

    assert answer.status_code == 409
    assert "is being paid for right now" in words(answer)
    assert "Being paid for" in words(lee.get("/projects"))
    assert "1 thing to settle before you go on" in words(lee.follow(lee.post("/projects/next")))
