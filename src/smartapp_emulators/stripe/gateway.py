"""The door of `/v1`: key, faults, idempotency, the specification, the operation, and the answer."""

import base64
import binascii
import json
import logging
from typing import Any

import attrs

from smartapp_emulators.stripe import idempotency, spec
from smartapp_emulators.stripe.account import Account, Caller
from smartapp_emulators.stripe.errors import StripeError, unauthorized
from smartapp_emulators.stripe.expansion import expand
from smartapp_emulators.stripe.faults import Fault, Faults, refusal
from smartapp_emulators.stripe.forms import MalformedForm, decode
from smartapp_emulators.stripe.ids import new_id
from smartapp_emulators.stripe.journal import Journal
from smartapp_emulators.stripe.operations import Call
from smartapp_emulators.stripe.parameters import coerce
from smartapp_emulators.stripe.renewals import catch_up
from smartapp_emulators.stripe.routes import OPERATIONS

Json = dict[str, Any]

_log = logging.getLogger(__name__)
_SERVER_ERROR = 500


@attrs.frozen
class Request:
    """What came over the wire; header names in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@attrs.frozen
class Answer:
    """What goes back. With a `silent` fault nothing does: the connection hangs for its delay, or is cut."""

    status: int
    body: Json
    headers: dict[str, str]
    silent: Fault | None = None


@attrs.define
class _Trace:
    """What the journal will say about a request."""

    request_id: str
    operation: str | None = None
    params: Json = attrs.field(factory=dict)
    replayed: bool = False
    fault: str | None = None


class Gateway:
    """Answers API requests, one account behind it."""

    def __init__(self, account: Account, journal: Journal, faults: Faults) -> None:
        self._account = account
        self._journal = journal
        self._faults = faults

    def answer(self, request: Request) -> Answer:
        trace = _Trace(new_id("req"))
        fault: Fault | None = None
        original: str | None = None
        try:
            _check_key(request.headers.get("authorization"))
            found = spec.match(request.method, request.path)
            trace.operation = found.template if found else None
            fault = self._faults.take(request.method, request.path)
            trace.fault = fault.kind.value if fault else None
            if fault is not None and not fault.kind.after_commit:
                status, body = _troubled(fault, trace.request_id)
            else:
                status, body, original = self._work(request, found, trace, fault)
        except StripeError as error:
            status, body = error.status, error.body(trace.request_id)
        except Exception:  # noqa: BLE001 - a broken operation must still answer in Stripe's shape
            _log.exception("The Stripe emulator failed on %s %s", request.method, request.path)
            broken = StripeError("The emulator failed; its log says why.", status=_SERVER_ERROR, kind="api_error")
            status, body = broken.status, broken.body(trace.request_id)
        self._note(request, trace, status)
        headers = self._headers(request, trace, original)
        return Answer(status, body, headers, fault if fault and refusal(fault.kind) is None else None)

    def _work(
        self, request: Request, found: spec.Operation | None, trace: _Trace, fault: Fault | None
    ) -> tuple[int, Json, str | None]:
        registered = OPERATIONS.get((found.method, found.template)) if found else None
        if found is None or registered is None:
            message = f"Unrecognized request URL ({request.method}: {request.path})."
            if found is not None:
                message = f"The Stripe emulator does not offer {found.method} {found.template}."
            raise StripeError(message, status=404)
        raw = trace.params = _decoded(request)
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        with self._account.changing():
            catch_up(self._account)
        with self._account.changing(Caller(trace.request_id, key)):
            kept = idempotency.recall(self._account, key, request.method, request.path, raw) if key else None
            if kept is not None:
                trace.replayed = True
                return kept.status, kept.body, kept.request_id
            params = coerce(raw, spec.request_schema(found.method, found.template))
            registered.check(params)
            status, body = self._run(registered.act, Call(request.path, found.path_values, params), trace.request_id)
            if fault is not None and refusal(fault.kind) is not None:
                status, body = _troubled(fault, trace.request_id)
            if key:
                answer = idempotency.Kept(status, body, trace.request_id)
                idempotency.remember(self._account, key, request.method, request.path, params=raw, answer=answer)
        return status, body, None

    def _run(self, act: Any, call: Call, request_id: str) -> tuple[int, Json]:
        """Run an operation; a refusal undoes its changes, but is itself remembered under the idempotency key."""
        mark = self._account.store.mark()
        try:
            body = act(self._account, call)
            return 200, expand(self._account, body, call.get("expand", []))
        except StripeError as error:
            if not error.keeps_changes:
                self._account.store.back_to(mark)
            return error.status, error.body(request_id)

    def _note(self, request: Request, trace: _Trace, status: int) -> None:
        self._journal.add(
            at=self._account.now(),
            request_id=trace.request_id,
            method=request.method,
            path=request.path,
            operation=trace.operation,
            status=status,
            params=trace.params,
            idempotency_key=request.headers.get("idempotency-key"),
            replayed=trace.replayed,
            fault=trace.fault,
        )

    def _headers(self, request: Request, trace: _Trace, original: str | None) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "Date": self._account.clock.http_date(),
            "Request-Id": trace.request_id,
            "Stripe-Version": spec.API_VERSION,
        }
        if key := request.headers.get("idempotency-key"):
            headers["Idempotency-Key"] = key
        if original is not None:
            headers |= {"Idempotent-Replayed": "true", "Original-Request": original}
        return headers


def encode(body: Json) -> bytes:
    return json.dumps(body, indent=2).encode()


def _check_key(authorization: str | None) -> None:
    scheme, _, rest = (authorization or "").partition(" ")
    key = rest.strip()
    if scheme.lower() == "basic":
        try:
            key = base64.b64decode(key, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            key = ""
    if scheme.lower() not in {"bearer", "basic"} or not key:
        raise unauthorized("You did not provide an API key. Send it as: Authorization: Bearer sk_test_…")
    if key.startswith(("sk_live_", "rk_live_")):
        raise unauthorized("This is the Stripe emulator: it refuses live keys. Revoke a live key that was sent here.")
    if not key.startswith("sk_test_") or len(key) == len("sk_test_"):
        raise unauthorized(f"Invalid API Key provided: {key[:8]}****")


def _decoded(request: Request) -> Json:
    try:
        text = request.body.decode() if request.method == "POST" else ""
        return {**decode(request.query), **decode(text)}
    except UnicodeDecodeError:
        raise StripeError("The request body is not UTF-8.") from None
    except MalformedForm as error:
        raise StripeError(str(error), param=error.key) from None


def _troubled(fault: Fault, request_id: str) -> tuple[int, Json]:
    error = refusal(fault.kind)
    return (200, {}) if error is None else (error.status, error.body(request_id))
