"""The purchase, as a customer makes it."""

import re

from playwright.sync_api import Page, expect
from tests.journeys.conftest import Demo
from tests.journeys.steps import (
    DECLINED_CARD,
    box,
    find,
    install,
    pay,
    pick,
    project_names,
    sign_in,
    summary,
    tile,
    to_payment,
)

OWNER = "Dana Whitfield"


def test_from_the_marketplace_to_licensed_projects(page: Page, demo: Demo) -> None:
    setup = install(page, demo, OWNER)
    expect(setup).to_have_url(re.compile(r"/setup\?app=planner$"))
    sign_in(setup, OWNER)

    expect(summary(setup)).to_contain_text("0 projects, 0 Planner, 0 Safety")
    first, second, third = project_names(setup)[:3]
    expect(box(setup, f"Planner, {first}")).to_be_disabled()
    pick(setup, first, "Planner", "Planner Board")
    pick(setup, second, "Planner", "Safety", "Safety Badge")
    pick(setup, third, "Safety")
    expect(summary(setup)).to_contain_text("3 projects, 2 Planner, 2 Safety")
    to_payment(setup, "Monthly")
    expect(setup.get_by_text("$1,780.00").first).to_be_visible()
    pay(setup)

    expect(setup).to_have_url(re.compile("/central"), timeout=30_000)
    expect(tile(setup, first)).to_contain_text("Planner")
    expect(tile(setup, second)).to_contain_text("Planner & Safety")
    expect(tile(setup, third)).to_contain_text("Safety")


def test_a_declined_card_then_a_good_one(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.app}/setup?app=planner")
    sign_in(page, OWNER)
    find(page, "TOTTENVILLE")
    name = project_names(page)[0]
    pick(page, name, "Planner")
    to_payment(page)

    pay(page, DECLINED_CARD)
    expect(page.get_by_role("alert")).to_contain_text("declined")
    pay(page)

    expect(page).to_have_url(re.compile("/central"), timeout=30_000)
    expect(tile(page, name.split(" (")[0]).first).to_contain_text("Planner")


def test_on_a_second_visit_licensed_rows_are_locked_and_say_why(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.app}/setup?app=planner")
    sign_in(page, OWNER)
    page.get_by_role("link", name="Licensed", exact=True).click()
    name = project_names(page)[0]
    locked = box(page, name)

    locked.focus()
    page.keyboard.press("Space")

    plain = name.split(" (")[0]
    toast = page.get_by_role("alert").filter(has_text="is already licensed")
    expect(toast).to_contain_text(
        f"{plain} is already licensed. To change it, open Project Central → Manage Subscriptions."
    )
    expect(locked).to_be_checked()
    toast.get_by_role("link").first.click()
    expect(page.get_by_role("main")).to_contain_text("$")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
