"""Wrong settings are refused with a sentence that helps and repeats no secret."""

import pytest
import stripe

from smartapp_adapters.billing import BadStripeSettings, StripePayments, StripeSettings
from smartapp_adapters.billing.errors import redacted, translated
from smartapp_domain.ports.payments import PaymentsRejected, PaymentsUnavailable, UnknownAtProvider
from smartapp_domain.testing.clock import MemoryClock

LIVE = "sk_live_verysecret"


@pytest.mark.parametrize(
    ("key", "changes", "sentence"),
    [
        ("", {}, "must begin with"),
        ("whsec_verysecret", {}, "must begin with"),
        ("sk_test_verysecret and more", {}, "must begin with"),
        (LIVE, {}, "not marked as production"),
        (LIVE, {"allow_live": True, "api_base": "http://localhost:8020"}, "emulator"),
        ("sk_test_verysecret", {"api_base": "http://stripe.example.com"}, "in clear"),
    ],
)
def test_settings_that_could_do_harm_are_refused(key: str, changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadStripeSettings, match=sentence) as refusal:
        StripeSettings(key, **changes)

    assert "verysecret" not in str(refusal.value)


def test_a_live_key_is_for_production() -> None:
    assert StripeSettings(LIVE, allow_live=True).is_live
    assert not StripeSettings("sk_test_1", api_base="http://127.0.0.1:8020/").is_live


def test_settings_can_be_printed() -> None:
    printed = repr(StripeSettings("sk_test_verysecret", webhook_secrets="whsec_verysecret"))

    assert "verysecret" not in printed


@pytest.mark.parametrize("given", ["whsec_a,whsec_b", " whsec_a,\n whsec_b ,", ("whsec_a", "whsec_b")])
def test_several_webhook_secrets_come_as_one_text(given: str | tuple[str, ...]) -> None:
    assert StripeSettings("sk_test_1", webhook_secrets=given).webhook_secrets == ("whsec_a", "whsec_b")


def test_the_sdk_sends_no_telemetry() -> None:
    StripePayments(StripeSettings("sk_test_1"), MemoryClock()).close()

    assert stripe.enable_telemetry is False


def test_whatever_looks_like_a_key_is_blotted_out() -> None:
    text = "Invalid API Key: sk_test_abc123 (or rk_live_x, whsec_y)"

    assert redacted(text) == "Invalid API Key: sk_… (or rk_…, whsec_…)"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (stripe.APIConnectionError("x"), PaymentsUnavailable),
        (stripe.RateLimitError("x", http_status=429), PaymentsUnavailable),
        (stripe.APIError("x", http_status=409), PaymentsUnavailable),
        (stripe.APIError("x", http_status=503), PaymentsUnavailable),
        (stripe.APIError("an answer that is no JSON"), PaymentsUnavailable),
        (stripe.InvalidRequestError("x", "id", http_status=404), UnknownAtProvider),
        (stripe.InvalidRequestError("x", "id", http_status=400), PaymentsRejected),
        (stripe.IdempotencyError("x", http_status=400), PaymentsRejected),
        (stripe.AuthenticationError("x", http_status=401), PaymentsUnavailable),
        (stripe.PermissionError("x", http_status=403), PaymentsUnavailable),
        (stripe.CardError("x", None, "card_declined", http_status=402), PaymentsRejected),
    ],
    ids=lambda value: getattr(value, "__name__", None) or f"{type(value).__name__} {value.http_status}",
)
def test_every_error_of_the_sdk_has_its_place(error: stripe.StripeError, expected: type[Exception]) -> None:
    ours = translated(error, "open a pay page")

    assert isinstance(ours, expected)
    assert str(ours).startswith("Could not open a pay page: ")
    assert ours.remedy
