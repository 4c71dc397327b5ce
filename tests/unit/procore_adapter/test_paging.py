"""A list is complete, or it is an error: no way a page can lie goes unnoticed."""

from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.procore_adapter.wire import (
    ACCOUNT,
    COMPANY,
    GRANT,
    PROJECTS,
    TOKEN,
    Wire,
    ok,
    project,
    projects,
    token_answer,
)

from smartapp_domain.catalog import Module
from smartapp_domain.ports.platform import AnswerUnusable
from smartapp_domain.project import PlatformProject

BASE = "https://api.test/rest/v1.1/projects"


def next_page(url: str = f"{BASE}?company_id=77&page=2&per_page=300") -> str:
    return f'<{BASE}?page=1>; rel="first", <{url}>; rel="next", <{BASE}?page=9>; rel="last"'


def listed(*pages: httpx.Response) -> Iterator[PlatformProject]:
    wire = Wire().on(TOKEN, token_answer()).on(PROJECTS, *pages)
    return wire.platform().projects(ACCOUNT, COMPANY, Module.PLANNER)


def ids(*pages: httpx.Response) -> list[str]:
    return [each.id for each in listed(*pages)]


def test_pages_are_followed_until_there_is_no_next() -> None:
    first = ok(projects([3, 1]), link=next_page(), total="3", per_page="2")
    second = ok(projects([2]), total="3", per_page="2")

    assert ids(first, second) == ["3", "1", "2"]


def test_the_followed_page_is_asked_as_the_first_one_was() -> None:
    wire = Wire().on(TOKEN, token_answer())
    wire.on(PROJECTS, ok(projects([1]), link=next_page(), total="2"), ok(projects([2]), total="2"))

    list(wire.platform().projects(ACCOUNT, COMPANY, Module.PLANNER))

    first, second = wire.asked(PROJECTS)
    assert dict(first.url.params) == {
        "company_id": "77",
        "filters[by_status]": "All",
        "page": "1",
        "per_page": "300",
    }
    assert second.url.params["page"] == "2"
    for request in (first, second):
        assert request.headers["procore-company-id"] == "77"
        assert request.headers["authorization"] == "Bearer service-token"
        assert "token" not in str(request.url)


def test_an_empty_list_is_a_list() -> None:
    assert ids(ok([], total="0", per_page="300")) == []
    assert ids(ok([])) == []


def test_a_list_without_any_paging_headers_ends_at_a_short_page() -> None:
    full, short = ok(projects(range(300))), ok(projects(range(300, 301)))

    assert len(ids(full, short)) == 301
    assert len(ids(full, ok([]))) == 300


def test_a_smaller_page_size_told_by_procore_counts_when_looking_for_the_end() -> None:
    assert ids(ok(projects([1, 2]), per_page="2"), ok(projects([3]), per_page="2")) == ["1", "2", "3"]


def test_a_person_sees_only_active_projects_even_when_others_are_sent() -> None:
    wire = Wire().on(PROJECTS, ok([project(1), project(2, active=False)], total="2"))

    seen = list(wire.sign_in().projects(GRANT, COMPANY))

    assert [each.id for each in seen] == ["1"]
    assert wire.requests[0].url.params["filters[by_status]"] == "Active"


@pytest.mark.parametrize(
    ("pages", "why"),
    [
        ([ok(projects([1, 2]), total="3", per_page="2")], "2 rows although its total is 3"),
        ([ok(projects([1, 2]), total="1")], "2 rows although its total is 1"),
        ([ok([], total="4")], "0 rows although its total is 4"),
        ([ok([], total="4", link=next_page())], "0 rows although its total is 4"),
        ([ok(projects([1]), total="2", link=next_page()), ok([], total="2")], "1 rows although"),
        ([ok(projects([1]), total="3", link=next_page()), ok(projects([2]), total="2")], "changed from 3 to 2"),
        ([ok(projects([1]), total="2", link=next_page()), ok(projects([2]))], "changed from 2 to None"),
        ([ok(projects([1]), total="2", link=next_page()), ok(projects([1]), total="2")], "row 1 came twice"),
        ([ok(projects([1, 1]), total="2")], "row 1 came twice"),
        ([ok(projects([1]), link=next_page())], "row 1 came twice"),
        ([ok(projects([1]), link=next_page("https://evil.test/rest/v1.1/projects?page=2"))], "somewhere else"),
        ([ok(projects([1]), link=next_page("http://api.test/rest/v1.1/projects?page=2"))], "somewhere else"),
        ([ok(projects([1]), link=next_page("https://api.test:8443/rest/v1.1/projects?page=2"))], "somewhere else"),
        ([ok(projects([1]), link=next_page("https://api.test/rest/v1.0/companies?page=2"))], "somewhere else"),
        ([ok(projects([1]), link=next_page("//evil.test/rest/v1.1/projects"))], "somewhere else"),
        ([ok({"data": projects([1])})], "documented form"),
        ([ok(b"null")], "documented form"),
        ([ok([project(1), {"id": 2, "name": "x"}])], "documented form"),
        ([ok([project(1, company={"id": 78, "name": "Stranger"})])], "another company"),
    ],
)
def test_a_list_that_contradicts_itself_is_not_used(pages: list[httpx.Response], why: str) -> None:
    with pytest.raises(AnswerUnusable, match=why):
        ids(*pages)


def test_nothing_of_a_bad_page_is_yielded() -> None:
    bad = ok([project(1), project(2), {"id": 3}])

    with pytest.raises(AnswerUnusable):
        next(listed(bad))


@given(page_sizes=st.lists(st.integers(1, 5), min_size=1, max_size=6), lost=st.integers(0, 5), told=st.booleans())
def test_whatever_the_pages_a_list_is_whole_or_refused(page_sizes: list[int], lost: int, *, told: bool) -> None:
    numbers = iter(range(sum(page_sizes)))
    chunks = [[next(numbers) for _ in range(size)] for size in page_sizes]
    paging = {"total": str(sum(page_sizes)), "per_page": "5"} if told else {"per_page": "5"}
    links = [{"link": next_page()} for _ in chunks[1:]] + [{}]
    pages = [ok(projects(chunk), **paging, **link) for chunk, link in zip(chunks, links, strict=True)]

    # After the last chunk there is nothing, as on Procore past the end; a list without `Total` is probed for it.
    assert ids(*pages, ok([], **paging)) == [str(number) for chunk in chunks for number in chunk]

    if told and lost < len(pages):
        with pytest.raises(AnswerUnusable):
            ids(*pages[:lost], *pages[lost + 1 :], ok([], **paging))
