"""A subscription over the months: renewed, declined, put up with, suspended, paid, working again."""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
from playwright.sync_api import Locator, Page, expect
from tests.journeys.conftest import Demo
from tests.journeys.steps import install, pay, pick, project_names, sign_in, tile, to_payment

OWNER = "Dana Whitfield"
ARRIVES_MS = 20_000


def day(moment: datetime) -> str:
    return f"{moment:%b} {moment.day}, {moment.year}"


def business_time(demo: Demo) -> datetime:
    """Return what time it is for everybody in the demo, asked where it matters most."""
    return datetime.fromisoformat(httpx.get(f"{demo.stripe}/_emulator/clock").json()["now"])


def months_after(moment: datetime, number: int) -> datetime:
    """Return the same day so many months later, or that month's last one, as subscriptions are renewed."""
    month = moment.month - 1 + number
    year, month = moment.year + month // 12, month % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


def move(page: Page, by: str) -> None:
    """Move the clock by the strip of whatever page this is, or by the clock's own page."""
    button = page.get_by_role("button", name=by, exact=True)
    if not button.is_visible():
        page.get_by_text("Demo clock:").click()
    button.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^\d+ (hour|day)s? later$"))


def states(page: Page) -> Locator:
    return page.get_by_role("list", name="Licenses now")


def invoices(page: Page) -> Locator:
    return page.get_by_role("list", name="Latest invoices")


def arrives(look: Locator, words: str) -> None:
    expect(look).to_contain_text(words, timeout=ARRIVES_MS)


def bank_says(demo: Demo, verdict: str | None) -> None:
    """Be the bank, at Stripe's emulator: how it answers to every charge the customer is not present at."""
    [customer] = httpx.get(f"{demo.stripe}/_emulator/objects/customer").json()["data"]
    answer = httpx.post(f"{demo.stripe}/_emulator/customers/{customer['id']}/charges", json={"verdict": verdict})
    assert answer.status_code == 200, answer.text


def until_tile_says(page: Page, demo: Demo, name: str, words: str) -> None:
    page.goto(f"{demo.app}/central")
    expect(tile(page, name).first).to_contain_text(words)


def eventually(page: Page, look: Callable[[], Locator], words: str) -> None:
    """Reload until a page that does not follow by itself says so: what was paid elsewhere arrives by a notice."""
    for _ in range(20):
        if words in (look().first.text_content() or ""):
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(look().first).to_contain_text(words)


def test_a_month_and_what_comes_with_it(page: Page, demo: Demo) -> None:
    setup = install(page, demo, OWNER)
    sign_in(setup, OWNER)
    [name] = project_names(setup)[:1]
    pick(setup, name, "Planner")
    to_payment(setup, "Monthly")
    pay(setup)
    expect(setup).to_have_url(re.compile("/central"), timeout=30_000)
    bought = business_time(demo)
    first_end, second_end = months_after(bought, 1), months_after(bought, 2)
    expect(tile(setup, name).first).to_contain_text(f"Licensed until {day(first_end)}")

    # One month on: the next period has begun, its invoice is prepared; an hour later the card is charged.
    move(setup, "+1 month")
    arrives(invoices(setup), "Being prepared")
    arrives(states(setup), f"Licensed until {day(second_end)}")
    expect(setup.get_by_role("main")).to_contain_text("charges it an hour later")
    move(setup, "+1 hour")
    expect(invoices(setup).get_by_role("listitem")).to_have_count(2)
    expect(invoices(setup).get_by_text("Paid", exact=True)).to_have_count(2, timeout=ARRIVES_MS)
    setup.get_by_role("link", name="Back to where you were").click()
    expect(setup).to_have_url(re.compile("/central"))
    expect(tile(setup, name).first).to_contain_text(f"Licensed until {day(second_end)}")

    # The card fails at the next renewal: it is tried again, and the project works meanwhile.
    bank_says(demo, "generic_decline")
    move(setup, "+1 month")
    move(setup, "+1 week")  # beyond the renewal also from a month's last day
    arrives(states(setup), "Payment failed, next try ")
    arrives(invoices(setup), "Payment failed")
    expect(setup.get_by_role("main")).to_contain_text("Stripe tries the card again on ")
    until_tile_says(setup, demo, name, "Payment failed, next try ")

    # Nobody mends it: tries and grace are used up.
    move(setup, "+1 week")
    arrives(states(setup), "Inactive: Payment Pending")
    until_tile_says(setup, demo, name, "Inactive: Payment Pending")

    # Somebody pays the open invoice, and it works again.
    bank_says(demo, None)
    tile(setup, name).first.get_by_role("link", name="Manage Subscriptions").click()
    manage = setup.url
    with setup.context.expect_page() as opened:
        setup.get_by_role("link", name="Pay the invoice").click()
    pay(opened.value)
    expect(opened.value.get_by_text("Paid", exact=True).first).to_be_visible()
    setup.goto(manage)
    eventually(setup, lambda: setup.get_by_role("main"), "Licensed until ")
    until_tile_says(setup, demo, name, "Licensed until ")


def test_time_never_goes_back(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.app}/setup?app=planner")
    sign_in(page, OWNER)
    before = business_time(demo)
    page.goto(f"{demo.app}/demo-clock")

    page.get_by_label("To a date").evaluate("input => input.removeAttribute('min')")
    page.get_by_label("To a date").fill(f"{before - timedelta(days=1):%Y-%m-%d}")
    page.get_by_role("button", name="Go there").click()

    expect(page.get_by_role("main")).to_contain_text("is not ahead. The clock moves forward only")
    assert business_time(demo) - before < timedelta(hours=1)


def test_a_year_at_once_signs_nobody_out_and_projects_can_still_be_read(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.app}/setup?app=planner")
    sign_in(page, OWNER)
    expect(page).to_have_url(re.compile("/projects"))
    later = business_time(demo) + timedelta(days=400)
    page.goto(f"{demo.app}/demo-clock")

    page.get_by_label("To a date").fill(f"{later:%Y-%m-%d}")
    page.get_by_role("button", name="Go there").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("days later")
    page.goto(f"{demo.app}/projects")
    page.get_by_role("button", name="Read again").first.click()
    expect(page.get_by_text(re.compile("just now")).first).to_be_visible(timeout=30_000)
    name = project_names(page)[-1]
    pick(page, name, "Safety")
    to_payment(page)
