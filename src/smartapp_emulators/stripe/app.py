"""Puts the emulator together: one account, the API, the pages a buyer sees, and the controls of `/_emulator`."""

import logging
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
from anyio.to_thread import run_sync
from litestar import Litestar

from smartapp_emulators.clock import MovableClock
from smartapp_emulators.serving import drop_connection
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.faults import Faults, Kind
from smartapp_emulators.stripe.gateway import Answer, Gateway, Request, encode
from smartapp_emulators.stripe.journal import Journal
from smartapp_emulators.stripe.pages import console, hosted_invoice, pay, portal
from smartapp_emulators.stripe.pages.common import Emulator, on_error, stamp, static_file
from smartapp_emulators.stripe.renewals import catch_up, tidy
from smartapp_emulators.stripe.webhooks import RETRY_DELAYS_S, WebhookSender

_TICK_S = 1.0
_log = logging.getLogger(__name__)


def create_app(
    *,
    state_file: Path | None = None,
    clock: MovableClock | None = None,
    base_url: str = "http://localhost:8020",
    retry_delays_s: Sequence[float] = RETRY_DELAYS_S,
    tick_s: float = _TICK_S,
) -> Litestar:
    """
    Build the emulator as an ASGI application.

    Args:
        state_file: Where everything is kept between runs; none keeps it in memory.
        clock: The account's time; by default real time until it is moved.
        base_url: Where browsers reach this application: pay pages and invoices point there.
        retry_delays_s: Real seconds between the tries of a webhook delivery.
        tick_s: Real seconds between looks at the clock for renewals and expiries.
    """
    account = Account(clock=clock, state_file=state_file, base_url=base_url)
    journal, faults, sender = Journal(), Faults(), WebhookSender(account, retry_delays_s=retry_delays_s)
    gateway = Gateway(account, journal, faults)

    @asynccontextmanager
    async def running(_app: Litestar) -> AsyncIterator[None]:
        ticker = _Ticker(account, tick_s)
        sender.start()
        ticker.start()
        yield
        await run_sync(ticker.stop)
        await run_sync(sender.stop)

    app = EmulatorApp(
        [static_file, *pay.HANDLERS, *hosted_invoice.HANDLERS, *portal.HANDLERS, *console.HANDLERS],
        lifespan=[running],
        after_request=stamp(account),
        exception_handlers={Exception: on_error},
        openapi_config=None,
        logging_config=None,
    )
    app.state.emulator = Emulator(account, journal, faults, sender)
    app.state.gateway = gateway
    return app


class EmulatorApp(Litestar):
    """
    Litestar for the pages, with the API in front of it.

    The API is answered outside of the framework because a cut connection needs the server's own `send`, and because
    its answers, 404 included, are Stripe's and not ours.
    """

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and (scope["path"] + "/").startswith("/v1/"):
            request = await _read(scope, receive)
            await _write(await run_sync(self.state.gateway.answer, request), send)
        else:
            await super().__call__(scope, receive, send)


class _Ticker:
    """Looks at the clock now and then, so that time has its effects without anybody asking."""

    def __init__(self, account: Account, tick_s: float) -> None:
        self._account = account
        self._tick_s = tick_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stripe-clock", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._tick_s):
            try:
                with self._account.changing():
                    catch_up(self._account)
                    tidy(self._account)
            except Exception:  # noqa: BLE001 - time must go on, whatever one subscription meets
                _log.exception("The Stripe emulator could not do what is due")


async def _read(scope: Any, receive: Any) -> Request:
    body, more = b"", True
    while more:
        message: Any = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope["query_string"].decode("latin-1")
    return Request(scope["method"], scope["path"].rstrip("/"), query, headers, body)


async def _write(answer: Answer, send: Any) -> None:
    if answer.silent is not None:
        if answer.silent.kind in {Kind.TIMEOUT, Kind.TIMEOUT_AFTER}:
            await anyio.sleep(answer.silent.delay_s)
        await drop_connection(send)
        return
    body = encode(answer.body)
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in answer.headers.items()]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
