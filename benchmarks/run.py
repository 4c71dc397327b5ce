"""
Measure the budgets in one run and exit 1 when a ratio is missed: `make bench`.

Only ratios count: both sides of each are measured in turn, in the same process or by the same means, so a slow or busy
machine changes the times and not the verdict.
"""

import os
import sys
from collections.abc import Callable
from typing import NamedTuple

import claiming
import importing
import mapping_page
import webhook_intake


class Budget(NamedTuple):
    """`limit` bounds ours / floor: from above for costs, from below for rates."""

    what: str
    measure: Callable[[], tuple[float, float]]
    limit: float
    unit: str
    is_rate: bool = False
    can_run: Callable[[], bool] = lambda: True

    def kept(self, ratio: float) -> bool:
        return ratio >= self.limit if self.is_rate else ratio <= self.limit


BUDGETS = (
    Budget("import smartapp_domain / import attrs, cattrs", importing.measure, 2.0, "ms CPU"),
    Budget("mapping page of 5 000 projects / bare page, same statements", mapping_page.measure, 3.0, "ms CPU"),
    Budget("webhook intake / bare insert", webhook_intake.measure, 0.5, "per s", is_rate=True),
    Budget("claim among 100 000 jobs not due / among 1 000, SQLite", claiming.on_sqlite, claiming.LIMIT, "ms"),
    Budget(
        "claim among 100 000 jobs not due / among 1 000, PostgreSQL",
        claiming.on_postgres,
        claiming.LIMIT,
        "ms",
        can_run=claiming.postgres_is_here,
    ),
)


def main() -> int:
    missed = 0
    print("| What | Ours | Floor | Ratio | Budget | |")
    print("| --- | --- | --- | --- | --- | --- |")
    for budget in BUDGETS:
        if not budget.can_run() and os.environ.get("SMARTAPP_REQUIRE_SERVERS") != "1":
            print(f"| {budget.what} | its server is not installed | | | | not measured |")
            continue
        ours, floor = budget.measure()
        scale = 1 if budget.is_rate else 1000
        ratio, bound = ours / floor, "≥" if budget.is_rate else "≤"
        verdict = "kept" if budget.kept(ratio) else "MISSED"
        missed += verdict == "MISSED"
        print(
            f"| {budget.what} | {ours * scale:.1f} {budget.unit} | {floor * scale:.1f} {budget.unit} "
            f"| {ratio:.2f} | {bound} {budget.limit} | {verdict} |",
            flush=True,
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
