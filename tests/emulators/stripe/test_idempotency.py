"""Idempotency keys."""

import pytest
import stripe
from tests.emulators.stripe.support import Shop


def test_the_same_request_under_one_key_is_done_once_and_answered_alike(shop: Shop) -> None:
    first = shop.send("/v1/customers", "name=A&metadata[x]=1", **{"Idempotency-Key": "k1"})
    second = shop.send("/v1/customers", "name=A&metadata[x]=1", **{"Idempotency-Key": "k1"})

    assert first.json() == second.json()
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["original-request"] == first.headers["request-id"]
    assert len(shop.v1.customers.list().data) == 2  # the shop's own, and one


def test_other_parameters_under_one_key_are_refused_and_change_nothing(shop: Shop) -> None:
    shop.v1.customers.create({"name": "A"}, {"idempotency_key": "k1"})

    with pytest.raises(stripe.IdempotencyError):
        shop.v1.customers.create({"name": "B"}, {"idempotency_key": "k1"})
    assert shop.v1.customers.list().data[0].name == "A"


def test_another_path_under_one_key_is_refused(shop: Shop) -> None:
    shop.v1.customers.create({"name": "A"}, {"idempotency_key": "k1"})

    with pytest.raises(stripe.IdempotencyError):
        shop.v1.products.create({"name": "A"}, {"idempotency_key": "k1"})


def test_a_refusal_of_the_operation_is_replayed_even_after_its_reason_is_gone(shop: Shop) -> None:
    text = "currency=usd&unit_amount=1&product=later"
    first = shop.send("/v1/prices", text, **{"Idempotency-Key": "k1"})
    shop.v1.products.create({"name": "Later", "id": "later"})

    again = shop.send("/v1/prices", text, **{"Idempotency-Key": "k1"})

    assert first.status_code == again.status_code == 400
    assert again.headers["idempotent-replayed"] == "true"


def test_a_request_that_never_passed_validation_leaves_its_key_free(shop: Shop) -> None:
    shop.send("/v1/customers", "nmae=A", **{"Idempotency-Key": "k1"})

    assert shop.send("/v1/customers", "name=A", **{"Idempotency-Key": "k1"}).status_code == 200


def test_a_key_is_forgotten_after_a_day(shop: Shop) -> None:
    shop.send("/v1/customers", "name=A", **{"Idempotency-Key": "k1"})
    shop.advance(1.01)

    answer = shop.send("/v1/customers", "name=B", **{"Idempotency-Key": "k1"})

    assert answer.status_code == 200
    assert answer.json()["name"] == "B"


def test_a_key_longer_than_255_characters_is_refused(shop: Shop) -> None:
    assert shop.send("/v1/customers", "name=A", **{"Idempotency-Key": "k" * 256}).status_code == 400


def test_two_keys_make_two_objects(shop: Shop) -> None:
    one = shop.v1.customers.create({"name": "A"}, {"idempotency_key": "k1"})
    two = shop.v1.customers.create({"name": "A"}, {"idempotency_key": "k2"})

    assert one.id != two.id
