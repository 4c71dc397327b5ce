"""
Three sized thread pools for plain `def` handlers.

A slow vendor must not use up the threads that show pages, and neither may keep the payment provider's notices waiting.
Each pool is a limiter over the same worker threads; one limiter per event loop, because it belongs to one.
"""

import functools
from collections.abc import Awaitable, Callable
from typing import Final, ParamSpec, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from anyio.lowlevel import RunVar

P = ParamSpec("P")
T = TypeVar("T")


class Pool:
    """Runs functions in threads, at most `size` at the same time; the others wait for their turn, in order."""

    def __init__(self, name: str, size: int) -> None:
        self.name, self.size = name, size
        self._limiter: RunVar[CapacityLimiter] = RunVar(f"smartapp_http.{name}")

    @property
    def limiter(self) -> CapacityLimiter:
        limiter = self._limiter.get(None)
        if limiter is None:
            limiter = CapacityLimiter(self.size)
            self._limiter.set(limiter)
        return limiter

    async def run(self, work: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(work, limiter=self.limiter)

    def __call__(self, handler: Callable[P, T]) -> Callable[P, Awaitable[T]]:
        """Make a `def` handler run in this pool. The framework sees its own signature."""

        @functools.wraps(handler)
        async def run(*args: P.args, **kwargs: P.kwargs) -> T:
            return await self.run(functools.partial(handler, *args, **kwargs))

        return run


#: Handlers that only use our storage.
PAGES: Final = Pool("pages", 24)
#: Handlers that call the platform or the payment provider.
VENDORS: Final = Pool("vendors", 16)
#: The payment provider's notices.
INTAKE: Final = Pool("intake", 8)
