import re
from collections.abc import Callable
from datetime import timedelta

import attrs
import pytest
from tests.app.web.surfer import Surfer, words

from smartapp_domain.catalog import Module
from smartapp_domain.identity import Role
from smartapp_domain.ids import PlatformCompanyId, PlatformProjectId
from smartapp_domain.testing.workbench import Workbench


@pytest.fixture
def licensed(owner: Surfer) -> str:
    """The first project, licensed with Planner and its board; returns its platform id."""
    id = owner.ids()[0]
    owner.buy({id: ["planner", "planner_board"]}, "month")
    return id


def _subscription_url(owner: Surfer) -> str:
    found = re.search(r'href="(/central/[^"]+/subscription)"', owner.get("/central").text)
    assert found is not None
    return found.group(1)


def _subscription_urls(page: str) -> set[str]:
    return set(re.findall(r'href="(/central/[^"]+/subscription)"', page))


def test_before_the_first_project_the_page_says_what_to_do(owner: Surfer) -> None:
    page = words(owner.get("/central"))

    assert "Your projects will be here" in page
    assert "Map Procore projects" in page


def test_a_new_project_is_created_and_announced_by_name(owner: Surfer) -> None:
    page = owner.follow(owner.post("/central/add", name="  North   Shed "))

    assert "New project North Shed is created." in words(page)
    assert "is created" not in words(owner.get("/central"))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("   ", "The project needs a name. Type one."), ("x" * 201, "The name has 201 characters; 200 is the limit.")],
)
def test_a_project_without_a_usable_name_is_refused_with_the_fix(owner: Surfer, name: str, sentence: str) -> None:
    answer = owner.post("/central/add", name=name)

    assert answer.status_code == 422
    assert sentence in words(answer)
    assert "Your projects will be here" in words(owner.get("/central"))


def test_names_are_shown_as_text_never_as_markup(owner: Surfer) -> None:
    page = owner.follow(owner.post("/central/add", name="<script>alert(1)</script>"))

    assert "<script>alert(1)" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text


def test_manage_subscriptions_shows_what_until_when_price_and_invoices(owner: Surfer, licensed: str) -> None:
    page = words(owner.get(_subscription_url(owner)))

    assert licensed
    assert "Planner $295.00 a month, since Mar 2, 2026" in page
    assert "Planner Board Included" in page
    assert "Licensed until" in page
    assert "Monthly subscription" in page
    assert "Paid $295.00" in page
    assert "1 project licensed by Dana, $295.00 a month" in page


def test_the_account_page_lists_every_licensed_project_and_invoice(owner: Surfer, licensed: str) -> None:
    page = words(owner.get("/manage-subscriptions"))

    assert licensed
    assert "Licensed projects" in page
    assert "Planner × 1 $295.00" in page
    assert "$295.00 a month" in page


def test_the_account_page_is_paged_and_counts_licensed_projects_only(
    owner: Surfer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smartapp_http.pages.managing.PER_PAGE", 2)
    owner.post("/central/add", name="A shed nobody licensed")
    owner.buy({id: ["planner"] for id in owner.ids()})

    first, last = owner.get("/manage-subscriptions"), owner.get("/manage-subscriptions?page=99")

    assert "Page 1 of 2" in words(first)
    assert "Page 2 of 2" in words(last)
    shown = [_subscription_urls(page.text) for page in (first, last)]
    assert [len(urls) for urls in shown] == [2, 2]
    assert not shown[0] & shown[1]
    assert "A shed nobody licensed" not in words(first) + words(last)


def test_a_failed_payment_is_said_on_tile_and_page(owner: Surfer, licensed: str, bench: Workbench) -> None:
    with bench.ports.reading(owner.api("GET", "/me").json()["account"]["id"]) as reading:
        [subscription] = reading.subscriptions.all()
    bench.clock.move(timedelta(days=31))
    bench.payments.renew(subscription.id, succeeds=False)
    bench.deliver()
    bench.work()

    assert licensed
    assert "Payment failed, next try" in words(owner.get("/central"))
    assert "Payment failed" in words(owner.get(_subscription_url(owner)))
    bench.work(timedelta(days=20))
    assert "Inactive: Payment Pending" in words(owner.get("/central"))
    assert "Inactive: Payment Pending" in words(owner.get("/projects"))


def test_reading_11_a_rename_is_shown_and_taken_over_with_one_press(
    owner: Surfer, licensed: str, bench: Workbench, company: PlatformCompanyId
) -> None:
    id = PlatformProjectId(licensed)
    bench.world.add_projects(company, attrs.evolve(bench.world.projects[company][id], name="Flushing Annex"))
    owner.post("/projects/refresh")
    bench.work()
    url = _subscription_url(owner)
    assert "Renamed in Procore: Flushing Annex (N0001)" in words(owner.get("/central"))
    assert "Flushing Annex" not in re.findall(r"<h2><a[^>]*>([^<]+)", owner.get("/central").text)

    answer = owner.post(url.replace("subscription", "adopt-name"))

    assert "The project is called Flushing Annex now." in words(owner.follow(answer))
    assert "Renamed in Procore" not in words(owner.get("/central"))


def test_reading_44_without_any_app_everything_stays_and_one_banner_says_so(
    owner: Surfer, licensed: str, bench: Workbench, company: PlatformCompanyId
) -> None:
    for app in Module:
        bench.world.uninstall(company, app)
    owner.post("/projects/refresh")
    bench.work()

    assert licensed
    assert "Smartapp is not installed in Procore any more" in words(owner.get("/central"))
    assert "Licensed until" in words(owner.get("/central"))


@pytest.mark.parametrize("path", ["/central/{}/subscription", "/central/{}/adopt-name"])
def test_a_project_of_another_company_is_as_good_as_unknown(
    owner: Surfer, licensed: str, bench: Workbench, anybody: Callable[[], Surfer], path: str
) -> None:
    other = anybody()
    other.sign_in(bench.employ(bench.company("88", "Harbor"), "mia", admin=True))
    theirs = _subscription_url(owner).split("/")[2]

    def told(id: str) -> tuple[int, str]:
        answer = other.get(path.format(id)) if path.endswith("subscription") else other.post(path.format(id))
        return answer.status_code, re.sub(r"[0-9a-f]{16}", "", words(answer))

    assert licensed
    assert told(theirs) == told("id-unknown")
    assert told(theirs)[0] == 404


def test_a_team_member_sees_licenses_but_no_money(
    owner: Surfer, licensed: str, bench: Workbench, anybody: Callable[[], Surfer], company: PlatformCompanyId
) -> None:
    luis = anybody()
    luis.sign_in(bench.employ(company, "luis"))

    page = words(luis.get(_subscription_url(owner)))

    assert licensed
    assert "Licensed until" in page
    assert "$" not in page
    assert "Your role, Team Member, does not see prices and invoices." in page
    assert luis.get("/manage-subscriptions").status_code == 403


@pytest.mark.parametrize(
    ("role", "closed"),
    [
        (Role.OWNER, set()),
        (Role.ADMIN, {"/manage-subscriptions"}),
        (Role.TEAM_MEMBER, {"/manage-subscriptions", "/projects"}),
    ],
)
def test_no_page_leads_where_the_role_may_not_go(
    owner: Surfer, licensed: str, give_role: Callable[[str, Role], None], role: Role, closed: set[str]
) -> None:
    subscription = _subscription_url(owner)
    give_role("dana", role)

    assert licensed
    for path in ("/help", "/central", subscription):
        page = owner.get(path).text
        assert {url for url in ("/manage-subscriptions", "/projects") if f'href="{url}"' not in page} == closed, path


def test_tiles_are_searched_and_paged(owner: Surfer, licensed: str) -> None:
    assert licensed
    assert "No project matches “zebra”" in words(owner.get("/central?q=zebra"))
    assert "FLUSHING HS" in words(owner.get("/central?q=flush"))
