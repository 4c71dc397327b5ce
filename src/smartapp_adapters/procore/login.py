"""Procore's login host: where codes, refresh tokens and credentials become access tokens."""

from datetime import datetime, timedelta

import attrs
import httpx

from smartapp_adapters.procore.bodies import request_id, words
from smartapp_adapters.procore.client import ProcoreClient
from smartapp_adapters.procore.errors import TELL_US, Subject, failure
from smartapp_adapters.procore.payloads import TokenAnswer, decode
from smartapp_adapters.procore.settings import ProcoreSettings
from smartapp_domain.catalog import Module
from smartapp_domain.ports.clock import Clock
from smartapp_domain.ports.platform import (
    AnswerUnusable,
    PlatformError,
    PlatformUnavailable,
    ReconnectNeeded,
    SignInRejected,
)

#: OAuth codes for a request that is wrong whoever signs in: RFC 6749, section 5.2.
_OURS = ("invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_request")
#: How Procore answers a refresh token, or our credentials, that it does not accept.
_NOT_ACCEPTED = frozenset({400, 401})
#: "Come back later": nothing was done yet.
_COME_BACK = frozenset({429, 503})
#: What fails before a single byte of the request is out.
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

CONNECT_AGAIN = "Connect again by signing in with Procore."


class AnswerLost(ReconnectNeeded):
    """The refresh token may be spent, and what it bought did not reach us."""


@attrs.frozen
class Granted:
    """Tokens fresh from the login host; only codes and refreshes bring a refresh token."""

    access_token: str = attrs.field(repr=False)
    expires_at: datetime
    refresh_token: str | None = attrs.field(default=None, repr=False)


class LoginHost:
    """Each method is one request that is never repeated."""

    def __init__(self, client: ProcoreClient, settings: ProcoreSettings, clock: Clock) -> None:
        self._client = client
        self._settings = settings
        self._clock = clock

    def address(self, app: Module, state: str) -> str:
        """Return the page where a person signs in and agrees."""
        query = {
            "response_type": "code",
            "client_id": self._settings.apps[app].client_id,
            "redirect_uri": self._settings.redirect_uri,
            "state": state,
        }
        return str(httpx.URL(f"{self._settings.login_url}/oauth/authorize", params=query))

    def redeem(self, app: Module, code: str) -> Granted:
        """Spend the code a person brought back; `SignInRejected` when it is not accepted."""
        subject = Subject("the sign-in", app, by_person=True)
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._settings.redirect_uri}
        asked_at = self._clock.now()
        response = self._untroubled(self._post("token", app, form, subject), subject)
        if response.is_client_error:
            raise _credentials_rejected(response, subject) if _is_ours(response) else _sign_in_rejected(response)
        return self._granted(response, subject, asked_at)

    def service_token(self, app: Module) -> Granted:
        """Return a token of the app's own; `SignInRejected` when our credentials are not accepted."""
        subject = Subject("the app's own sign-in", app)
        asked_at = self._clock.now()
        response = self._untroubled(self._post("token", app, {"grant_type": "client_credentials"}, subject), subject)
        if response.is_client_error:
            raise _credentials_rejected(response, subject)
        return self._granted(response, subject, asked_at)

    def refresh(self, app: Module, refresh_token: str) -> Granted:
        """
        Trade a refresh token, which dies by this, for a new pair.

        Raises:
            ReconnectNeeded: It is dead and no new pair reached us, so that only a person can help: it was not accepted,
                or the answer is lost (`AnswerLost`).
            PlatformError: Any other: Procore took no notice of the token, and the same may be tried later.

        """
        subject = Subject("the renewal of the sign-in", app)
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "redirect_uri": self._settings.redirect_uri,
        }
        asked_at = self._clock.now()
        try:
            response = self._post("token", app, form, subject)
        except PlatformUnavailable as error:
            if isinstance(error.__cause__, _NEVER_SENT):
                raise
            raise _answer_lost(subject) from error
        if not response.is_success:
            raise self._refresh_refused(response, subject)
        try:
            granted = self._granted(response, subject, asked_at)
        except AnswerUnusable as error:
            raise _answer_lost(subject, response) from error
        if granted.refresh_token is None:
            raise _answer_lost(subject, response)
        return granted

    def revoke(self, app: Module, token: str) -> None:
        """Kill a token and the refresh token that came with it; unknown ones are fine."""
        subject = Subject("the end of the sign-in", app, by_person=True)
        response = self._post("revoke", app, {"token": token}, subject)
        if error := failure(response, subject, now=self._clock.now()):
            raise error

    def _post(self, door: str, app: Module, form: dict[str, str], subject: Subject) -> httpx.Response:
        keys = self._settings.apps[app]
        secret = {"client_id": keys.client_id, "client_secret": keys.client_secret}
        return self._client.post_form(f"{self._settings.login_url}/oauth/{door}", form | secret, subject)

    def _untroubled(self, response: httpx.Response, subject: Subject) -> httpx.Response:
        error = failure(response, subject, now=self._clock.now())
        if isinstance(error, PlatformUnavailable):
            raise error
        return response

    def _refresh_refused(self, response: httpx.Response, subject: Subject) -> PlatformError:
        """Tell what became of the refresh token, which "any call, successful or not" spends (Procore's FAQ)."""
        if response.status_code in _NOT_ACCEPTED and not _is_ours(response):
            return _reconnect(subject, response)
        if response.is_client_error and _is_ours(response):
            return _credentials_rejected(response, subject)  # no person can mend that, so none is asked to sign in
        error = failure(response, subject, now=self._clock.now())
        assert error is not None
        # "Come back later" and what a gateway refuses came before the deed; any other trouble may have followed it.
        if isinstance(error, PlatformUnavailable) and response.status_code not in _COME_BACK:
            return _answer_lost(subject, response)
        return error

    def _granted(self, response: httpx.Response, subject: Subject, asked_at: datetime) -> Granted:
        if error := failure(response, subject, now=asked_at):
            raise error
        answer = decode(response, TokenAnswer, subject)
        # Counted from before the request: rather renew a moment early than use a token a moment late.
        return Granted(answer.access_token, asked_at + timedelta(seconds=answer.expires_in), answer.refresh_token)


def _sign_in_rejected(response: httpx.Response) -> SignInRejected:
    return SignInRejected(
        f"Procore did not accept the sign-in. {_said(response)}".strip(),
        remedy="Sign in with Procore again; each sign-in can be used once and within ten minutes.",
        request_id=request_id(response),
    )


def _credentials_rejected(response: httpx.Response, subject: Subject) -> SignInRejected:
    return SignInRejected(
        f"Procore did not accept the credentials of {subject.app_name}. {_said(response)}".strip(),
        remedy=f"{TELL_US} The operator must check the app's credentials and that they belong to this environment.",
        request_id=request_id(response),
    )


def _reconnect(subject: Subject, response: httpx.Response) -> ReconnectNeeded:
    return ReconnectNeeded(
        f"Procore does not accept the stored sign-in of {subject.app_name} any more.",
        remedy=CONNECT_AGAIN,
        request_id=request_id(response),
    )


def _answer_lost(subject: Subject, response: httpx.Response | None = None) -> AnswerLost:
    return AnswerLost(
        f"Procore's answer when we renewed the stored sign-in of {subject.app_name} was lost, and with it the sign-in.",
        remedy=CONNECT_AGAIN,
        request_id=None if response is None else request_id(response),
    )


def _is_ours(response: httpx.Response) -> bool:
    return any(code in response.text for code in _OURS)


def _said(response: httpx.Response) -> str:
    said = words(response)
    return f'It said: "{said}"' if said else ""
