"""The demo's clock: move it, and see what that brought about. These routes exist only where time can be moved."""

from datetime import UTC, datetime
from itertools import chain
from typing import Final

from litestar import get, post
from litestar.di import NamedDependency

from smartapp_domain.identity import Right
from smartapp_http import links
from smartapp_http.access import needs
from smartapp_http.clock_control import ClockControl, MovesForwardOnly
from smartapp_http.pages.central import PER_PAGE
from smartapp_http.pools import PAGES
from smartapp_http.present import clock as present
from smartapp_http.text import UNIX_DIGITS, whole_number
from smartapp_http.views import ClockNews, ClockView, Link, paths
from smartapp_http.web import Html, Web

#: How often the page looks again after a move, once a second: notices arrive within a few.
LOOKS: Final = 20


@get(paths.CLOCK, opt=needs(Right.VIEW_PROJECTS), include_in_schema=False)
@PAGES
def clock(web: NamedDependency[Web]) -> Html:
    """Show the clock and, after a move, what came of it."""
    return _page(web)


@post(paths.CLOCK, opt=needs(Right.VIEW_PROJECTS), status_code=200, include_in_schema=False)
@PAGES
def move_clock(web: NamedDependency[Web]) -> Html:
    control = _control(web)
    before = control.now()
    try:
        control.move_to(present.destination(web.field("by"), web.field("date"), before))
    except (present.NoSuchMove, MovesForwardOnly) as error:
        return _page(web, problem=str(error), status=422)
    return web.go(links.with_query(paths.CLOCK, since=int(before.timestamp()), back=_back(web)))


@get(paths.CLOCK_NEWS, opt=needs(Right.VIEW_PROJECTS), include_in_schema=False)
@PAGES
def clock_news(web: NamedDependency[Web]) -> Html:
    """Answer what came of the last move, again and again for a while."""
    return web.fragment("clock_news.html", view=_news(web))


def _page(web: Web, *, problem: str = "", status: int = 200) -> Html:
    now, since, back = _control(web).now(), _since(web), _back(web)
    view = ClockView(
        strip=present.strip(now),
        back=Link("Back to where you were", back) if back else Link("Open Project Central", paths.CENTRAL),
        moved=present.later(since, now) if since else "",
        problem=problem,
        news=_news(web) if since else None,
    )
    return web.page("demo_clock.html", view, status=status)


def _news(web: Web) -> ClockNews:
    now, look = _control(web).now(), web.asked_number("look")
    with web.ports.reading(web.actor.account_id) as reading:
        tiles = reading.views.tiles(at=now, query="", number=1, per_page=PER_PAGE, licensed=True)
        subscriptions = reading.subscriptions.all()
    invoices = chain.from_iterable(each.invoices for each in subscriptions)
    again = links.with_query(paths.CLOCK_NEWS, look=look + 1)
    return present.news(
        tiles.items,
        invoices if web.actor.may(Right.VIEW_BILLING) else None,
        at=now,
        again_url=again if look < LOOKS else None,
    )


def _control(web: Web) -> ClockControl:
    assert web.site.clock_control is not None
    return web.site.clock_control


def _since(web: Web) -> datetime | None:
    moment = whole_number(web.asked("since"), digits=UNIX_DIGITS)
    if moment is None or moment > _control(web).now().timestamp():
        return None
    return datetime.fromtimestamp(moment, UTC)


def _back(web: Web) -> str | None:
    """Return the page to go back to, which is never this one."""
    path = (
        links.safe_next(web.field("back"))
        or web.asked_path("back")
        or links.own_path(web.request.headers.get("referer"), web.settings)
    )
    return None if path is None or path.startswith(paths.CLOCK) else path


HANDLERS: Final = (clock, move_clock, clock_news)
