"""
Kill points: every write to the payment provider and every commit says where it is, before and after it happens.

`with_barriers(ports, reach)` wraps the ports; `reach` is called with each `Barrier` and may end everything there: by
raising `Crash` in a test of one process, or by killing the process it runs in. Nothing sleeps and nothing is timed, so
a crash happens exactly where it was asked for.
"""

import enum
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType
from typing import Any, Final

import attrs

from smartapp_domain.ports import Ports
from smartapp_domain.ports.payments import Payments
from smartapp_domain.ports.storage import Reading, Scope, Storage, Transaction

#: The calls of the `Payments` port that change something at the provider.
WRITES: Final = frozenset(
    {
        "publish_catalog",
        "customer",
        "start_checkout",
        "close_checkout",
        "extend",
        "close_extension",
        "set_renewal",
        "end_unpaid",
        "collect_again",
        "card_page",
    }
)
#: Modules that hand a transaction on or open one for tests; they want nothing themselves.
GO_BETWEENS: Final = ("smartapp_domain.ports", "smartapp_domain.testing", "smartapp_domain.use_cases.fencing")
_OURS: Final = "smartapp_"
_USE_CASES: Final = "smartapp_domain.use_cases."


class Moment(enum.Enum):
    BEFORE = "before"
    AFTER = "after"


@attrs.frozen
class Barrier:
    """
    A place where everything may end.

    Attributes:
        what: Such as "commit settle_order.store_payment" (a use case), "commit smartapp_http.sessions.begin" (any other
            module of ours) or "provider extend".

    """

    moment: Moment
    what: str

    def __str__(self) -> str:
        return f"{self.moment.value} {self.what}"


class Crash(BaseException):
    """Ends everything: no handler of errors may catch it, as none catches a kill."""


Reach = Callable[[Barrier], None]


def with_barriers(ports: Ports, reach: Reach) -> Ports:
    """Return the ports with a barrier before and after each commit and each write to the provider."""
    payments: Any = _Provider(ports.payments, reach)
    return attrs.evolve(ports, storage=_Storage(ports.storage, reach), payments=payments)


class _Provider:
    def __init__(self, inner: Payments, reach: Reach) -> None:
        self._inner, self._reach = inner, reach

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._inner, name)
        if name not in WRITES:
            return call

        def announced(*args: Any, **kwargs: Any) -> Any:
            self._reach(Barrier(Moment.BEFORE, f"provider {name}"))
            answer = call(*args, **kwargs)
            self._reach(Barrier(Moment.AFTER, f"provider {name}"))
            return answer

        return announced


class _Storage:
    def __init__(self, inner: Storage, reach: Reach) -> None:
        self._inner, self._reach = inner, reach

    def reading(self, scope: Scope) -> AbstractContextManager[Reading]:
        return self._inner.reading(scope)

    @contextmanager
    def transaction(self, scope: Scope) -> Iterator[Transaction]:
        what = _asker()
        with self._inner.transaction(scope) as tx:
            yield tx
            self._reach(Barrier(Moment.BEFORE, what))
        self._reach(Barrier(Moment.AFTER, what))


def place(module: str, function: str) -> str:
    """Return what barriers call a transaction that this function opens."""
    return f"commit {module.removeprefix(_USE_CASES)}.{function}"


def _asker() -> str:
    """Return where in the product the transaction was opened; "commit elsewhere" for code that is not ours."""
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 - the stack is the only place that knows it
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith(_OURS) and not module.startswith(GO_BETWEENS):
            return place(module, frame.f_code.co_name)
        frame = frame.f_back
    return "commit elsewhere"
