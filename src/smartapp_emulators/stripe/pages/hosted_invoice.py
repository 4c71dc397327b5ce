"""The hosted invoice: what it charges for, whether it is paid, a way to pay it, and the PDF."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from anyio.to_thread import run_sync
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from smartapp_emulators.stripe import invoicing, payment_methods
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.card_form import KEPT, Mistakes, read
from smartapp_emulators.stripe.cards import PROCESSING, SUCCEED
from smartapp_emulators.stripe.pages.attempts import Attempt, alert_for, answered, held_for_bank, last, refused
from smartapp_emulators.stripe.pages.common import emulator_of, html, problem_page
from smartapp_emulators.stripe.pdf import invoice_pdf
from smartapp_emulators.stripe.renewals import catch_up

Json = dict[str, Any]
Page = Response[str] | Redirect

_KIND = "invoice"


@get("/i/{invoice_id:str}")
async def show(request: Request[Any, Any, Any], invoice_id: FromPath[str]) -> Page:
    return await run_sync(_shown, emulator_of(request).account, invoice_id, request.query_params.get("try"))


@get("/i/{invoice_id:str}/pdf")
async def pdf(request: Request[Any, Any, Any], invoice_id: FromPath[str]) -> Response[Any]:
    return await run_sync(_printed, emulator_of(request).account, invoice_id)


@post("/i/{invoice_id:str}", status_code=303)
async def submit(request: Request[Any, Any, Any], invoice_id: FromPath[str]) -> Page:
    form = {name: str(value) for name, value in (await request.form()).items()}
    return await run_sync(_submitted, emulator_of(request).account, invoice_id, form)


@get("/i/{invoice_id:str}/confirm")
async def ask(request: Request[Any, Any, Any], invoice_id: FromPath[str]) -> Page:
    return await run_sync(_asked, emulator_of(request).account, invoice_id)


@post("/i/{invoice_id:str}/confirm", status_code=303)
async def confirm(request: Request[Any, Any, Any], invoice_id: FromPath[str]) -> Page:
    done = (await request.form()).get("result") == "complete"
    return await run_sync(partial(_confirmed, emulator_of(request).account, invoice_id, succeeded=done))


HANDLERS = (show, pdf, submit, ask, confirm)


def _shown(account: Account, invoice_id: str, wanted: str | None) -> Page:
    with account.changing() as store:
        catch_up(account)
        invoice = store.get(_KIND, invoice_id)
        if invoice is None or invoice["number"] is None:
            return _unknown()
        attempt = last(invoice, wanted)
        typed = dict.fromkeys(KEPT, "") | dict(attempt.typed)
        stored = _asking(account, invoice)
        asking = {"id": stored["id"], "name": payment_methods.describe(stored)} if stored else None
        return html("invoice.html", invoice=invoice, attempt=attempt, typed=typed, asking=asking)


def _printed(account: Account, invoice_id: str) -> Response[Any]:
    with account.reading() as store:
        invoice = store.get(_KIND, invoice_id)
    if invoice is None or invoice["number"] is None:
        return _unknown()
    headers = {"Content-Disposition": f'attachment; filename="Invoice-{invoice["number"]}.pdf"'}
    return Response(invoice_pdf(invoice), media_type="application/pdf", headers=headers)


def _asked(account: Account, invoice_id: str) -> Page:
    with account.reading() as store:
        waiting = (store.get(_KIND, invoice_id) or {}).get("_confirming")
    if waiting is None:
        return Redirect(_address(invoice_id), status_code=303)
    return html(
        "confirm.html", action=f"{_address(invoice_id)}/confirm", card=payment_methods.describe(waiting["method"])
    )


def _submitted(account: Account, invoice_id: str, form: Mapping[str, str]) -> Page:
    with account.changing() as store:
        catch_up(account)
        invoice = store.get(_KIND, invoice_id)
        if invoice is None or invoice["status"] != "open":
            return Redirect(_address(invoice_id), status_code=303)
        stored = _asking(account, invoice)
        if stored is not None and form.get("stored") == stored["id"]:
            return held_for_bank(account, _KIND, invoice, _address(invoice_id), method=stored, verdict=stored["_first"])
        entry = read(account, form)
        if isinstance(entry, Mistakes):
            attempt = Attempt(mistakes=entry.fields, typed=form)
            return refused(account, _KIND, invoice, _address(invoice_id), attempt)
        if entry.confirm:
            return held_for_bank(
                account, _KIND, invoice, _address(invoice_id), method=entry.method, verdict=entry.verdict
            )
        return _charged(account, invoice, entry.method, entry.verdict)


def _confirmed(account: Account, invoice_id: str, *, succeeded: bool) -> Page:
    with account.changing() as store:
        invoice = store.get(_KIND, invoice_id)
        waiting = invoice.pop("_confirming", None) if invoice else None
        if invoice is None or waiting is None or invoice["status"] != "open":
            return Redirect(_address(invoice_id), status_code=303)
        store.put(_KIND, invoice)
        return _charged(account, invoice, *answered(waiting, succeeded=succeeded))


def _charged(account: Account, invoice: Json, method: Json, verdict: str) -> Page:
    """Pay with a typed card. It becomes the subscription's default, or the next renewal would fail like the last."""
    address = _address(invoice["id"])
    if verdict not in {SUCCEED, PROCESSING}:
        return refused(account, _KIND, invoice, address, Attempt(alert=alert_for(verdict)))
    if method["customer"] is None:
        payment_methods.attach(account, method, invoice["customer"])
    else:
        account.store.put("payment_method", method)  # it was stored before, and has been authenticated now
    subscription = account.store.get("subscription", invoicing.subscription_of(invoice) or "")
    if subscription is not None:
        account.store.put("subscription", subscription | {"default_payment_method": method["id"]})
    invoicing.charge(account, invoice["id"], method, verdict)
    return Redirect(address, status_code=303)


def _asking(account: Account, invoice: Json) -> Json | None:
    """Return the stored card whose bank wants its holder to authenticate before it pays this invoice."""
    intent = account.store.get("payment_intent", invoice.get("_payment_intent") or "")
    if intent is None or intent["status"] != "requires_action":
        return None
    return account.store.get("payment_method", intent["payment_method"])


def _address(invoice_id: str) -> str:
    return f"/i/{invoice_id}"


def _unknown() -> Response[str]:
    text = "The address is wrong, the invoice is still a draft, or the emulator was reset."
    return problem_page("There is no such invoice", text, status=404)
