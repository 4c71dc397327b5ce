"""Members in a real browser: invite, join by the link, change a role, hand over a token, remove, come back."""

import re

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.journeys.audit import audit
from tests.journeys.conftest import DESKTOP, TIMEOUT_MS, Demo, Watch
from tests.journeys.steps import install, sign_in

OWNER, ADMIN, NOT_ADMIN = "Dana Whitfield", "Priya Nair", "Luis Ortega"


def _another(browser: Browser, demo: Demo, watch: Watch) -> tuple[BrowserContext, Page]:
    """Open a browser of somebody else's."""
    context = browser.new_context(viewport=DESKTOP, locale="en-US")  # type: ignore[arg-type]
    context.set_default_timeout(TIMEOUT_MS)
    watch.over(context, demo.hosts)
    return context, context.new_page()


def _email(demo: Demo, name: str) -> str:
    found = next(each for each in demo.world()["people"] if each["name"] == name)
    return str(found.get("login") or found["email"])


def _row(page: Page, name: str) -> str:
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name)).inner_text()


def test_people_come_change_and_go(page: Page, browser: Browser, demo: Demo, watch: Watch) -> None:
    findings: list[str] = []
    dana = install(page, demo, OWNER)
    sign_in(dana, OWNER)
    context, luis = _another(browser, demo, watch)

    address = invite(dana, demo, findings)
    join(luis, address, findings)
    bearer = make_token(luis, demo, findings)
    lower(dana, demo, findings)
    luis.goto(f"{demo.app}/projects")
    expect(luis.get_by_role("main")).to_contain_text("Your role, Team Member, cannot choose projects")
    assert httpx.get(f"{demo.app}/api/v1/projects", headers=bearer).status_code == 403

    remove(dana)
    assert httpx.get(f"{demo.app}/api/v1/me", headers=bearer).status_code == 401
    luis.goto(f"{demo.app}/setup")
    sign_in(luis, NOT_ADMIN)
    expect(luis.get_by_role("main")).to_contain_text("you are not a member of Kestrel Builders in Smartapp any more.")
    findings += audit(luis, "removed")
    context.close()
    all_of_it_is_told(dana, demo, findings)

    assert findings == []


def invite(dana: Page, demo: Demo, findings: list[str]) -> str:
    """Invite somebody who is no admin in Procore, once mistyped; returns the link to hand over."""
    dana.get_by_role("navigation", name="Main").get_by_role("link", name="Members").click()
    expect(dana.get_by_role("heading", level=1)).to_have_text("Members")
    dana.get_by_role("link", name="Invite").click()
    email = dana.get_by_role("textbox", name="E-mail")
    email.fill("luis")
    dana.get_by_role("radio", name="Admin", exact=True).check()
    dana.get_by_role("button", name="Create the link").click()
    expect(email).to_be_focused()
    findings += audit(dana, "invite, refused")
    email.fill(_email(demo, NOT_ADMIN).upper())
    dana.get_by_role("button", name="Create the link").click()
    link = dana.get_by_role("textbox", name="Invitation link")
    expect(link).to_be_focused()
    findings += audit(dana, "members, with a link")
    return link.input_value()


def join(luis: Page, address: str, findings: list[str]) -> None:
    """Follow the link: without it he would be Team Member, and it works once."""
    luis.goto(address)
    expect(luis.get_by_role("heading", level=1)).to_have_text("Join Kestrel Builders")
    findings += audit(luis, "invitation")
    sign_in(luis, NOT_ADMIN)
    expect(luis).to_have_url(re.compile("/projects"))
    luis.goto(address)
    expect(luis.get_by_role("main")).to_contain_text("This invitation link is not good any more")


def make_token(luis: Page, demo: Demo, findings: list[str]) -> dict[str, str]:
    """Create a token and let a program act with it; returns what the program sends."""
    luis.get_by_label(f"Your account, {NOT_ADMIN}").click()
    luis.get_by_role("link", name="Your access").click()
    luis.get_by_role("textbox", name="What uses it").fill("Nightly report")
    luis.get_by_role("radio", name="Admin", exact=True).check()
    luis.get_by_role("button", name="Create token").click()
    secret = luis.get_by_role("textbox", name="Access token").input_value()
    findings += audit(luis, "own access, with a token")
    bearer = {"authorization": f"Bearer {secret}"}
    made = httpx.post(f"{demo.app}/api/v1/central/projects", json={"name": "Site office"}, headers=bearer)
    assert made.status_code == 201
    return bearer


def lower(dana: Page, demo: Demo, findings: list[str]) -> None:
    dana.goto(f"{demo.app}/members")
    assert "Admin" in _row(dana, NOT_ADMIN)
    dana.get_by_role("link", name=f"Change {NOT_ADMIN}").click()
    findings += audit(dana, "member")
    dana.get_by_role("radio", name="Team Member").check()
    dana.get_by_role("button", name="Save role").click()
    expect(dana.get_by_text(f"{NOT_ADMIN} is Team Member now.")).to_be_visible()


def remove(dana: Page) -> None:
    dana.get_by_role("link", name=f"Change {NOT_ADMIN}").click()
    dana.get_by_text(f"Remove {NOT_ADMIN}", exact=True).click()
    dana.get_by_role("button", name=f"Yes, remove {NOT_ADMIN}").click()
    expect(dana.get_by_text("Their sessions and tokens have ended.")).to_be_visible()


def all_of_it_is_told(dana: Page, demo: Demo, findings: list[str]) -> None:
    dana.goto(f"{demo.app}/activity")
    told = dana.get_by_role("region", name="Activity").get_by_role("listitem")
    expect(told.first).to_contain_text(f"{OWNER} removed {NOT_ADMIN}, who was Team Member")
    expect(told.nth(2)).to_contain_text(f"{NOT_ADMIN} added the project Site office (with the token “Nightly report”)")
    findings += audit(dana, "activity")
    dana.get_by_role("link", name="Buying").click()
    expect(dana.get_by_role("heading", level=2)).to_contain_text("Nothing of this kind yet")


def test_the_owner_hands_over_without_script(browser: Browser, demo: Demo, watch: Watch) -> None:
    """Every form of these pages works as plain HTML."""
    _, first = _another(browser, demo, watch)
    first.goto(f"{demo.app}/setup")
    sign_in(first, ADMIN)
    first.context.close()
    context = browser.new_context(viewport=DESKTOP, locale="en-US", java_script_enabled=False)  # type: ignore[arg-type]
    context.set_default_timeout(TIMEOUT_MS)
    watch.over(context, demo.hosts)
    dana = context.new_page()
    dana.goto(f"{demo.app}/setup")
    sign_in(dana, OWNER)

    dana.goto(f"{demo.app}/members")
    dana.get_by_role("link", name=f"Change {ADMIN}").click()
    dana.get_by_text(f"Hand over to {ADMIN}").click()
    dana.get_by_role("button", name=f"Yes, make {ADMIN} Owner").click()

    expect(dana.get_by_text(f"{ADMIN} is Owner now, and you are Super Admin.")).to_be_visible()
    dana.goto(f"{demo.app}/account")
    dana.get_by_role("textbox", name="What uses it").fill("CI")
    dana.get_by_role("button", name="Create token").click()
    expect(dana.get_by_role("textbox", name="Access token")).to_have_value(re.compile("^sac_"))
    dana.get_by_role("button", name="Sign out everywhere else").click()
    expect(dana.get_by_text(re.compile(r"other browsers? (is|are) signed out\."))).to_be_visible()
    context.close()
