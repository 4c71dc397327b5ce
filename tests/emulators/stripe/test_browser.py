"""The emulator's pages in a real browser: with and without scripts, at both widths, in both themes."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.emulators.stripe.support import ASKS, DECLINED, FAILS_LATER, VISA, Shop

pytestmark = pytest.mark.journey

AXE = (Path(__file__).parents[2] / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}


def sellable(shop: Shop, **more: Any) -> str:
    """Return the address of a pay page that leads back to pages of the emulator itself."""
    back = {"success_url": f"{shop.url}/_emulator?cs={{CHECKOUT_SESSION_ID}}", "cancel_url": f"{shop.url}/_emulator"}
    return str(shop.offer(**back, **more).url)


def fill(page: Page, number: str, cvc: str = "123") -> None:
    page.get_by_label("Card number").press_sequentially(number)
    page.get_by_label("Expiration").press_sequentially("1239")
    page.get_by_label("CVC").fill(cvc)
    page.get_by_role("button", name="Pay").click()


def findings(page: Page) -> list[str]:
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    return [f"{page.url}: {row['id']} {row['nodes'][0]['html'][:120]}" for row in found]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_decline_then_authentication_then_success(shop: Shop, browser: Browser, scripts: bool) -> None:  # noqa: FBT001
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(sellable(shop))

    fill(page, DECLINED)
    assert "Your card was declined." in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Card number").input_value() == ""
    fill(page, ASKS)
    page.get_by_role("button", name="Complete authentication").click()
    page.wait_for_url("**/_emulator?cs=cs_test_*")

    assert said == []
    assert len(shop.v1.subscriptions.list().data) == 1
    page.go_back()
    assert page.get_by_role("heading", name="All done here").is_visible()
    context.close()


def test_the_number_is_grouped_while_it_is_typed(shop: Shop, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(sellable(shop))

    page.get_by_label("Card number").press_sequentially(VISA)
    page.get_by_label("Expiration").press_sequentially("1239")

    assert page.get_by_label("Card number").input_value() == "4242 4242 4242 4242"
    assert page.get_by_label("Expiration").input_value() == "12 / 39"
    page.close()


def test_the_back_button_of_the_browser_and_the_page_both_lead_back(shop: Shop, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{shop.url}/_emulator")
    page.goto(sellable(shop))
    fill(page, DECLINED)
    page.get_by_text("Your card was declined.").wait_for()

    page.go_back()
    page.go_back()
    assert page.url == f"{shop.url}/_emulator"
    page.go_forward()
    page.get_by_role("link", name="Back").click()

    assert page.url == f"{shop.url}/_emulator"
    assert shop.v1.subscriptions.list().data == []
    page.close()


def test_a_bank_account_is_chosen_by_its_radio(shop: Shop, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(sellable(shop))

    page.get_by_label("US bank account").check()
    assert not page.get_by_label("Card number").is_visible()
    page.get_by_label("Name on account").fill("Northside")
    page.get_by_label("Routing number").fill("110000000")
    page.get_by_label("Account number").fill("000123456789")
    page.get_by_role("button", name="Pay").click()
    page.wait_for_url("**/_emulator?cs=cs_test_*")
    page.get_by_role("button", name="Settle debit").click()

    assert shop.v1.checkout.sessions.list().data[0].payment_status == "paid"
    page.close()


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_every_page_is_accessible_and_fits(shop: Shop, browser: Browser, width: int, theme: Any) -> None:
    shop.subscribe(("Planner", 2), number=FAILS_LATER)
    shop.advance(30.5)
    invoice = shop.v1.invoices.list({"status": "open"}).data[0].id
    closed = shop.offer()
    shop.v1.checkout.sessions.expire(closed.id)
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=theme)
    page = context.new_page()
    page.goto(sellable(shop))
    addresses = [page.url, "/_emulator", f"/i/{invoice}", f"/c/pay/{closed.id}", "/c/pay/nobody"]
    fill(page, VISA, cvc="1")
    addresses.append(page.url)
    fill(page, ASKS)
    addresses.append(page.url)

    found = []
    for address in addresses:
        page.goto(address if "://" in address else shop.url + address)
        found += findings(page)
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        found += [f"{address} scrolls sideways"] if wide else []

    assert found == []
    context.close()
