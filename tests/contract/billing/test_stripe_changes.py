"""Changing subscriptions at Stripe: what it is told, and that nothing is charged twice, whatever happens on the way."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import attrs
import pytest
from tests.contract.billing.stripe_world import StripeWorld, settings

from smartapp_adapters.billing import StripePayments
from smartapp_domain.billing import CheckoutState
from smartapp_domain.catalog import AddOn, Interval, Module
from smartapp_domain.ids import SubscriptionId
from smartapp_domain.ordering import Order
from smartapp_domain.ports.payments import PaymentsRejected, PaymentsUnavailable
from smartapp_domain.testing import builders
from smartapp_domain.testing.contracts.payments_annex import Annex, adds

pytestmark = pytest.mark.contract

SHOP = Annex()


@pytest.fixture
def subscription_id(stripe_world: StripeWorld) -> SubscriptionId:
    return SHOP.live(stripe_world, {"tower": builders.PLANNER, "depot": builders.PLANNER})


@pytest.fixture
def order(stripe_world: StripeWorld, subscription_id: SubscriptionId) -> Order:
    return SHOP.adding(stripe_world, subscription_id)


def updates(world: StripeWorld, subscription_id: SubscriptionId) -> list[dict[str, Any]]:
    path = f"/v1/subscriptions/{subscription_id}"
    return [row for row in world.journal() if (row["method"], row["path"]) == ("POST", path)]


def invoice_count(world: StripeWorld, subscription_id: SubscriptionId) -> int:
    return len(world.api("GET", "invoices", subscription=subscription_id)["data"])


def test_stripe_is_sent_one_update_of_absolute_quantities(
    stripe_world: StripeWorld, subscription_id: SubscriptionId, order: Order
) -> None:
    (planner,) = stripe_world.api("GET", f"subscriptions/{subscription_id}")["items"]["data"]

    stripe_world.payments.extend(order)

    (update,) = updates(stripe_world, subscription_id)
    params = update["params"]
    assert update["idempotency_key"] == f"ext:{order.id}"
    assert params["payment_behavior"] == "pending_if_incomplete"
    assert params["proration_behavior"] == "always_invoice"
    assert int(params["proration_date"]) == int(adds(order).prorated_at.timestamp())
    first, *added = params["items"].values()
    assert first == {"id": planner["id"], "quantity": "3"}
    assert [row["quantity"] for row in added] == ["1", "2", "1"]
    assert all("price" in row for row in added)


def test_what_is_shown_and_what_is_charged_name_the_same_moment(
    stripe_world: StripeWorld, subscription_id: SubscriptionId, order: Order
) -> None:
    stripe_world.control("clock", advance_s=600)

    stripe_world.payments.extend(attrs.evolve(order, created_at=stripe_world.clock.now()))

    shown = [
        row["params"]["subscription_details"]["proration_date"]
        for row in stripe_world.journal()
        if row["path"].endswith("create_preview") and "proration_date" in row["params"]["subscription_details"]
    ]
    assert {*shown, updates(stripe_world, subscription_id)[0]["params"]["proration_date"]} == {
        str(int(adds(order).prorated_at.timestamp()))
    }


def test_the_key_is_set_apart_for_deployments_that_share_an_account(
    stripe_world: StripeWorld, subscription_id: SubscriptionId, order: Order
) -> None:
    payments = StripePayments(settings(stripe_world.payments_url, namespace="staging"), stripe_world.clock)

    payments.extend(order)
    payments.close()

    assert updates(stripe_world, subscription_id)[0]["idempotency_key"] == f"staging:ext:{order.id}"


def test_a_button_pressed_by_many_threads_is_one_change(
    stripe_world: StripeWorld, subscription_id: SubscriptionId, order: Order
) -> None:
    with ThreadPoolExecutor(6) as pool:
        outcomes = set(pool.map(lambda _: stripe_world.payments.extend(order), range(6)))

    assert {outcome.state for outcome in outcomes} == {CheckoutState.PAID}
    assert invoice_count(stripe_world, subscription_id) == 2


@pytest.mark.parametrize("kind", ["500_after_commit", "drop_after_commit"])
@pytest.mark.parametrize("card", ["good", "declines"])
def test_a_change_whose_answer_was_lost_is_found_again(
    stripe_world: StripeWorld, subscription_id: SubscriptionId, order: Order, kind: str, card: str
) -> None:
    stripe_world.change_card(subscription_id, card)
    stripe_world.control("faults", kind=kind, method="POST", path=f"/v1/subscriptions/{subscription_id}")
    try:
        stripe_world.payments.extend(order)
    except PaymentsUnavailable:
        assert kind == "drop_after_commit"

    found = stripe_world.payments.extension(order)

    assert found.state is (CheckoutState.PAID if card == "good" else CheckoutState.OPEN)
    assert stripe_world.payments.extend(order) == found
    assert invoice_count(stripe_world, subscription_id) == 2


@pytest.mark.parametrize("kind", ["409", "429", "500", "drop"])
def test_a_change_that_was_not_made_is_told_to_be_none(
    stripe_world: StripeWorld, subscription_id: SubscriptionId, order: Order, kind: str
) -> None:
    stripe_world.control("faults", kind=kind, method="POST", path=f"/v1/subscriptions/{subscription_id}")

    with pytest.raises(PaymentsUnavailable) as trouble:
        stripe_world.payments.extend(order)

    assert "try again" in trouble.value.remedy
    assert stripe_world.payments.extension(order).state is CheckoutState.EXPIRED
    assert invoice_count(stripe_world, subscription_id) == 1


def test_a_charge_is_sent_once_because_a_second_try_may_come_too_late(
    stripe_world: StripeWorld, subscription_id: SubscriptionId, order: Order
) -> None:
    payments = StripePayments(settings(stripe_world.payments_url, retries=2), stripe_world.clock)
    path = f"/v1/subscriptions/{subscription_id}"
    stripe_world.control("faults", kind="500", method="POST", path=path)

    with pytest.raises(PaymentsUnavailable):
        payments.extend(order)

    assert payments.extension(order).state is CheckoutState.EXPIRED
    payments.close()


def test_a_key_used_for_other_words_makes_nothing(
    stripe_world: StripeWorld, subscription_id: SubscriptionId, order: Order
) -> None:
    stripe_world.change_card(subscription_id, "declines")
    stripe_world.payments.extend(order)
    stripe_world.payments.close_extension(order)
    stripe_world.control("clock", advance_s=5)
    other = SHOP.adding(stripe_world, subscription_id, {"silo": builders.PLANNER}, order.id)

    with pytest.raises(PaymentsRejected):
        stripe_world.payments.extend(other)

    assert invoice_count(stripe_world, subscription_id) == 2


def test_a_change_that_waits_is_made_once_though_its_key_is_forgotten(
    stripe_world: StripeWorld, subscription_id: SubscriptionId, order: Order
) -> None:
    stripe_world.change_card(subscription_id, "declines")
    made = stripe_world.payments.extend(order)
    under_another_key = StripePayments(settings(stripe_world.payments_url, namespace="forgotten"), stripe_world.clock)

    again = under_another_key.extend(order)

    under_another_key.close()
    assert (made.state, again) == (CheckoutState.OPEN, made)
    assert invoice_count(stripe_world, subscription_id) == 2


def test_a_change_paid_at_the_last_moment_is_not_given_up(
    stripe_world: StripeWorld, subscription_id: SubscriptionId, order: Order
) -> None:
    stripe_world.change_card(subscription_id, "declines")
    page = stripe_world.payments.extend(order).page
    assert page is not None
    payments = StripePayments(settings(stripe_world.payments_url), stripe_world.clock)
    void = payments._v1.invoices.void_invoice

    def slow(*args: Any) -> Any:
        assert stripe_world.pay_page(page)
        return void(*args)

    payments._v1.invoices.void_invoice = slow  # type: ignore[method-assign]  # the customer is faster

    assert payments.close_extension(order).state is CheckoutState.PAID
    payments.close()


def test_two_orders_of_one_second_are_told_apart(
    stripe_world: StripeWorld, subscription_id: SubscriptionId, order: Order
) -> None:
    stripe_world.payments.extend(order)
    second = SHOP.adding(stripe_world, subscription_id, {"mall": builders.PLANNER}, "order-3")
    assert adds(second).prorated_at == adds(order).prorated_at

    before = stripe_world.payments.extension(second)
    made = stripe_world.payments.extend(second)

    assert before.state is CheckoutState.EXPIRED
    assert made.state is CheckoutState.PAID
    assert stripe_world.payments.extension(order).id != made.id


def test_a_renewal_is_changed_by_what_differs(stripe_world: StripeWorld, subscription_id: SubscriptionId) -> None:
    (planner,) = stripe_world.api("GET", f"subscriptions/{subscription_id}")["items"]["data"]

    stripe_world.payments.set_renewal(subscription_id, {Module.PLANNER: 1})
    stripe_world.payments.set_renewal(subscription_id, {Module.PLANNER: 1, AddOn.PLANNER_BOARD: 0})
    stripe_world.payments.set_renewal(subscription_id, {})
    stripe_world.payments.set_renewal(subscription_id, {Module.PLANNER: 0})
    stripe_world.payments.set_renewal(subscription_id, {Module.PLANNER: 2})

    lower = {"items": {"0": {"id": planner["id"], "quantity": "1"}}, "proration_behavior": "none"}
    higher = {"items": {"0": {"id": planner["id"], "quantity": "2"}}, "proration_behavior": "none"}
    assert [row["params"] for row in updates(stripe_world, subscription_id)] == [
        lower,
        {"cancel_at_period_end": "true"},
        {"cancel_at_period_end": "false"} | higher,
    ]


def test_the_page_for_the_card_belongs_to_the_customer_and_leads_back(
    stripe_world: StripeWorld, subscription_id: SubscriptionId
) -> None:
    customer_id = stripe_world.payments.subscription(subscription_id).customer_id

    page = stripe_world.payments.card_page(customer_id, return_url="http://localhost/subscriptions")

    (session,) = [row for row in stripe_world.journal() if row["path"] == "/v1/billing_portal/sessions"]
    assert session["params"]["customer"] == customer_id
    assert session["params"]["flow_data"]["type"] == "payment_method_update"
    assert session["params"]["flow_data"]["after_completion"]["redirect"]["return_url"].endswith("/subscriptions")
    assert stripe_world.browser.get(page).status_code == 200


def test_the_card_of_the_newest_subscription_is_kept_for_all(stripe_world: StripeWorld) -> None:
    older = SHOP.live(stripe_world, age=timedelta(minutes=5))
    newer = SHOP.bought(stripe_world, builders.order("order-9", interval=Interval.YEAR), lasts=False)
    customer_id = stripe_world.payments.subscription(newer).customer_id

    stripe_world.payments.card_page(customer_id, return_url="http://localhost/subscriptions")
    stripe_world.payments.card_page(customer_id, return_url="http://localhost/subscriptions")

    methods = [stripe_world.api("GET", f"subscriptions/{each}") for each in (older, newer)]
    kept = stripe_world.api("GET", f"customers/{customer_id}")["invoice_settings"]["default_payment_method"]
    assert [each["default_payment_method"] for each in methods] == [None, None]
    assert stripe_world.api("GET", f"payment_methods/{kept}")["card"]["last4"] == "0341"
    assert len(updates(stripe_world, older)) == 1


def test_an_order_that_extends_nothing_is_our_own_mistake(stripe_world: StripeWorld, order: Order) -> None:
    with pytest.raises(ValueError, match="extends nothing"):
        stripe_world.payments.extend(attrs.evolve(order, extends=None))
