"""
Every failure Procore is known to answer with, as one of the port's errors.

The status decides what happened, the body adds words. Two exceptions are told by their sentences, because the statuses
also stand for other things: a company without our app, and a missing company header.
"""

from datetime import datetime

import attrs
import httpx

from smartapp_adapters.procore.bodies import request_id, words
from smartapp_adapters.procore.hints import TOO_MANY, retry_after_s
from smartapp_domain.catalog import Module
from smartapp_domain.ports.platform import (
    AccessDenied,
    AnswerUnusable,
    AppNotInstalled,
    NotFoundOnPlatform,
    PlatformError,
    PlatformUnavailable,
    RequestRejected,
    SignInRejected,
)

_NOT_CONNECTED = "not connected to this company"
_HEADER_MISSING = "missing procore-company-id"
_TOO_SLOW = 408

TRY_LATER = "Nothing was changed. Try again in a few minutes."
TELL_US = "Nothing was changed. If it happens again, contact our support."


@attrs.frozen
class Subject:
    """
    What a request is about, in words for the customer.

    Attributes:
        what: For instance "the projects of company 77"; reads well after "read".
        app: The app in whose name we ask.
        by_person: A signed-in person asks, not the app itself.

    """

    what: str
    app: Module
    company_id: str | None = None
    by_person: bool = False

    @property
    def app_name(self) -> str:
        return app_name(self.app)

    @property
    def who(self) -> str:
        return "your Procore user" if self.by_person else self.app_name


def app_name(app: Module) -> str:
    """Return what the customer sees our app called on Procore."""
    return f"Smartapp {app.label}"


def is_not_connected(response: httpx.Response) -> bool:
    """Tell whether the company has not (or no longer) installed the app."""
    return _NOT_CONNECTED in words(response).lower()


def failure(response: httpx.Response, subject: Subject, *, now: datetime) -> PlatformError | None:
    """Return what an answer means for the caller, None when it is a good one. `now` dates hints without a `Date`."""
    status = response.status_code
    if response.is_success:
        return None
    if status in {401, 403} and is_not_connected(response):
        return _not_installed(response, subject)
    if status in {_TOO_SLOW, TOO_MANY} or response.is_server_error:
        return _unavailable(response, subject, now=now)
    if _HEADER_MISSING in response.text.lower():
        return _rejected(response, subject)  # a defect of ours under any status, 404 included
    if make := _MEANING.get(status):
        return make(response, subject)
    return _rejected(response, subject) if response.is_client_error else unusable(subject, f"it is {status}", response)


def unusable(subject: Subject, why: str, response: httpx.Response | None = None) -> AnswerUnusable:
    """Return the error for an answer we do not trust; `why` completes "because …"."""
    return AnswerUnusable(
        f"Procore's answer about {subject.what} cannot be used, because {why}. Nothing of it was kept.",
        remedy=TRY_LATER,
        request_id=None if response is None else request_id(response),
    )


def unreachable(error: httpx.RequestError, subject: Subject) -> PlatformUnavailable:
    """Return the error for a request that got no answer."""
    slow = isinstance(error, httpx.TimeoutException)
    how = "did not answer in time" if slow else "could not be reached"
    return PlatformUnavailable(f"Procore {how} when we asked for {subject.what}.", remedy=TRY_LATER)


def _not_installed(response: httpx.Response, subject: Subject) -> AppNotInstalled:
    company = f"company {subject.company_id}" if subject.company_id else "this company"
    return AppNotInstalled(
        f"{subject.app_name} is not installed in {company} on Procore.",
        remedy=f"Ask a company admin to install {subject.app_name} from the Procore Marketplace, then try again.",
        request_id=request_id(response),
    )


def _unavailable(response: httpx.Response, subject: Subject, *, now: datetime) -> PlatformUnavailable:
    limited = response.status_code == TOO_MANY
    how = "limits how often we may ask" if limited else f"is not available ({response.status_code})"
    return PlatformUnavailable(
        f"Procore {how}; we wanted {subject.what}.{_quoted(response)}",
        remedy=TRY_LATER,
        retry_after_s=retry_after_s(response, now=now),
        request_id=request_id(response),
    )


def _unauthorized(response: httpx.Response, subject: Subject) -> SignInRejected:
    if subject.by_person:
        remedy = "Sign in with Procore again."
    else:
        remedy = f"Check in Procore's App Management that {subject.app_name} is installed, then contact our support."
    return SignInRejected(
        f"Procore did not accept the sign-in of {subject.who} for {subject.what}.{_quoted(response)}",
        remedy=remedy,
        request_id=request_id(response),
    )


def _forbidden(response: httpx.Response, subject: Subject) -> AccessDenied:
    if subject.by_person:
        remedy = "Ask a Procore company admin to give you access, then try again."
    else:
        remedy = (
            f"Ask a Procore company admin to open App Management → {subject.app_name} and check its permissions "
            "and permitted projects."
        )
    return AccessDenied(
        f"Procore does not let {subject.who} read {subject.what}.{_quoted(response)}",
        remedy=remedy,
        request_id=request_id(response),
    )


def _not_found(response: httpx.Response, subject: Subject) -> NotFoundOnPlatform:
    return not_found(subject, quote=_quoted(response), request_id=request_id(response))


def not_found(subject: Subject, *, quote: str = "", request_id: str | None = None) -> NotFoundOnPlatform:
    """Return the error for something that is not there, or that Procore hides from the one who asks."""
    return NotFoundOnPlatform(
        f"Procore does not know {subject.what}, or does not show it to {subject.who}.{quote}",
        remedy="Check in Procore that it still exists and that access to it was given, then try again.",
        request_id=request_id,
    )


def _rejected(response: httpx.Response, subject: Subject) -> RequestRejected:
    return RequestRejected(
        f"Procore refused our request for {subject.what} ({response.status_code}).{_quoted(response)}",
        remedy=TELL_US,
        request_id=request_id(response),
    )


_MEANING = {401: _unauthorized, 403: _forbidden, 404: _not_found}


def _quoted(response: httpx.Response) -> str:
    said = words(response)
    return f' It said: "{said}"' if said else ""
