"""A second purchase and everything it must keep: previews, prorations, waiting changes, intervals, limits."""

from collections import Counter
from typing import Any

import pytest
import stripe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.emulators.stripe.support import DAY_S, FAILS_LATER, VISA, Shop
from tests.emulators.stripe.test_updates import NOW, PENDING, Running

from smartapp_emulators.stripe.prorations import share

Json = dict[str, Any]

#: One emulator serves all examples of a property; each buys anew.
unhurried = settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
quantities = st.integers(0, 400)
#: Seconds into a month of thirty days.
moments = st.integers(0, 30 * DAY_S - 1)


class Bought:
    """A subscription with two products, bought over the API with the same customer and card each time."""

    def __init__(self, shop: Shop, planner: int, safety: int, interval: str = "month") -> None:
        self.shop = shop
        customer = shop.v1.customers.create(
            {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}}
        )
        prices = [shop.prices["Planner", interval], shop.prices["Safety", interval]]
        wanted = [{"price": price, "quantity": n} for price, n in zip(prices, (planner, safety), strict=True)]
        made = shop.v1.subscriptions.create({"customer": customer.id, "items": wanted})  # type: ignore[typeddict-item]
        self.id, self.customer = made.id, customer.id
        self.items = made["items"].data
        self.start, self.end = self.items[0].current_period_start, self.items[0].current_period_end

    def wish(self, planner: int, safety: int, at: int) -> Json:
        items = [{"id": item.id, "quantity": n} for item, n in zip(self.items, (planner, safety), strict=True)]
        return {"items": items, "proration_date": at, "proration_behavior": "always_invoice"}

    def invoices(self) -> list[stripe.Invoice]:
        return self.shop.v1.invoices.list({"subscription": self.id}).data

    def quantities(self) -> list[int]:
        return [item.quantity for item in self.shop.v1.subscriptions.retrieve(self.id)["items"].data]


@unhurried
@given(st.tuples(quantities, quantities), st.tuples(quantities, quantities), moments)
def test_a_preview_costs_to_the_cent_what_the_update_with_the_same_date_costs(
    shop: Shop, before: tuple[int, int], after: tuple[int, int], passed: int
) -> None:
    bought = Bought(shop, *before)
    wish = bought.wish(*after, bought.start + passed)

    preview = shop.v1.invoices.create_preview({"subscription": bought.id, "subscription_details": wish})  # type: ignore[typeddict-item]
    shop.v1.subscriptions.update(bought.id, {**wish, "payment_behavior": "pending_if_incomplete"})  # type: ignore[typeddict-item,misc]

    if after == before:
        assert (preview.total, len(bought.invoices())) == (0, 1)
        return
    charged = bought.invoices()[0]
    assert (preview.total, preview.subtotal) == (charged.total, charged.subtotal)
    assert [line.amount for line in preview.lines.data] == [line.amount for line in charged.lines.data]
    assert bought.quantities() == list(after)


@unhurried
@given(st.tuples(quantities, quantities), st.tuples(quantities, quantities), moments)
def test_credit_and_charge_are_the_rest_of_the_period_each_rounded_by_itself(
    shop: Shop, before: tuple[int, int], after: tuple[int, int], passed: int
) -> None:
    bought = Bought(shop, *before)
    at = bought.start + passed

    shop.v1.subscriptions.update(bought.id, bought.wish(*after, at))  # type: ignore[arg-type]

    wanted = [
        share(sign * cents * n, at, bought.start, bought.end)
        for cents, old, new in zip((29_500, 59_500), before, after, strict=True)
        if old != new
        for sign, n in ((-1, old), (1, new))
    ]
    total = sum(wanted)
    if wanted:
        invoice = bought.invoices()[0]
        assert (invoice.total, sum(line.amount for line in invoice.lines.data)) == (total, total)
    balance = shop.v1.customers.retrieve(bought.customer).balance
    assert balance == (total if total < 50 else 0)


@unhurried
@given(st.lists(st.tuples(st.integers(1, 50), st.integers(1, 50)), min_size=1, max_size=5))
def test_absolute_quantities_end_where_the_last_one_says_however_often_they_are_sent(
    shop: Shop, wishes: list[tuple[int, int]]
) -> None:
    bought = Bought(shop, 1, 1)

    for planner, safety in wishes:
        wish = bought.wish(planner, safety, bought.start + DAY_S)
        for _ in range(2):
            shop.v1.subscriptions.update(bought.id, {**wish, "proration_behavior": "none"})  # type: ignore[typeddict-item,misc]

    assert bought.quantities() == list(wishes[-1])
    renewal = shop.v1.invoices.create_preview({"subscription": bought.id})
    assert renewal.total == 29_500 * wishes[-1][0] + 59_500 * wishes[-1][1]
    assert len(bought.invoices()) == 1


@unhurried
@given(st.lists(st.integers(1, 40), min_size=1, max_size=4))
def test_what_was_charged_and_credited_comes_to_what_was_had(shop: Shop, steps: list[int]) -> None:
    """Day by day another quantity: the sum of all invoices is the sum of the days, to a cent a line."""
    bought = Bought(shop, 5, 1)
    held = Counter({5: 0})
    before, at = 5, bought.start
    for index, quantity in enumerate(steps, start=1):
        moment = bought.start + index * DAY_S
        held[before] += moment - at
        before, at = quantity, moment
        shop.v1.subscriptions.update(bought.id, bought.wish(quantity, 1, moment))  # type: ignore[arg-type]
    held[before] += bought.end - at

    lines = [line for invoice in bought.invoices() for line in invoice.lines.data]
    paid = sum(line.amount for line in lines) - 59_500
    fair = sum(29_500 * quantity * seconds / (bought.end - bought.start) for quantity, seconds in held.items())
    assert abs(paid - fair) <= len(lines) / 2 + 0.5


def test_the_amounts_add_up_at_the_card_too(shop: Shop) -> None:
    bought = Bought(shop, 3, 2)

    shop.v1.subscriptions.update(bought.id, bought.wish(10, 2, bought.start + 10 * DAY_S))  # type: ignore[arg-type]

    charges = shop.v1.charges.list({"customer": bought.customer}).data
    assert [charge.amount for charge in charges] == [invoice.amount_paid for invoice in bought.invoices()]


def test_a_product_that_was_not_there_is_previewed_and_added_with_the_same_amounts(shop: Shop) -> None:
    running = Running(shop)
    items: Json = [{"price": shop.prices["Safety", "month"], "quantity": 4}, {"id": running.item.id, "quantity": 7}]

    preview = running.preview(items=items, **NOW)
    running.update(items=items, **PENDING)

    charged = shop.v1.invoices.list({"subscription": running.id}).data[0]
    assert (
        preview.amount_due == charged.amount_paid == round(4 * 59_500 * 20 / 30) + round(7 * 29_500 * 20 / 30) - 59_000
    )
    assert running.quantities() == [7, 4]


def test_without_any_card_nothing_changes_and_the_answer_says_why(shop: Shop) -> None:
    running = Running(shop)
    shop.v1.payment_methods.detach(str(running.now().default_payment_method))
    before = shop.http.get("/_emulator/objects").json()

    with pytest.raises(stripe.InvalidRequestError, match="no attached payment source or default payment") as caught:
        running.update(**PENDING)

    assert (caught.value.code, caught.value.http_status) == ("resource_missing", 400)
    assert running.quantities() == [3]
    assert shop.http.get("/_emulator/objects").json() == before


def test_a_change_that_must_not_be_incomplete_is_refused_with_the_banks_words(shop: Shop) -> None:
    running = Running(shop, FAILS_LATER)

    with pytest.raises(stripe.CardError) as caught:
        running.update(**NOW, payment_behavior="error_if_incomplete")

    assert (caught.value.http_status, caught.value.code) == (402, "card_declined")
    assert running.quantities() == [3]
    assert len(shop.v1.invoices.list({"subscription": running.id}).data) == 1


def test_the_hosted_page_lets_the_holder_of_the_stored_card_confirm(shop: Shop) -> None:
    running = Running(shop, "4000002760003184")
    after = running.update(**PENDING)
    stored = after.default_payment_method
    invoice = shop.v1.invoices.retrieve(str(after.latest_invoice))
    page = shop.http.get(str(invoice.hosted_invoice_url)).text

    asked = shop.http.post(str(invoice.hosted_invoice_url), data={"stored": str(stored)})
    confirm = shop.http.get(asked.headers["location"]).text
    shop.http.post(asked.headers["location"], data={"result": "complete"})

    assert "Confirm with Visa ending 3184" in page
    assert "Visa ending 3184" in confirm
    assert shop.v1.invoices.retrieve(invoice.id).status == "paid"
    assert (running.quantities(), running.now().pending_update) == ([5], None)
    assert running.now().default_payment_method == stored


def test_a_confirmation_that_fails_leaves_the_change_waiting(shop: Shop) -> None:
    running = Running(shop, "4000002760003184")
    after = running.update(**PENDING)
    address = f"/i/{after.latest_invoice}"

    asked = shop.http.post(address, data={"stored": str(after.default_payment_method)})
    failed = shop.http.post(asked.headers["location"], data={"result": "fail"})

    assert "could not authenticate" in shop.refusal(failed)
    assert running.now().pending_update is not None
    assert running.quantities() == [3]


def test_a_waiting_change_that_is_paid_after_the_last_second_is_not_applied(shop: Shop) -> None:
    running = Running(shop, FAILS_LATER)
    waiting = running.update(**PENDING)
    assert waiting.pending_update is not None
    left = waiting.pending_update.expires_at - int(shop.http.get("/_emulator/clock").json()["unix"])

    shop.advance((left - 1) / DAY_S)
    assert running.now().pending_update is not None
    shop.advance(1 / DAY_S)
    shop.http.post(f"/i/{waiting.latest_invoice}", data={"card_number": VISA, "expiration": "12/39", "cvc": "123"})

    assert left == 23 * 3600
    assert running.quantities() == [3]
    intent = shop.v1.payment_intents.list({"customer": shop.customer.id}).data[0]
    assert (intent.status, intent.cancellation_reason) == ("canceled", "void_invoice")


def test_fewer_at_the_next_renewal_costs_nothing_now_and_can_be_taken_back(shop: Shop) -> None:
    running = Running(shop)

    running.update(1, proration_behavior="none")
    smaller = shop.v1.invoices.create_preview({"subscription": running.id}).amount_due
    running.update(3, proration_behavior="none")

    assert smaller == 29_500
    assert shop.v1.invoices.create_preview({"subscription": running.id}).amount_due == 3 * 29_500
    assert len(shop.v1.invoices.list().data) == 1
    assert shop.v1.invoice_items.list({"pending": True}).data == []


def test_an_end_that_is_taken_back_leaves_no_trace(shop: Shop) -> None:
    running = Running(shop)
    before = running.now().to_dict()

    ending = shop.v1.subscriptions.update(running.id, {"cancel_at_period_end": True})
    shop.v1.subscriptions.update(running.id, {"cancel_at_period_end": False})

    assert ending.cancel_at == running.item.current_period_end
    assert running.now().to_dict() == before
    shop.advance(21)
    assert running.now().status == "active"


# -- month to year ---------------------------------------------------------------------------------------------------


def swapped(shop: Shop, running: Running, **more: Any) -> Json:
    return {"items": [{"id": running.item.id, "price": shop.prices["Planner", "year"], "quantity": 4}], **more}


def test_a_flexible_subscription_keeps_its_anchor_when_the_interval_changes(shop: Shop) -> None:
    running = Running(shop)
    anchor = running.now().billing_cycle_anchor

    shop.v1.subscriptions.update(running.id, swapped(shop, running, **NOW))  # type: ignore[arg-type]

    item = running.now()["items"].data[0]
    assert running.now().billing_cycle_anchor == item.current_period_start == anchor
    assert (item.current_period_end - anchor) // DAY_S in {365, 366}
    length = item.current_period_end - anchor
    charged = shop.v1.invoices.list({"subscription": running.id}).data[0]
    assert [line.amount for line in charged.lines.data] == [
        -59_000,
        share(4 * 12 * 29_500, anchor + 10 * DAY_S, anchor, anchor + length),
    ]


def test_a_period_can_begin_anew_with_the_interval(shop: Shop) -> None:
    running = Running(shop)
    wish = swapped(shop, running, billing_cycle_anchor={"type": "now"})

    details = {"subscription": running.id, "subscription_details": {**wish, **NOW}}
    preview = shop.v1.invoices.create_preview(details)  # type: ignore[arg-type]
    shop.v1.subscriptions.update(running.id, {**wish, **PENDING})  # type: ignore[arg-type]

    now = shop.http.get("/_emulator/clock").json()["unix"]
    charged = shop.v1.invoices.list({"subscription": running.id}).data[0]
    item = running.now()["items"].data[0]
    assert preview.amount_due == charged.amount_paid == 4 * 12 * 29_500 - 59_000
    assert running.now().billing_cycle_anchor == item.current_period_start == now
    assert item.current_period_end - now in {365 * DAY_S, 366 * DAY_S}
    assert item.price.recurring is not None
    assert (item.price.recurring.interval, item.quantity) == ("year", 4)


@pytest.mark.parametrize("behavior", ["always_invoice", "create_prorations", "none"])
def test_another_interval_is_invoiced_at_once_whatever_was_asked(shop: Shop, behavior: str) -> None:
    running = Running(shop)
    wish = swapped(shop, running, billing_cycle_anchor={"type": "now"}, proration_behavior=behavior)

    shop.v1.subscriptions.update(running.id, wish)  # type: ignore[arg-type]

    charged = shop.v1.invoices.list({"subscription": running.id}).data[0]
    assert charged.amount_paid == 4 * 12 * 29_500 - (0 if behavior == "none" else 59_000)


def test_a_classic_subscription_begins_anew_by_itself(shop: Shop) -> None:
    session = shop.offer(("Planner", 3), subscription_data={"billing_mode": {"type": "classic"}})
    shop.submit(session.id)
    found = shop.v1.subscriptions.list().data[0]
    shop.advance(10)
    item = found["items"].data[0].id

    after = shop.v1.subscriptions.update(
        found.id, {"items": [{"id": item, "price": shop.prices["Planner", "year"]}], "proration_behavior": "none"}
    )

    assert after.billing_cycle_anchor == after["items"].data[0].current_period_start
    assert after.billing_cycle_anchor == found.billing_cycle_anchor + 10 * DAY_S


def test_a_change_of_interval_that_is_not_paid_waits_with_its_anchor(shop: Shop) -> None:
    running = Running(shop, FAILS_LATER)
    wish = swapped(shop, running, billing_cycle_anchor={"type": "now"}, **PENDING)

    waiting = shop.v1.subscriptions.update(running.id, wish)  # type: ignore[arg-type]
    asked_at = int(shop.http.get("/_emulator/clock").json()["unix"])
    kept = running.now()["items"].data[0].price.id
    shop.advance(0.25)
    shop.http.post(f"/i/{waiting.latest_invoice}", data={"card_number": VISA, "expiration": "12/39", "cvc": "123"})

    assert kept == shop.prices["Planner", "month"]
    assert waiting.pending_update is not None
    assert waiting.pending_update.billing_cycle_anchor == asked_at
    assert running.now().billing_cycle_anchor == asked_at
    assert running.now()["items"].data[0].price.id == shop.prices["Planner", "year"]


def test_a_moment_of_proration_cannot_go_with_a_new_anchor(shop: Shop) -> None:
    running = Running(shop)

    with pytest.raises(stripe.InvalidRequestError) as caught:
        running.update(billing_cycle_anchor={"type": "now"}, **NOW)

    assert caught.value.param == "proration_date"


def test_intervals_cannot_be_mixed(shop: Shop) -> None:
    running = Running(shop)

    with pytest.raises(stripe.InvalidRequestError, match="does not mix intervals"):
        running.update(items=[{"price": shop.prices["Safety", "year"]}], **NOW)


def test_a_yearly_subscription_renews_after_its_year(shop: Shop) -> None:
    bought = Bought(shop, 2, 1, interval="year")

    shop.advance(366.5)

    assert [invoice.amount_paid for invoice in bought.invoices()] == [2 * 354_000 + 714_000] * 2


# -- limits ----------------------------------------------------------------------------------------------------------


def invoiced(shop: Shop, running: Running, quantity: int) -> int:
    text = (
        f"items[0][id]={running.item.id}&items[0][quantity]={quantity}&proration_behavior=always_invoice"
        f"&proration_date={running.at}"
    )
    return shop.send(f"/v1/subscriptions/{running.id}", text).status_code


def test_ten_invoices_a_minute_are_the_most(shop: Shop) -> None:
    running = Running(shop)

    asked = [invoiced(shop, running, quantity) for quantity in range(10, 21)]
    shop.advance(61 / DAY_S)

    assert asked == [200] * 10 + [429]
    assert invoiced(shop, running, 20) == 200


def test_twenty_invoices_a_day_are_the_most(shop: Shop) -> None:
    running = Running(shop)
    asked = []
    for quantity in range(10, 31):
        asked.append(invoiced(shop, running, quantity))
        shop.advance(61 / DAY_S)

    assert asked == [200] * 20 + [429]
    shop.advance(1)
    assert invoiced(shop, running, 99) == 200
