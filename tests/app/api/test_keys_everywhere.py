"""Every write of the API takes an `Idempotency-Key`, and what failed at a vendor is done again with the same one."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx
import pytest
from tests.app.api.naming import BODIES
from tests.app.api.test_tenants import API_ROUTES, APP
from tests.app.api.town import Town

from smartapp_domain.identity import Role
from smartapp_domain.ports.payments import PaymentsUnavailable

READS: Final = ("GET", "HEAD")
WRITES: Final = [operation for operation in API_ROUTES if operation.split()[0] not in READS]
_OFFER: Final = {"interval": "month", "fingerprint": "0" * 64}
#: Bodies that are understood, of the operations that need one and that `naming.py` has none for.
MORE_BODIES: Final[Mapping[str, Any]] = {
    "POST /api/v1/checkout": _OFFER,
    "POST /api/v1/central/projects": {"name": "Shed"},
    "POST /api/v1/invitations": {"email": "two@example.com", "role": "admin"},
}


@pytest.fixture
def client(town: Town) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {town.token(town.acme, Role.OWNER)}"}
    with httpx.Client(base_url=town.url, headers=headers, timeout=60) as client:
        yield client


def _body(operation: str) -> Any:
    return MORE_BODIES.get(operation) or BODIES.get(operation, (None,))[0]


def test_there_are_writes() -> None:
    assert len(WRITES) >= 15
    assert set(MORE_BODIES) <= set(WRITES)


@pytest.mark.parametrize("operation", WRITES)
def test_every_write_refuses_a_malformed_key(client: httpx.Client, operation: str) -> None:
    method, path = operation.split()

    answer = client.request(
        method,
        re.sub(r"\{\w+\}", "nobodys", path),
        json=_body(operation),
        headers={"Idempotency-Key": "two words"},
    )

    assert (answer.status_code, answer.json()["reason"]) == (400, "idempotency_key_malformed"), answer.text


@pytest.mark.parametrize("operation", WRITES)
def test_no_write_takes_a_query_which_would_have_to_be_part_of_what_a_key_names(operation: str) -> None:
    method, path = operation.split()

    described = APP.openapi_schema.to_schema()["paths"][path][method.lower()]

    assert {each["in"] for each in described.get("parameters", ())} <= {"path", "header"}


def _offered(client: httpx.Client) -> dict[str, Any]:
    offer = client.get("/api/v1/offer", params={"interval": "month"}).json()
    shown_at = offer["extension"] and offer["extension"]["prorated_at"]
    return {"interval": "month", "fingerprint": offer["fingerprint"], "prorated_at": shown_at}


def test_what_a_vendor_failed_is_done_again_with_the_same_key(town: Town, client: httpx.Client) -> None:
    wish, key = _offered(client), {"Idempotency-Key": "vendor-failed"}
    town.bench.payments.fail_next(PaymentsUnavailable("Stripe is down.", remedy="Try again later."))

    failed = client.post("/api/v1/checkout", json=wish, headers=key)
    done = client.post("/api/v1/checkout", json=wish, headers=key)
    replayed = client.post("/api/v1/checkout", json=wish, headers=key)

    assert failed.status_code in (502, 503)
    assert (done.status_code, "idempotent-replayed" in done.headers) == (201, False), done.text
    assert replayed.content == done.content
    assert replayed.headers["idempotent-replayed"] == "true"


def test_a_renewal_is_changed_once_for_a_key(client: httpx.Client) -> None:
    tiles = client.get("/api/v1/central/projects").json()["projects"]
    licensed = next(tile["id"] for tile in tiles if tile["licenses"])
    path, key = f"/api/v1/central/projects/{licensed}/renewal", {"Idempotency-Key": "stop-it"}

    stopped = client.put(path, json={"renews": False}, headers=key)
    resumed = client.put(path, json={"renews": True})
    replayed = client.put(path, json={"renews": False}, headers=key)

    assert (stopped.status_code, resumed.status_code) == (200, 200), stopped.text
    assert replayed.content == stopped.content
    assert replayed.headers["idempotent-replayed"] == "true"
