"""The billing portal: a short-lived link to a page where a customer gives another card and goes back."""

import re
from typing import Any

import httpx
import pytest
import stripe
from tests.emulators.stripe.support import ASKS, CARD, DECLINED, FAILS_LATER, VISA, Shop

from smartapp_emulators.serving import ThreadedServer
from smartapp_emulators.stripe.app import create_app
from smartapp_emulators.stripe.resources.portal import KIND

Json = dict[str, Any]

BACK = "http://127.0.0.1:8000/subscriptions"
UPDATE: Json = {
    "type": "payment_method_update",
    "after_completion": {"type": "redirect", "redirect": {"return_url": f"{BACK}?card=new"}},
}


def opened(shop: Shop, **more: Any) -> stripe.billing_portal.Session:
    return shop.v1.billing_portal.sessions.create({"customer": shop.customer.id, "return_url": BACK, **more})


def give(shop: Shop, session: stripe.billing_portal.Session, number: str) -> httpx.Response:
    return shop.http.post(session.url, data={"card_number": number, **CARD})


def default_of(shop: Shop) -> str | None:
    settings = shop.v1.customers.retrieve(shop.customer.id).to_dict()["invoice_settings"]
    found: str | None = settings["default_payment_method"]
    return found


def test_a_card_given_in_the_update_flow_is_the_default_and_leads_back(shop: Shop) -> None:
    session = opened(shop, flow_data=UPDATE)
    page = shop.http.get(session.url)

    answer = give(shop, session, VISA)

    assert "Update payment method" in page.text
    assert "form-action 'self' http://127.0.0.1:8000" in page.headers["content-security-policy"]
    assert (answer.status_code, answer.headers["location"]) == (303, f"{BACK}?card=new")
    (method,) = shop.v1.customers.payment_methods.list(shop.customer.id).data
    assert default_of(shop) == method.id
    assert shop.events("payment_method.attached", "customer.updated") == ["payment_method.attached", "customer.updated"]


def test_the_portal_leaves_the_default_of_subscriptions_alone_unless_it_is_set_up_to_follow(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 1), number=FAILS_LATER)
    first = subscription.default_payment_method

    give(shop, opened(shop, flow_data=UPDATE), VISA)
    kept = shop.v1.subscriptions.retrieve(subscription.id).default_payment_method
    shop.post("/_emulator/settings", {"portal_card": "customer_and_subscriptions"})
    give(shop, opened(shop, flow_data=UPDATE), VISA)
    followed = shop.v1.subscriptions.retrieve(subscription.id).default_payment_method

    assert kept == first
    assert followed == default_of(shop) != first


@pytest.mark.parametrize(
    ("number", "told"), [(DECLINED, "Your card was declined."), ("4242", "Check the marked field")]
)
def test_a_card_that_cannot_be_stored_is_told_and_changes_nothing(shop: Shop, number: str, told: str) -> None:
    answer = give(shop, opened(shop, flow_data=UPDATE), number)

    assert told in shop.refusal(answer)
    assert default_of(shop) is None
    assert shop.v1.customers.payment_methods.list(shop.customer.id).data == []


@pytest.mark.parametrize(("result", "stored"), [("complete", 1), ("fail", 0)])
def test_a_card_whose_bank_asks_is_stored_when_its_holder_authenticates(shop: Shop, result: str, stored: int) -> None:
    session = opened(shop, flow_data=UPDATE)

    asked = give(shop, session, ASKS)
    shop.http.get(asked.headers["location"])
    shop.http.post(asked.headers["location"], data={"result": result})

    assert len(shop.v1.customers.payment_methods.list(shop.customer.id).data) == stored


def test_the_home_page_lists_methods_and_invoices_and_another_can_be_made_default(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 1))
    session = opened(shop)

    page = shop.http.get(session.url).text
    shop.http.post(session.url, data={"default": str(subscription.default_payment_method)})

    assert "Visa ending 4242" in page
    assert f"/i/{subscription.latest_invoice}" in page
    assert BACK in page
    assert default_of(shop) == subscription.default_payment_method
    assert '<span class="chip ok">Default</span>' in shop.http.get(session.url).text


def test_a_flow_may_end_with_a_word_of_its_own(shop: Shop) -> None:
    confirmation = {"type": "hosted_confirmation", "hosted_confirmation": {"custom_message": "Thanks, all set."}}
    session = opened(shop, flow_data={"type": "payment_method_update", "after_completion": confirmation})

    answer = give(shop, session, VISA)

    assert "Thanks, all set." in shop.http.get(answer.headers["location"]).text


def test_a_link_that_led_back_is_used_up(shop: Shop) -> None:
    session = opened(shop, flow_data=UPDATE)

    give(shop, session, VISA)

    assert shop.http.get(session.url).status_code == 404
    assert shop.http.get("/p/session/bps_nobody").status_code == 404


@pytest.mark.parametrize(
    ("used", "age_s", "status"), [(False, 290, 200), (False, 310, 404), (True, 3_590, 200), (True, 3_610, 404)]
)
def test_a_link_lasts_five_minutes_until_it_is_opened_and_then_an_hour(used: bool, age_s: int, status: int) -> None:  # noqa: FBT001
    server = ThreadedServer()
    server.app = create_app(base_url=server.url)
    with server:
        own = Shop(server.url)
        own.stock()
        session = opened(own)
        if used:
            own.http.get(session.url)
        with server.app.state.emulator.account.changing() as store:
            row = store.get(KIND, session.id)
            store.put(KIND, row | {"_used_at": row["_used_at"] - age_s})

        answer = own.http.get(session.url)
        own.close()

    assert answer.status_code == status
    assert ("has expired" in answer.text) == (status == 404)


def test_business_time_does_not_end_a_link(shop: Shop) -> None:
    session = opened(shop)
    shop.advance(40)

    assert shop.http.get(session.url).status_code == 200


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"customer": "cus_nobody"}, "customer"),
        ({"return_url": "javascript:alert(1)"}, "return_url"),
        ({"flow_data": {"type": "subscription_cancel"}}, "flow_data[type]"),
        (
            {"flow_data": {"type": "payment_method_update", "after_completion": {"type": "redirect"}}},
            "flow_data[after_completion][redirect]",
        ),
        ({"configuration": "bpc_1"}, "configuration"),
    ],
)
def test_a_session_that_cannot_be_is_refused_by_name(shop: Shop, more: Json, param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        opened(shop, **more)

    assert caught.value.param == param


def test_a_card_given_by_the_owner_is_the_default_everywhere(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 1), number=FAILS_LATER)

    given = shop.post(f"/_emulator/customers/{shop.customer.id}/card", {"card": "pm_card_mastercard"}).json()

    assert given["card"] == "Mastercard ending 4444"
    assert default_of(shop) == given["payment_method"]
    assert shop.v1.subscriptions.retrieve(subscription.id).default_payment_method == given["payment_method"]
    assert shop.post(f"/_emulator/customers/{shop.customer.id}/card", {"card": "1234"}).status_code == 400
    assert shop.post("/_emulator/customers/cus_nobody/card", {"card": "pm_card_visa"}).status_code == 400


def test_the_console_gives_cards_refunds_and_sets_up_the_account(shop: Shop) -> None:
    shop.subscribe(("Planner", 1), number=FAILS_LATER)
    charge = shop.v1.charges.list().data[0].id
    page = shop.http.get("/_emulator").text

    for form in (
        {"act": "card", "customer": shop.customer.id, "card": "4242 4242 4242 4242"},
        {"act": "refund", "charge": charge},
        {"act": "settings", "after_retries": "canceled", "portal_card": "customer"},
    ):
        assert shop.http.post("/_emulator/do", data=form).status_code == 303

    assert re.search(rf'name="charge" value="{charge}"', page)
    assert shop.v1.charges.retrieve(charge).refunded is True
    assert shop.http.get("/_emulator/settings").json() == {"after_retries": "canceled", "portal_card": "customer"}
    assert shop.http.post("/_emulator/do", data={"act": "settings", "after_retries": "shred"}).status_code == 400
    assert shop.http.post("/_emulator/do", data={"act": "refund", "charge": charge}).status_code == 400
