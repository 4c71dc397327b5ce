"""The billing portal: a customer's payment methods and invoices, opened by a link that lasts a short while."""

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from anyio.to_thread import run_sync
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from smartapp_emulators.stripe import defaults, payment_methods
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.card_form import KEPT, Mistakes, read
from smartapp_emulators.stripe.cards import CONFIRM
from smartapp_emulators.stripe.pages.attempts import Attempt, alert_for, last, refused
from smartapp_emulators.stripe.pages.common import emulator_of, html, problem_page
from smartapp_emulators.stripe.renewals import catch_up
from smartapp_emulators.stripe.resources.portal import KIND

Json = dict[str, Any]
Page = Response[str] | Redirect

#: Real seconds a link may wait to be opened, and a page between two uses.
_UNOPENED_S, _IDLE_S = 5 * 60, 3600
_SHOWN = 12


@get("/p/session/{session_id:str}")
async def show(request: Request[Any, Any, Any], session_id: FromPath[str]) -> Page:
    return await run_sync(_shown, emulator_of(request).account, session_id, request.query_params.get("try"))


@post("/p/session/{session_id:str}", status_code=303)
async def submit(request: Request[Any, Any, Any], session_id: FromPath[str]) -> Page:
    form = {name: str(value) for name, value in (await request.form()).items()}
    return await run_sync(_submitted, emulator_of(request).account, session_id, form)


@get("/p/session/{session_id:str}/confirm")
async def ask(request: Request[Any, Any, Any], session_id: FromPath[str]) -> Page:
    return await run_sync(_asked, emulator_of(request).account, session_id)


@post("/p/session/{session_id:str}/confirm", status_code=303)
async def confirm(request: Request[Any, Any, Any], session_id: FromPath[str]) -> Page:
    done = (await request.form()).get("result") == "complete"
    return await run_sync(partial(_confirmed, emulator_of(request).account, session_id, succeeded=done))


HANDLERS = (show, submit, ask, confirm)


def _shown(account: Account, session_id: str, wanted: str | None) -> Page:
    with account.changing() as store:
        catch_up(account)
        session = _opened(account, session_id)
        if session is None:
            return _closed()
        if session.get("_done"):
            return _confirmation(session)
        customer, attempt = account.find("customer", session["customer"]), last(session, wanted)
        methods = [row for row in store.rows("payment_method") if row["customer"] == customer["id"]]
        invoices = [row for row in store.rows("invoice") if row["customer"] == customer["id"] and row["number"]]
        return html(
            "portal.html",
            leaves_to=(_way_out(session),),
            session=session,
            customer=customer,
            flow=session["flow"],
            back=session["return_url"],
            default=customer["invoice_settings"]["default_payment_method"],
            methods=[{"id": row["id"], "name": payment_methods.describe(row)} for row in methods[::-1]],
            invoices=invoices[: -_SHOWN - 1 : -1],
            attempt=attempt,
            typed=dict.fromkeys(KEPT, "") | dict(attempt.typed),
        )


def _asked(account: Account, session_id: str) -> Page:
    with account.changing():
        session = _opened(account, session_id)
        if session is None:
            return _closed()
        if not session.get("_confirming"):
            return Redirect(_address(session_id), status_code=303)
        card = payment_methods.describe(session["_confirming"])
        action = f"{_address(session_id)}/confirm"
        return html("confirm.html", action=action, card=card, leaves_to=(_way_out(session),))


def _submitted(account: Account, session_id: str, form: Mapping[str, str]) -> Page:
    with account.changing() as store:
        catch_up(account)
        session = _opened(account, session_id)
        if session is None:
            return _closed()
        if chosen := form.get("default"):
            return _chosen(account, session, chosen)
        entry = read(account, form)
        if isinstance(entry, Mistakes):
            return refused(account, KIND, session, _address(session_id), Attempt(mistakes=entry.fields, typed=form))
        if not entry.method["_attaches"]:
            attempt = Attempt(alert=alert_for(entry.verdict), typed=form)
            return refused(account, KIND, session, _address(session_id), attempt)
        if entry.confirm:
            store.put(KIND, session | {"_confirming": entry.method})
            return Redirect(f"{_address(session_id)}/confirm", status_code=303)
        return _added(account, session, entry.method)


def _confirmed(account: Account, session_id: str, *, succeeded: bool) -> Page:
    with account.changing() as store:
        session = _opened(account, session_id)
        if session is None:
            return _closed()
        method = session.pop("_confirming", None)
        store.put(KIND, session)
        if method is None:
            return Redirect(_address(session_id), status_code=303)
        if not succeeded:
            return refused(account, KIND, session, _address(session_id), Attempt(alert=alert_for(CONFIRM)))
        return _added(account, session, payment_methods.authenticated(method))


def _added(account: Account, session: Json, method: Json) -> Page:
    return _chosen(account, session, payment_methods.attach(account, method, session["customer"])["id"])


def _chosen(account: Account, session: Json, method_id: str) -> Page:
    method = account.store.get("payment_method", method_id)
    if method is None or method["customer"] != session["customer"]:
        return Redirect(_address(session["id"]), status_code=303)
    defaults.from_portal(account, session["customer"], method_id)
    after = (session["flow"] or {}).get("after_completion") or {"type": "portal_homepage"}
    if after["type"] == "redirect":
        account.store.remove(KIND, session["id"])  # the way back has been taken: the link is used up
        return Redirect(after["redirect"]["return_url"], status_code=303)
    done = after["type"] == "hosted_confirmation"
    account.store.put(KIND, session | {"_done": done, "flow": session["flow"] if done else None})
    return Redirect(_address(session["id"]), status_code=303)


def _opened(account: Account, session_id: str) -> Json | None:
    """Return a session whose link still works, used once more."""
    session, now = account.store.get(KIND, session_id), int(time.time())
    if session is None or now - session["_used_at"] > (_IDLE_S if session["_opened"] else _UNOPENED_S):
        return None
    session |= {"_opened": True, "_used_at": now}
    account.store.put(KIND, session)
    return session


def _confirmation(session: Json) -> Response[str]:
    custom = (session["flow"]["after_completion"]["hosted_confirmation"] or {}).get("custom_message")
    text = custom or "Your payment method was saved."
    return problem_page("Payment method updated", text, status=200, back=session["return_url"])


def _way_out(session: Json) -> str | None:
    after = (session["flow"] or {}).get("after_completion") or {}
    redirect: str | None = (after.get("redirect") or {}).get("return_url")
    return redirect or session["return_url"]


def _closed() -> Response[str]:
    text = "Links to the billing portal last a short while, and some only once. Go back and open it again."
    return problem_page("This link has expired", text, status=404)


def _address(session_id: str) -> str:
    return f"/p/session/{session_id}"
