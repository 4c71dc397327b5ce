"""The errors Stripe answers with, as one exception that knows its status and its JSON."""

from typing import Any

Json = dict[str, Any]

_DOCS = "https://docs.stripe.com/error-codes/"


class StripeError(Exception):
    """
    A refusal in Stripe's shape.

    `keeps_changes` marks the refusals that leave a trace: a declined charge is recorded, and so is its event.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        keeps_changes: bool = False,
        **extra: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.keeps_changes = keeps_changes
        self.extra = extra

    def body(self, request_id: str) -> Json:
        """Return the JSON answer; fields that say nothing are left out, as Stripe does."""
        optional = {"code": self.code, "doc_url": self._doc_url(), "param": self.param, **self.extra}
        told = {name: value for name, value in optional.items() if value is not None}
        log = f"/_emulator/journal?request={request_id}"
        return {"error": {"message": self.message, "request_log_url": log, "type": self.kind, **told}}

    def _doc_url(self) -> str | None:
        return _DOCS + self.code.replace("_", "-") if self.code else None


def missing(kind: str, identifier: str, param: str | None = "id", *, status: int = 404) -> StripeError:
    """Return "No such customer: 'cus_x'"; an id in the path answers 404, one in a parameter 400."""
    noun = {"checkout.session": "checkout.session", "payment_intent": "payment_intent"}.get(kind, kind)
    return StripeError(f"No such {noun}: '{identifier}'", status=status, code="resource_missing", param=param)


def unknown_parameter(name: str) -> StripeError:
    return StripeError(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def missing_parameter(name: str) -> StripeError:
    return StripeError(f"Missing required param: {name}.", code="parameter_missing", param=name)


def invalid(message: str, param: str | None = None, code: str | None = None) -> StripeError:
    return StripeError(message, code=code, param=param)


def not_emulated(name: str) -> StripeError:
    """Return an honest refusal: a parameter Stripe knows, but which would have no effect here."""
    return StripeError(f"The Stripe emulator does not emulate the parameter '{name}'.", param=name)


def unauthorized(message: str) -> StripeError:
    return StripeError(message, status=401)


def card_error(code: str, message: str, decline_code: str | None = None, **extra: Any) -> StripeError:
    return StripeError(
        message, status=402, kind="card_error", code=code, keeps_changes=True, decline_code=decline_code, **extra
    )
