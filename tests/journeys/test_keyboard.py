"""The whole journey without a mouse, on a desktop and on a phone with a keyboard; 40 projects by one paste."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from tests.journeys.conftest import DESKTOP, PHONE, TIMEOUT_MS, Demo, Watch
from tests.journeys.keys import Keys
from tests.journeys.steps import GOOD_CARD, sign_in, summary, tile

OWNER = "Dana Whitfield"
SIZES = {"1280": DESKTOP, "390": PHONE}


@pytest.fixture
def page_of(browser: Browser, installed: Demo, watch: Watch, size: str) -> Iterator[Page]:
    viewport: ViewportSize = SIZES[size]  # type: ignore[assignment]
    context = browser.new_context(viewport=viewport, locale="en-US", reduced_motion="reduce")
    context.set_default_timeout(TIMEOUT_MS)
    watch.over(context, installed.hosts)
    yield context.new_page()
    context.close()


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


@pytest.mark.parametrize(("size", "interval", "turn"), [("1280", "Monthly", 0), ("390", "Yearly", 1)])
def test_sign_in_map_paste_subscribe_pay_and_manage_without_a_mouse(
    page_of: Page, installed: Demo, interval: str, turn: int
) -> None:
    page, keys = page_of, Keys(page_of)
    first, second = numbers(installed)[2 * turn : 2 * turn + 2]
    page.goto(f"{installed.app}/setup?app=planner")

    keys.use("Continue with Procore")
    expect(page.get_by_role("button", name=f"Continue as {OWNER}")).to_be_visible()
    keys.use(f"Continue as {OWNER}")
    expect(page.get_by_role("button", name="Allow")).to_be_visible()
    keys.use("Allow")
    expect(page.get_by_role("heading", name="Choose your projects")).to_be_visible(timeout=30_000)

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
    keys.use(f"Planner, {name}", "Space")
    expect(summary(page)).to_contain_text("1 project, 1 Planner, 0 Safety")

    # Paste another one.
    keys.use("Paste a list", back=True)
    keys.to("Project numbers or names, one per line")
    keys.type(f"{second}\tSafety\nNo such project")
    keys.use("Look at the list")
    expect(page.get_by_role("heading", name="Look before you tick")).to_be_visible()
    keys.use("Tick 1 project", back=True)
    expect(summary(page)).to_contain_text("2 projects, 1 Planner, 1 Safety")

    # Subscribe and pay.
    keys.use("Next", back=True)
    expect(page.get_by_role("radio", name=interval)).to_be_visible()
    keys.to("Yearly")
    keys.press("ArrowRight" if interval == "Monthly" else "Space")
    expect(page.get_by_role("radio", name=interval)).to_be_checked()
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
    assert keys.unseen == []


@pytest.mark.parametrize("size", ["1280"])
def test_forty_projects_take_a_handful_of_steps(page_of: Page, installed: Demo) -> None:
    page = page_of
    page.goto(f"{installed.app}/setup?app=planner")
    sign_in(page, OWNER)
    expect(page.get_by_role("heading", name="Choose your projects")).to_be_visible(timeout=30_000)
    forty = numbers(installed)[-40:]
    rows = [f"{number}\t{'x' if at % 2 else ''}\tx" for at, number in enumerate(forty)]
    steps = [
        lambda: page.get_by_text("Paste a list").click(),
        lambda: page.get_by_label("Project numbers or names, one per line").fill(
            "\n".join(["Number\tPlanner\tSafety", *rows])
        ),
        lambda: page.get_by_role("button", name="Look at the list").click(),
        lambda: page.get_by_role("button", name="Tick 40 projects").click(),
        lambda: page.get_by_role("button", name="Next", exact=True).click(),
    ]

    for step in steps[:-1]:
        step()
    expect(summary(page)).to_contain_text("40 projects, 20 Planner, 40 Safety")
    steps[-1]()

    assert len(steps) <= 5
    expect(page).to_have_url(re.compile("/subscriptions"))
    expect(page.get_by_role("main")).to_contain_text("40 projects")
