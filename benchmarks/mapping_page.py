"""The mapping page, 50 of 5 000 projects, against a bare Litestar + Jinja page that runs the same statements."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jinja2
import sqlalchemy as sa
from asgi import ask
from litestar import Litestar, MediaType, get
from sqlalchemy import event

from smartapp_adapters.storage import Keys, SqlStorage, make_storage
from smartapp_adapters.storage.engine import READS_ONLY
from smartapp_domain.catalog import Module
from smartapp_domain.testing.workbench import Workbench
from smartapp_http.app import create_app
from smartapp_http.settings import HttpSettings

PROJECTS = 5_000
WARM_UP = 10
REQUESTS = 30
ROUNDS = 5
BASE = "http://bench.test"
SETTINGS = HttpSettings(base_url=BASE, secret="only for the benchmark, only for it")  # noqa: S106 - opens nothing
BARE = jinja2.Template(
    "<!doctype html><title>Projects</title><table>"
    "{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>",
    autoescape=True,
)

Statement = tuple[str, Any]


def measure() -> tuple[float, float]:
    """Return CPU seconds per request of our page and of the bare one; medians of interleaved rounds."""
    with tempfile.TemporaryDirectory() as folder:
        storage = make_storage(f"sqlite:///{Path(folder) / 'bench.db'}", Keys("k", {"k": bytes(32)}))
        storage.prepare()
        try:
            return asyncio.run(_measure(storage))
        finally:
            storage.dispose()


async def _measure(storage: SqlStorage) -> tuple[float, float]:
    bench = Workbench.of(storage)
    company = bench.company("77", *(f"Project {n % 4_900:04d} of the harbor" for n in range(PROJECTS)))
    user = bench.employ(company, "dana", admin=True)
    app = create_app(bench.ports, SETTINGS)
    async with app.lifespan():
        cookies = await _signed_in(app, bench.world.authorize(Module.PLANNER, user))
        bench.work()

        async def ours() -> None:
            answer = await ask(app, f"{BASE}/projects", headers={"cookie": cookies})
            assert answer.status == 200, answer
            assert answer.body.count(b"of the harbor") >= 50

        bare = _bare_page(storage.engine, await _statements(storage.engine, ours))

        async def floor() -> None:
            answer = await ask(bare, f"{BASE}/projects")
            assert answer.status == 200, answer

        return await _medians(ours, floor)


async def _signed_in(app: Litestar, code: str) -> str:
    started = await ask(app, f"{BASE}/sign-in")
    (state,) = parse_qs(urlsplit(started.header("location")).query)["state"]
    cookies = "; ".join(started.cookies)
    back = await ask(app, f"{BASE}/sign-in/callback?code={code}&state={state}", headers={"cookie": cookies})
    assert back.status < 400, back
    return "; ".join(back.cookies) or cookies


async def _statements(engine: sa.Engine, request: Callable[[], Awaitable[None]]) -> list[list[Statement]]:
    """Return the statements one request runs, with their parameters, one list per transaction."""
    await request()
    seen: list[list[Statement]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if statement.startswith("BEGIN"):
            seen.append([])
        elif not statement.startswith("PRAGMA"):
            seen[-1].append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    await request()
    event.remove(engine, "before_cursor_execute", note)
    return seen


def _bare_page(engine: sa.Engine, transactions: list[list[Statement]]) -> Litestar:
    @get("/projects", media_type=MediaType.HTML, sync_to_thread=True)
    def projects() -> str:
        rows: list[Any] = []
        for statements in transactions:
            with engine.connect().execution_options(**{READS_ONLY: True}) as connection:
                for statement, parameters in statements:
                    result = connection.exec_driver_sql(statement, parameters)
                    found = result.fetchall() if result.returns_rows else []
                    rows = found if len(found) > len(rows) else rows
        return BARE.render(rows=rows[:50])

    return Litestar([projects], logging_config=None, openapi_config=None)


async def _medians(*pages: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    for page in pages:
        for _ in range(WARM_UP):
            await page()
    rounds = [[await _cpu(page) for page in pages] for _ in range(ROUNDS)]
    ours, floor = (sorted(times)[ROUNDS // 2] for times in zip(*rounds, strict=True))
    return ours, floor


async def _cpu(page: Callable[[], Awaitable[None]]) -> float:
    start = time.process_time()
    for _ in range(REQUESTS):
        await page()
    return (time.process_time() - start) / REQUESTS
