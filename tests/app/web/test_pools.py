import inspect
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import anyio

from smartapp_http.pools import Pool

T = TypeVar("T")


def _on_a_loop_of_its_own(work: Callable[[], Awaitable[T]]) -> T:
    """Run in another thread: in this one the browser tests of the same run may keep a loop running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(anyio.run, work).result()


def test_a_pool_that_is_full_keeps_nobody_else_waiting() -> None:
    vendors, pages = Pool("test vendors", 2), Pool("test pages", 2)
    answered = threading.Event()
    done: list[str] = []

    async def call_vendor() -> None:
        await vendors.run(answered.wait)
        done.append("vendor")

    async def everybody() -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(call_vendor)
            await anyio.wait_all_tasks_blocked()

            await pages.run(lambda: done.append("page"))
            assert done == ["page"]
            assert vendors.limiter.borrowed_tokens == 2
            assert vendors.limiter.statistics().tasks_waiting == 1
            answered.set()

    _on_a_loop_of_its_own(everybody)

    assert done == ["page", "vendor", "vendor", "vendor"]


def test_a_handler_keeps_its_own_signature_and_runs_in_a_thread() -> None:
    @Pool("test", 1)
    def handler(number: int) -> tuple[int, int]:
        return number, threading.get_ident()

    async def call() -> tuple[int, tuple[int, int]]:
        return threading.get_ident(), await handler(7)

    asking, (number, answering) = _on_a_loop_of_its_own(call)

    assert number == 7
    assert answering != asking
    assert list(inspect.signature(handler).parameters) == ["number"]
