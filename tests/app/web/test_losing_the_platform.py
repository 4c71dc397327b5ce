"""What pages and the API say after the platform stopped letting us in, or stopped permitting a licensed project."""

import re
from collections.abc import Callable

import attrs
import httpx
import pytest
from tests.app.web.surfer import Surfer, field, words

from smartapp_domain.catalog import Module
from smartapp_domain.ids import PlatformCompanyId, PlatformUserId
from smartapp_domain.installation import FRESH
from smartapp_domain.ports.platform import AccessDenied, PlatformError, ReconnectNeeded
from smartapp_domain.testing.workbench import Workbench

#: The first of the list, which is bought, and the last one, which is only ticked.
LICENSED, TICKED = "FLUSHING HS", "TOTTENVILLE HS"
PAGES = ("/central", "/projects", "/manage-subscriptions")
MANAGEMENT = "https://platform.test/app-management"


@attrs.frozen
class Loss:
    """
    A way to lose the platform, and what every page says then.

    Attributes:
        installed: The apps stay installed, but no project is permitted.
        trouble: What the platform answers from then on.

    """

    title: str
    fix: str
    installed: bool = False
    trouble: PlatformError | None = None

    @property
    def whole(self) -> bool:
        """The connection itself is lost, not a project alone."""
        return not self.installed

    def happen(self, bench: Workbench, company: PlatformCompanyId) -> None:
        for app in Module:
            if self.installed:
                bench.world.install(company, app, [])
            elif self.trouble is None:
                bench.world.uninstall(company, app)
        bench.world.trouble = self.trouble

    def end(self, bench: Workbench, company: PlatformCompanyId) -> None:
        bench.world.trouble = None
        for app in Module:
            bench.world.install(company, app)


MARKET = "https://platform.test/marketplace"
REVOKED = ReconnectNeeded("The sign-in was revoked.", remedy="Sign in again.")
DENIED = AccessDenied("The service account may not list projects.", remedy="Give it the right.")
LOSSES = {
    "uninstalled": Loss("Smartapp is not installed in Procore any more", MARKET),
    "revoked or expired": Loss("Procore must be connected again", "/setup", trouble=REVOKED),
    "denied": Loss("Procore does not let Smartapp read your projects", MANAGEMENT, trouble=DENIED),
    "not permitted": Loss("1 licensed project is not permitted any more", MANAGEMENT, installed=True),
}
WHOLE = [name for name, loss in LOSSES.items() if loss.whole]


@pytest.fixture(params=LOSSES)
def loss(request: pytest.FixtureRequest) -> Loss:
    return LOSSES[request.param]


@pytest.fixture
def licensed(owner: Surfer) -> str:
    """The first project, licensed with Planner; the last one is ticked and not bought. Returns the first one's id."""
    first, *_, last = owner.ids()
    owner.buy({first: ["planner"]}, "month")
    owner.tick(last, "safety")
    return first


def lose(owner: Surfer, loss: Loss, company: PlatformCompanyId) -> None:
    loss.happen(owner.bench, company)
    read_again(owner)


def read_again(owner: Surfer) -> None:
    owner.post("/projects/refresh")
    owner.bench.work()


def banners(answer: httpx.Response) -> list[str]:
    return re.findall(r'<section class="banner is-\w+".*?</section>', answer.text, re.DOTALL)


def subscription_url(owner: Surfer) -> str:
    found = re.search(r'href="(/central/[^"]+/subscription)"', owner.get("/central").text)
    assert found is not None
    return found.group(1)


@pytest.mark.parametrize("page", [*PAGES, "subscription"])
@pytest.mark.usefixtures("licensed")
def test_every_page_says_once_what_is_lost_and_what_mends_it(
    owner: Surfer, company: PlatformCompanyId, loss: Loss, page: str
) -> None:
    url = subscription_url(owner) if page == "subscription" else page
    assert banners(owner.get(url)) == []

    lose(owner, loss, company)

    [banner] = banners(owner.get(url))
    assert loss.title in banner
    assert f'href="{loss.fix}"' in banner
    assert "Licenses stay as they are, and nothing is lost" in banner
    assert "Read again" in banner


@pytest.mark.usefixtures("licensed")
def test_whoever_may_not_map_projects_is_told_but_offered_no_button(
    owner: Surfer, company: PlatformCompanyId, loss: Loss, anybody: Callable[[], Surfer]
) -> None:
    luis = anybody()
    luis.sign_in(owner.bench.employ(company, "luis"))

    lose(owner, loss, company)

    [banner] = banners(luis.get("/central"))
    assert loss.title in banner
    assert "Read again" not in banner


@pytest.mark.usefixtures("licensed")
def test_a_licensed_project_says_since_when_it_is_not_connected(
    owner: Surfer, company: PlatformCompanyId, loss: Loss
) -> None:
    url = subscription_url(owner)
    assert "Linked to Procore" in words(owner.get("/central"))
    assert "Linked to Procore" in words(owner.get(url))

    lose(owner, loss, company)

    for page in ("/central", url):
        assert "Not connected to Procore since Mar 2, 2026" in words(owner.get(page))
        assert "Linked to Procore" not in words(owner.get(page))
    for page in (*PAGES, url):
        assert "Licensed until" in words(owner.get(page)) or page == "/manage-subscriptions"
        assert "Not connected" in words(owner.get(page))
    [project] = owner.api("GET", "/central/projects").json()["projects"]
    assert (project["link"], project["disconnected_at"][:10]) == ("disconnected", "2026-03-02")


@pytest.mark.usefixtures("licensed")
def test_many_projects_that_are_not_permitted_any_more_are_named_and_counted(
    owner: Surfer, company: PlatformCompanyId
) -> None:
    owner.buy({id: ["planner"] for id in owner.ids()[1:]})

    lose(owner, LOSSES["not permitted"], company)

    page = words(owner.get("/central"))
    assert "4 licensed projects are not permitted any more" in page
    assert "FLUSHING HS (N0001), FLUSHING HS (N0002), P.S. 26 (N0003) and 1 more. Add them to the permitted" in page


@pytest.mark.usefixtures("licensed")
def test_the_platforms_return_takes_every_word_of_it_away(
    owner: Surfer, company: PlatformCompanyId, loss: Loss
) -> None:
    lose(owner, loss, company)

    loss.end(owner.bench, company)
    read_again(owner)

    assert banners(owner.get("/central")) == []
    assert "Linked to Procore" in words(owner.get("/central"))
    assert "Not connected" not in words(owner.get("/projects"))
    assert "1 project, 0 Planner, 1 Safety" in words(owner.get("/projects"))
    assert TICKED in words(owner.get("/projects"))
    [project] = owner.api("GET", "/central/projects").json()["projects"]
    assert (project["link"], project["disconnected_at"]) == ("linked", None)


@pytest.mark.parametrize("loss", [LOSSES[name] for name in WHOLE], ids=WHOLE)
@pytest.mark.usefixtures("licensed")
def test_while_nothing_may_be_read_only_what_is_licensed_is_shown(
    owner: Surfer, company: PlatformCompanyId, loss: Loss
) -> None:
    *_, last = owner.ids()

    lose(owner, loss, company)

    ticked = {"ticks": [{"project": last, "product": "planner", "on": True}]}
    pasted = {"text": f"{TICKED}\nN0001\nN0003", "products": ["planner"]}
    shown = [
        *(
            owner.get(path)
            for path in (*PAGES, "/projects?check=1", "/projects?q=P.S.", "/projects?filter=not-licensed")
        ),
        owner.htmx("/projects/ticks", project=last, product="planner", on="1"),
        owner.htmx("/projects/ticks", project=last, product="", on="0"),
        owner.htmx("/projects/ticks/page", project=last, on="1"),
        owner.api("PUT", "/ticks", ticked),
        owner.api("PUT", f"/projects/{last}/target", {"smartapp_project": None}),
        *(owner.api("GET", f"/projects?part={part}") for part in ("not_licensed", "licensed")),
        owner.api("GET", "/review"),
        owner.api("GET", "/offer"),
    ]
    for answer in shown:
        assert TICKED not in answer.text, answer.url
        assert "P.S. 26" not in answer.text, answer.url
    assert LICENSED in words(owner.get("/projects"))
    assert "not permitted" not in words(owner.get("/projects"))
    for answer in (owner.post("/projects/paste", **pasted), owner.api("POST", "/projects/paste/preview", pasted)):
        assert answer.status_code == 409
        assert "Your choice is kept" in answer.text
        assert "FLUSHING" not in answer.text


@pytest.mark.usefixtures("licensed")
def test_what_was_ticked_is_not_sold_and_the_reason_is_said(
    owner: Surfer, company: PlatformCompanyId, loss: Loss
) -> None:
    fingerprint = field(owner.get("/subscriptions?interval=year"), "fingerprint")

    lose(owner, loss, company)

    late = owner.post("/subscriptions/checkout", interval="year", fingerprint=fingerprint)
    for answer in (late, owner.get("/subscriptions"), owner.post("/projects/next")):
        assert answer.headers["location"] == "/projects?check=1#problems"
    page = words(owner.get("/projects?check=1"))
    sentence = (
        "Your projects cannot be read at the moment" if loss.whole else f"{TICKED} is not permitted for our apps."
    )
    assert sentence in page
    refused = owner.api("POST", "/checkout", {"interval": "year", "fingerprint": fingerprint})
    assert refused.status_code in (404, 409)
    assert sentence in refused.json()["detail"]


@pytest.mark.usefixtures("licensed")
def test_a_licensed_row_keeps_its_own_words(owner: Surfer, company: PlatformCompanyId, licensed: str) -> None:
    lose(owner, LOSSES["uninstalled"], company)

    answer = owner.htmx("/projects/ticks", project=licensed, product="", on="0")

    assert f"{LICENSED} is already licensed" in words(answer)


def test_a_company_without_licenses_is_told_nothing_of_its_projects(owner: Surfer, company: PlatformCompanyId) -> None:
    lose(owner, LOSSES["uninstalled"], company)

    page = words(owner.get("/projects"))

    assert "Your projects cannot be read right now" in page
    assert "HS" not in page
    assert len(banners(owner.get("/projects"))) == 1


@pytest.mark.usefixtures("licensed")
def test_what_one_company_lost_says_nothing_to_another(
    owner: Surfer, company: PlatformCompanyId, loss: Loss, anybody: Callable[[], Surfer]
) -> None:
    other = anybody()
    other.sign_in(owner.bench.employ(owner.bench.company("88", "Harbor"), "mia", admin=True))

    lose(owner, loss, company)

    assert banners(other.get("/central")) == []
    assert "Harbor" in words(other.get("/projects"))
    assert "HS" not in words(other.get("/projects?filter=all"))


@pytest.mark.parametrize("page", ["/projects", "/subscriptions", "/central"])
@pytest.mark.usefixtures("licensed")
def test_opening_a_page_minutes_after_the_uninstall_is_enough_to_be_told(
    owner: Surfer, company: PlatformCompanyId, page: str
) -> None:
    LOSSES["uninstalled"].happen(owner.bench, company)
    owner.bench.clock.move(FRESH)

    owner.get(page)
    owner.bench.work()

    [banner] = banners(owner.get("/central"))
    assert LOSSES["uninstalled"].title in banner


@pytest.mark.parametrize("path", ["/projects", "/review", "/offer", "/central/projects"])
@pytest.mark.usefixtures("licensed")
def test_a_program_that_reads_minutes_after_the_uninstall_is_told_at_its_next_call(
    owner: Surfer, company: PlatformCompanyId, path: str
) -> None:
    LOSSES["uninstalled"].happen(owner.bench, company)
    owner.bench.clock.move(FRESH)

    owner.api("GET", path)
    owner.bench.work()

    [problem] = owner.api("GET", "/review").json()["problems"]
    assert "Your projects cannot be read" in problem["message"]


@pytest.mark.usefixtures("licensed")
def test_a_program_that_only_buys_has_the_platform_asked_as_well(owner: Surfer, company: PlatformCompanyId) -> None:
    fingerprint = owner.api("GET", "/offer").json()["fingerprint"]
    LOSSES["uninstalled"].happen(owner.bench, company)
    owner.bench.clock.move(FRESH)

    sold = owner.api("POST", "/checkout", {"interval": "year", "fingerprint": fingerprint})
    owner.bench.work()

    assert sold.status_code == 201, "What we knew a moment ago still holds."
    [banner] = banners(owner.get("/central"))
    assert LOSSES["uninstalled"].title in banner


def test_the_projects_page_says_that_it_is_read_again(owner: Surfer) -> None:
    owner.bench.clock.move(FRESH)

    assert "Reading your projects from Procore again" in words(owner.get("/projects"))
    owner.bench.work()
    assert "Read from Procore just now" in words(owner.get("/projects"))


@pytest.mark.usefixtures("licensed")
def test_while_nothing_is_installed_no_project_is_called_not_permitted(
    owner: Surfer, company: PlatformCompanyId
) -> None:
    lose(owner, LOSSES["uninstalled"], company)

    for page in ("/projects", "/projects?check=1", "/projects?missing=1"):
        assert "not permitted for our apps" not in words(owner.get(page))


@pytest.mark.usefixtures("licensed")
def test_after_the_uninstall_the_owner_signs_in_to_licenses_invoices_and_the_end_of_a_renewal(
    owner: Surfer, stranger: Surfer, dana: PlatformUserId, company: PlatformCompanyId
) -> None:
    LOSSES["uninstalled"].happen(owner.bench, company)

    landed = stranger.sign_in(dana)

    assert landed.status_code == 200
    assert "Choose a company" not in words(landed)
    for page in PAGES:
        [banner] = banners(stranger.get(page))
        assert LOSSES["uninstalled"].title in banner
    assert "Invoice" in words(stranger.get("/manage-subscriptions"))
    project = subscription_url(stranger).removesuffix("/subscription")
    answer = stranger.post(f"{project}/renewal", module="planner", renews="0")
    assert answer.status_code == 303, words(answer)
    assert "Ends" in words(stranger.get("/central"))


@pytest.mark.usefixtures("licensed")
def test_after_the_uninstall_a_sign_in_shows_nothing_that_only_the_platform_told(
    owner: Surfer, stranger: Surfer, dana: PlatformUserId, company: PlatformCompanyId
) -> None:
    LOSSES["uninstalled"].happen(owner.bench, company)

    stranger.sign_in(dana)

    for page in (*PAGES, "/projects?filter=all", "/projects?q=TOTTENVILLE"):
        assert TICKED not in words(stranger.get(page)).replace("TOTTENVILLE HS”", ""), page


@pytest.mark.usefixtures("licensed")
def test_after_the_uninstall_whoever_is_no_member_is_told_to_install(
    owner: Surfer, stranger: Surfer, company: PlatformCompanyId
) -> None:
    LOSSES["uninstalled"].happen(owner.bench, company)

    answer = stranger.come_back(owner.bench.employ(company, "mia", admin=True), stranger.start_sign_in())

    assert answer.status_code == 409
    assert "Install the app first" in words(answer)
    assert stranger.get("/central").headers["location"].startswith("/companies")


@pytest.mark.usefixtures("licensed")
def test_after_the_uninstall_whoever_left_the_company_does_not_get_in(
    owner: Surfer, stranger: Surfer, dana: PlatformUserId, company: PlatformCompanyId
) -> None:
    LOSSES["uninstalled"].happen(owner.bench, company)
    owner.bench.world.join(dana, owner.bench.company("88", "Harbor"), admin=True)
    stranger.come_back(dana, stranger.start_sign_in())
    owner.bench.world.leave(dana, company)

    answer = stranger.post("/companies", company=company)

    assert answer.status_code == 403
    assert "You do not belong to Company 77 any more" in words(answer)
    assert stranger.get("/central").headers["location"].startswith("/companies")
