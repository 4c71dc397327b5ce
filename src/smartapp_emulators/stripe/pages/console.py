"""`/_emulator` as a page: what the account holds, what was asked and sent, and buttons for the people outside."""

from collections.abc import Callable, Mapping
from typing import Any

from anyio.to_thread import run_sync
from litestar import Request, Response, get, post
from litestar.response import Redirect

from smartapp_emulators.stripe.cards import DECLINES
from smartapp_emulators.stripe.faults import Kind
from smartapp_emulators.stripe.pages import control, people
from smartapp_emulators.stripe.pages.common import Emulator, emulator_of, html, problem_page
from smartapp_emulators.stripe.pages.pay import TEST_CARD_HELP
from smartapp_emulators.stripe.settings import CHOICES, settings

Json = dict[str, Any]
Anyone = Request[Any, Any, Any]

_SHOWN = 25
_DAY_S = 24 * 3600


@get("/", sync_to_thread=False)
def front() -> Redirect:
    return Redirect("/_emulator", status_code=302)


@get("/_emulator")
async def show(request: Anyone) -> Response[str]:
    return await run_sync(_show, request)


@post("/_emulator/do", status_code=303)
async def do(request: Anyone) -> Response[str] | Redirect:
    form = {name: str(value) for name, value in (await request.form()).items()}
    try:
        await run_sync(_act, emulator_of(request), form)
    except ValueError as error:
        return problem_page("This did not work", str(error), status=400, back="/_emulator")
    return Redirect("/_emulator", status_code=303)


HANDLERS = (front, show, do, *control.HANDLERS)


def _show(request: Anyone) -> Response[str]:
    emulator = emulator_of(request)
    with emulator.account.reading() as store:
        values: Json = {
            "sessions": list(store.rows("checkout.session"))[: -_SHOWN - 1 : -1],
            "subscriptions": list(store.rows("subscription"))[: -_SHOWN - 1 : -1],
            "invoices": list(store.rows("invoice"))[: -_SHOWN - 1 : -1],
            "products": {row["id"]: row for row in store.rows("product")},
            "customers": {row["id"]: row for row in store.rows("customer")},
            "charges": list(store.rows("charge"))[: -_SHOWN - 1 : -1],
            "settings": settings(emulator.account),
            "events": list(store.rows("event"))[: -_SHOWN - 1 : -1],
        }
    return html(
        "console.html",
        clock=control.clock_state(emulator.account),
        webhooks=control.webhook_state(emulator),
        journal=emulator.journal.read(limit=_SHOWN),
        faults=emulator.faults.listed(),
        verdicts=list(DECLINES),
        choices=CHOICES,
        test_cards=TEST_CARD_HELP,
        kinds=[kind.value for kind in Kind],
        **values,
    )


def _act(emulator: Emulator, form: dict[str, str]) -> None:
    act = _ACTS.get(form.get("act", ""))
    if act is None:
        raise ValueError(f"There is no action {form.get('act')!r}.")
    act(emulator, form)


def _advance(emulator: Emulator, form: dict[str, str]) -> None:
    control.moved(emulator.account, {"advance_s": float(form.get("days", "0")) * _DAY_S})


def _plan(emulator: Emulator, form: dict[str, str]) -> None:
    people.planned(emulator.account, form["customer"], {"verdict": form.get("verdict") or None})


def _card(emulator: Emulator, form: dict[str, str]) -> None:
    people.given_card(emulator.account, form["customer"], {"card": form.get("card")})


def _refund(emulator: Emulator, form: dict[str, str]) -> None:
    people.refunded(emulator.account, form["charge"])


def _settings(emulator: Emulator, form: dict[str, str]) -> None:
    people.settled_on(emulator.account, {name: form[name] for name in CHOICES if name in form})


def _settle(emulator: Emulator, form: dict[str, str]) -> None:
    people.settled(emulator.account, form["session"], form.get("verdict"))


def _fault(emulator: Emulator, form: dict[str, str]) -> None:
    wanted = {"kind": form.get("kind"), "path": form.get("path") or "/v1/*", "count": form.get("count") or 1}
    emulator.faults.add(wanted)


def _switch(emulator: Emulator, form: dict[str, str]) -> None:
    emulator.sender.configure(_switches(form))


def _redeliver(emulator: Emulator, form: dict[str, str]) -> None:
    emulator.sender.redeliver(form["delivery"])


def _reset(emulator: Emulator, _form: dict[str, str]) -> None:
    control.forget_all(emulator)


#: The buttons of the page.
_ACTS: Mapping[str, Callable[[Emulator, dict[str, str]], None]] = {
    "advance": _advance,
    "plan": _plan,
    "card": _card,
    "refund": _refund,
    "settings": _settings,
    "settle": _settle,
    "fault": _fault,
    "switch": _switch,
    "redeliver": _redeliver,
    "reset": _reset,
}


def _switches(form: dict[str, str]) -> Json:
    ticked: Json = {name: name in form for name in ("hold", "reorder", "duplicate", "drop", "wrong_signature")}
    return ticked | {"delay_s": float(form.get("delay_s") or 0)}
