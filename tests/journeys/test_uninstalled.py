"""Who pays can stop: the Owner signs in from another browser after the app was uninstalled."""

import re

import httpx
from playwright.sync_api import Browser, Page, expect
from tests.journeys.conftest import DESKTOP, TIMEOUT_MS, Demo, Watch
from tests.journeys.steps import pay, pick, project_names, sign_in, to_payment
from tests.journeys.test_clock import move

OWNER = "Dana Whitfield"
LATER_MS = 30_000


def test_the_owner_signs_in_without_the_app_and_stops_the_renewal(
    page: Page, installed: Demo, browser: Browser, watch: Watch
) -> None:
    page.goto(f"{installed.app}/setup")
    sign_in(page, OWNER)
    names = project_names(page)
    pick(page, names[0], "Planner")
    to_payment(page, "Monthly")
    pay(page)
    expect(page).to_have_url(re.compile("/central"), timeout=LATER_MS)
    move(page, "+1 month")
    page.goto(f"{installed.app}/account")
    page.get_by_label("What uses it").fill("CI")
    page.get_by_role("button", name="Create token").click()
    expect(page.get_by_text(re.compile(r"until \w+ \d+, \d+ \(real time\)"))).to_be_visible()
    _uninstall(installed)

    context = browser.new_context(viewport=DESKTOP, locale="en-US")  # type: ignore[arg-type]
    context.set_default_timeout(TIMEOUT_MS)
    watch.over(context, installed.hosts)
    elsewhere = context.new_page()
    elsewhere.goto(f"{installed.app}/setup")
    sign_in(elsewhere, OWNER)

    lost = elsewhere.get_by_role("heading", name="Smartapp is not installed in Procore any more")
    expect(lost).to_be_visible()
    assert names[1] not in elsewhere.locator("main").inner_text()
    elsewhere.goto(f"{installed.app}/manage-subscriptions")
    expect(lost).to_be_visible()
    elsewhere.get_by_role("link", name=names[0].split(" (")[0]).first.click()
    elsewhere.get_by_role("button", name="Stop renewal of Planner").click()
    expect(elsewhere.get_by_text(re.compile("Ends ")).first).to_be_visible()
    elsewhere.locator("summary[aria-label^='Your account']").click()
    elsewhere.get_by_role("button", name="Sign out").click()
    elsewhere.go_back()
    expect(elsewhere.get_by_text("You signed out. Continue with Procore")).to_be_visible()
    context.close()


def _uninstall(demo: Demo) -> None:
    world = demo.world()
    client, company = world["apps"][0]["client_id"], world["companies"][0]["id"]
    gone = httpx.delete(f"{demo.procore}/_emulator/installations?client_id={client}&company_id={company}")
    assert gone.is_success
