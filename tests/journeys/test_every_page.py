"""Every page of the route table is visited and audited; a page that nobody visits fails."""

import re
from collections.abc import Callable
from http import HTTPStatus

import httpx
import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from playwright.sync_api import Page, expect
from tests.journeys.audit import audit
from tests.journeys.conftest import Demo
from tests.journeys.pictures import GUIDE, GUIDE_SIZE, README, ROOT, snap
from tests.journeys.steps import (
    box,
    continue_as,
    install,
    pay,
    pick,
    project_names,
    sign_in,
    tile,
    to_payment,
)

from smartapp_domain.testing.workbench import Workbench
from smartapp_http.app import create_app
from smartapp_http.settings import HttpSettings

OWNER = "Dana Whitfield"
TWO_COMPANIES = "Morgan Reyes"

#: GET routes that show no page of their own: they redirect, or answer machines.
NO_PAGE = {"/", "/sign-in", "/switch-company", "/checkout/canceled", "/healthz", "/projects/refresh"}


def page_routes() -> set[str]:
    """Return the GET routes of the application that show a page."""
    app = create_app(Workbench.of().ports, HttpSettings(base_url="http://127.0.0.1:8000", secret="x" * 32))
    routes = {
        route.path_format if isinstance(route.path_format, str) else route.path
        for route in app.routes
        if isinstance(route, HTTPRoute)
        and any(
            isinstance(handler, HTTPRouteHandler) and "GET" in handler.http_methods for handler in route.route_handlers
        )
    }
    return {route for route in routes if not route.startswith(("/api/", "/schema", "/static")) and route not in NO_PAGE}


class Tour:
    """Visits pages, audits each and remembers which routes they belong to."""

    def __init__(self) -> None:
        self.visited: set[str] = set()
        self.findings: list[str] = []

    def stop(self, page: Page, route: str | None, name: str) -> None:
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        if route is not None:
            self.visited.add(route)
        self.findings += audit(page, name)


def test_every_page_is_accessible_and_pictured(page: Page, demo: Demo) -> None:
    tour = Tour()
    setup = marketplace(page, demo, tour)
    entry(setup, demo, tour)
    mapping(setup, demo, tour)
    buying(setup, demo, tour)
    after(setup, demo, tour)
    long_names(setup, demo, tour)
    people(setup, demo, tour)
    losing(setup, demo, tour)
    second_company(page, demo, tour)

    assert not tour.findings, "\n".join(tour.findings)
    assert page_routes() - tour.visited == set()


def marketplace(page: Page, demo: Demo, tour: Tour) -> Page:
    """Walk through the platform's own pages, which are a product too."""
    page.goto(demo.start)
    tour.stop(page, None, "marketplace")
    page.get_by_role("link", name="Smartapp Planner").first.click()
    tour.stop(page, None, "listing")
    page.set_viewport_size(GUIDE_SIZE)
    snap(page, GUIDE, "install")
    setup = install(page, demo, OWNER)
    for path in ("/app-management", "/_emulator", "/marketplace/planner/install?company=4294967401"):
        page.goto(demo.procore + path)
        tour.stop(page, None, f"procore {path}")
    page.goto(f"{demo.stripe}/_emulator")
    tour.stop(page, None, "stripe console")
    return setup


def entry(page: Page, demo: Demo, tour: Tour) -> None:
    tour.stop(page, "/setup", "landing")
    snap(page, README, "setup-1280")
    page.set_viewport_size(GUIDE_SIZE)
    snap(page, GUIDE, "landing")
    page.goto(f"{demo.app}/sign-in/callback?state=forged&code=1")
    tour.stop(page, "/sign-in/callback", "sign-in that cannot go on")
    page.goto(f"{demo.app}/no-such-page")
    tour.stop(page, None, "not found")
    page.goto(f"{demo.app}/help")
    tour.stop(page, "/help", "guide")
    page.goto(f"{demo.app}/signed-out")
    tour.stop(page, "/signed-out", "signed out")
    page.goto(f"{demo.app}/setup?app=planner")
    sign_in(page, OWNER)


def mapping(page: Page, demo: Demo, tour: Tour) -> None:
    page.goto(f"{demo.app}/central")
    tour.stop(page, "/central", "central, empty")
    page.goto(f"{demo.app}/projects/loading")
    tour.stop(page, "/projects/loading", "projects being read")
    page.goto(f"{demo.app}/projects/paste")
    tour.stop(page, "/projects/paste", "paste a list")
    pasted(page, demo, tour)
    page.goto(f"{demo.app}/projects")
    first, second, third, fourth = project_names(page)[:4]
    box(page, first).check()
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("Tick Planner or Safety")
    tour.stop(page, "/projects", "projects, with a problem on a row")
    pick(page, first, "Planner", "Planner Board")
    pick(page, second, "Planner", "Safety", "Safety Badge")
    pick(page, third, "Safety")
    pick(page, fourth, "Planner")
    tour.stop(page, "/projects", "projects")
    snap(page, README, "projects-1280")
    page.set_viewport_size(GUIDE_SIZE)
    snap(page, GUIDE, "projects")
    phone_in_the_dark(page, lambda: snap(page, README, "projects-390-dark"))
    page.goto(f"{demo.app}/projects?q=nothing+is+called+this")
    tour.stop(page, "/projects", "projects, nothing found")
    page.goto(f"{demo.app}/projects")


def pasted(page: Page, demo: Demo, tour: Tour) -> None:
    """Look at a list with every kind of line: clear, ambiguous, unknown, unclear, without a module."""
    world = demo.world()
    mine = [each for each in world["projects"] if each["company_id"] == world["companies"][0]["id"]]
    names = [each["name"] for each in mine if each.get("active", True)]
    shared = sorted(name for name in set(names) if names.count(name) > 1)[:2]
    alone = next(name for name in names if names.count(name) == 1)
    lines = [f"{alone}\tPlanner", *(f"{name}\tSafety" for name in shared), "No such project", f"{alone}\tWelding"]
    page.get_by_label("Project numbers or names, one per line").fill("\n".join(lines))
    page.get_by_role("button", name="Look at the list").click()
    expect(page.get_by_role("main")).to_contain_text("2 lines may mean several projects")
    tour.stop(page, "/projects/paste", "paste a list, with ambiguous lines")


def phone_in_the_dark(page: Page, then: Callable[[], object]) -> None:
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    then()
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})


def buying(page: Page, demo: Demo, tour: Tour) -> None:
    page.get_by_role("button", name="Next", exact=True).click()
    tour.stop(page, "/subscriptions", "subscriptions")
    snap(page, README, "subscriptions-1280")
    page.set_viewport_size(GUIDE_SIZE)
    snap(page, GUIDE, "subscriptions")
    page.goto(f"{demo.app}/subscriptions?canceled=1")
    tour.stop(page, "/subscriptions", "subscriptions, after turning back")
    page.goto(f"{demo.app}/projects")
    to_payment(page)
    tour.stop(page, None, "pay page")
    checkout = page.url.rstrip("/").split("/")[-1].split("?")[0].split("#")[0]
    page.goto(f"{demo.app}/checkout/return?cs={checkout}")
    tour.stop(page, "/checkout/return", "payment not confirmed yet")
    page.goto(f"{demo.app}/projects")
    to_payment(page)
    pay(page)
    expect(page).to_have_url(re.compile("/central"), timeout=30_000)


def after(page: Page, demo: Demo, tour: Tour) -> None:
    tour.stop(page, "/central", "central, right after paying")
    snap(page, README, "central-1280")
    page.set_viewport_size(GUIDE_SIZE)
    snap(page, GUIDE, "central")
    page.goto(f"{demo.app}/central/add")
    tour.stop(page, "/central/add", "add a project")
    page.goto(f"{demo.app}/manage-subscriptions")
    tour.stop(page, "/manage-subscriptions", "subscriptions overview")
    page.goto(f"{demo.app}/central")
    tile(page, "").first.get_by_role("link").first.click()
    tour.stop(page, "/central/{project_id}/subscription", "subscription of a project")
    page.goto(f"{demo.app}/projects")
    tour.stop(page, "/projects", "projects, some licensed")
    locked = box(page, project_names(page)[0])
    locked.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("alert").filter(has_text="already licensed")).to_be_visible()
    tour.stop(page, "/projects", "projects, with a toast")


def long_names(page: Page, demo: Demo, tour: Tour) -> None:
    """People type names without a blank, as long as a form takes: no page grows wider for them."""
    name, address = "Q" * 182, f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 56}.org"
    page.goto(f"{demo.app}/central/add")
    page.get_by_role("textbox", name="name").fill(name)
    page.get_by_role("main").get_by_role("button").first.click()
    expect(page.get_by_role("main")).to_contain_text(name)
    tour.stop(page, "/central", "central, with a long name and its message")
    page.goto(f"{demo.app}/central?q={name}x")
    tour.stop(page, "/central", "central, nothing found for a long name")
    page.goto(f"{demo.app}/projects?q={name[:100]}")
    tour.stop(page, "/projects", "projects, nothing found for a long name")
    page.goto(f"{demo.app}/members/invite")
    page.get_by_role("textbox", name="E-mail").fill(address)
    page.get_by_role("button", name="Create the link").click()
    link = page.get_by_role("textbox", name="Invitation link").input_value()
    tour.stop(page, "/members", "members, with a long address")
    page.goto(link)
    tour.stop(page, "/invitation/{secret}", "invitation of a long address")
    page.goto(f"{demo.app}/activity")
    tour.stop(page, "/activity", "activity, with long names")


def people(page: Page, demo: Demo, tour: Tour) -> None:
    page.goto(f"{demo.app}/members/invite")
    tour.stop(page, "/members/invite", "invite")
    page.get_by_role("textbox", name="E-mail").fill("sam@kestrel.example.com")
    page.get_by_role("button", name="Create the link").click()
    link = page.get_by_role("textbox", name="Invitation link").input_value()
    tour.stop(page, "/members", "members")
    page.goto(link)
    tour.stop(page, "/invitation/{secret}", "invitation")
    page.goto(f"{demo.app}/members")
    page.get_by_role("link", name=f"Change {OWNER}").click()
    tour.stop(page, "/members/{member_id}", "the last owner")
    page.goto(f"{demo.app}/account")
    tour.stop(page, "/account", "own access")
    page.goto(f"{demo.app}/activity")
    tour.stop(page, "/activity", "activity, after buying")


def losing(page: Page, demo: Demo, tour: Tour) -> None:
    """Take the permission of every project away, then the app; each is said on every page of the account."""
    world = demo.world()
    client_id = world["apps"][0]["client_id"]
    place = {"client_id": client_id, "company_id": world["companies"][0]["id"]}
    installations = f"{demo.procore}/_emulator/installations"
    assert httpx.post(installations, json={**place, "project_ids": []}).status_code == HTTPStatus.CREATED
    told(page, demo, tour, "are not permitted any more")
    page.goto(f"{demo.app}/central")
    tile(page, "").first.get_by_role("link").first.click()
    tour.stop(page, "/central/{project_id}/subscription", "subscription of a project, not permitted any more")
    assert httpx.delete(installations, params=place).status_code == HTTPStatus.OK
    told(page, demo, tour, "is not installed in Procore any more")
    assert httpx.post(installations, json={**place, "project_ids": "all"}).status_code == HTTPStatus.CREATED


def told(page: Page, demo: Demo, tour: Tour, title: str) -> None:
    page.goto(f"{demo.app}/projects")
    page.get_by_role("button", name="Read again").first.click()
    banner = page.get_by_role("heading", name=title)
    expect(banner).to_be_visible(timeout=30_000)
    for path in ("/projects", "/central", "/manage-subscriptions"):
        page.goto(f"{demo.app}{path}")
        expect(banner).to_be_visible()
        tour.stop(page, path, f"{path}, {title}")


def second_company(page: Page, demo: Demo, tour: Tour) -> None:
    page.context.clear_cookies()
    page.goto(f"{demo.app}/setup?app=safety")
    page.get_by_role("link", name="Continue with Procore").click()
    continue_as(page, TWO_COMPANIES)
    page.get_by_role("button", name="Allow").click()
    tour.stop(page, "/companies", "company chooser")
    page.get_by_role("radio", name="Obras del Plata").check()
    page.get_by_role("button", name="Continue").click()
    tour.stop(page, "/companies", "not installed")


@pytest.mark.parametrize("name", ["install", "landing", "projects", "subscriptions", "central"])
def test_the_guide_has_its_pictures(name: str) -> None:
    assert (ROOT / GUIDE / f"{name}.png").stat().st_size > 10_000
