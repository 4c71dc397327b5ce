"""
Writing with an `Idempotency-Key`: the work is done once, and whoever repeats the request gets the same answer.

Kept are answers that settle something: successes and refusals. A failure of ours or of a vendor settles nothing, so the
next repetition does the work again. Source: docs/decisions/0012-idempotency-and-cursors.md.
"""

import functools
import hashlib
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final, ParamSpec

import attrs
import msgspec
from litestar import Response
from litestar.enums import MediaType

from smartapp_domain.decisions import Refused
from smartapp_domain.idempotency import KeptAnswer, KeyedRequest, RequestKey, SeededIds
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import StorageUnavailable
from smartapp_domain.use_cases.keyed_requests import begin, keep
from smartapp_http.access import RefusedByRule
from smartapp_http.answers import on_error
from smartapp_http.idempotency_key import sent_key
from smartapp_http.pools import Pool
from smartapp_http.problems import trouble_of
from smartapp_http.security import request_id
from smartapp_http.web import AnyRequest, Web

_log = logging.getLogger(__name__)
P = ParamSpec("P")

REPLAYED: Final = "Idempotent-Replayed"


def once(pool: Pool) -> Callable[[Callable[P, Any]], Callable[P, Awaitable[Any]]]:
    """Make a `def` handler that writes run in a pool, once per key. The framework sees its own signature."""

    def decorate(handler: Callable[P, Any]) -> Callable[P, Awaitable[Any]]:
        @functools.wraps(handler)
        async def run(*args: P.args, **kwargs: P.kwargs) -> Any:
            web = kwargs["web"]
            assert isinstance(web, Web)
            work = functools.partial(handler, *args, **kwargs)
            text = sent_key(web.request)
            if text is None:
                return await pool.run(work)
            body = await web.request.body()
            return await pool.run(lambda: _once(web, text, body, work))

        return run

    return decorate


def _once(web: Web, text: str, body: bytes, work: Callable[[], Any]) -> Any:
    ports, account_id = web.ports, web.actor.account_id
    key = RequestKey(web.actor.member_id, _route(web.request), text)
    begun = begin(account_id, key, _fingerprint(web, body), at=web.sessions.now(), ports=ports)
    if isinstance(begun, Refused):
        raise RefusedByRule(begun)
    if isinstance(begun, KeptAnswer):
        return _response(begun, {REPLAYED: "true"})
    web.site = attrs.evolve(web.site, ports=attrs.evolve(ports, ids=SeededIds(begun.seed)))
    try:
        answer = _answer(web.request, work())
    except Exception as error:
        _keep_failure(web, begun, error, ports)
        raise
    _keep(web, begun.answered(answer), ports)
    return _response(answer)


def _keep_failure(web: Web, begun: KeyedRequest, error: Exception, ports: Ports) -> None:
    trouble = trouble_of(error, web)
    if trouble is None or trouble.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        after = begun.given_up(web.sessions.now())
    else:
        told = on_error(web.request, error)
        after = begun.answered(KeptAnswer(trouble.status, str(told.media_type), msgspec.json.encode(told.content)))
    _keep(web, after, ports)


def _keep(web: Web, request: KeyedRequest, ports: Ports) -> None:
    """
    Store what came of a request, if the storage lets us: what is done is not told as failed because of its record.

    Whoever repeats it then finds the claim as after a crash.
    """
    try:
        keep(web.actor.account_id, request, ports)
    except StorageUnavailable:
        _log.warning("The answer of request %s could not be kept.", request_id(web.request.scope), exc_info=True)


def _answer(request: AnyRequest, result: object) -> KeptAnswer:
    status = request.route_handler.status_code
    assert status is not None
    body = b"" if status == HTTPStatus.NO_CONTENT else msgspec.json.encode(result)
    return KeptAnswer(status, MediaType.JSON.value, body)


def _response(answer: KeptAnswer, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(answer.body, status_code=answer.status, media_type=answer.media_type, headers=headers)


def _route(request: AnyRequest) -> str:
    return f"{request.method} {request.scope['path_template']}"


def _fingerprint(web: Web, body: bytes) -> str:
    """
    Return a digest of everything a write says: no write takes a query, so that is its path and its body.

    The form token, which may change meanwhile, is no part of it. The access token is: an answer may hold what a weaker
    token of the same member would not have got.
    """
    request, token = web.request, web.visitor.token
    said = (request.method, request.scope["path"], token.id if token else "")
    return hashlib.sha256(b"\0".join((*(part.encode(errors="surrogatepass") for part in said), body))).hexdigest()
