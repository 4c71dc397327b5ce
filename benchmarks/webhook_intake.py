"""
Taking in notices of the payment provider, against the bare insert each of them needs.

Both write the same two rows (the notice, its job) in one transaction of a database that syncs to disk, eight at a
time; ours also checks the signature, reads the notice and answers over ASGI after the commit.
"""

import asyncio
import hashlib
import hmac
import json
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import attrs
import sqlalchemy as sa
from asgi import ask
from litestar import Litestar
from sqlalchemy import event

from smartapp_adapters.billing import API_VERSION, StripeBillingEvents, StripeSettings
from smartapp_adapters.storage import Keys, SqlStorage, make_storage
from smartapp_domain.testing.workbench import Workbench
from smartapp_http.app import create_app
from smartapp_http.settings import HttpSettings

NOTICES = 200
AT_ONCE = 8
ROUNDS = 5
SECRET = "whsec_bench"  # noqa: S105 - opens nothing
SETTINGS = HttpSettings(base_url="http://bench.test", secret="only for the benchmark, only for it")  # noqa: S106
_numbers = count(1)


def measure() -> tuple[float, float]:
    """Return notices per second through our door, and bare inserts per second; medians of interleaved rounds."""
    with tempfile.TemporaryDirectory(dir=Path(__file__).parent) as folder:  # a disk, where /tmp may be memory
        storage = make_storage(f"sqlite:///{Path(folder) / 'bench.db'}", Keys("k", {"k": bytes(32)}))
        storage.prepare()
        try:
            return asyncio.run(_measure(storage))
        finally:
            storage.dispose()


async def _measure(storage: SqlStorage) -> tuple[float, float]:
    stripe = StripeSettings(api_key="sk_test_bench", webhook_secrets=SECRET)
    ports = attrs.evolve(Workbench.of(storage).ports, billing_events=StripeBillingEvents(stripe))
    app = create_app(ports, SETTINGS)
    async with app.lifespan():
        writes = await _writes_of_one(storage.engine, app)
        insert = _bare_insert(storage.engine, writes)
        await _taken_in(app)
        _inserted(insert)
        rounds = [(await _taken_in(app), _inserted(insert)) for _ in range(ROUNDS)]
    ours, floor = (sorted(rates)[ROUNDS // 2] for rates in zip(*rounds, strict=True))
    return ours, floor


def _notice() -> tuple[bytes, dict[str, str]]:
    number, now = next(_numbers), int(time.time())
    session = {
        "id": f"cs_{number}",
        "object": "checkout.session",
        "client_reference_id": f"order-{number}",
        "metadata": {"order_id": f"order-{number}"},
        "subscription": f"sub_{number}",
    }
    body = json.dumps(
        {
            "id": f"evt_{number}",
            "object": "event",
            "type": "checkout.session.completed",
            "api_version": API_VERSION,
            "created": now,
            "livemode": False,
            "data": {"object": session},
        }
    ).encode()
    signed = hmac.new(SECRET.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    return body, {"stripe-signature": f"t={now},v1={signed}", "content-type": "application/json"}


async def _post(app: Litestar) -> None:
    body, headers = _notice()
    answer = await ask(app, "http://bench.test/webhooks/stripe", method="POST", headers=headers, body=body)
    assert answer.status == 200, answer


async def _taken_in(app: Litestar) -> float:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one() -> None:
        async with gate:
            await _post(app)

    start = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(NOTICES)))
    return NOTICES / (time.perf_counter() - start)


async def _writes_of_one(engine: sa.Engine, app: Litestar) -> list[tuple[str, list[Any]]]:
    """Return the inserts one notice causes."""
    await _post(app)
    seen: list[tuple[str, list[Any]]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if statement.startswith("INSERT"):
            seen.append((statement, list(parameters)))

    event.listen(engine, "before_cursor_execute", note)
    await _post(app)
    event.remove(engine, "before_cursor_execute", note)
    assert len(seen) == 2, seen
    return seen


def _bare_insert(engine: sa.Engine, writes: list[tuple[str, list[Any]]]) -> Callable[[], None]:
    def insert() -> None:
        number = next(_numbers)
        with engine.begin() as connection:
            for statement, parameters in writes:
                fresh = tuple(_renumbered(value, number) for value in parameters)
                connection.exec_driver_sql(statement, fresh)

    return insert


def _renumbered(value: Any, number: int) -> Any:
    """Make ids unique: whatever ends in the recorded notice's number gets the new one."""
    if isinstance(value, str) and value[-1:].isdigit() and len(value) < 80:
        return f"bare-{value.rstrip('0123456789')}{number}"
    return value


def _inserted(insert: Callable[[], None]) -> float:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        start = time.perf_counter()
        for done in [pool.submit(insert) for _ in range(NOTICES)]:
            done.result()
        return NOTICES / (time.perf_counter() - start)
