"""
Wrap a storage: note which account's door was opened to write, and how often. Run: python examples/own_storage.py

The same class fits around the SQL storage; the contract suite that judges any storage judges it too (docs/sdk.md).
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import attrs

from smartapp_domain import Module, Tick
from smartapp_domain.ports.storage import Reading, Scope, Storage, Transaction
from smartapp_domain.testing.memory import MemoryStorage
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.map_projects import tick


@attrs.frozen
class Audited:
    """The port `Storage` around another one; counts the transactions that were committed, per scope."""

    inner: Storage
    committed: Counter[Scope] = attrs.field(factory=Counter)

    def reading(self, scope: Scope) -> AbstractContextManager[Reading]:
        return self.inner.reading(scope)

    @contextmanager
    def transaction(self, scope: Scope) -> Iterator[Transaction]:
        with self.inner.transaction(scope) as tx:
            yield tx
        self.committed[scope] += 1  # not reached when the unit of work was rolled back


storage = Audited(MemoryStorage())
bench = Workbench.of(storage)
company = bench.company("77", "Harbor Tower")
dana = bench.sign_in(bench.employ(company, "dana", admin=True), company)
before = storage.committed[dana.account_id]

(project,) = bench.world.projects[company]
tick(dana, [Tick(project, Module.PLANNER, on=True)], bench.ports)

print(f"One tick committed {storage.committed[dana.account_id] - before} transaction(s) of account {dana.account_id}.")
