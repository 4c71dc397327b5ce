"""Checkout Sessions over the API: what is refused, what exists before anybody paid, how they end."""

from datetime import datetime

import pytest
import stripe
from tests.emulators.stripe.support import Shop


def now(shop: Shop) -> int:
    return int(datetime.fromisoformat(shop.http.get("/_emulator/clock").json()["now"]).timestamp())


def test_an_open_session_shows_its_lines_and_total_and_created_nothing_else(shop: Shop) -> None:
    session = shop.offer(("Planner", 3), ("Safety", 2))

    assert (session.status, session.payment_status, session.amount_total) == ("open", "unpaid", 3 * 29_500 + 2 * 59_500)
    assert session.url == f"{shop.url}/c/pay/{session.id}"
    assert session.id.startswith("cs_test_")
    assert (session.subscription, session.invoice, session.livemode) == (None, None, False)
    lines = shop.v1.checkout.sessions.line_items.list(session.id).data
    assert [(line.description, line.quantity, line.amount_total) for line in lines] == [
        ("Planner", 3, 88_500),
        ("Safety", 2, 119_000),
    ]
    assert shop.v1.subscriptions.list({"status": "all"}).data == []
    assert shop.v1.invoices.list().data == []


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"mode": None}, "mode"),
        ({"mode": "payment"}, "mode"),
        ({"line_items": None}, "line_items"),
        ({"line_items": [{"price": "price_nobody", "quantity": 1}]}, "line_items[0][price]"),
        ({"success_url": None}, "success_url"),
        ({"success_url": "not a url"}, "success_url"),
        ({"customer": "cus_nobody"}, "customer"),
        ({"customer_email": "a@b.example"}, "customer_email"),
        ({"automatic_tax": {"enabled": True}}, "automatic_tax[enabled]"),
        ({"allow_promotion_codes": True}, "allow_promotion_codes"),
        ({"ui_mode": "embedded_page"}, "ui_mode"),
        ({"excluded_payment_method_types": ["card", "us_bank_account"]}, "allowed_payment_method_types"),
    ],
)
def test_a_session_that_cannot_be_is_refused_by_name(shop: Shop, change: dict[str, object], param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        shop.offer(**change)

    assert caught.value.param == param
    assert shop.v1.checkout.sessions.list().data == []


@pytest.mark.parametrize("quantity", [0, -1, None])
def test_a_line_needs_a_quantity_of_at_least_one(shop: Shop, quantity: int | None) -> None:
    line = {"price": shop.prices["Planner", "month"], **({} if quantity is None else {"quantity": quantity})}

    with pytest.raises(stripe.InvalidRequestError) as caught:
        shop.offer(line_items=[line])
    assert caught.value.param == "line_items[0][quantity]"


def test_monthly_and_yearly_prices_do_not_mix(shop: Shop) -> None:
    both = [{"price": shop.prices["Planner", interval], "quantity": 1} for interval in ("month", "year")]

    with pytest.raises(stripe.InvalidRequestError, match="different billing intervals"):
        shop.offer(line_items=both)


def test_twenty_lines_are_the_most(shop: Shop) -> None:
    line = {"price": shop.prices["Planner", "month"], "quantity": 1}

    assert shop.offer(line_items=[line] * 20).status == "open"
    with pytest.raises(stripe.InvalidRequestError):
        shop.offer(line_items=[line] * 21)


def test_an_inactive_price_is_not_sold(shop: Shop) -> None:
    shop.v1.prices.update(shop.prices["Planner", "month"], {"active": False})

    with pytest.raises(stripe.InvalidRequestError, match="inactive"):
        shop.offer(("Planner", 1))


@pytest.mark.parametrize(("seconds", "accepted"), [(1799, False), (1800, True), (86400, True), (86401, False)])
def test_a_session_lives_thirty_minutes_to_a_day(shop: Shop, seconds: int, accepted: bool) -> None:  # noqa: FBT001
    wanted = now(shop) + seconds

    if accepted:
        assert shop.offer(expires_at=wanted).expires_at == wanted
    else:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            shop.offer(expires_at=wanted)
        assert caught.value.param == "expires_at"


def test_a_session_expires_by_itself_at_its_moment(shop: Shop) -> None:
    session = shop.offer(expires_at=now(shop) + 1800)

    shop.advance(1)

    after = shop.v1.checkout.sessions.retrieve(session.id)
    assert (after.status, after.url) == ("expired", None)
    event = shop.v1.events.list({"type": "checkout.session.expired"}).data[0]
    assert event.created == session.expires_at


def test_a_session_is_expired_once(shop: Shop) -> None:
    session = shop.offer()

    assert shop.v1.checkout.sessions.expire(session.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.checkout.sessions.expire(session.id)
    assert shop.events("checkout.session.expired") == ["checkout.session.expired"]


def test_a_paid_session_cannot_be_expired(shop: Shop) -> None:
    session = shop.offer()
    shop.submit(session.id)

    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.checkout.sessions.expire(session.id)


def test_sessions_are_found_by_customer_status_and_subscription(shop: Shop) -> None:
    subscription = shop.subscribe()
    open_one = shop.offer()

    assert [row.id for row in shop.v1.checkout.sessions.list({"status": "open"}).data] == [open_one.id]
    assert len(shop.v1.checkout.sessions.list({"customer": shop.customer.id}).data) == 2
    found = shop.v1.checkout.sessions.list({"subscription": subscription.id}).data
    assert [row.status for row in found] == ["complete"]


def test_metadata_of_a_session_can_be_added_to(shop: Shop) -> None:
    session = shop.offer(metadata={"order_id": "1"})

    after = shop.v1.checkout.sessions.update(session.id, {"metadata": {"note": "x"}})

    assert after.metadata is not None
    assert after.metadata.to_dict() == {"order_id": "1", "note": "x"}
