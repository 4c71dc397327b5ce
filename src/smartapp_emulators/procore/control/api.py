"""The JSON API under `/_emulator` about what happens: clock, faults, journal, switches, tokens."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import FromPath
from msgspec import Struct

from smartapp_emulators.clock import ClockMovesForward, MovableClock
from smartapp_emulators.procore import journal, tokens
from smartapp_emulators.procore.api.access import ApiRequest, store_of
from smartapp_emulators.procore.api.errors import ApiError, json_answer
from smartapp_emulators.procore.api.payloads import stamp
from smartapp_emulators.procore.control.reading import known_app, read_body
from smartapp_emulators.procore.faults import add_fault, lift_fault, mistakes
from smartapp_emulators.procore.shapes import SEEN
from smartapp_emulators.procore.state import Behavior, Fault
from smartapp_emulators.procore.store import Store


class ClockChange(Struct, kw_only=True, forbid_unknown_fields=True):
    advance_s: float | None = None
    set_to: datetime | None = None
    frozen: bool | None = None


class TokenOrder(Struct, kw_only=True, forbid_unknown_fields=True):
    client_id: str
    person_id: int | None = None


class TokenChoice(Struct, kw_only=True, forbid_unknown_fields=True):
    client_id: str | None = None
    person_id: int | None = None


@get("/_emulator/clock", sync_to_thread=False)
def read_clock(request: ApiRequest) -> Response[bytes]:
    return json_answer(_clock_view(store_of(request)))


@post("/_emulator/clock", status_code=200)
async def move_clock(request: ApiRequest) -> Response[bytes]:
    store = store_of(request)
    change = await read_body(request, ClockChange)
    if change.set_to is not None and change.set_to.tzinfo is None:
        raise ApiError(422, {"errors": {"set_to": ["needs a time zone, as in 2026-01-31T08:00:00Z"]}})
    try:
        with store.changing():
            _move(store.clock, change)
    except ClockMovesForward as error:
        raise ApiError(422, {"errors": {"clock": [str(error)]}}) from error
    return json_answer(_clock_view(store))


@get("/_emulator/faults", sync_to_thread=False)
def list_faults(request: ApiRequest) -> Response[bytes]:
    return json_answer(store_of(request).state.faults)


@post("/_emulator/faults", status_code=201)
async def inject_fault(request: ApiRequest) -> Response[bytes]:
    fault = await read_body(request, Fault)
    if found := mistakes(fault):
        raise ApiError(422, {"errors": found})
    return json_answer(add_fault(store_of(request), fault), 201)


@delete("/_emulator/faults", status_code=200, sync_to_thread=False)
def clear_faults(request: ApiRequest) -> Response[bytes]:
    with store_of(request).changing() as state:
        state.faults.clear()
    return json_answer([])


@get("/_emulator/faults/shapes", sync_to_thread=False)
def list_shapes() -> Response[bytes]:
    """Tell which shapes of body are seen with which status, the usual one first."""
    return json_answer({str(status): shapes for status, shapes in SEEN.items()})


@delete("/_emulator/faults/{fault_id:int}", status_code=200, sync_to_thread=False)
def lift(request: ApiRequest, fault_id: FromPath[int]) -> Response[bytes]:
    if not lift_fault(store_of(request), fault_id):
        raise ApiError(404, {"errors": [f"There is no fault {fault_id} any more."]})
    return json_answer(store_of(request).state.faults)


@get("/_emulator/journal", sync_to_thread=False)
def read_journal(request: ApiRequest) -> Response[bytes]:
    """Return the entries, oldest first (`after` gives those with a higher number), and all counters."""
    state = store_of(request).state
    after = request.query_params.get("after", "0")
    entries = [each for each in state.journal if each.number > (int(after) if after.isdigit() else 0)]
    return json_answer({"entries": entries, "counters": dict(sorted(state.counters.items()))})


@delete("/_emulator/journal", status_code=200, sync_to_thread=False)
def clear_journal(request: ApiRequest) -> Response[bytes]:
    journal.clear(store_of(request))
    return json_answer({"entries": [], "counters": {}})


@get("/_emulator/behavior", sync_to_thread=False)
def read_behavior(request: ApiRequest) -> Response[bytes]:
    return json_answer(store_of(request).state.behavior)


@patch("/_emulator/behavior")
async def change_behavior(request: ApiRequest) -> Response[bytes]:
    store = store_of(request)
    sent = await read_body(request, dict[str, Any])
    with store.changing() as state:
        try:
            state.behavior = msgspec.convert({**msgspec.to_builtins(state.behavior), **sent}, Behavior)
        except msgspec.ValidationError as error:
            raise ApiError(422, {"errors": {"behavior": [str(error)]}}) from error
        state.windows.clear()
    return json_answer(store.state.behavior)


@post("/_emulator/tokens", status_code=201)
async def issue_token(request: ApiRequest) -> Response[bytes]:
    """Hand out what a log-in would: for a person, or for the service account when none is named."""
    store = store_of(request)
    order = await read_body(request, TokenOrder)
    app = known_app(store, order.client_id)
    if order.person_id is None:
        issued = tokens.issue_for_service_account(store, app)
    elif store.person(order.person_id) is None:
        raise ApiError(404, {"errors": [f"There is no person {order.person_id} in this world."]})
    else:
        issued = tokens.issue_for_person(store, app, order.person_id)
    return json_answer({"access_token": issued.access, "refresh_token": issued.refresh}, 201)


@post("/_emulator/tokens/expire", status_code=200)
async def expire_tokens(request: ApiRequest) -> Response[bytes]:
    """Let access tokens run out; refresh tokens stay good."""
    choice = await read_body(request, TokenChoice)
    store = store_of(request)
    return json_answer({"expired": tokens.expire(store, client_id=choice.client_id, person_id=choice.person_id)})


@post("/_emulator/tokens/revoke", status_code=200)
async def revoke_tokens(request: ApiRequest) -> Response[bytes]:
    """Withdraw consent, as a person does under their connected apps: both tokens die."""
    choice = await read_body(request, TokenChoice)
    store = store_of(request)
    return json_answer({"revoked": tokens.revoke_all(store, client_id=choice.client_id, person_id=choice.person_id)})


def _move(clock: MovableClock, change: ClockChange) -> None:
    if change.frozen is not None:
        _ = clock.freeze() if change.frozen else clock.resume()
    if change.set_to is not None:
        clock.set_to(change.set_to)
    if change.advance_s is not None:
        clock.advance(change.advance_s)


def _clock_view(store: Store) -> dict[str, Any]:
    clock, state = store.clock, store.clock.state
    return {
        "now": stamp(clock.now()),
        "offset_s": state.offset_s,
        "frozen": state.frozen_at is not None,
        "file": str(clock.file) if clock.file else None,
        "problem": clock.problem,
    }


HANDLERS = (
    read_clock,
    move_clock,
    list_faults,
    inject_fault,
    clear_faults,
    list_shapes,
    lift,
    read_journal,
    clear_journal,
    read_behavior,
    change_behavior,
    issue_token,
    expire_tokens,
    revoke_tokens,
)
