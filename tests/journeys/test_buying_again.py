"""The second purchase: added to the subscription there is, charged to the stored card, and stopped again."""

import re

from playwright.sync_api import Page, expect
from tests.journeys.conftest import Demo
from tests.journeys.pictures import README, snap
from tests.journeys.steps import GOOD_CARD, install, pay, pick, project_names, sign_in, tile, to_payment
from tests.journeys.test_clock import bank_says, move

OWNER = "Dana Whitfield"
LATER_MS = 30_000


def to_offer(page: Page, demo: Demo, number: int) -> str:
    """Choose Planner for one more project and go to the monthly offer; returns the project's name."""
    page.goto(f"{demo.app}/projects?filter=not-licensed")
    name = project_names(page)[number]
    pick(page, name, "Planner")
    page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_role("radio", name="Monthly").check()
    expect(page.get_by_text("Each renewal after that")).to_be_visible()
    return name


def test_a_second_purchase_and_a_stopped_renewal(page: Page, demo: Demo) -> None:
    setup = install(page, demo, OWNER)
    sign_in(setup, OWNER)
    pick(setup, project_names(setup)[0], "Planner")
    to_payment(setup, "Monthly")
    pay(setup)
    expect(setup).to_have_url(re.compile("/central"), timeout=LATER_MS)
    move(setup, "+1 week")

    second = to_offer(setup, demo, 0)
    expect(setup.get_by_text(re.compile(r"Charged at once to Visa ending in 4242"))).to_be_visible()
    snap(setup, README, "adding-to-a-subscription")
    setup.get_by_role("button", name=re.compile(r"^Pay \$")).click()
    expect(setup).to_have_url(re.compile("/central"), timeout=LATER_MS)
    expect(tile(setup, second.split(" (")[0]).first).to_contain_text("Licensed until")

    bank_says(demo, "generic_decline")
    third = to_offer(setup, demo, 0)
    setup.get_by_role("button", name=re.compile(r"^Pay \$")).click()
    expect(setup.get_by_role("heading", name="Your card needs you")).to_be_visible()
    snap(setup, README, "card-needs-you")
    with setup.context.expect_page() as opened:
        setup.get_by_role("link", name="Pay the invoice").click()
    invoice = opened.value
    bank_says(demo, None)
    invoice.get_by_label("Card number").fill(GOOD_CARD)
    invoice.get_by_label("Expiration").fill("12 / 34")
    invoice.get_by_label("CVC").fill("123")
    invoice.get_by_role("button", name=re.compile("^Pay")).click()
    expect(setup).to_have_url(re.compile("/central"), timeout=LATER_MS)
    expect(tile(setup, third.split(" (")[0]).first).to_contain_text("Licensed until")

    setup.get_by_role("link", name=re.compile("Manage Subscriptions|Subscriptions")).first.click()
    setup.get_by_role("link", name=third.split(" (")[0]).first.click()
    setup.get_by_role("button", name="Stop renewal of Planner").click()
    expect(setup.get_by_text(re.compile("It works until"))).to_be_visible()
    snap(setup, README, "renewal-stopped")
    setup.get_by_role("button", name="Undo, renew it of Planner").click()
    expect(setup.get_by_text("Planner is renewed again. Nothing was charged.")).to_be_visible()
    expect(setup.get_by_role("button", name="Stop renewal of Planner")).to_be_visible()
