"""
What Stripe answers, as our values: recorded answers of Stripe itself, and shapes no emulator of ours makes.

The SDK decodes them, so a shape it does not understand fails here too.
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import stripe

from smartapp_adapters.billing import StripePayments, StripeSettings
from smartapp_domain.billing import CheckoutState, InvoiceStatus, Subscription, SubscriptionStatus
from smartapp_domain.catalog import Interval, Module
from smartapp_domain.ids import CheckoutId, SubscriptionId
from smartapp_domain.ports.payments import PaymentsRejected, PaymentsUnavailable
from smartapp_domain.testing.clock import MemoryClock

Json = dict[str, Any]

RECORDED: Json = json.loads((Path(__file__).parent / "recorded" / "stripe.json").read_text())
ID = SubscriptionId(RECORDED["subscription"]["id"])

_PAGE = 2


class Canned(stripe.HTTPClient):
    """Answers from a table of paths; lists are cut into pages of two, so that longer ones have to be paged through."""

    name = "canned"

    def __init__(self, answers: Mapping[str, Any]) -> None:
        super().__init__()
        self._answers = answers

    def request(self, method: str, url: str, headers: Any, post_data: Any = None) -> tuple[str, int, dict[str, str]]:
        del method, headers, post_data
        parts = urlsplit(url)
        answer = self._answers[parts.path.removeprefix("/v1/")]
        if isinstance(answer, list):
            answer = _page(answer, parse_qs(parts.query).get("starting_after"))
        return (answer if isinstance(answer, str) else json.dumps(answer)), 200, {}

    def close(self) -> None:
        pass


def _page(rows: list[Json], after: list[str] | None) -> Json:
    ids = [row["id"] for row in rows]
    start = ids.index(after[0]) + 1 if after else 0
    return {"object": "list", "data": rows[start : start + _PAGE], "has_more": len(rows) > start + _PAGE, "url": "/"}


def read(subscription: Json, invoices: list[Json] | None = None, **answers: Any) -> Subscription:
    table = {f"subscriptions/{ID}": subscription, "invoices": invoices or [], **answers}
    return StripePayments(StripeSettings("sk_test_1"), MemoryClock(), http=Canned(table)).subscription(ID)


@pytest.fixture
def subscription() -> Json:
    return deepcopy(RECORDED["subscription"])


@pytest.fixture
def invoice() -> Json:
    return deepcopy(RECORDED["invoices"][0])


def test_a_recorded_subscription_is_understood(subscription: Json) -> None:
    found = read(subscription, RECORDED["invoices"])

    (item,) = found.items
    assert (found.id, found.status, found.interval) == (ID, SubscriptionStatus.ACTIVE, Interval.YEAR)
    assert (item.product, item.quantity, item.unit_cents) == (Module.PLANNER, 1, 25_000)
    assert item.period_end == datetime(2026, 11, 10, 18, 30, 7, tzinfo=UTC)
    assert found.customer_id == subscription["customer"]
    assert (found.ended_at, found.cancel_at, found.order_id) == (None, None, None)


@pytest.mark.parametrize("paused", [None, {"behavior": "keep_as_draft"}])
def test_a_draft_nobody_collects_is_set_aside_unless_somebody_paused_collection(
    subscription: Json, invoice: Json, paused: Json | None
) -> None:
    draft = invoice | {"status": "draft", "auto_advance": False}

    (read_back,) = read(subscription | {"pause_collection": paused}, [draft]).invoices

    assert read_back.is_set_aside is (paused is None)


def test_recorded_invoices_are_understood(subscription: Json) -> None:
    first, second = read(subscription, RECORDED["invoices"][::-1]).invoices

    assert [(line.amount_cents, line.is_proration) for line in first.lines] == [(2500, False)]
    assert [(line.amount_cents, line.is_proration) for line in second.lines] == [(-2500, True), (25_000, True)]
    assert (first.status, first.total_cents, first.failed_at) == (InvoiceStatus.PAID, 2500, None)
    assert second.total_cents == 22_500
    assert first.created_at < second.created_at
    assert first.hosted_url is not None
    assert first.number is not None


def test_a_recorded_pay_page_of_somebody_else_is_open_for_them() -> None:
    session = RECORDED["checkout_session"] | {"client_reference_id": None, "metadata": {"order_id": "order-7"}}
    payments = StripePayments(
        StripeSettings("sk_test_1"), MemoryClock(), http=Canned({f"checkout/sessions/{session['id']}": session})
    )

    status = payments.checkout(CheckoutId(session["id"]))

    assert (status.state, status.order_id) == (CheckoutState.OPEN, "order-7")


@pytest.mark.parametrize("status", list(SubscriptionStatus))
def test_every_status_has_its_place(subscription: Json, status: SubscriptionStatus) -> None:
    assert read(subscription | {"status": status.value}).status is status


def test_a_status_newer_than_this_code_is_unknown(subscription: Json) -> None:
    assert read(subscription | {"status": "dormant"}).status is SubscriptionStatus.UNKNOWN


def test_items_and_lines_of_other_products_license_nothing(subscription: Json, invoice: Json) -> None:
    for row in (subscription["items"]["data"][0]["price"], invoice["lines"]["data"][0]["pricing"]["price_details"]):
        row["product"] = "prod_consulting"

    found = read(subscription, [invoice])

    assert found.items == ()
    assert found.invoices[0].lines == ()
    assert found.invoices[0].total_cents == 2500


def test_a_line_written_by_hand_has_no_product(subscription: Json, invoice: Json) -> None:
    invoice["lines"]["data"][0] |= {"pricing": None, "parent": None, "quantity": None}

    assert read(subscription, [invoice]).invoices[0].lines == ()


def test_items_and_lines_beyond_the_first_page_are_fetched(subscription: Json, invoice: Json) -> None:
    items, lines = _three(subscription["items"]["data"][0]), _three(invoice["lines"]["data"][0])
    subscription["items"] |= {"data": items[:1], "has_more": True}
    invoice["lines"] |= {"data": lines[:1], "has_more": True}

    found = read(subscription, [invoice], subscription_items=items, **{f"invoices/{invoice['id']}/lines": lines})

    assert found.quantity(Module.PLANNER) == 6
    assert [line.quantity for line in found.invoices[0].lines] == [1, 2, 3]


def _three(row: Json) -> list[Json]:
    return [{**row, "id": f"{row['id']}_{number}", "quantity": number} for number in (1, 2, 3)]


@pytest.mark.parametrize("recurring", [{"interval": "week"}, {"interval_count": 2}])
def test_a_rhythm_we_do_not_sell_is_refused_by_name(subscription: Json, recurring: Json) -> None:
    subscription["items"]["data"][0]["price"]["recurring"] |= recurring

    with pytest.raises(PaymentsRejected, match=ID):
        read(subscription)


def test_a_subscription_of_two_rhythms_is_refused(subscription: Json) -> None:
    monthly = deepcopy(subscription["items"]["data"][0]) | {"id": "si_2"}
    monthly["price"]["recurring"]["interval"] = "month"
    subscription["items"]["data"].append(monthly)

    with pytest.raises(PaymentsRejected, match="changed by hand"):
        read(subscription)


def test_an_end_with_the_period_is_the_end_of_the_period(subscription: Json) -> None:
    ends = subscription["items"]["data"][0]["current_period_end"]

    assert read(subscription | {"cancel_at_period_end": True}).cancel_at == datetime.fromtimestamp(ends, UTC)
    assert read(subscription | {"cancel_at": ends - 60}).cancel_at == datetime.fromtimestamp(ends - 60, UTC)


@pytest.mark.parametrize("status", ["requires_payment_method", "requires_action"])
def test_an_open_invoice_failed_when_a_try_came_back(subscription: Json, invoice: Json, status: str) -> None:
    invoice |= {"status": "open", "attempted": True}

    (found,) = read(subscription, [invoice], invoice_payments=_tried(status)).invoices

    assert found.status is InvoiceStatus.OPEN
    assert found.failed_at == datetime.fromtimestamp(invoice["status_transitions"]["finalized_at"], UTC)


def test_an_invoice_a_bank_still_works_on_did_not_fail(subscription: Json, invoice: Json) -> None:
    invoice |= {"status": "open", "attempted": True}

    (found,) = read(subscription, [invoice], invoice_payments=_tried("processing")).invoices

    assert (found.status, found.failed_at) == (InvoiceStatus.OPEN, None)


@pytest.mark.parametrize("status", ["draft", "open"])
def test_an_invoice_nobody_tried_did_not_fail(subscription: Json, invoice: Json, status: str) -> None:
    (found,) = read(subscription, [invoice | {"status": status, "attempted": False}]).invoices

    assert (found.status.value, found.failed_at) == (status, None)


@pytest.mark.parametrize(("status", "fails"), [("uncollectible", True), ("void", False), ("paid", False)])
def test_an_invoice_that_is_settled_needs_no_look_at_its_payments(
    subscription: Json, invoice: Json, status: str, *, fails: bool
) -> None:
    (found,) = read(subscription, [invoice | {"status": status}]).invoices

    assert (found.status.value, found.failed_at is not None) == (status, fails)


def _tried(status: str) -> list[Json]:
    intent = {"id": "pi_1", "object": "payment_intent", "status": status}
    paid_by = {"type": "payment_intent", "payment_intent": intent}
    return [{"id": "inpay_1", "object": "invoice_payment", "payment": paid_by}]


def test_an_answer_that_is_no_json_is_no_answer() -> None:
    with pytest.raises(PaymentsUnavailable):
        read("<html>Bad gateway</html>")  # type: ignore[arg-type]  # that is the point
