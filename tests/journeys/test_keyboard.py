"""
The whole journey without a mouse, on a desktop and on a phone with a keyboard; 40 projects by one paste.

It begins at the marketplace: the emulators' pages stand for those a customer meets there, and work by keys, too.
"""

import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from tests.journeys.conftest import DESKTOP, PHONE, TIMEOUT_MS, Demo, Watch
from tests.journeys.keys import Keys
from tests.journeys.steps import GOOD_CARD, numbers, sign_in, summary, tile

OWNER = "Dana Whitfield"
FORTY = 40
#: The whole of it, from the list in the clipboard to the price.
FORTY_PROJECTS_S = 60
#: A shadow stays: it is worn by buttons at rest, too.
_NO_OUTLINES = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("*, *::after, :focus-visible { outline: none !important; }");
  document.adoptedStyleSheets = [sheet];
}"""
_STOPS = 5
#: How many boxes of a long list are passed one by one, so that some are scrolled to.
_BOXES = 15
SIZES = {"1280": DESKTOP, "390": PHONE}


@pytest.fixture
def page_of(browser: Browser, demo: Demo, watch: Watch, size: str) -> Iterator[Page]:
    viewport: ViewportSize = SIZES[size]  # type: ignore[assignment]
    context = browser.new_context(viewport=viewport, locale="en-US", reduced_motion="reduce")
    context.set_default_timeout(TIMEOUT_MS)
    watch.over(context, demo.hosts)
    yield context.new_page()
    context.close()


def shared_names(demo: Demo, but: Iterable[str]) -> list[str]:
    """Return names that several projects of the first company have, but for those of projects with these numbers."""
    world = demo.world()
    mine = [each for each in world["projects"] if each["company_id"] == world["companies"][0]["id"]]
    counted = Counter(each["name"] for each in mine if each.get("active", True))
    taken = {each["name"] for each in mine if each["project_number"] in but}
    return sorted(name for name, number in counted.items() if number > 1 and name not in taken)


def install(page: Page, keys: Keys, demo: Demo, app: str, project: str) -> Page:
    """Install an app from the marketplace for all projects, looking for one; returns the tab of its instructions."""
    page.goto(demo.start)
    keys.to("Search")
    keys.type(app)
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Results")).to_be_visible()
    keys.use(app)
    expect(page.get_by_role("heading", level=1, name=app)).to_be_visible()
    keys.use("Install")
    expect(page.get_by_role("button", name=f"Continue as {OWNER}")).to_be_visible()
    keys.use(f"Continue as {OWNER}")
    expect(page.get_by_role("heading", name=f"What {app} may do")).to_be_visible()
    keys.use("Continue")
    permit(page, keys, project)
    keys.use("Install")
    expect(page.get_by_role("heading", name=f"{app} is installed")).to_be_visible()
    keys.to("App Setup Instructions")
    with page.context.expect_page() as opened:
        keys.press("Enter")
    return opened.value


def permit(page: Page, keys: Keys, project: str) -> None:
    """Go through the beginning of the list, then find a project in it, take it out and put it back."""
    count = page.get_by_role("status").filter(has_text="projects permitted")
    expect(count).to_be_visible()
    all_of_them = count.inner_text()
    keys.to("Untick all")
    for _ in range(_BOXES):
        keys.press("Tab")
        keys.here()
    keys.to("Find a project", back=True)
    keys.type(project)
    keys.to("Untick all")
    keys.press("Tab")
    keys.here()
    box = page.get_by_role("listitem").filter(has_text=project).get_by_role("checkbox")
    expect(box).to_be_focused()
    keys.press("Space")
    expect(count).not_to_have_text(all_of_them)
    keys.press("Space")
    expect(count).to_have_text(all_of_them)


def enter(page: Page, keys: Keys) -> None:
    """Sign in with the platform, which knows by now who is there."""
    keys.use("Continue with Procore")
    expect(page.get_by_role("button", name="Allow")).to_be_visible()
    keys.use("Allow")
    expect(page.get_by_role("heading", name="Choose your projects")).to_be_visible(timeout=30_000)
    # A list that is still being read loads the page anew, under whatever is typed meanwhile.
    expect(page.get_by_text("Read from Procore")).to_be_visible(timeout=30_000)


def choose(page: Page, keys: Keys, interval: str) -> None:
    """Choose how often to pay; offered first is what the subscription there is is paid by."""
    expect(page.get_by_role("radio", name=interval)).to_be_visible()
    offered = "Yearly" if page.get_by_role("radio", name="Yearly").is_checked() else "Monthly"
    keys.to(offered)
    keys.press("Space" if offered == interval else "ArrowRight")
    expect(page.get_by_role("radio", name=interval)).to_be_checked()


@pytest.mark.parametrize(
    ("size", "app", "interval", "turn"),
    [("1280", "Smartapp Planner", "Monthly", 0), ("390", "Smartapp Safety", "Yearly", 1)],
)
def test_from_the_marketplace_to_a_licensed_project_and_its_renewal_without_a_mouse(
    page_of: Page, demo: Demo, app: str, interval: str, turn: int
) -> None:
    keys = Keys(page_of)
    known = numbers(demo)
    first, second = known[2 * turn : 2 * turn + 2]
    shared = shared_names(demo, but=[*known[:4], *known[-FORTY:]])[turn]  # what other tests buy stays theirs

    page = keys.page = install(page_of, keys, demo, app, first)
    enter(page, keys)

    # Map one project by hand: search it, tick it, tick Planner.
    keys.to("Search projects")
    keys.type(first)
    keys.press("Enter")
    expect(page).to_have_url(re.compile("q="))
    row = page.get_by_role("rowheader").get_by_role("checkbox").nth(1)
    expect(row).to_be_visible()
    name = row.evaluate("box => box.getAttribute('aria-label') || box.labels[0].innerText.trim()")
    keys.use(name, "Space")
    expect(page.get_by_role("checkbox", name=f"Planner, {name}", exact=True)).to_be_enabled()
    expect(summary(page)).to_contain_text("1 project, 0 Planner, 0 Safety")  # the row has been answered, too
    keys.use(f"Planner, {name}", "Space")
    expect(summary(page)).to_contain_text("1 project, 1 Planner, 0 Safety")

    # Paste another one, and one that may mean several projects.
    keys.use("Paste a list", back=True)
    keys.to("Project numbers or names, one per line")
    keys.type(f"{second}\tSafety\nNo such project\n{shared}\tSafety")
    keys.use("Look at the list")
    expect(page.get_by_role("heading", name="Look before you tick")).to_be_visible()
    keys.to(f"Project of line 3, {shared} · Safety")
    keys.press("ArrowDown")
    keys.use("Tick 1 project and those chosen")
    expect(summary(page)).to_contain_text("3 projects, 1 Planner, 2 Safety")

    # Subscribe and pay.
    keys.use("Next", back=True)
    choose(page, keys, interval)
    checkout = page.get_by_role("button", name="Checkout", exact=True)
    expect(checkout).to_be_enabled()
    keys.use("Checkout")
    expect(page.get_by_label("Card number")).to_be_visible()
    for field, value in (("Card number", GOOD_CARD), ("Expiration", "12 / 34"), ("CVC", "123")):
        keys.to(field)
        keys.type(value)
    keys.use("Pay")
    expect(page).to_have_url(re.compile("/central"), timeout=30_000)

    # Project Central, then what is licensed.
    plain = name.split(" (")[0]
    expect(tile(page, plain).first).to_contain_text("Licensed until")
    keys.use(f"Manage Subscriptions, {plain}")
    expect(page.get_by_role("heading", level=1, name="Manage Subscriptions")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Planner")

    # Stop its renewal, and take that back.
    keys.use("Stop renewal of Planner")
    expect(page.get_by_role("main")).to_contain_text("Ends ")
    keys.use("Undo, renew it of Planner")
    expect(page.get_by_role("button", name="Stop renewal of Planner")).to_be_visible()
    assert keys.unseen == []


@pytest.mark.parametrize("size", ["1280"])
def test_without_outlines_every_stop_is_found_to_have_no_ring(page_of: Page, installed: Demo) -> None:
    page, keys = page_of, Keys(page_of)
    page.goto(f"{installed.app}/help")
    page.evaluate(_NO_OUTLINES)

    for _ in range(_STOPS):
        keys.press("Tab")
        keys.here()

    assert len([each for each in keys.unseen if each.endswith("no ring")]) == _STOPS


@pytest.mark.parametrize("size", ["1280"])
def test_forty_projects_are_mapped_in_less_than_a_minute(page_of: Page, installed: Demo) -> None:
    page = page_of
    page.goto(f"{installed.app}/setup?app=planner")
    sign_in(page, OWNER)
    expect(page.get_by_role("heading", name="Choose your projects")).to_be_visible(timeout=30_000)
    forty = numbers(installed)[-FORTY:]
    began = time.monotonic()
    rows = [f"{number}\t{'x' if at % 2 else ''}\tx" for at, number in enumerate(forty)]

    page.get_by_text("Paste a list").click()
    pasted = "\n".join(["Number\tPlanner\tSafety", *rows])
    page.get_by_label("Project numbers or names, one per line").fill(pasted)
    page.get_by_role("button", name="Look at the list").click()
    page.get_by_role("button", name="Tick 40 projects").click()
    expect(summary(page)).to_contain_text("40 projects, 20 Planner, 40 Safety")
    page.get_by_role("button", name="Next", exact=True).click()

    expect(page).to_have_url(re.compile("/subscriptions"))
    expect(page.get_by_role("main")).to_contain_text("40 projects")
    assert time.monotonic() - began < FORTY_PROJECTS_S
