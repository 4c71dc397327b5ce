"""The activity page and its twin on the API."""

import base64
import re
from collections.abc import Callable

import pytest
from tests.app.web.surfer import Surfer, words

from smartapp_domain.audit import Deed
from smartapp_domain.identity import Via
from smartapp_domain.ids import PlatformCompanyId
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.workbench import Workbench
from smartapp_http.present.activity import KIND_LABELS, SENTENCES, entry_row


def test_a_purchase_is_told_by_who_did_what(owner: Surfer) -> None:
    owner.buy({owner.ids()[0]: ["planner"]})

    page = words(owner.get("/activity?kind=buying"))

    assert "Dana ordered 1 project" in page
    assert "The payment provider confirmed the payment of 1 project" in page
    assert "Dana licensed 1 project (set up by Smartapp)" in page
    assert "(Planner)" in page
    assert "just now, 12:00 UTC" in page
    assert "joined" not in page


def test_the_list_is_narrowed_by_kind_and_by_person(
    owner: Surfer, anybody: Callable[[], Surfer], bench: Workbench, company: PlatformCompanyId
) -> None:
    luis = anybody()
    luis.sign_in(bench.employ(company, "luis"))
    id = next(m["id"] for m in owner.api("GET", "/members").json()["members"] if m["name"] == "Luis")

    page = owner.get(f"/activity?kind=people&member={id}")

    assert "Luis joined as Team Member" in words(page)
    assert "Dana joined" not in words(page)
    assert f'href="/activity?kind=people&amp;member={id}" aria-current="true"' in page.text
    assert "Nothing of this kind yet" in words(owner.get(f"/activity?kind=buying&member={id}"))


def _cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "place", ["2001-01-01T00:00:00+00:00 x", "0001-01-01T00:00:00+23:59 x", "2026-01-01 x", '["2001-01-01","x"]']
)
def test_a_cursor_we_did_not_sign_is_the_start(owner: Surfer, place: str) -> None:
    assert "Dana joined as Owner" in words(owner.get(f"/activity?after={_cursor(place)}"))


@pytest.mark.parametrize("query", ["kind=gossip", "member=nobody", "after=zzz", "after=%00", "kind=&member=&after="])
def test_an_odd_address_shows_everything(owner: Surfer, query: str) -> None:
    page = owner.get(f"/activity?{query}")

    assert page.status_code == 400 if "%00" in query else "Dana joined as Owner" in words(page)


def test_pages_follow_each_other_to_the_end(owner: Surfer, bench: Workbench) -> None:
    account = owner.api("GET", "/me").json()["account"]["id"]
    with bench.ports.transaction(account) as tx:
        for number in range(120):
            tx.trail.add(some.entry(f"e{number:03}", account, subject=some.entry().subject))
    seen, path = 0, "/activity?kind=people"

    while path:
        page = owner.get(path)
        seen += page.text.count('<li class="deed">')
        older = re.search(r'rel="next" href="([^"]+)"', page.text)
        path = older.group(1).replace("&amp;", "&") if older else ""

    assert seen == 121  # and one joined
    assert "Newest" in words(page)


def test_the_api_reads_the_trail_by_cursor(owner: Surfer) -> None:
    for name in ("A", "B", "C"):
        owner.post("/central/add", name=name)

    one = owner.api("GET", "/activity?kind=projects&limit=2").json()
    two = owner.api("GET", f"/activity?kind=projects&limit=2&cursor={one['next_cursor']}").json()

    names = [entry["subject"] for entry in (*one["entries"], *two["entries"])]
    assert sorted(names) == ["A", "B", "C"]
    assert two["next_cursor"] is None
    assert {(e["deed"], e["via"], e["name"], e["token"]) for e in one["entries"]} == {
        ("project_added", "page", "Dana", None)
    }


@pytest.mark.parametrize("query", ["cursor=zzz", "limit=0", "limit=201", "kind=gossip", "member=%00"])
def test_a_cursor_that_is_not_ours_is_refused(owner: Surfer, query: str) -> None:
    answer = owner.api("GET", f"/activity?{query}")

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_page_goes_on_by_a_cursor_of_the_api_with_the_same_filters_only(owner: Surfer) -> None:
    for name in ("A", "B"):
        owner.post("/central/add", name=name)

    after = owner.api("GET", "/activity?kind=projects&limit=1").json()["next_cursor"]

    assert "Newest" in words(owner.get(f"/activity?kind=projects&after={after}"))
    assert "Newest" not in words(owner.get(f"/activity?kind=people&after={after}"))


@pytest.mark.parametrize("deed", Deed)
@pytest.mark.parametrize("via", Via)
def test_every_deed_has_its_sentence(deed: Deed, via: Via) -> None:
    member = "pat" if via in (Via.PAGE, Via.API, Via.TOKEN) else None
    entry = some.entry(member_id=member, deed=deed, details=())
    entry = some.attrs.evolve(entry, by=some.attrs.evolve(entry.by, via=via, name="Pat" if member else ""))

    row = entry_row(entry, some.NOON)

    assert deed in SENTENCES
    assert row.what
    assert row.who
    assert deed.kind in KIND_LABELS
