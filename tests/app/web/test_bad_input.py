"""Every kind of bad input meets a clear message and the right status, and changes nothing."""

from datetime import timedelta
from typing import Any

import attrs
import httpx
import pytest
from tests.app.web.surfer import SETTINGS, Surfer, field, words

from smartapp_domain.billing import BillingEvent
from smartapp_domain.ids import CheckoutId, EventId, OrderId
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.testing.builders import NOON
from smartapp_domain.testing.workbench import Workbench
from smartapp_http.settings import BadHttpSetting


@pytest.fixture
def waiting(owner: Surfer, bench: Workbench) -> BillingEvent:
    """An order was paid, and its notice has not been delivered yet."""
    owner.tick(owner.ids()[0], "planner")
    bench.payments.pay(owner.pay_page())
    return next(event for event in bench.payments.take_events() if event.checkout_id)


def _deliver(owner: Surfer, body: bytes, signature: str | None) -> httpx.Response:
    headers = {} if signature is None else {"stripe-signature": signature}
    return owner.client.post("/webhooks/stripe", content=body, headers=headers)


def _is_untouched(owner: Surfer) -> bool:
    owner.bench.work()
    return "0 projects, 0 licensed" in words(owner.get("/central"))


def test_a_true_notice_is_answered_after_it_is_stored(owner: Surfer, bench: Workbench, waiting: BillingEvent) -> None:
    body, signature = bench.notices.signed(waiting, owner.real.now())

    answer = _deliver(owner, body, signature)

    assert answer.status_code == 200
    with bench.ports.reading(OPERATOR) as reading:
        assert reading.inbox.get(waiting.id) == waiting
    bench.work()
    assert "1 project, 1 licensed" in words(owner.get("/central"))


@pytest.mark.parametrize("signature", [None, "", "nonsense", "1.2"])
def test_a_wrongly_signed_notice_is_refused(
    owner: Surfer, bench: Workbench, waiting: BillingEvent, signature: str | None
) -> None:
    body, _ = bench.notices.signed(waiting, owner.real.now())

    answer = _deliver(owner, body, signature)

    assert answer.status_code == 400
    assert answer.json()["reason"] == "untrusted_event"
    assert "Nothing of it was used." in answer.json()["detail"]
    assert _is_untouched(owner)


@pytest.mark.parametrize("late", [timedelta(minutes=6), timedelta(minutes=-2)])
def test_a_replayed_notice_and_one_from_the_future_are_refused(
    owner: Surfer, bench: Workbench, waiting: BillingEvent, late: timedelta
) -> None:
    body, signature = bench.notices.signed(waiting, owner.real.now() - late)

    answer = _deliver(owner, body, signature)

    assert answer.status_code == 400
    assert "A replay, or a clock is wrong." in answer.json()["detail"]
    assert _is_untouched(owner)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"id": 7}', b"\xff\xfe"])
def test_a_malformed_notice_is_refused_even_with_a_good_signature(
    owner: Surfer, bench: Workbench, waiting: BillingEvent, body: bytes
) -> None:
    answer = _deliver(owner, body, bench.notices.signature(body, owner.real.now()))

    assert waiting
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("The notice is signed, but it is no notice.")
    assert _is_untouched(owner)


def test_a_notice_delivered_twice_counts_once(owner: Surfer, bench: Workbench, waiting: BillingEvent) -> None:
    body, signature = bench.notices.signed(waiting, owner.real.now())

    assert [_deliver(owner, body, signature).status_code for _ in range(2)] == [200, 200]
    bench.work()

    assert "1 project, 1 licensed" in words(owner.get("/central"))


def test_a_notice_about_a_stranger_changes_nothing(owner: Surfer, bench: Workbench, waiting: BillingEvent) -> None:
    foreign = BillingEvent(
        EventId("evt_x"), "checkout.session.completed", NOON, CheckoutId("cs_x"), OrderId("not-ours")
    )
    body, signature = bench.notices.signed(foreign, owner.real.now())

    assert waiting
    assert _deliver(owner, body, signature).status_code == 200
    assert _is_untouched(owner)


def test_a_stale_order_is_refused_and_says_what_is_missing(owner: Surfer) -> None:
    first, second = owner.ids()[:2]
    owner.tick(first, "planner")
    shown = owner.get("/subscriptions")
    owner.buy({second: ["planner"]})

    answer = owner.post("/subscriptions/checkout", interval="year", fingerprint=field(shown, "fingerprint"))

    assert answer.headers["location"] == "/projects?check=1#problems"
    assert "No project is ticked." in words(owner.follow(answer))


def test_a_second_payment_of_a_paid_order_is_refused(owner: Surfer, bench: Workbench) -> None:
    first, second = owner.ids()[:2]
    owner.tick(first, "planner")
    bench.payments.pay(owner.pay_page())
    owner.tick(second, "planner")

    answer = owner.check_out()

    assert answer.status_code == 409
    assert "Your last order is paid already and is being set up. Open Project Central to see it." in words(answer)


def test_a_declined_card_creates_nothing_and_keeps_the_choice(owner: Surfer, bench: Workbench) -> None:
    owner.tick(owner.ids()[0], "planner")
    page = owner.pay_page()
    bench.payments.decline(page)

    answer = owner.get(f"/checkout/return?cs={page}")

    assert "Waiting for your payment" in words(answer)
    assert _is_untouched(owner)
    assert "1 project, 1 Planner, 0 Safety" in words(owner.get("/projects"))
    assert owner.pay_page() == page


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"base_url": ""}, "base_url"),
        ({"base_url": "connect.example.com"}, "base_url"),
        ({"base_url": "https://connect.example.com/"}, "base_url"),
        ({"form_action_hosts": ("pay",)}, "form_action_hosts"),
        ({"secret": "short"}, "secret"),
        ({"session_lifetime": timedelta(0)}, "session_lifetime"),
    ],
)
def test_a_missing_or_wrong_setting_is_named(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(BadHttpSetting, match=named):
        attrs.evolve(SETTINGS, **changes)


def test_secrets_are_not_part_of_what_settings_print() -> None:
    assert SETTINGS.secret not in repr(SETTINGS)
