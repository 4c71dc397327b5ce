"""Deliveries: signed, repeated, logged, and spoiled on request."""

import json

import pytest
import stripe
from tests.emulators.stripe.support import Receiver, Shop, eventually

from smartapp_emulators.stripe import spec


def endpoint(shop: Shop, receiver: Receiver, *types: str) -> stripe.WebhookEndpoint:
    return shop.v1.webhook_endpoints.create(
        {"url": receiver.url, "enabled_events": list(types) or ["*"], "api_version": spec.API_VERSION}  # type: ignore[typeddict-item]
    )


def settled(shop: Shop) -> bool:
    return "pending" not in shop.http.get("/_emulator/webhooks").json()["states"]


def test_a_purchase_arrives_signed_and_in_order_and_every_object_fits_its_schema(
    shop: Shop, receiver: Receiver
) -> None:
    secret = str(endpoint(shop, receiver).secret)

    shop.subscribe()
    eventually(lambda: "checkout.session.completed" in receiver.types and settled(shop))

    assert receiver.types == shop.events()[-len(receiver.types) :]
    for body, signature in zip(receiver.bodies, receiver.signatures, strict=True):
        event = stripe.Webhook.construct_event(body, signature, secret)
        assert event.api_version == spec.API_VERSION
        assert spec.object_violations(json.loads(body)) == []
        assert spec.object_violations(json.loads(body)["data"]["object"]) == []


def test_the_signature_uses_real_time_even_when_the_clock_was_moved(shop: Shop, receiver: Receiver) -> None:
    secret = str(endpoint(shop, receiver).secret)
    shop.advance(1000)

    shop.v1.customers.create({"name": "Late"})
    eventually(lambda: len(receiver.bodies) == 1)

    assert stripe.Webhook.construct_event(receiver.bodies[0], receiver.signatures[0], secret, tolerance=300)


def test_the_secret_is_shown_once(shop: Shop, receiver: Receiver) -> None:
    made = endpoint(shop, receiver)

    assert str(made.secret).startswith("whsec_")
    assert "secret" not in shop.v1.webhook_endpoints.retrieve(made.id)
    assert str(made.secret) not in shop.http.get("/_emulator/objects/webhook_endpoint").text


def test_only_wanted_types_are_sent(shop: Shop, receiver: Receiver) -> None:
    endpoint(shop, receiver, "checkout.session.completed", "invoice.paid")

    shop.subscribe()
    eventually(lambda: settled(shop) and len(receiver.bodies) > 1)

    assert receiver.types == ["invoice.paid", "checkout.session.completed"]


def test_a_receiver_that_fails_is_tried_again_until_it_takes_the_event(shop: Shop, receiver: Receiver) -> None:
    endpoint(shop, receiver, "customer.created")
    receiver.answers += [500, 503]

    made = shop.v1.customers.create({"name": "X"})
    eventually(lambda: len(receiver.bodies) == 3 and settled(shop))

    assert len({json.loads(body)["id"] for body in receiver.bodies}) == 1
    log = shop.http.get("/_emulator/webhooks").json()["deliveries"][-1]
    assert [attempt["status"] for attempt in log["attempts"]] == [500, 503, 200]
    event = shop.v1.events.list({"type": "customer.created"}).data[0]
    assert event.to_dict()["data"]["object"]["id"] == made.id
    assert event.pending_webhooks == 0


def test_after_the_last_try_the_event_counts_as_undelivered_and_can_be_sent_by_hand(
    shop: Shop, receiver: Receiver
) -> None:
    endpoint(shop, receiver, "customer.created")
    receiver.answers += [500] * 4
    shop.v1.customers.create({"name": "X"})
    eventually(lambda: shop.http.get("/_emulator/webhooks").json()["states"].get("failed") == 1)
    lost = shop.v1.events.list({"delivery_success": False}).data

    delivery = shop.http.get("/_emulator/webhooks").json()["deliveries"][-1]["id"]
    assert shop.post(f"/_emulator/webhooks/deliveries/{delivery}/redeliver").status_code == 202
    eventually(lambda: shop.http.get("/_emulator/webhooks").json()["states"].get("delivered") == 1)

    assert [event.type for event in lost] == ["customer.created"]
    assert shop.v1.events.list({"delivery_success": False}).data == []
    assert shop.post("/_emulator/webhooks/deliveries/whd_nobody/redeliver").status_code == 404


def test_nobody_listening_is_a_failed_try(shop: Shop) -> None:
    shop.v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/hook", "enabled_events": ["*"]})

    shop.v1.customers.create({"name": "X"})
    eventually(lambda: shop.http.get("/_emulator/webhooks").json()["states"].get("failed") == 1)

    attempt = shop.http.get("/_emulator/webhooks").json()["deliveries"][-1]["attempts"][0]
    assert attempt["status"] is None
    assert "ConnectError" in attempt["answer"]


def test_webhooks_can_be_duplicated(shop: Shop, receiver: Receiver) -> None:
    endpoint(shop, receiver, "customer.created")
    shop.post("/_emulator/webhooks", {"duplicate": 1})

    shop.v1.customers.create({"name": "A"})
    shop.v1.customers.create({"name": "B"})
    eventually(lambda: settled(shop) and len(receiver.bodies) == 3)

    ids = [json.loads(body)["id"] for body in receiver.bodies]
    assert ids[0] == ids[1] != ids[2]


def test_webhooks_can_be_lost_and_are_not_tried_again(shop: Shop, receiver: Receiver) -> None:
    endpoint(shop, receiver, "customer.created")
    shop.post("/_emulator/webhooks", {"drop": 1})

    shop.v1.customers.create({"name": "A"})
    shop.v1.customers.create({"name": "B"})
    eventually(lambda: settled(shop) and len(receiver.bodies) == 1)

    assert json.loads(receiver.bodies[0])["data"]["object"]["name"] == "B"
    assert shop.http.get("/_emulator/webhooks").json()["states"] == {"dropped": 1, "delivered": 1}


def test_webhooks_can_be_held_back_and_then_sent_newest_first(shop: Shop, receiver: Receiver) -> None:
    endpoint(shop, receiver, "customer.created")
    shop.post("/_emulator/webhooks", {"hold": True})
    for name in "ABC":
        shop.v1.customers.create({"name": name})
    assert receiver.bodies == []

    shop.post("/_emulator/webhooks", {"reorder": True, "hold": False})
    eventually(lambda: settled(shop) and len(receiver.bodies) == 3)

    assert [json.loads(body)["data"]["object"]["name"] for body in receiver.bodies] == ["C", "B", "A"]


def test_webhooks_can_be_signed_by_somebody_else(shop: Shop, receiver: Receiver) -> None:
    secret = str(endpoint(shop, receiver, "customer.created").secret)
    shop.post("/_emulator/webhooks", {"wrong_signature": True})

    shop.v1.customers.create({"name": "A"})
    eventually(lambda: len(receiver.bodies) == 1)

    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(receiver.bodies[0], receiver.signatures[0], secret)


def test_the_console_spoils_deliveries_too(shop: Shop, receiver: Receiver) -> None:
    for switch in ("hold", "reorder", "duplicate", "drop", "wrong_signature"):
        shop.http.post("/_emulator/do", data={"act": "switch", switch: "on", "delay_s": "0.5"})

        switches = shop.http.get("/_emulator/webhooks").json()["switches"]
        assert [name for name, value in switches.items() if value] == ["delay_s", switch]
    shop.http.post("/_emulator/do", data={"act": "switch", "duplicate": "on"})
    shop.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["customer.created"]})
    shop.v1.customers.create({"name": "Twice"})
    eventually(lambda: receiver.types == ["customer.created"] * 2)


def test_webhooks_can_be_late(shop: Shop, receiver: Receiver) -> None:
    endpoint(shop, receiver, "customer.created")
    shop.post("/_emulator/webhooks", {"delay_s": 0.2})

    shop.v1.customers.create({"name": "A"})
    waiting = shop.http.get("/_emulator/webhooks").json()["states"]
    eventually(lambda: len(receiver.bodies) == 1 and settled(shop))

    assert waiting == {"pending": 1}


@pytest.mark.parametrize("wish", [{"explode": True}, {"drop": -2}, {"hold": 1}, {"delay_s": -1}, {"delay_s": "soon"}])
def test_a_switch_that_does_not_exist_is_refused(shop: Shop, wish: dict[str, object]) -> None:
    assert shop.post("/_emulator/webhooks", wish).status_code == 400


def test_a_disabled_or_deleted_endpoint_gets_nothing(shop: Shop, receiver: Receiver) -> None:
    first, second = endpoint(shop, receiver), endpoint(shop, receiver)
    shop.v1.webhook_endpoints.update(first.id, {"disabled": True})
    shop.v1.webhook_endpoints.delete(second.id)

    shop.v1.customers.create({"name": "A"})

    assert settled(shop)
    assert receiver.bodies == []
    assert [row.status for row in shop.v1.webhook_endpoints.list().data] == ["disabled"]


def test_an_endpoint_can_move(shop: Shop, receiver: Receiver) -> None:
    made = shop.v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/", "enabled_events": ["price.created"]})

    moved = shop.v1.webhook_endpoints.update(
        made.id, {"url": receiver.url, "enabled_events": ["customer.created"], "description": "moved"}
    )
    shop.v1.customers.create({"name": "A"})
    eventually(lambda: receiver.types == ["customer.created"])

    assert (moved.url, moved.description) == (receiver.url, "moved")


def test_sixteen_endpoints_are_the_most(shop: Shop, receiver: Receiver) -> None:
    for _ in range(16):
        endpoint(shop, receiver, "payout.paid")

    with pytest.raises(stripe.InvalidRequestError, match="16"):
        endpoint(shop, receiver)


@pytest.mark.parametrize(
    "wish",
    [
        {"url": "nowhere"},
        {"api_version": "2020-08-27"},
        {"enabled_events": ["no.such.event"]},
    ],
)
def test_an_endpoint_that_could_not_work_is_refused(shop: Shop, receiver: Receiver, wish: dict[str, object]) -> None:
    params = {"url": receiver.url, "enabled_events": ["*"], **wish}

    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.webhook_endpoints.create(params)  # type: ignore[arg-type]


def test_an_event_names_the_request_that_caused_it(shop: Shop) -> None:
    shop.v1.customers.create({"name": "A"}, {"idempotency_key": "my-key"})

    event = shop.v1.events.list({"type": "customer.created"}).data[0]

    assert event.request is not None
    assert event.request.idempotency_key == "my-key"
    assert str(event.request.id).startswith("req_")
    shop.subscribe()
    shop.advance(32)
    assert shop.v1.events.list({"type": "invoice.upcoming"}).data[0].request.id is None  # type: ignore[union-attr]
