"""The measure itself: the shipped specification finds what is wrong with an answer."""

import copy
import json
from typing import Any

import pytest
from tests.emulators.stripe.support import Shop

from smartapp_emulators.stripe import spec
from smartapp_emulators.stripe.routes import OPERATIONS

Json = dict[str, Any]

KINDS = (
    "customer",
    "product",
    "price",
    "checkout.session",
    "subscription",
    "invoice",
    "invoice_payment",
    "payment_intent",
    "payment_method",
    "charge",
    "refund",
    "invoiceitem",
    "billing_portal.session",
    "event",
    "webhook_endpoint",
)


def test_every_emulated_operation_is_in_the_specification() -> None:
    paths = spec.document()["paths"]

    assert [(method, path) for method, path in OPERATIONS if method.lower() not in paths[path]] == []


def test_every_parameter_we_honor_is_one_the_specification_knows() -> None:
    unknown = []
    for (method, path), operation in OPERATIONS.items():
        known = spec.request_schema(method, path)["properties"]
        unknown += [(method, path, name) for name in operation.honors if name.split(".")[0] not in known]

    assert [entry for entry in unknown if entry[2] != "expand"] == []


def test_a_literal_segment_wins_over_a_placeholder() -> None:
    found = spec.match("GET", "/v1/customers/search")

    assert found is not None
    assert (found.template, found.path_values) == ("/v1/customers/search", ())
    assert spec.match("PUT", "/v1/customers") is None


@pytest.mark.parametrize("kind", KINDS)
def test_taking_away_any_required_field_turns_the_check_red(shop: Shop, kind: str) -> None:
    shop.v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/", "enabled_events": ["payout.paid"]})
    shop.subscribe()
    shop.v1.refunds.create({"charge": shop.v1.charges.list().data[0].id})
    shop.v1.invoice_items.create({"customer": shop.customer.id, "amount": 100, "currency": "usd"})
    shop.v1.billing_portal.sessions.create({"customer": shop.customer.id})
    row = shop.http.get(f"/_emulator/objects/{kind}").json()["data"][-1]
    assert spec.object_violations(row) == []
    required = spec.document()["components"]["schemas"][kind]["required"]
    assert required

    for field in required:
        if field != "object":
            assert spec.object_violations({name: value for name, value in row.items() if name != field}), field


def test_wrong_types_and_states_are_found(shop: Shop) -> None:
    subscription = shop.subscribe()
    body = shop.get(f"/v1/subscriptions/{subscription.id}").json()
    path = f"/v1/subscriptions/{subscription.id}"

    for change in ({"status": "asleep"}, {"created": "today"}, {"items": []}, {"customer": None}, {"livemode": 1}):
        assert spec.violations("GET", path, 200, copy.deepcopy(body) | change), change


def test_errors_have_a_shape_too() -> None:
    good: Json = {"error": {"type": "invalid_request_error", "message": "x"}}

    assert spec.violations("GET", "/v1/customers", 400, good) == []
    assert spec.violations("GET", "/v1/customers", 400, {"error": {"message": "x"}})
    assert spec.violations("GET", "/v1/customers", 400, {"error": {"type": "bad_mood"}})


def test_an_object_without_a_schema_is_named() -> None:
    assert spec.object_violations({"object": "unicorn"}) == ["no schema for object 'unicorn'"]


def test_an_answer_on_a_path_nobody_specified_is_a_violation() -> None:
    assert spec.violations("GET", "/v1/unicorns", 200, {})
    assert spec.violations("GET", "/v1/unicorns", 404, {}) == []


def test_the_shipped_specification_names_its_source_and_license() -> None:
    info = spec.document()["info"]

    assert info["version"] == spec.API_VERSION
    assert info["license"]["name"] == "MIT"
    assert len(json.dumps(spec.document())) > 300_000
