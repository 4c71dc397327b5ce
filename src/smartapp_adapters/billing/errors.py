"""What goes wrong at Stripe, in the port's words: one place decides what may be tried again."""

import re

import stripe

from smartapp_domain.ports.payments import (
    NothingToCharge,
    PaymentError,
    PaymentsRejected,
    PaymentsUnavailable,
    UnknownAtProvider,
)

TRY_LATER = "Payments cannot be reached right now. Nothing was charged by this step; try again in a minute."
NO_CARD = "There is no card on file any more. Nothing was charged; pay on the payment provider's page instead."
TELL_SUPPORT = "The payment could not be set up. Your choice is kept; contact support and name the request."

_SECRET = re.compile(r"\b(sk|rk|whsec|pk)_\w+")
_PASSING = (stripe.APIConnectionError, stripe.RateLimitError)
_BUSY = 409
_MISSING = 404
_LONGEST = 300


class AnswerLost(PaymentsUnavailable):
    """A server error: whether the work was done is not known, and this key will repeat the same answer for a day."""


class KeyRefused(PaymentsUnavailable):
    """Our API key is wrong, or may not do this: everything works again once an operator has mended it."""


class KeyReused(PaymentsRejected):
    """The idempotency key made something before, out of slightly different words."""


def translated(error: stripe.StripeError, doing: str) -> PaymentError:
    """
    Return the port's error for one of the SDK's.

    Args:
        error: As the SDK raised it.
        doing: What was asked, as in "open a pay page"; it starts the sentence.
    """
    text = f"Could not {doing}: {_why(error)}"
    request_id = error.request_id
    match error:
        case stripe.AuthenticationError() | stripe.PermissionError():
            return KeyRefused(text, remedy=TRY_LATER, request_id=request_id)
        case stripe.IdempotencyError():
            return KeyReused(text, remedy=TELL_SUPPORT, request_id=request_id)
        case _ if isinstance(error, _PASSING) or error.http_status == _BUSY:
            return PaymentsUnavailable(text, remedy=TRY_LATER, request_id=request_id)
        case _ if error.http_status == _MISSING:
            remedy = "The payment provider does not know it any more. Contact support and name the request."
            return UnknownAtProvider(text, remedy=remedy, request_id=request_id)
        case stripe.APIError():  # 5xx, and answers that are no JSON
            return AnswerLost(text, remedy=TRY_LATER, request_id=request_id)
    kind, remedy = (NothingToCharge, NO_CARD) if _lacks_card(error) else (PaymentsRejected, TELL_SUPPORT)
    return kind(text, remedy=remedy, request_id=request_id)


def _lacks_card(error: stripe.StripeError) -> bool:
    """Whatever else is missing was asked for by a parameter that the error names."""
    return isinstance(error, stripe.InvalidRequestError) and error.code == "resource_missing" and error.param is None


def redacted(text: str) -> str:
    """Blot out whatever looks like a key, so that no sentence carries one into a log or a page."""
    return _SECRET.sub(lambda found: f"{found[1]}_…", text)


def _why(error: stripe.StripeError) -> str:
    match error:
        case stripe.AuthenticationError():
            return "Stripe does not accept the API key. Check it, and that it was not rolled or revoked."
        case stripe.PermissionError():
            return "the Stripe API key lacks a permission. Use a key that may do this."
        case stripe.APIConnectionError():
            return "Stripe is out of reach."
    return redacted(error.user_message or f"Stripe answered {error.http_status}.")[:_LONGEST]
