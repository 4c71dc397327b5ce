"""The hosted pay page: shows what is bought, takes a card or a bank account, and sends the buyer back."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from anyio.to_thread import run_sync
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from smartapp_emulators.stripe import checkout, payment_methods
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.card_form import KEPT, Mistakes, read
from smartapp_emulators.stripe.cards import PROCESSING, SUCCEED
from smartapp_emulators.stripe.pages.attempts import Attempt, alert_for, answered, held_for_bank, last, refused
from smartapp_emulators.stripe.pages.common import emulator_of, html, problem_page
from smartapp_emulators.stripe.renewals import catch_up

Json = dict[str, Any]
Page = Response[str] | Redirect

_KIND = "checkout.session"

#: What the pay page tells about test cards: number and what it does.
TEST_CARD_HELP = (
    ("4242 4242 4242 4242", "succeeds"),
    ("4000 0025 0000 3155", "asks for authentication"),
    ("4000 0000 0000 0002", "is declined"),
    ("4000 0000 0000 9995", "has insufficient funds"),
    ("4000 0000 0000 0341", "succeeds now, fails at renewals"),
)


@get("/c/pay/{session_id:str}")
async def show(request: Request[Any, Any, Any], session_id: FromPath[str]) -> Page:
    return await run_sync(_shown, emulator_of(request).account, session_id, request.query_params.get("try"))


@post("/c/pay/{session_id:str}", status_code=303)
async def submit(request: Request[Any, Any, Any], session_id: FromPath[str]) -> Page:
    form = {name: str(value) for name, value in (await request.form()).items()}
    return await run_sync(_submitted, emulator_of(request).account, session_id, form)


@get("/c/pay/{session_id:str}/confirm")
async def ask(request: Request[Any, Any, Any], session_id: FromPath[str]) -> Page:
    return await run_sync(_asked, emulator_of(request).account, session_id)


@post("/c/pay/{session_id:str}/confirm", status_code=303)
async def confirm(request: Request[Any, Any, Any], session_id: FromPath[str]) -> Page:
    done = (await request.form()).get("result") == "complete"
    return await run_sync(partial(_confirmed, emulator_of(request).account, session_id, succeeded=done))


HANDLERS = (show, submit, ask, confirm)


def _shown(account: Account, session_id: str, wanted: str | None) -> Page:
    with account.changing():
        catch_up(account)
        return _closed(account, session_id) or _page(account.find(_KIND, session_id), wanted)


def _asked(account: Account, session_id: str) -> Page:
    with account.changing():
        catch_up(account)
        closed = _closed(account, session_id)
        if closed is not None:
            return closed
        session = account.find(_KIND, session_id)
        if not session.get("_confirming"):
            return Redirect(_address(session_id), status_code=303)
        card = payment_methods.describe(session["_confirming"]["method"])
        action = f"{_address(session_id)}/confirm"
        return html("confirm.html", action=action, card=card, leaves_to=(session["success_url"],))


def _submitted(account: Account, session_id: str, form: Mapping[str, str]) -> Page:
    with account.changing():
        catch_up(account)
        closed = _closed(account, session_id, paying=True)
        if closed is not None:
            return closed
        session, entry = account.find(_KIND, session_id), read(account, form)
        if isinstance(entry, Mistakes):
            return _refused(account, session, Attempt(mistakes=entry.fields, typed=form))
        if entry.confirm:
            return held_for_bank(
                account, _KIND, session, _address(session_id), method=entry.method, verdict=entry.verdict
            )
        return _charged(account, session, entry.method, entry.verdict, form)


def _confirmed(account: Account, session_id: str, *, succeeded: bool) -> Page:
    with account.changing():
        catch_up(account)
        closed = _closed(account, session_id, paying=True)
        if closed is not None:
            return closed
        session = account.find(_KIND, session_id)
        waiting = session.pop("_confirming", None)
        account.store.put(_KIND, session)
        if waiting is None:
            return Redirect(_address(session_id), status_code=303)
        method, verdict = answered(waiting, succeeded=succeeded)
        return _charged(account, session, method, verdict, {})


def _charged(account: Account, session: Json, method: Json, verdict: str, form: Mapping[str, str]) -> Page:
    if verdict not in {SUCCEED, PROCESSING}:
        return _refused(account, session, Attempt(alert=alert_for(verdict), typed=form))
    checkout.complete(account, session["id"], method, verdict)
    return Redirect(checkout.return_url(session), status_code=303)


def _refused(account: Account, session: Json, attempt: Attempt) -> Redirect:
    return refused(account, _KIND, session, _address(session["id"]), attempt)


def _closed(account: Account, session_id: str, *, paying: bool = False) -> Page | None:
    """Return what a session that cannot be paid (any more) shows; a second payment just leads on."""
    session = account.store.get(_KIND, session_id)
    if session is None:
        text = "The address is wrong, or the emulator was reset since the page was made. Start again in the shop."
        return problem_page("There is no such payment page", text, status=404)
    if session["status"] == "complete":
        if paying:
            return Redirect(checkout.return_url(session), status_code=303)
        text = "This payment was completed. You were charged once, and there is nothing left to do here."
        return problem_page("All done here", text, status=200, back=checkout.return_url(session))
    if session["status"] == "expired":
        text = "You were not charged. Go back and start the payment again."
        return problem_page("This payment page has expired", text, status=200, back=session["cancel_url"])
    return None


def _page(session: Json, wanted: str | None) -> Response[str]:
    attempt = last(session, wanted)
    recurring = session["_line_items"][0]["price"]["recurring"]
    interval, count = recurring["interval"], recurring["interval_count"]
    blank = dict.fromkeys(KEPT, "") | {"method": "card"}
    return html(
        "pay.html",
        leaves_to=(session["success_url"],),
        session=session,
        lines=session["_line_items"],
        every=interval if count == 1 else f"{count} {interval}s",
        email=(session["customer_details"] or {}).get("email"),
        attempt=attempt,
        typed=blank | dict(attempt.typed),
        bank="us_bank_account" in session["payment_method_types"],
        card="card" in session["payment_method_types"],
        test_cards=TEST_CARD_HELP,
    )


def _address(session_id: str) -> str:
    return f"/c/pay/{session_id}"
