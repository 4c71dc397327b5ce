"""What every reader of a payment provider's notices must refuse, and what it must understand."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smartapp_domain.billing import BillingEvent
from smartapp_domain.ids import AccountId, CheckoutId, EventId, OrderId, SubscriptionId
from smartapp_domain.ports.payments import BillingEvents, UntrustedEvent

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
_PAID = BillingEvent(
    EventId("evt_1"),
    "checkout.session.completed",
    NOW - timedelta(hours=3),
    CheckoutId("cs_1"),
    OrderId("order-1"),
    SubscriptionId("sub_1"),
)
_RENEWED = attrs.evolve(_PAID, checkout_id=None, account_id=AccountId("acme"))
#: One notice of each kind that names something of ours, and one that does not.
EVENTS = (
    _PAID,
    attrs.evolve(_PAID, id=EventId("evt_2"), type="checkout.session.expired", subscription_id=None),
    attrs.evolve(_RENEWED, id=EventId("evt_3"), type="customer.subscription.updated"),
    attrs.evolve(_RENEWED, id=EventId("evt_4"), type="invoice.payment_failed"),
    BillingEvent(EventId("evt_5"), "price.updated", NOW),
)
_HARMLESS = [HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]


class NoticeSender(Protocol):
    """The provider's side: it can sign what it likes."""

    @property
    def reader(self) -> BillingEvents: ...

    def body(self, event: BillingEvent) -> bytes: ...

    def signature(self, body: bytes, at: datetime) -> str: ...


class BillingEventsContract:
    @pytest.fixture
    def sender(self) -> NoticeSender:
        raise NotImplementedError("Override the fixture `sender` with the provider's side of the reader under test.")

    @pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
    def test_a_genuine_notice_says_what_it_is_about(self, sender: NoticeSender, event: BillingEvent) -> None:
        body = sender.body(event)

        assert sender.reader.read(body, sender.signature(body, NOW), NOW) == event

    @pytest.mark.parametrize("age_s", [0, 1, 299, 300, -1, -60])
    def test_a_notice_may_be_five_minutes_old_or_a_minute_early(self, sender: NoticeSender, age_s: int) -> None:
        body = sender.body(_PAID)

        read = sender.reader.read(body, sender.signature(body, NOW - timedelta(seconds=age_s)), NOW)

        assert read == _PAID

    @pytest.mark.parametrize("age_s", [301, 86_400, -61, -86_400])
    def test_a_replayed_or_future_notice_is_refused(self, sender: NoticeSender, age_s: int) -> None:
        body = sender.body(_PAID)

        with pytest.raises(UntrustedEvent, match="clock"):
            sender.reader.read(body, sender.signature(body, NOW - timedelta(seconds=age_s)), NOW)

    def test_a_changed_body_is_refused(self, sender: NoticeSender) -> None:
        body = sender.body(_PAID)
        signature = sender.signature(body, NOW)

        with pytest.raises(UntrustedEvent):
            sender.reader.read(body.replace(b"order-1", b"order-2"), signature, NOW)

    def test_a_signature_of_another_notice_is_refused(self, sender: NoticeSender) -> None:
        other = sender.signature(sender.body(EVENTS[1]), NOW)

        with pytest.raises(UntrustedEvent):
            sender.reader.read(sender.body(_PAID), other, NOW)

    @pytest.mark.parametrize("signature", ["", " ", ",", "=", "t=,v1=", "t=1", "v1=ab", "t=x,v1=y", "t=1,v1=é", "1.é"])
    def test_a_missing_or_malformed_signature_is_refused(self, sender: NoticeSender, signature: str) -> None:
        with pytest.raises(UntrustedEvent):
            sender.reader.read(sender.body(_PAID), signature, NOW)

    @pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b"{}", b'"evt_1"', b"\xff\xfe", b"[" * 100_000])
    def test_a_signed_body_that_is_no_notice_is_refused(self, sender: NoticeSender, body: bytes) -> None:
        with pytest.raises(UntrustedEvent):
            sender.reader.read(body, sender.signature(body, NOW), NOW)

    # The fixture keeps nothing between examples, and every reader runs the same ones.
    @settings(max_examples=60, deadline=None, suppress_health_check=_HARMLESS)
    @given(body=st.binary(max_size=200), signature=st.text(max_size=100) | st.from_regex(r"t=\d+,v1=[0-9a-f]*"))
    def test_nothing_made_up_gets_through(self, sender: NoticeSender, body: bytes, signature: str) -> None:
        with pytest.raises(UntrustedEvent):
            sender.reader.read(body, signature, NOW)
