"""`/_emulator` as a page: what the account holds, what was asked and sent, and buttons for the people outside."""

from typing import Any

from anyio.to_thread import run_sync
from litestar import Request, Response, get, post
from litestar.response import Redirect

from smartapp_emulators.stripe.cards import DECLINES
from smartapp_emulators.stripe.faults import Kind
from smartapp_emulators.stripe.pages import control
from smartapp_emulators.stripe.pages.common import Emulator, emulator_of, html, problem_page

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
            "events": list(store.rows("event"))[: -_SHOWN - 1 : -1],
        }
    return html(
        "console.html",
        clock=control.clock_state(emulator.account),
        webhooks=control.webhook_state(emulator),
        journal=emulator.journal.read(limit=_SHOWN),
        faults=emulator.faults.listed(),
        verdicts=list(DECLINES),
        kinds=[kind.value for kind in Kind],
        **values,
    )


def _act(emulator: Emulator, form: dict[str, str]) -> None:
    match form.get("act"):
        case "advance":
            control.moved(emulator.account, {"advance_s": float(form.get("days", "0")) * _DAY_S})
        case "plan":
            control.planned(emulator.account, form["customer"], {"verdict": form.get("verdict") or None})
        case "settle":
            control.settled(emulator.account, form["session"], form.get("verdict"))
        case "fault":
            wanted: Json = {
                "kind": form.get("kind"),
                "path": form.get("path") or "/v1/*",
                "count": form.get("count") or 1,
            }
            emulator.faults.add(wanted)
        case "switch":
            emulator.sender.configure(_switches(form))
        case "redeliver":
            emulator.sender.redeliver(form["delivery"])
        case "reset":
            control.forget_all(emulator)
        case other:
            raise ValueError(f"There is no action {other!r}.")


def _switches(form: dict[str, str]) -> Json:
    ticked: Json = {name: name in form for name in ("hold", "reorder", "duplicate", "drop", "wrong_signature")}
    return ticked | {"delay_s": float(form.get("delay_s") or 0)}
