"""What customers do, in their words; every control is found by the name they see or hear."""

import re
from urllib.parse import quote_plus

from playwright.sync_api import Locator, Page, expect
from tests.journeys.conftest import Demo

GOOD_CARD = "4242 4242 4242 4242"
DECLINED_CARD = "4000 0000 0000 0002"


def continue_as(page: Page, person: str) -> None:
    page.get_by_role("button", name=f"Continue as {person}").click()


def install(page: Page, demo: Demo, person: str, app: str = "Smartapp Planner") -> Page:
    """Install an app from the marketplace and follow its setup instructions; returns the tab they open."""
    page.goto(demo.start)
    page.get_by_role("searchbox", name="Search").or_(page.get_by_label("Search")).first.fill(app)
    page.keyboard.press("Enter")
    page.get_by_role("link", name=app).first.click()
    page.get_by_role("button", name="Install").click()
    done = page.get_by_role("link", name="App Setup Instructions")
    step = page.get_by_role("main").get_by_role("button", name=re.compile("^(Install|Continue)$"))
    as_person = page.get_by_role("button", name=f"Continue as {person}")
    expect(as_person.or_(step).first).to_be_visible()
    if as_person.count():
        as_person.click()
    for _ in range(6):
        expect(done.or_(step).first).to_be_visible()
        if done.count():
            break
        step.first.click()
    with page.context.expect_page() as opened:
        done.click()
    return opened.value


def sign_in(page: Page, person: str, company: str | None = None) -> None:
    """Go from our setup page to the projects."""
    page.get_by_role("link", name="Continue with Procore").or_(
        page.get_by_role("button", name="Continue with Procore")
    ).click()
    allow = page.get_by_role("button", name="Allow")
    as_person = page.get_by_role("button", name=f"Continue as {person}")
    expect(allow.or_(as_person).first).to_be_visible()
    if as_person.count():
        as_person.click()
    allow.click()
    if company is not None:
        page.get_by_role("radio", name=company).check()
        page.get_by_role("button", name="Continue").click()


def box(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=name, exact=True)


def project_names(page: Page) -> list[str]:
    """Return the names of the project boxes on this page, as a screen reader says them."""
    boxes = page.get_by_role("rowheader").get_by_role("checkbox")
    expect(boxes.first).to_be_visible()
    read = "all => all.map(box => box.getAttribute('aria-label') || box.labels[0].innerText.trim())"
    return [name for name in boxes.evaluate_all(read) if not name.startswith("Select all")]


def pick(page: Page, project: str, *products: str) -> None:
    """Tick a project, then its products, one after the other as a hand does."""
    box(page, project).check()
    for product in products:
        here = box(page, f"{product}, {project}")
        expect(here).to_be_enabled()
        here.check()


def summary(page: Page) -> Locator:
    return page.get_by_role("status").filter(has_text=re.compile(r"\d+ projects?, \d+ Planner, \d+ Safety"))


def find(page: Page, words: str) -> None:
    page.get_by_role("searchbox").fill(words)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"q={re.escape(quote_plus(words))}"))


def to_payment(page: Page, interval: str = "Yearly") -> None:
    """From a finished choice to the provider's pay page."""
    page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_role("radio", name=interval).check()
    page.get_by_role("button", name="Checkout", exact=True).click()
    expect(page.get_by_label("Card number")).to_be_visible()


def pay(page: Page, card: str = GOOD_CARD) -> None:
    page.get_by_label("Card number").fill(card)
    page.get_by_label("Expiration").fill("12 / 34")
    page.get_by_label("CVC").fill("123")
    page.get_by_role("button", name="Pay", exact=True).click()


def tile(page: Page, project: str) -> Locator:
    return page.get_by_role("article").or_(page.get_by_role("listitem")).filter(has_text=project)


def numbers(demo: Demo) -> list[str]:
    """Return project numbers of the first company that only one project has."""
    world = demo.world()
    company = world["companies"][0]["id"]
    mine = [
        each["project_number"]
        for each in world["projects"]
        if each["company_id"] == company and each.get("active", True) and each["project_number"]
    ]
    return [each for each in mine if mine.count(each) == 1]
