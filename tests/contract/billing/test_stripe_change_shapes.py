"""What Stripe answers about changes, as our values: recorded answers, and shapes no emulator of ours makes."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.contract.billing.test_stripe_shapes import ID, RECORDED, Canned, read

from smartapp_adapters.billing import StripePayments, StripeSettings
from smartapp_adapters.billing.changes import card_words, renewing
from smartapp_domain.billing import CheckoutState
from smartapp_domain.catalog import Interval, Module
from smartapp_domain.ordering import Extension, Order
from smartapp_domain.ports.payments import PaymentsRejected
from smartapp_domain.pricing import Quote, QuoteLine
from smartapp_domain.testing import builders
from smartapp_domain.testing.clock import MemoryClock

Json = dict[str, Any]

#: The recorded change: from monthly to yearly, invoiced at once.
CHANGED_AT = datetime.fromtimestamp(1762799411, UTC)
EXPIRES = 1762882211


@pytest.fixture
def subscription() -> Json:
    return deepcopy(RECORDED["subscription"])


@pytest.fixture
def invoice() -> Json:
    return deepcopy(next(row for row in RECORDED["invoices"] if row["billing_reason"] == "subscription_update"))


def order(quantity: int = 1, *, at: datetime = CHANGED_AT) -> Order:
    renewal = Quote(Interval.YEAR, (QuoteLine(Module.PLANNER, quantity, 25_000),))
    bought = builders.order(interval=Interval.YEAR, wants={"silo": builders.PLANNER, "mall": builders.PLANNER})
    return builders.extending(
        read(deepcopy(RECORDED["subscription"])), bought, at=at, extends=Extension(ID, renewal, 1, at)
    )


def outcome(subscription: Json, *invoices: Json, wanted: Order | None = None, **answers: Any) -> Any:
    table: Mapping[str, Any] = {f"subscriptions/{ID}": subscription, "invoices": list(invoices), **answers}
    return StripePayments(StripeSettings("sk_test_1"), MemoryClock(), http=Canned(table)).extension(wanted or order())


def waiting(subscription: Json) -> Json:
    return subscription | {"pending_update": {"expires_at": EXPIRES, "subscription_items": None}}


def test_a_recorded_change_is_known_by_its_moment(subscription: Json, invoice: Json) -> None:
    found = outcome(subscription, invoice, RECORDED["invoices"][0])

    assert (found.state, found.id) == (CheckoutState.PAID, invoice["id"])
    assert found.page.url == invoice["hosted_invoice_url"]


@pytest.mark.parametrize(
    "wanted", [order(at=CHANGED_AT.replace(second=0)), order(quantity=7)], ids=["another moment", "other quantities"]
)
def test_a_recorded_change_is_not_taken_for_another(subscription: Json, invoice: Json, wanted: Order) -> None:
    assert outcome(subscription, invoice, wanted=wanted).state is CheckoutState.EXPIRED


def test_a_change_that_charges_for_the_added_projects_alone_is_known_too(subscription: Json, invoice: Json) -> None:
    invoice["lines"]["data"][1]["quantity"] = 2

    assert outcome(subscription, invoice, wanted=order(quantity=9)).state is CheckoutState.PAID


def test_recorded_credits_are_marked(subscription: Json) -> None:
    _, second = read(subscription, RECORDED["invoices"]).invoices

    assert [line.is_credit for line in second.lines] == [True, False]


def test_what_was_included_is_a_credit_too(subscription: Json, invoice: Json) -> None:
    invoice["lines"]["data"][0]["amount"] = 0

    assert [line.is_credit for line in read(subscription, [invoice]).invoices[0].lines] == [True, False]


def test_the_change_that_waits_is_the_newest_that_stands(subscription: Json, invoice: Json) -> None:
    older = invoice | {"id": "in_older", "status": "void"}
    by_hand = invoice | {"id": "in_by_hand", "billing_reason": "manual"}
    unpaid = invoice | {"status": "open", "attempted": False}

    pending = read(waiting(subscription), [by_hand, unpaid, older]).pending

    assert pending is not None
    assert (pending.invoice_id, pending.expires_at) == (invoice["id"], datetime.fromtimestamp(EXPIRES, UTC))
    assert read(waiting(subscription), [by_hand, older]).pending is None
    assert read(subscription, [unpaid]).pending is None


def test_what_is_paid_but_not_applied_yet_is_not_done(subscription: Json, invoice: Json) -> None:
    assert outcome(waiting(subscription), invoice).state is CheckoutState.PROCESSING


def test_one_that_stands_goes_before_one_given_up(subscription: Json, invoice: Json) -> None:
    given_up = invoice | {"id": "in_given_up", "status": "void"}
    unpaid = invoice | {"status": "open", "attempted": False}

    found = outcome(waiting(subscription), given_up, unpaid)

    assert (found.state, found.id) == (CheckoutState.OPEN, invoice["id"])
    assert found.page.expires_at == datetime.fromtimestamp(EXPIRES, UTC)
    assert outcome(subscription, given_up).state is CheckoutState.EXPIRED


def test_an_invoice_nothing_waits_for_pays_for_nothing(subscription: Json, invoice: Json) -> None:
    assert outcome(subscription, invoice | {"status": "open"}).state is CheckoutState.EXPIRED


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ({"type": "card", "card": {"brand": "visa", "last4": "4242"}}, "Visa ending in 4242"),
        ({"type": "card", "card": {"brand": "amex", "last4": "0005"}}, "American Express ending in 0005"),
        ({"type": "us_bank_account", "us_bank_account": {"last4": "6789"}}, "Bank account ending in 6789"),
        ({"type": "cashapp", "cashapp": {}}, "Cashapp"),
        ({"type": "amazon_pay"}, "Amazon pay"),
        (None, None),
    ],
)
def test_what_would_be_charged_is_said_in_words(method: Json | None, words: str | None) -> None:
    customer = {"id": "cus_1", "invoice_settings": {"default_payment_method": method}}

    assert card_words({"default_payment_method": None, "customer": customer}) == words
    assert card_words({"default_payment_method": method, "customer": "cus_1"}) == words


def test_the_subscriptions_own_method_goes_before_the_customers() -> None:
    cards = [{"type": "card", "card": {"brand": "visa", "last4": digits}} for digits in ("1111", "2222")]
    customer = {"id": "cus_1", "invoice_settings": {"default_payment_method": cards[1]}}

    assert card_words({"default_payment_method": cards[0], "customer": customer}) == "Visa ending in 1111"
    assert card_words({"default_payment_method": None, "customer": {"id": "cus_1", "deleted": True}}) is None


def test_a_day_named_by_hand_is_taken_back_by_name(subscription: Json) -> None:
    assert renewing(subscription | {"cancel_at": EXPIRES}, {Module.PLANNER: 1}) == {"cancel_at": ""}


def test_a_product_billed_in_two_places_is_left_to_people(subscription: Json) -> None:
    subscription["items"]["data"] *= 2

    with pytest.raises(PaymentsRejected, match="two places"):
        renewing(subscription, {Module.PLANNER: 1})


def test_items_that_are_not_ours_are_left_alone(subscription: Json) -> None:
    foreign = deepcopy(subscription["items"]["data"][0]) | {"id": "si_consulting"}
    foreign["price"]["product"] = "prod_consulting"
    subscription["items"]["data"].append(foreign)

    (changed,) = renewing(subscription, {Module.PLANNER: 4})["items"]

    assert changed == {"id": subscription["items"]["data"][0]["id"], "quantity": 4}
