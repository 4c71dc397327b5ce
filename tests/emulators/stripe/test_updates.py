"""Second purchases: quantities, prorations, changes that wait for their payment, and previews of all of them."""

from typing import Any

import pytest
import stripe
from tests.emulators.stripe.support import DAY_S, FAILS_LATER, VISA, Shop

Json = dict[str, Any]


class Running:
    """A monthly subscription for three Planner projects, ten days into its month."""

    def __init__(self, shop: Shop, number: str = VISA) -> None:
        self.shop = shop
        self.id = shop.subscribe(("Planner", 3), number=number).id
        self.item = self.now()["items"].data[0]
        self.at = self.item.current_period_start + 10 * DAY_S
        shop.advance(10)

    def now(self) -> stripe.Subscription:
        return self.shop.v1.subscriptions.retrieve(self.id)

    def update(self, quantity: int = 5, **more: Any) -> stripe.Subscription:
        wish: Json = {"items": [{"id": self.item.id, "quantity": quantity}], "proration_date": self.at, **more}
        return self.shop.v1.subscriptions.update(self.id, wish)  # type: ignore[arg-type]

    def preview(self, quantity: int = 5, **more: Any) -> stripe.Invoice:
        details: Json = {"items": [{"id": self.item.id, "quantity": quantity}], "proration_date": self.at, **more}
        wish: Json = {"subscription": self.id, "subscription_details": details}
        return self.shop.v1.invoices.create_preview(wish)  # type: ignore[arg-type]

    def quantities(self) -> list[int]:
        return [item.quantity for item in self.now()["items"].data]


NOW: Json = {"proration_behavior": "always_invoice"}
PENDING: Json = {**NOW, "payment_behavior": "pending_if_incomplete"}
#: The month from 10 April 12:00 has thirty days, so twenty thirtieths are left after ten.
CREDIT, CHARGE = -59_000, 98_333


@pytest.fixture
def running(shop: Shop) -> Running:
    return Running(shop)


def test_an_invoiced_change_credits_what_was_paid_and_charges_what_is_wanted(shop: Shop, running: Running) -> None:
    running.update(**NOW)

    invoice = shop.v1.invoices.list({"subscription": running.id}).data[0].to_dict()
    assert [line["amount"] for line in invoice["lines"]["data"]] == [CREDIT, CHARGE]
    assert (invoice["status"], invoice["amount_paid"]) == ("paid", CREDIT + CHARGE)
    assert invoice["billing_reason"] == "subscription_update"
    first, second = (line["parent"]["subscription_item_details"] for line in invoice["lines"]["data"])
    assert first["proration"] is second["proration"] is True
    assert first["subscription_item"] == second["subscription_item"] == running.item.id
    original = shop.v1.invoices.list({"subscription": running.id}).data[1]
    assert first["proration_details"]["credited_items"] == {
        "invoice": original.id,
        "invoice_line_items": [original.lines.data[0].id],
    }
    assert shop.v1.invoice_items.retrieve(first["invoice_item"]).invoice == invoice["id"]
    assert running.quantities() == [5]


def test_the_preview_of_a_change_is_what_the_change_costs_and_leaves_no_trace(shop: Shop, running: Running) -> None:
    before = shop.http.get("/_emulator/objects").json()

    preview = running.preview(**NOW)

    assert shop.http.get("/_emulator/objects").json() == before
    assert running.quantities() == [3]
    assert preview.id.startswith("upcoming_in_")
    running.update(**NOW)
    charged = shop.v1.invoices.list({"subscription": running.id}).data[0]
    assert preview.amount_due == charged.amount_due
    assert [line.amount for line in preview.lines.data] == [line.amount for line in charged.lines.data]


def test_a_preview_without_a_change_is_the_next_renewal(shop: Shop, running: Running) -> None:
    preview = shop.v1.invoices.create_preview({"subscription": running.id})

    assert preview.amount_due == 3 * 29_500
    assert preview.lines.data[0].period.start == running.item.current_period_end
    shop.advance(20.5)
    assert shop.v1.invoices.list().data[0].amount_paid == preview.amount_due


def test_a_preview_of_a_change_that_waits_is_the_next_renewal_with_it(running: Running) -> None:
    preview = running.preview()

    assert preview.amount_due == CREDIT + CHARGE + 5 * 29_500
    assert running.preview(proration_behavior="none").amount_due == 5 * 29_500


def test_there_is_no_next_invoice_of_what_ends(shop: Shop, running: Running) -> None:
    shop.v1.subscriptions.update(running.id, {"cancel_at_period_end": True})

    with pytest.raises(stripe.InvalidRequestError) as caught:
        shop.v1.invoices.create_preview({"subscription": running.id})
    assert caught.value.code == "invoice_upcoming_none"
    shop.v1.subscriptions.cancel(running.id)
    with pytest.raises(stripe.InvalidRequestError):
        running.preview(**NOW)


def test_a_change_that_waits_is_charged_with_the_next_renewal(shop: Shop, running: Running) -> None:
    running.update()

    assert running.quantities() == [5]
    assert len(shop.v1.invoices.list().data) == 1
    waiting = shop.v1.invoice_items.list({"pending": True}).data
    assert sorted(item.amount for item in waiting) == [CREDIT, CHARGE]
    shop.advance(20.5)

    assert shop.v1.invoices.list().data[0].amount_paid == CREDIT + CHARGE + 5 * 29_500
    assert shop.v1.invoice_items.list({"pending": True}).data == []


def test_what_waits_goes_onto_the_next_invoice_whatever_it_is_for(shop: Shop, running: Running) -> None:
    running.update(4)

    running.update(5, **NOW)

    invoice = shop.v1.invoices.list().data[0]
    assert len(invoice.lines.data) == 4
    assert abs(invoice.amount_paid - (CREDIT + CHARGE)) <= 1  # each line is rounded by itself


def test_a_pending_change_that_is_paid_at_once_is_applied_at_once(shop: Shop, running: Running) -> None:
    after = running.update(**PENDING)

    assert after.pending_update is None
    assert running.quantities() == [5]
    assert "customer.subscription.pending_update_applied" not in shop.events()


def test_a_pending_change_whose_card_fails_waits_with_everything_as_it_was(shop: Shop) -> None:
    running = Running(shop, FAILS_LATER)

    after = running.update(**PENDING)

    assert after.status == "active"
    assert running.quantities() == [3]
    assert after.pending_update is not None
    assert [item.quantity for item in after.pending_update.subscription_items or []] == [5]
    assert shop.v1.invoices.retrieve(str(after.latest_invoice)).status == "open"


def test_paying_the_hosted_invoice_applies_the_pending_change(shop: Shop) -> None:
    running = Running(shop, FAILS_LATER)
    invoice = running.update(**PENDING).latest_invoice

    shop.http.post(f"/i/{invoice}", data={"card_number": VISA, "expiration": "12/39", "cvc": "123"})

    assert running.quantities() == [5]
    assert running.now().pending_update is None
    told = shop.events("customer.subscription.pending_update_applied", "customer.subscription.updated", "invoice.paid")
    assert told[-3:] == [
        "invoice.paid",
        "customer.subscription.pending_update_applied",
        "customer.subscription.updated",
    ]


def test_a_pending_change_expires_after_23_hours_and_its_invoice_with_it(shop: Shop) -> None:
    running = Running(shop, FAILS_LATER)
    invoice = str(running.update(**PENDING).latest_invoice)

    shop.advance(1)

    assert running.now().pending_update is None
    assert running.quantities() == [3]
    assert shop.v1.invoices.retrieve(invoice).status == "void"
    assert "customer.subscription.pending_update_expired" in shop.events()
    assert shop.v1.invoice_items.list({"pending": True}).data == []


def test_a_newer_change_takes_the_place_of_one_that_waits(shop: Shop) -> None:
    running = Running(shop, FAILS_LATER)
    older = str(running.update(5, **PENDING).latest_invoice)

    after = running.update(7, **PENDING)

    assert shop.v1.invoices.retrieve(older).status == "void"
    assert after.pending_update is not None
    assert [item.quantity for item in after.pending_update.subscription_items or []] == [7]


def test_voiding_the_invoice_of_a_change_that_waits_gives_the_change_up(shop: Shop) -> None:
    running = Running(shop, FAILS_LATER)
    invoice = str(running.update(**PENDING).latest_invoice)

    voided = shop.v1.invoices.void_invoice(invoice)

    assert voided.status == "void"
    assert running.now().pending_update is None
    assert running.quantities() == [3]
    assert shop.v1.invoice_items.list({"pending": True}).data == []
    assert shop.events("invoice.voided", "customer.subscription.updated")[-2:] == [
        "invoice.voided",
        "customer.subscription.updated",
    ]


def test_what_costs_nothing_is_credited_by_name_too(shop: Shop) -> None:
    free = shop.price(shop.v1.products.create({"name": "Board"}).id, 0, "month")
    shop.prices["Board", "month"] = free
    subscription = shop.subscribe(("Planner", 1), ("Board", 1))
    shop.advance(10)
    board = next(item for item in subscription["items"].data if item.price.id == free)

    shop.v1.subscriptions.update(subscription.id, {"items": [{"id": board.id, "quantity": 2}], **NOW})

    lines = shop.v1.invoices.list({"subscription": subscription.id}).data[0].to_dict()["lines"]["data"]
    named = [line["parent"]["subscription_item_details"]["proration_details"]["credited_items"] for line in lines]
    assert [(line["amount"], line["quantity"]) for line in lines] == [(0, 1), (0, 2)]
    assert [credited is not None for credited in named] == [True, False]


def test_a_card_that_must_be_confirmed_leaves_the_change_waiting(shop: Shop) -> None:
    running = Running(shop, "4000002760003184")

    after = running.update(**PENDING)

    assert after.pending_update is not None
    assert "invoice.payment_action_required" in shop.events()
    confirm = f"/i/{after.latest_invoice}"
    shop.http.post(confirm, data={"card_number": "4000002760003184", "expiration": "12/39", "cvc": "123"})
    shop.http.post(f"{confirm}/confirm", data={"result": "complete"})
    assert running.quantities() == [5]


def test_a_change_that_may_be_incomplete_is_applied_and_makes_it_past_due(shop: Shop) -> None:
    running = Running(shop, FAILS_LATER)

    after = running.update(**NOW)

    assert (after.status, running.quantities()) == ("past_due", [5])


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"payment_behavior": "default_incomplete"}, "payment_behavior"),
        ({"payment_behavior": "pending_if_incomplete"}, "payment_behavior"),
        ({**PENDING, "cancel_at_period_end": True}, "cancel_at_period_end"),
        ({**NOW, "proration_date": 1}, "proration_date"),
        ({**NOW, "quantity": -1}, "items[0][quantity]"),
        ({"items": [{"quantity": 1}]}, "items[0][price]"),
        ({"items": [{"id": "si_nobody", "quantity": 1}]}, "items[0][id]"),
    ],
)
def test_a_change_that_cannot_be_is_refused_by_name(running: Running, more: Json, param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        running.update(**more)

    assert caught.value.param == param
    assert running.quantities() == [3]


def test_a_product_is_added_and_renews_with_the_others(shop: Shop, running: Running) -> None:
    running.update(3, items=[{"price": shop.prices["Safety", "month"], "quantity": 2}], **NOW)

    planner, safety = running.now()["items"].data
    assert safety.quantity == 2
    assert safety.current_period_end == planner.current_period_end
    assert shop.v1.invoices.list().data[0].amount_paid == round(2 * 59_500 * 20 / 30)
    shop.advance(20.5)
    assert shop.v1.invoices.list().data[0].amount_paid == 3 * 29_500 + 2 * 59_500


def test_a_price_of_another_interval_or_already_there_is_refused(shop: Shop, running: Running) -> None:
    for price in (shop.prices["Safety", "year"], shop.prices["Planner", "month"], "price_nobody"):
        with pytest.raises(stripe.InvalidRequestError):
            running.update(items=[{"price": price}], **NOW)
    assert running.quantities() == [3]


def test_an_item_is_swapped_to_another_price_of_the_same_interval(shop: Shop, running: Running) -> None:
    dearer = shop.price(shop.planner.id, 39_500, "month")

    running.update(items=[{"id": running.item.id, "price": dearer}], **NOW)

    assert shop.v1.invoices.list().data[0].amount_paid == round(3 * 39_500 * 20 / 30) - round(3 * 29_500 * 20 / 30)


def test_an_item_is_removed_with_a_credit_but_never_the_last(shop: Shop, running: Running) -> None:
    running.update(3, items=[{"price": shop.prices["Safety", "month"], "quantity": 2}], proration_behavior="none")

    running.update(items=[{"id": running.item.id, "deleted": True}], **NOW)

    assert running.quantities() == [2]
    assert shop.v1.customers.retrieve(shop.customer.id).balance == CREDIT
    left = running.now()["items"].data[0].id
    with pytest.raises(stripe.InvalidRequestError, match="at least one item"):
        running.update(items=[{"id": left, "deleted": True}])


def test_items_can_be_changed_one_by_one(shop: Shop, running: Running) -> None:
    quiet: Json = {"proration_behavior": "none"}
    made = shop.v1.subscription_items.create(
        {"subscription": running.id, "price": shop.prices["Safety", "month"], "quantity": 1, **quiet}  # type: ignore[typeddict-item]
    )

    changed = shop.v1.subscription_items.update(made.id, {"quantity": 4, "metadata": {"a": "1"}, **quiet})  # type: ignore[typeddict-item]

    assert (changed.quantity, changed.metadata.to_dict()) == (4, {"a": "1"})
    assert running.quantities() == [3, 4]
    assert shop.v1.subscription_items.delete(made.id, quiet).deleted  # type: ignore[arg-type]
    assert running.quantities() == [3]


def test_credit_used_by_an_invoice_that_is_given_up_goes_back(shop: Shop) -> None:
    running = Running(shop, FAILS_LATER)
    running.update(2, **NOW)
    credit = shop.v1.customers.retrieve(shop.customer.id).balance
    assert credit is not None
    assert credit < 0

    running.update(9, **PENDING)
    assert shop.v1.customers.retrieve(shop.customer.id).balance == 0
    shop.advance(1)

    assert shop.v1.customers.retrieve(shop.customer.id).balance == credit


def test_an_upcoming_invoice_announces_what_waits(shop: Shop, running: Running) -> None:
    running.update()

    shop.advance(20.5)

    announced = shop.v1.events.list({"type": "invoice.upcoming"}).data[0].to_dict()["data"]["object"]
    assert announced["amount_due"] == shop.v1.invoices.list().data[0].amount_due


def test_two_hundred_quantity_updates_an_hour_are_the_most(shop: Shop, running: Running) -> None:
    for n in range(200):
        text = f"items[0][id]={running.item.id}&items[0][quantity]={n}&proration_behavior=none"
        assert shop.send(f"/v1/subscriptions/{running.id}", text).status_code == 200

    with pytest.raises(stripe.RateLimitError):
        running.update(1, proration_behavior="none")
    shop.advance(0.05)
    assert running.update(1, proration_behavior="none")
