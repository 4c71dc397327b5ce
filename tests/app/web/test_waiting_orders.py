"""What pages say of an order of one's own that nobody has paid."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.app.web.surfer import Surfer, field, words

from smartapp_domain.identity import Role
from smartapp_domain.ids import AccountId
from smartapp_domain.money import usd
from smartapp_domain.ordering import Order
from smartapp_domain.testing.payments_cards import StoredCard
from smartapp_domain.testing.workbench import Workbench


@pytest.fixture
def waiting(owner: Surfer, bench: Workbench) -> Order:
    """The last project is to be added to a monthly subscription, ten days later; the card wants confirming."""
    first, *_, last = owner.ids()
    owner.buy({first: ["planner"]}, "month")
    bench.work(timedelta(days=10))
    account_id = AccountId(owner.api("GET", "/me").json()["account"]["id"])
    with bench.ports.reading(account_id) as reading:
        [subscription] = reading.subscriptions.all()
    bench.payments.change_card(subscription.customer_id, StoredCard.CONFIRMS)
    owner.tick(last, "planner")
    offer = owner.get("/subscriptions?interval=month")
    sent = {name: field(offer, name) for name in ("fingerprint", "prorated_at")}
    owner.post("/subscriptions/checkout", interval="month", **sent)
    with bench.ports.reading(account_id) as reading:
        [order] = reading.orders.open()
    return order


@pytest.mark.parametrize("page", ["/central", "/subscriptions?interval=month"])
def test_an_own_order_that_waits_is_shown_with_its_amount_and_both_ways_on(
    owner: Surfer, waiting: Order, page: str
) -> None:
    answer = owner.get(page)
    given_up = owner.post("/checkout/give-up", order=field(answer, "order"))

    assert f"Your order waits for its payment {usd(waiting.charged_cents)}" in words(answer)
    assert waiting.items[0].name in words(answer)
    assert "Pay the invoice (opens in a new tab)" in words(answer)
    assert "Nothing was charged" in words(owner.follow(given_up))
    assert "Your order waits for its payment" not in words(owner.get(page))


@pytest.mark.usefixtures("waiting")
def test_no_other_price_stands_beside_the_order_that_is_in_the_way(owner: Surfer) -> None:
    held, free = (words(owner.get(f"/subscriptions?interval={each}")) for each in ("month", "year"))

    assert "Due today" not in held
    assert "Monthly" in held
    assert "Due today $3,540.00" in free


def test_the_rows_of_an_order_that_waits_say_so(owner: Surfer, waiting: Order) -> None:
    assert len(waiting.items) == 1
    assert words(owner.get("/projects")).count("In your unpaid order") == 1


def test_a_pay_page_that_was_left_can_be_gone_on_with_from_central(owner: Surfer, bench: Workbench) -> None:
    owner.tick(owner.ids()[0], "planner")
    page = owner.pay_page("month")
    same = words(owner.get("/subscriptions?interval=month"))
    answer = owner.get("/central")

    assert "Your order waits for its payment $295.00" in words(answer)
    assert str(page) in answer.text
    assert "Your order waits" not in same
    assert "Your order waits" in words(owner.get("/subscriptions?interval=year"))
    bench.payments.pay(page)
    bench.deliver()
    bench.work()
    assert "Your order waits" not in words(owner.get("/central"))


@pytest.mark.usefixtures("waiting")
def test_who_may_not_buy_any_more_is_not_asked_to_pay(owner: Surfer, give_role: Callable[[str, Role], None]) -> None:
    give_role("dana", Role.TEAM_MEMBER)

    assert "Your order waits" not in words(owner.get("/central"))
