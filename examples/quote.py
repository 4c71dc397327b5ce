"""Price a choice of modules with a price book of one's own. Run: python examples/quote.py"""

from decimal import Decimal

import attrs

from smartapp_domain import LIST_PRICES, AddOn, Interval, Module, Selection, quote, usd

# A tenth off when paid by the year, and the badge only sold that way.
book = attrs.evolve(
    LIST_PRICES, version=2, yearly_discount=Decimal("0.10"), yearly_only=frozenset({AddOn.SAFETY_BADGE})
)

tower = Selection.of(Module.PLANNER, AddOn.PLANNER_BOARD)
bridge = Selection.of(Module.PLANNER, Module.SAFETY, AddOn.SAFETY_BADGE)

for interval in Interval:
    offered = quote([tower, bridge], interval, book)
    print(f"{interval.label}: {usd(offered.total_cents)}")
    for line in offered.lines:
        print(f"  {line.quantity} × {line.product.label} at {usd(line.unit_cents)}")
    for add_on, projects in offered.left_out:
        print(f"  {add_on.label} for {projects} project(s): only with yearly payment")
