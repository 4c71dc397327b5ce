"""Trouble at Stripe or on the way: what is told, what may be tried again, and that nothing is made twice."""

import attrs
import pytest
from tests.contract.billing.stripe_world import StripeWorld, settings

from smartapp_adapters.billing import StripePayments
from smartapp_domain.catalog import Interval
from smartapp_domain.ids import CheckoutId, CustomerId
from smartapp_domain.ordering import Order
from smartapp_domain.ports.payments import PaymentsRejected, PaymentsUnavailable
from smartapp_domain.pricing import LIST_PRICES
from smartapp_domain.testing import builders
from smartapp_domain.testing.contracts.payments import CANCEL_URL, RETURN_URL

pytestmark = pytest.mark.contract

SESSIONS = "/v1/checkout/sessions"


@pytest.fixture
def world(stripe_world: StripeWorld) -> StripeWorld:
    stripe_world.payments.publish_catalog(LIST_PRICES)
    return stripe_world


@pytest.fixture
def order(world: StripeWorld) -> Order:
    return builders.order(interval=Interval.MONTH, created_at=world.clock.now())


@pytest.fixture
def customer_id(world: StripeWorld) -> CustomerId:
    return world.payments.customer(builders.profile())


def start(payments: StripePayments, order: Order, customer_id: CustomerId) -> CheckoutId:
    return payments.start_checkout(order, customer_id, return_url=RETURN_URL, cancel_url=CANCEL_URL).id


@pytest.mark.parametrize("kind", ["409", "429", "500", "drop"])
def test_passing_trouble_may_be_tried_again(world: StripeWorld, kind: str) -> None:
    world.control("faults", kind=kind)

    with pytest.raises(PaymentsUnavailable) as trouble:
        world.payments.catalog_drift(LIST_PRICES)

    assert "try again" in trouble.value.remedy
    assert "read the prices" in str(trouble.value)
    assert (trouble.value.request_id is None) == (kind == "drop")
    assert world.payments.catalog_drift(LIST_PRICES) == ()


def test_silence_ends_with_the_time_limit(world: StripeWorld) -> None:
    payments = StripePayments(settings(world.payments_url, timeout_s=0.1), world.clock)
    world.control("faults", kind="timeout", delay_s=1)

    with pytest.raises(PaymentsUnavailable, match="out of reach"):
        payments.catalog_drift(LIST_PRICES)
    payments.close()


def test_an_address_nobody_answers_at_is_trouble_that_may_pass(world: StripeWorld) -> None:
    payments = StripePayments(settings("http://127.0.0.1:1"), world.clock)

    with pytest.raises(PaymentsUnavailable):
        payments.catalog_drift(LIST_PRICES)
    payments.close()


def test_a_key_stripe_does_not_accept_is_an_outage_told_without_saying_it(
    world: StripeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    key = "rk_test_notaccepted1234567890"
    payments = StripePayments(settings(world.payments_url, api_key=key), world.clock)

    with pytest.raises(PaymentsUnavailable, match="API key") as refusal:
        payments.catalog_drift(LIST_PRICES)

    payments.close()
    (logged,) = [record for record in caplog.records if record.name == "smartapp.billing"]
    assert logged.levelname == "ERROR"
    assert "API key" in logged.getMessage()
    assert "ends in 7890" in logged.getMessage()
    assert key not in logged.getMessage()
    assert "rk_test" not in f"{refusal.value} {refusal.value.remedy} {refusal.value.__cause__}"


def test_our_own_mistakes_are_rejected_and_name_the_request(world: StripeWorld, order: Order) -> None:
    with pytest.raises(PaymentsRejected, match="open a pay page") as refusal:
        start(world.payments, order, CustomerId("cus_nobody"))

    assert refusal.value.request_id
    assert "support" in refusal.value.remedy


def test_the_sdk_tries_again_with_the_same_key(world: StripeWorld) -> None:
    payments = StripePayments(settings(world.payments_url, retries=1), world.clock)
    world.control("faults", kind="409", method="POST")

    payments.customer(builders.profile())

    payments.close()
    tries = [row for row in world.journal() if row["path"] == "/v1/customers"]
    assert [row["status"] for row in tries] == [409, 200]
    assert {row["idempotency_key"] for row in tries} == {"cus:acme-billing"}


@pytest.mark.parametrize("kind", ["500_after_commit", "drop_after_commit"])
def test_a_page_whose_answer_was_lost_is_found_again(
    world: StripeWorld, order: Order, customer_id: CustomerId, kind: str
) -> None:
    world.control("faults", kind=kind, method="POST", path=SESSIONS)
    try:
        start(world.payments, order, customer_id)
    except PaymentsUnavailable:
        assert kind == "drop_after_commit"

    page_id = start(world.payments, order, customer_id)

    assert [made["id"] for made in world.api("GET", "checkout/sessions")["data"]] == [page_id]


def test_a_page_that_could_not_be_made_is_made_later(world: StripeWorld, order: Order, customer_id: CustomerId) -> None:
    world.control("faults", kind="500", method="POST", path=SESSIONS)
    with pytest.raises(PaymentsUnavailable):
        start(world.payments, order, customer_id)

    world.control("clock", advance_s=31 * 60)

    assert start(world.payments, order, customer_id)
    assert len(world.api("GET", "checkout/sessions")["data"]) == 1


def test_a_page_paid_before_its_answer_came_is_not_made_twice(
    world: StripeWorld, order: Order, customer_id: CustomerId
) -> None:
    page = world.payments.start_checkout(order, customer_id, return_url=RETURN_URL, cancel_url=CANCEL_URL)
    world.pay(page)
    world.control("clock", advance_s=31 * 60)

    again = world.payments.start_checkout(order, customer_id, return_url=RETURN_URL, cancel_url=CANCEL_URL)

    assert again.id == page.id
    assert again.url == f"http://localhost/return?checkout={page.id}"


@pytest.mark.parametrize("kind", ["500_after_commit", "drop_after_commit"])
def test_a_customer_whose_answer_was_lost_is_found_again(world: StripeWorld, kind: str) -> None:
    world.control("faults", kind=kind, method="POST", path="/v1/customers")
    try:
        world.payments.customer(builders.profile())
    except PaymentsUnavailable:
        assert kind == "drop_after_commit"

    customer_id = world.payments.customer(builders.profile())

    assert [made["id"] for made in world.api("GET", "customers")["data"]] == [customer_id]


def test_a_profile_renamed_meanwhile_is_still_the_same_customer(world: StripeWorld, customer_id: CustomerId) -> None:
    renamed = attrs.evolve(builders.profile(), name="Acme Holding", email="finance@example.com")

    assert world.payments.customer(renamed) == customer_id
