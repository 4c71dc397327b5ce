"""Invoices made by hand: items that wait, drafts, lines, payment and what cannot be done any more."""

from typing import Any

import pytest
import stripe
from tests.emulators.stripe.support import DAY_S, Shop

Json = dict[str, Any]


def item(shop: Shop, amount: int = 2_000, **more: Any) -> stripe.InvoiceItem:
    wish: Json = {"customer": shop.customer.id, "amount": amount, "currency": "usd", **more}
    return shop.v1.invoice_items.create(wish)  # type: ignore[arg-type]


def draft(shop: Shop, **more: Any) -> stripe.Invoice:
    wish: Json = {"customer": shop.customer.id, "pending_invoice_items_behavior": "include", **more}
    return shop.v1.invoices.create(wish)  # type: ignore[arg-type]


def card(shop: Shop, named: str = "pm_card_visa") -> str:
    method = shop.v1.payment_methods.attach(named, {"customer": shop.customer.id}).id
    shop.v1.customers.update(shop.customer.id, {"invoice_settings": {"default_payment_method": method}})
    return method


def test_what_waits_goes_onto_a_draft_only_when_asked(shop: Shop) -> None:
    waiting = item(shop, description="Set-up")

    empty = shop.v1.invoices.create({"customer": shop.customer.id})
    full = draft(shop, description="By hand", metadata={"a": "1"})

    assert (empty.status, empty.total, empty.auto_advance) == ("draft", 0, False)
    assert (full.status, full.total, full.billing_reason, full.parent) == ("draft", 2_000, "manual", None)
    line = full.lines.data[0].to_dict()
    assert (line["amount"], line["description"]) == (2_000, "Set-up")
    assert line["parent"]["invoice_item_details"]["invoice_item"] == waiting.id
    assert shop.v1.invoice_items.retrieve(waiting.id).invoice == full.id


def test_an_invoice_by_hand_is_paid_with_the_default_card(shop: Shop) -> None:
    card(shop)
    item(shop)

    paid = shop.v1.invoices.pay(draft(shop).id, {"expand": ["payments.data.payment.payment_intent"]}).to_dict()

    assert (paid["status"], paid["amount_paid"], paid["attempt_count"]) == ("paid", 2_000, 1)
    assert paid["payments"]["data"][0]["payment"]["payment_intent"]["description"] == "Payment for Invoice"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        shop.v1.invoices.pay(paid["id"])
    assert caught.value.code == "invoice_already_paid"


def test_an_invoice_without_a_card_to_charge_says_so(shop: Shop) -> None:
    item(shop)

    with pytest.raises(stripe.InvalidRequestError, match="no attached payment source") as caught:
        shop.v1.invoices.pay(draft(shop).id)

    assert caught.value.code == "resource_missing"


@pytest.mark.parametrize(
    ("named", "code", "events"),
    [
        ("pm_card_chargeCustomerFail", "card_declined", ["invoice.payment_failed"]),
        (
            "pm_card_threeDSecure2Required",
            "invoice_payment_intent_requires_action",
            ["invoice.payment_failed", "invoice.payment_action_required"],
        ),
    ],
)
def test_a_failed_payment_answers_402_and_leaves_the_invoice_open(
    shop: Shop, named: str, code: str, events: list[str]
) -> None:
    card(shop, named)
    item(shop)
    made = draft(shop)

    with pytest.raises(stripe.CardError) as caught:
        shop.v1.invoices.pay(made.id)

    assert caught.value.code == code
    assert shop.v1.invoices.retrieve(made.id).status == "open"
    assert shop.events("invoice.payment_failed", "invoice.payment_action_required") == events


def test_an_invoice_can_be_paid_elsewhere(shop: Shop) -> None:
    item(shop)

    paid = shop.v1.invoices.pay(draft(shop).id, {"paid_out_of_band": True})

    assert (paid.status, paid.amount_paid, paid.to_dict()["amount_paid_off_stripe"]) == ("paid", 0, 2_000)


def test_a_draft_that_advances_finalizes_within_the_hour_and_is_charged(shop: Shop) -> None:
    card(shop)
    item(shop)
    made = draft(shop, auto_advance=True)

    shop.advance(3_601 / DAY_S)

    assert shop.v1.invoices.retrieve(made.id).status == "paid"


def test_lines_are_put_onto_a_draft_from_items_sums_and_one_time_prices(shop: Shop) -> None:
    once = shop.v1.prices.create({"product": shop.planner.id, "currency": "usd", "unit_amount": 700}).id
    waiting = item(shop, 100).id
    made = shop.v1.invoices.create({"customer": shop.customer.id, "currency": "usd"})

    after = shop.v1.invoices.add_lines(
        made.id,
        {
            "lines": [
                {"invoice_item": waiting},
                {"amount": 250, "description": "Trip"},
                {"pricing": {"price": once}, "quantity": 3},
            ]
        },
    )

    assert [(line.amount, line.description) for line in after.lines.data] == [
        (100, None),
        (250, "Trip"),
        (2_100, "Planner"),
    ]
    assert after.total == after.amount_due == 2_450
    shop.v1.invoices.finalize_invoice(made.id)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        shop.v1.invoices.add_lines(made.id, {"lines": [{"amount": 1}]})
    assert caught.value.code == "invoice_not_editable"


def test_an_item_can_be_put_onto_a_draft_changed_and_taken_off(shop: Shop) -> None:
    made = shop.v1.invoices.create({"customer": shop.customer.id, "currency": "usd"}).id
    put = item(shop, 300, invoice=made).id
    item(shop, 50, invoice=made)

    shop.v1.invoice_items.update(put, {"amount": 500, "description": "More"})
    changed = shop.v1.invoices.retrieve(made)
    shop.v1.invoice_items.delete(put)

    assert (changed.total, changed.lines.data[0].description) == (550, "More")
    assert shop.v1.invoices.retrieve(made).total == 50
    shop.v1.invoices.finalize_invoice(made)
    with pytest.raises(stripe.InvalidRequestError, match="no longer"):
        item(shop, 1, invoice=made)


def test_a_draft_can_be_changed_and_deleted_and_gives_its_items_back(shop: Shop) -> None:
    waiting = item(shop).id
    made = draft(shop).id

    assert shop.v1.invoices.update(made, {"description": "New", "metadata": {"a": "b"}}).description == "New"
    assert shop.v1.invoices.delete(made).deleted

    assert shop.v1.invoice_items.retrieve(waiting).invoice is None
    assert "invoice.deleted" in shop.events()
    subscribed = shop.subscribe(("Planner", 1)).latest_invoice
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.invoices.delete(str(subscribed))
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.invoices.update(str(subscribed), {"description": "x"})


def test_a_credit_that_waits_makes_the_next_invoice_smaller(shop: Shop) -> None:
    card(shop)
    item(shop, 3_000)
    item(shop, -1_000)

    assert shop.v1.invoices.pay(draft(shop).id).amount_paid == 2_000


def test_less_than_the_smallest_charge_is_carried_over_to_the_next_invoice(shop: Shop) -> None:
    card(shop)
    item(shop, 49)
    small = shop.v1.invoices.finalize_invoice(draft(shop).id)
    item(shop, 100)

    next_ = shop.v1.invoices.pay(draft(shop).id)

    assert (small.status, small.amount_due, small.amount_paid, small.ending_balance) == ("paid", 0, 0, 49)
    assert (next_.total, next_.starting_balance, next_.amount_paid) == (100, 49, 149)


def test_what_waits_for_the_customer_goes_onto_the_next_renewal(shop: Shop) -> None:
    shop.subscribe(("Planner", 1))
    item(shop, 1_234)

    shop.advance(30.5)

    assert shop.v1.invoices.list().data[0].amount_paid == 29_500 + 1_234


def test_an_invoice_of_a_subscription_takes_only_what_waits_for_it(shop: Shop) -> None:
    first, second = shop.subscribe(("Planner", 1)), shop.subscribe(("Safety", 1), interval="year")
    item(shop, 100, subscription=first.id)
    item(shop, 200, subscription=second.id)

    made = shop.v1.invoices.create({"customer": shop.customer.id, "subscription": first.id})

    assert made.total == 100
    assert made.to_dict()["parent"]["subscription_details"]["subscription"] == first.id
    assert shop.v1.invoice_items.list({"pending": True}).data[0].amount == 200


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"customer": None}, "customer"),
        ({"amount": None}, "amount"),
        ({"customer": "cus_nobody"}, "customer"),
        ({"invoice": "in_nobody"}, "invoice"),
        ({"discounts": [{"coupon": "ten"}]}, "discounts"),
    ],
)
def test_an_item_that_cannot_be_is_refused_by_name(shop: Shop, more: Json, param: str) -> None:
    wish = {"customer": shop.customer.id, "amount": 100, "currency": "usd", **more}

    with pytest.raises(stripe.InvalidRequestError) as caught:
        shop.v1.invoice_items.create({k: v for k, v in wish.items() if v is not None})  # type: ignore[arg-type]

    assert caught.value.param == param
