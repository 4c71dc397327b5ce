"""Every error we know, in one table: its status, its stable code and its words. `answers.py` tells them."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

import attrs
from litestar.exceptions import HTTPException, ValidationException

from smartapp_domain.catalog import UnknownProduct
from smartapp_domain.decisions import Reason, Refused
from smartapp_domain.ports.payments import (
    PaymentError,
    PaymentsRejected,
    PaymentsUnavailable,
    UnknownAtProvider,
    UntrustedEvent,
)
from smartapp_domain.ports.platform import (
    AccessDenied,
    AnswerUnusable,
    AppNotInstalled,
    NotFoundOnPlatform,
    PlatformError,
    PlatformUnavailable,
    ReconnectNeeded,
    RequestRejected,
    SignInRejected,
)
from smartapp_domain.ports.storage import NotFound, Stale, StorageUnavailable, Taken
from smartapp_http import links
from smartapp_http.access import RefusedByRule, TooManyRequests
from smartapp_http.cursors import BadCursor
from smartapp_http.idempotency_key import BadKey
from smartapp_http.text import NotText
from smartapp_http.views import Link
from smartapp_http.web import BadForm, Web

#: What we ask for when a vendor that is out of reach named no time itself.
RETRY_AFTER_S: Final = 30
MAX_RETRY_AFTER_S: Final = 3600
#: Most requests are done sooner.
SAME_KEY_AFTER_S: Final = 2

STATUS: Mapping[Reason, int] = MappingProxyType(
    {
        Reason.LICENSED: 409,
        Reason.IN_OPEN_ORDER: 409,
        Reason.UNKNOWN_PROJECT: 404,
        Reason.CONNECTION_LOST: 409,
        Reason.PROJECT_INACTIVE: 409,
        Reason.LINK_TAKEN: 409,
        Reason.NOTHING_SELECTED: 409,
        Reason.MODULE_MISSING: 409,
        Reason.LIST_TOO_LONG: 413,
        Reason.PRICE_CHANGED: 409,
        Reason.PRICE_ON_REQUEST: 409,
        Reason.CATALOG_DRIFT: 503,
        Reason.ROLE_TOO_LOW: 403,
        Reason.ALREADY_PAID: 409,
        Reason.PAYMENT_PROCESSING: 409,
        Reason.PAYMENT_OVERDUE: 409,
        Reason.CHANGE_UNDER_WAY: 409,
        Reason.CHANGES_USED_UP: 409,
        Reason.NOT_LICENSED: 409,
        Reason.NAME_MISSING: 422,
        Reason.NAME_TOO_LONG: 422,
        Reason.NAME_MISLEADS: 422,
        Reason.EMAIL_INVALID: 422,
        Reason.ROLE_ABOVE_OWN: 403,
        Reason.LAST_OWNER: 409,
        Reason.MEMBER_ALREADY: 409,
        Reason.INVITED_ALREADY: 409,
        Reason.INVITATION_OVER: 404,
        Reason.INVITATION_FOR_ANOTHER: 403,
        Reason.REMOVED: 403,
        Reason.TOO_MANY_TOKENS: 409,
        Reason.KEY_OF_ANOTHER_REQUEST: 422,
        Reason.KEY_STILL_RUNNING: 409,
    }
)


@attrs.frozen
class Trouble:
    """
    What goes wrong, ready to be told to a person or a program.

    Attributes:
        text: What happened and what it means.
        fix: What to do.

    """

    status: int
    reason: str
    title: str
    text: str
    fix: str = ""
    action: Link | None = None
    about: str | None = None
    strong: str = ""
    retry_after_s: int | None = None
    errors: tuple[str, ...] = ()


@attrs.frozen
class _Kind:
    status: int
    reason: str
    title: str
    fix: str = ""
    words: str | None = None
    """Instead of the error's own, where those are for us and not for the customer."""


_GONE: Final = "It is not here, or it belongs to another company."
_RELOAD: Final = "Reload the page and try again."

#: The first class that fits counts, so the special ones stand before the general ones.
KINDS: Mapping[type[Exception], _Kind] = MappingProxyType(
    {
        PlatformUnavailable: _Kind(503, "platform_unavailable", "The platform does not answer right now"),
        AppNotInstalled: _Kind(409, "app_not_installed", "The app is not installed in this company"),
        AccessDenied: _Kind(403, "platform_access_denied", "The platform does not let us do this"),
        NotFoundOnPlatform: _Kind(404, "not_found_on_platform", "The platform does not know this"),
        SignInRejected: _Kind(400, "sign_in_rejected", "The sign-in did not work"),
        ReconnectNeeded: _Kind(409, "reconnect_needed", "Sign in again to go on"),
        AnswerUnusable: _Kind(502, "platform_answer_unusable", "The platform's answer could not be used"),
        RequestRejected: _Kind(502, "platform_rejected", "The platform refused our request"),
        PaymentsUnavailable: _Kind(503, "payments_unavailable", "The payment provider does not answer right now"),
        UnknownAtProvider: _Kind(404, "unknown_at_payment_provider", "The payment provider does not know this"),
        PaymentsRejected: _Kind(502, "payments_rejected", "The payment provider refused our request"),
        UntrustedEvent: _Kind(400, "untrusted_event", "The notice cannot be trusted", "Nothing of it was used."),
        NotFound: _Kind(404, "not_found", "Not found", "Check the address.", _GONE),
        Stale: _Kind(409, "stale", "Somebody was faster", _RELOAD, "This was changed by somebody else meanwhile."),
        Taken: _Kind(409, "taken", "Somebody was faster", _RELOAD, "Somebody else holds this already."),
        StorageUnavailable: _Kind(
            503,
            "busy",
            "We are busy",
            "Try again in a moment. If you were changing something, look first whether it is done.",
            "Too much is going on right now.",
        ),
        BadForm: _Kind(400, "invalid_request", "The form is malformed", "Nothing was changed. Reload the page."),
        NotText: _Kind(
            400, "invalid_request", "This cannot be stored", "Nothing was changed. Remove it and try again."
        ),
        BadKey: _Kind(400, "idempotency_key_malformed", "The idempotency key is malformed", "Nothing was changed."),
        BadCursor: _Kind(
            400, "cursor_unknown", "This cursor leads nowhere", "Start again without a cursor, or repeat the filters."
        ),
        TooManyRequests: _Kind(429, "too_many_requests", "Too many requests", "Nothing was changed. Wait, then go on."),
        UnknownProduct: _Kind(400, "unknown_product", "Unknown product", "Nothing was changed. Reload the page."),
    }
)

_HTTP: Mapping[int, tuple[str, str, str]] = MappingProxyType(
    {
        400: ("bad_request", "Something in the request is missing or malformed.", "Nothing was changed. Go back."),
        403: ("forbidden", "This is not allowed.", "Nothing was changed. Go back and try another way."),
        404: ("not_found", "There is nothing at this address.", "Check the address."),
        405: ("method_not_allowed", "This address cannot be used this way.", "Go back and use the page's buttons."),
        413: ("too_large", "What was sent is too large.", "Nothing was changed. Send less."),
    }
)
#: The stable code of a form token that is missing or old.
CSRF: Final = "csrf"


def status_of(refused: Refused) -> int:
    return STATUS[refused.reason]


def trouble_of(error: Exception, web: Web) -> Trouble | None:
    """Return what an error comes to; None for one nobody expected."""
    if isinstance(error, RefusedByRule):
        return _refusal(error, web)
    if isinstance(error, HTTPException):
        return _http(error)
    kind = next((KINDS[type_] for type_ in type(error).__mro__ if type_ in KINDS), None)
    if kind is None:
        return None
    remedy = error.remedy if isinstance(error, PlatformError | PaymentError) else kind.fix
    return Trouble(
        kind.status, kind.reason, kind.title, kind.words or str(error), remedy, retry_after_s=_retry_after(error, kind)
    )


def _refusal(error: RefusedByRule, web: Web) -> Trouble:
    refused = error.refused
    status = status_of(refused)
    return Trouble(
        status,
        refused.reason.value,
        _TITLES_OF.get(refused.reason) or _TITLES.get(status, "This cannot be done"),
        refused.message,
        action=links.way_out(refused, web.settings, error.project_id),
        about=refused.about if status != HTTPStatus.NOT_FOUND else None,
        strong=error.strong,
        retry_after_s=_wait(refused.reason, status),
    )


def _wait(reason: Reason, status: int) -> int | None:
    if reason is Reason.KEY_STILL_RUNNING:
        return SAME_KEY_AFTER_S
    return RETRY_AFTER_S if status == HTTPStatus.SERVICE_UNAVAILABLE else None


_TITLES: Mapping[int, str] = MappingProxyType(
    {
        403: "Your role cannot do this",
        404: "Not found",
        409: "This cannot be changed",
        422: "Something is missing",
        503: "Nothing can be bought right now",
    }
)
_TITLES_OF: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.NOTHING_SELECTED: "Something is missing",
        Reason.MODULE_MISSING: "Something is missing",
        Reason.CONNECTION_LOST: "Nothing can be chosen right now",
        Reason.PRICE_ON_REQUEST: "Nothing to pay online",
        Reason.KEY_OF_ANOTHER_REQUEST: "This idempotency key was used before",
        Reason.KEY_STILL_RUNNING: "The first request is still running",
    }
)


def _http(error: HTTPException) -> Trouble:
    status = error.status_code
    title = HTTPStatus(status).phrase
    if status == HTTPStatus.FORBIDDEN and error.detail.startswith("CSRF"):
        return Trouble(
            status, CSRF, "This form is out of date", "The form's safety token is missing or old.",
            "Nothing was changed. Reload the page and try again.",
        )  # fmt: skip
    reason, text, fix = _HTTP.get(status, ("http_error", title + ".", "Go back and try again."))
    errors = tuple(_fault(each) for each in error.extra) if isinstance(error.extra, list) else ()
    if isinstance(error, ValidationException):
        reason, fix = "invalid_request", "Nothing was changed."
        text = f"{'; '.join(errors)}." if errors else text
    return Trouble(status, reason, title, text, fix, errors=errors)


def _fault(fault: object) -> str:
    """Return "name: what is wrong with it"; a missing body is called by its name, not by our parameter's."""
    if not isinstance(fault, Mapping):
        return str(fault)
    name, words = str(fault.get("key", "")), str(fault.get("message", ""))
    if words.strip("'") == "data":  # how the framework says that there was no body at all
        return "body: it is missing"
    name = "body" if name == "data" else name
    return f"{name}: {words}" if name else words


def _retry_after(error: Exception, kind: _Kind) -> int | None:
    if kind.status != HTTPStatus.SERVICE_UNAVAILABLE:
        return None
    wished = error.retry_after_s if isinstance(error, PlatformUnavailable) else None
    return min(MAX_RETRY_AFTER_S, max(1, round(wished))) if wished else RETRY_AFTER_S


#: What a customer is told when nobody expected the error; the log has the rest.
UNEXPECTED: Final = Trouble(
    500,
    "internal_error",
    "Something went wrong on our side",
    "We could not finish this. Nothing you chose is lost, and our log has what happened.",
    "Try again. If it happens again, write to us with the number below.",
)
