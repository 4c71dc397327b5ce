"""The adapter keeps the port's promises, against the emulator and over real HTTP."""

from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest
from tests.contract.billing.stripe_world import GOOD, StripeWorld, card, settings

from smartapp_adapters.billing import StripePayments
from smartapp_domain.catalog import Interval
from smartapp_domain.ids import CheckoutId, CustomerId
from smartapp_domain.ordering import Order
from smartapp_domain.ports.payments import UnknownAtProvider
from smartapp_domain.pricing import LIST_PRICES
from smartapp_domain.testing import builders
from smartapp_domain.testing.contracts.payments import CANCEL_URL, RETURN_URL, PaymentsContract
from smartapp_domain.testing.contracts.payments_world import WANTS

pytestmark = pytest.mark.contract


class TestStripePayments(PaymentsContract):
    @pytest.fixture
    def world(self, stripe_world: StripeWorld) -> StripeWorld:
        return stripe_world


@pytest.fixture
def order(stripe_world: StripeWorld) -> Order:
    stripe_world.payments.publish_catalog(LIST_PRICES)
    return builders.order(wants=WANTS, interval=Interval.MONTH, created_at=stripe_world.clock.now())


@pytest.fixture
def customer_id(stripe_world: StripeWorld) -> CustomerId:
    return stripe_world.payments.customer(builders.profile())


def test_stripe_is_told_the_order_and_the_number_of_projects_only(
    stripe_world: StripeWorld, order: Order, customer_id: CustomerId
) -> None:
    page = stripe_world.payments.start_checkout(order, customer_id, return_url=RETURN_URL, cancel_url=CANCEL_URL)

    session = stripe_world.api("GET", f"checkout/sessions/{page.id}", **{"expand[]": "line_items"})
    assert session["mode"] == "subscription"
    assert session["client_reference_id"] == order.id
    assert session["customer"] == customer_id
    assert session["amount_total"] == order.quote.total_cents
    assert session["automatic_tax"]["enabled"] is False
    assert session["success_url"] == "http://localhost/return?checkout={CHECKOUT_SESSION_ID}"
    assert session["cancel_url"] == CANCEL_URL
    lines = {line["price"]["lookup_key"]: line["quantity"] for line in session["line_items"]["data"]}
    assert lines == {
        "planner_month_usd_v1": 2,
        "planner_board_month_usd_v1": 1,
        "safety_month_usd_v1": 2,
        "safety_badge_month_usd_v1": 1,
    }


def test_the_subscription_carries_the_order_and_the_flexible_billing_mode(
    stripe_world: StripeWorld, order: Order, customer_id: CustomerId
) -> None:
    page = stripe_world.payments.start_checkout(order, customer_id, return_url=RETURN_URL, cancel_url=CANCEL_URL)
    stripe_world.pay(page)

    (made,) = stripe_world.api("GET", "subscriptions")["data"]
    assert made["metadata"] == {"order_id": order.id, "account_id": order.account_id}
    assert made["billing_mode"]["type"] == "flexible"


def test_the_customer_carries_the_billing_profile(stripe_world: StripeWorld, customer_id: CustomerId) -> None:
    made = stripe_world.api("GET", f"customers/{customer_id}")

    assert made["metadata"] == {"profile_id": "acme-billing", "account_id": "acme"}
    assert (made["name"], made["email"]) == ("Acme Inc.", "billing@example.com")


def test_paying_leads_the_browser_back_with_the_id_of_the_page(
    stripe_world: StripeWorld, order: Order, customer_id: CustomerId
) -> None:
    page = stripe_world.payments.start_checkout(order, customer_id, return_url=RETURN_URL, cancel_url=CANCEL_URL)

    answer = stripe_world.browser.post(page.url, data=card(GOOD))

    assert answer.headers["location"] == f"http://localhost/return?checkout={page.id}"


def test_every_post_that_makes_something_carries_a_key_of_ours(
    stripe_world: StripeWorld, order: Order, customer_id: CustomerId
) -> None:
    payments = StripePayments(settings(stripe_world.payments_url, namespace="staging"), stripe_world.clock)
    dearer = attrs.evolve(LIST_PRICES, version=2)
    payments.publish_catalog(dearer)
    payments.customer(builders.profile("umbrella-billing"))
    payments.start_checkout(order, customer_id, return_url=RETURN_URL, cancel_url=CANCEL_URL)
    payments.close()

    keys = {row["idempotency_key"] for row in stripe_world.journal() if row["method"] == "POST"}
    assert {key.split(":")[0] for key in keys} == {"prod", "price", "cus", "staging"}
    assert "price:planner_year_usd_v1" in keys
    assert "staging:price:planner_year_usd_v2" in keys
    assert f"staging:co:{order.id}:{order.fingerprint}" in keys
    assert "staging:cus:umbrella-billing" in keys
    assert "prod:planner" in keys


@pytest.mark.usefixtures("order")
def test_a_page_somebody_else_made_is_not_ours(stripe_world: StripeWorld) -> None:
    price = stripe_world.api("GET", "prices", **{"lookup_keys[]": "planner_month_usd_v1"})["data"][0]
    foreign = stripe_world.api(
        "POST",
        "checkout/sessions",
        **{
            "mode": "subscription",
            "success_url": "http://localhost/",
            "line_items[0][price]": price["id"],
            "line_items[0][quantity]": 1,
        },
    )

    with pytest.raises(UnknownAtProvider, match="no order of ours"):
        stripe_world.payments.checkout(CheckoutId(foreign["id"]))


def test_one_instance_serves_many_threads(stripe_world: StripeWorld, order: Order, customer_id: CustomerId) -> None:
    page = stripe_world.payments.start_checkout(order, customer_id, return_url=RETURN_URL, cancel_url=CANCEL_URL)
    stripe_world.pay(page)
    subscription_id = stripe_world.payments.checkout(page.id).subscription_id

    with ThreadPoolExecutor(8) as pool:
        snapshots = list(pool.map(lambda _: stripe_world.payments.subscription(subscription_id), range(24)))

    assert len(set(snapshots)) == 1


def test_a_button_pressed_by_many_threads_opens_one_page(
    stripe_world: StripeWorld, order: Order, customer_id: CustomerId
) -> None:
    def press(_: int) -> str:
        return stripe_world.payments.start_checkout(order, customer_id, return_url=RETURN_URL, cancel_url=CANCEL_URL).id

    with ThreadPoolExecutor(6) as pool:
        pages = set(pool.map(press, range(6)))

    assert len(pages) == 1
    assert len(stripe_world.api("GET", "checkout/sessions")["data"]) == 1
