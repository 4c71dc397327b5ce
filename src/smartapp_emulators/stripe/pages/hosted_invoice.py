"""The hosted invoice: what it charges for, whether it is paid, a way to pay it, and the PDF."""

from collections.abc import Mapping
from typing import Any

from anyio.to_thread import run_sync
from litestar import Request, Response, get, post
from litestar.response import Redirect

from smartapp_emulators.stripe import invoicing, payments
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.card_form import KEPT, Mistakes, read
from smartapp_emulators.stripe.cards import DECLINES, SUCCEED
from smartapp_emulators.stripe.pages.common import emulator_of, html, problem_page
from smartapp_emulators.stripe.pdf import invoice_pdf
from smartapp_emulators.stripe.renewals import catch_up

Json = dict[str, Any]
Page = Response[str] | Redirect

_UNPROCESSABLE = 422
_PAYMENT_REQUIRED = 402
_UNAUTHENTICATED = (
    "We could not authenticate your payment method. You were not charged. Try again, or use another card."
)
_UNKNOWN_CARD = "This card number is not one of the test cards. Use 4242 4242 4242 4242."


@get("/i/{invoice_id:str}")
async def show(request: Request[Any, Any, Any], invoice_id: str) -> Page:
    return await run_sync(_show, request, invoice_id)


@get("/i/{invoice_id:str}/pdf")
async def pdf(request: Request[Any, Any, Any], invoice_id: str) -> Response[Any]:
    return await run_sync(_pdf, request, invoice_id)


@post("/i/{invoice_id:str}", status_code=303)
async def submit(request: Request[Any, Any, Any], invoice_id: str) -> Page:
    form = {name: str(value) for name, value in (await request.form()).items()}
    return await run_sync(_submitted, emulator_of(request).account, invoice_id, form)


@get("/i/{invoice_id:str}/confirm")
async def ask(request: Request[Any, Any, Any], invoice_id: str) -> Page:
    return await run_sync(_ask, request, invoice_id)


@post("/i/{invoice_id:str}/confirm", status_code=303)
async def confirm(request: Request[Any, Any, Any], invoice_id: str) -> Page:
    done = (await request.form()).get("result") == "complete"
    return await run_sync(_confirmed, emulator_of(request).account, invoice_id, done)


HANDLERS = (show, pdf, submit, ask, confirm)


def _show(request: Request[Any, Any, Any], invoice_id: str) -> Page:
    account = emulator_of(request).account
    with account.changing():
        catch_up(account)
        return _page(account, invoice_id)


def _pdf(request: Request[Any, Any, Any], invoice_id: str) -> Response[Any]:
    account = emulator_of(request).account
    with account.reading() as store:
        invoice = store.get("invoice", invoice_id)
    if invoice is None or invoice["number"] is None:
        return _unknown()
    headers = {"Content-Disposition": f'attachment; filename="Invoice-{invoice["number"]}.pdf"'}
    return Response(invoice_pdf(invoice), media_type="application/pdf", headers=headers)


def _ask(request: Request[Any, Any, Any], invoice_id: str) -> Page:
    account = emulator_of(request).account
    with account.reading() as store:
        waiting = (store.get("invoice", invoice_id) or {}).get("_confirming")
        if waiting is None:
            return Redirect(f"/i/{invoice_id}", status_code=303)
        return html("confirm.html", action=f"/i/{invoice_id}/confirm", card=payments.describe(waiting["method"]))


def _submitted(account: Account, invoice_id: str, form: Mapping[str, str]) -> Page:
    with account.changing():
        catch_up(account)
        invoice = account.store.get("invoice", invoice_id)
        if invoice is None or invoice["status"] != "open":
            return _page(account, invoice_id)
        entry = read(account, form)
        if isinstance(entry, Mistakes):
            return _page(account, invoice_id, form, status=_UNPROCESSABLE, mistakes=entry.fields)
        if entry.confirm:
            account.store.put("invoice", invoice | {"_confirming": {"method": entry.method, "verdict": entry.verdict}})
            return Redirect(f"/i/{invoice_id}/confirm", status_code=303)
        return _charged(account, invoice_id, entry.method, entry.verdict)


def _confirmed(account: Account, invoice_id: str, succeeded: bool) -> Page:  # noqa: FBT001 - one answer of two
    with account.changing():
        invoice = account.store.get("invoice", invoice_id)
        waiting = invoice.pop("_confirming", None) if invoice else None
        if invoice is None or waiting is None or invoice["status"] != "open":
            return _page(account, invoice_id)
        account.store.put("invoice", invoice)
        if not succeeded:
            return _page(account, invoice_id, status=_PAYMENT_REQUIRED, alert=_UNAUTHENTICATED)
        return _charged(account, invoice_id, waiting["method"], waiting["verdict"])


def _charged(account: Account, invoice_id: str, method: Json, verdict: str) -> Page:
    """Pay with a typed card. It becomes the subscription's default, or the next renewal would fail like the last."""
    if verdict not in {SUCCEED, payments.PROCESSING}:
        told = DECLINES.get(verdict)
        alert = f"{told.message} {told.advice}" if told else _UNKNOWN_CARD
        return _page(account, invoice_id, status=_PAYMENT_REQUIRED, alert=alert)
    invoice = account.find("invoice", invoice_id)
    payments.attach(account, method, invoice["customer"])
    subscription = account.store.get("subscription", invoicing.subscription_of(invoice) or "")
    if subscription is not None:
        account.store.put("subscription", subscription | {"default_payment_method": method["id"]})
    invoicing.charge(account, invoice_id, method, verdict)
    return Redirect(f"/i/{invoice_id}", status_code=303)


def _page(
    account: Account,
    invoice_id: str,
    form: Mapping[str, str] | None = None,
    *,
    status: int = 200,
    alert: str | None = None,
    mistakes: Mapping[str, str] | None = None,
) -> Response[str]:
    invoice = account.store.get("invoice", invoice_id)
    if invoice is None or invoice["number"] is None:
        return _unknown()
    return html(
        "invoice.html",
        status=status,
        invoice=invoice,
        typed={name: (form or {}).get(name, "") for name in KEPT},
        alert=alert,
        mistakes=mistakes or {},
    )


def _unknown() -> Response[str]:
    text = "The address is wrong, the invoice is still a draft, or the emulator was reset."
    return problem_page("There is no such invoice", text, status=404)
