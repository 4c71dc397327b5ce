"""Project Central: one tile per Smartapp project, and adding one."""

from typing import Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from smartapp_domain.decisions import Refused
from smartapp_domain.identity import Right
from smartapp_domain.ids import OrderId, ProjectId
from smartapp_domain.ordering import Order, OrderState
from smartapp_domain.ports.storage import NotFound, Reading
from smartapp_domain.ports.views import Page, Part, Tile
from smartapp_domain.use_cases.add_project import add_project, adopt_name
from smartapp_domain.use_cases.refresh_projects import look_if_old
from smartapp_http import links
from smartapp_http.access import needs
from smartapp_http.pages.connection import connection_in, held_modules, lost_banners
from smartapp_http.pages.owing import owing_in, waiting_in
from smartapp_http.pools import PAGES
from smartapp_http.present.central import counts, success_banner, tile_view
from smartapp_http.present.connection import Connection
from smartapp_http.present.owing import waiting_orders
from smartapp_http.problems import status_of
from smartapp_http.refusals import accepted
from smartapp_http.views import (
    AddProjectView,
    Area,
    CentralView,
    Link,
    Pager,
    SearchView,
    TileView,
    Toast,
    Tone,
    paths,
)
from smartapp_http.web import Html, Web

PER_PAGE: Final = 60


@get(paths.CENTRAL, opt=needs(Right.VIEW_PROJECTS), include_in_schema=False)
@PAGES
def central(web: NamedDependency[Web]) -> Html:
    query = web.asked("q")
    now = web.ports.clock.now()
    with web.ports.reading(web.actor.account_id) as reading:
        page = reading.views.tiles(at=now, query=query, number=web.asked_number("page"), per_page=PER_PAGE)
        total = page.total if not query else reading.views.tiles(at=now, query="", number=1, per_page=1).total
        licensed = reading.views.counts(at=now)[Part.LICENSED]
        done = _done(reading, web.asked("done"))
        connection = connection_in(reading, now)
        held = held_modules(reading, now)
        waiting = waiting_in(reading, web)
        owing = owing_in(reading, web, now)
    look_if_old(connection.listing, web.ports)
    view = CentralView(
        counts=counts(total, licensed, owing.inactive),
        tiles=_tiles(web, page, done, connection),
        total=total,
        search=SearchView(action=paths.CENTRAL, query=query, clear_url=paths.CENTRAL),
        pager=Pager.of(page.number, page.pages, lambda number: links.page(paths.CENTRAL, number, q=query)),
        success=success_banner(done, web.actor, web.settings.platform) if done else None,
        banners=(*owing.banners, *lost_banners(web, connection, held)),
        waiting=waiting_orders(waiting),
        map_url=paths.PROJECTS if web.actor.may(Right.MAP_PROJECTS) else None,
        add_url=paths.ADD_PROJECT if web.actor.may(Right.ADD_PROJECTS) else None,
    )
    return web.page("project_central.html", view, area=Area.CENTRAL)


def _done(reading: Reading, order_id: str) -> Order | None:
    """Return the order to celebrate: one of this account that is fulfilled, whatever the address claims."""
    if not order_id:
        return None
    try:
        order = reading.orders.get(OrderId(order_id))
    except NotFound:
        return None
    return order if order.state is OrderState.FULFILLED else None


def _tiles(web: Web, page: Page[Tile], done: Order | None, connection: Connection) -> tuple[TileView, ...]:
    fresh = {item.platform_project_id for item in done.items} if done else set()
    now, actor, platform = web.ports.clock.now(), web.actor, web.settings.platform
    views = [
        tile_view(
            tile,
            at=now,
            actor=actor,
            platform=platform,
            connection=connection,
            new=tile.platform_project is not None and tile.platform_project.id in fresh,
        )
        for tile in page.items
    ]
    return tuple(sorted(views, key=lambda view: not view.new))


@get(paths.ADD_PROJECT, opt=needs(Right.ADD_PROJECTS), include_in_schema=False)
@PAGES
def new_project(web: NamedDependency[Web]) -> Html:
    return _form(web)


def _form(web: Web, name: str = "", problem: str | None = None, status: int = 200) -> Html:
    map_link = Link("Map it instead.", paths.PROJECTS) if web.actor.may(Right.MAP_PROJECTS) else None
    view = AddProjectView(name=name, problem=problem, back_url=paths.CENTRAL, map_link=map_link)
    return web.page("add_project.html", view, area=Area.CENTRAL, status=status)


@post(paths.ADD_PROJECT, opt=needs(Right.ADD_PROJECTS), status_code=200, include_in_schema=False)
@PAGES
def create_project(web: NamedDependency[Web]) -> Html:
    name = web.field("name")
    decision = add_project(web.actor, name, web.ports)
    if isinstance(decision, Refused):
        return _form(web, name, decision.message, status_of(decision))
    return web.go(
        paths.CENTRAL, toast=Toast(f"New project {decision.name} is created.", strong=decision.name, tone=Tone.OK)
    )


@post(
    f"{paths.CENTRAL}/{{project_id:str}}/adopt-name",
    opt=needs(Right.ADD_PROJECTS),
    status_code=200,
    include_in_schema=False,
)
@PAGES
def take_platform_name(web: NamedDependency[Web], project_id: FromPath[str]) -> Html:
    """Give the project the name it has on the platform now (reading 11)."""
    project = accepted(adopt_name(web.actor, ProjectId(project_id), web.ports))
    toast = Toast(f"The project is called {project.name} now.", strong=project.name, tone=Tone.OK)
    return web.go(links.project_subscription(project.id), toast=toast)


HANDLERS: Final = (central, new_project, create_project, take_platform_name)
