"""The emulator's pages in a real browser: the whole installation, and axe on every page at both widths and themes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, Request, expect

from smartapp_emulators.procore.app import create_app
from smartapp_emulators.procore.world import demo_world
from smartapp_emulators.serving import ThreadedServer

AXE = Path(__file__).parents[2] / "vendor" / "axe.min.js"
#: Each width and each theme once; every pair would take twice as long and find the same.
LOOKS = [(1280, "light"), (390, "dark")]

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadedServer]:
    """The demo world with a few projects only: axe is slow on hundreds of boxes, and finds the same."""
    world = demo_world()
    world.projects = [*world.projects[:20], *world.projects[-10:]]
    for person in world.people:
        for membership in person.companies:
            membership.project_ids.clear()
    with ThreadedServer(create_app(world)) as running:
        yield running


@pytest.fixture
def full_server() -> Iterator[ThreadedServer]:
    with ThreadedServer(create_app(demo_world())) as running:
        yield running


def open_page(browser: Browser, server: ThreadedServer, width: int, scheme: Any) -> tuple[Page, list[str]]:
    """Open a fresh browser on a fresh world; the list collects what must not happen."""
    httpx.post(f"{server.url}/_emulator/reset")
    page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    wrong: list[str] = []

    def watch(request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(server.url).netloc:
            wrong.append(request.url)

    page.on("request", watch)
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    return page, wrong


def check_look(page: Page) -> None:
    """Fail on what axe finds and on a page that scrolls sideways."""
    # Chromium's own evaluation is not bound by the page's content security policy.
    page.evaluate(AXE.read_text("utf-8") + "; undefined")
    tags = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", tags)["violations"]
    told = [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]
    assert not told, f"{page.url}: {told}"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_an_admin_of_two_companies_installs_an_app_and_every_page_on_the_way_is_accessible(
    browser: Browser, server: ThreadedServer, width: int, scheme: str
) -> None:
    page, wrong = open_page(browser, server, width, scheme)

    page.goto(server.url)
    check_look(page)
    page.get_by_role("searchbox", name="Search").fill("procore for safety")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Results")).to_be_visible()
    check_look(page)
    page.get_by_role("link", name="Smartapp Safety", exact=True).click()
    check_look(page)
    page.get_by_role("button", name="Install").click()
    check_look(page)
    page.get_by_role("button", name="Continue as Morgan Reyes").click()
    check_look(page)
    page.get_by_role("button", name="Continue").click()
    check_look(page)
    page.get_by_role("button", name="Continue").click()
    check_look(page)
    page.get_by_role("button", name="Install").click()
    check_look(page)
    link = page.get_by_role("link", name="App Setup Instructions")
    expect(link).to_have_attribute("href", "http://127.0.0.1:8000/setup?app=safety")
    expect(link).to_have_attribute("target", "_blank")
    page.goto(f"{server.url}/app-management")
    check_look(page)
    page.get_by_role("link", name="Manage Smartapp Safety").click()
    check_look(page)
    page.get_by_role("link", name="Uninstall").click()
    check_look(page)
    page.get_by_role("button", name="Uninstall").click()
    expect(page.get_by_role("link", name="Re-install Smartapp Safety")).to_be_visible()

    assert wrong == []
    page.context.close()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_pages_beside_the_installation_are_accessible_too(
    browser: Browser, server: ThreadedServer, width: int, scheme: str
) -> None:
    page, wrong = open_page(browser, server, width, scheme)
    consent = "response_type=code&client_id=planner-client-id&redirect_uri=http://localhost/cb"

    page.goto(f"{server.url}/oauth/authorize?{consent}")
    page.get_by_role("button", name="Continue as Luis Ortega").click()
    expect(page.get_by_role("button", name="Allow")).to_be_visible()
    check_look(page)
    page.goto(f"{server.url}/marketplace/planner/install")
    check_look(page)
    page.get_by_role("button", name="Send request").click()
    check_look(page)
    page.goto(f"{server.url}/marketplace?q=nothing+like+it")
    check_look(page)
    page.goto(f"{server.url}/_emulator")
    check_look(page)
    page.get_by_role("link", name="Tools and permissions of").first.click()
    check_look(page)
    assert wrong == []
    page.goto(f"{server.url}/nowhere")
    check_look(page)

    page.context.close()


def test_many_projects_are_found_and_unticked_at_once(browser: Browser, full_server: ThreadedServer) -> None:
    page, _ = open_page(browser, full_server, 1280, "light")
    page.goto(f"{full_server.url}/login?next=/marketplace/planner/install?step=projects")
    page.get_by_role("button", name="Continue as Dana Whitfield").click()
    count = page.get_by_role("status")
    expect(count).to_have_text("349 of 372 projects permitted")

    page.get_by_role("searchbox", name="Find a project").fill("bronx p.s.")
    shown = page.get_by_role("listitem").filter(has=page.get_by_role("checkbox")).count()
    page.keyboard.press("Enter")  # finds, does not install
    page.get_by_role("button", name="Untick all").click()

    assert 0 < shown < 349
    expect(count).to_have_text(f"{349 - shown} of 372 projects permitted")
    page.context.close()
