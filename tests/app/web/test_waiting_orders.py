"""What pages and API say of an order that nobody has paid, to its buyer and to others."""

import re
from collections.abc import Callable
from datetime import timedelta

import attrs
import pytest
from tests.app.web.surfer import Surfer, field, words

from smartapp_domain.identity import Role
from smartapp_domain.ids import AccountId, PlatformCompanyId
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


@pytest.fixture
def colleague(
    anybody: Callable[[], Surfer], bench: Workbench, company: PlatformCompanyId, waiting: Order
) -> Callable[[Role], Surfer]:
    """Ed, in a role, who has ticked a project of his own."""

    def come(role: Role) -> Surfer:
        ed = anybody()
        ed.sign_in(bench.employ(company, "ed", admin=True))
        with bench.ports.transaction(waiting.account_id) as tx:
            [member] = [each for each in tx.members.all() if each.name == "Ed"]
            tx.members.put(attrs.evolve(member, role=role, version=member.version + 1), replacing=member.version)
        ed.tick(ed.ids()[1], "planner")
        return ed

    return come


@pytest.mark.parametrize("page", ["/central", "/subscriptions?interval=month", "/manage-subscriptions"])
def test_who_may_buy_finds_the_order_of_a_colleague_and_can_give_it_up(
    colleague: Callable[[Role], Surfer], waiting: Order, page: str
) -> None:
    ed = colleague(Role.ADMIN_WITH_BILLING)

    shown = ed.get(page)
    given_up = ed.post("/checkout/give-up", order=field(shown, "order"))

    assert f"Dana's order waits for its payment {usd(waiting.charged_cents)}" in words(shown)
    assert field(shown, "order") == waiting.id
    assert "Nothing was charged" in words(ed.follow(given_up))
    assert "order waits for its payment" not in words(ed.get(page))
    assert "Due today" in words(ed.get("/subscriptions?interval=month"))


def test_a_stop_that_an_order_of_a_colleague_keeps_from_happening_leads_to_that_order(
    owner: Surfer, colleague: Callable[[Role], Surfer], waiting: Order
) -> None:
    ed = colleague(Role.SUPER_ADMIN)
    [project] = owner.api("GET", "/central/projects").json()["projects"]

    refused = ed.post(f"/central/{project['id']}/renewal", module="planner", renews="0")
    way_out = re.search(r'href="(/[^"]*)"[^>]*>Manage Subscriptions', refused.text[refused.text.index("<main") :])

    assert refused.status_code == 409
    assert "Dana is adding projects" in words(refused)
    assert way_out is not None
    assert field(ed.get(way_out.group(1)), "order") == waiting.id


def test_a_program_hears_which_order_is_in_the_way_and_gives_it_up(
    colleague: Callable[[Role], Surfer], waiting: Order
) -> None:
    ed = colleague(Role.ADMIN_WITH_BILLING)

    [problem] = ed.api("GET", "/offer?interval=month").json()["problems"]
    given_up = ed.api("POST", f"/orders/{problem['order']}/give-up")

    assert (problem["project"], problem["order"]) == (None, waiting.id)
    assert given_up.json()["state"] == "closed"
    assert ed.api("GET", "/offer?interval=month").json()["problems"] == []


def test_who_does_not_see_billing_is_shown_nothing_of_a_colleagues_payment(
    owner: Surfer, colleague: Callable[[Role], Surfer], waiting: Order
) -> None:
    ed = colleague(Role.ADMIN)
    [project] = owner.api("GET", "/central/projects").json()["projects"]

    page = ed.get(f"/checkout/return?order={waiting.id}")
    [problem] = ed.api("GET", "/offer?interval=month").json()["problems"]
    billing, seen = (each.api("GET", f"/central/projects/{project['id']}/billing").json() for each in (ed, owner))

    assert page.status_code == 403
    assert usd(waiting.charged_cents) not in words(page)
    assert waiting.checkout is not None
    assert waiting.checkout.url not in page.text
    assert (problem["project"], problem["order"]) == (None, None)
    assert billing["orders"] is None
    assert len(seen["orders"]) == 1
    assert "order waits for its payment" not in words(ed.get("/central"))


def test_the_buyer_sees_their_own_payment_in_any_role_that_maps_projects(
    owner: Surfer, give_role: Callable[[str, Role], None], waiting: Order
) -> None:
    give_role("dana", Role.ADMIN)

    page = owner.get(f"/checkout/return?order={waiting.id}")

    assert page.status_code == 200
    assert "Order placed" in words(page)
    assert "Give it up" not in words(page)


def test_a_colleague_who_sees_billing_is_told_whose_payment_it_is(
    colleague: Callable[[Role], Surfer], waiting: Order
) -> None:
    assert "Dana placed an order" in words(colleague(Role.SUPER_ADMIN).get(f"/checkout/return?order={waiting.id}"))


def test_removing_the_buyer_frees_what_their_order_held(
    bench: Workbench, owner: Surfer, colleague: Callable[[Role], Surfer], waiting: Order
) -> None:
    ed = colleague(Role.OWNER)
    members = ed.api("GET", "/members").json()["members"]
    [dana] = [each["id"] for each in members if each["name"] == "Dana"]

    assert ed.api("DELETE", f"/members/{dana}").status_code in (200, 204)
    bench.work()

    assert ed.api("GET", f"/orders/{waiting.id}").json()["state"] == "closed"
    assert ed.api("GET", "/offer?interval=month").json()["problems"] == []
    assert owner.get("/central").status_code != 200
