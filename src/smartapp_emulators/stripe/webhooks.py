"""
Delivers events to webhook endpoints, signed, again and again until they are taken.

Signatures and retries use real time, whatever the account's clock says: a receiver compares the signature with its own
clock, and nobody wants to wait in emulated hours.
"""

import hashlib
import hmac
import json
import logging
import threading
import time
from collections.abc import Sequence
from typing import Any

import attrs
import httpx

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.store import public

Json = dict[str, Any]

_log = logging.getLogger(__name__)

#: Seconds before each repeat: a few quick ones for a receiver that is just restarting, then spaced.
RETRY_DELAYS_S = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 3600.0, 3600.0)
#: A switch that stays on.
ALWAYS = -1
#: How long deliveries are gathered before they go out newest first.
_REORDER_WINDOW_S = 0.4
_TIMEOUT_S = 10.0
_SHOWN_BODY = 500
#: How long a stopping emulator waits for a receiver that does not answer.
_PATIENCE_S = 2.0


@attrs.define
class Switches:
    """How deliveries are spoiled. Numbers count deliveries still to be spoiled; -1 never ends, 0 is off."""

    delay_s: float = 0.0
    hold: bool = False
    reorder: bool = False
    duplicate: int = 0
    drop: int = 0
    wrong_signature: int = 0

    def take(self, name: str) -> bool:
        """Use a counted switch once; tell whether it was on."""
        left: int = getattr(self, name)
        if left > 0:
            setattr(self, name, left - 1)
        return left != 0


def signature(secret: str, body: bytes, moment: int) -> str:
    """Return the value of the `Stripe-Signature` header."""
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


class WebhookSender:
    """One thread that sends what is owed, in order, outside the account's lock."""

    def __init__(self, account: Account, *, retry_delays_s: Sequence[float] = RETRY_DELAYS_S) -> None:
        self.switches = Switches()
        self._account = account
        self._delays = retry_delays_s
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None
        account.on_commit.append(self._wake.set)

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="stripe-webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(_PATIENCE_S)

    def configure(self, wanted: Json) -> None:
        """
        Set switches; `true` means always.

        Raises:
            ValueError: A name or a value that is no switch.
        """
        for name, value in wanted.items():
            match name, value:
                case (("hold" | "reorder"), bool()):
                    setattr(self.switches, name, value)
                case (("duplicate" | "drop" | "wrong_signature"), bool()):
                    setattr(self.switches, name, ALWAYS if value else 0)
                case (("duplicate" | "drop" | "wrong_signature"), int()) if value >= ALWAYS:
                    setattr(self.switches, name, value)
                case "delay_s", (int() | float()) if value >= 0:
                    self.switches.delay_s = float(value)
                case _:
                    raise ValueError(f"No such webhook switch or value: {name} = {value!r}.")
        self._wake.set()

    def redeliver(self, delivery_id: str) -> bool:
        """Owe a delivery again, whatever became of it; tell whether it exists."""
        with self._account.changing() as store:
            row = store.get("_delivery", delivery_id)
            if row is None:
                return False
            store.put("_delivery", row | {"state": "pending", "due_at": None})
        self._wake.set()
        return True

    def _run(self) -> None:
        with httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
            while not self._stopping:
                try:
                    pause = self._round(client)
                except Exception:  # noqa: BLE001 - the thread must outlive whatever one delivery meets
                    _log.exception("The webhook sender failed; it goes on in a second")
                    pause = 1.0
                self._wake.wait(pause)

    def _round(self, client: httpx.Client) -> float:
        """Send everything due; return how long nothing will be."""
        self._wake.clear()
        due, pause = self._owed()
        if self.switches.reorder and len(due) > 0:
            time.sleep(_REORDER_WINDOW_S)
            due = self._owed()[0][::-1]
        for delivery in due:
            if self._stopping or self.switches.hold:
                break
            self._deliver(client, delivery)
        return 0.0 if due and not self.switches.hold else pause

    def _owed(self) -> tuple[list[Json], float]:
        if self.switches.hold:
            return [], 60.0
        now = time.time()
        with self._account.reading() as store:
            pending = [row for row in store.rows("_delivery") if row["state"] == "pending"]
        fresh = [row for row in pending if row["due_at"] is None]
        if self.switches.delay_s and fresh:
            self._postpone(fresh, now + self.switches.delay_s)
            return [], self.switches.delay_s
        due = [row for row in pending if row["due_at"] is None or row["due_at"] <= now]
        later = [row["due_at"] - now for row in pending if row["due_at"] is not None and row["due_at"] > now]
        return due, max(min(later, default=60.0), 0.0)

    def _postpone(self, rows: list[Json], due_at: float) -> None:
        with self._account.changing() as store:
            for row in rows:
                store.put("_delivery", row | {"due_at": due_at})

    def _deliver(self, client: httpx.Client, delivery: Json) -> None:
        with self._account.reading() as store:
            event, endpoint = store.get("event", delivery["event"]), store.get("webhook_endpoint", delivery["endpoint"])
        if event is None or endpoint is None or endpoint["status"] != "enabled":
            self._finish(delivery, "canceled", None)
        elif self.switches.take("drop"):
            self._finish(delivery, "dropped", None)
        else:
            twice = self.switches.take("duplicate")
            attempt = self._send(client, endpoint, event)
            if twice:
                self._send(client, endpoint, event)
            self._finish(delivery, "delivered" if attempt["ok"] else "pending", attempt)

    def _send(self, client: httpx.Client, endpoint: Json, event: Json) -> Json:
        moment = int(time.time())
        body = json.dumps(public(event), indent=2).encode()
        secret = "whsec_of_somebody_else" if self.switches.take("wrong_signature") else endpoint["_secret"]
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(secret, body, moment),
            "User-Agent": "Stripe/1.0 (+emulator)",
        }
        try:
            answer = client.post(endpoint["url"], content=body, headers=headers)
        except httpx.HTTPError as error:
            return {"at": moment, "ok": False, "status": None, "answer": f"{type(error).__name__}: {error}"}
        return {
            "at": moment,
            "ok": answer.is_success,
            "status": answer.status_code,
            "answer": answer.text[:_SHOWN_BODY],
        }

    def _finish(self, delivery: Json, state: str, attempt: Json | None) -> None:
        with self._account.changing() as store:
            row = store.get("_delivery", delivery["id"])
            if row is None:  # a reset in the meantime
                return
            if attempt is not None:
                row["attempts"].append(attempt)
            row["state"], row["due_at"] = state, None
            if state == "pending":
                tries = len(row["attempts"])
                exhausted = tries > len(self._delays)
                row["state"] = "failed" if exhausted else "pending"
                row["due_at"] = None if exhausted else time.time() + self._delays[tries - 1]
            store.put("_delivery", row)
            event = store.get("event", row["event"])
            if event is not None and state in {"delivered", "canceled"}:
                store.put("event", event | {"pending_webhooks": max(event["pending_webhooks"] - 1, 0)})
