"""Trouble on request, and what it leaves behind."""

import httpx
import pytest
import stripe
from tests.emulators.stripe.support import Shop


def fault(shop: Shop, **wish: object) -> None:
    assert shop.post("/_emulator/faults", wish).status_code == 201


def customers(shop: Shop) -> int:
    return int(shop.http.get("/_emulator/objects").json()["customer"]) - 1  # the shop's own


@pytest.mark.parametrize(
    ("kind", "error"),
    [("409", stripe.APIError), ("429", stripe.RateLimitError), ("500", stripe.APIError)],
)
def test_a_refusal_before_the_work_leaves_nothing(shop: Shop, kind: str, error: type[Exception]) -> None:
    fault(shop, kind=kind, path="/v1/customers")

    with pytest.raises(error):
        shop.v1.customers.create({"name": "A"})
    assert customers(shop) == 0
    assert shop.v1.customers.create({"name": "A"}).name == "A"


def test_a_failure_after_the_work_leaves_the_work_and_is_replayed_under_its_key(shop: Shop) -> None:
    fault(shop, kind="500_after_commit", method="POST", path="/v1/customers")

    for _ in range(2):
        with pytest.raises(stripe.APIError):
            shop.v1.customers.create({"name": "A"}, {"idempotency_key": "k"})

    assert customers(shop) == 1


def test_the_clients_own_retry_gets_over_a_conflict(shop: Shop) -> None:
    fault(shop, kind="409", path="/v1/customers", count=2)

    made = shop.v1.customers.create({"name": "A"}, {"max_network_retries": 2})

    assert made.name == "A"
    assert customers(shop) == 1


def test_a_cut_connection_before_the_work_leaves_nothing(shop: Shop) -> None:
    fault(shop, kind="drop", path="/v1/customers")

    with pytest.raises(stripe.APIConnectionError):
        shop.v1.customers.create({"name": "A"})
    assert customers(shop) == 0


def test_a_lost_answer_is_found_again_by_the_same_key(shop: Shop) -> None:
    fault(shop, kind="drop_after_commit", path="/v1/customers")

    with pytest.raises(stripe.APIConnectionError):
        shop.v1.customers.create({"name": "A"}, {"idempotency_key": "k"})
    again = shop.v1.customers.create({"name": "A"}, {"idempotency_key": "k"})

    assert customers(shop) == 1
    assert shop.v1.customers.retrieve(again.id).name == "A"


def test_a_request_that_hangs_ends_when_the_caller_gives_up(shop: Shop) -> None:
    fault(shop, kind="timeout", path="/v1/prices", delay_s=5)

    with pytest.raises(httpx.ReadTimeout):
        shop.http.get("/v1/prices", headers={"Authorization": "Bearer sk_test_x"}, timeout=0.2)


def test_a_fault_is_used_up_and_only_where_it_was_asked_for(shop: Shop) -> None:
    fault(shop, kind="500", path="/v1/checkout/*", method="post", count=1)

    assert shop.get("/v1/checkout/sessions").status_code == 200
    assert shop.v1.customers.create({"name": "A"})
    with pytest.raises(stripe.APIError):
        shop.offer()
    assert shop.offer().status == "open"
    assert shop.http.get("/_emulator/faults").json() == {"faults": []}


def test_faults_can_be_taken_back(shop: Shop) -> None:
    fault(shop, kind="500", count=100)
    assert len(shop.http.get("/_emulator/faults").json()["faults"]) == 1

    shop.http.delete("/_emulator/faults")

    assert shop.v1.customers.create({"name": "A"})


@pytest.mark.parametrize(
    "wish", [{}, {"kind": "earthquake"}, {"kind": "500", "where": "/v1"}, {"kind": "500", "count": "x"}]
)
def test_a_fault_that_does_not_exist_is_refused(shop: Shop, wish: dict[str, object]) -> None:
    answer = shop.post("/_emulator/faults", wish)

    assert answer.status_code == 400
    assert answer.json()["error"]


def test_the_journal_counts_what_was_done_replayed_and_spoiled(shop: Shop) -> None:
    shop.http.delete("/_emulator/journal")
    fault(shop, kind="429", path="/v1/customers")
    with pytest.raises(stripe.RateLimitError):
        shop.v1.customers.create({"name": "A"})
    for _ in range(2):
        shop.v1.customers.create({"name": "B"}, {"idempotency_key": "k"})

    journal = shop.http.get("/_emulator/journal").json()

    assert journal["counters"] == {
        "POST /v1/customers 200": 1,
        "POST /v1/customers 429": 1,
        "POST /v1/customers replayed": 1,
    }
    assert [row["fault"] for row in journal["requests"]] == ["429", None, None]
    assert journal["requests"][1]["params"] == {"name": "B"}
    one = shop.http.get("/_emulator/journal", params={"request": journal["requests"][0]["request_id"]}).json()
    assert len(one["requests"]) == 1
