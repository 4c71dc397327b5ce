"""`smartapp quote`: what a set of selections costs, before there is any account."""

import json
import os

import click
from rich.console import Console
from rich.table import Table

from smartapp_domain.catalog import REQUIRES, AddOn, Interval, Module
from smartapp_domain.money import usd
from smartapp_domain.pricing import Quote
from smartapp_domain.pricing import quote as price
from smartapp_domain.selection import Selection
from smartapp_runtime.settings import load

_COUNT = click.IntRange(min=0)


@click.command()
@click.option("--planner", type=_COUNT, default=0, help="Projects with Planner.")
@click.option("--safety", type=_COUNT, default=0, help="Projects with Safety.")
@click.option("--planner-board", type=_COUNT, default=0, help="Of those with Planner, how many with Planner Board.")
@click.option("--safety-badge", type=_COUNT, default=0, help="Of those with Safety, how many with Safety Badge.")
@click.option("--interval", type=click.Choice([each.value for each in Interval]), default="year", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a script.")
def quote(planner: int, safety: int, planner_board: int, safety_badge: int, interval: str, *, as_json: bool) -> None:
    """Price a set of selections with the price book in force."""
    if not planner and not safety:
        raise click.UsageError("Nothing to price. Say how many projects: --planner 3 --safety 1, for example.")
    modules = {Module.PLANNER: planner, Module.SAFETY: safety}
    add_ons = {AddOn.PLANNER_BOARD: planner_board, AddOn.SAFETY_BADGE: safety_badge}
    for add_on, count in add_ons.items():
        needed = REQUIRES[add_on]
        if count > modules[needed]:
            raise click.UsageError(
                f"{add_on.label} needs {needed.label} on the same project: "
                f"{count} with {add_on.label}, but only {modules[needed]} with {needed.label}."
            )
    selections = [
        Selection(frozenset({module}), frozenset(a for a, n in add_ons.items() if REQUIRES[a] is module and i < n))
        for module, count in modules.items()
        for i in range(count)
    ]
    offered = price(selections, Interval(interval), load(os.environ).settings.price_book)
    if as_json:
        click.echo(json.dumps(_as_json(offered), indent=2))
    else:
        Console().print(_as_table(offered))


def _as_json(offered: Quote) -> dict[str, object]:
    return {
        "interval": offered.interval.value,
        "currency": "usd",
        "lines": [
            {
                "product": line.product.value,
                "quantity": line.quantity,
                "unit_cents": line.unit_cents,
                "amount_cents": line.amount_cents,
            }
            for line in offered.lines
        ],
        "on_request": [{"product": add_on.value, "quantity": count} for add_on, count in offered.left_out],
        "total_cents": offered.total_cents,
    }


def _as_table(offered: Quote) -> Table:
    table = Table("Product", title=f"{offered.interval.label} price", show_footer=True)
    table.columns[0].footer = "Total"
    table.add_column("Projects", justify="right")
    table.add_column("Each", justify="right")
    table.add_column("Amount", justify="right", footer=usd(offered.total_cents))
    for line in offered.lines:
        free = line.unit_cents == 0
        cells = ("Included", "") if free else (usd(line.unit_cents), usd(line.amount_cents))
        table.add_row(line.product.label, str(line.quantity), *cells)
    for add_on, count in offered.left_out:
        table.add_row(add_on.label, str(count), "Ask us", "")
    return table
