"""What becomes of a subscription whose money does not come, by the account's settings; pausing and taking up again."""

from typing import Any

import pytest
import stripe
from tests.emulators.stripe.support import DAY_S, FAILS_LATER, VISA, Shop
from tests.emulators.stripe.test_updates import NOW, Running

Json = dict[str, Any]

MONTH = 30.5
#: From the renewal to after the last retry.
GIVEN_UP = MONTH + 15


def pay(shop: Shop, invoice: str) -> None:
    shop.http.post(f"/i/{invoice}", data={"card_number": VISA, "expiration": "12/39", "cvc": "123"})


def newest(shop: Shop) -> stripe.Invoice:
    return shop.v1.invoices.list().data[0]


def test_a_draft_can_be_changed_for_an_hour(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 1))
    end = subscription["items"].data[0].current_period_end
    shop.advance((end - subscription.created + 1800) / DAY_S)
    draft = newest(shop)

    shop.v1.invoice_items.create({"customer": shop.customer.id, "invoice": draft.id, "amount": 500, "currency": "usd"})
    shop.advance(0.05)

    assert (draft.status, draft.total) == ("draft", 29_500)
    assert newest(shop).amount_paid == 30_000


@pytest.mark.parametrize("after", ["unpaid", "canceled", "past_due"])
def test_the_account_decides_what_follows_the_last_retry(shop: Shop, after: str) -> None:
    shop.post("/_emulator/settings", {"after_retries": after})
    subscription = shop.subscribe(("Planner", 1), number=FAILS_LATER)
    shop.advance(MONTH)
    behind = shop.v1.subscriptions.retrieve(subscription.id).status

    shop.advance(15)

    found = shop.v1.subscriptions.retrieve(subscription.id)
    assert (behind, found.status) == ("past_due", after)
    assert newest(shop).attempt_count == 9
    assert newest(shop).next_payment_attempt is None
    if after == "canceled":
        assert found.to_dict()["cancellation_details"]["reason"] == "payment_failed"


@pytest.mark.parametrize(
    ("after", "restored"), [("unpaid", "active"), ("past_due", "active"), ("canceled", "canceled")]
)
def test_a_later_payment_restores_what_has_not_ended(shop: Shop, after: str, restored: str) -> None:
    shop.post("/_emulator/settings", {"after_retries": after})
    subscription = shop.subscribe(("Planner", 1), number=FAILS_LATER)
    shop.advance(GIVEN_UP)

    pay(shop, newest(shop).id)

    assert newest(shop).status == "paid"
    assert shop.v1.subscriptions.retrieve(subscription.id).status == restored


def test_a_declined_month_is_made_good_by_the_card_the_owner_gives(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 1), number=FAILS_LATER)
    shop.advance(MONTH)

    shop.post(f"/_emulator/customers/{shop.customer.id}/card", {"card": "pm_card_visa"})
    shop.advance(1.1)

    assert shop.v1.subscriptions.retrieve(subscription.id).status == "active"
    assert (newest(shop).status, newest(shop).attempt_count) == ("paid", 2)


def test_an_attempt_by_hand_does_not_use_up_a_retry(shop: Shop) -> None:
    shop.subscribe(("Planner", 1), number=FAILS_LATER)
    shop.advance(MONTH)
    due = newest(shop)

    for _ in range(3):
        with pytest.raises(stripe.CardError):
            shop.v1.invoices.pay(due.id)

    assert newest(shop).attempt_count == 4
    assert newest(shop).next_payment_attempt == due.next_payment_attempt


def test_a_change_that_was_not_paid_is_tried_again_like_a_renewal(shop: Shop) -> None:
    running = Running(shop, FAILS_LATER)
    running.update(**NOW)
    shop.v1.customers.update(shop.customer.id, {"metadata": {"a": "1"}})
    shop.post(f"/_emulator/customers/{shop.customer.id}/card", {"card": "pm_card_visa"})

    shop.advance(1.1)

    assert running.now().status == "active"
    assert newest(shop).status == "paid"


def test_settings_that_are_none_are_refused(shop: Shop) -> None:
    assert shop.post("/_emulator/settings", {"after_retries": "shred"}).status_code == 400
    assert shop.post("/_emulator/settings", {"mood": "good"}).status_code == 400
    assert shop.http.get("/_emulator/settings").json()["after_retries"] == "unpaid"


def test_a_paused_subscription_is_billed_for_nothing(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 2))

    paused = shop.v1.subscriptions.pause(subscription.id, {"type": "subscription"})
    told = shop.events()[-2:]
    shop.advance(70)

    assert paused.status == "paused"
    assert paused.to_dict()["status_details"]["paused"]["subscription"]["type"] == "pause_requested"
    assert len(shop.v1.invoices.list().data) == 1
    assert told == ["customer.subscription.updated", "customer.subscription.paused"]
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.subscriptions.pause(subscription.id)


def test_it_is_taken_up_with_a_period_that_begins_anew(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 2))
    shop.v1.subscriptions.pause(subscription.id)
    shop.advance(70)

    resumed = shop.v1.subscriptions.resume(subscription.id)

    now = shop.http.get("/_emulator/clock").json()["unix"]
    assert (resumed.status, resumed.billing_cycle_anchor) == ("active", now)
    assert resumed.to_dict()["status_details"] is None
    assert newest(shop).amount_paid == 59_000
    assert shop.events("customer.subscription.resumed") == ["customer.subscription.resumed"]
    shop.advance(31.5)
    assert len(shop.v1.invoices.list().data) == 3


@pytest.mark.parametrize(("days", "paid"), [(5, 1), (45, 2)])
def test_it_is_taken_up_within_the_old_periods(shop: Shop, days: int, paid: int) -> None:
    subscription = shop.subscribe(("Planner", 2))
    shop.v1.subscriptions.pause(subscription.id)
    shop.advance(days)

    resumed = shop.v1.subscriptions.resume(subscription.id, {"billing_cycle_anchor": {"type": "unchanged"}})

    assert (resumed.status, resumed.billing_cycle_anchor) == ("active", subscription.billing_cycle_anchor)
    assert len(shop.v1.invoices.list().data) == paid
    item = resumed["items"].data[0]
    now = int(shop.http.get("/_emulator/clock").json()["unix"])
    assert item.current_period_start <= now < item.current_period_end
    if paid == 2:
        rest = (item.current_period_end - now) / (item.current_period_end - item.current_period_start)
        assert newest(shop).amount_paid == round(59_000 * rest)


def test_it_stays_paused_until_its_invoice_is_paid(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 2), number=FAILS_LATER)
    shop.v1.subscriptions.pause(subscription.id)
    shop.advance(40)

    waiting = shop.v1.subscriptions.resume(subscription.id)
    pay(shop, str(waiting.latest_invoice))

    assert waiting.status == "paused"
    assert shop.v1.subscriptions.retrieve(subscription.id).status == "active"


def test_what_is_not_paused_cannot_be_taken_up(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 1))

    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.subscriptions.resume(subscription.id)
