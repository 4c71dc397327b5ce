"""One Stripe test account: its objects, its clock, its events, and the lock that lets one change happen at a time."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import msgspec

from smartapp_emulators.clock import ClockState, MovableClock
from smartapp_emulators.stripe.errors import missing
from smartapp_emulators.stripe.ids import new_id
from smartapp_emulators.stripe.spec import API_VERSION
from smartapp_emulators.stripe.store import Store, public

Json = dict[str, Any]


#: Of the state file; another one is refused.
_FORMAT = 2

#: Fields that hold addresses of the emulator itself.
_ADDRESSES = {
    "billing_portal.session": ("url",),
    "checkout.session": ("url",),
    "invoice": ("hosted_invoice_url", "invoice_pdf"),
}


@attrs.frozen
class Caller:
    """Which API request causes a change; events name it. Changes made by time have none."""

    request_id: str | None = None
    idempotency_key: str | None = None


NOBODY = Caller()


class Account:
    """All state of the emulator. Work inside `changing()`; it locks, undoes on error, and saves before it returns."""

    def __init__(
        self, *, clock: MovableClock | None = None, state_file: Path | None = None, base_url: str = ""
    ) -> None:
        self.clock = clock or MovableClock()
        self.base_url = ""
        self.on_commit: list[Callable[[], None]] = []
        self._state_file = state_file
        self._lock = threading.RLock()
        self._moment: int | None = None
        self._caller = NOBODY
        self.store = Store()
        if state_file is not None and state_file.exists():
            self._load(state_file)
        self.move_to(base_url)

    @contextmanager
    def reading(self) -> Iterator[Store]:
        with self._lock:
            yield self.store

    @contextmanager
    def changing(self, caller: Caller = NOBODY) -> Iterator[Store]:
        """Make changes that are kept, and written to the state file, only when the block ends well."""
        with self._lock:
            self._caller = caller
            try:
                with self.store.transaction():
                    yield self.store
                    touched = self.store.touched
            finally:
                self._caller = NOBODY
            if touched:
                self.save()
                for told in self.on_commit:
                    told()

    def now(self) -> int:
        """Return the account's present, in unix seconds: the clock's, or the moment that is being caught up with."""
        return self.clock.unix() if self._moment is None else self._moment

    @contextmanager
    def at(self, moment: int) -> Iterator[None]:
        """Let everything inside happen at `moment`, so that a renewal found late carries the time it was due."""
        before, self._moment = self._moment, moment
        try:
            yield
        finally:
            self._moment = before

    def move_to(self, base_url: str) -> None:
        """Say where the emulator is reached now; addresses in kept objects follow, so an old pay page still opens."""
        before, self.base_url = self.base_url, base_url
        if not before or before == base_url:
            return
        with self.changing() as store:
            for kind, names in _ADDRESSES.items():
                for row in store.rows(kind):
                    moved = {name: row[name].replace(before, base_url, 1) for name in names if row[name]}
                    store.put(kind, row | moved)

    def find(self, kind: str, identifier: str, param: str | None = "id", *, status: int = 404) -> Json:
        """
        Return a copy of an object.

        Raises:
            StripeError: There is none: `resource_missing`.
        """
        found = self.store.get(kind, identifier)
        if found is None:
            raise missing(kind, identifier, param, status=status)
        return found

    def emit(self, kind: str, subject: Json, previous: Json | None = None) -> None:
        """Record an event and owe it to every webhook endpoint that asked for its type."""
        wanting = [end for end in self.store.rows("webhook_endpoint") if _wants(end, kind)]
        data = {"object": public(subject), **({"previous_attributes": previous} if previous else {})}
        event = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now(),
            "data": data,
            "livemode": False,
            "pending_webhooks": len(wanting),
            "request": {"id": self._caller.request_id, "idempotency_key": self._caller.idempotency_key},
            "type": kind,
        }
        self.store.put("event", event)
        for endpoint in wanting:
            self.store.put("_delivery", _owed(event, endpoint))

    def save(self) -> None:
        """Write the state file so that a crash leaves either the old or the new one."""
        if self._state_file is None:
            return
        clock = self.clock.state
        state = {
            "format": _FORMAT,
            "base_url": self.base_url,
            "clock": {"offset_s": clock.offset_s, "frozen_at": clock.frozen_at and clock.frozen_at.isoformat()},
            "rows": self.store.dump(),
        }
        self._state_file.parent.mkdir(parents=True, exist_ok=True)
        partial = self._state_file.with_name(self._state_file.name + ".partial")
        with partial.open("wb") as file:
            file.write(msgspec.json.encode(state))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._state_file)

    def save_clock(self) -> None:
        with self._lock:
            self.save()

    def reset(self) -> None:
        """Forget everything, webhook endpoints included, and return to real time, unless others share the clock."""
        with self._lock:
            self.clock.return_to_real_time()
            with self.changing() as store:
                store.clear()
            self.save()

    def _load(self, path: Path) -> None:
        state = json.loads(path.read_text(encoding="utf-8"))
        if state.get("format") != _FORMAT:
            raise ValueError(f"{path} is no state file of this Stripe emulator. Move it away or name another.")
        self.store = Store(state["rows"])
        self.base_url = state["base_url"]
        kept = state["clock"]
        frozen = None
        with suppress(TypeError):
            frozen = datetime.fromisoformat(kept["frozen_at"]).astimezone(UTC)
        self.clock.restore(ClockState(offset_s=kept["offset_s"], frozen_at=frozen))


def _wants(endpoint: Json, kind: str) -> bool:
    listed = endpoint["enabled_events"]
    return endpoint["status"] == "enabled" and ("*" in listed or kind in listed)


def _owed(event: Json, endpoint: Json) -> Json:
    return {
        "id": new_id("whd"),
        "event": event["id"],
        "type": event["type"],
        "endpoint": endpoint["id"],
        "url": endpoint["url"],
        "state": "pending",
        "attempts": [],
        "due_at": None,
    }
