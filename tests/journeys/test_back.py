"""Going back from the pay page, in a company that has bought nothing yet: with a subscription there is no pay page."""

import re

from playwright.sync_api import Page, expect
from tests.journeys.conftest import Demo
from tests.journeys.steps import box, find, numbers, pick, project_names, sign_in, summary, to_payment

OWNER = "Dana Whitfield"


def test_the_back_button_keeps_the_choice(page: Page, installed: Demo) -> None:
    page.goto(f"{installed.app}/setup?app=planner")
    sign_in(page, OWNER)
    name = project_names(page)[-1]
    find(page, name.split(" (")[0])
    pick(page, name, "Safety")
    to_payment(page, "Monthly")

    page.go_back()
    expect(page.get_by_role("button", name="Checkout", exact=True)).to_be_visible()
    monthly = page.get_by_role("radio", name="Monthly")
    expect(monthly).to_be_checked()
    page.get_by_role("link", name="Back", exact=True).or_(
        page.get_by_role("button", name="Back", exact=True)
    ).first.click()
    expect(summary(page)).to_contain_text("1 project, 0 Planner, 1 Safety")
    find(page, name.split(" (")[0])
    expect(box(page, name)).to_be_checked()
    expect(box(page, f"Safety, {name}")).to_be_checked()
    page.get_by_role("button", name="Next", exact=True).click()
    expect(monthly).to_be_checked()
    page.get_by_role("button", name="Checkout", exact=True).click()
    expect(page.get_by_label("Card number")).to_be_visible()


def test_back_from_the_ticked_list_sends_nothing_again(page: Page, installed: Demo) -> None:
    page.goto(f"{installed.app}/setup?app=planner")
    sign_in(page, OWNER)
    expect(page.get_by_role("heading", name="Choose your projects")).to_be_visible(timeout=30_000)
    page.get_by_text("Paste a list").click()
    page.get_by_label("Project numbers or names, one per line").fill(f"{numbers(installed)[0]}\tSafety")
    page.get_by_role("button", name="Look at the list").click()
    expect(page.get_by_role("heading", name="Look before you tick")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Tick 1 project")).click()
    expect(page.get_by_role("heading", name="Choose your projects")).to_be_visible()

    page.go_back()

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Projects").first).to_be_visible()
