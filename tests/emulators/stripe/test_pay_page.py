"""The hosted pay page, without scripts: what it shows, what each card does, and that nobody pays twice."""

import re

import pytest
from tests.emulators.stripe.support import ASKS, DECLINED, VISA, Shop

from smartapp_emulators.stripe.cards import PUBLISHED_CARDS, passes_luhn

NOTHING = {"subscription", "invoice", "payment_method", "payment_intent", "charge"}


def created(shop: Shop) -> set[str]:
    """Return which kinds of objects exist that only a payment makes."""
    return {kind for kind, n in shop.http.get("/_emulator/objects").json().items() if n} & NOTHING


def test_the_page_shows_what_is_bought_and_for_how_much(shop: Shop) -> None:
    page = shop.http.get(f"/c/pay/{shop.offer(('Planner', 3), ('Safety', 2)).id}").text

    for words in ("Planner", "Qty 3", "$295.00 each per month", "$885.00", "Safety", "$1,190.00", "$2,075.00"):
        assert words in page
    assert 'href="http://127.0.0.1:8000/back"' in page
    assert "Stripe emulator" in page
    assert "pay@northside.example" in page


def test_the_page_has_labelled_fields_and_one_button(shop: Shop) -> None:
    page = shop.http.get(f"/c/pay/{shop.offer().id}").text

    labels = dict(re.findall(r'<label for="(\w+)">([^<]+)</label>', page))
    assert labels["card_number"] == "Card number"
    assert labels["expiration"] == "Expiration"
    assert labels["cvc"] == "CVC"
    assert {"Name on card", "Country", "ZIP"} <= set(labels.values())
    assert re.findall(r"<button[^>]*>([^<]*)</button>", page) == ["Pay"]


def test_the_policy_of_the_page_allows_its_own_files_and_the_way_back_only(shop: Shop) -> None:
    answer = shop.http.get(f"/c/pay/{shop.offer().id}")

    policy = answer.headers["content-security-policy"]
    assert "form-action 'self' http://127.0.0.1:8000;" in policy
    assert "unsafe" not in policy
    assert not re.search(r"style=|\son\w+=|<script>|<style", answer.text)


def test_a_good_card_leads_back_with_the_session_in_the_url(shop: Shop) -> None:
    session = shop.offer()

    answer = shop.submit(session.id)

    assert answer.status_code == 303
    assert answer.headers["location"] == f"http://127.0.0.1:8000/return?cs={session.id}"
    paid = shop.v1.checkout.sessions.retrieve(session.id)
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("4000000000000002", "Your card was declined."),
        ("4000000000009995", "Your card has insufficient funds."),
        ("4000000000009987", "Your card was declined."),
        ("4000000000009979", "Your card was declined."),
        ("4000000000000069", "Your card has expired."),
        ("4000000000000127", "Your card&#39;s security code is incorrect."),
        ("4000000000000119", "An error occurred while processing your card."),
        ("4012888888881881", "is not one of the test cards"),
    ],
)
def test_a_refused_card_creates_nothing_and_the_page_can_be_tried_again(shop: Shop, number: str, told: str) -> None:
    session = shop.offer()

    page = shop.refusal(shop.submit(session.id, number))

    alert = re.search(r'role="alert"[^>]*>([^<]*)<', page)
    assert alert is not None
    assert told.replace("&#39;", "") in alert[1].replace("&#39;", "")
    assert created(shop) == set()
    assert shop.v1.checkout.sessions.retrieve(session.id).status == "open"
    assert shop.submit(session.id).headers["location"].startswith("http://127.0.0.1:8000/return")


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"number": ""}, "card_number"),
        ({"number": "4242 4242 4242 4241"}, "card_number"),
        ({"number": "4242 4242"}, "card_number"),
        ({"number": "4242 4242 4242 424x"}, "card_number"),
        ({"number": "4" * 20}, "card_number"),
        ({"expiration": ""}, "expiration"),
        ({"expiration": "13/39"}, "expiration"),
        ({"expiration": "01/20"}, "expiration"),
        ({"expiration": "soon"}, "expiration"),
        ({"cvc": ""}, "cvc"),
        ({"cvc": "12"}, "cvc"),
        ({"number": "378282246310005", "cvc": "123"}, "cvc"),
    ],
)
def test_a_mistake_is_told_at_its_field(shop: Shop, typed: dict[str, str], field: str) -> None:
    page = shop.refusal(shop.submit(shop.offer().id, **typed))

    tag = re.search(rf'<input id="{field}"[^>]*>', page)
    assert tag is not None
    assert 'aria-invalid="true"' in tag[0]
    assert f"{field}-error" in tag[0]
    assert f'id="{field}-error"' in page
    assert 'role="alert"' in page
    assert created(shop) == set()


def test_what_was_typed_is_shown_again_but_never_the_card(shop: Shop) -> None:
    page = shop.refusal(shop.submit(shop.offer().id, DECLINED, name="Dana Field", zip="80202"))

    assert 'value="Dana Field"' in page
    assert 'value="80202"' in page
    assert DECLINED not in page
    assert DECLINED not in str(shop.http.get("/_emulator/objects/checkout.session").json())


@pytest.mark.parametrize("typed", ["12/39", "1239", "12 / 2039", "12-39"])
def test_the_expiration_is_read_as_people_write_it(shop: Shop, typed: str) -> None:
    session = shop.offer()

    assert "return" in shop.submit(session.id, expiration=typed).headers["location"]


@pytest.mark.parametrize("number", ["4000002500003155", "4000002760003184", "4000000000003220"])
def test_a_card_that_asks_for_authentication_pays_once_it_is_completed(shop: Shop, number: str) -> None:
    session = shop.offer()
    asked = shop.submit(session.id, number)
    assert asked.headers["location"] == f"/c/pay/{session.id}/confirm"
    page = shop.http.get(asked.headers["location"]).text
    assert re.findall(r"<button[^>]*>([^<]*)</button>", page) == ["Complete authentication", "Fail authentication"]
    assert created(shop) == set()

    answer = shop.http.post(asked.headers["location"], data={"result": "complete"})

    assert answer.headers["location"].startswith("http://127.0.0.1:8000/return")
    assert shop.v1.checkout.sessions.retrieve(session.id).status == "complete"


def test_a_failed_authentication_leaves_everything_retryable(shop: Shop) -> None:
    session = shop.offer()
    confirm = shop.submit(session.id, ASKS).headers["location"]

    page = shop.refusal(shop.http.post(confirm, data={"result": "fail"}))

    assert "could not authenticate" in page
    assert created(shop) == set()
    assert "return" in shop.submit(session.id).headers["location"]


def test_an_answer_to_a_question_nobody_asked_leads_back_to_the_page(shop: Shop) -> None:
    session = shop.offer()

    answer = shop.http.post(f"/c/pay/{session.id}/confirm", data={"result": "complete"})

    assert answer.headers["location"] == f"/c/pay/{session.id}"
    assert created(shop) == set()


def test_pressing_pay_twice_pays_once(shop: Shop) -> None:
    session = shop.offer()

    first, second = shop.submit(session.id), shop.submit(session.id)

    assert first.headers["location"] == second.headers["location"]
    assert len(shop.v1.subscriptions.list().data) == 1
    assert len(shop.v1.charges.list().data) == 1


def test_a_completed_page_says_so_and_leads_on(shop: Shop) -> None:
    session = shop.offer()
    shop.submit(session.id)

    page = shop.http.get(f"/c/pay/{session.id}")

    assert "All done here" in page.text
    assert f"return?cs={session.id}" in page.text


def test_an_expired_page_says_so_and_cannot_be_paid(shop: Shop) -> None:
    session = shop.offer()
    shop.v1.checkout.sessions.expire(session.id)

    assert "has expired" in shop.submit(session.id).text
    assert "http://127.0.0.1:8000/back" in shop.http.get(f"/c/pay/{session.id}").text
    assert created(shop) == set()


def test_an_unknown_page_says_so(shop: Shop) -> None:
    answer = shop.http.get("/c/pay/cs_test_nobody")

    assert answer.status_code == 404
    assert "There is no such payment page" in answer.text


def test_a_buyer_without_a_customer_becomes_one(shop: Shop) -> None:
    session = shop.offer(customer=None, customer_email="new@buyer.example")
    shop.submit(session.id, name="New Buyer")

    paid = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["customer"]})

    assert isinstance(paid.customer, object)
    assert paid.to_dict()["customer"]["email"] == "new@buyer.example"


def test_a_bank_account_settles_later(shop: Shop) -> None:
    session = shop.offer()
    bank = {"account_holder": "Northside", "routing_number": "110000000", "account_number": "000123456789"}
    shop.submit(session.id, "", method="us_bank_account", **bank)

    before = shop.v1.checkout.sessions.retrieve(session.id)
    assert (before.status, before.payment_status) == ("complete", "unpaid")
    shop.post(f"/_emulator/checkout/{session.id}/settle")

    after = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["invoice", "subscription"]}).to_dict()
    assert (after["payment_status"], after["invoice"]["status"]) == ("paid", "paid")
    assert after["subscription"]["status"] == "active"
    assert shop.events("checkout.session.completed", "checkout.session.async_payment_succeeded") == [
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
    ]


def test_a_bank_account_that_bounces_leaves_the_subscription_past_due(shop: Shop) -> None:
    session = shop.offer()
    bank = {"account_holder": "Northside", "routing_number": "110000000", "account_number": "000111111116"}
    shop.submit(session.id, "", method="us_bank_account", **bank)

    shop.advance(5)

    after = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]}).to_dict()
    assert after["payment_status"] == "unpaid"
    assert after["subscription"]["status"] == "past_due"
    assert "checkout.session.async_payment_failed" in shop.events()


def test_a_mistyped_bank_account_names_the_test_numbers(shop: Shop) -> None:
    page = shop.refusal(shop.submit(shop.offer().id, "", method="us_bank_account", routing_number="1"))

    assert "Use the test routing number 110000000." in page
    assert "Enter the name on the bank account." in page


def test_every_published_number_is_a_number() -> None:
    assert [number for number in PUBLISHED_CARDS if not passes_luhn(number)] == []


def test_the_session_page_offers_only_what_the_seller_allows(shop: Shop) -> None:
    page = shop.http.get(f"/c/pay/{shop.offer(allowed_payment_method_types=['card']).id}").text

    assert "US bank account" not in page
    assert 'name="card_number"' in page


def test_files_of_the_page_are_served_and_nothing_else(shop: Shop) -> None:
    assert shop.http.get("/_emulator/static/emulator.css").headers["content-type"].startswith("text/css")
    assert shop.http.get("/_emulator/static/pay.js").status_code == 200
    assert shop.http.get("/_emulator/static/..%2fapp.py").status_code == 404
    assert VISA not in shop.http.get("/_emulator/static/pay.js").text
