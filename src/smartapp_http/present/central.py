"""Tiles of Project Central."""

from datetime import datetime

from smartapp_domain.catalog import Module
from smartapp_domain.identity import Actor, Right
from smartapp_domain.licensing import LicenseState
from smartapp_domain.ordering import Order
from smartapp_domain.ports.views import Tile
from smartapp_http import links
from smartapp_http.present import words
from smartapp_http.present.connection import Connection, link_mark, link_words
from smartapp_http.views import Banner, Link, TileView, Tone, counted, paths


def tile_view(
    tile: Tile, *, at: datetime, actor: Actor, platform: str, connection: Connection, new: bool = False
) -> TileView:
    live = [license for license in tile.licenses if license.is_live(at)]
    held = {license.product for license in live}
    state = words.state_of(live, at)
    url = links.project_subscription(tile.project.id)
    return TileView(
        id=tile.project.id,
        name=tile.project.name,
        chip=words.license_chip(live or tile.licenses, at),
        number=tile.project.number,
        url=url,
        modules=tuple(module.value for module in Module if module in held),
        lines=_lines(tile, platform, connection, at),
        mark=link_mark(tile.link, connection),
        manage_url=url if tile.licenses and actor.may(Right.VIEW_PROJECTS) else None,
        paused=state is LicenseState.SUSPENDED,
        new=new,
    )


def _lines(tile: Tile, platform: str, connection: Connection, at: datetime) -> tuple[str, ...]:
    there = tile.platform_project
    ends = words.part_that_ends(tile.licenses, at)
    lines = [*([ends] if ends else []), link_words(tile.link, connection, platform)]
    if there is not None and renamed(tile):
        lines.append(f"Renamed in {platform}: {there.title}")
    if there is not None and not there.active:
        lines.append(f"Inactive in {platform}")
    return tuple(lines)


def renamed(tile: Tile) -> bool:
    """Tell whether the platform calls it something else by now (reading 11)."""
    there = tile.platform_project
    return there is not None and (there.name, there.number) != (tile.project.name, tile.project.number)


def counts(total: int, licensed: int, inactive: int) -> str:
    """Return "8 projects, 8 licensed, 2 of them inactive"."""
    said = f"{counted(total, 'project')}, {licensed:,} licensed"
    return f"{said}, {inactive:,} of them inactive" if inactive else said


def success_banner(order: Order, actor: Actor, platform: str) -> Banner:
    number = len(order.items)
    title = f"{counted(number, 'project')} {'is' if number == 1 else 'are'} licensed"
    link = Link("See licenses and invoices", paths.MANAGE) if actor.may(Right.VIEW_BILLING) else None
    if order.not_bought:
        late = ", ".join(order.not_bought)
        text = f"Ticked after the pay page was opened, so neither paid nor licensed: {late}."
        return Banner(title, text, Tone.WARN, link)
    text = f"Paid and set up. Each one has its {platform} name and shows its modules at the bottom."
    return Banner(title, text, Tone.OK, link)
