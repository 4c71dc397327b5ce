"""Signed notices without a vendor: the `BillingEvents` port in memory, and the sender's side of it."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any, Final

from smartapp_domain.billing import BillingEvent
from smartapp_domain.ids import AccountId, CheckoutId, EventId, OrderId, SubscriptionId
from smartapp_domain.ports.payments import UntrustedEvent

OLDEST_S: Final = 300
NEWEST_S: Final = 60


class MemoryBillingEvents:
    """The `BillingEvents` port: a notice is JSON, signed together with the second it was sent."""

    def __init__(self, key: bytes = b"known to both sides") -> None:
        self._key = key

    def signed(self, event: BillingEvent, at: datetime) -> tuple[bytes, str]:
        """Return body and signature as the provider would send this notice at `at`."""
        body = json.dumps(
            {
                "id": event.id,
                "type": event.type,
                "created_at": event.created_at.isoformat(),
                "checkout_id": event.checkout_id,
                "order_id": event.order_id,
                "subscription_id": event.subscription_id,
                "account_id": event.account_id,
            }
        ).encode()
        return body, self.signature(body, at)

    def signature(self, body: bytes, at: datetime) -> str:
        """Sign any bytes, well-formed or not."""
        sent_s = str(int(at.timestamp()))
        return f"{sent_s}.{self._mac(sent_s, body)}"

    def read(self, body: bytes, signature: str, at: datetime) -> BillingEvent:
        sent_s, _, mac = signature.partition(".")
        if not hmac.compare_digest(self._mac(sent_s, body).encode(), mac.encode()):
            raise UntrustedEvent("The notice's signature is wrong. Compare the secrets of both sides.")
        age_s = int(at.timestamp()) - int(sent_s)
        if not -NEWEST_S <= age_s <= OLDEST_S:
            raise UntrustedEvent(f"The notice was signed {age_s} s before now. A replay, or a clock is wrong.")
        try:
            return _event(json.loads(body))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise UntrustedEvent("The notice is signed, but it is no notice.") from error

    def _mac(self, sent_s: str, body: bytes) -> str:
        return hmac.new(self._key, sent_s.encode() + b"." + body, hashlib.sha256).hexdigest()


def _event(told: dict[str, Any]) -> BillingEvent:
    checkout_id, order_id, subscription_id = told["checkout_id"], told["order_id"], told["subscription_id"]
    account_id = told["account_id"]
    return BillingEvent(
        EventId(told["id"]),
        told["type"],
        datetime.fromisoformat(told["created_at"]).astimezone(UTC),
        checkout_id=CheckoutId(checkout_id) if checkout_id else None,
        order_id=OrderId(order_id) if order_id else None,
        subscription_id=SubscriptionId(subscription_id) if subscription_id else None,
        account_id=AccountId(account_id) if account_id else None,
    )
