"""The one place that talks to Procore: headers, pacing, retries and the way from an answer to one of our errors."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Protocol

import attrs
import httpx

from smartapp_adapters.procore.bodies import request_id
from smartapp_adapters.procore.errors import Subject, failure, is_not_connected, unreachable
from smartapp_adapters.procore.pacing import Lane, Pacer, Patience
from smartapp_adapters.procore.settings import ProcoreSettings
from smartapp_domain.ports.clock import Clock
from smartapp_domain.ports.platform import NotFoundOnPlatform, PlatformError, PlatformUnavailable
from smartapp_domain.ports.storage import in_transaction

logger = logging.getLogger("smartapp.procore")

_UNAUTHORIZED = 401
#: Headers that describe how a body travelled, not what it is.
_OF_THE_WAY = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_RETRIED = frozenset({429, 500, 502, 503, 504})


class Bearer(Protocol):
    """In whose name a request is made."""

    def token(self) -> str:
        """Return a token believed to be good; may fetch one."""
        ...

    def renewed(self, refused: str) -> str | None:
        """Return another token after Procore refused this one, None when there is none to be had."""
        ...

    def rejected(self, refused: str, error: PlatformError) -> PlatformError:
        """Return what it means here that Procore refused this token too, which was the last to be had."""
        ...


@attrs.frozen
class Ask:
    """
    One request for data.

    Attributes:
        company_id: Sent as the company header; None only where Procore asks for none.

    """

    url: httpx.URL
    subject: Subject
    bearer: Bearer
    company_id: str | None

    @property
    def lane(self) -> Lane:
        return self.subject.app, self.company_id


class ProcoreClient:
    """
    Sends requests and hands back good answers.

    Args:
        http: Connection pool; only its transport is used. Base URL, cookies and redirects of it are not.
        sleep: Waits that many seconds.
        jitter: A random number in [0, 1).

    """

    def __init__(
        self,
        http: httpx.Client,
        settings: ProcoreSettings,
        clock: Clock,
        *,
        sleep: Callable[[float], None],
        jitter: Callable[[], float],
    ) -> None:
        self._http = http
        self._settings = settings
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._pacer = Pacer(clock, sleep, settings.max_wait_s)

    def url(self, path: str, params: Mapping[str, str | int] | None = None) -> httpx.URL:
        """Return the address of an API resource."""
        return httpx.URL(self._settings.api_url + path, params=params)

    def get(self, ask: Ask) -> httpx.Response:
        """Return a good answer; a token that was refused is replaced once, passing trouble is waited out."""
        token = ask.bearer.token()
        response = self._read(ask, token)
        if _is_refused(response) and (fresh := ask.bearer.renewed(token)) is not None:
            token, response = fresh, self._read(ask, fresh)
        error = failure(response, ask.subject, now=self._clock.now())
        if error is None:
            return response
        logger.warning("procore.refused: %s (request %s)", error, error.request_id)
        raise ask.bearer.rejected(token, error) if _is_refused(response) else error

    def post_form(self, url: str, form: Mapping[str, str], subject: Subject) -> httpx.Response:
        """
        Send a form to the login host exactly once and return its answer, good or bad.

        A code or a refresh token dies with the first try, whether or not we see the answer: nothing here is repeated.
        No answer at all is raised as `PlatformUnavailable`; its cause tells whether anything was sent.
        """
        request = self._http.build_request(
            "POST", url, data=dict(form), headers={"Accept": "application/json"}, timeout=self._settings.timeout_s
        )
        return self._send(request, subject)

    def _read(self, ask: Ask, token: str) -> httpx.Response:
        headers = {"Accept": "application/json", "Authorization": f"Bearer {token}"}
        if ask.company_id is not None:
            headers["Procore-Company-Id"] = ask.company_id
        patience = Patience(self._sleep, self._jitter, self._settings.max_wait_s)
        while True:
            self._pacer.wait(ask.lane, ask.subject)
            request = self._http.build_request("GET", ask.url, headers=headers, timeout=self._settings.timeout_s)
            try:
                response = self._send(request, ask.subject)
            except PlatformUnavailable as silence:
                patience.pause(silence)
                continue
            self._pacer.learn(ask.lane, response)
            if response.status_code not in _RETRIED:
                return response
            trouble = failure(response, ask.subject, now=self._clock.now())
            assert isinstance(trouble, PlatformUnavailable)
            patience.pause(trouble)

    def _send(self, request: httpx.Request, subject: Subject) -> httpx.Response:
        """Send once and return whatever is answered; trying again is each caller's decision."""
        refuse_inside_transaction(subject)
        request.headers.pop("Cookie", None)  # the pool serves many people; a session of one must not reach another
        path = request.url.path
        try:
            response = self._whole(request)
        except httpx.RequestError as error:
            logger.warning("procore.unreachable: %s %s: %s", request.method, path, type(error).__name__)
            raise unreachable(error, subject) from error
        if response.status_code in _RETRIED:
            told = (request.method, path, response.status_code, request_id(response))
            logger.warning("procore.trouble: %s %s: %d (request %s)", *told)
        return response

    def _whole(self, request: httpx.Request) -> httpx.Response:
        """
        Return an answer with its body, or raise `httpx.RequestError`.

        The transport limits each wait for bytes, not their sum: an answer that drips would hold a worker for hours.
        """
        ends_at = time.monotonic() + self._settings.call_limit.total_seconds()
        response = self._http.send(request, auth=None, follow_redirects=False, stream=True)
        body = bytearray()
        try:
            for part in response.iter_bytes():
                body += part
                if time.monotonic() > ends_at:
                    raise httpx.ReadTimeout("The answer arrives too slowly.", request=request)
        finally:
            response.close()
        headers = [(name, value) for name, value in response.headers.multi_items() if name not in _OF_THE_WAY]
        return httpx.Response(response.status_code, headers=headers, content=bytes(body), request=request)


def refuse_inside_transaction(subject: Subject) -> None:
    """Raise `RuntimeError` where a call to Procore would hold the writer lock for as long as Procore likes."""
    if in_transaction.get():
        raise RuntimeError(f"{subject.what}: Procore must not be called inside a storage transaction.")


def numeric(id: str, subject: Subject) -> str:
    """
    Return an id fit for a path and a header, or raise `NotFoundOnPlatform` without asking.

    Ids reach us from addresses and forms; Procore's are numbers, and nothing else may become part of a request.
    """
    if not (id.isascii() and id.isdecimal()):
        raise _unknown(subject)
    return id


def _unknown(subject: Subject) -> NotFoundOnPlatform:
    return NotFoundOnPlatform(f"Procore does not know {subject.what}.", remedy="Check the address, or go back.")


def _is_refused(response: httpx.Response) -> bool:
    return response.status_code == _UNAUTHORIZED and not is_not_connected(response)
