"""The hosted pay page: shows what is bought, takes a card or a bank account, and sends the buyer back."""

from collections.abc import Mapping
from typing import Any

from anyio.to_thread import run_sync
from litestar import Request, Response, get, post
from litestar.response import Redirect

from smartapp_emulators.stripe import checkout, payments
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.card_form import KEPT, Mistakes, read
from smartapp_emulators.stripe.cards import DECLINES, PUBLISHED_CARDS, SUCCEED
from smartapp_emulators.stripe.pages.common import emulator_of, html, problem_page
from smartapp_emulators.stripe.renewals import catch_up

Json = dict[str, Any]
Page = Response[str] | Redirect

_UNPROCESSABLE = 422
_PAYMENT_REQUIRED = 402

_UNAUTHENTICATED = (
    "We could not authenticate your payment method. You were not charged. Try again, or use another card."
)
_UNKNOWN_CARD = (
    "This card number is not one of the test cards. The emulator charges nothing and knows published test cards only: "
    "use 4242 4242 4242 4242."
)


@get("/c/pay/{session_id:str}")
async def show(request: Request[Any, Any, Any], session_id: str) -> Page:
    return await run_sync(_show, request, session_id)


@post("/c/pay/{session_id:str}", status_code=303)
async def submit(request: Request[Any, Any, Any], session_id: str) -> Page:
    form = {name: str(value) for name, value in (await request.form()).items()}
    account = emulator_of(request).account
    return await run_sync(_submitted, account, session_id, form)


@get("/c/pay/{session_id:str}/confirm")
async def ask(request: Request[Any, Any, Any], session_id: str) -> Page:
    return await run_sync(_ask, request, session_id)


@post("/c/pay/{session_id:str}/confirm", status_code=303)
async def confirm(request: Request[Any, Any, Any], session_id: str) -> Page:
    form = await request.form()
    account = emulator_of(request).account
    return await run_sync(_confirmed, account, session_id, form.get("result") == "complete")


HANDLERS = (show, submit, ask, confirm)


def _show(request: Request[Any, Any, Any], session_id: str) -> Page:
    account = emulator_of(request).account
    with account.changing():
        catch_up(account)
        return _closed(account, session_id) or _page(account, session_id)


def _ask(request: Request[Any, Any, Any], session_id: str) -> Page:
    account = emulator_of(request).account
    with account.changing():
        catch_up(account)
        closed = _closed(account, session_id)
        if closed is not None:
            return closed
        session = account.find("checkout.session", session_id)
        if not session.get("_confirming"):
            return Redirect(f"/c/pay/{session_id}", status_code=303)
        card = payments.describe(session["_confirming"]["method"])
        leaves = (session["success_url"],)
        return html("confirm.html", session=session, action=f"/c/pay/{session_id}/confirm", card=card, leaves_to=leaves)


def _submitted(account: Account, session_id: str, form: Mapping[str, str]) -> Page:
    with account.changing():
        catch_up(account)
        closed = _closed(account, session_id, paying=True)
        if closed is not None:
            return closed
        entry = read(account, form)
        if isinstance(entry, Mistakes):
            return _page(account, session_id, form, status=_UNPROCESSABLE, mistakes=entry.fields)
        session = account.find("checkout.session", session_id)
        if entry.confirm:
            session["_confirming"] = {"method": entry.method, "verdict": entry.verdict}
            account.store.put("checkout.session", session)
            return Redirect(f"/c/pay/{session_id}/confirm", status_code=303)
        return _charged(account, session_id, entry.method, entry.verdict, form)


def _confirmed(account: Account, session_id: str, succeeded: bool) -> Page:  # noqa: FBT001 - one answer of two
    with account.changing():
        catch_up(account)
        closed = _closed(account, session_id, paying=True)
        if closed is not None:
            return closed
        session = account.find("checkout.session", session_id)
        waiting = session.pop("_confirming", None)
        account.store.put("checkout.session", session)
        if waiting is None:
            return Redirect(f"/c/pay/{session_id}", status_code=303)
        if not succeeded:
            return _page(account, session_id, status=_PAYMENT_REQUIRED, alert=_UNAUTHENTICATED)
        return _charged(account, session_id, waiting["method"], waiting["verdict"], {})


def _charged(account: Account, session_id: str, method: Json, verdict: str, form: Mapping[str, str]) -> Page:
    if verdict not in {SUCCEED, payments.PROCESSING}:
        return _page(account, session_id, form, status=_PAYMENT_REQUIRED, alert=_declined(verdict))
    checkout.complete(account, session_id, method, verdict)
    return Redirect(checkout.return_url(account.find("checkout.session", session_id)), status_code=303)


def _declined(verdict: str) -> str:
    if verdict not in DECLINES:
        return _UNKNOWN_CARD
    decline = DECLINES[verdict]
    return f"{decline.message} {decline.advice}"


def _closed(account: Account, session_id: str, *, paying: bool = False) -> Page | None:
    """Return what a session that cannot be paid (any more) shows; a second payment just leads on."""
    session = account.store.get("checkout.session", session_id)
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
        return problem_page("This payment page has expired", text, status=410, back=session["cancel_url"])
    return None


def _page(
    account: Account,
    session_id: str,
    form: Mapping[str, str] | None = None,
    *,
    status: int = 200,
    alert: str | None = None,
    mistakes: Mapping[str, str] | None = None,
) -> Response[str]:
    session = account.find("checkout.session", session_id)
    recurring = session["_line_items"][0]["price"]["recurring"]
    details = session["customer_details"] or {}
    every = (
        recurring["interval"]
        if recurring["interval_count"] == 1
        else f"{recurring['interval_count']} {recurring['interval']}s"
    )
    return html(
        "pay.html",
        status=status,
        leaves_to=(session["success_url"],),
        session=session,
        lines=session["_line_items"],
        every=every,
        email=details.get("email"),
        typed={name: (form or {}).get(name, "") for name in KEPT} | {"method": (form or {}).get("method") or "card"},
        alert=alert,
        mistakes=mistakes or {},
        bank="us_bank_account" in session["payment_method_types"],
        card="card" in session["payment_method_types"],
        test_cards=TEST_CARD_HELP,
        total=len(PUBLISHED_CARDS),
    )


#: What the pay page tells about test cards: number and what it does.
TEST_CARD_HELP = (
    ("4242 4242 4242 4242", "succeeds"),
    ("4000 0025 0000 3155", "asks for authentication"),
    ("4000 0000 0000 0002", "is declined"),
    ("4000 0000 0000 9995", "has insufficient funds"),
    ("4000 0000 0000 0341", "succeeds now, fails at renewals"),
)
