"""Time: renewals, failing cards, retries, recovery, endings. Nobody waits: the clock is moved."""

import pytest
import stripe
from tests.emulators.stripe.support import DAY_S, FAILS_LATER, VISA, Shop

from smartapp_emulators.stripe.invoicing import RETRY_DAYS
from smartapp_emulators.stripe.subscribing import FINAL, NEXT

#: Just after a renewal was charged, and before its first retry.
MONTH = 30.5


def status(shop: Shop, subscription: stripe.Subscription) -> str:
    return shop.v1.subscriptions.retrieve(subscription.id).status


def invoices(shop: Shop) -> list[stripe.Invoice]:
    return list(shop.v1.invoices.list({"limit": 100}).auto_paging_iter())


def test_a_year_moved_at_once_renews_twelve_times_each_at_its_moment(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 2))
    first = subscription["items"].data[0]

    shop.advance(366.5)

    found = invoices(shop)[::-1]
    assert [invoice.amount_paid for invoice in found] == [59_000] * 13
    starts = [invoice.lines.data[0].period.start for invoice in found]
    ends = [invoice.lines.data[0].period.end for invoice in found]
    assert starts[0] == first.current_period_start
    assert starts[1:] == ends[:-1]
    assert [invoice.created for invoice in found[1:]] == starts[1:]
    assert status(shop, subscription) == "active"


def test_a_renewal_is_announced_drafted_finalized_and_paid(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 2))
    end = subscription["items"].data[0].current_period_end

    shop.advance(MONTH)

    assert shop.events() == [  # those of the purchase are older than thirty days by now
        "invoice.upcoming",
        "invoice.created",
        "customer.subscription.updated",
        "payment_intent.created",
        "invoice.finalized",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
    ]
    moments = {event.type: event.created for event in shop.v1.events.list({"limit": 10}).data}
    assert moments["invoice.upcoming"] == end - 7 * DAY_S
    assert moments["invoice.created"] == end
    assert moments["invoice.finalized"] == end + 3600


def test_the_announced_amount_is_what_is_charged(shop: Shop) -> None:
    shop.subscribe(("Planner", 2), ("Safety", 1))

    shop.advance(MONTH)

    announced = shop.v1.events.list({"type": "invoice.upcoming"}).data[0].to_dict()["data"]["object"]
    assert announced["amount_due"] == invoices(shop)[0].amount_paid == 2 * 29_500 + 59_500
    assert announced["id"].startswith("upcoming_in_")


def test_a_yearly_subscription_renews_after_a_year(shop: Shop) -> None:
    shop.subscribe(("Planner", 1), interval="year")

    shop.advance(364)
    assert len(invoices(shop)) == 1
    shop.advance(3)
    assert [invoice.amount_paid for invoice in invoices(shop)] == [354_000, 354_000]


def test_a_failing_card_makes_it_past_due_and_after_all_retries_unpaid(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 1), number=FAILS_LATER)

    shop.advance(MONTH)
    assert status(shop, subscription) == "past_due"
    due = invoices(shop)[0]
    assert (due.status, due.attempt_count) == ("open", 1)
    failed_first = shop.v1.events.list({"type": "invoice.payment_failed"}).data[0].created
    assert due.next_payment_attempt == failed_first + RETRY_DAYS[0] * DAY_S
    shop.advance(15)

    after = shop.v1.invoices.retrieve(due.id)
    assert (after.status, after.attempt_count, after.next_payment_attempt) == ("open", 1 + len(RETRY_DAYS), None)
    assert status(shop, subscription) == "unpaid"
    tries = [event.created for event in shop.v1.events.list({"type": "invoice.payment_failed", "limit": 20}).data]
    assert [(at - failed_first) // DAY_S for at in reversed(tries)] == [0, *RETRY_DAYS]


def test_an_unpaid_subscription_goes_on_drafting_invoices_nobody_collects(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 1), number=FAILS_LATER)

    shop.advance(MONTH + 15 + 31)

    drafts = [invoice for invoice in invoices(shop) if invoice.status == "draft"]
    assert len(drafts) == 1
    assert drafts[0].auto_advance is False
    assert status(shop, subscription) == "unpaid"


def test_paying_the_open_invoice_on_its_page_restores_everything(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 1), number=FAILS_LATER)
    shop.advance(48)
    due = next(invoice for invoice in invoices(shop) if invoice.status == "open")
    page = f"/i/{due.id}"
    assert "Your card was declined" in shop.refusal(
        shop.http.post(page, data={"card_number": "4000000000000002", "expiration": "12/39", "cvc": "123"})
    )
    assert "incomplete" in shop.refusal(
        shop.http.post(page, data={"card_number": "4242", "expiration": "12/39", "cvc": "123"})
    )

    answer = shop.http.post(page, data={"card_number": VISA, "expiration": "12/39", "cvc": "123"})

    assert answer.headers["location"] == page
    assert status(shop, subscription) == "active"
    assert shop.v1.invoices.retrieve(due.id).status == "paid"
    assert shop.http.post(page, data={"card_number": VISA}).headers["location"] == page
    shop.advance(31)
    assert status(shop, subscription) == "active"


def test_an_invoice_page_asks_for_authentication_when_the_card_wants_it(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 1), number=FAILS_LATER)
    shop.advance(MONTH)
    due = invoices(shop)[0].id
    card = {"card_number": "4000002500003155", "expiration": "12/39", "cvc": "123"}

    asked = shop.http.post(f"/i/{due}", data=card).headers["location"]
    assert "Complete authentication" in shop.http.get(asked).text
    assert "could not authenticate" in shop.refusal(shop.http.post(asked, data={"result": "fail"}))
    assert shop.http.get(asked).headers["location"] == f"/i/{due}"
    shop.http.post(f"/i/{due}", data=card)
    shop.http.post(asked, data={"result": "complete"})

    assert status(shop, subscription) == "active"


def test_an_invoice_is_paid_over_the_api_with_another_method(shop: Shop) -> None:
    good = shop.subscribe(("Safety", 1), interval="year")
    bad = shop.subscribe(("Planner", 1), number=FAILS_LATER)
    shop.advance(MONTH)
    due = invoices(shop)[0]

    with pytest.raises(stripe.CardError):
        shop.v1.invoices.pay(due.id)
    assert shop.v1.invoices.retrieve(due.id).attempt_count == 2
    paid = shop.v1.invoices.pay(due.id, {"payment_method": str(good.default_payment_method)})

    assert (paid.status, status(shop, bad)) == ("paid", "active")
    with pytest.raises(stripe.InvalidRequestError, match="already paid"):
        shop.v1.invoices.pay(due.id)


def test_a_card_that_always_asks_cannot_renew_by_itself(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 1), number="4000002760003184")

    shop.advance(MONTH)

    assert status(shop, subscription) == "past_due"
    assert "invoice.payment_action_required" in shop.events()
    invoice = shop.v1.invoices.retrieve(invoices(shop)[0].id, {"expand": ["payments.data.payment.payment_intent"]})
    intent = invoice.to_dict()["payments"]["data"][0]["payment"]["payment_intent"]
    assert intent["status"] == "requires_action"


def test_a_card_set_up_once_renews_without_asking(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 1), number="4000002500003155")

    shop.advance(MONTH)

    assert status(shop, subscription) == "active"


def test_the_bank_can_be_told_what_to_say_next(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 1))
    charges = f"/_emulator/customers/{shop.customer.id}/charges"

    shop.post(charges, {"verdict": "insufficient_funds", "count": 2})
    shop.advance(MONTH)
    assert status(shop, subscription) == "past_due"
    shop.advance(4)

    assert status(shop, subscription) == "active"
    reasons = [charge.failure_code for charge in shop.v1.charges.list({"customer": shop.customer.id}).data]
    assert reasons == [None, "card_declined", "card_declined", None]


@pytest.mark.parametrize("wish", [{"verdict": "bad mood"}, {"verdict": "lost_card", "count": 0}, {}])
def test_a_bank_that_is_told_nonsense_says_so(shop: Shop, wish: dict[str, object]) -> None:
    customer = shop.customer.id if wish else "cus_nobody"

    assert shop.post(f"/_emulator/customers/{customer}/charges", wish).status_code == 400


def test_a_planned_ending_ends_with_the_period_and_is_not_renewed(shop: Shop) -> None:
    subscription = shop.subscribe()
    end = subscription["items"].data[0].current_period_end
    shop.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})

    shop.advance(40)

    after = shop.v1.subscriptions.retrieve(subscription.id)
    assert (after.status, after.ended_at) == ("canceled", end)
    assert len(invoices(shop)) == 1
    assert shop.events("customer.subscription.deleted", "invoice.upcoming") == ["customer.subscription.deleted"]


def test_a_canceled_subscription_is_not_charged_again(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 1), number=FAILS_LATER)
    shop.advance(MONTH)
    shop.v1.subscriptions.cancel(subscription.id)

    shop.advance(29)

    assert shop.events("invoice.payment_failed") == ["invoice.payment_failed"]


def test_a_draft_is_finalized_by_hand_once(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 1))
    end = subscription["items"].data[0].current_period_end
    moment = shop.http.get("/_emulator/clock").json()["unix"]
    shop.post("/_emulator/clock", {"advance_s": end - moment + 60})
    draft = invoices(shop)[0]
    assert draft.status == "draft"

    assert shop.v1.invoices.finalize_invoice(draft.id).status == "open"

    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.invoices.finalize_invoice(draft.id)
    assert shop.v1.invoices.pay(draft.id).status == "paid"


@pytest.mark.parametrize(
    ("how", "state", "paying"),
    [
        ("void_invoice", "void", stripe.InvalidRequestError),
        # Bad debt may still be paid, so it is the card that refuses.
        ("mark_uncollectible", "uncollectible", stripe.CardError),
    ],
)
def test_an_open_invoice_can_be_given_up(shop: Shop, how: str, state: str, paying: type[stripe.StripeError]) -> None:
    shop.subscribe(("Planner", 1), number=FAILS_LATER)
    shop.advance(MONTH)
    due = invoices(shop)[0].id

    assert getattr(shop.v1.invoices, how)(due).status == state
    shop.advance(14)

    assert shop.v1.invoices.retrieve(due).status == state
    with pytest.raises(paying):
        shop.v1.invoices.pay(due)
    assert shop.v1.invoices.retrieve(due).status == state


def test_time_passes_without_anybody_asking(shop: Shop) -> None:
    shop.subscribe(("Planner", 1))

    shop.advance(MONTH)

    # Read from the console's own door, which does not catch up on demand.
    assert len(shop.http.get("/_emulator/objects/invoice").json()["data"]) == 2


def test_events_and_the_way_to_them_end_after_thirty_days(shop: Shop) -> None:
    old = shop.v1.events.list().data[0].id

    shop.advance(31)

    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.events.retrieve(old)
    assert old not in [event.id for event in shop.v1.events.list({"limit": 100}).data]


def test_every_status_stripe_knows_is_in_the_table_and_final_ones_stay(shop: Shop) -> None:
    reachable = {following for after in NEXT.values() for following in after}

    assert reachable <= set(NEXT)
    assert {"canceled", "incomplete_expired"} == FINAL
    assert shop.v1.subscriptions.list({"status": "all"}).data == []
