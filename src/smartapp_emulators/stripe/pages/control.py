"""`/_emulator` as a JSON API: be the bank, the mail service that loses webhooks, the passing of time."""

import contextlib
import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from anyio.to_thread import run_sync
from litestar import Request, Response, delete, get, post
from litestar.params import FromPath

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.pages import people
from smartapp_emulators.stripe.pages.common import Emulator, emulator_of
from smartapp_emulators.stripe.renewals import catch_up, tidy
from smartapp_emulators.stripe.settings import settings
from smartapp_emulators.stripe.store import public

Json = dict[str, Any]
Anyone = Request[Any, Any, Any]

_BAD_REQUEST, _NOT_FOUND = 400, 404


@get("/_emulator/clock")
async def read_clock(request: Anyone) -> Json:
    return await run_sync(_read_clock, request)


@post("/_emulator/clock", status_code=200)
async def move_clock(request: Anyone) -> Response[Json]:
    wanted = await _body(request)
    return await _done(lambda: moved(emulator_of(request).account, wanted))


@post("/_emulator/reset", status_code=200)
async def reset(request: Anyone) -> Json:
    return await run_sync(_reset, request)


@get("/_emulator/objects")
async def count_objects(request: Anyone) -> Json:
    return await run_sync(_count_objects, request)


@get("/_emulator/objects/{kind:str}")
async def read_objects(request: Anyone, kind: FromPath[str]) -> Json:
    return await run_sync(_read_objects, request, kind)


@get("/_emulator/journal")
async def read_journal(request: Anyone) -> Json:
    return await run_sync(_read_journal, request)


@delete("/_emulator/journal", status_code=200)
async def clear_journal(request: Anyone) -> Json:
    return await run_sync(_clear_journal, request)


@get("/_emulator/faults")
async def read_faults(request: Anyone) -> Json:
    return await run_sync(_read_faults, request)


@post("/_emulator/faults", status_code=201)
async def add_fault(request: Anyone) -> Response[Json]:
    wanted = await _body(request)
    return await _done(lambda: {"id": emulator_of(request).faults.add(wanted).id}, status=201)


@delete("/_emulator/faults", status_code=200)
async def clear_faults(request: Anyone) -> Json:
    return await run_sync(_clear_faults, request)


@get("/_emulator/webhooks")
async def read_webhooks(request: Anyone) -> Json:
    return await run_sync(_read_webhooks, request)


@post("/_emulator/webhooks", status_code=200)
async def switch_webhooks(request: Anyone) -> Response[Json]:
    wanted, emulator = await _body(request), emulator_of(request)

    def act() -> Json:
        emulator.sender.configure(wanted)
        return webhook_state(emulator)

    return await _done(act)


@post("/_emulator/webhooks/deliveries/{delivery_id:str}/redeliver", status_code=202)
async def redeliver(request: Anyone, delivery_id: FromPath[str]) -> Response[Json]:
    return await run_sync(_redeliver, request, delivery_id)


@post("/_emulator/customers/{customer_id:str}/charges", status_code=200)
async def plan_charges(request: Anyone, customer_id: FromPath[str]) -> Response[Json]:
    wanted = await _body(request)
    return await _done(lambda: people.planned(emulator_of(request).account, customer_id, wanted))


@post("/_emulator/checkout/{session_id:str}/settle", status_code=200)
async def settle(request: Anyone, session_id: FromPath[str]) -> Response[Json]:
    wanted = await _body(request)
    return await _done(lambda: people.settled(emulator_of(request).account, session_id, wanted.get("verdict")))


@get("/_emulator/settings")
async def read_settings(request: Anyone) -> Json:
    return await run_sync(_read_settings, request)


@post("/_emulator/settings", status_code=200)
async def change_settings(request: Anyone) -> Response[Json]:
    wanted = await _body(request)
    return await _done(lambda: people.settled_on(emulator_of(request).account, wanted))


@post("/_emulator/customers/{customer_id:str}/card", status_code=200)
async def give_card(request: Anyone, customer_id: FromPath[str]) -> Response[Json]:
    wanted = await _body(request)
    return await _done(lambda: people.given_card(emulator_of(request).account, customer_id, wanted))


@post("/_emulator/charges/{charge_id:str}/refund", status_code=200)
async def refund(request: Anyone, charge_id: FromPath[str]) -> Response[Json]:
    wanted = await _body(request)
    return await _done(lambda: people.refunded(emulator_of(request).account, charge_id, wanted.get("amount")))


@post("/_emulator/payment_intents/{intent_id:str}/authenticate", status_code=200)
async def authenticate(request: Anyone, intent_id: FromPath[str]) -> Response[Json]:
    wanted = await _body(request)
    return await _done(lambda: people.authenticated(emulator_of(request).account, intent_id, wanted.get("result")))


HANDLERS = (
    read_settings,
    change_settings,
    give_card,
    refund,
    authenticate,
    read_clock,
    move_clock,
    reset,
    count_objects,
    read_objects,
    read_journal,
    clear_journal,
    read_faults,
    add_fault,
    clear_faults,
    read_webhooks,
    switch_webhooks,
    redeliver,
    plan_charges,
    settle,
)


def _read_clock(request: Anyone) -> Json:
    return clock_state(emulator_of(request).account)


def _read_settings(request: Anyone) -> Json:
    account = emulator_of(request).account
    with account.reading():
        return settings(account)


def _reset(request: Anyone) -> Json:
    forget_all(emulator_of(request))
    return {"reset": True}


def _count_objects(request: Anyone) -> Json:
    with emulator_of(request).account.reading() as store:
        return {kind: len(rows) for kind, rows in sorted(store.dump().items()) if not kind.startswith("_")}


def _read_objects(request: Anyone, kind: str) -> Json:
    with emulator_of(request).account.reading() as store:
        return {"object": kind, "data": [public(row) for row in store.rows(kind)] if kind[:1] != "_" else []}


def _read_journal(request: Anyone) -> Json:
    wanted = request.query_params
    return emulator_of(request).journal.read(limit=int(wanted.get("limit", 200)), request_id=wanted.get("request"))


def _clear_journal(request: Anyone) -> Json:
    emulator_of(request).journal.clear()
    return {"total": 0}


def _read_faults(request: Anyone) -> Json:
    return {"faults": emulator_of(request).faults.listed()}


def _clear_faults(request: Anyone) -> Json:
    emulator_of(request).faults.clear()
    return {"faults": []}


def _read_webhooks(request: Anyone) -> Json:
    return webhook_state(emulator_of(request))


def _redeliver(request: Anyone, delivery_id: str) -> Response[Json]:
    if emulator_of(request).sender.redeliver(delivery_id):
        return Response({"id": delivery_id, "state": "pending"}, status_code=202)
    return Response({"error": f"No delivery {delivery_id}."}, status_code=_NOT_FOUND)


def clock_state(account: Account) -> Json:
    state = account.clock.state
    return {
        "now": account.clock.now().isoformat(),
        "unix": account.clock.unix(),
        "offset_s": state.offset_s,
        "frozen": state.frozen_at is not None,
        "file": str(account.clock.file) if account.clock.file else None,
        "problem": account.clock.problem,
    }


def moved(account: Account, wanted: Json) -> Json:
    """
    Move the clock and do everything that falls due on the way.

    Raises:
        ValueError: The wish is not understood, or leads into the past.
    """
    clock = account.clock
    match wanted:
        case {"advance_s": int() | float() as seconds} if seconds >= 0:
            clock.advance(seconds)
        case {"to": str() as text}:
            target = datetime.fromisoformat(text)
            target = target if target.tzinfo else target.replace(tzinfo=UTC)
            if target < clock.now():
                raise ValueError("The clock moves forward only: what was billed cannot be unbilled.")
            clock.set_to(target)
        case {"freeze": True}:
            clock.freeze()
        case {"resume": True}:
            clock.resume()
        case _:
            raise ValueError(
                'Send {"advance_s": seconds}, {"to": "2026-12-24T12:00:00Z"}, {"freeze": true} or {"resume": true}.'
            )
    with account.changing():
        catch_up(account)
        tidy(account)
    account.save_clock()
    return clock_state(account)


def forget_all(emulator: Emulator) -> None:
    emulator.account.reset()
    emulator.journal.clear()
    emulator.faults.clear()
    emulator.sender.configure(
        {"delay_s": 0, "hold": False, "reorder": False, "duplicate": 0, "drop": 0, "wrong_signature": 0}
    )


def webhook_state(emulator: Emulator) -> Json:
    switches = emulator.sender.switches
    with emulator.account.reading() as store:
        rows = list(store.rows("_delivery"))
    return {
        "switches": {name: getattr(switches, name) for name in switches.__slots__ if not name.startswith("__")},
        "states": dict(Counter(row["state"] for row in rows)),
        "deliveries": rows[-200:],
    }


async def _body(request: Anyone) -> Json:
    with contextlib.suppress(json.JSONDecodeError, UnicodeDecodeError):
        decoded = json.loads(await request.body() or b"{}")
        if isinstance(decoded, dict):
            return decoded
    return {"": "not a JSON object"}


async def _done(act: Any, *, status: int = 200) -> Response[Json]:
    try:
        return Response(await run_sync(act), status_code=status)
    except ValueError as error:
        return Response({"error": str(error)}, status_code=_BAD_REQUEST)
