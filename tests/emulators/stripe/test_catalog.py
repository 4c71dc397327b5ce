"""Customers, products and prices."""

import pytest
import stripe
from tests.emulators.stripe.support import Shop


def test_a_customer_keeps_what_it_is_told_and_loses_what_is_unset(shop: Shop) -> None:
    made = shop.v1.customers.create(
        {
            "name": "A",
            "phone": "1",
            "address": {"line1": "Main St 1", "country": "US"},
            "metadata": {"a": "1", "b": "2"},
        }
    )

    after = shop.v1.customers.update(made.id, {"phone": "", "metadata": {"a": "", "c": "3"}})

    assert after.phone is None
    assert after.metadata is not None
    assert after.metadata.to_dict() == {"b": "2", "c": "3"}
    assert after.address is not None
    assert (after.address.line1, after.address.city) == ("Main St 1", None)


def test_metadata_is_cleared_as_a_whole_by_an_empty_string(shop: Shop) -> None:
    made = shop.v1.customers.create({"metadata": {"a": "1"}})

    after = shop.v1.customers.update(made.id, {"metadata": ""})

    assert after.metadata is not None
    assert after.metadata.to_dict() == {}


@pytest.mark.parametrize(
    "metadata",
    [{f"k{n}": "v" for n in range(51)}, {"k" * 41: "v"}, {"k": "v" * 501}],
    ids=["51 keys", "41 characters of key", "501 characters of value"],
)
def test_metadata_beyond_its_limits_is_refused(shop: Shop, metadata: dict[str, str]) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.customers.create({"metadata": metadata})


def test_metadata_cannot_outgrow_its_limit_by_merging(shop: Shop) -> None:
    made = shop.v1.customers.create({"metadata": {f"k{n}": "v" for n in range(50)}})

    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.customers.update(made.id, {"metadata": {"one_more": "v"}})
    assert "one_more" not in shop.v1.customers.retrieve(made.id).metadata.to_dict()  # type: ignore[union-attr]


def test_an_update_that_changes_nothing_tells_nobody(shop: Shop) -> None:
    shop.v1.customers.update(shop.customer.id, {"name": shop.customer.name or ""})

    assert shop.events("customer.updated") == []


def test_an_update_event_carries_the_former_values(shop: Shop) -> None:
    shop.v1.customers.update(shop.customer.id, {"name": "Southside"})

    event = shop.v1.events.list({"type": "customer.updated"}).data[0]

    assert event.data.previous_attributes is not None
    assert event.to_dict()["data"]["previous_attributes"] == {"name": "Northside Construction"}


def test_deleting_a_customer_cancels_its_subscriptions(shop: Shop) -> None:
    subscription = shop.subscribe()

    shop.v1.customers.delete(shop.customer.id)

    assert shop.v1.customers.retrieve(shop.customer.id).to_dict()["deleted"] is True
    assert shop.v1.subscriptions.retrieve(subscription.id).status == "canceled"
    assert shop.v1.customers.list().data == []
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.customers.update(shop.customer.id, {"name": "Back again"})


def test_a_lookup_key_finds_its_price_and_moves_only_when_asked(shop: Shop) -> None:
    first = shop.price(shop.planner.id, 100, "month", lookup_key="planner_month")

    with pytest.raises(stripe.InvalidRequestError, match="already uses that lookup key"):
        shop.price(shop.planner.id, 200, "month", lookup_key="planner_month")
    second = shop.price(shop.planner.id, 200, "month", lookup_key="planner_month", transfer_lookup_key=True)

    assert [row.id for row in shop.v1.prices.list({"lookup_keys": ["planner_month", "nothing"]}).data] == [second]
    assert shop.v1.prices.retrieve(first).lookup_key is None


def test_a_price_cannot_change_its_amount(shop: Shop) -> None:
    answer = shop.send(f"/v1/prices/{shop.prices['Planner', 'month']}", "unit_amount=1")

    assert answer.json()["error"]["code"] == "parameter_unknown"


def test_tax_behavior_is_set_once(shop: Shop) -> None:
    price = shop.price(shop.planner.id, 100, "month")
    shop.v1.prices.update(price, {"tax_behavior": "exclusive"})

    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.prices.update(price, {"tax_behavior": "inclusive"})


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"product": "prod_nobody"}, "No such product"),
        ({"unit_amount": -1}, "unit_amount"),
        ({"recurring": {"interval": "year", "interval_count": 4}}, "three years"),
        ({"recurring": {"interval": "month", "usage_type": "metered"}}, "licensed"),
        ({"lookup_key": "k" * 201}, "200"),
    ],
)
def test_a_price_that_cannot_be_is_refused(shop: Shop, change: dict[str, object], why: str) -> None:
    params = {"product": shop.planner.id, "currency": "usd", "unit_amount": 1, "recurring": {"interval": "month"}}

    with pytest.raises(stripe.InvalidRequestError, match=why):
        shop.v1.prices.create({**params, **change})  # type: ignore[arg-type]


def test_at_most_ten_lookup_keys_are_looked_up_at_once(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.prices.list({"lookup_keys": [str(n) for n in range(11)]})


def test_prices_are_listed_by_product_interval_and_state(shop: Shop) -> None:
    retired = shop.prices["Planner", "month"]
    shop.v1.prices.update(retired, {"active": False})

    monthly = shop.v1.prices.list({"active": True, "recurring": {"interval": "month"}})

    assert [row.id for row in monthly.data] == [shop.prices["Safety", "month"]]
    assert [row.id for row in shop.v1.prices.list({"active": False}).data] == [retired]


def test_a_product_with_prices_stays(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.products.delete(shop.planner.id)
    lonely = shop.v1.products.create({"name": "Lonely"})
    assert shop.v1.products.delete(lonely.id).deleted


def test_a_product_may_bring_its_own_id_and_default_price(shop: Shop) -> None:
    made = shop.v1.products.create(
        {
            "id": "planner_board",
            "name": "Planner Board",
            "default_price_data": {"currency": "usd", "unit_amount": 0, "recurring": {"interval": "month"}},
        }
    )

    assert made.id == "planner_board"
    assert shop.v1.products.retrieve("planner_board", {"expand": ["default_price"]}).default_price.unit_amount == 0  # type: ignore[union-attr]
    with pytest.raises(stripe.InvalidRequestError, match="already exists"):
        shop.v1.products.create({"id": "planner_board", "name": "Again"})
