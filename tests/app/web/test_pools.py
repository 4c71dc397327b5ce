import inspect
import threading

import anyio
import pytest

from smartapp_http.pools import Pool


@pytest.mark.anyio
async def test_a_pool_that_is_full_keeps_nobody_else_waiting() -> None:
    vendors, pages = Pool("test vendors", 2), Pool("test pages", 2)
    answered = threading.Event()
    done: list[str] = []

    async def call_vendor() -> None:
        await vendors.run(answered.wait)
        done.append("vendor")

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(call_vendor)
        while vendors.limiter.available_tokens:
            await anyio.lowlevel.checkpoint()

        await pages.run(lambda: done.append("page"))
        assert done == ["page"]
        assert vendors.limiter.borrowed_tokens == 2
        answered.set()

    assert done == ["page", "vendor", "vendor", "vendor"]


@pytest.mark.anyio
async def test_a_handler_keeps_its_own_signature_and_runs_in_a_thread() -> None:
    @Pool("test", 1)
    def handler(number: int) -> tuple[int, int]:
        return number, threading.get_ident()

    number, thread = await handler(7)

    assert number == 7
    assert thread != threading.get_ident()
    assert list(inspect.signature(handler).parameters) == ["number"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
