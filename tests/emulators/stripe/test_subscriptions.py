"""What a paid session leaves behind: subscription, items, invoice, payment; and changing the subscription."""

import pytest
import stripe
from tests.emulators.stripe.support import DAY_S, FAILS_LATER, Shop


def test_a_payment_makes_one_flexible_subscription_with_periods_on_its_items(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 3), ("Safety", 2))

    assert subscription.status == "active"
    assert subscription.billing_mode.type == "flexible"
    assert subscription.metadata.to_dict() == {"order_id": "order-1"}
    assert subscription.customer == shop.customer.id
    assert "current_period_end" not in subscription
    items = subscription["items"].data
    assert [(item.price.id, item.quantity) for item in items] == [
        (shop.prices["Planner", "month"], 3),
        (shop.prices["Safety", "month"], 2),
    ]
    assert {item.current_period_start for item in items} == {subscription.billing_cycle_anchor}
    assert {28, 29, 30, 31} >= {(i.current_period_end - i.current_period_start) // DAY_S for i in items}


def test_the_first_invoice_is_paid_and_tells_how(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 3))

    invoice = shop.v1.invoices.retrieve(str(subscription.latest_invoice), {"expand": ["payments"]}).to_dict()

    assert (invoice["status"], invoice["amount_paid"], invoice["billing_reason"]) == (
        "paid",
        88_500,
        "subscription_create",
    )
    assert invoice["parent"]["subscription_details"]["subscription"] == subscription.id
    assert "subscription" not in invoice
    (line,) = invoice["lines"]["data"]
    assert line["parent"]["subscription_item_details"]["subscription_item"] == subscription["items"].data[0].id
    assert line["period"]["end"] == subscription["items"].data[0].current_period_end
    (payment,) = invoice["payments"]["data"]
    intent = shop.v1.payment_intents.retrieve(payment["payment"]["payment_intent"], {"expand": ["latest_charge"]})
    assert (intent.status, intent.amount_received) == ("succeeded", 88_500)
    assert intent.to_dict()["latest_charge"]["paid"] is True


def test_everything_is_told_in_events_and_the_session_comes_last(shop: Shop) -> None:
    shop.subscribe()

    told = shop.events()

    after_stocking = told[told.index("customer.created") + 1 :]
    assert after_stocking == [
        "customer.updated",
        "payment_method.attached",
        "invoice.created",
        "payment_intent.created",
        "invoice.finalized",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
        "customer.subscription.created",
        "checkout.session.completed",
    ]


def test_the_card_is_the_subscriptions_default_and_shows_only_its_end(shop: Shop) -> None:
    subscription = shop.subscribe()

    (method,) = shop.v1.customers.payment_methods.list(shop.customer.id).data

    assert subscription.default_payment_method == method.id
    assert method.card is not None
    assert (method.card.brand, method.card.last4, method.card.exp_year) == ("visa", "4242", 2039)
    assert shop.v1.payment_methods.retrieve(method.id).customer == shop.customer.id
    assert shop.v1.payment_methods.list({"customer": shop.customer.id, "type": "us_bank_account"}).data == []


def test_invoice_numbers_count_up_per_customer(shop: Shop) -> None:
    shop.subscribe()
    shop.subscribe(interval="year")

    numbers = [invoice.number for invoice in shop.v1.invoices.list({"customer": shop.customer.id}).data]

    assert [str(number)[-4:] for number in numbers] == ["0002", "0001"]


def test_the_hosted_invoice_and_its_pdf_can_be_opened(shop: Shop) -> None:
    invoice = shop.v1.invoices.retrieve(str(shop.subscribe(("Planner", 1)).latest_invoice))

    page = shop.http.get(str(invoice.hosted_invoice_url)).text
    pdf = shop.http.get(str(invoice.invoice_pdf))

    assert "$295.00" in page
    assert "Paid" in page
    for shown in (page, pdf.text):
        assert "Amount paid" in shown
        assert "Amount due" not in shown
    assert pdf.content.startswith(b"%PDF-1.4")
    assert str(invoice.number).encode() in pdf.content
    assert shop.http.get("/i/in_nobody").status_code == shop.http.get("/i/in_nobody/pdf").status_code == 404


def test_stopping_at_the_period_end_is_planned_and_can_be_undone(shop: Shop) -> None:
    subscription = shop.subscribe()

    planned = shop.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    assert (planned.status, planned.cancel_at) == ("active", subscription["items"].data[0].current_period_end)
    undone = shop.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": False})

    assert (undone.cancel_at_period_end, undone.cancel_at, undone.canceled_at) == (False, None, None)
    shop.advance(40)
    assert shop.v1.subscriptions.retrieve(subscription.id).status == "active"


def test_a_canceled_subscription_is_over(shop: Shop) -> None:
    subscription = shop.subscribe()

    canceled = shop.v1.subscriptions.cancel(subscription.id, {"cancellation_details": {"comment": "moved away"}})

    assert canceled.status == "canceled"
    assert canceled.cancellation_details is not None
    assert canceled.cancellation_details.comment == "moved away"
    assert shop.v1.subscriptions.list().data == []
    assert [row.id for row in shop.v1.subscriptions.list({"status": "ended"}).data] == [subscription.id]
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.subscriptions.cancel(subscription.id)
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})


def test_a_quantity_without_proration_changes_the_next_invoice_only(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 3))
    item = subscription["items"].data[0].id

    shop.v1.subscriptions.update(
        subscription.id, {"items": [{"id": item, "quantity": 2}], "proration_behavior": "none"}
    )

    assert len(shop.v1.invoices.list().data) == 1
    shop.advance(40)
    assert [invoice.amount_paid for invoice in shop.v1.invoices.list().data] == [2 * 29_500, 3 * 29_500]


def test_a_quantity_invoiced_now_charges_the_rest_of_the_period(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 3))
    item = subscription["items"].data[0]
    shop.advance(10)
    at = item.current_period_start + 10 * DAY_S

    shop.v1.subscriptions.update(
        subscription.id,
        {
            "items": [{"id": item.id, "quantity": 5}],
            "proration_behavior": "always_invoice",
            "proration_date": at,
        },
    )

    invoice = shop.v1.invoices.list({"subscription": subscription.id}).data[0]
    length = item.current_period_end - item.current_period_start
    assert invoice.status == "paid"
    assert [line.amount for line in invoice.lines.data] == [
        -round(3 * 29_500 * (item.current_period_end - at) / length),
        round(5 * 29_500 * (item.current_period_end - at) / length),
    ]
    assert invoice.amount_paid == sum(line.amount for line in invoice.lines.data)


def test_a_reduction_invoiced_now_is_credited_to_the_next_invoice(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 3))
    item = subscription["items"].data[0]

    shop.v1.subscriptions.update(
        subscription.id,
        {
            "items": [{"id": item.id, "quantity": 1}],
            "proration_behavior": "always_invoice",
            "proration_date": item.current_period_start,
        },
    )

    assert shop.v1.customers.retrieve(shop.customer.id).balance == -2 * 29_500
    shop.advance(40)
    assert shop.v1.invoices.list().data[0].amount_due == 0
    assert shop.v1.customers.retrieve(shop.customer.id).balance == -29_500


def test_an_update_that_may_not_be_incomplete_changes_nothing_when_the_card_fails(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 3), number=FAILS_LATER)
    item = subscription["items"].data[0].id
    change = {
        "items": [{"id": item, "quantity": 5}],
        "proration_behavior": "always_invoice",
        "payment_behavior": "error_if_incomplete",
    }

    with pytest.raises(stripe.CardError) as caught:
        shop.v1.subscriptions.update(subscription.id, change)  # type: ignore[arg-type]

    assert caught.value.code == "card_declined"
    assert shop.v1.subscriptions.retrieve(subscription.id)["items"].data[0].quantity == 3
    assert len(shop.v1.invoices.list().data) == 1


def test_an_item_of_another_subscription_is_refused(shop: Shop) -> None:
    one, two = shop.subscribe(("Planner", 1)), shop.subscribe(("Safety", 1))
    foreign = two["items"].data[0].id

    with pytest.raises(stripe.InvalidRequestError, match="No such subscription_item"):
        shop.v1.subscriptions.update(one.id, {"items": [{"id": foreign, "quantity": 2}], "proration_behavior": "none"})


def test_more_than_ten_invoices_a_minute_are_refused(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 1))
    item = subscription["items"].data[0].id

    def change(quantity: int) -> None:
        wish = {"items": [{"id": item, "quantity": quantity}], "proration_behavior": "always_invoice"}
        shop.v1.subscriptions.update(subscription.id, wish)  # type: ignore[arg-type]

    for quantity in range(2, 11):
        change(quantity)
    with pytest.raises(stripe.RateLimitError):
        change(11)
    assert len(shop.v1.invoices.list({"limit": 100}).data) == 10


def test_items_are_listed_and_found(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 3), ("Safety", 2))

    listed = shop.v1.subscription_items.list({"subscription": subscription.id}).data

    assert [item.quantity for item in listed] == [3, 2]
    assert shop.v1.subscription_items.retrieve(listed[0].id).quantity == 3
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.subscription_items.retrieve("si_nobody")


def test_a_foreign_payment_method_is_refused_as_default(shop: Shop) -> None:
    mine = shop.subscribe()
    session = shop.offer(customer=None, customer_email="other@buyer.example")
    shop.submit(session.id)
    other = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]}).to_dict()["subscription"]

    with pytest.raises(stripe.InvalidRequestError, match="must be attached to the customer"):
        shop.v1.subscriptions.update(mine.id, {"default_payment_method": other["default_payment_method"]})
