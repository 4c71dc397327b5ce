"""The `BillingEvents` port: what Stripe's notices must prove before anything of them is believed."""

import json
from datetime import UTC, datetime
from typing import Any, Final

import stripe

from smartapp_adapters.billing.calls import Json
from smartapp_adapters.billing.settings import API_VERSION, StripeSettings
from smartapp_adapters.billing.snapshots import id_of, order_of
from smartapp_domain.billing import BillingEvent
from smartapp_domain.ids import AccountId, CheckoutId, EventId, OrderId, SubscriptionId
from smartapp_domain.ports.payments import UntrustedEvent

OLDEST_S: Final = 300
NEWEST_S: Final = 60

#: What an endpoint subscribes to: whatever can change an order, a license, an invoice we show, or what we sell.
WEBHOOK_EVENTS: Final = (
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.completed",
    "checkout.session.expired",
    "customer.subscription.created",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.pending_update_applied",
    "customer.subscription.pending_update_expired",
    "customer.subscription.resumed",
    "customer.subscription.trial_will_end",
    "customer.subscription.updated",
    "invoice.finalization_failed",
    "invoice.finalized",
    "invoice.marked_uncollectible",
    "invoice.overdue",
    "invoice.paid",
    "invoice.payment_action_required",
    "invoice.payment_failed",
    "invoice.upcoming",
    "invoice.voided",
)


class StripeBillingEvents:
    """
    Reads notices. The SDK checks the signature; age is checked here against the moment given, in both directions.

    Every refusal says what an operator has to change, and repeats neither the body nor a secret.
    """

    def __init__(self, settings: StripeSettings) -> None:
        self._settings = settings

    def read(self, body: bytes, signature: str, at: datetime) -> BillingEvent:
        self._check_signature(body, signature)
        _check_age(signature, at)
        event = _decoded(body)
        self._check_origin(event)
        return _event(event)

    def _check_signature(self, body: bytes, signature: str) -> None:
        if not self._settings.webhook_secrets:
            raise UntrustedEvent(
                "No webhook secret is set, so no notice can be trusted. Set the endpoint's whsec_ secret."
            )
        if not signature:
            raise UntrustedEvent("The notice has no Stripe-Signature header. Does a proxy drop it?")
        if not any(_signed_with(secret, body, signature) for secret in self._settings.webhook_secrets):
            raise UntrustedEvent(
                "The notice's signature fits none of the webhook secrets. Compare them with the endpoint's, and make "
                "sure that nothing on the way changes the body."
            )

    def _check_origin(self, event: Json) -> None:
        if event.get("object") != "event":
            raise UntrustedEvent(
                "The notice is no snapshot event. Set the event destination's payload style to snapshot, not thin."
            )
        if event.get("api_version") != API_VERSION:
            raise UntrustedEvent(
                f"The notice speaks API version {_quoted(event.get('api_version'))}, not {API_VERSION}. "
                "An endpoint's version cannot be changed: create it anew with this version."
            )
        if event.get("livemode") is not self._settings.is_live:
            wanted = "live" if self._settings.is_live else "test"
            raise UntrustedEvent(f"The notice is not from {wanted} mode, as our API key is. Use that mode's endpoint.")


def _signed_with(secret: str, body: bytes, signature: str) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(body, signature, secret, None))
    except (stripe.SignatureVerificationError, ValueError, TypeError):  # bytes or header that are no text
        return False


def _check_age(signature: str, at: datetime) -> None:
    """Refuse what is too old or too new; the SDK, which checked the signature, splits the header in this way."""
    parts = [part.split("=") for part in signature.split(",")]
    signed_s = next(int(part[1]) for part in parts if part[0] == "t")
    age_s = int(at.timestamp()) - signed_s
    if age_s > OLDEST_S:
        raise UntrustedEvent(
            f"The notice was signed {age_s} s ago, more than {OLDEST_S}. A replay, or this machine's clock is wrong."
        )
    if -age_s > NEWEST_S:
        raise UntrustedEvent(f"The notice was signed {-age_s} s in the future. Is the clock of this machine right?")


def _decoded(body: bytes) -> Json:
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise UntrustedEvent("The notice is signed, but it is no JSON object.")
    return event


def _quoted(given: Any) -> str:
    return repr(given)[:40]


def _event(event: Json) -> BillingEvent:
    try:
        subject = event["data"]["object"]
        checkout_id, subscription_id, metadata = _names(event["type"], subject)
        order_id = order_of(subject) if checkout_id else metadata.get("order_id")
        account_id = metadata.get("account_id")
        return BillingEvent(
            EventId(_text(event["id"])),
            _text(event["type"]),
            datetime.fromtimestamp(event["created"], UTC),
            checkout_id=CheckoutId(_text(checkout_id)) if checkout_id else None,
            order_id=OrderId(_text(order_id)) if order_id else None,
            subscription_id=SubscriptionId(_text(subscription_id)) if subscription_id else None,
            account_id=AccountId(_text(account_id)) if account_id else None,
        )
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise UntrustedEvent(
            f"The notice is signed, but lacks what every event has ({type(error).__name__})."
        ) from error


def _text(given: Any) -> str:
    if not isinstance(given, str) or not given:
        raise TypeError(type(given))
    return given


def _names(kind: str, subject: Json) -> tuple[Any, Any, Json]:
    """Return the ids of checkout and subscription that a notice names, as far as it does, and our notes on it."""
    if kind.startswith("checkout.session."):
        return subject["id"], id_of(subject.get("subscription")), subject.get("metadata") or {}
    if kind.startswith("customer.subscription."):
        return None, subject["id"], subject.get("metadata") or {}
    if kind.startswith("invoice."):
        details = (subject.get("parent") or {}).get("subscription_details") or {}
        return None, id_of(details.get("subscription")), details.get("metadata") or {}
    return None, None, {}
