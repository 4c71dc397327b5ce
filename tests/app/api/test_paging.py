"""Walking the API's lists, on both databases."""

from collections.abc import Iterator

import httpx
import pytest
from tests.app.api.town import Town

from smartapp_domain.identity import Role

LISTS = {
    "/projects?part=not_licensed": "projects",
    "/projects?part=not_licensed&sort=number": "projects",
    "/projects?part=not_licensed&sort=newest": "projects",
    "/projects?q=flushing": "projects",
    "/central/projects": "projects",
    "/activity": "entries",
    "/activity?kind=people": "entries",
}


@pytest.fixture
def client(town: Town) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {town.token(town.acme, Role.OWNER)}"}
    with httpx.Client(base_url=f"{town.url}/api/v1", headers=headers, timeout=60) as client:
        yield client


def _with(path: str, query: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{query}"


def _walk(client: httpx.Client, path: str, name: str, limit: int) -> Iterator[str]:
    """Follow the links, as they are."""
    url = _with(path, f"limit={limit}")
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, answer.text
        assert len(answer.json()[name]) <= limit
        assert ("next" in answer.links) is (answer.json()["next_cursor"] is not None)
        yield from (item["id"] for item in answer.json()[name])
        url = answer.links.get("next", {}).get("url", "")


@pytest.mark.parametrize("path", LISTS)
def test_following_the_links_meets_everything_once(client: httpx.Client, path: str) -> None:
    whole = [item["id"] for item in client.get(_with(path, "limit=200")).json()[LISTS[path]]]

    assert whole
    for limit in (1, 2, len(whole)):
        assert list(_walk(client, path, LISTS[path], limit)) == whole


def test_projects_that_are_added_meanwhile_repeat_nothing(client: httpx.Client) -> None:
    before = [item["id"] for item in client.get("/central/projects").json()["projects"]]
    met = []

    for id in _walk(client, "/central/projects", "projects", 1):
        met.append(id)
        if len(met) < 4:
            client.post("/central/projects", json={"name": f"AAA {len(met)}"})

    assert [id for id in met if id in before] == before
    assert len(met) == len(set(met))


def _cursor(client: httpx.Client, path: str) -> str:
    return str(client.get(_with(path, "limit=1")).json()["next_cursor"])


@pytest.mark.parametrize(
    "other",
    [
        "/projects?part=not_licensed&sort=number",
        "/projects?part=not_licensed&q=hs",
        "/projects?part=licensed",
        "/central/projects",
        "/activity",
    ],
)
def test_a_cursor_leads_on_in_its_own_list_only(client: httpx.Client, other: str) -> None:
    cursor = _cursor(client, "/projects?part=not_licensed")

    answer = client.get(_with(other, f"cursor={cursor}"))

    assert (answer.status_code, answer.json()["reason"]) == (400, "cursor_unknown")
    assert "Start again without a cursor, or repeat the filters." in answer.json()["detail"]
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", LISTS)
def test_a_cursor_of_another_company_is_like_one_nobody_made(town: Town, client: httpx.Client, path: str) -> None:
    headers = {"Authorization": f"Bearer {town.token(town.globex, Role.OWNER)}"}
    with httpx.Client(base_url=f"{town.url}/api/v1", headers=headers) as other:
        theirs = _cursor(other, path)
    forged = theirs[:-4] + ("AAAA" if theirs[-4:] != "AAAA" else "BBBB")

    foreign, unknown = (client.get(_with(path, f"cursor={cursor}")) for cursor in (theirs, forged))

    assert foreign.status_code == unknown.status_code == 400
    told = [{**answer.json(), "request_id": ""} for answer in (foreign, unknown)]
    assert told[0] == told[1]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "limit=-1", "cursor=", "cursor=a%20b", "cursor=%2B"]
)
def test_a_bad_limit_or_cursor_is_refused(client: httpx.Client, query: str) -> None:
    for path in ("/projects", "/central/projects", "/activity"):
        answer = client.get(f"{path}?{query}")

        assert answer.status_code == 400
        assert answer.json()["reason"] in {"invalid_request", "cursor_unknown"}
