"""Subscriptions made over the API: what the first payment decides."""

from typing import Any

import pytest
import stripe
from tests.emulators.stripe.support import DAY_S, VISA, Shop

Json = dict[str, Any]


def subscribe(shop: Shop, named: str | None = "pm_card_visa", **more: Any) -> stripe.Subscription:
    if named:
        method = shop.v1.payment_methods.attach(named, {"customer": shop.customer.id}).id
        shop.v1.customers.update(shop.customer.id, {"invoice_settings": {"default_payment_method": method}})
    wish: Json = {
        "customer": shop.customer.id,
        "items": [{"price": shop.prices["Planner", "month"], "quantity": 2}],
        **more,
    }
    return shop.v1.subscriptions.create(wish)  # type: ignore[arg-type]


def test_a_paid_first_invoice_makes_it_active(shop: Shop) -> None:
    made = subscribe(shop, metadata={"order": "7"}, expand=["latest_invoice.payments"]).to_dict()

    assert (made["status"], made["default_payment_method"], made["metadata"]) == ("active", None, {"order": "7"})
    assert made["billing_mode"]["type"] == "flexible"
    assert (made["latest_invoice"]["status"], made["latest_invoice"]["amount_paid"]) == ("paid", 59_000)
    assert made["latest_invoice"]["billing_reason"] == "subscription_create"
    assert shop.events("customer.subscription.created", "customer.subscription.updated") == [
        "customer.subscription.created"
    ]


def test_it_renews_by_the_customers_default(shop: Shop) -> None:
    subscribe(shop)

    shop.advance(30.5)

    assert [each.amount_paid for each in shop.v1.invoices.list().data] == [59_000, 59_000]


def test_without_a_card_nothing_is_made(shop: Shop) -> None:
    before = shop.http.get("/_emulator/objects").json()

    with pytest.raises(stripe.InvalidRequestError, match="no attached payment source") as caught:
        subscribe(shop, None)

    assert (caught.value.code, caught.value.http_status) == ("resource_missing", 400)
    assert shop.http.get("/_emulator/objects").json() == before


def test_a_failed_first_payment_leaves_it_incomplete_until_its_invoice_is_paid(shop: Shop) -> None:
    made = subscribe(shop, "pm_card_chargeCustomerFail")
    status = made.status

    shop.http.post(f"/i/{made.latest_invoice}", data={"card_number": VISA, "expiration": "12/39", "cvc": "123"})

    assert status == "incomplete"
    assert shop.v1.subscriptions.retrieve(made.id).status == "active"


def test_an_incomplete_one_expires_after_23_hours_with_its_invoice(shop: Shop) -> None:
    made = subscribe(shop, "pm_card_chargeCustomerFail")

    shop.advance(22.9 / 24)
    waiting = shop.v1.subscriptions.retrieve(made.id).status
    shop.advance(0.2 / 24)

    after = shop.v1.subscriptions.retrieve(made.id)
    assert (waiting, after.status) == ("incomplete", "incomplete_expired")
    assert after.ended_at == made.created + 23 * 3600
    assert shop.v1.invoices.retrieve(str(made.latest_invoice)).status == "void"


def test_nothing_is_made_when_it_must_not_be_incomplete(shop: Shop) -> None:
    with pytest.raises(stripe.CardError) as caught:
        subscribe(shop, "pm_card_chargeCustomerFail", payment_behavior="error_if_incomplete")

    assert caught.value.code == "card_declined"
    assert shop.v1.subscriptions.list({"status": "all"}).data == []
    assert shop.v1.invoices.list().data == []


def test_the_first_payment_can_be_left_to_the_customer(shop: Shop) -> None:
    made = subscribe(
        shop, None, payment_behavior="default_incomplete", expand=["latest_invoice.confirmation_secret"]
    ).to_dict()
    secret = made["latest_invoice"]["confirmation_secret"]["client_secret"]

    shop.v1.payment_intents.confirm(secret.partition("_secret_")[0], {"payment_method": "pm_card_visa"})

    assert (made["status"], made["latest_invoice"]["status"]) == ("incomplete", "open")
    assert shop.v1.subscriptions.retrieve(made["id"]).status == "active"


def test_the_card_that_paid_is_kept_when_asked_for(shop: Shop) -> None:
    made = subscribe(shop, payment_settings={"save_default_payment_method": "on_subscription"})

    assert made.default_payment_method == shop.v1.payment_methods.list({"customer": shop.customer.id}).data[0].id


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"items": []}, "items"),
        ({"customer": "cus_nobody"}, "customer"),
        ({"default_payment_method": "pm_card_visa"}, "default_payment_method"),
        ({"items": [{"price": "price_nobody"}]}, "items[0][price]"),
        ({"items": [{"quantity": 1}]}, "items[0][price]"),
        ({"collection_method": "send_invoice"}, "collection_method"),
        ({"trial_period_days": 3}, "trial_period_days"),
    ],
)
def test_one_that_cannot_be_is_refused_by_name(shop: Shop, more: Json, param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        subscribe(shop, **more)

    assert caught.value.param == param


def test_prices_must_fit_together(shop: Shop) -> None:
    month, year = shop.prices["Planner", "month"], shop.prices["Planner", "year"]
    once = shop.v1.prices.create({"product": shop.planner.id, "currency": "usd", "unit_amount": 700}).id

    for items in ([{"price": month}, {"price": year}], [{"price": month}, {"price": month}], [{"price": once}]):
        with pytest.raises(stripe.InvalidRequestError):
            subscribe(shop, items=items)


def test_it_can_be_made_to_end_with_its_period(shop: Shop) -> None:
    made = subscribe(shop, cancel_at_period_end=True)

    shop.advance(32)

    after = shop.v1.subscriptions.retrieve(made.id)
    assert made.cancel_at_period_end is True
    assert after.status == "canceled"
    assert after.ended_at is not None
    assert after.ended_at - made.created >= 28 * DAY_S
