"""On drift we refuse to sell, so every kind of drift must be seen."""

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from tests.contract.billing.stripe_world import StripeWorld

from smartapp_domain.catalog import AddOn
from smartapp_domain.ports.payments import CatalogDrift, PaymentsRejected
from smartapp_domain.pricing import LIST_PRICES
from smartapp_domain.testing import builders
from smartapp_domain.testing.contracts.payments import CANCEL_URL, RETURN_URL

pytestmark = pytest.mark.contract

KEY = "planner_month_usd_v1"


@pytest.fixture
def world(stripe_world: StripeWorld) -> StripeWorld:
    stripe_world.payments.publish_catalog(LIST_PRICES)
    return stripe_world


def archive(world: StripeWorld) -> None:
    world.api("POST", f"prices/{price(world)['id']}", active="false")


def archive_product(world: StripeWorld) -> None:
    world.api("POST", "products/smartapp_planner", active="false")


def take_the_key_away(world: StripeWorld) -> None:
    replaced(world, lookup_key="something_else")
    world.api("POST", f"prices/{price(world)['id']}", lookup_key="planner_old")


def price(world: StripeWorld) -> Any:
    return world.api("GET", "prices", **{"lookup_keys[]": KEY})["data"][0]


def replaced(world: StripeWorld, **changes: Any) -> None:
    """Let an operator put another price under our lookup key."""
    given = {
        "product": "smartapp_planner",
        "currency": "usd",
        "unit_amount": 29_500,
        "recurring[interval]": "month",
        "tax_behavior": "exclusive",
        "lookup_key": KEY,
        "transfer_lookup_key": "true",
    }
    world.api("POST", "prices", **{**given, **changes})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (archive, CatalogDrift(KEY, "active", "archived")),
        (archive_product, CatalogDrift("smartapp_planner", "active", "archived")),
        (take_the_key_away, CatalogDrift(KEY, "29500 usd cents", "missing")),
        (lambda w: replaced(w, unit_amount=29_400), CatalogDrift(KEY, "29500 usd cents", "29400 usd cents")),
        (lambda w: replaced(w, currency="eur"), CatalogDrift(KEY, "29500 usd cents", "29500 eur cents")),
        (
            lambda w: replaced(w, **{"recurring[interval]": "year"}),
            CatalogDrift(KEY, "every 1 month, licensed", "every 1 year, licensed"),
        ),
        (
            lambda w: replaced(w, **{"recurring[interval_count]": 3}),
            CatalogDrift(KEY, "every 1 month, licensed", "every 3 month, licensed"),
        ),
        (lambda w: replaced(w, tax_behavior="inclusive"), CatalogDrift(KEY, "exclusive", "inclusive")),
        (lambda w: replaced(w, product="smartapp_safety"), CatalogDrift(KEY, "smartapp_planner", "smartapp_safety")),
    ],
    ids=["archived", "product archived", "missing", "amount", "currency", "interval", "count", "tax", "product"],
)
def test_each_kind_of_drift_is_told_once(
    world: StripeWorld, change: Callable[[StripeWorld], None], expected: CatalogDrift
) -> None:
    change(world)

    assert world.payments.catalog_drift(LIST_PRICES) == (expected,)


def test_a_price_that_is_charged_once_is_no_subscription(world: StripeWorld) -> None:
    given = {"product": "smartapp_planner", "currency": "usd", "unit_amount": 29_500, "tax_behavior": "exclusive"}
    world.api("POST", "prices", lookup_key=KEY, transfer_lookup_key="true", **given)

    assert world.payments.catalog_drift(LIST_PRICES) == (CatalogDrift(KEY, "every 1 month, licensed", "once"),)


def test_publishing_makes_four_products_and_eight_prices_once(world: StripeWorld) -> None:
    before = len(world.journal())

    world.payments.publish_catalog(LIST_PRICES)

    assert [row["method"] for row in world.journal()[before:]] == ["GET"]
    assert len(world.api("GET", "products", limit=100)["data"]) == 4
    assert len(world.api("GET", "prices", limit=100)["data"]) == 8


def test_publishing_adds_what_is_missing_and_leaves_the_rest(world: StripeWorld) -> None:
    archive(world)
    yearly_only = attrs.evolve(LIST_PRICES, version=2, yearly_only=frozenset({AddOn.PLANNER_BOARD}))

    world.payments.publish_catalog(yearly_only)

    assert world.payments.catalog_drift(yearly_only) == ()
    assert price(world)["active"] is False
    assert len(world.api("GET", "prices", limit=100)["data"]) == 8 + 7


def test_an_archived_price_is_not_charged(world: StripeWorld) -> None:
    archive(world)
    order = builders.order(interval=builders.Interval.MONTH)

    with pytest.raises(PaymentsRejected, match="Publish the catalog"):
        world.payments.start_checkout(
            order, world.payments.customer(builders.profile()), return_url=RETURN_URL, cancel_url=CANCEL_URL
        )
