"""
Taking in the payment provider's notices.

A commit waits for the disk. Notices that arrive while one commit waits go into the next one together, so a burst costs
a few commits and not one each; every sender is still answered after the commit that holds its own notice.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

import attrs

from smartapp_domain.ports import Ports
from smartapp_domain.ports.payments import UntrustedEvent
from smartapp_domain.use_cases.receive_billing_event import SignedNotice, receive_billing_events
from smartapp_http.pools import INTAKE
from smartapp_http.sessions import Now

Outcome = bool | UntrustedEvent

#: The most that share one commit: one that fails is repeated notice by notice.
MOST_AT_ONCE: Final = 32


@attrs.frozen
class _Waiting:
    notice: SignedNotice
    answer: "asyncio.Future[Outcome]"


class Intake:
    """Gathers notices on the event loop and stores them in a thread, one batch after the other."""

    def __init__(self, ports: Ports, now: Now) -> None:
        self._ports = ports
        self._now = now
        self._waiting: list[_Waiting] = []
        self._storing: asyncio.Task[None] | None = None

    async def put(self, notice: SignedNotice) -> bool:
        """Return, once it is committed, whether the notice was new; raise `UntrustedEvent`, or what storing raised."""
        loop = asyncio.get_running_loop()
        mine = _Waiting(notice, loop.create_future())
        self._waiting.append(mine)
        if self._storing is None or self._storing.done():
            self._storing = loop.create_task(self._store_all())
        outcome = await mine.answer
        if isinstance(outcome, UntrustedEvent):
            raise outcome
        return outcome

    async def _store_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            try:
                await self._store(batch)
            except Exception as error:  # noqa: BLE001 - whatever it was, each sender hears of it
                await self._store_singly(batch, error)

    async def _store(self, batch: Sequence[_Waiting]) -> None:
        notices = [each.notice for each in batch]
        outcomes = await INTAKE.run(lambda: receive_billing_events(notices, at=self._now(), ports=self._ports))
        for each, outcome in zip(batch, outcomes, strict=True):
            if not each.answer.done():  # the sender may have hung up
                each.answer.set_result(outcome)

    async def _store_singly(self, batch: Sequence[_Waiting], error: Exception) -> None:
        """Keep one notice that cannot be stored from taking the others of its batch along."""
        if len(batch) == 1:
            _refuse(batch[0], error)
            return
        for each in batch:
            try:
                await self._store([each])
            except Exception as own:  # noqa: BLE001 - as above
                _refuse(each, own)


def _refuse(waiting: _Waiting, error: Exception) -> None:
    if not waiting.answer.done():
        waiting.answer.set_exception(error)
