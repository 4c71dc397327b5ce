"""Project lists: paging, filters, sorts, views."""

import re
from typing import Any

import pytest
from tests.emulators.procore.support import CLOSED, HARBOR, PIER, QUAY, SCHOOL, TOWER, TOWER_TWO, Emulator

V1_0 = f"/rest/v1.0/projects?company_id={HARBOR}"
V1_1 = f"/rest/v1.1/projects?company_id={HARBOR}"
LISTS = [V1_0, V1_1, f"/rest/v1.0/companies/{HARBOR}/projects?x=y"]


@pytest.fixture
def token(emulator: Emulator) -> str:
    emulator.install()
    return emulator.person_token()


def listed(emulator: Emulator, token: str, path: str) -> list[Any]:
    answer = emulator.get(path, token)
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()
    return found


def ids(emulator: Emulator, token: str, path: str) -> list[int]:
    return [each["id"] for each in listed(emulator, token, path)]


def links(header: str) -> dict[str, str]:
    return {rel: url for url, rel in re.findall(r'<([^>]+)>; rel="(\w+)"', header)}


def add_projects(emulator: Emulator, count: int) -> None:
    for number in range(count):
        sent = {"company_id": HARBOR, "name": f"Extra {number}", "id": 8_000_000_000 + number}
        assert emulator.http.post("/_emulator/projects", json=sent).status_code == 201


@pytest.mark.parametrize("path", LISTS)
def test_only_active_projects_are_listed_unless_asked(emulator: Emulator, token: str, path: str) -> None:
    assert ids(emulator, token, path) == [TOWER, TOWER_TWO, SCHOOL]
    assert ids(emulator, token, f"{path}&filters[by_status]=Active") == [TOWER, TOWER_TWO, SCHOOL]
    assert ids(emulator, token, f"{path}&filters[by_status]=Inactive") == [CLOSED]
    assert ids(emulator, token, f"{path}&filters[by_status]=All") == [TOWER, TOWER_TWO, SCHOOL, CLOSED]


@pytest.mark.parametrize("path", LISTS)
def test_pages_link_to_each_other_with_absolute_addresses(emulator: Emulator, token: str, path: str) -> None:
    page = emulator.get(f"{path}&per_page=1", token)
    seen = [page.json()[0]["id"]]
    rels = [sorted(links(page.headers["Link"]))]
    while "next" in links(page.headers["Link"]):
        page = emulator.get(links(page.headers["Link"])["next"], token)
        seen.append(page.json()[0]["id"])
        rels.append(sorted(links(page.headers["Link"])))

    assert seen == [TOWER, TOWER_TWO, SCHOOL]
    assert rels == [["last", "next"], ["first", "last", "next"], ["first", "last", "prev"]]
    assert (page.headers["Total"], page.headers["Per-Page"]) == ("3", "1")
    assert all(url.startswith(str(emulator.http.base_url)) for url in links(page.headers["Link"]).values())


def test_links_keep_the_filters(emulator: Emulator, token: str) -> None:
    first = emulator.get(f"{V1_1}&filters[by_status]=All&filters[name]=Tower&per_page=1", token)

    assert [each["id"] for each in emulator.get(links(first.headers["Link"])["next"], token).json()] == [TOWER_TWO]


def test_one_page_has_no_links_and_past_the_end_is_empty(emulator: Emulator, token: str) -> None:
    assert "Link" not in emulator.get(V1_1, token).headers

    beyond = emulator.get(f"{V1_1}&page=9", token)

    assert beyond.json() == []
    assert beyond.headers["Total"] == "3"
    assert "next" not in beyond.headers.get("Link", "")


def test_the_newer_list_has_a_default_of_100_and_a_ceiling_of_300(emulator: Emulator, token: str) -> None:
    add_projects(emulator, 302)

    assert len(listed(emulator, token, V1_1)) == 100
    assert len(listed(emulator, token, f"{V1_1}&per_page=1000")) == 300
    assert emulator.get(f"{V1_1}&per_page=1000", token).headers["Per-Page"] == "300"
    assert len(listed(emulator, token, f"{V1_0}&per_page=1000")) == 305


@pytest.mark.parametrize("query", ["page=0", "page=x", "per_page=0", "per_page=-3"])
def test_wrong_page_numbers_are_refused(emulator: Emulator, token: str, query: str) -> None:
    assert emulator.get(f"{V1_1}&{query}", token).status_code == 400


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("filters[name]=Tower", [TOWER, TOWER_TWO]),
        ("filters[name]=Tow", []),
        ("filters[project_number]=T-2", [TOWER_TWO]),
        ("filters[origin_id]=erp-1", [TOWER]),
        (f"filters[id][]={TOWER}&filters[id][]={SCHOOL}", [TOWER, SCHOOL]),
        (f"filters[id]={TOWER},{SCHOOL}", [TOWER, SCHOOL]),
        ("filters[synced]=true", [TOWER]),
        ("filters[synced]=false", [TOWER_TWO, SCHOOL]),
        ("filters[is_demo]=true", []),
        ("filters[template]=true", []),
        ("filters[template]=false", [TOWER, TOWER_TWO, SCHOOL]),
        ("filters[vendor_id]=7", []),
        ("filters[by_office]=7", []),
        ("filters[name]=Tower&filters[project_number]=T-1", [TOWER]),
        ('filters[custom_fields]={"a":1}', []),
        ("filters[nobody_knows]=1", [TOWER, TOWER_TWO, SCHOOL]),
    ],
)
def test_filters(emulator: Emulator, token: str, query: str, expected: list[int]) -> None:
    assert ids(emulator, token, f"{V1_1}&{query}") == expected


def test_filters_of_the_newer_list_mean_nothing_to_the_older(emulator: Emulator, token: str) -> None:
    assert ids(emulator, token, f"{V1_0}&filters[project_number]=T-2") == [TOWER, TOWER_TWO, SCHOOL]


def test_projects_are_found_by_the_id_of_their_stage(emulator: Emulator) -> None:
    emulator.install(QUAY)
    token, path = emulator.person_token(6_000_000_003), f"/rest/v1.1/projects?company_id={QUAY}"
    stage = emulator.get(path, token, QUAY).json()[0]["project_stage"]["id"]

    assert [each["id"] for each in emulator.get(f"{path}&filters[by_stage]={stage}", token, QUAY).json()] == [PIER]
    assert emulator.get(f"{path}&filters[by_stage]={stage + 1}", token, QUAY).json() == []


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ("2026-02-01...2026-02-02", [TOWER, TOWER_TWO]),
        ('"2026-02-01T00:00:00Z...2026-02-02T08:00:00Z"', [TOWER]),
        ("2026-02-02T08:00:00Z...2026-02-09T00:00:00Z", [TOWER_TWO, SCHOOL]),
        ("2026-02-02T10:00:00%2B02:00...2026-02-03T00:00:00Z", [TOWER_TWO]),
        ("2026-02-03", [SCHOOL]),
    ],
)
def test_ranges_of_time(emulator: Emulator, token: str, window: str, expected: list[int]) -> None:
    assert ids(emulator, token, f"{V1_1}&filters[updated_at]={window}") == expected


def test_the_end_of_a_range_may_be_set_to_count(emulator: Emulator, token: str) -> None:
    window = f"{V1_1}&filters[created_at]=2026-01-01T00:00:00Z...2026-01-02T08:00:00Z"
    without = ids(emulator, token, window)
    emulator.behave(range_end_inclusive=True)

    assert (without, ids(emulator, token, window)) == ([TOWER], [TOWER, TOWER_TWO])


@pytest.mark.parametrize(
    "query",
    [
        "filters[by_status]=Closed",
        "filters[updated_at]=yesterday",
        "filters[id]=abc",
        "filters[synced]=maybe",
        "filters[custom_fields]={",
        "sort=size",
        "view=huge",
    ],
)
def test_wrong_queries_are_refused(emulator: Emulator, token: str, query: str) -> None:
    assert emulator.get(f"{V1_1}&{query}", token).status_code == 400


def test_sorting_by_name_both_ways(emulator: Emulator, token: str) -> None:
    assert ids(emulator, token, f"{V1_1}&sort=name") == [SCHOOL, TOWER, TOWER_TWO]
    assert ids(emulator, token, f"{V1_1}&sort=-display_name") == [TOWER_TWO, TOWER, SCHOOL]


def test_views_of_the_lists(emulator: Emulator, token: str) -> None:
    compact = {"id", "name", "display_name"}

    assert set(listed(emulator, token, f"{V1_1}&view=ids")[0]) == {"id"}
    assert set(listed(emulator, token, f"{V1_1}&view=compact")[0]) == compact
    assert set(listed(emulator, token, f"{V1_0}&serializer_view=compact")[0]) == compact
    normal, extended = (set(listed(emulator, token, f"{V1_1}&view={view}")[0]) for view in ("normal", "extended"))
    assert {"stage", "fax"}.isdisjoint(normal)
    assert {"tz_name", "departments"} <= extended - normal
    assert {"stage", "fax"} <= set(listed(emulator, token, V1_0)[0])


def test_amounts_are_strings_in_the_older_list_and_numbers_in_the_newer(emulator: Emulator, token: str) -> None:
    assert listed(emulator, token, V1_0)[0]["estimated_value"] == "1500.50"
    assert listed(emulator, token, V1_1)[0]["estimated_value"] == 1500.5


def test_one_project_shows_more_and_minimal_shows_less(emulator: Emulator, token: str) -> None:
    shown = emulator.get(f"/rest/v1.0/projects/{TOWER}?company_id={HARBOR}", token).json()
    minimal = emulator.get(f"/rest/v1.0/projects/{TOWER}?company_id={HARBOR}&view=minimal", token).json()

    assert shown["display_name"] == "T-1 - Tower"
    assert shown["company"] == {"id": HARBOR, "name": "Harbor & Sons"}
    assert {"description", "tz_name", "logo_url"} <= set(shown)
    assert set(minimal) < set(shown)


def test_the_companys_own_list_nests_the_address(emulator: Emulator, token: str) -> None:
    item = listed(emulator, token, f"/rest/v1.0/companies/{HARBOR}/projects?filters[by_status]=Inactive")[0]

    assert (item["id"], item["status_name"]) == (CLOSED, "Inactive")
    assert set(item["address"]) == {"street", "city", "state_code", "zip", "country_code"}


@pytest.mark.parametrize("path", ["/rest/v1.0/projects", "/rest/v1.1/projects", f"/rest/v1.0/projects/{TOWER}"])
def test_company_id_is_needed_in_the_query(emulator: Emulator, token: str, path: str) -> None:
    assert emulator.get(path, token).status_code == 400


def test_a_company_id_that_is_no_number_is_refused(emulator: Emulator, token: str) -> None:
    assert emulator.get("/rest/v1.1/projects?company_id=abc", token).status_code == 400


def test_unknown_addresses_and_methods_answer_json(emulator: Emulator, token: str) -> None:
    assert emulator.get("/rest/v1.0/nothing", token).json()["message"]
    assert emulator.http.post("/rest/v1.0/me").status_code == 405
